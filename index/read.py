"""File to Document: one reader per format, in a table by suffix.

A reader turns bytes into text and blocks and takes the metadata that its format declares; what all formats
share (furniture, titles and bylines in the text) is left to ``clean``. Scanned PDF pages are named, not read. The
library of a format is imported with its first file: a question, and a folder of plain text, wait for none of them.
"""

import io
import os
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml

from index import records
from index.clean import clean, compact
from index.errors import Unreadable
from index.kind import declared, described
from index.types import Block, BlockKind, Document

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement
    from pypdfium2 import PdfDocument

VERSION = 5
"""Raise it when reading, cleaning or splitting changes what is stored: every file is then read again."""

MAX_BYTES = 50_000_000
MAX_PAGES = 2_000
MAX_LETTERS = 5_000_000
MAX_UNPACKED = 200_000_000
"""Bytes that the parts of a docx may have when they are unpacked."""

BULLET = re.compile(r"\s*(?:[•‣▪●◦·*–-]|\d{1,2}[.)])\s+(?=\S)")
SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)

CLOSED_TAGS = 3
"""The fewest closing tags of a web page: those of its title or text, its body, and itself."""

SURROGATE = re.compile("[\ud800-\udfff]")

WORDED = ("text", "title", "date", "url", "doi", "kind", "notice")

Part = tuple[str, BlockKind]


def read(path: Path, *, root: Path) -> list[Document]:
    """Read and clean one file; ``source`` is its path below ``root``. Raises Unreadable with the reason."""
    refuse(path, root)
    data = path.read_bytes()
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        found = READERS[_true_suffix(path.suffix.lower(), data)](data)
    except RecursionError as error:
        raise Unreadable("nested too deeply; save it in another format") from error
    documents = [_cleaned(document) for document in (found if isinstance(found, list) else [found])]
    if len(documents) > 1:
        documents = [document for document in documents if _has_prose(document)]
    if not documents or not _has_prose(documents[0]):
        raise Unreadable("no text found in it")
    if sum(len(document.text) for document in documents) > MAX_LETTERS:
        raise Unreadable(f"more than {MAX_LETTERS // 1_000_000} million letters; split the file")
    return list(_named(documents, source_of(path, root)))


def refuse(path: Path, root: Path) -> None:
    """Raise Unreadable for what can be told to be unreadable without reading it."""
    if leads_out(path, root):
        raise Unreadable("a link that leads out of the folder; copy the file into it")
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1_000_000} MB; split the file")
    if path.suffix.lower() not in READERS:
        raise Unreadable(f"no reader for {path.suffix or 'files without a suffix'}; {SUPPORTED} can be read")


def leads_out(path: Path, root: Path) -> bool:
    """Whether a path is, or goes through, a link to a place that is not in the folder, or to none."""
    try:
        return not path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # it leads nowhere, or round in a circle
        return path.is_symlink()


def _true_suffix(suffix: str, data: bytes) -> str:
    """The suffix that fits what a file begins with, where its name says something else.

    A text that begins with a tag or two is still a text: a page also closes some.
    """
    start = data[:512].lstrip().lower()
    if start.startswith(b"%pdf-"):
        return ".pdf"
    if start.startswith(b"pk\x03\x04") and suffix in TEXTUAL:
        return ".docx"
    if start.startswith((b"<!doctype html", b"<html")) and suffix in TEXTUAL and data.count(b"</") >= CLOSED_TAGS:
        return ".html"
    return suffix


def _cleaned(document: Document) -> Document:
    fields: dict[str, Any] = {name: without_surrogates(getattr(document, name)) for name in WORDED}
    whole = replace(document, authors=tuple(map(without_surrogates, document.authors)), **fields)
    return described(compact(clean(whole)), original=whole)


def without_surrogates(text: str) -> str:
    """Half characters, which JSON can hold and no file can, become the sign for what is unreadable."""
    return SURROGATE.sub("\ufffd", text)


def _has_prose(document: Document) -> bool:
    return any(block.kind != "heading" for block in document.blocks)


def _named(documents: list[Document], source: str) -> Iterator[Document]:
    """Documents with their ids and titles; those of a file that holds several are numbered from 1.

    What could not be read of the file is said at the first of them.
    """
    stem = Path(source).stem
    if len(documents) == 1:
        yield replace(documents[0], id=document_id(source), source=source, title=documents[0].title or stem)
        return
    for number, document in enumerate(documents, 1):
        id = document_id(f"{source}#{number}")
        unread = document.unread if number == 1 else ""
        yield replace(document, id=id, source=source, title=document.title or f"{stem} {number}", unread=unread)


