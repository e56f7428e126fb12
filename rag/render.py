"""Answer to HTML and Markdown. Every word of a document or a question is escaped here, and only here.

Markup is built by ``tag``, which escapes whatever is not markup already. ``STYLE`` is the look of all of it and of
the page around it, in light and dark. There are no scripts: a citation opens its passage through the ``popover``
attribute, which browsers carry out themselves.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from index import Document, Index, content_stems
from rag.types import Answer, Citation, Disagreement, Kind, Side, Stance

QUESTION_LETTERS = 2_000
"""How much of a question is repeated; what is longer was refused and needs no full echo."""
LETTERS_KEPT = 30
"""The longest last word that a citation number stays with; a longer one may have to be broken."""

WARNING = "The sources disagree"
NOTE_HEADINGS: Mapping[Kind, str] = {"scope": "Both may hold", "mixed": "Mixed findings"}
NOT_FOUND = "Not in these documents."
NEAREST = "The documents that come nearest:"
CHECKING = "Checking whether the sources agree…"
UNCHECKED = "Not yet checked whether the sources agree."
AGREED = "No disagreement found among the cited sources."
STANCES: Mapping[Stance, tuple[str, str]] = {
    "supports": ("supports it", "support it"),
    "mixed": ("is mixed", "are mixed"),
    "refutes": ("refutes it", "refute it"),
}
"""What one source, and what several, do to a claim or to yes as an answer."""
STAND = "Where the sources stand:"
SEARCHING = "Reading the documents…"


# -- escaping ---

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = re.compile(r"([\\`*<\[\]]|(?<!\w)_|_(?!\w)|(?<!\w)~|^[#>+=|-]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")


class Html(str):
    """Text that is markup already. Any other text is escaped on its way into an element."""


def tag(name: str, *children: str, **attributes: str | bool | None) -> Html:
    """One element; text and attribute values are escaped, ``class_`` and ``aria_label`` spelt as HTML does.

    >>> tag("p", "a < b", tag("b", "c"), class_="x", hidden=True, id=None)
    '<p class="x" hidden>a &lt; b<b>c</b></p>'
    """
    opening = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_escape(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{opening}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Markup from parts, of which those that are not markup are escaped."""
    return Html("".join(child if isinstance(child, Html) else _escape(child) for child in children))


def _escape(text: str) -> str:
    return html.escape(visible(text))


def visible(text: str) -> str:
    """Text without characters that are not seen but act: terminal codes, reversed reading order.

    >>> visible("safe\\x1b[2J \\u202egnp.exe")
    'safe[2J gnp.exe'
    """
    return _UNSEEN.sub("", text)


