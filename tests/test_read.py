"""Files of every format to documents: exact text, blocks, metadata, and clear reasons for broken files."""

import io
import json
import re
import time
import zipfile
from pathlib import Path

import pytest
from docx import Document as new_docx
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from index.apart import Reader
from index.errors import Unreadable
from index.read import document_id, find_blocks, from_text, read
from index.split import sentences
from index.types import Document


@pytest.fixture
def reading(tmp_path: Path):
    """Write bytes or text under a name and read that file."""

    def read_back(name: str, content: str | bytes) -> Document:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        [document] = read(path, root=tmp_path)
        return document

    return read_back


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def pdf(*pages: list[str], **metadata: str) -> bytes:
    """A PDF with one line of text for each string; an empty page is one without text, as a scan is."""
    file = io.BytesIO()
    canvas = Canvas(file)
    for name, value in metadata.items():
        getattr(canvas, f"set{name.title()}")(value)
    for lines in pages:
        for i, line in enumerate(lines):
            canvas.drawString(72, 750 - 14 * i, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


# -- plain text ---

GREEK = "Äußerst rare: the naïve β-blocker costs 5 € a day — “really”."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_text(reading, encoding: str) -> None:
    document = reading("a.txt", f"{GREEK}\r\n\r\nIt works.\r\n".encode(encoding))
    assert document.text == f"{GREEK}\n\nIt works."


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_text(reading, encoding: str) -> None:
    text = "Le café est très bon près du théâtre, où la fenêtre était déjà fermée. Voilà une leçon bien française."
    assert reading("a.txt", text.encode(encoding)).text == text


def test_hard_wrapped_lines_make_one_paragraph(reading) -> None:
    wrapped = (
        "Glutamate is the main excitatory messenger of the brain, and most\n"
        "synapses use it. It is cleared by transporters within milliseconds,\n"
        "because too much of it is toxic.\n\n"
        "Ketamine blocks one of its receptors."
    )
    assert blocks(reading("a.txt", wrapped)) == [
        ("paragraph", " ".join(wrapped.split("\n\n")[0].split("\n"))),
        ("paragraph", "Ketamine blocks one of its receptors."),
    ]


def test_plain_text_has_headings_items_and_rows(reading) -> None:
    text = (
        "Glutamate\n\nIt has two sides.\n\nSide effects\n\nThese are common:\n• Nausea\n2) Headache\n- Sleep loss\n\n"
        "Drug | Dose\nriluzole | 50 mg\n"
    )
    assert blocks(reading("a.txt", text)) == [
        ("heading", "Glutamate"),
        ("paragraph", "It has two sides."),
        ("heading", "Side effects"),
        ("paragraph", "These are common:"),
        ("item", "Nausea"),
        ("item", "Headache"),
        ("item", "Sleep loss"),
        ("row", "Drug | Dose"),
        ("row", "riluzole | 50 mg"),
    ]


def test_a_question_after_a_sentence_is_no_heading(reading) -> None:
    text = "Is it safe?\n\nI take it daily. Does that matter?\n\nIt does not."
    assert [kind for kind, _ in blocks(reading("a.txt", text))] == ["heading", "paragraph", "paragraph"]


def test_a_file_without_a_title_is_called_by_its_name(reading) -> None:
    document = reading("notes/my notes.txt", "It is only one sentence.")
    assert (document.title, document.source, document.id) == ("my notes", "notes/my notes.txt", "notes/my%20notes.txt")


# -- Markdown ---

MARKDOWN = """\
---
title: On Glutamate
author: Jane Smith
date: 2021-03-03
doi: 10.1000/x.1
url: https://example.org/x
---

# Glutamate

It is *very* common, says [a review](https://example.org)
and the `EAAT2` gene clears it.

![A brain](brain.png)

- first point
- second **point**

> Quoted words stay.

| Drug | Dose |
|------|------|
| riluzole | 50 mg |

<script>alert("no")</script>

After <b>it</b> all.
"""


def test_markdown(reading) -> None:
    document = reading("a.md", MARKDOWN)
    assert blocks(document) == [
        ("heading", "Glutamate"),
        ("paragraph", "It is very common, says a review and the EAAT2 gene clears it."),
        ("item", "first point"),
        ("item", "second point"),
        ("paragraph", "Quoted words stay."),
        ("row", "Drug | Dose"),
        ("row", "riluzole | 50 mg"),
        ("paragraph", "After it all."),
    ]
    assert (document.title, document.authors, document.date) == ("On Glutamate", ("Jane Smith",), "2021-03-03")
    assert (document.doi, document.url) == ("10.1000/x.1", "https://example.org/x")


def test_markdown_without_front_matter_is_called_by_its_heading(reading) -> None:
    assert reading("a.md", "# Riluzole\n\nIt slows the disease.").title == "Riluzole"


@pytest.mark.parametrize(
    "front",
    ["title: [", "- a\n- b", "just words", "date: 2021-99-99", "authors: 5", "authors: [1, null]", "a: &a [*a]"],
)
def test_odd_front_matter_never_loses_the_text(reading, front: str) -> None:
    assert blocks(reading("a.md", f"---\n{front}\n---\n\nThe text is here.")) == [("paragraph", "The text is here.")]


def test_indented_prose_and_words_in_html_are_kept(reading) -> None:
    content = (
        "# Zinc\n\n    It is a metal,\n    and it is blue.\n\n"
        "<div class='x'>It is <b>soft</b>.<script>alert(1)</script></div>"
        "\n\n<!-- not said -->\n\n```\ncode\n```\n\nIt melts."
    )
    assert [text for _, text in blocks(reading("a.md", content))] == [
        "Zinc",
        "It is a metal, and it is blue.",
        "It is soft.",
        "It melts.",
    ]


def test_several_authors_in_front_matter(reading) -> None:
    document = reading("a.md", "---\nauthors:\n  - Jane Smith\n  - John Doe\n---\nIt is here.")
    assert document.authors == ("Jane Smith", "John Doe")


# -- web pages ---

PARAGRAPH = "Glutamate is the main excitatory messenger of the brain, and most synapses use it every second of life."
HTML = f"""<!doctype html><html lang="en"><head><title>On Glutamate</title>
<meta name="author" content="Jane Smith"><meta name="date" content="2021-03-03">
<style>p {{ color: red }}</style><script>var secret = "tracking";</script></head>
<body><nav><ul><li><a href="/">Start</a></li><li><a href="/shop">Shop</a></li></ul></nav>
<article><h1>On Glutamate</h1><p>{PARAGRAPH}</p><script>document.write("injected words")</script>
<h2>Side effects</h2><p>Two are common &amp; harmless: nausea &lt;mild&gt; and <b>headache</b>, as most trials say.</p>
<ul><li>The first point is made here.</li><li>The second point is made there.</li></ul>
<table><tr><th>Drug</th><th>Dose</th></tr><tr><td>riluzole</td><td>50 mg</td></tr></table>
<p>{PARAGRAPH.replace("Glutamate", "Aspartate")}</p></article>
<footer><p>Copyright 2021 The Shop. All rights reserved.</p></footer></body></html>"""


def test_a_web_page(reading) -> None:
    document = reading("a.html", HTML)
    assert blocks(document) == [
        ("heading", "On Glutamate"),
        ("paragraph", PARAGRAPH),
        ("heading", "Side effects"),
        ("paragraph", "Two are common & harmless: nausea <mild> and headache, as most trials say."),
        ("item", "The first point is made here."),
        ("item", "The second point is made there."),
        ("row", "Drug | Dose"),
        ("row", "riluzole | 50 mg"),
        ("paragraph", PARAGRAPH.replace("Glutamate", "Aspartate")),
    ]
    assert (document.title, document.authors, document.date) == ("On Glutamate", ("Jane Smith",), "2021-03-03")


LEAFLET = f"""<h1>Riluzole</h1><p>{PARAGRAPH}</p>
<h2>Possible side effects</h2><p>Tell your doctor if you notice any of these:</p>
<ul><li>feeling sick</li><li>a rash, <b>rare</b>ly:<ul><li>blisters</li><li>fever</li></ul></li></ul>
<h3>How much to take</h3><ol><li>Find your age.<table><tr><td>adults</td><td>50 mg</td></tr></table></li></ol>
<table><tr><th>Age</th><th>Dose</th></tr><tr><td>over 18 years</td><td>50 mg</td></tr></table>
<h2>How to store it</h2><blockquote>Keep it dry.<br>Keep it cool.</blockquote>
<p>{PARAGRAPH.replace("Glutamate", "Aspartate")}</p>"""
LEAFLET_BLOCKS = [
    ("heading", "Riluzole"),
    ("paragraph", PARAGRAPH),
    ("heading", "Possible side effects"),
    ("paragraph", "Tell your doctor if you notice any of these:"),
    ("item", "feeling sick"),
    ("item", "a rash, rarely:"),
    ("item", "blisters"),
    ("item", "fever"),
    ("heading", "How much to take"),
    ("item", "Find your age. adults 50 mg"),
    ("row", "Age | Dose"),
    ("row", "over 18 years | 50 mg"),
    ("heading", "How to store it"),
    ("paragraph", "Keep it dry. Keep it cool."),
    ("paragraph", PARAGRAPH.replace("Glutamate", "Aspartate")),
]
MENU = '<nav><ul><li><a href="/">Start</a></li><li><a href="/shop">Shop</a></li></ul></nav>'
FOOTER = "<footer><p>Copyright 2021 The Shop. All rights reserved.</p></footer>"
SIDEBAR = (
    """<div class="sidebar"><h3>Popular posts</h3><ul><li><a href="/a">Ten foods for the brain</a></li></ul></div>"""
)


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body>{LEAFLET}</body></html>",
        f"<html><body><div>{LEAFLET}</div></body></html>",
        f"<html><body>{MENU}{LEAFLET}{FOOTER}</body></html>",
        f'<html><body>{MENU}<div class="wrap"><div>{LEAFLET}</div>{SIDEBAR}</div>{FOOTER}</body></html>',
        f"<html><body>{MENU}<main>{LEAFLET}</main>{SIDEBAR}{FOOTER}</body></html>",
        f"<html><body>{MENU}<article>{LEAFLET}</article>{SIDEBAR}{FOOTER}</body></html>",
        LEAFLET,
    ],
    ids=["body", "div", "between menu and footer", "beside a sidebar", "main", "article", "no body"],
)
def test_headings_and_lists_are_kept_wherever_a_page_holds_them(reading, page: str) -> None:
    assert blocks(reading("a.html", page)) == LEAFLET_BLOCKS


