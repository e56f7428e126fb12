"""What an answer looks like as text and on the page, and that nothing in it can act there."""

import doctest
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hostile import HOSTILE

from index import Block, Document, Entry, Hit, Passage
from rag import render
from rag.limit import Limit
from rag.render import export, markup, words
from rag.types import Answer, Citation, Considered, Disagreement, DocumentStance, Nearest, Side, Statement

LEAFLET = "How it works\n\nRiluzole reduces the release of glutamate. It is given in ALS.\n\nStorage"
BLOG = "Riluzole increases glutamate release."


class Shelf:
    """Documents by id, as an index gives them out."""

    def __init__(self, *documents: Document) -> None:
        self._documents = {document.id: document for document in documents}

    def document(self, id: str) -> Document:
        return self._documents[id]

    def titles(self) -> dict[str, str]:
        return {id: document.title for id, document in self._documents.items()}


SHELF = Shelf(
    Document(
        "leaflet",
        LEAFLET,
        title="Leaflet",
        source="leaflet.pdf",
        blocks=(Block(0, 12, "heading"), Block(14, 76, "paragraph"), Block(78, 85, "paragraph")),
        pages=(0,),
    ),
    Document("blog", BLOG, title="Blog", source="blog.txt", blocks=(Block(0, len(BLOG), "paragraph"),)),
)


def citation(number: int, document: str, quote: str, **details: object) -> Citation:
    start = SHELF.document(document).text.index(quote)
    shelved = SHELF.document(document)
    made = Citation(number, document, shelved.title, shelved.source, None, quote, start, start + len(quote))
    return replace(made, **details)  # type: ignore[arg-type]


REDUCES = "Riluzole reduces the release of glutamate."
ANSWER = Answer(
    question="What does riluzole do?",
    query="What does riluzole do?",
    confidence=0.9,
    statements=(Statement(REDUCES, (1,)), Statement(BLOG, (2,))),
    citations=(
        citation(1, "leaflet", REDUCES, page=1, authors=("A. Novak", "B. Ito"), date="14 February 2018"),
        citation(2, "blog", BLOG, date="2016-10-09"),
    ),
)
SIDES = (Side(REDUCES, (1,)), Side(BLOG, (2,)))
DISPUTED = replace(
    ANSWER,
    disagreements=(Disagreement("direction", "The sources report opposite directions.", 0.9, SIDES),),
    disagreement_check="done",
)
NOTED = replace(DISPUTED, disagreements=(Disagreement("scope", "One is about mice.", 0.8, SIDES),))
NOT_FOUND = Answer("What is the capital?", "What is the capital?", 0.1, nearest=(Nearest("Leaflet", 0.2),))