def _markdown(text: str) -> str:
    """Text as one line that a Markdown reader shows as it stands.

    >>> _markdown("# 2 *stars* <b>")
    '\\\\# 2 \\\\*stars\\\\* \\\\<b>'
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(visible(text).split()))


# -- Markdown --------------------------------------------------------------------------------------


def to_markdown(answer: Answer) -> str:
    """The answer as plain text that is also Markdown: statements, warning, sources."""
    if not answer.statements:
        return "\n".join([NOT_FOUND, *_nearest_lines(answer)])
    parts = [f"{_markdown(s.text)} {_numbers(s.citations)}" for s in answer.statements]
    parts += ["\n".join(_disagreement_lines(answer, found)) for found in _loudest_first(answer)]
    if answer.stances:
        counts = (f"{count} {_numbers(numbers)}" for count, numbers in _stands(answer))
        parts.append(f"{STAND} {'; '.join(counts)}.")
    if not _warnings(answer):
        parts.append(AGREED if answer.disagreement_check == "done" else UNCHECKED)
    return "\n\n".join([*parts, "\n".join(["Sources:", "", *map(_source_line, answer.citations)])])


def _stands(answer: Answer) -> Iterator[tuple[str, list[int]]]:
    """How many documents support, are mixed, refute, each with the numbers of the citations that say so."""
    for stance, verbs in STANCES.items():
        if of_stance := [found for found in answer.stances if found.stance == stance]:
            count = f"{len(of_stance)} {verbs[len(of_stance) > 1]}"
            yield count, [number for found in of_stance for number in found.citations]


def _nearest_lines(answer: Answer) -> list[str]:
    titles = [f"- {_markdown(near.title)}" for near in answer.nearest]
    return ["", NEAREST, "", *titles] if titles else []


def _disagreement_lines(answer: Answer, found: Disagreement) -> Iterator[str]:
    yield f"> **{NOTE_HEADINGS.get(found.kind, WARNING)}.** {_markdown(found.summary)}"
    yield ">"
    for side in found.sides:
        for citation in _cited(answer, side):
            title = " ".join(filter(None, [_markdown(citation.title), _in_brackets(year(citation.date))]))
            yield f'> - "{_markdown(citation.quote)}" [{citation.number}] {title}'


def _source_line(citation: Citation) -> str:
    file = " ".join(visible(citation.source).replace("`", "'").split())
    page = f", page {citation.page}" if citation.page else ""
    return f"- [{citation.number}] {_markdown(_described(citation))}. `{file}`{page}"


def _numbers(numbers: Iterable[int]) -> str:
    return " ".join(f"[{number}]" for number in numbers)


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


# -- HTML ------------------------------------------------------------------------------------------


def to_html(answer: Answer, index: Index, *, turn: int = 1, checking: bool = False) -> Html:
    """One turn of a conversation: the question, its answer, and every cited passage ready to open.

    ``turn`` keeps the ids of several answers on one page apart; ``checking`` says that the sources are being
    compared right now.
    """
    if not answer.statements:
        return _turn(turn, answer.question, *_read_as(answer), *_not_found(answer))
    # Always the same five parts: the page changes an answer in place, and an open passage stays open.
    return _turn(
        turn,
        answer.question,
        tag("div", *_read_as(answer), _status(answer, turn, checking)),
        tag("div", *_statements(answer, turn), class_="cp-statements"),
        tag("div", *_disagreements(answer, turn)),
        _sources(answer.citations, turn),
        tag("div", *(_passage(citation, index, turn) for citation in answer.citations)),
    )


def conversation_html(turns: Iterable[Html]) -> Html:
    """All turns, oldest first, in a region whose news a screen reader reads out."""
    return tag("div", *turns, role="log", aria_label="Conversation", aria_live="polite")


def message_html(question: str, message: str, *, turn: int = 1) -> Html:
    """A turn that holds a message of the program in place of an answer."""
    return _turn(turn, question, tag("p", message, class_="cp-message"))


def pending_html(question: str, *, turn: int = 1) -> Html:
    """A turn whose answer is being looked for."""
    return _turn(turn, question, tag("p", SEARCHING, class_="cp-quiet cp-busy"))


def library_html(documents: int, failures: Mapping[str, str]) -> Html:
    """One quiet line: how many documents there are, and which files failed and why."""
    indexed = tag("p", f"{_count(documents, 'document')} indexed")
    if not failures:
        return indexed
    reasons = (tag("li", tag("bdi", source), ": ", reason) for source, reason in failures.items())
    label = f"{_count(len(failures), 'file')} could not be read"
    return join(indexed, tag("details", tag("summary", label), tag("ul", *reasons)))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _turn(turn: int, question: str, *parts: str) -> Html:
    asked = question[:QUESTION_LETTERS].strip() + ("…" if len(question) > QUESTION_LETTERS else "")
    heading = tag("h2", asked, class_="cp-question", dir="auto") if asked else ""
    return tag("article", heading, tag("div", *parts, class_="cp-answer"), id=f"cp-{turn}", class_="cp-turn")


def _read_as(answer: Answer) -> Iterator[Html]:
    """How the question was understood, where that is not how it was put."""
    query = " ".join(answer.query.split())
    if query != " ".join(answer.question.split()):
        yield tag("p", "Read as: ", tag("q", query), class_="cp-quiet")


def _statements(answer: Answer, turn: int) -> Iterator[Html]:
    by_number = {citation.number: citation for citation in answer.citations}
    for statement in answer.statements:
        cited = [by_number[number] for number in statement.citations if number in by_number]
        openers = [_opener(citation, turn) for citation in cited]
        yield tag("p", *_ending_in(statement.text, openers), class_="cp-statement", dir="auto")


def _ending_in(text: str, openers: Sequence[Html]) -> Iterator[str]:
    """A sentence and its numbers, the first of which is never parted from the last word by a line's end."""
    before, space, last = text.rpartition(" ")
    if len(last) > LETTERS_KEPT:
        before, space, last = text, "", ""
    yield before + space
    yield tag("span", last, *openers[:1], class_="cp-kept")
    yield from openers[1:]


