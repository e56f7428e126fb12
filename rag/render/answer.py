"""An answer on the page: one turn of a conversation, its warning, and the passages that its numbers open.

No scripts: a citation opens its passage through the ``popover`` attribute, which browsers carry out themselves.
What is asked of the program stands in ``data-`` attributes, which ``page.js`` reads: ``data-act`` of a button when it
is used, ``data-then`` of a turn that is not finished as soon as it is there.
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from index import Document, Index
from rag.render.markup import Html, address, tag
from rag.render.words import differing, dotted, headed, people, year
from rag.types import Answer, Citation, Considered, Disagreement, Kind, Outcome, Side, Stance
from rag.verdicts import Choice, key

QUESTION_LETTERS = 2_000
"""How much of a question is repeated; what is longer was refused and needs no full echo."""
LETTERS_KEPT = 30
"""The longest last word that a citation number stays with; a longer one may have to be broken."""
SNIPPET_LETTERS = 160

WARNING = "The sources disagree"
NOTE_HEADINGS: Mapping[Kind, str] = {"scope": "Both may hold", "mixed": "Mixed findings"}
NOT_FOUND = "Not in these documents."
NEAREST = "The documents that come nearest:"
CHECKING = "Checking whether the sources agree…"
UNCHECKED = "Not checked whether the sources agree."
AGREED = "No disagreement found among the cited sources."
NOTED = "No disagreement found among the cited sources; where they differ is noted."
DISMISSED = "Dismissed"
STANCES: Mapping[Stance, tuple[str, str]] = {
    "supports": ("supports it", "support it"),
    "mixed": ("is mixed", "are mixed"),
    "refutes": ("refutes it", "refute it"),
}
"""What one source, and what several, do to a claim or to yes as an answer."""
STAND = "Where the sources stand:"
SEARCHING = "Reading the documents…"
FAILED = "No answer came back: the program may have stopped. Ask again when it runs."
OUTCOMES: Mapping[Outcome, str] = {
    "shown": "Shown",
    "weaker": "Left out: answers less surely than what is shown",
    "repeats": "Left out: says what is shown already",
    "no_number": "Left out: a figure was asked for, and it gives none",
    "full": "Left out: enough is shown already",
    "unread": "Left out: its sentences were not among the likeliest",
}
STEPS = {"retrieve": "finding passages", "compose": "choosing sentences", "disagree": "comparing sources"}

Choices = Mapping[str, Choice]
"""What readers made of warnings, by the warning's key."""


# -- a turn ----------------------------------------------------------------------------------------


def to_html(answer: Answer, index: Index, *, turn: int = 1, checking: bool = False, choices: Choices = {}) -> Html:  # noqa: B006
    """One turn of a conversation: the question, its answer, and every cited passage ready to open.

    ``turn`` keeps the ids of several answers on one page apart; ``checking`` says that the sources are being
    compared right now; ``choices`` are the warnings that a reader confirmed or dismissed.
    """
    if not answer.statements:
        return _turn(turn, answer.question, *_about(answer, index), *_not_found(answer), _why(answer))
    # Always the same parts: the page changes an answer in place, and an open passage stays open.
    return _turn(
        turn,
        answer.question,
        tag("div", *_about(answer, index), _status(answer, turn, checking, choices)),
        tag("div", *_statements(answer, turn), class_="cp-statements"),
        tag("div", *_disagreements(answer, turn, choices)),
        _sources(answer.citations, turn),
        _why(answer),
        tag("div", *(_passage(citation, index, turn) for citation in answer.citations)),
        data_then="check" if checking else None,
    )


def conversation_html(turns: int) -> Html:
    """Where the page puts the latest turns: a region whose news a screen reader reads out."""
    data = {"data_most": str(turns), "data_pending": _pending(), "data_failed": FAILED}
    return tag("div", role="log", aria_label="Conversation", aria_live="polite", **data)


def message_html(question: str, message: str, *, turn: int = 1, again: bool = False) -> Html:
    """A turn that holds a message of the program in place of an answer; ``again``: it may be asked once more."""
    said = tag("p", message, " ", _again("answer", SEARCHING) if again else "", class_="cp-message")
    return _turn(turn, question, said, data_question=question if again else None)


def _pending() -> Html:
    """A turn whose answer is being looked for; the page puts in its question and number."""
    return _turn(0, "?", tag("p", SEARCHING, class_="cp-quiet cp-busy"), data_then="answer")