def source_of(path: Path, root: Path) -> str:
    """The path below ``root``; bytes of a file name that are no Unicode are written as escapes."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")


def document_id(source: str) -> str:
    """The source as one word, since TREC files split on white space: ``my file.txt`` -> ``my%20file.txt``."""
    return quote(source, safe="/!#$&'()*+,:;=?@[]~é") if re.search(r"[\s%\x00-\x1f]", source) else source


def from_text(id: str, text: str) -> Document:
    """A document from text in memory, stored as given so that citations count in the caller's own string."""
    id, text = (without_surrogates(said) for said in (id, text))
    document = clean(Document(id="", text=text, blocks=tuple(find_blocks(text))))
    return replace(document, id=document_id(id), source=id, title=document.title or id)


# -- plain text ---


def read_txt(data: bytes) -> Document:
    text = decode(data)
    return Document(id="", text=text, blocks=tuple(find_blocks(text)))


def decode(data: bytes) -> str:
    """Bytes to text with ``\\n`` line ends; the character set is detected where it is not UTF-8."""
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("binary data, not text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        found = from_bytes(data[:200_000])
        # several Western sets fit most files equally well; the usual one of them first
        best = next((match for match in found if match.encoding == "cp1252"), found.best())
        if best is None:
            raise Unreadable("its character set is unknown; save it as UTF-8") from None
        text = data.decode(best.encoding, errors="replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")


def find_blocks(text: str) -> Iterator[Block]:
    """The paragraphs, headings, list items and table rows of plain text, as spans of it."""
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]*\S[^\n]*", text)]
    width = max((end - start for start, end in lines), default=0)
    group: list[tuple[int, int]] = []
    for line in lines:
        if group and not _continues(text, group[-1], line, width):
            yield _block(text, group[0][0], group[-1][1])
            group = []
        group.append(line)
    if group:
        yield _block(text, group[0][0], group[-1][1])


def _continues(text: str, before: tuple[int, int], line: tuple[int, int], width: int) -> bool:
    """Whether a line goes on with the paragraph of the line before it, as in hard-wrapped text."""
    first, second = text[slice(*before)].strip(), text[slice(*line)].strip()
    if text.count("\n", before[1], line[0]) > 1 or BULLET.match(text, line[0]) or is_row(second):
        return False
    wrapped = 45 <= width <= 120 and before[1] - before[0] >= 0.75 * width
    return wrapped or (second[:1].islower() and not SENTENCE_END.search(first))


def _block(text: str, start: int, end: int) -> Block:
    bullet = BULLET.match(text, start, end)
    if bullet:
        return Block(bullet.end(), start + len(text[start:end].rstrip()), "item")
    start += len(text[start:end]) - len(text[start:end].lstrip())
    line = text[start:end].rstrip()
    if is_row(line):
        return Block(start, start + len(line), "row")
    return Block(start, start + len(line), "heading" if is_heading(line) else "paragraph")


def is_row(line: str) -> bool:
    """A table row: a line with a bar that is not its first sign."""
    before, bar, _ = line.partition("|")
    return bool(bar and before.strip()) and "\n" not in line


def is_heading(line: str) -> bool:
    """A short line that is no sentence, or only questions."""
    words = len(line.split())
    question = line.endswith("?") and words <= 25 and not re.search(r"[.!]\s", line)
    return "\n" not in line and words <= 25 and len(line) <= 160 and (question or not SENTENCE_END.search(line))


# -- formats that say what is a heading and what a paragraph ---


def assemble(parts: Iterable[Part], **metadata: Any) -> Document:
    """Join texts into one document, a blank line between blocks."""
    text, blocks = "", []
    for part, kind in parts:
        part = " ".join(part.split())
        if part:
            start = len(text) + 2 if text else 0
            text = f"{text}\n\n{part}" if text else part
            blocks.append(Block(start, len(text), kind))
    return Document(id="", text=text, blocks=tuple(blocks), **metadata)


def read_markdown(data: bytes) -> Document:
    from markdown_it import MarkdownIt

    text = decode(data)
    front = FRONT_MATTER.match(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text[front.end() :] if front else text)
    return assemble(_markdown_parts(tokens), **(_front_matter(front[1]) if front else {}))