def _disagreements(answer: Answer, turn: int) -> Iterator[Html]:
    if answer.stances:
        yield _strip(answer, turn)
    if warnings := _warnings(answer):
        yield _warning(answer, warnings, turn)
    for note in filter(lambda found: found.is_note, answer.disagreements):
        yield _note(answer, note, turn)


def _not_found(answer: Answer) -> Iterator[Html]:
    yield tag("p", NOT_FOUND, class_="cp-statement")
    if answer.nearest:
        titles = (tag("li", near.title, dir="auto") for near in answer.nearest)
        yield tag("div", NEAREST, tag("ul", *titles), class_="cp-quiet cp-nearest")


def _status(answer: Answer, turn: int, checking: bool) -> Html:
    """Whether the sources agree: one line, so that the answer does not move when it is known.

    Never says that they agree before that was looked at.
    """
    if _warnings(answer):
        return tag("a", f"{WARNING}: see both sides", href=f"#{_warning_id(turn)}", class_="cp-status cp-alert")
    if answer.disagreement_check == "done":
        return tag("p", AGREED, class_="cp-status cp-agreed")
    if checking:
        return tag("p", CHECKING, class_="cp-status cp-busy")
    return tag("p", UNCHECKED, class_="cp-status")


def _warning(answer: Answer, warnings: Sequence[Disagreement], turn: int) -> Html:
    points = (
        join(
            tag("p", found.summary, class_="cp-summary"),
            _sides(answer, found, turn),
        )
        for found in warnings
    )
    return tag("section", tag("h3", WARNING), *points, id=_warning_id(turn), class_="cp-warning", role="alert")


def _strip(answer: Answer, turn: int) -> Html:
    """How many sources support, are mixed, refute, each opening its quotes."""
    by_number = {citation.number: citation for citation in answer.citations}
    counts = (
        tag("li", count, " ", *(_opener(by_number[number], turn) for number in numbers))
        for count, numbers in _stands(answer)
    )
    return tag("div", STAND, tag("ul", *counts), class_="cp-stances")


def _note(answer: Answer, note: Disagreement, turn: int) -> Html:
    summary = tag("p", tag("strong", f"{NOTE_HEADINGS[note.kind]}. "), note.summary, class_="cp-summary")
    return tag("aside", summary, _sides(answer, note, turn), class_="cp-note", role="note")


def _sides(answer: Answer, found: Disagreement, turn: int) -> Html:
    """The quotes side by side, with the words marked that the other sides do not have."""
    quotes = [_cited(answer, side) for side in found.sides]
    columns = []
    for i, own in enumerate(quotes):
        others = [citation.quote for side in quotes[:i] + quotes[i + 1 :] for citation in side]
        columns.append(tag("div", *(_quote(citation, others, turn) for citation in own), class_="cp-side"))
    return tag("div", *columns, class_="cp-sides")