class Page(HTMLParser):
    """Markup taken apart: the elements in order, and the text in the elements of each class."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[list[str], str]] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("input", "meta"):
            return
        self.open.append(f"{tag}.{dict(attrs).get('class') or ''}")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().split(".")[0] == tag, "elements are closed in the order they were opened"

    def handle_data(self, data: str) -> None:
        self.texts.append((list(self.open), data))

    def text(self, inside: str = "") -> str:
        """The text in elements whose ``tag.class`` holds ``inside``."""
        return "".join(data for path, data in self.texts if any(inside in element for element in path))


def page(answer: Answer, **options: object) -> Page:
    return Page(render.to_html(answer, SHELF, **options))  # type: ignore[arg-type]


def test_the_examples_in_the_docstrings() -> None:
    for module in (markup, words, export):
        results = doctest.testmod(module)
        assert results.attempted > 0
        assert results.failed == 0


# -- Markdown --------------------------------------------------------------------------------------


def test_markdown_of_a_disputed_answer() -> None:
    assert render.to_markdown(DISPUTED) == (
        "Riluzole reduces the release of glutamate. [1]\n"
        "\n"
        "Riluzole increases glutamate release. [2]\n"
        "\n"
        "> **The sources disagree.** The sources report opposite directions.\n"
        ">\n"
        '> - "Riluzole reduces the release of glutamate." [1] Leaflet (2018)\n'
        '> - "Riluzole increases glutamate release." [2] Blog (2016)\n'
        "\n"
        "Sources:\n"
        "\n"
        "- [1] Leaflet, A. Novak, B. Ito, 14 February 2018. `leaflet.pdf`, page 1\n"
        "- [2] Blog, 2016-10-09. `blog.txt`"
    )


def test_markdown_says_whether_the_sources_were_compared() -> None:
    assert render.UNCHECKED in render.to_markdown(ANSWER)
    assert render.AGREED not in render.to_markdown(ANSWER)
    agreed = render.to_markdown(replace(ANSWER, disagreement_check="done"))
    assert render.AGREED in agreed
    assert render.UNCHECKED not in agreed


def test_markdown_of_a_note_warns_of_nothing() -> None:
    text = render.to_markdown(NOTED)
    assert "> **Both may hold.** One is about mice." in text
    assert render.WARNING not in text
    assert render.NOTED in text
    assert render.AGREED not in text


def test_markdown_when_nothing_is_found() -> None:
    assert render.to_markdown(NOT_FOUND) == ("Not in these documents.\n\nThe documents that come nearest:\n\n- Leaflet")
    assert render.to_markdown(replace(NOT_FOUND, nearest=())) == "Not in these documents."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a *b* `c` <i>", r"a \*b\* \`c\` \<i>"),
        ("[x](http://a.example) ![y](z)", r"\[x\](http://a.example) !\[y\](z)"),
        ("# no heading", r"\# no heading"),
        ("> no quote", r"\> no quote"),
        ("- no item", r"\- no item"),
        ("12. no list", r"12\. no list"),
        ("_a_ but snake_case", r"\_a\_ but snake_case"),
        ("two\nlines\t here", "two lines here"),
        ("\x1b[2Jgone", r"\[2Jgone"),
    ],
)
def test_markdown_shows_text_as_it_stands(text: str, shown: str) -> None:
    line = render.to_markdown(replace(ANSWER, statements=(Statement(text, (1,)),))).splitlines()[0]
    assert line == f"{shown} [1]"


# -- HTML ------------------------------------------------------------------------------------------


def test_a_number_opens_the_paragraph_with_the_cited_words_marked() -> None:
    shown = page(ANSWER, turn=3)
    openers = {attrs["popovertarget"]: attrs for _, attrs in shown.elements if "popovertarget" in attrs}
    assert openers["cp-3-1"]["aria-label"] == "Close"
    assert any(attrs.get("aria-label") == "Source 1: Leaflet" for _, attrs in shown.elements)
    panels = [attrs["id"] for _, attrs in shown.elements if "popover" in attrs]
    assert panels == ["cp-3-1", "cp-3-2"]
    only_first = Page(render.to_html(replace(ANSWER, citations=ANSWER.citations[:1]), SHELF))  # type: ignore[arg-type]
    assert only_first.text("blockquote") == REDUCES + " It is given in ALS."
    assert only_first.text("mark") == REDUCES
    assert only_first.text("cp-heading") == "How it works"
    assert "A. Novak, B. Ito" in only_first.text("cp-passage")
    assert "14 February 2018" in only_first.text("cp-passage")
    assert "leaflet.pdf · page 1" in only_first.text("cp-passage")


def test_a_quote_is_shown_alone_when_its_document_has_changed_or_gone() -> None:
    changed = Shelf(Document("leaflet", "Something else entirely, and longer than it was before."))
    answer = replace(ANSWER, statements=ANSWER.statements[:1], citations=ANSWER.citations[:1])
    for shelf in (changed, Shelf()):
        assert Page(render.to_html(answer, shelf)).text("blockquote") == REDUCES  # type: ignore[arg-type]


def test_a_warning_shows_both_quotes_with_the_words_that_differ() -> None:
    shown = page(DISPUTED)
    warning = shown.text("cp-warning")
    assert warning.startswith("The sources disagreeThe sources report opposite directions.")
    assert REDUCES in warning
    assert BLOG in warning
    assert "Leaflet · 2018" in warning
    assert "Blog · 2016" in warning
    marks = [d for path, d in shown.texts if path[-1] == "mark." and any("cp-warning" in p for p in path)]
    assert marks == ["reduces", "increases"]
    assert [attrs["role"] for _, attrs in shown.elements if "alert" in attrs.values()] == ["alert"]


def test_a_note_is_no_warning() -> None:
    shown = page(NOTED)
    assert shown.text("cp-note").startswith("Both may hold. One is about mice.")
    assert "alert" not in {attrs.get("role") for _, attrs in shown.elements}
    assert shown.text("cp-status") == render.NOTED


@pytest.mark.parametrize(
    ("answer", "checking", "status"),
    [
        (ANSWER, True, render.CHECKING),
        (ANSWER, False, f"{render.UNCHECKED} Try again"),
        (replace(ANSWER, disagreement_check="done"), False, render.AGREED),
        (DISPUTED, False, "The sources disagree: see both sides"),
        (NOT_FOUND, False, ""),
    ],
)
def test_the_status_never_says_more_than_is_known(answer: Answer, checking: bool, status: str) -> None:
    assert page(answer, checking=checking).text("cp-status") == status


def test_an_answer_changes_in_place() -> None:
    """The parts of an answer keep their places when the check ends, so that an open passage stays open."""
    before, after = page(ANSWER, checking=True), page(DISPUTED)
    assert [attrs.get("id") for _, attrs in before.elements if "popover" in attrs] == [
        attrs.get("id") for _, attrs in after.elements if "popover" in attrs
    ]


def test_not_found_names_the_nearest_titles() -> None:
    shown = page(NOT_FOUND)
    assert shown.text("cp-statement") == "Not in these documents."
    assert shown.text("li.") == "Leaflet"


def test_a_question_read_differently_is_said_so() -> None:
    assert "Read as" not in page(replace(ANSWER, question=" What does\nriluzole do? ")).text()
    assert "Read as: What does riluzole do?" in page(replace(ANSWER, question="what dose it do")).text()


def test_a_long_question_is_not_repeated_whole() -> None:
    shown = Page(render.message_html("a" * 100_000, "Too long."))
    assert shown.text("cp-question") == "a" * render.QUESTION_LETTERS + "…"


def test_the_library_line() -> None:
    assert Page(render.library_html(1, {})).text() == "1 document"
    shown = Page(render.library_html(1_200, {"bad.pdf": "no text"}))
    assert shown.text() == "1,200 documents1 file could not be readbad.pdf: no text"


# -- whole documents, limits, forms to take along --------------------------------------------------


def test_a_whole_document_marks_the_cited_words_across_its_blocks() -> None:
    document = replace(SHELF.document("leaflet"), pages=(0, 78), date="2018", kind="leaflet", notice="Withdrawn.")
    shown = Page(render.document_page(document, LEAFLET.index("It is"), 85).removeprefix("<!DOCTYPE html>"))
    marks = [data for path, data in shown.texts if path[-1] == "mark."]
    assert marks == ["It is given in ALS.", "Storage"]
    assert [attrs.get("id") for tag, attrs in shown.elements if tag == "mark"] == ["cited", None]
    assert shown.text("p.page") == "Page 1Page 2"
    assert "Withdrawn." in shown.text("notice")
    assert "2018 · leaflet" in shown.text("header")
    plain = Page(render.document_page(Document("x", "No blocks at all.")).removeprefix("<!DOCTYPE html>"))
    assert "No blocks at all." in plain.text("main")


def test_a_limit_is_said() -> None:
    titles = {"a": "Leaflet", "b": "Blog"}
    assert render.limit_html(Limit(), titles) == ""
    assert Page(render.limit_html(Limit(frozenset("a")), titles)).text() == "Only in: Leaflet×"
    both = Limit(frozenset("ab"), 2001, 2010)
    assert Page(render.limit_html(both, titles)).text() == "Only in: 2 documents from 2001 to 2010×"
    assert Page(render.limit_html(Limit(last=2010), titles)).text() == "Only in: Documents until 2010×"


def test_the_cited_documents_as_bibtex_and_ris() -> None:
    cited = (
        replace(ANSWER.citations[0], doi="10.1/x_y", url="https://example.org/{a}"),
        replace(ANSWER.citations[0], number=3, start=1, end=2),
        replace(ANSWER.citations[1], title="100% {odd} & more", kind="blog"),
    )
    answer = replace(ANSWER, citations=cited)
    assert render.bibtex([answer, answer]) == (
        "@article{novak2018,\n"
        "  title = {{Leaflet}},\n"
        "  author = {A. Novak and B. Ito},\n"
        "  year = {2018},\n"
        "  doi = {10.1/x\\_y},\n"
        "  url = {https://example.org/a},\n"
        "  note = {leaflet.pdf},\n"
        "}\n"
        "\n"
        "@misc{odd2016,\n"
        "  title = {{100\\% \\{odd\\} \\& more}},\n"
        "  year = {2016},\n"
        "  note = {blog.txt},\n"
        "}\n"
    )
    assert render.ris([answer]).split("\r\n")[:9] == [
        "TY  - JOUR", "TI  - Leaflet", "AU  - A. Novak", "AU  - B. Ito", "PY  - 2018", "DA  - 14 February 2018",
        "DO  - 10.1/x_y", "UR  - https://example.org/{a}", "N1  - leaflet.pdf",
    ]  # fmt: skip
    assert render.ris([answer]).count("ER  - \r\n") == 2


# -- words that differ -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "other", "marked"),
    [
        ("It did not reduce mortality.", "It reduced mortality.", ["not"]),
        ("The benefit lasts one week.", "The benefit lasts several months.", ["one week"]),
        ("Levels were 1.5 mg higher.", "Levels were 2.5 mg higher.", ["1.5"]),
        ("The same words.", "The same words.", []),
        ("Nothing in common here.", "Riluzole and glutamate.", []),
        (
            "It works by increasing the release of glutamate, which changes the brain.",
            "Riluzole is thought to reduce it.",
            ["increasing"],
        ),
        ("Riluzole is thought to reduce it.", "It works by increasing the release of glutamate.", ["reduce"]),
        ("Never before had anybody in town offered that.", "Zinc shortens colds.", ["Never"]),
    ],
)
def test_differing_words(quote: str, other: str, marked: list[str]) -> None:
    pieces = render.differing(quote, [other])
    assert "".join(text for text, _ in pieces) == quote
    assert [text for text, differs in pieces if differs] == marked


@pytest.mark.parametrize(
    ("date", "year"),
    [("2016-10-09", "2016"), ("18 May 2023", "2023"), ("", ""), ("12345", ""), ("c. 1850", "1850")],
)
def test_year(date: str, year: str) -> None:
    assert render.year(date) == year


# -- hostile text ----------------------------------------------------------------------------------

ALLOWED = {
    "article", "aside", "blockquote", "button", "cite", "div", "figcaption", "figure", "h2", "h3", "header",
    "li", "mark", "p", "q", "section", "span", "strong", "ul", "a", "bdi", "details", "summary", "table",
    "thead", "tbody", "tr", "th", "td", "input", "progress",
}  # fmt: skip


def hostile_answer(payload: str) -> tuple[Answer, Shelf]:
    """An answer with the payload wherever a document or a question can put it."""
    text = f"{payload}\n\n{payload} Riluzole {payload} works.\n\n{payload}"
    start = text.index("Riluzole")
    blocks = (Block(0, len(payload), "heading"), Block(len(payload) + 2, len(text), "paragraph"))
    shelf = Shelf(Document("d", text, title=payload, source=payload, blocks=blocks), Document("e", text, title=""))
    quote = f"Riluzole {payload} works."
    cited = tuple(
        Citation(
            number, id, payload, payload, 2, quote, start, start + len(quote), (payload,), payload,
            url=payload, doi=payload, kind=payload, notice=payload,
        )
        for number, id in ((1, "d"), (2, "e"))
    )  # fmt: skip
    hit = Hit(Passage(1, "d", 0, len(payload), payload, payload), 1.0, 1, {}, {"dense": 1})
    sides = (Side(payload, (1,)), Side(payload, (2,)))
    found = tuple(Disagreement(kind, payload, 0.9, sides) for kind in ("direction", "scope"))
    answer = Answer(
        payload,
        payload + "?",
        0.9,
        (Statement(quote, (1, 2)),),
        cited,
        found,
        "done",
        stances=(DocumentStance("d", "mixed", (1, 2)),),
        documents=("d",),
        considered=(Considered(hit, payload, payload, 1, "shown"),),
    )
    return answer, shelf


def assert_harmless(markup: str) -> Page:
    shown = Page(markup)
    for tag, attrs in shown.elements:
        assert tag in ALLOWED
        assert not [name for name in attrs if name.startswith("on") or name in ("style", "src", "srcdoc")]
        assert (attrs.get("href") or "#").startswith(("#", "document?id=", "https://doi.org/"))
        assert attrs.get("id", "cp-").startswith("cp-")
        assert attrs.get("popovertarget", "cp-1-").startswith("cp-1-")
    return shown


@pytest.mark.parametrize("payload", HOSTILE)
def test_nothing_hostile_survives_in_html(payload: str) -> None:
    answer, shelf = hostile_answer(payload)
    shown = assert_harmless(render.to_html(answer, shelf))  # type: ignore[arg-type]
    assert shown.text("h2.cp-question") == render.visible(payload).strip()
    assert render.visible(payload) in shown.text("cp-statement")
    assert render.visible(payload) in shown.text("cp-passage")
    for shown_markup in (
        render.message_html(payload, payload),
        render.message_html(payload, payload, again=True),
        render.welcome_html([payload]),
        render.library_html(1, {payload: payload}, payload),
        render.documents_html([Entry(*[payload] * 7, 1, (payload,))] * 2),
        render.limit_html(Limit(frozenset({"d"}), 1, 2), {"d": payload}),
        render.said_html(payload),
        render.to_html(Answer(payload, payload, 0.0, nearest=(Nearest(payload, 0.1),)), shelf),  # type: ignore[arg-type]
    ):
        assert_harmless(shown_markup)
    render.to_html(answer, shelf).encode()  # type: ignore[arg-type]
    document = replace(shelf.document("d"), authors=(payload,), url=payload, doi=payload, kind=payload, notice=payload)
    whole = Page(render.document_page(document, 3, 40).removeprefix("<!DOCTYPE html>"))
    assert {tag for tag, _ in whole.elements} <= ALLOWED | {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
    }
    assert not [name for _, attrs in whole.elements for name in attrs if name.startswith("on") or name == "src"]
    assert render.visible(payload).strip() in whole.text("h1.")


@pytest.mark.parametrize("payload", HOSTILE)
def test_nothing_hostile_survives_in_markdown(payload: str) -> None:
    """A Markdown reader that lets HTML through finds no element, link or picture in it."""
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark", {"html": True})
    answer, _ = hostile_answer(payload)
    for text in (render.to_markdown(answer), render.to_markdown(replace(answer, statements=()))):
        text.encode()
        tokens = [inner for token in markdown.parse(text) for inner in [token, *(token.children or ())]]
        kinds = {token.type for token in tokens}
        assert not kinds & {"html_block", "html_inline", "image", "link_open", "heading_open", "hr", "fence"}
        assert not set(text) & set("\x00\x1b\x07\u202e\ud800")


def test_where_the_sources_stand_is_counted_and_opens_their_quotes() -> None:
    stances = (DocumentStance("leaflet", "supports", (1,)), DocumentStance("blog", "refutes", (2,)))
    answer = replace(ANSWER, stances=stances, disagreement_check="done")
    assert "Where the sources stand: 1 supports it [1]; 1 refutes it [2]." in render.to_markdown(answer)
    page = render.to_html(answer, SHELF, turn=3)  # type: ignore[arg-type]
    strip = page[page.index('<div class="cp-stances">') :]
    assert strip.index("1 supports it") < strip.index('popovertarget="cp-3-1"') < strip.index("1 refutes it")
    assert "cp-stances" not in render.to_html(ANSWER, SHELF)  # type: ignore[arg-type]


def test_a_heading_that_a_quote_brings_along_is_set_apart() -> None:
    quote = "How it works\n\nRiluzole reduces the release of glutamate."
    answer = replace(
        ANSWER,
        statements=(Statement(" ".join(quote.split()), (1,)),),
        citations=(citation(1, "leaflet", quote),),
        disagreements=(),
    )
    assert "<strong>How it works</strong> Riluzole reduces the release of " in render.to_html(answer, SHELF)  # type: ignore[arg-type]
    assert render.to_markdown(answer).startswith(f"**How it works** {REDUCES} [1]")
    assert words.headed("Zinc is a metal. It helps.", "Zinc is a metal.\n\nIt helps.")[0] == ""
