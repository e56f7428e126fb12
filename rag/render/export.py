"""An answer and a conversation to take along: Markdown and JSON of what was said, BibTeX and RIS of what was cited."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rag.render.answer import (
    NEAREST,
    NOT_FOUND,
    NOTE_HEADINGS,
    STAND,
    UNCHECKED,
    WARNING,
    Choices,
    agreement,
    cited,
    stands,
    warnings,
)
from rag.render.markup import line, markdown
from rag.render.words import headed, people, year
from rag.types import Answer, Citation, Disagreement
from rag.verdicts import key

# -- Markdown --------------------------------------------------------------------------------------


def to_markdown(answer: Answer, choices: Choices = {}) -> str:  # noqa: B006
    """The answer as plain text that is also Markdown: statements, warning, sources."""
    if not answer.statements:
        return "\n".join([NOT_FOUND, *_nearest_lines(answer)])
    parts = list(_statement_lines(answer))
    loudest_first = sorted(answer.disagreements, key=lambda found: found.is_note)
    parts += ["\n".join(_disagreement_lines(answer, found, choices)) for found in loudest_first]
    if answer.stances:
        counts = (f"{says} {_numbers(numbers)}" for _, says, numbers in stands(answer))
        parts.append(f"{STAND} {'; '.join(counts)}.")
    if not warnings(answer):
        parts.append(agreement(answer) if answer.disagreement_check == "done" else UNCHECKED)
    return "\n\n".join([*parts, "\n".join(["Sources:", "", *map(_source_line, answer.citations)])])


def _statement_lines(answer: Answer) -> Iterator[str]:
    quotes = {citation.number: citation.quote for citation in answer.citations}
    for statement in answer.statements:
        heading, text = headed(statement.text, quotes.get(statement.citations[0], "") if statement.citations else "")
        above = f"**{markdown(heading)}** " if heading else ""
        yield f"{above}{markdown(text)} {_numbers(statement.citations)}"


def conversation_markdown(answers: Sequence[Answer], choices: Choices) -> str:
    """A whole conversation, each question a heading."""
    return "\n\n".join(f"## {markdown(a.question)}\n\n{to_markdown(a, choices)}" for a in answers) + "\n"


def _nearest_lines(answer: Answer) -> list[str]:
    titles = [f"- {markdown(near.title)}" for near in answer.nearest]
    return ["", NEAREST, "", *titles] if titles else []


def _disagreement_lines(answer: Answer, found: Disagreement, choices: Choices) -> Iterator[str]:
    chosen = choices.get(key(answer, found))
    verdict = f" (A reader {chosen} this.)" if chosen else ""
    yield f"> **{NOTE_HEADINGS.get(found.kind, WARNING)}.** {markdown(found.summary)}{verdict}"
    yield ">"
    for side in found.sides:
        for citation in cited(answer, side):
            title = " ".join(filter(None, [markdown(citation.title), _in_brackets(year(citation.date))]))
            yield f'> - "{markdown(citation.quote)}" [{citation.number}] {title}'


def _source_line(citation: Citation) -> str:
    file = line(citation.source).replace("`", "'")
    page = f", page {citation.page}" if citation.page else ""
    described = ", ".join(filter(None, [citation.title, people(citation.authors), citation.date, citation.kind]))
    notice = f" **{markdown(citation.notice)}**" if citation.notice else ""
    return f"- [{citation.number}] {markdown(described)}. `{file}`{page}{notice}"


def _numbers(numbers: Iterable[int]) -> str:
    return " ".join(f"[{number}]" for number in numbers)


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


# -- JSON ------------------------------------------------------------------------------------------


def conversation_json(answers: Sequence[Answer], choices: Choices) -> str:
    """The answers of a conversation as the JSON endpoint gives them, each warning with what a reader made of it."""
    return json.dumps([_with_choices(answer, choices) for answer in answers], ensure_ascii=False, indent=1) + "\n"


def _with_choices(answer: Answer, choices: Choices) -> dict[str, object]:
    plain = answer.to_dict()
    found = zip(plain["disagreements"], answer.disagreements, strict=True)
    return plain | {"disagreements": [shown | {"reader": choices.get(key(answer, own))} for shown, own in found]}


# -- reference managers ----------------------------------------------------------------------------

_BIBTEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_BIBTEX |= {letter: f"\\{letter}" for letter in "{}%$&#_"}


def bibtex(answers: Iterable[Answer]) -> str:
    """The cited documents as BibTeX, each once; the file name is the note where nothing else names the document.

    >>> bibtex([])
    ''
    """
    return "\n".join(map(_bibtex_entry, _documents(answers).items()))


def _bibtex_entry(keyed: tuple[str, Citation]) -> str:
    name, citation = keyed
    fields = {
        "title": f"{{{_tex(citation.title)}}}",
        "author": " and ".join(map(_tex, citation.authors)),
        "year": year(citation.date),
        "doi": _tex(citation.doi),
        "url": line(citation.url).translate({ord(brace): None for brace in "{}"}),
        "note": _tex(" ".join(filter(None, [citation.source, citation.notice]))),
    }
    written = "".join(f"  {field} = {{{value}}},\n" for field, value in fields.items() if value)
    return f"@{'article' if citation.doi else 'misc'}{{{name},\n{written}}}\n"


def _tex(text: str) -> str:
    return "".join(_BIBTEX.get(letter, letter) for letter in line(text))


def ris(answers: Iterable[Answer]) -> str:
    """The cited documents as RIS, each once."""
    return "".join(map(_ris_entry, _documents(answers).values()))


def _ris_entry(citation: Citation) -> str:
    lines = [
        ("TY", "JOUR" if citation.doi else "GEN"),
        ("TI", citation.title),
        *(("AU", author) for author in citation.authors),
        ("PY", year(citation.date)),
        ("DA", citation.date),
        ("DO", citation.doi),
        ("UR", citation.url),
        ("N1", " ".join(filter(None, [citation.source, citation.notice]))),
    ]
    return "".join(f"{name}  - {line(value)}\r\n" for name, value in lines if value) + "ER  - \r\n\r\n"


def _documents(answers: Iterable[Answer]) -> Mapping[str, Citation]:
    """One citation of each cited document, by a key that no other has: the first author or word, and the year."""
    first: dict[str, Citation] = {}
    for answer in answers:
        for citation in answer.citations:
            first.setdefault(citation.document, citation)
    keyed: dict[str, Citation] = {}
    for citation in first.values():
        named = citation.authors[0] if citation.authors else citation.title
        words = re.findall(r"[A-Za-z]+", named.split(",")[0] if citation.authors else named)
        stem = ((words[-1] if citation.authors else words[0]) if words else "source").lower() + year(citation.date)
        letters = (stem + "abcdefghijklmnopqrstuvwxyz"[i % 26] * (i // 26 + 1) for i in range(len(first)))
        keyed[next(key for key in [stem, *letters] if key not in keyed)] = citation
    return keyed