def _quote(citation: Citation, others: Sequence[str], turn: int) -> Html:
    marked = (tag("mark", text) if differs else text for text, differs in differing(citation.quote, others))
    title = tag("cite", citation.title, dir="auto")
    return tag(
        "figure",
        tag("blockquote", *marked, dir="auto"),
        tag("figcaption", _opener(citation, turn), title, _dotted(year(citation.date))),
    )


def _sources(citations: Sequence[Citation], turn: int) -> Html:
    """The cited documents, each once, with the numbers of its passages."""
    documents: dict[str, list[Citation]] = {}
    for citation in citations:
        documents.setdefault(citation.document, []).append(citation)
    items = (_source(cited, turn) for cited in documents.values())
    return tag("section", tag("h3", "Sources"), tag("ul", *items), class_="cp-sources")


def _source(cited: Sequence[Citation], turn: int) -> Html:
    first = cited[0]
    about = ", ".join(filter(None, [people(first.authors[:3]), year(first.date)]))
    return tag(
        "li",
        tag("span", *(_opener(citation, turn) for citation in cited), class_="cp-numbers"),
        tag("span", tag("cite", first.title, dir="auto"), tag("span", f" {about}", class_="cp-quiet")),
    )


def _opener(citation: Citation, turn: int) -> Html:
    """The number that opens the cited passage."""
    return tag(
        "button",
        str(citation.number),
        type="button",
        class_="cp-cite",
        popovertarget=_id(citation, turn),
        aria_label=f"Source {citation.number}: {citation.title}",
    )


def _passage(citation: Citation, index: Index, turn: int) -> Html:
    """The panel that a citation opens: where it stands, and the paragraph with the cited words marked."""
    id = _id(citation, turn)
    close = tag("button", "×", type="button", class_="cp-close", popovertarget=id, aria_label="Close", autofocus=True)
    place = [citation.source, f"page {citation.page}" if citation.page else ""]
    return tag(
        "section",
        tag("header", tag("p", f"Source {citation.number}"), close),
        tag("h3", citation.title, id=f"{id}-title", dir="auto"),
        *(tag("p", text, class_="cp-quiet") for text in (people(citation.authors), citation.date) if text),
        tag("p", tag("bdi", " · ".join(filter(None, place))), class_="cp-quiet cp-place"),
        *_paragraph(citation, index),
        id=id,
        class_="cp-passage",
        popover=True,
        role="dialog",
        aria_labelledby=f"{id}-title",
    )


def _paragraph(citation: Citation, index: Index) -> Iterator[Html]:
    """The heading above and the paragraph around a quote; the quote alone if its document has changed."""
    before, after = "", ""
    document = _unchanged(citation, index)
    if document:
        start, end = _paragraph_bounds(document, citation)
        before, after = document.text[start : citation.start], document.text[citation.end : end]
        if heading := _heading_above(document, start):
            yield tag("p", heading, class_="cp-heading", dir="auto")
    yield tag("blockquote", before, tag("mark", citation.quote), after, dir="auto")


def _unchanged(citation: Citation, index: Index) -> Document | None:
    """The cited document, if it still says so: it may have been synced between the answer and now."""
    try:
        document = index.document(citation.document)
    except KeyError:
        return None
    return document if document.text[citation.start : citation.end] == citation.quote else None


def _paragraph_bounds(document: Document, citation: Citation) -> tuple[int, int]:
    first, last = document.block_at(citation.start), document.block_at(citation.end - 1)
    return first.start if first else citation.start, last.end if last else citation.end


def _heading_above(document: Document, offset: int) -> str:
    """The heading that the text at ``offset`` stands under; "" where there is none or it is the title."""
    above = [block for block in document.blocks if block.kind == "heading" and block.end <= offset]
    heading = document.text[above[-1].start : above[-1].end] if above else ""
    return "" if heading == document.title else heading


def _warning_id(turn: int) -> str:
    return f"cp-{turn}-warning"


