"""The documents on the page: the list of what is indexed, and one whole document scrolled to its cited words."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from index import Block, Document, Entry
from rag.limit import Limit
from rag.render.answer import document_link
from rag.render.markup import Html, address, join, tag
from rag.render.words import count, dotted, people

HERE = Path(__file__).parent
COLOURS = (HERE / "colours.css").read_text(encoding="utf-8")
LISTED = 200
"""How many documents are listed at once; the others are found by their words."""


# -- the list --------------------------------------------------------------------------------------


def documents_html(entries: Sequence[Entry], *, chosen: Collection[str] = (), removable: Collection[str] = ()) -> Html:
    """The indexed documents as a table, each with a box that limits questions to it."""
    if not entries:
        return tag("p", "No document.", class_="cp-quiet")
    names = "Ask only", "Document", "Kind", "Date", "Passages"
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    rows = (_entry(entry, entry.id in chosen, entry.id in removable) for entry in entries[:LISTED])
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="cp-documents")
    rest = len(entries) - LISTED
    more = tag("p", f"{count(rest, 'more document')}: find one by its words.", class_="cp-quiet") if rest > 0 else ""
    scroll = tag("div", table, class_="cp-scroll", tabindex="0", role="region", aria_label="Indexed documents")
    return join(scroll, more)


def _entry(entry: Entry, chosen: bool, removable: bool) -> Html:
    box = tag(
        "input", type="checkbox", checked=chosen, data_act="limit", data_id=entry.id, aria_label=f"Ask {entry.title}"
    )
    title = tag("a", entry.title, href=document_link(entry.id), target="_blank", rel="noopener", dir="auto")
    about = tag("span", tag("bdi", dotted(people(entry.authors[:3]), entry.source)), class_="cp-quiet")
    unread = f"Read in part: {entry.unread}" if entry.unread else ""
    notice = join(*(tag("span", text, class_="cp-notice", dir="auto") for text in (entry.notice, unread) if text))
    remove = _remove(entry) if removable else ""
    cells = (tag("td", entry.kind or "–"), tag("td", entry.date or "–"), tag("td", f"{entry.passages:,}"))
    return tag("tr", tag("td", box), tag("th", title, about, notice, remove, scope="row"), *cells)


def _remove(entry: Entry) -> Html:
    label = f"Remove {entry.title}"
    return tag(
        "button", "Remove", type="button", class_="cp-action", data_act="remove", data_id=entry.id, aria_label=label
    )


def library_html(documents: int, failures: Mapping[str, str], synced: str = "") -> Html:
    """How many documents there are, when the folder was last synced, and which files failed and why."""
    when = f" indexed, last synced {synced}" if synced else ""
    indexed = tag("p", f"{count(documents, 'document')}{when}")
    if not failures:
        return indexed
    reasons = (tag("li", tag("bdi", source), ": ", reason) for source, reason in failures.items())
    label = f"{count(len(failures), 'file')} could not be read"
    return join(indexed, tag("details", tag("summary", label), tag("ul", *reasons)))


def limit_html(limit: Limit, titles: Mapping[str, str]) -> Html:
    """What questions are limited to, with a button that ends it; empty where they are not."""
    if limit == Limit():
        return Html()
    chosen = [titles[id] for id in sorted(limit.documents) if id in titles]
    asked = chosen[0] if len(chosen) == 1 else count(len(chosen), "document") if chosen else "Documents"
    label = "Ask all documents again"
    clear = tag("button", "×", type="button", class_="cp-close", data_act="unlimit", aria_label=label, title=label)
    years = f" {limit.years}" if limit.years else ""
    return tag("p", tag("span", "Only in: ", tag("bdi", asked), years), clear, class_="cp-limit")


def progress_html(done: int, total: int, seconds: float) -> Html:
    """How far a sync is after some seconds; the page then looks again."""
    said = f"Reading {count(total, 'file')}: {done:,} done" if total else "Looking for what has changed…"
    bar = tag("progress", max=str(total or 1), value=str(done) if total else None, aria_label="Syncing")
    data = {"data_then": "look", "data_after": f"{seconds:.2f}"}
    return tag("div", tag("p", said, role="status"), bar, class_="cp-progress", **data)


def said_html(text: str) -> Html:
    """What became of a sync, an upload or a removal; the page then lists the documents again."""
    return tag("p", text, class_="cp-said", role="status", data_then="list")


# -- one document ----------------------------------------------------------------------------------


def document_page(document: Document, start: int = 0, end: int = 0) -> Html:
    """A whole document as a page of its own; the words from ``start`` to ``end`` are marked as ``#cited``."""
    style = Html(COLOURS + (HERE / "document.css").read_text(encoding="utf-8"))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{document.title} – Counterpoint"),
        tag("style", style),
    )
    body = tag("body", tag("main", tag("header", *_about(document, end > start)), *_parts(document, start, end)))
    return Html("<!DOCTYPE html>" + tag("html", head, body, lang="en"))


def _about(document: Document, marked: bool) -> Iterator[Html]:
    yield tag("h1", document.title, dir="auto")
    if document.notice:
        yield tag("p", document.notice, class_="notice", dir="auto")
    for text in (people(document.authors), dotted(document.date, document.kind)):
        if text:
            yield tag("p", text)
    yield tag("p", tag("bdi", document.source))
    if url := address(document.url or (f"https://doi.org/{document.doi}" if document.doi else "")):
        yield tag("p", tag("a", "Where it was published", href=url, rel="noopener noreferrer"))
    if marked:
        yield tag("p", tag("a", "Go to the cited words", href="#cited"))


def _parts(document: Document, start: int, end: int) -> Iterator[Html]:
    """The blocks in order, each page's number before its first one."""
    names = {"heading": "h2", "paragraph": "p", "item": "p", "row": "p"}
    page, marks = None, 0
    for block in document.blocks or (Block(0, len(document.text), "paragraph"),):
        if document.page(block.start) != page:
            page = document.page(block.start)
            yield tag("p", f"Page {page}", class_="page", id=f"page-{page}")
        first, last = max(start, block.start), min(end, block.end)
        text = document.text[block.start : block.end]
        if first < last:
            mark = tag("mark", document.text[first:last], id=None if marks else "cited")
            text = join(document.text[block.start : first], mark, document.text[last : block.end])
            marks += 1
        if text.strip() != document.title:
            yield tag(names[block.kind], text, class_=block.kind, dir="auto")


def missing_page() -> Html:
    """What is shown for a document that is not in the index."""
    return document_page(Document("", "It may have been removed or renamed since.", "There is no such document"))