def _markdown_parts(tokens: list[Any]) -> Iterator[Part]:
    kinds: dict[str, BlockKind] = {"heading_open": "heading", "list_item_open": "item", "tr_open": "row"}
    kind: BlockKind = "paragraph"
    cells: list[str] = []
    for token in tokens:
        if token.type in kinds:
            kind = kinds[token.type]
        elif token.type == "tr_close":
            yield " | ".join(cells), "row"
            cells, kind = [], "paragraph"
        elif token.type == "inline" and kind == "row":
            cells.append(_inline(token))
        elif token.type == "inline":
            yield _inline(token), kind
        elif token.type == "html_block":
            yield _without_tags(token.content), "paragraph"
        elif token.type == "code_block":  # it is indented, as prose may be; code stands in a fence
            yield token.content, "paragraph"
        elif token.type in ("heading_close", "list_item_close"):
            kind = "paragraph"


def _inline(token: Any) -> str:
    """The words of a Markdown span; pictures and raw HTML tags say nothing that can be cited."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )


def _without_tags(markup: str) -> str:
    """The words of HTML that stands in a text."""
    from lxml.html import document_fromstring

    page = document_fromstring(f"<body>{markup}</body>")
    for element in page.xpath("//script | //style"):
        element.drop_tree()
    return str(page.text_content())


def _front_matter(block: str) -> dict[str, Any]:
    try:
        fields = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError):  # the latter for a date such as 2021-99-99
        return {}
    if not isinstance(fields, dict):
        return {}
    authors = fields.get("authors") or fields.get("author") or []
    return {
        "title": str(fields.get("title") or ""),
        "date": str(fields.get("date") or ""),
        "authors": tuple(str(author) for author in (authors if isinstance(authors, list) else [authors]) if author),
        "url": str(fields.get("url") or ""),
        "doi": str(fields.get("doi") or ""),
    }


def read_html(data: bytes) -> Document:
    from trafilatura import bare_extraction, load_html

    tree = load_html(data)
    page = None if tree is None else bare_extraction(_framed(tree), include_comments=False, with_metadata=True)
    if page is None or page.body is None:  # type: ignore[union-attr]
        raise Unreadable("no main text found in the page")
    metadata = {name: getattr(page, name) or "" for name in ("title", "date", "url")}
    authors = tuple(name.strip() for name in (getattr(page, "author", "") or "").split(";") if name.strip())
    parts = _html_parts(page.body)  # type: ignore[union-attr]
    return assemble(parts, authors=authors, kind=declared(data), **metadata)


def _framed(page: "HtmlElement") -> "HtmlElement":
    """A page that marks no part as its main text, with all of its body marked so.

    Without a mark trafilatura gathers single paragraphs and tables, and leaves headings and lists behind.
    """
    from lxml.html import Element
    from trafilatura.xpaths import BODY_XPATH

    body = page if page.find("body") is None else page.find("body")
    if not any(marked(page) for marked in BODY_XPATH):
        main = Element("main")
        main.text, body.text = body.text, None
        main.extend(body)
        body.append(main)
    return page


HTML_KINDS: dict[str, BlockKind] = {
    "head": "heading",
    "p": "paragraph",
    "quote": "paragraph",
    "item": "item",
    "row": "row",
}


def _html_parts(body: "_Element") -> Iterator[Part]:
    """Each block by itself, also one inside another: a list in an item, a paragraph in a quotation."""
    for element in body.iter(*HTML_KINDS):
        around = {parent.tag for parent in element.iterancestors(*HTML_KINDS)}
        if "row" in around:
            continue
        if element.tag == "row":
            yield " | ".join(" ".join(cell.itertext()) for cell in element), "row"
        else:
            yield _own_words(element), "item" if "item" in around else HTML_KINDS[element.tag]


def _own_words(element: "_Element") -> str:
    """The words of an element without those of the blocks inside it; lines and cells do not touch."""
    words = element.text or ""
    for child in element:
        own = "" if child.tag in (*HTML_KINDS, "list", "table") else _own_words(child)
        words += f" {own} " if not own or child.tag in ("td", "th") else own
        words += child.tail or ""
    return words


def read_pdf(data: bytes) -> Document:
    """Page by page; lines that most pages repeat at their edges are running heads and are left out."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        with PdfDocument(io.BytesIO(data)) as pdf:
            if len(pdf) > MAX_PAGES:
                raise Unreadable(f"more than {MAX_PAGES} pages; split the file")
            title = pdf.get_metadata_value("Title")
            author = pdf.get_metadata_value("Author")
            pages = [_pdf_page(pdf, number) for number in range(len(pdf))]
    except PdfiumError as error:
        raise Unreadable(f"not a readable PDF: {error}") from error
    if not any(text.strip() for text, _ in pages):
        raise Unreadable("no text on any page: it looks scanned; run text recognition on it first")
    texts = _without_running_heads([text for text, _ in pages])
    return _join_pages(texts, title=title, authors=(author,) if author else (), unread=_unread(pages))


