"""Page furniture out; title, authors, date and DOI found.

What is not the document's own prose (menus, share lines, comment boxes, links to other articles, the machine
fields of a library record) is dropped block by block, from what the block says and from where it stands.
Text inside a block is never touched. A doubtful block is kept.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from index.types import Block, Document

FURNITURE = re.compile(
    r"""
      (?: back\ to\ | scroll\ to\ )?(?: top | bottom )(?:\ of\ (?:the\ )?page )?
    | skip\ to\ .{0,30} | (?: main\ )?menu | home(?:\ page)? | navigation | breadcrumbs?
    | search(?: \W* | \ (?: this\ site | the\ site | for\W* | here | results )\W* )
    | loader | loading\W* | cargando\W* | chargement\W* | please\ wait\W*
    | (?: author | avatar | featured | hero | header | blog )[-_\ ]?(?: img | image | photo | picture )
    | advertisements? | sponsored(?:\ content)? | ad
    | (?: sign | log )[\ -]?(?: in | up | out ).{0,40} | register | my\ account | (?: shopping\ )?cart\W*\d*
    | subscribe.{0,60} | newsletter | follow\ us.{0,60} | (?: follow | share | tweet | pin | print | email | like )
    | share\ (?: this | on | via | with | article | post | page ).{0,40}
    | (?: facebook | twitter | linkedin | pinterest | instagram | whatsapp | youtube | reddit )(?: [\ ,|/•·]+ \w+ )*
    | (?: \d+ | no )\ (?: comments? | likes? | shares? | views? | replies | responses ) | comments?\W*\d*
    | (?: leave | post | add | write | submit )\ (?: a | your )\ (?: comment | reply | review )s?.{0,40}
    | (?: related | recent | popular | more | latest | recommended | trending | similar | further )[ ]
        (?: posts? | articles? | stories | news | reading | topics | links | pages | content )\W*
    | you\ (?: may | might )\ (?: also\ )? (?: like | be\ interested\ in | enjoy )\W*
    | (?: read | see | view | show | load | learn )\ (?: more | next | all )\W* | continue\ reading.{0,20}
    | (?: previous | next | older | newer )(?:\ (?: post | article | page | entry | entries )s?)?\W*
    | (?: tags? | categor(?: y|ies ) | filed\ under | posted\ in )\s*[:•].{0,120}
    | \d+\ ?(?: min | mins | minutes? )\ read | reading\ time\W*\d.{0,12}
    | page\ \d+(?:\ of\ \d+)? | (?: table\ of\ )?contents
    | (?: privacy | cookie )\ (?: policy | notice | settings | preferences )\W* | all\ rights\ reserved\W*
    | terms\ (?: of | and | & )\ (?: use | service | conditions ).{0,40}
    | (?: copyright\W* )?(?: © | \(c\) ).{0,200} | copyright\W*\d{4}.{0,200}
    | contact(?:\ us)? | about(?:\ (?: us | me ))? | accept(?:\ all)?(?:\ cookies)? | skip | close | ok | got\ it\W*
    | (?: was\ this\ (?: page | article )\ helpful | rate\ this ).{0,40} | click\ here.{0,60}
    | powered\ by\ .{0,40} | (?: image | photo | picture )\ (?: credit | source | by )\W.{0,120}
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Whole lines that are furniture wherever they stand."""

SHARING = "like|share|follow|subscribe|comment|tweet|pin"
PROMPTS = re.compile(
    rf"""
      (?: important | read\ also | also\ read | see\ also | related | recommended | more\ from\ .{{3,30}}
        | you\ might\ also\ like | don't\ miss | trending | read\ more | read\ next | up\ next )
        \s*[:»›] [^.!]* $
    | (?: {SHARING} )(?: \s*(?: , | and | & | or )+\s* (?: {SHARING} )\b )+
    | (?: follow | subscribe | sign\ up | join | click | donate )\b .{{0,80}}
        \b(?: newsletter | mailing\ list | our\ (?: page | channel | community ) | social\ media )\b
    | disclaimer\s*: | (?: we | this\ (?: web )?site | our\ (?: web )?site )\ uses?\ cookies
    | by\ (?: continuing | using )\ (?: to\ (?: browse | use )\ )?(?: this | our )\ (?: web )?site
    | (?: the | this | all )?\ ?(?: information | content | material )s?\b .{{0,120}}
        \b(?: substitute\ for | not\ (?: intended | meant ) ) .{{0,80}} \b(?: medical | professional )\b
    | your\ email\ address\ will\ not\ be\ published
    | .{{0,60}} \b(?: book\ (?: an?\ )?(?: appointment | consultation ) | taking\ new\ patients
        | call\ us\ (?: today | now )
        | sign\ up\ for\ our | subscribe\ to\ our | follow\ us\ on | join\ our\ (?: newsletter | mailing | community ) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Beginnings of short blocks that talk to the visitor rather than about the subject."""

PICTURE = re.compile(
    r"\bin the (?:back|fore)ground\b|\btones dominate\b|\bstock (?:photo|image)"
    r"|\b(?:getty images|shutterstock|unsplash)\b",
    re.IGNORECASE,
)
BREADCRUMB = re.compile(r"[^.!?]{1,60}(?:\s(?:->|→|»|›|>)\s[^.!?]{1,60})+")
PROMPT_LENGTH = 400
SANDWICH_LENGTH = 200

NAME = r"(?:[A-Z][\w'’-]*\.?\s){1,3}[A-Z][\w'’-]*"
CREDENTIAL = r"(?:M\.?D|Ph\.?\s?D|R\.?N|D\.?O|MSc|BSc|MPH|PharmD|Psy\.?D|FRCP\w*|LCSW|NP)\b\.?"
BYLINE = re.compile(
    rf"(?:.{{0,60}}\b)?(?i:by|authors?)[:\s]\s*({NAME}(?:(?:,|\sand|\s&|;)\s{NAME})*)\.?"
    rf"(?:,\s*{CREDENTIAL})*(?:\s*[|•·,–-].{{0,60}})?"
)
"""A short line that ends in names: "By A. Jones", "Posted on 9 May 2016 by Jen W."."""
SIGNED = re.compile(rf"\bby\b[^.\n]{{0,60}}?({NAME}),\s*{CREDENTIAL}")
AUTHOR_MARK = re.compile(r"author[-_ ]?(?:img|image|photo)?:?|written by|by", re.IGNORECASE)
ONLY_NAME = re.compile(NAME)

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" for month in MONTHS)
DATE = re.compile(
    rf"(?P<iso>(?:19|20)\d\d-\d\d-\d\d)"
    rf"|(?P<m1>{MONTH})\.?\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y1>(?:19|20)\d\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<m2>{MONTH})\.?,?\s(?P<y2>(?:19|20)\d\d)"
    rf"|(?P<m3>{MONTH})\.?\s(?P<y3>(?:19|20)\d\d)|(?P<y4>\b(?:19|20)\d\d\b)",
    re.IGNORECASE,
)
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


def is_furniture(line: str) -> bool:
    """Whether a block is furniture by its own words: ``is_furniture("Leave a Comments")`` is True."""
    bare = line.strip(" \t•·|*-–_:#")
    return (
        not re.search(r"\w", bare)
        or (len(bare) <= PROMPT_LENGTH and FURNITURE.fullmatch(bare) is not None)
        or (len(bare) <= PROMPT_LENGTH and PROMPTS.match(bare) is not None)
        or (len(bare) <= SANDWICH_LENGTH and PICTURE.search(bare) is not None)
        or BREADCRUMB.fullmatch(bare) is not None
    )


def _without_furniture(document: Document) -> list[Block]:
    """Drop furniture, and the short blocks that stand between two pieces of it or between it and the end."""
    blocks = document.blocks
    last = len(blocks) - 1
    marks = [
        is_furniture(_say(document, block)) or _is_byline(document, i) or _is_menu(document, i)
        for i, block in enumerate(blocks)
    ]
    for i, block in enumerate(blocks):
        short = block.end - block.start <= SANDWICH_LENGTH
        late = i > len(blocks) / 2
        if not marks[i] and short and late and marks[i - 1] and (i == last or marks[i + 1]):
            marks[i] = True
        if not marks[i] and short and i and _is_caption(document, i):
            marks[i] = True
    return [block for block, mark in zip(blocks, marks, strict=True) if not mark]


def _is_caption(document: Document, i: int) -> bool:
    """A line straight below the description of a picture."""
    before, block = document.blocks[i - 1], document.blocks[i]
    touching = document.text.count("\n", before.end, block.start) <= 1
    return touching and PICTURE.search(_say(document, before)) is not None


def _is_menu(document: Document, i: int) -> bool:
    """A single row of short cells is a menu or a link bar; a table has more than one row."""
    blocks = document.blocks
    alone = all(block.kind != "row" for block in (*blocks[max(0, i - 1) : i], *blocks[i + 1 : i + 2]))
    cells = _say(document, blocks[i]).split("|")
    return blocks[i].kind == "row" and alone and len(cells) > 2 and all(len(cell.split()) <= 4 for cell in cells)


def _without_title_copies(document: Document, blocks: list[Block], title: str) -> list[Block]:
    """A page often prints its title twice; the first copy stays."""
    copies = [block for block in blocks if _say(document, block) == title]
    return [block for block in blocks if block not in copies[1:]]


def _with_a_body(document: Document, blocks: list[Block]) -> list[Block]:
    """Drop the headings at the end that nothing follows, and questions that nobody answers.

    Both are links to other pages. A text that is all headings is a short note: its lines are its prose.
    """
    if blocks and all(block.kind == "heading" for block in blocks):
        return [replace(block, kind="paragraph") for block in blocks]
    while blocks and blocks[-1].kind == "heading":
        blocks = blocks[:-1]

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
    named = BYLINE.fullmatch(line) or (after_mark and ONLY_NAME.fullmatch(line))
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
    dated = DATED.search(line)
    return DATE.match(line, dated.end()) if dated else DATE.fullmatch(line)


def iso_date(found: re.Match[str]) -> str:
    """``March 3, 2021`` -> ``2021-03-03``; a month or year alone stays as coarse as it is."""
    part = found.groupdict()
    if part["iso"]:
        return part["iso"]
    year = part["y1"] or part["y2"] or part["y3"] or part["y4"]
    month = part["m1"] or part["m2"] or part["m3"]
    day = part["d1"] or part["d2"]
    number = next((f"-{n:02}" for n, name in enumerate(MONTHS, 1) if month and name[:3] == month[:3].lower()), "")
    return f"{year}{number}" + (f"-{int(day):02}" if day else "")


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
        blocks=(*_prose_outside(document, value[body]), Block(*rows[body], "paragraph")),
    )


def _prose_outside(document: Document, abstract: str) -> list[Block]:
    """Paragraphs beside the table that the abstract does not repeat."""

    def new(block: Block) -> bool:
        words = _say(document, block).rstrip(".… ")
        return block.kind == "paragraph" and len(words) > SANDWICH_LENGTH and words[:150] not in abstract

    return [block for block in document.blocks if new(block)]


def _inverted_names(text: str) -> tuple[str, ...]:
    """``Kim, Jeongseop Koo, Ja Wook`` -> ``("Kim, Jeongseop", "Koo, Ja Wook")``."""
    surnames = list(re.finditer(r"[^\s,;|]+,\s", text))
    ends = [match.start() for match in surnames[1:]] + [len(text)]
    return tuple(text[m.start() : end].strip(" ;|") for m, end in zip(surnames, ends, strict=True))
