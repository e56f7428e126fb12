"""What kind of source a document is, and whether it says of itself that it was retracted, corrected or is doubted.

Both are read from plain signs: what a page declares, its address, its title, its headings, fixed phrases. Where the
signs say nothing the kind is "": an unknown kind is better than a wrong one. Prose about another paper's retraction
is no notice: a notice speaks of "this article", or stands at the head of a line as a notice does.
"""

import re
from dataclasses import replace

from index.types import Document


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


# -- notices ---

THIS = r"\bthis (?:\w+ ){0,2}(?:article|paper|study|review|preprint|publication|report|manuscript|page)\b"
LABEL = (
    r"(?:retracted(?: article)?|retraction(?: (?:notice|note|of))?|withdrawn|correction(?: (?:to|notice))?|corrigendum"
    r"|erratum|(?:editorial )?expression of concern)"
)
NOTICE = _any(
    rf"^{LABEL}\s*[:–—]\s*\S",
    rf"^.{{0,80}}(?<!\bin ){THIS}.{{0,40}}\b(?:(?:has|have|had) (?:since )?been|was|is) (?:formally )?"
    r"(?:retracted|withdrawn|corrected|superseded)\b(?! for)",
    rf"^.{{0,60}}\bexpression of concern (?:about|regarding|for|to|over) {THIS}",
    rf"^.{{0,60}}\b(?:retraction|correction|erratum) (?:to|of|for) {THIS}",
)
OTHERS = _any(r"\b(?:cited|previous|earlier|other|their|his|her|original|that) (?:study|paper|article)")
NOTICE_LENGTH = 600
SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)|$)")


def notice(document: Document) -> str:
    """The sentence that says so, "" where none does; furniture is looked at too, as notices often stand there."""
    lines = [document.title, *(document.text[block.start : block.end] for block in document.blocks)]
    sentences = (said.strip() for line in lines for said in SENTENCE.findall(" ".join(line[:NOTICE_LENGTH].split())))
    return next((said for said in sentences if NOTICE.match(said) and not OTHERS.search(said)), "")


# -- kinds ---

SCHEMA_TYPES = {
    "newsarticle": "news",
    "reportagenewsarticle": "news",
    "blogposting": "blog",
    "qapage": "question and answer",
    "faqpage": "question and answer",
}
"""The types by which web pages describe themselves (schema.org), where they tell the kind."""
SCHEMA_TYPE = re.compile(rb'"@type"\s*:\s*"(\w+)"')

ADDRESS = {
    "blog": _any(r"/blogs?/", r"//blogs?\.", r"\.(?:blogspot|wordpress|substack|medium)\."),
    "news": _any(r"/news/", r"//news\.", r"/press-releases?/"),
    "question and answer": _any(r"/(?:faqs?|questions?)/"),
}
TITLE = {
    "review": _any(
        r"\b(?:systematic|narrative|scoping|umbrella|literature|critical|mini)[ -]?review",
        r"\bmeta-?analys[ie]s",
        r"\b(?:a|an updated) review\b",
        r"^review of\b",
    ),
    "guideline": _any(
        r"\bclinical practice guidelines?", r"\bguidelines? (?:for|on)\b", r"\b(?:consensus|position) statement"
    ),
    "trial": _any(r"\brandomi[sz]ed\b", r"\b(?:placebo-controlled|double-blind|open-label)", r"\bclinical trial\b"),
    "study": _any(
        r"\b(?:cohort|case-control|cross-sectional|observational|longitudinal|pilot|prospective|retrospective) study",
        r"\bcase (?:report|series)",
        r"\bin (?:mice|rats|vitro)\b",
    ),
    "leaflet": _any(
        r"\b(?:patient|package) (?:information )?leaflet",
        r"\binformation (?:sheet|leaflet)",
        r"\bprescribing information",
        r"\bmedication guide",
    ),
    "news": _any(r"^(?:news|press release|breaking)\s*[:|–-]"),
}
TEXT = {
    "review": _any(
        r"\bwe (?:systematically )?(?:reviewed|searched) .{0,60}\b(?:pubmed|medline|embase|cochrane|databases)",
        r"\bthis (?:systematic |narrative |scoping )?review (?:aims|summari[sz]es|examines|discusses|describes|covers)",
        r"\bin this review\b",
        r"\bwe included \w+ (?:randomi[sz]ed )?(?:trials|studies)",
    ),
    "trial": _any(
        r"\b(?:patients|participants|adults|children|women|men|people|volunteers) were randomi[sz]ed",
        r"\b(?:were|was) randomly (?:assigned|allocated)",
        r"\bwe randomly assigned",
        r"\bNCT0\d{7}\b",
    ),
    "leaflet": _any(
        r"\bread (?:all of )?this leaflet", r"\bkeep this leaflet", r"\bin this leaflet", r"\bhow to take this medicine"
    ),
    "study": _any(
        r"\bwe (?:investigated|measured|enrolled|recruited|followed|analy[sz]ed data)",
        r"\bin this (?:cohort|cross-sectional|case-control|prospective|retrospective) study",
        r"\b(?:mice|rats) were (?:treated|injected|given|housed)",
    ),
    "news": _any(
        r"\btold reporters",
        r"\b(?:said in a statement|the company said)\b",
        r"\bannounced (?:on )?(?:mon|tues|wednes|thurs|fri)day",
    ),
    "blog": _any(
        r"\bmy (?:personal (?:belief|experience|story|opinion)|blog|own experience|latest post|journey)\b",
        r"\bin (?:this|today['’]s|my last) (?:blog )?post\b",
        r"\bthanks for reading\b",
        r"\bi['’]ve been (?:taking|living)\b",
    ),
}


PERSONAL = 0.02
"""The least share of "I", "my" and "me" among the words of a personal account."""


def declared(page: bytes) -> str:
    """The kind that a web page declares in its markup, "" where it declares none."""
    types = (found.decode().lower() for found in SCHEMA_TYPE.findall(page))
    return next((SCHEMA_TYPES[name] for name in types if name in SCHEMA_TYPES), "")


def kind(document: Document) -> str:
    """The kind of source, from its address, its title, its questions and its phrases, in that order."""
    found = _first(ADDRESS, document.url) or _first(TITLE, document.title)
    if not found and _asks_and_answers(document):
        return "question and answer"
    return found or _first(TEXT, document.text) or ("blog" if _speaks_of_itself(document.text) else "")


def _first(signs: dict[str, re.Pattern[str]], text: str) -> str:
    return next((name for name, sign in signs.items() if sign.search(text)), "")


def _speaks_of_itself(text: str) -> bool:
    """Whether a text is told by one person throughout."""
    first_person = len(re.findall(r"\b(?:I|my|me)\b", text))
    return first_person >= 8 and first_person > PERSONAL * len(text.split())


def _asks_and_answers(document: Document) -> bool:
    """Whether most of a page's headings, and at least three, are questions."""
    headings = [document.text[block.start : block.end] for block in document.blocks if block.kind == "heading"]
    questions = sum(heading.rstrip().endswith("?") for heading in headings)
    return questions >= 3 and questions > len(headings) / 2


def described(document: Document, *, original: Document) -> Document:
    """The document with its kind and notice; ``original`` still has the furniture."""
    return replace(
        document,
        kind=document.kind or kind(document),
        notice=document.notice or notice(replace(original, title=document.title)),
    )