def _turn(turn: int, question: str, *parts: str, **data: str | None) -> Html:
    asked = question[:QUESTION_LETTERS].strip() + ("…" if len(question) > QUESTION_LETTERS else "")
    heading = tag("h2", asked, class_="cp-question", dir="auto") if asked else ""
    return tag("article", heading, tag("div", *parts, class_="cp-answer"), id=f"cp-{turn}", class_="cp-turn", **data)


def _again(then: str, busy: str) -> Html:
    """A button that lets the page try once more what did not come about; ``busy`` says so meanwhile."""
    data = {"data_act": "again", "data_next": then, "data_busy": busy}
    return tag("button", "Try again", type="button", class_="cp-action", **data)


def _about(answer: Answer, index: Index) -> Iterator[Html]:
    """How the question was understood and where its answer was looked for, where that is not as usual."""
    query = " ".join(answer.query.split())
    if query != " ".join(answer.question.split()):
        yield tag("p", "Read as: ", tag("q", query), class_="cp-quiet")
    if answer.documents:
        titles = index.titles()
        asked = [titles[id] for id in answer.documents if id in titles]
        named = asked[0] if len(asked) == 1 else f"{len(asked)} of {len(titles)} documents"
        yield tag("p", "Only in: ", tag("bdi", named), class_="cp-quiet")


def _status(answer: Answer, turn: int, checking: bool, choices: Choices) -> Html:
    """Whether the sources agree: one line, so that the answer does not move when it is known.

    Never says that they agree before that was looked at.
    """
    if warnings(answer):
        if not _open(answer, choices):
            return tag("p", "A disagreement of the sources was dismissed.", class_="cp-status")
        return tag("a", f"{WARNING}: see both sides", href=f"#{_warning_id(turn)}", class_="cp-status cp-alert")
    if answer.disagreement_check == "done":
        return tag("p", agreement(answer), class_="cp-status cp-agreed")
    if checking:
        return tag("p", CHECKING, class_="cp-status cp-busy")
    return tag("p", UNCHECKED, " ", _again("check", CHECKING), class_="cp-status cp-unchecked")


def agreement(answer: Answer) -> str:
    """What a check says that warned of nothing."""
    return NOTED if answer.disagreements else AGREED


def _statements(answer: Answer, turn: int) -> Iterator[Html]:
    by_number = {citation.number: citation for citation in answer.citations}
    for statement in answer.statements:
        cited = [by_number[number] for number in statement.citations if number in by_number]
        openers = [_opener(citation, turn) for citation in cited]
        heading, text = headed(statement.text, cited[0].quote if cited else "")
        above = [tag("strong", heading), " "] if heading else []
        yield tag("p", *above, *_ending_in(text, openers), class_="cp-statement", dir="auto")


def _ending_in(text: str, openers: Sequence[Html]) -> Iterator[str]:
    """A sentence and its numbers, the first of which is never parted from the last word by a line's end."""
    before, space, last = text.rpartition(" ")
    if len(last) > LETTERS_KEPT:
        before, space, last = text, "", ""
    yield before + space
    yield tag("span", last, *openers[:1], class_="cp-kept")
    yield from openers[1:]


def _not_found(answer: Answer) -> Iterator[Html]:
    yield tag("p", NOT_FOUND, class_="cp-statement")
    if answer.nearest:
        titles = (tag("li", near.title, dir="auto") for near in answer.nearest)
        yield tag("div", NEAREST, tag("ul", *titles), class_="cp-quiet cp-nearest")


# -- sources that disagree -------------------------------------------------------------------------


def _disagreements(answer: Answer, turn: int, choices: Choices) -> Iterator[Html]:
    """Always three parts, empty or not, so that what is shown can change in place."""
    yield _strip(answer, turn) if answer.stances else tag("div")
    yield tag("div", *_warning(answer, turn, choices))
    notes = (_note(answer, note, turn) for note in answer.disagreements if note.is_note)
    yield tag("div", *notes, class_="cp-notes")


def _warning(answer: Answer, turn: int, choices: Choices) -> Iterator[Html]:
    if shown := _open(answer, choices):
        points = (_point(answer, found, turn, choices) for found in shown)
        yield tag("section", tag("h3", WARNING), *points, id=_warning_id(turn), class_="cp-warning", role="alert")
    for found in warnings(answer):
        if choices.get(key(answer, found)) == "dismissed":
            summary = tag("summary", f"{DISMISSED}: ", found.summary)
            yield tag("details", summary, _point(answer, found, turn, choices), class_="cp-dismissed")