def test_scripts_are_never_in_the_text(reading) -> None:
    text = reading("a.html", HTML).text
    assert [word for word in ("secret", "injected", "tracking", "color", "Shop") if word in text] == []


# -- PDF ---


def test_a_pdf_knows_its_pages(reading) -> None:
    document = reading(
        "a.pdf",
        pdf(
            ["On Glutamate", "", "It is the main messenger of the brain."],
            ["Ketamine blocks its receptor."],
            title="A Title",
            author="Jane Smith",
        ),
    )
    assert (document.title, document.authors, len(document.pages)) == ("A Title", ("Jane Smith",), 2)
    said = {s.text: document.page(s.start) for s in sentences(document)}
    assert said == {"It is the main messenger of the brain.": 1, "Ketamine blocks its receptor.": 2}


def test_running_heads_are_left_out(reading) -> None:
    pages = [["Journal of Things", f"Sentence number {word} is here.", f"Page {n} of 3"] for n, word in NUMBERED]
    document = reading("a.pdf", pdf(*pages))
    assert [text for _, text in blocks(document)] == [f"Sentence number {word} is here." for _, word in NUMBERED]
    assert [document.page(block.start) for block in document.blocks] == [1, 2, 3]


NUMBERED = [(1, "one"), (2, "two"), (3, "three")]