def _id(citation: Citation, turn: int) -> str:
    return f"cp-{turn}-{citation.number}"


# -- what both show ---


def people(authors: Sequence[str]) -> str:
    """Names in a row; where they are written surname first, a comma cannot part them."""
    return ("; " if any("," in author for author in authors) else ", ").join(authors)


def year(date: str) -> str:
    """The year in a date however it is written, or "".

    >>> year("18 September 2023")
    '2023'
    """
    found = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", date)
    return found[0] if found else ""


def _described(citation: Citation) -> str:
    return ", ".join(filter(None, [citation.title, people(citation.authors), citation.date]))


def _dotted(text: str) -> str:
    return f" · {text}" if text else ""


def _warnings(answer: Answer) -> list[Disagreement]:
    return [found for found in answer.disagreements if not found.is_note]


def _loudest_first(answer: Answer) -> list[Disagreement]:
    return sorted(answer.disagreements, key=lambda found: found.is_note)


def _cited(answer: Answer, side: Side) -> list[Citation]:
    return [citation for citation in answer.citations if citation.number in side.citations]


_WORD = re.compile(r"[^\W_]+(?:[-'’.,][^\W_]+)*")


def differing(quote: str, others: Sequence[str]) -> list[tuple[str, bool]]:
    """The quote in pieces, each with whether it says what none of the others says.

    Words are compared by their stems and small words not at all, so that only what differs in meaning is
    marked. Quotes without a word in common differ as a whole: nothing is marked.

    >>> differing("Riluzole reduces glutamate release.", ["Riluzole increases the release of glutamate."])
    [('Riluzole ', False), ('reduces', True), (' glutamate release.', False)]
    """
    theirs = {stem for other in others for stem in content_stems(other)}
    words = {word.span(): content_stems(word[0]) for word in _WORD.finditer(quote)}
    said = {span: stems for span, stems in words.items() if stems}
    new = [span for span, stems in said.items() if not theirs.issuperset(stems)]
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in _joined(new if 2 * len(new) <= len(said) else [], quote):
        pieces += [(quote[at:start], False), (quote[start:end], True)]
        at = end
    return [piece for piece in [*pieces, (quote[at:], False)] if piece[0]]