def _open(answer: Answer, choices: Choices) -> list[Disagreement]:
    return [found for found in warnings(answer) if choices.get(key(answer, found)) != "dismissed"]


def _point(answer: Answer, found: Disagreement, turn: int, choices: Choices) -> Html:
    chosen = choices.get(key(answer, found))
    summary = tag("p", found.summary, class_="cp-summary") if chosen != "dismissed" else ""
    return tag("div", summary, _sides(answer, found, turn), _verdict(answer, found, turn, chosen), class_="cp-point")


def _verdict(answer: Answer, found: Disagreement, turn: int, chosen: Choice | None) -> Html:
    """What a reader may make of a warning; the choice is kept with the index."""
    number = str(answer.disagreements.index(found))

    def button(text: str, choice: str) -> Html:
        data = {"data_act": "verdict", "data_turn": str(turn), "data_found": number, "data_choice": choice}
        return tag("button", text, type="button", class_="cp-action", **data)

    if chosen:
        said = "✓ A reader confirmed this." if chosen == "confirmed" else "A reader dismissed this."
        return tag("div", tag("span", said), button("Undo", ""), class_="cp-verdict")
    asked = tag("span", "Do they really disagree?")
    return tag("div", asked, button("Confirm", "confirmed"), button("Dismiss", "dismissed"), class_="cp-verdict")


def _strip(answer: Answer, turn: int) -> Html:
    """How many sources support, are mixed, refute, each opening its quotes."""
    by_number = {citation.number: citation for citation in answer.citations}
    counts = (
        tag("li", tag("span", says), *(_opener(by_number[n], turn) for n in numbers), class_=f"cp-{stance}")
        for stance, says, numbers in stands(answer)
    )
    return tag("div", tag("p", STAND), tag("ul", *counts), class_="cp-stances")


def _note(answer: Answer, note: Disagreement, turn: int) -> Html:
    summary = tag("p", tag("strong", f"{NOTE_HEADINGS[note.kind]}. "), note.summary, class_="cp-summary")
    return tag("aside", summary, _sides(answer, note, turn), class_="cp-note", role="note")


def _sides(answer: Answer, found: Disagreement, turn: int) -> Html:
    """The quotes side by side, with the words marked that what the other sides say first does not have."""
    quotes = [cited(answer, side) for side in found.sides]
    columns = []
    for i, own in enumerate(quotes):
        others = [side[0].quote for side in quotes[:i] + quotes[i + 1 :] if side]
        columns.append(tag("div", *(_quote(citation, others, turn) for citation in own), class_="cp-side"))
    return tag("div", *columns, class_="cp-sides")


def _quote(citation: Citation, others: Sequence[str], turn: int) -> Html:
    marked = (tag("mark", text) if differs else text for text, differs in differing(citation.quote, others))
    about = dotted(year(citation.date), citation.kind)
    return tag(
        "figure",
        tag("blockquote", *marked, dir="auto"),
        tag(
            "figcaption",
            _opener(citation, turn),
            tag("cite", citation.title, dir="auto"),
            f" · {about}" if about else "",
            _notice(citation.notice),
        ),
    )


# -- what is cited ---------------------------------------------------------------------------------


def _sources(citations: Sequence[Citation], turn: int) -> Html:
    """The cited documents, each once, with the numbers of its passages."""
    documents: dict[str, list[Citation]] = {}
    for citation in citations:
        documents.setdefault(citation.document, []).append(citation)
    items = (_source(cited, turn) for cited in documents.values())
    return tag("section", tag("h3", "Sources"), tag("ul", *items), class_="cp-sources")