def test_a_word_cut_at_a_line_end_is_made_whole(reading) -> None:
    lines = ["The drug reduces the release of the messenger gluta-", "mate from nerve cells in the brain of the rat."]
    document = reading("a.pdf", pdf(lines))
    assert document.text == " ".join(lines).replace("gluta- mate", "glutamate")


def test_a_scanned_pdf_says_so(reading) -> None:
    with pytest.raises(Unreadable, match="no text on any page: it looks scanned; run text recognition"):
        reading("a.pdf", pdf([], []))


def test_a_page_without_text_still_counts(reading) -> None:
    document = reading("a.pdf", pdf([], ["It is on the second page."]))
    assert [document.page(block.start) for block in document.blocks] == [2]


def test_scanned_pages_among_others_are_named(reading) -> None:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawString(72, 750, "It is on the first page.")
    canvas.showPage()
    for _ in range(2):
        canvas.drawImage(ImageReader(Image.new("1", (50, 50))), 0, 0, 500, 700)
        canvas.showPage()
    canvas.showPage()  # an empty page is no scan
    canvas.save()
    document = reading("a.pdf", file.getvalue())
    assert document.text == "It is on the first page."
    assert document.unread == "page 2, 3 looks scanned; run text recognition on it"


# -- docx ---


def docx(path: Path) -> bytes:
    file = new_docx()
    file.core_properties.title = "On Glutamate"
    file.core_properties.author = "Jane Smith; John Doe"
    file.add_heading("Glutamate", 1)
    file.add_paragraph("It is the main messenger of the brain.")
    file.add_paragraph("first point", style="List Bullet")
    table = file.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "riluzole", "50 mg"
    file.add_paragraph("Ketamine blocks its receptor.")
    file.save(path)
    return path.read_bytes()


