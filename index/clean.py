"""Page furniture out; title, authors, date and DOI found.

What is not the document's own prose (menus, share lines, comment boxes, links to other articles, the machine
fields of a library record) is dropped block by block, from what the block says and from where it stands.
Text inside a block is never touched. A doubtful block is kept.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from index.types import Block, Document

NETWORKS = "facebook|twitter|x|linkedin|pinterest|instagram|whatsapp|youtube|reddit|tiktok|telegram|tumblr|email|print"
LEGAL = (
    r"(?:privacy|cookies?)(?:\ (?:policy|notice|statement|settings|preferences|choices))?|accessibility(?:\ statement)?"
    r"|terms(?:\ (?:of|and|&)\ (?:use|service|sale|conditions))?|legal(?:\ notice)?|disclaimer|imprint|site\ ?map"
    r"|all\ rights\ reserved|contact(?:\ us)?|about(?:\ (?:us|me))?|help|faqs?"
)
FURNITURE = re.compile(
    rf"""
      (?: back\ to\ | scroll\ to\ | go\ to\ )?(?: the\ )?(?: top | bottom )(?:\ of\ (?:the\ )?page )?
    | skip\ to\ (?: the\ | main\ )*(?: content | navigation | menu | search | footer | main | article ).{{0,20}}
    | (?: main\ )?menu | home(?:\ page)? | navigation | breadcrumbs?
    | (?: toggle | open | close | show | hide )\ (?: main\ )?(?: navigation | menu | search | sidebar | comments )
    | search(?: \W* | \ (?: this\ site | the\ site | for\W* | here | results )\W* )
    | loader | loading\W* | cargando\W* | chargement\W* | please\ wait\W*
    | (?: author | avatar | featured | hero | header | blog )[-_\ ]?(?: img | image | photo | picture )
    | advertisements? | sponsored(?:\ content)? | ad
    | (?: sign | log )[\ -]?(?: in | up | out )(?:\ (?: to | with | for | now | here | or | via )\b.{{0,40}} )?\W*
    | register | my\ account | (?: shopping\ )?cart\W*\d*\W*
    | subscribe(?:\ (?: now | here | today | by\ email | (?: to | for )\ (?: our | my | this | us | the\ newsletter
        | updates | receive | get )\b.{{0,60}} ))?\W*
    | newsletter | follow\ us.{{0,60}} | (?: follow | share | tweet | pin | print | email | like | reply | cancel )
    | share\ (?: this | on | via | to | with\ friends | article | post | page ).{{0,40}}
    | (?: {NETWORKS} )(?: [\ ,|/•·]+ (?: and\ )?(?: {NETWORKS} ))*
    | (?: \d+ | no )\ (?: comments? | likes? | shares? | views? | replies | responses ) | comments?\W*\d*\W*
    | (?: leave | post | add | write | submit )\ (?: a | your )\ (?: comment | reply | review )s?
        (?:\ (?: below | here | now | first | cancel\ reply ))?\W*
    | (?: related | recent | popular | more | latest | recommended | trending | similar | further )[ ]
        (?: posts? | articles? | stories | news | reading | topics | links | pages | content )\W*
    | you\ (?: may | might )\ (?: also\ )? (?: like | be\ interested\ in | enjoy )\W*
    | (?: read | see | view | show | load | learn )\ (?: more | next | all )\W*
    | (?: read | learn | find\ out | discover )\ more\ (?: here | about\ [^.!?]{{0,80}} | on\ [^.!?]{{0,80}} )\W*
    | continue\ reading (?: \W* | \ (?: below | more | this\ .{{0,20}} ) | \ [“"'‘].{{0,120}} )
    | (?: previous | next | older | newer )(?:\ (?: post | article | page | entry | entries )s?)?\W*
    | (?: tags? | categor(?: y|ies ) | filed\ under | posted\ in )\s*[:•][^.!?]{{0,120}}
    | \d+\ ?(?: min | mins | minutes? )\ read | reading\ time\W*\d.{{0,12}}
    | page\ \d+(?:\ of\ \d+)? | (?: table\ of\ )?contents
    | (?: {LEGAL} )(?: \W+ (?: and\W+ )?(?: {LEGAL} ))*\W*
    | (?: copyright\W* )?(?: © | \(c\)(?= \W*(?: 19 | 20 )\d\d )).{{0,200}} | copyright\W*\d{{4}}.{{0,200}}
    | (?: accept | reject )(?:\ all)?(?:\ cookies)? | skip | close | ok | got\ it\W*
    | was\ this\ (?: page | article )\ helpful.{{0,40}} | rate\ this\ (?: article | page | post ).{{0,40}}
    | (?: print | download | view | save | export | bookmark | cite )\ (?: this\ | as\ | full\ | the\ )?
        (?: page | article | pdf | post | citation )\W*
    | copy\ (?: link | url ) | click\ here.{{0,60}}
    | request\ permissions? | article\ (?: metrics | information | tools )
    | save\ my\ name,\ e-?mail.{{0,80}} | enter\ your\ e-?mail.{{0,40}}
    | get\ (?: the\ | our\ )?(?: latest | weekly | daily )\b.{{0,60}}\b(?: inbox | e-?mail )\W*
    | (?: jump | go )\ to\ (?: the\ )?(?: content | navigation | search | recipe | comments? )
    | shop | quote | donate(?:\ (?: now | today ))? | pin\ (?: recipe | it )\W* | download\ image
    | more\ on\ this\ (?: story | topic ) | most\ (?: read | viewed | shared )
    | journal\ home | submit\ (?: an?\ | your\ )?(?: article | manuscript ) | view\ author\ publications
    | \d[\d,.]*k?\ (?: accesses | citations ) | (?: rights | reprints )\ and\ permissions
    | thread\ starter\W.{{0,40}} | (?: messages | posts )\s*:\s*[\d,]+ | joined\s*:\ .{{0,10}}\d{{4}}
    | external\ links | for\ immediate\ release | (?: media | press )\ contact\s*:.{{0,80}}
    | this\ page\ was\ last\ (?: edited | updated | modified )\ on\ .{{0,40}}
    | you\ must\ (?: log\ in | be\ logged\ in | register )\b.{{0,40}}\bto\ (?: reply | comment | post )\b.{{0,20}}
    | powered\ by\ (?-i:[A-Z])[^.,;!?]{{1,40}}
    | (?: image | photo | picture )\ (?: (?: credit | source | caption )s?\s*: | by\ (?-i:[A-Z]) ).{{0,120}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Whole lines that are furniture wherever they stand."""

SHARING = "like|share|follow|subscribe|comment|tweet|pin"
PROMPTS = re.compile(
    rf"""
      (?: important | interesting | you\ asked | (?: frequent | popular )\ question | (?: quick | best )\ answer
        )\s*: [^.!?]*\? $
    | (?: read\ also | also\ read | see\ also | related | recommended | more\ from\ .{{3,30}}
        | you\ (?: may | might )\ also\ like | don['’]t\ miss | trending | read\ more | read\ next | up\ next )
        \s*[:»›]\s* (?-i:[A-Z“"'‘]) [^.!]* $
    | (?: {SHARING} )(?: \s*(?: , | and | & | or )+\s* (?: {SHARING} )\b )+
    | (?: follow | join | like | find | connect\ with )\ (?: us | me )\b (?!,) .{{0,80}}
        \b(?: on | at )\ (?: social\ media | {NETWORKS} )\b
    | (?: subscribe | sign\ up | join | click | donate )\ .{{0,80}}
        \b(?: newsletter | mailing\ list | our\ (?: page | channel | community | blog ) )\b
    | disclaimer\s*: | (?: we | this\ (?: web )?site | our\ (?: web )?site )\ uses?\ cookies
    | by\ (?: continuing | using )\ (?: to\ (?: browse | use )\ )?(?: this | our )\ (?: web )?site\b,?\ you\b
    | (?: the | this | all )?\ ?(?: information | content | material )s?\b .{{0,120}}
        \b(?: substitute\ for | not\ (?: intended | meant ) ) .{{0,80}} \b(?: medical | professional )\b
    | this\ (?: post | page | article )\ (?: may\ )?contains?\ affiliate\ links | as\ an\ amazon\ associate\b
    | text\ is\ available\ under\ | you\ are\ here\s*: | anyone\ you\ share\ the\ following\ link\ with
    | your\ email\ address\ will\ not\ be\ published
    | (?: .{{0,60}} \b(?: now | currently )\ | we\ are\ )?(?: taking | accepting )\ new\ patients\b (?! \ into )
    | book\ (?: an? | your )\ (?: free\ )?(?: appointment | consultation )
        (?:\ (?: today | now | online | here ) .{{0,40}} )? $
    | .{{0,60}} \b(?: call\ us\ (?: today | now )
        | sign\ up\ for\ our | subscribe\ to\ our | follow\ us\ on | join\ our\ (?: newsletter | mailing | community ) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Beginnings of short blocks that talk to the visitor rather than about the subject."""

SCENE = re.compile(
    r"(?P<place>\bin the (?:back|fore)ground\b)|(?P<text>\btext (?:reads|says)\b)"
    r"|(?P<colour>\b(?:tones?|hues|colou?rs) dominate\b|\b(?:cool|warm|soft|muted) (?:\w+ )?(?:tones|hues|lighting)\b)"
    r"|(?P<mood>\b(?:mood|atmosphere|setting|scene) (?:is|appears|conveys|suggests)\b)"
    r"|(?P<pose>\b(?:wearing|holding|smiling)\b)",
    re.IGNORECASE,
)
"""What the description of a picture says; two kinds of these make one."""
AGENCY = re.compile(
    r".*\b(?:stock photo|stock image|getty images|shutterstock|istock|unsplash)(?:\.com)?", re.IGNORECASE
)
TRAIL = re.compile(r"[^.!?]{1,60}(?:\s(?:->|→|»|›|>)\s[^.!?]{1,60})+")
"""Breadcrumbs above the body; ``Ketamine -> NMDA blockade`` inside it is its own prose."""
HOME_TRAIL = re.compile(r"(?:home|start)(?:\s(?:->|→|»|›|>|/|\|)\s[^.!?]{1,60})+", re.IGNORECASE)
PROMPT_LENGTH = 400
SANDWICH_LENGTH = 200

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

MONTHS = "january february march april may june july august september october november december".split()
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
    bare = line.strip(" \t•·|*-–—_:#←→↑↓«»‹›<>[]")
    if not re.search(r"\w", bare):
        return True
    patterns = (FURNITURE.fullmatch, PROMPTS.match, HOME_TRAIL.fullmatch)
    return len(bare) <= PROMPT_LENGTH and (any(fits(bare) for fits in patterns) or is_picture(bare))


def is_picture(line: str) -> bool:
    """Whether a line describes a picture or names the agency that it came from."""
    scene = (
        len({found.lastgroup for found in SCENE.finditer(line)}) > 1 or AGENCY.fullmatch(line.rstrip(" .")) is not None
    )
    return scene and len(line) <= SANDWICH_LENGTH


def _without_furniture(document: Document) -> list[Block]:
    """Drop furniture, and below the last long block what stands between two pieces of it or between it and the end."""
    blocks = document.blocks
    last = len(blocks) - 1
    long = [i for i, block in enumerate(blocks) if block.end - block.start > SANDWICH_LENGTH]
    body = next(iter(long), 0)
    marks = [
        is_furniture(_say(document, block))
        or _is_byline(document, i)
        or _is_menu(document, i)
        or (i < body and TRAIL.fullmatch(_say(document, block)) is not None)
        for i, block in enumerate(blocks)
    ]
    end = max((i for i in long if not marks[i]), default=last)
    for i, block in enumerate(blocks):
        short = block.end - block.start <= SANDWICH_LENGTH
        if not marks[i] and i > end and marks[i - 1] and (i == last or marks[i + 1]):
            marks[i] = True
        if not marks[i] and short and i and _is_caption(document, i):
            marks[i] = True
    return [block for block, mark in zip(blocks, marks, strict=True) if not mark]


def _is_caption(document: Document, i: int) -> bool:
    """A line straight below the description of a picture."""
    before, block = document.blocks[i - 1], document.blocks[i]
    touching = document.text.count("\n", before.end, block.start) <= 1
    return touching and is_picture(_say(document, before))


def _is_menu(document: Document, i: int) -> bool:
    """A single row of short cells is a menu or a link bar; a table has more than one row."""
    blocks = document.blocks
    alone = all(block.kind != "row" for block in (*blocks[max(0, i - 1) : i], *blocks[i + 1 : i + 2]))
    cells = _say(document, blocks[i]).split("|")
    return blocks[i].kind == "row" and alone and len(cells) > 2 and all(len(cell.split()) <= 4 for cell in cells)


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
        kind=document.kind or "record",
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
    surnames = list(re.finditer(rf"{PARTICLE}*[^\s,;|]+,\s", text))
    ends = [match.start() for match in surnames[1:]] + [len(text)]
    return tuple(text[m.start() : end].strip(" ;|") for m, end in zip(surnames, ends, strict=True))