def _source(cited: Sequence[Citation], turn: int) -> Html:
    first = cited[0]
    about = dotted(people(first.authors[:3]), year(first.date), first.kind)
    return tag(
        "li",
        tag("span", *(_opener(citation, turn) for citation in cited), class_="cp-numbers"),
        tag(
            "span",
            tag("cite", first.title, dir="auto"),
            tag("span", f" {about}", class_="cp-quiet"),
            _notice(first.notice),
        ),
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


def _notice(notice: str) -> Html:
    """A document's own word that it was retracted, corrected or is doubted."""
    return tag("span", notice, class_="cp-notice", dir="auto") if notice else Html()


def _passage(citation: Citation, index: Index, turn: int) -> Html:
    """The panel that a citation opens: where it stands, and the paragraph with the cited words marked."""
    id = _id(citation, turn)
    close = tag("button", "×", type="button", class_="cp-close", popovertarget=id, aria_label="Close", autofocus=True)
    about = [people(citation.authors), dotted(citation.date, citation.kind)]
    place = dotted(citation.source, f"page {citation.page}" if citation.page else "")
    return tag(
        "section",
        tag("header", tag("p", f"Source {citation.number}"), close),
        tag("h3", citation.title, id=f"{id}-title", dir="auto"),
        _notice(citation.notice),
        *(tag("p", text, class_="cp-quiet") for text in about if text),
        tag("p", tag("bdi", place), class_="cp-quiet cp-place"),
        *_paragraph(citation, index),
        tag("p", *_ways_on(citation, index), class_="cp-ways"),
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


def _ways_on(citation: Citation, index: Index) -> Iterator[Html]:
    """The whole document at the cited place, and where it was published."""
    if _unchanged(citation, index):
        page = f" at page {citation.page}" if citation.page else ""
        yield _link(f"Open the whole document{page}", document_link(citation.document, citation.start, citation.end))
    else:
        yield tag("span", "The document has changed since this was answered.")
    if url := address(citation.url or (f"https://doi.org/{citation.doi}" if citation.doi else "")):
        yield _link("Where it was published", url)


def _link(text: str, url: str) -> Html:
    return tag("a", text, href=url, target="_blank", rel="noopener noreferrer")


def document_link(id: str, start: int = 0, end: int = 0) -> str:
    """Where the page shows a whole document, scrolled to the span from ``start`` to ``end``."""
    place = {"start": start, "end": end} if end else {}
    return f"document?{urlencode({'id': id, **place}, errors='replace')}" + ("#cited" if end else "")


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


# -- why this answer -------------------------------------------------------------------------------


def _why(answer: Answer) -> Html:
    """What was read for an answer, how it ranked, and what came of it; closed until asked for."""
    if not answer.considered:
        return tag("div")
    names = "Passage", "By meaning", "By words", "Together", "Best sentence", "What came of it"
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    rows = (_row(considered) for considered in answer.considered)
    table = tag("table", tag("thead", head), tag("tbody", *rows))
    took = ", ".join(f"{STEPS.get(step, step)} {ms:,.0f} ms" for step, ms in answer.timings_ms.items())
    return tag(
        "details",
        tag("summary", "Why this answer"),
        tag("p", "The passages that were read, with their rank in each search, among all sentences, and together."),
        tag("div", table, class_="cp-scroll", tabindex="0", role="region", aria_label="Passages that were read"),
        tag("p", f"That the documents answer this: {answer.confidence:.0%}. It took: {took}."),
        class_="cp-why",
    )


def _row(considered: Considered) -> Html:
    passage, ranks = considered.hit.passage, considered.hit.ranks
    snippet = " ".join((considered.best or passage.text).split())
    snippet = snippet if len(snippet) <= SNIPPET_LETTERS else f"{snippet[:SNIPPET_LETTERS].rsplit(' ', 1)[0]}…"
    place = tag("bdi", dotted(*dict.fromkeys([considered.title, passage.heading])))
    numbers = [ranks.get("dense"), ranks.get("lexical"), ranks.get("fused"), considered.rank]
    return tag(
        "tr",
        tag("th", place, tag("span", snippet, dir="auto"), scope="row"),
        *(tag("td", str(number) if number else "–") for number in numbers),
        tag("td", OUTCOMES[considered.outcome]),
    )


# -- what every form of an answer shares -----------------------------------------------------------


def warnings(answer: Answer) -> list[Disagreement]:
    """The disagreements that are not notes."""
    return [found for found in answer.disagreements if not found.is_note]


def stands(answer: Answer) -> Iterator[tuple[Stance, str, list[int]]]:
    """How many documents support, are mixed, refute, each with the numbers of the citations that say so."""
    for stance, verbs in STANCES.items():
        if of_stance := [found for found in answer.stances if found.stance == stance]:
            says = f"{len(of_stance)} {verbs[len(of_stance) > 1]}"
            yield stance, says, [number for found in of_stance for number in found.citations]


def cited(answer: Answer, side: Side) -> list[Citation]:
    """The citations of one side, in its order: what is disputed comes first."""
    by_number = {citation.number: citation for citation in answer.citations}
    return [by_number[number] for number in side.citations if number in by_number]