def test_a_docx(reading, tmp_path: Path) -> None:
    document = reading("a.docx", docx(tmp_path / "made.docx"))
    assert blocks(document) == [
        ("heading", "Glutamate"),
        ("paragraph", "It is the main messenger of the brain."),
        ("item", "first point"),
        ("row", "riluzole | 50 mg"),
        ("paragraph", "Ketamine blocks its receptor."),
    ]
    assert (document.title, document.authors) == ("On Glutamate", ("Jane Smith", "John Doe"))


def test_a_docx_that_unpacks_without_end_is_refused(reading) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("word/document.xml", "w") as part:
        for _ in range(25):
            part.write(b" " * 10_000_000)
    with pytest.raises(Unreadable, match="unpacks to more than 200 MB"):
        reading("a.docx", file.getvalue())


def test_a_zip_without_a_document_is_no_docx(reading) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("readme", "Hello.")
    with pytest.raises(Unreadable, match="not a readable docx"):
        reading("a.docx", file.getvalue())


# -- records ---


def records(tmp_path: Path, name: str, content: str) -> list[Document]:
    (tmp_path / name).write_text(content)
    return read(tmp_path / name, root=tmp_path)


def test_a_table_of_questions_and_answers(tmp_path: Path) -> None:
    content = 'Question;Answer\nWhat is zinc?;"A metal; it is blue."\nIs it safe?;Mostly so.\n'
    first, second = records(tmp_path, "q.csv", content)
    assert (first.id, first.source, first.title) == ("q.csv#1", "q.csv", "What is zinc?")
    assert blocks(first) == [("heading", "What is zinc?"), ("paragraph", "A metal; it is blue.")]
    assert (second.id, second.text, second.kind) == ("q.csv#2", "Is it safe?\n\nMostly so.", "question and answer")