def _joined(spans: Iterable[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Spans with nothing but white space between them made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and text[joined[-1][1] : start].isspace():
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


WELCOME = tag(
    "div",
    tag("p", "Ask your own documents.", class_="cp-lead"),
    tag("p", "Every answer is made of their own sentences, each with its place."),
    tag("p", "Where the sources disagree, you are told."),
)

STYLE = r"""
/* colours and letters */
:root {
  color-scheme: light;
  --cp-paper: #fbfaf7; --cp-card: #ffffff; --cp-ink: #1f1e1b; --cp-quiet: #6a655c; --cp-rule: #e5e1d8;
  --cp-link: #17616b; --cp-link-tint: #e3f0f0; --cp-mark: #ffe694; --cp-mark-ink: #1f1e1b;
  --cp-warn: #c77700; --cp-warn-ink: #6f3a02; --cp-warn-tint: #fff5e3; --cp-warn-rule: #f0d3a4;
  --cp-serif: Charter, "Iowan Old Style", "Source Serif 4", "Noto Serif", Georgia, serif;
}
.dark {
  color-scheme: dark;
  --cp-paper: #17181b; --cp-card: #202226; --cp-ink: #ebe8e1; --cp-quiet: #a5a095; --cp-rule: #34363b;
  --cp-link: #86cdd2; --cp-link-tint: #213a3d; --cp-mark: #5f4b0c; --cp-mark-ink: #fff3cd;
  --cp-warn: #f0a63c; --cp-warn-ink: #ffd797; --cp-warn-tint: #2a2214; --cp-warn-rule: #5a4522;
}

/* the page; Gradio sets some of this on its own elements, hence the importance */
body, gradio-app, .gradio-container { background: var(--cp-paper) !important; color: var(--cp-ink) !important; }
.gradio-container { overflow: visible !important; }
.gradio-container .main { max-width: none !important; padding: 0 !important; }
.gradio-container main.contain { box-sizing: border-box; width: 100%; max-width: 47rem; }
.gradio-container main.contain { margin: 0 auto !important; padding: 0 1.25rem; }
main.contain > .column { min-height: 100dvh; gap: 0; }
.gradio-container .html-container { padding: 0 !important; }
#cp-top { align-items: center; min-height: 4rem; flex-wrap: nowrap; }
#cp-top h1 { margin: 0; font-size: 1.0625rem; font-weight: 650; letter-spacing: -.01em; }
#cp-new { flex: none; width: auto; min-width: 0; padding: .4rem .9rem; border: 1px solid var(--cp-rule); }
#cp-new { border-radius: 2rem; background: none; color: var(--cp-quiet); font-size: .8125rem; }
#cp-new:hover { border-color: var(--cp-link); color: var(--cp-link); }
#cp-welcome { flex: none !important; margin: auto 0; padding: 1rem 0 2rem; gap: .6rem; }
#cp-welcome p { margin: 0; color: var(--cp-quiet); font-size: 1rem; line-height: 1.5; }
#cp-welcome .cp-lead { margin-bottom: .6rem; color: var(--cp-ink); }
#cp-welcome .cp-lead { font: 500 clamp(1.8rem, 6vw, 2.4rem)/1.2 var(--cp-serif); }
#cp-welcome .cp-example {
  justify-content: flex-start; width: 100%; padding: .75rem 1rem; border: 1px solid var(--cp-rule);
  border-radius: .7rem; background: var(--cp-card); color: var(--cp-ink); box-shadow: none;
  font-size: 1rem; font-weight: 400; text-align: left;
}
#cp-welcome div:has(> .cp-lead) { margin-bottom: .8rem; }
#cp-welcome .cp-example:hover { border-color: var(--cp-link); background: var(--cp-link-tint); }
.gradio-container:has(.cp-turn) #cp-welcome, .gradio-container:not(:has(.cp-turn)) #cp-new { display: none; }
#cp-ask { position: sticky; bottom: 0; z-index: 5; flex: none !important; gap: .4rem; padding: .5rem 0 .6rem; }
#cp-ask { margin-top: auto; background: var(--cp-paper); }
#cp-welcome ~ #cp-ask { margin-top: 0; }
.gradio-container:has(.cp-turn) #cp-ask { margin-top: auto; }
#cp-ask .block:has(textarea) { border: 1px solid var(--cp-rule); border-radius: 1.4rem; }
#cp-ask .block:has(textarea) { background: var(--cp-card); box-shadow: 0 .2rem 1rem rgb(0 0 0 / .05); }
#cp-ask .block:has(textarea:focus) { border-color: var(--cp-link); }
#cp-ask .input-container { align-items: flex-end; padding: .35rem; }
#cp-ask textarea { padding: .45rem .8rem; border: 0; background: none; box-shadow: none; font-size: 1rem; }
#cp-ask textarea { color: var(--cp-ink); line-height: 1.5; }
#cp-ask textarea::placeholder { color: var(--cp-quiet); opacity: 1; }
#cp-ask .submit-button {
  flex: none; width: auto; height: 2.35rem; margin: 0; padding: 0 1.1rem; border-radius: 1.2rem;
  background: var(--cp-link); color: var(--cp-card); font-size: .9375rem; font-weight: 600;
}
#cp-library { color: var(--cp-quiet); font-size: .8125rem; text-align: center; }
#cp-library p { margin: 0; }
#cp-library summary { cursor: pointer; }
#cp-library ul { max-height: 8rem; margin: .3rem 0 0; padding: 0; overflow: auto; list-style: none; }
#cp-library li { overflow-wrap: anywhere; }

/* a turn; the newest has room enough to stand at the top while it grows */
.cp-turn { margin: 0 0 2.5rem; color: var(--cp-ink); font-size: 1rem; line-height: 1.55; }
.cp-turn { overflow-wrap: anywhere; }
.cp-turn, .cp-warning { scroll-margin-top: 1rem; }
.cp-turn:last-child { min-height: calc(100dvh - 15rem); }
.cp-turn:not(:first-child):last-child { min-height: calc(100dvh - 10.5rem); }
.cp-turn :is(p, h2, h3, ul, li, figure, blockquote) {
  margin: 0; padding: 0; border: 0; color: inherit; font: inherit; list-style: none;
}
.cp-turn cite { font-style: normal; unicode-bidi: isolate; }
.cp-turn mark {
  padding: .05em .15em; border-radius: .2em; background: var(--cp-mark); color: var(--cp-mark-ink);
}
.cp-turn .cp-quiet { color: var(--cp-quiet); font-size: .875rem; }
.cp-turn .cp-question {
  width: fit-content; max-width: 88%; max-height: 12rem; margin: 0 0 1.1rem auto; padding: .55rem .95rem;
  overflow: auto; border-radius: 1.1rem 1.1rem .3rem 1.1rem; background: var(--cp-link-tint);
  white-space: pre-line;
}
.cp-answer, .cp-statements, .cp-answer div:has(> .cp-note, > .cp-stances) { display: grid; gap: .8rem; }
.cp-answer > div:empty { display: none; }
.cp-kept { white-space: nowrap; }
.cp-turn .cp-statement { font: 1.125rem/1.6 var(--cp-serif); }
.cp-turn .cp-nearest li { margin-left: 1.1rem; list-style: disc; }
.cp-turn .cp-message { padding-left: .9rem; border-left: 3px solid var(--cp-warn); }
.cp-turn button.cp-cite {
  min-width: 1.5rem; height: 1.5rem; margin: 0 0 0 .3rem; padding: 0 .35rem; border: 0; border-radius: .75rem;
  background: var(--cp-link-tint); color: var(--cp-link); font: 600 .8125rem/1.5rem system-ui, sans-serif;
  vertical-align: .12em; cursor: pointer;
}
.cp-turn button.cp-cite:hover { background: var(--cp-link); color: var(--cp-card); }
.cp-turn button:focus-visible { outline: 2px solid var(--cp-link); outline-offset: 2px; }
.cp-busy::before {
  content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .5rem; border-radius: 50%;
  background: var(--cp-link); animation: cp-busy 1s ease-in-out infinite alternate;
}
@keyframes cp-busy { to { opacity: .2; } }
.cp-turn .cp-status { display: block; width: fit-content; color: var(--cp-quiet); font-size: .8125rem; }
.cp-agreed::before { content: "✓"; margin-right: .4rem; }
.cp-turn a.cp-alert { color: var(--cp-warn-ink); font-weight: 600; text-decoration: none; }
.cp-turn a.cp-alert:hover { text-decoration: underline; }
.cp-alert::before { content: "⚠\FE0E"; margin-right: .4rem; }

/* sources that disagree */
.cp-warning {
  display: grid; gap: .8rem; padding: 1rem 1.15rem 1.15rem; border: 1px solid var(--cp-warn-rule);
  border-left: 5px solid var(--cp-warn); border-radius: .6rem; background: var(--cp-warn-tint);
}
.cp-turn .cp-warning h3 { color: var(--cp-warn-ink); font-size: 1.1875rem; font-weight: 700; }
.cp-warning h3::before { content: "⚠\FE0E"; margin-right: .5rem; }
.cp-stances { color: var(--cp-quiet); font-size: .9375rem; }
.cp-turn .cp-stances ul { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .2rem 0 0; padding: 0; }
.cp-turn .cp-stances ul { list-style: none; }
.cp-note { display: grid; gap: .6rem; padding: .8rem 1.15rem; border: 1px solid var(--cp-rule); }
.cp-note { border-radius: .6rem; }
.cp-turn .cp-note .cp-summary { color: var(--cp-quiet); font-size: .9375rem; }
.cp-summary strong { color: var(--cp-ink); font-weight: 600; }
.cp-sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); }
.cp-sides { gap: .75rem; }
.cp-side { display: grid; gap: .9rem; align-content: start; padding: .9rem 1rem; border-radius: .45rem; }
.cp-side { background: var(--cp-card); }
.cp-note .cp-side { padding: 0 0 0 .9rem; border-left: 2px solid var(--cp-rule); border-radius: 0; }
.cp-note .cp-side { background: none; }
.cp-turn .cp-side blockquote { font: 1.0625rem/1.55 var(--cp-serif); }
.cp-turn .cp-note blockquote { font-size: .975rem; }
.cp-turn .cp-side figcaption { margin-top: .45rem; color: var(--cp-quiet); font-size: .8125rem; }
.cp-turn figcaption button.cp-cite { margin: 0 .35rem 0 0; }

/* the sources, and the passage that a number opens */
.cp-sources { padding-top: .7rem; border-top: 1px solid var(--cp-rule); font-size: .875rem; }
.cp-turn .cp-sources h3 { color: var(--cp-quiet); font-size: .8125rem; font-weight: 600; }
.cp-turn .cp-sources li { display: flex; gap: .6rem; margin: .35rem 0; }
.cp-numbers { display: flex; flex: none; flex-wrap: wrap; gap: .3rem; max-width: 5.1rem; }
.cp-turn .cp-numbers button.cp-cite { margin: 0; }
.cp-passage {
  position: fixed; inset: 0 0 0 auto; width: min(31rem, 100vw); height: 100dvh; max-height: none; margin: 0;
  padding: 1.25rem 1.5rem 2rem; border: 0; border-left: 1px solid var(--cp-rule); overflow: auto;
  background: var(--cp-card); color: var(--cp-ink); box-shadow: -1rem 0 3rem rgb(0 0 0 / .12);
}
.cp-passage::backdrop { background: rgb(0 0 0 / .25); }
.cp-passage header { display: flex; justify-content: space-between; align-items: center; }
.cp-passage header { color: var(--cp-quiet); font-size: .875rem; }
.cp-turn button.cp-close { width: 2.25rem; height: 2.25rem; border: 0; border-radius: 50%; background: none; }
.cp-turn button.cp-close { color: inherit; font-size: 1.4rem; cursor: pointer; }
.cp-turn button.cp-close:hover { background: var(--cp-rule); }
.cp-turn .cp-passage h3 { margin: .4rem 0 .3rem; font-size: 1.25rem; font-weight: 650; line-height: 1.3; }
.cp-turn .cp-passage .cp-heading { margin-top: 1.5rem; font-weight: 600; }
.cp-turn .cp-passage blockquote {
  margin-top: .75rem; padding-top: .75rem; border-top: 1px solid var(--cp-rule);
  font: 1.125rem/1.7 var(--cp-serif); white-space: pre-line;
}
@media (max-width: 40rem) {
  .cp-passage { inset: auto 0 0 0; width: 100vw; height: auto; max-height: 82dvh; border-left: 0; }
  .cp-passage { border-radius: 1rem 1rem 0 0; }
}
@media (prefers-reduced-motion: reduce) { .cp-busy::before { animation: none; } }
"""

HEAD = f"""
<meta http-equiv="Content-Security-Policy"
  content="default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'self'">
<link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>
<path d='M2 4h9v3H2zM5 9h9v3H5z' fill='%2317616b'/></svg>">
<style>{STYLE}</style>
"""
"""The page's head; the policy makes the browser refuse whatever would go to another machine."""