def _pdf_page(pdf: "PdfDocument", number: int) -> tuple[str, str]:
    """The text of a page, and what is wrong with it."""
    from pypdfium2 import PdfiumError
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    try:
        page = pdf[number]
        text = _line_ends_mended(page.get_textpage().get_text_bounded())
        scanned = not text.strip() and any(page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=2))
    except PdfiumError:
        return "", "cannot be read"
    return text, "looks scanned; run text recognition on it" if scanned else ""


def _unread(pages: list[tuple[str, str]]) -> str:
    """Which pages say nothing, and why: ``page 2 looks scanned; run text recognition on it``."""
    wrong = dict.fromkeys(what for _, what in pages if what)
    numbers = {what: [str(n) for n, (_, found) in enumerate(pages, 1) if found == what] for what in wrong}
    return "; ".join(f"page {', '.join(which)} {what}" for what, which in numbers.items())


def _line_ends_mended(text: str) -> str:
    return text.replace("\x02", "").replace("\ufffe", "").replace("\r\n", "\n").replace("\r", "\n")


def _without_running_heads(pages: list[str]) -> list[str]:
    if len(pages) < 2:
        return pages
    edges = Counter(key for page in pages for key in {_edge_key(line) for line in _edges(page.split("\n"))})
    repeated = {key for key, count in edges.items() if count > len(pages) / 2}
    return [
        "\n".join(
            line for line in page.split("\n") if not (line in _edges(page.split("\n")) and _edge_key(line) in repeated)
        )
        for page in pages
    ]


def _edges(lines: list[str]) -> list[str]:
    return lines[:2] + lines[-2:]


def _edge_key(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _join_pages(pages: list[str], **metadata: Any) -> Document:
    text, starts, blocks = "", [], []
    for page in pages:
        starts.append(len(text))
        blocks += [replace(b, start=b.start + len(text), end=b.end + len(text)) for b in find_blocks(page)]
        text += page.rstrip() + "\n\n"
    return Document(id="", text=text, blocks=tuple(blocks), pages=tuple(starts), **metadata)


# -- word processors ---


def read_docx(data: bytes) -> Document:
    from docx import Document as open_docx
    from docx.opc.exceptions import PackageNotFoundError

    _refuse_bombs(data)
    try:
        file = open_docx(io.BytesIO(data))
        told, parts = file.core_properties, list(_docx_parts(file))
        authors = tuple(name.strip() for name in told.author.split(";") if name.strip() not in ("", "python-docx"))
        return assemble(parts, title=told.title, authors=authors)
    except (*DOCX_DAMAGE, PackageNotFoundError) as error:
        raise Unreadable(f"not a readable docx: {error}") from error


DOCX_DAMAGE = (
    *(LookupError, ValueError, RuntimeError, EOFError, AttributeError, SyntaxError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)
"""What unpacking a broken file, and finding one's way in it, may raise; broken XML is a SyntaxError."""


def _refuse_bombs(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except DOCX_DAMAGE as error:
        raise Unreadable(f"not a readable docx: {error}") from error
    if size > MAX_UNPACKED:
        raise Unreadable(f"unpacks to more than {MAX_UNPACKED // 1_000_000} MB; split the file")


def _docx_parts(file: Any) -> Iterator[Part]:
    from docx.table import Table

    for part in file.iter_inner_content():
        if isinstance(part, Table):
            yield from ((" | ".join(cell.text for cell in row.cells), "row") for row in part.rows)
        else:
            style = part.style.name.lower() if part.style is not None else ""
            yield part.text, "heading" if style.startswith(("heading", "title")) else _list_or_not(style)


def _list_or_not(style: str) -> BlockKind:
    return "item" if style.startswith("list") else "paragraph"


# -- tables of records ---


def read_csv(data: bytes) -> list[Document]:
    """A document for each row that is one; the whole table as one document where no row is."""
    rows, unread = records.csv_rows(decode(data))
    return _documents(rows, unread) or [assemble(records.table(rows), unread=unread)]


def read_json(data: bytes) -> list[Document]:
    return _documents(*records.json_rows(decode(data)))


def _documents(rows: list[records.Row], unread: str) -> list[Document]:
    return [assemble(parts, unread=unread, **records.metadata(row)) for row in rows if (parts := records.parts(row))]


READERS: dict[str, Callable[[bytes], Document | list[Document]]] = {
    ".txt": read_txt,
    ".text": read_txt,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": read_json,
    ".json": read_json,
}
TEXTUAL = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".docx", ".pdf")
"""Names that people give to files of another kind."""
SUPPORTED = ", ".join(READERS)