def test_records_one_a_line(tmp_path: Path) -> None:
    rows = [
        {
            "Title": "Zinc",
            "Abstract": "It is a metal.",
            "authors": ["A. Smith", "B. Doe"],
            "year": 2020,
            "DOI": "10.1/x",
        },
        {
            "title": "Iron",
            "text": "It rusts.\n\nIt is heavy.",
            "author": "C. Ray; D. Poe",
            "url": "https://example.org",
        },
        {"title": "No text"},
        {"title": "Page", "sections": [{"question": "What is it?", "answer": "A page."}]},
    ]
    found = records(tmp_path, "r.jsonl", "\n".join(json.dumps(row) for row in rows))
    assert [(d.id, d.title, d.text, d.kind) for d in found] == [
        ("r.jsonl#1", "Zinc", "It is a metal.", "record"),
        ("r.jsonl#2", "Iron", "It rusts.\n\nIt is heavy.", "record"),
        ("r.jsonl#3", "Page", "What is it?\n\nA page.", "question and answer"),
    ]
    assert (found[0].authors, found[0].date, found[0].doi) == (("A. Smith", "B. Doe"), "2020", "10.1/x")
    assert (found[1].authors, found[1].url) == (("C. Ray", "D. Poe"), "https://example.org")
    assert [d.text for d in records(tmp_path, "r.json", json.dumps(rows[:1]))] == ["It is a metal."]


def test_a_table_without_texts_is_one_document(tmp_path: Path) -> None:
    [document] = records(tmp_path, "doses.tsv", "drug\tdose\nriluzole\t50 mg\n")
    assert blocks(document) == [("row", "drug | dose"), ("row", "riluzole | 50 mg")]


def test_half_a_character_in_json_does_not_stop_anything(tmp_path: Path) -> None:
    [document] = records(tmp_path, "r.jsonl", '{"text": "It is \\ud800 blue.", "authors": ["A. \\udfff"]}')
    assert (document.text, document.authors) == ("It is \ufffd blue.", ("A. \ufffd",))


def test_half_a_character_in_a_given_text_keeps_every_place() -> None:
    text = "Zinc \ud800 is a metal. It is blue."
    document = from_text("a \udfff", text)
    assert (document.text, document.id) == (text.replace("\ud800", "\ufffd"), "a%20%EF%BF%BD")
    assert [sentence.start for sentence in sentences(document)] == [0, text.index("It is")]


JSON_LINES = ['{"text": "Zinc is blue."}', '{"text": "Iron', "", '{"text": "Gold is soft."}', "[" * 20_000 + "1", "7"]


@pytest.mark.parametrize(
    ("name", "lines", "texts", "unread"),
    [
        ("r.jsonl", JSON_LINES, ["Zinc is blue.", "Gold is soft."], "line 2 is not readable JSON; mend it"),
        (
            "r.json",
            ["[", '{"text": "Zinc is blue."},', '{"text": "Iron},', '{"text": "Gold is soft."}', "]"],
            ["Zinc is blue.", "Gold is soft."],
            "line 3 is not readable JSON; mend it",
        ),
        (
            "r.jsonl",
            ['{"text": "Zinc is blue."}', *["{"] * 12],
            ["Zinc is blue."],
            "line 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more is not readable JSON; mend it",
        ),
        (
            "r.csv",
            ["title,text", "Zinc,It is blue", "Iron,It rusts, and is heavy", '"Tin"x,y', '"Gold","It is', 'soft."', ""]
            + ['Lead,"It is heavy'],
            ["It is blue", "It is\nsoft."],
            "line 3, 4, 8 does not fit the columns; check its quotation marks",
        ),
        ("r.csv", ["text", "It is red, or blue"], ["It is red, or blue"], ""),
        ("r.csv", ["title,text", "Zinc,It is blue,,", "Iron"], ["It is blue"], ""),
    ],
)
def test_a_broken_record_costs_no_other_and_is_named(
    tmp_path: Path, name: str, lines: list[str], texts: list[str], unread: str
) -> None:
    found = records(tmp_path, name, "\n".join(lines))
    assert [document.text for document in found] == [" ".join(text.split()) for text in texts]
    assert [document.unread for document in found] == [unread] + [""] * (len(texts) - 1)


