"""Page furniture out; title, authors, date and DOI found.

What is not the document's own prose (menus, share lines, comment boxes, links to other articles, the machine
fields of a library record) is dropped block by block, from what the block says and from where it stands.
Text inside a block is never touched. A doubtful block is kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from index.dates import DATE, iso_date
from index.furniture import TRAIL, announces_links, is_furniture, is_picture
from index.types import Block, Document

LONG = 200
"""Letters; no menu line has so many."""

CAPITAL = "[A-ZÀ-ÖØ-ÞČĆŁŚŠŻŽ]"
PARTICLE = r"(?:(?:van|von|de|der|den|la|le|di|da|dos|del|bin|ten|ter)\s)"
NAME = rf"(?:{CAPITAL}[\w'’-]*\.?\s){{1,3}}{PARTICLE}{{0,2}}{CAPITAL}[\w'’-]*"
CREDENTIAL = r"(?:M\.?D|Ph\.?\s?D|R\.?N|D\.?O|MSc|BSc|MPH|PharmD|Psy\.?D|FRCP\w*|LCSW|NP)\b\.?"
MADE = r"(?:posted|published|written|reviewed|edited|updated|submitted|created|article|story|text|words|essay|post)"
BYLINE = re.compile(
    rf"(?:(?i:(?:.{{0,30}}\b)?{MADE}\b.{{0,30}}?\b)|.{{0,12}}\b(?:19|20)\d\d\b\W{{1,3}})?"
    rf"(?i:by|authors?)[:\s]\s*({NAME}(?:(?:,|\sand|\s&|;)\s{NAME})*)\.?"
    rf"(?:,\s*{CREDENTIAL})*(?:\s*[|•·,–-].{{0,60}})?"
)
"""A short line that ends in names: "By A. Jones", "Posted on 9 May 2016 by Jen W."."""
SIGNED = re.compile(rf"\bby\b[^.\n]{{0,60}}?({NAME}),\s*{CREDENTIAL}")
AUTHOR_MARK = re.compile(r"author[-_ ]?(?:img|image|photo)?:?|written by|by", re.IGNORECASE)
ONLY_NAME = re.compile(NAME)

DATED = re.compile(
    r"\b(?:published|posted|updated|reviewed|revised|modified|date|dated|written|created)(?: online| on)?:?\s+",
    re.IGNORECASE,
)
DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>|]+[^\s\"<>|.,;)\]]")
FIELD = re.compile(r"\s*(\w[\w -]{0,30}?)\s*\|\s*(.*?)\s*\|?\s*", re.DOTALL)

BYLINE_LENGTH = 120
HEAD_BLOCKS = 12
"""How many blocks from the top a byline or date may stand."""


def clean(document: Document) -> Document:
    """The same text with only its own prose in ``blocks``, and the metadata that the text itself states."""
    document = _record(document) or _described(document)
    keep = _without_furniture(document)
    title = document.title or _title(document, keep)
    keep = _without_title_copies(document, keep, title)
    return replace(document, title=title, blocks=tuple(_with_a_body(document, keep)))


def compact(document: Document) -> Document:
    """Rebuild the text from the kept blocks alone: one blank line between them, single spaces inside."""
    text, blocks, pages = "", [], []
    starts = list(document.pages)
    for block in document.blocks:
        gap = "\n\n" if text else ""
        while starts and starts[0] <= block.start:
            starts.pop(0)
            pages.append(len(text + gap))
        part = " ".join(document.text[block.start : block.end].split())
        blocks.append(Block(len(text + gap), len(text + gap + part), block.kind))
        text += gap + part
    pages += [len(text)] * len(starts)
    return replace(document, text=text, blocks=tuple(blocks), pages=tuple(pages))


def _say(document: Document, block: Block) -> str:
    return " ".join(document.text[block.start : block.end].split())


# -- what is not prose ---


def _without_furniture(document: Document) -> list[Block]:
    """Drop what is furniture by its own words, then what stands beside or below furniture as only furniture does."""
    marks = [is_furniture(_say(document, b)) or _is_byline(document, i) for i, b in enumerate(document.blocks)]
    for find in (_trails, _menus, _links, _left_between, _captions):
        for i in find(document, marks):
            marks[i] = True
    return [block for block, mark in zip(document.blocks, marks, strict=True) if not mark]


Marks = list[bool]
"""For each block of a document, whether it is known to be furniture; the rules below give the places of more."""


def _trails(document: Document, marks: Marks) -> Iterator[int]:
    """Breadcrumbs above the first long block; where all are short, those beside furniture."""
    long = next(_long(document), None)
    for i, block in enumerate(document.blocks[:long]):
        if long is None and (block.kind == "paragraph" or True not in marks[max(0, i - 1) : i + 2]):
            continue
        if TRAIL.fullmatch(_say(document, block)):
            yield i


def _menus(document: Document, marks: Marks) -> Iterator[int]:
    """Rows of short cells with no other row beside them but furniture; a table has more than one row."""
    blocks = document.blocks
    for i, block in enumerate(blocks):
        rows = [j for j in (i - 1, i + 1) if 0 <= j < len(blocks) and blocks[j].kind == "row"]
        cells = _say(document, block).split("|")
        short = len(cells) > 2 and all(len(cell.split()) <= 4 for cell in cells)
        if block.kind == "row" and short and all(marks[j] for j in rows):
            yield i


def _links(document: Document, marks: Marks) -> Iterator[int]:
    """The headings, or unfinished list items, below a line that announces links; not a heading that prose follows."""
    blocks = document.blocks
    last_prose = max((i for i, b in enumerate(blocks) if not marks[i] and _is_prose(document, b)), default=-1)
    for i in [i for i, block in enumerate(blocks) if announces_links(_say(document, block))]:
        below: list[int] = []
        for j in range(i + 1, len(blocks)):
            alike = blocks[j].kind == blocks[i + 1].kind and blocks[j].kind in ("heading", "item")
            if not alike or marks[j] or _is_prose(document, blocks[j]):
                break
            below.append(j)
        heads_prose = below and blocks[i + 1].kind == "heading" and below[-1] < last_prose
        yield from below[:-1] if heads_prose else below


def _left_between(document: Document, marks: Marks) -> Iterator[int]:
    """Below the last long block, an unfinished line between two pieces of furniture or one and the end."""
    blocks, last = document.blocks, len(document.blocks) - 1
    end = max((i for i in _long(document) if not marks[i]), default=last)
    for i in range(end + 1, len(blocks)):
        if not marks[i] and marks[i - 1] and (i == last or marks[i + 1]) and not _is_prose(document, blocks[i]):
            yield i


def _captions(document: Document, marks: Marks) -> Iterator[int]:
    """Short lines straight below the description of a picture."""
    for i, (before, block) in enumerate(pairwise(document.blocks), 1):
        touching = document.text.count("\n", before.end, block.start) <= 1
        if touching and is_picture(_say(document, before)) and block.end - block.start <= LONG:
            yield i


def _long(document: Document) -> Iterator[int]:
    """The places of the blocks that are surely prose by their length."""
    return (i for i, block in enumerate(document.blocks) if block.end - block.start > LONG)


def _is_prose(document: Document, block: Block) -> bool:
    """Whether a block is a paragraph, or ends as a sentence does."""
    return block.kind == "paragraph" or bool(re.search(r"[.!:;…][\"'”’)]*$", _say(document, block)))


def _without_title_copies(document: Document, blocks: list[Block], title: str) -> list[Block]:
    """A page often prints its title twice; the first copy stays."""
    copies = [block for block in blocks if _say(document, block) == title]
    later = set(copies[1:])
    return [block for block in blocks if block not in later]


def _with_a_body(document: Document, blocks: list[Block]) -> list[Block]:
    """Drop the headings at the end that nothing follows, and questions that nobody answers.

    Both are links to other pages. A text that is all headings is a short note: its lines are its prose.
    """
    if blocks and all(block.kind == "heading" for block in blocks):
        return [replace(block, kind="paragraph") for block in blocks]
    blocks = blocks[: max((i for i, block in enumerate(blocks, 1) if block.kind != "heading"), default=0)]

    def unanswered(i: int) -> bool:
        question = all(b.kind == "heading" and _say(document, b).endswith("?") for b in blocks[i : i + 2])
        return question and 0 < i < len(blocks) - 1

    return [block for i, block in enumerate(blocks) if not unanswered(i)]


# -- what the text says of itself ---


def _title(document: Document, blocks: list[Block]) -> str:
    """The first heading, if it stands at the top."""
    first = blocks[0] if blocks else None
    return _say(document, first) if first and first.kind == "heading" else ""


def _is_byline(document: Document, i: int) -> bool:
    line = _say(document, document.blocks[i])
    if i > HEAD_BLOCKS or len(line) > BYLINE_LENGTH:
        return False
    after_mark = i > 0 and AUTHOR_MARK.fullmatch(_say(document, document.blocks[i - 1])) is not None
    named = BYLINE.fullmatch(line) or AUTHOR_MARK.fullmatch(line) or (after_mark and ONLY_NAME.fullmatch(line))
    date = _date_in(line)
    return bool(named) or (date is not None and date.end() == len(line.rstrip(" .|")))


def _described(document: Document) -> Document:
    """Fill authors, date and DOI from bylines near the top or the signature at the end, where not declared."""
    lines = [_say(document, block) for block in document.blocks]
    head = lines[: HEAD_BLOCKS + 1]
    return replace(
        document,
        authors=document.authors or _authors(head, lines),
        date=document.date or _date(head),
        doi=document.doi or _doi(head),
    )


def _authors(head: list[str], lines: Iterable[str]) -> tuple[str, ...]:
    for before, line in zip(["", *head], head, strict=False):
        if AUTHOR_MARK.fullmatch(before) and ONLY_NAME.fullmatch(line):
            return (line,)
        byline = BYLINE.fullmatch(line) if len(line) <= BYLINE_LENGTH else None
        if byline:
            return tuple(re.findall(NAME, byline[1]))
    signatures = (SIGNED.search(line) for line in lines if is_furniture(line))
    return next(((found[1],) for found in signatures if found), ())


def _date(head: list[str]) -> str:
    found = (_date_in(line) for line in head if len(line) <= BYLINE_LENGTH)
    return next((iso_date(date) for date in found if date), "")


def _date_in(line: str) -> re.Match[str] | None:
    """The date of a line that is one, or that says that something was published or updated then."""
    dated = filter(None, (DATE.match(line, found.end()) for found in DATED.finditer(line)))
    signed = BYLINE.fullmatch(line) and DATE.search(line)
    return next(dated, None) or DATE.fullmatch(line) or signed


def _doi(lines: Iterable[str]) -> str:
    return next((found[0] for found in map(DOI.search, lines) if found), "")


# -- library records ---

BODY_FIELDS = ("description", "abstract", "summary", "dc.description.abstract")
RECORD_FIELDS = {"author", "title", "url", "publisher", "format", "language", "topic", "id", *BODY_FIELDS}


def _record(document: Document) -> Document | None:
    """A catalogue's table of machine fields: its abstract is the text, its fields the metadata.

    None where the document has no such table.
    """
    rows: dict[str, tuple[int, int]] = {}
    for block in document.blocks:
        row = FIELD.fullmatch(document.text, block.start, block.end) if block.kind == "row" else None
        if row:
            rows.setdefault(row[1].lower(), row.span(2))
    body = next((name for name in BODY_FIELDS if rows.get(name)), None)
    if body is None or len(RECORD_FIELDS & rows.keys()) < 4:
        return None
    value = {name: document.text[slice(*span)] for name, span in rows.items()}
    everything = " ".join(value.values())
    return replace(
        document,
        title=document.title or value.get("title", ""),
        authors=document.authors or _inverted_names(value.get("author", "")),
        date=document.date or value.get("publishdate", value.get("date", value.get("year", ""))),
        url=document.url or next(iter(re.findall(r"https?://\S+", value.get("url", ""))), ""),
        doi=document.doi or _doi([value.get("doi", ""), everything]),
        kind=document.kind or "record",
        blocks=(*_prose_outside(document, value[body]), Block(*rows[body], "paragraph")),
    )


def _prose_outside(document: Document, abstract: str) -> list[Block]:
    """Paragraphs beside the table that the abstract does not repeat."""

    def new(block: Block) -> bool:
        words = _say(document, block).rstrip(".… ")
        return block.kind == "paragraph" and len(words) > LONG and words[:150] not in abstract

    return [block for block in document.blocks if new(block)]


def _inverted_names(text: str) -> tuple[str, ...]:
    """``Kim, Jeongseop Koo, Ja Wook`` -> ``("Kim, Jeongseop", "Koo, Ja Wook")``."""
    surnames = list(re.finditer(rf"{PARTICLE}*[^\s,;|]+,\s", text))
    ends = [match.start() for match in surnames[1:]] + [len(text)]
    return tuple(text[m.start() : end].strip(" ;|") for m, end in zip(surnames, ends, strict=True))
