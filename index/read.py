"""File to Document: one reader per format, in a table by suffix.

A reader turns bytes into text and blocks and takes the metadata that its format declares; what all formats
share (furniture, titles and bylines in the text) is left to ``clean``. Scanned PDF pages are named, not read.
"""

import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from charset_normalizer import from_bytes
from lxml.etree import _Element
from markdown_it import MarkdownIt
from pypdfium2 import PdfDocument, PdfiumError
from trafilatura import bare_extraction

from index.clean import clean, compact
from index.errors import Unreadable
from index.types import Block, BlockKind, Document

VERSION = 2
"""Raise it when reading, cleaning or splitting changes what is stored: every file is then read again."""

MAX_BYTES = 50_000_000
MAX_PAGES = 2_000
MAX_LETTERS = 5_000_000

BULLET = re.compile(r"\s*(?:[•‣▪●◦·*–-]|\d{1,2}[.)])\s+(?=\S)")
SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)

Part = tuple[str, BlockKind]


def read(path: Path, *, root: Path) -> list[Document]:
    """Read and clean one file; ``source`` is its path below ``root``. Raises Unreadable with the reason."""
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1_000_000} MB; split the file")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise Unreadable(f"no reader for {path.suffix or 'files without a suffix'}; {SUPPORTED} can be read")
    source = source_of(path, root)
    document = compact(clean(reader(path.read_bytes())))
    if not any(block.kind != "heading" for block in document.blocks):
        raise Unreadable("no text found in it")
    if len(document.text) > MAX_LETTERS:
        raise Unreadable(f"more than {MAX_LETTERS // 1_000_000} million letters; split the file")
    return [replace(document, id=document_id(source), source=source, title=document.title or Path(source).stem)]


def source_of(path: Path, root: Path) -> str:
    """The path below ``root``; bytes of a file name that are no Unicode are written as escapes."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")


def document_id(source: str) -> str:
    """The source as one word, since TREC files split on white space: ``my file.txt`` -> ``my%20file.txt``."""
    return quote(source, safe="/!#$&'()*+,:;=?@[]~é") if re.search(r"[\s%\x00-\x1f]", source) else source


def from_text(id: str, text: str) -> Document:
    """A document from text in memory, stored as given so that citations count in the caller's own string."""
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
    """A short line that is no sentence, or that is one short question."""
    words = len(line.split())
    question = line.endswith("?") and words <= 25
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
        elif token.type in ("heading_close", "list_item_close"):
            kind = "paragraph"


def _inline(token: Any) -> str:
    """The words of a Markdown span; pictures and raw HTML tags say nothing that can be cited."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )


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
    if not data.strip():
        raise Unreadable("the file is empty")
    page = bare_extraction(data, include_comments=False, with_metadata=True)
    if page is None or page.body is None:  # type: ignore[union-attr]
        raise Unreadable("no main text found in the page")
    metadata = {name: getattr(page, name) or "" for name in ("title", "date", "url")}
    authors = tuple(name.strip() for name in (getattr(page, "author", "") or "").split(";") if name.strip())
    return assemble(_html_parts(page.body), authors=authors, **metadata)  # type: ignore[union-attr]


def _html_parts(body: _Element) -> Iterator[Part]:
    kinds: dict[str, BlockKind] = {"head": "heading", "p": "paragraph", "item": "item", "row": "row"}
    for element in body.iter(*kinds):
        if any(parent.tag in kinds for parent in element.iterancestors()):
            continue
        if element.tag == "row":
            yield " | ".join(" ".join(cell.itertext()) for cell in element), "row"
        else:
            yield "".join(element.itertext()), kinds[element.tag]


def read_pdf(data: bytes) -> Document:
    """Page by page; lines that most pages repeat at their edges are running heads and are left out."""
    try:
        with PdfDocument(io.BytesIO(data)) as pdf:
            if len(pdf) > MAX_PAGES:
                raise Unreadable(f"more than {MAX_PAGES} pages; split the file")
            title = pdf.get_metadata_value("Title")
            author = pdf.get_metadata_value("Author")
            texts = [_pdf_page(page) for page in pdf]
    except PdfiumError as error:
        raise Unreadable(f"not a readable PDF: {error}") from error
    if not any(text.strip() for text in texts):
        raise Unreadable("no text on any page: it looks scanned; run text recognition on it first")
    return _join_pages(_without_running_heads(texts), title=title, authors=(author,) if author else ())


def _pdf_page(page: Any) -> str:
    text = page.get_textpage().get_text_bounded()
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


READERS: dict[str, Callable[[bytes], Document]] = {
    ".txt": read_txt,
    ".text": read_txt,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".pdf": read_pdf,
}
SUPPORTED = ", ".join(READERS)