# -- in a process of its own ---


def test_a_reader_apart_gives_the_same_documents(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MARKDOWN)
    (tmp_path / "b.pdf").write_bytes(pdf(["It is on page one."], ["It is on page two."]))
    (tmp_path / "c.txt").write_bytes(b"\0\0")
    with Reader() as reader:
        for name in ("a.md", "b.pdf"):
            assert reader.read(tmp_path / name, root=tmp_path) == read(tmp_path / name, root=tmp_path)
        with pytest.raises(Unreadable, match="binary data, not text"):
            reader.read(tmp_path / "c.txt", root=tmp_path)
        with pytest.raises(Unreadable, match="No such file"):
            reader.read(tmp_path / "d.txt", root=tmp_path)


HANGING = """
import time
from index import read
def wait(data): time.sleep(60)
def fill(data): return [bytearray(200_000_000) for _ in range(20)]
def crash(data): import os; os.abort()
def break_down(data): return data.nothing
read.READERS |= {".wait": wait, ".fill": fill, ".crash": crash, ".bug": break_down}
from index.apart import serve
serve()
"""


@pytest.mark.parametrize(
    ("suffix", "reason"),
    [
        (".wait", "reading it takes longer than 3 seconds; split it or save it in another format"),
        (".fill", "reading it takes more than 768 MB of memory; split it"),
        (".crash", "its reader broke down; save it in another format"),
        (".bug", "its reader broke down (AttributeError: 'bytes' object has no attribute 'nothing'); save it in"),
    ],
)
def test_a_file_costs_no_more_than_its_limits_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, reason: str
) -> None:
    (tmp_path / f"a{suffix}").write_text("Words.")
    (tmp_path / "b.txt").write_text("It is here.")
    monkeypatch.setattr("index.apart.SERVE", HANGING)
    with Reader(seconds=3) as reader:
        with pytest.raises(Unreadable) as raised:
            reader.read(tmp_path / f"a{suffix}", root=tmp_path)
        assert str(raised.value).startswith(reason)
        assert [d.text for d in reader.read(tmp_path / "b.txt", root=tmp_path)] == ["It is here."]


def test_the_next_file_is_read_ahead_and_costs_the_one_before_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["a.txt", "b.crash", "c.txt", "d.txt"]
    for name in names:
        (tmp_path / name).write_text(f"It is {name}.")
    a, b, c, d = (tmp_path / name for name in names)
    monkeypatch.setattr("index.apart.SERVE", HANGING)
    with Reader() as reader:
        assert [document.text for document in reader.read(a, root=tmp_path, then=b)] == ["It is a.txt."]
        with pytest.raises(Unreadable, match="its reader broke down"):
            reader.read(b, root=tmp_path, then=c)
        assert [document.text for document in reader.read(c, root=tmp_path, then=a)] == ["It is c.txt."]
        assert [document.text for document in reader.read(d, root=tmp_path)] == ["It is d.txt."]  # not a, after all


# -- broken and hostile files ---


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "the file is empty"),
        ("a.docx", b"", "the file is empty"),
        ("a.html", b"", "the file is empty"),
        ("a.pdf", b"", "the file is empty"),
        ("a.txt", b" \n\t\n ", "the file is empty"),
        ("a.txt", b"Menu\n\nSign in\n\nLoading...", "no text found in it"),
        ("a.txt", bytes(range(256)) * 40, "binary data, not text"),
        ("a.md", b"\x89PNG\r\n\x1a\n\0\0\0", "binary data, not text"),
        ("a.html", b"\x89PNG\r\n\x1a\n\0\0\0" * 50, "no main text found in the page"),
        ("a.html", b"<html><body></body></html>", "no main text found in the page"),
        ("a.pdf", b"Just words, not a PDF.", "not a readable PDF"),
        ("a.pdf", pdf(["It is long enough to be cut in half."])[:300], "not a readable PDF"),
        ("a.docx", b"PK", "not a readable docx: File is not a zip file"),
        ("a.xlsx", b"PK", r"no reader for \.xlsx; \.txt"),
        ("a.csv", b"title,text\n", "no text found in it"),
        (
            "a.csv",
            b'title,"te""xt\nZinc,It is blue.',
            "not a readable table: line 1, 2 does not fit the columns; check",
        ),
        (
            "a.csv",
            b"title,text\nZinc,It is blue, and red",
            "not a readable table: line 2 does not fit the columns; check",
        ),
        ("a.json", b"{", "not readable JSON"),
        ("a.jsonl", b'{"text": "It is blue.\n{"text": "It is red."', "not readable JSON"),
        ("a.jsonl", b'{"a":' * 100_000, "nested too deeply"),
        ("a.jsonl", b"[" * 100_000, "nested too deeply"),
        ("a.jsonl", b'{"title": "Zinc", "text": ""}', "no text found in it"),
        ("README", b"Words.", "no reader for files without a suffix"),
    ],
)
def test_a_broken_file_gives_its_reason(reading, name: str, content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        reading(name, content)


@pytest.mark.parametrize(
    ("limit", "value", "name", "content", "reason"),
    [
        ("index.read.MAX_BYTES", 3_000_000, "a.txt", b"It is. " * 500_000, "larger than 3 MB; split the file"),
        (
            "index.read.MAX_LETTERS",
            3_000_000,
            "a.txt",
            b"It is. " * 500_000,
            "more than 3 million letters; split the file",
        ),
        ("index.read.MAX_PAGES", 1, "a.pdf", pdf(["It is."], ["It was."]), "more than 1 pages; split the file"),
        ("index.records.MAX_RECORDS", 1, "a.jsonl", b'{"text": "It is."}\n' * 2, "more than 1 records; split the file"),
        ("index.records.MAX_RECORDS", 1, "a.csv", b"text\nIt is.\nIt was.", "more than 1 records; split the file"),
    ],
)
def test_a_file_over_a_limit_gives_its_reason(
    reading, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, name: str, content: bytes, reason: str
) -> None:
    monkeypatch.setattr(limit, value)
    with pytest.raises(Unreadable, match=reason):
        reading(name, content)


def test_a_broken_page_costs_no_other_and_is_named(reading) -> None:
    """The second page of three is told to be at a place where there is none."""
    whole = pdf(["It is on page one."], ["It is on page two."], ["It is on page three."])
    pages = re.findall(rb"\d+ 0 R", re.search(rb"/Kids \[([^]]*)\]", whole)[1])
    document = reading(
        "a.pdf", whole.replace(b"[ " + b" ".join(pages), b"[ " + b" ".join([pages[0], b"99 0 R", pages[2]]))
    )
    assert document.text == "It is on page one.\n\nIt is on page three."
    assert document.unread == "page 2 cannot be read"
    assert [document.page(start) for start in (0, document.text.index("three"))] == [1, 3]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", pdf(["It is a PDF."])),
        ("a.html", pdf(["It is a PDF."])),
    ],
)
def test_a_pdf_with_another_suffix_is_read_as_what_it_is(reading, name: str, content: bytes) -> None:
    assert reading(name, content).text == "It is a PDF."


def test_a_page_saved_as_text_is_read_as_a_page(reading) -> None:
    assert blocks(reading("a.txt", HTML)) == blocks(reading("a.html", HTML))


def test_a_text_that_begins_with_a_tag_is_a_text(reading) -> None:
    text = "<!DOCTYPE html> is the first line of a web page, and a <title> follows."
    assert reading("a.txt", text).text == text
    assert reading("a.md", "<html> is a tag of pages.").text == "is a tag of pages."


def test_a_suffix_in_capitals_is_read(reading) -> None:
    assert reading("A.TXT", "It is loud.").text == "It is loud."


def test_a_web_page_with_10_000_nested_tags(reading) -> None:
    page = "<html><body>" + "<div>" * 10_000 + f"<p>{PARAGRAPH}</p>" + "</div>" * 10_000 + "</body></html>"
    try:
        document = reading("a.html", page)
    except Unreadable:
        return
    assert PARAGRAPH in document.text


def test_markdown_with_10_000_nested_quotes(reading) -> None:
    try:
        document = reading("a.md", ">" * 10_000 + " deep")
    except (Unreadable, RecursionError):
        return
    assert "deep" in document.text


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_one_line_of_5_megabytes_is_read_in_seconds(reading, name: str) -> None:
    line = "Glutamate excites nerve cells. " * 160_000
    start = time.perf_counter()
    document = reading(name, line)
    assert document.text == line.strip()
    assert time.perf_counter() - start < 10


def test_a_stray_zero_byte_does_not_hide_what_follows(reading) -> None:
    text = reading("a.txt", "Words come first. " * 300 + "Then a zero\0byte. It goes on.").text
    assert text.endswith("Then a zero byte. It goes on.")


def test_markup_in_a_text_stays_text(reading) -> None:
    line = "<script>alert(1)</script> is shown as it is."
    assert reading("a.txt", line).text == line


# -- ids and offsets ---


@pytest.mark.parametrize(
    ("source", "id"),
    [
        ("a.txt", "a.txt"),
        ("b/é.txt", "b/é.txt"),
        ("my file.txt", "my%20file.txt"),
        ("my%20file.txt", "my%2520file.txt"),
        ("tab\there.txt", "tab%09here.txt"),
        ("no\u00a0break.txt", "no%C2%A0break.txt"),
    ],
)
def test_ids_hold_no_white_space(source: str, id: str) -> None:
    assert document_id(source) == id


@given(st.lists(st.text(min_size=1), min_size=2, max_size=5, unique=True))
def test_ids_are_one_word_and_different(sources: list[str]) -> None:
    ids = [document_id(source) for source in sources]
    assert [id.split() for id in ids] == [[id] for id in ids]
    assert len(set(ids)) == len(ids)


def test_blocks_of_a_given_text_point_into_it_as_it_was() -> None:
    text = "  Glutamate\r\n\r\n* One  item.\n\n\tIt   has\n\nodd spacing.  "
    document = from_text("d", text)
    assert document.text == text
    assert [text[block.start : block.end] for block in document.blocks] == [
        "Glutamate",
        "One  item.",
        "It   has",
        "odd spacing.",
    ]


@given(st.text(alphabet=st.sampled_from("ab. \n\t|•-1)?A"), max_size=200))
def test_blocks_are_in_order_and_never_blank(text: str) -> None:
    found = list(find_blocks(text))
    ends = [0, *(block.end for block in found)]
    assert all(before <= block.start < block.end for before, block in zip(ends, found, strict=False))
    assert all(text[block.start : block.end].strip() == text[block.start : block.end] for block in found)


def test_the_stored_text_is_its_blocks(reading) -> None:
    for name, content in (("a.txt", "One.\n\n  Two   words.\n\nMenu"), ("a.md", MARKDOWN), ("a.html", HTML)):
        document = reading(name, content)
        assert document.text == "\n\n".join(text for _, text in blocks(document))


def test_pages_and_blocks_by_offset() -> None:
    document = Document(id="d", text="x" * 30, pages=(0, 10, 10, 20))
    assert [document.page(offset) for offset in (0, 9, 10, 19, 20, 29)] == [1, 1, 3, 3, 4, 4]
    assert Document(id="d", text="x").page(0) is None
    given_text = from_text("d", "Heading\n\nA sentence is here.")
    assert given_text.block_at(0) == given_text.blocks[0]
    assert given_text.block_at(7) is None
    assert given_text.block_at(9) == given_text.blocks[1]
