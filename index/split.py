"""Document to sentences and passages, with every offset kept.

The only file that imports sentencex, which finds where sentences end; ``pack`` packs them into passages. Headings and
table rows give context and are never sentences.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from sentencex import get_sentence_boundaries

from index.types import Block, Document, Passage, Sentence

if TYPE_CHECKING:
    from index.pack import SentenceSplitter

PASSAGE_TOKENS = 180
OVERLAP_TOKENS = 40
SENTENCE_LETTERS = 800
CONTEXT_LETTERS = 200

ABBREVIATED = re.compile(
    r"\b(?:approx|ca|cf|e\.g|i\.e|et al|etc|vs|viz|Fig|Figs|Eq|No|Nos|Ref|Refs|Suppl|Sec|Vol|pp|pts|pt|St|Dr|Prof"
    r"|Mr|Mrs|Ms|Jr|Sr|resp|incl|max|min|wt|sp|spp|subsp|[A-Z])\.\s*$"
)
FRAGMENT_WORDS = 3


def sentences(document: Document) -> list[Sentence]:
    """Every sentence of the document's paragraphs and list items, in reading order.

    >>> sentences(from_text("d", "It rose by approx. 5%. Then it fell."))   # two, not three
    """
    found: list[Sentence] = []
    heading = ""
    for block in document.blocks:
        if block.kind == "heading":
            heading = " ".join(document.text[block.start : block.end].split())
        elif block.kind == "item" and found and _goes_on(found[-1], block, heading):
            found[-1] = _sentence(document, found[-1].start, block.end, heading)
        elif block.kind != "row":
            found += [_sentence(document, start, end, heading) for start, end in _spans(document.text, block)]
    return found


def _sentence(document: Document, start: int, end: int, heading: str) -> Sentence:
    return Sentence(document.id, start, end, document.text[start:end], heading)


def _goes_on(before: Sentence, item: Block, heading: str) -> bool:
    """Whether a list item belongs to the sentence before it, which announced the list with a colon."""
    announced = before.text.endswith(":") or ":\n" in before.text
    return announced and before.heading == heading and item.end - before.start <= SENTENCE_LETTERS


def _spans(text: str, block: Block) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for boundary in get_sentence_boundaries("en", text[block.start : block.end]):
        start, end = block.start + boundary["start_index"], block.start + boundary["end_index"]
        start += len(text[start:end]) - len(text[start:end].lstrip())
        end = start + len(text[start:end].rstrip())
        if start == end:
            continue
        if spans and _belongs_together(text[slice(*spans[-1])], text[start:end]):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _belongs_together(before: str, after: str) -> bool:
    """A sentence cut at an abbreviation, or the short fragments that a colon announced."""
    listed = ":" in before and len(after.split()) <= FRAGMENT_WORDS
    return (ABBREVIATED.search(before) is not None or listed) and len(before) < SENTENCE_LETTERS


def passages(document: Document, *, count_tokens: Callable[[str], int]) -> list[Passage]:
    """Whole sentences packed to at most ``PASSAGE_TOKENS`` tokens, never across a heading; ids are all 0."""
    from index.pack import SentenceSplitter  # a fifth of a second that only a sync has to wait

    splitter = SentenceSplitter(
        chunk_size=PASSAGE_TOKENS,
        chunk_overlap=OVERLAP_TOKENS,
        length_function=lru_cache(maxsize=1_000)(count_tokens),  # each sentence is counted more than once
        strip_whitespace=False,
    )
    return [passage for section in _sections(document) for passage in _packed(document, section, splitter)]


def _packed(document: Document, section: tuple[str, list[int], int], splitter: "SentenceSplitter") -> Iterator[Passage]:
    heading, starts, end = section
    pieces = [document.text[a:b] for a, b in pairwise([*starts, end])]
    for packed in splitter.pack(pieces):
        start, text = starts[0] + packed.start, packed.rstrip()
        yield Passage(0, document.id, start, start + len(text), text, heading)


def embedding_text(document: Document, passage: Passage) -> str:
    """What is embedded for a passage: it stands under its title and heading, as a reader sees it.

    The name of a text without a title is no title: it may be a bare number.
    """
    title = document.title if document.title != document.source else ""
    context = dict.fromkeys(part[:CONTEXT_LETTERS] for part in (title, passage.heading) if part)
    return "\n".join([*context, passage.text])


def _sections(document: Document) -> Iterator[tuple[str, list[int], int]]:
    """Runs of blocks under one heading: the heading, where its sentences start, and where the run ends."""
    starts = [sentence.start for sentence in sentences(document)]
    heading, run, end = "", list[int](), 0
    for block in document.blocks:
        # a gap holds text that was dropped as furniture: no passage may span it
        gap = document.text[end : block.start].strip(" \t\r\n•‣▪●◦·*–-0123456789.)")
        if run and (block.kind == "heading" or gap):
            yield heading, run, end
            run = []
        if block.kind == "heading":
            heading = " ".join(document.text[block.start : block.end].split())
        elif block.kind == "row":
            run.append(block.start)
        else:
            run += starts[bisect_left(starts, block.start) : bisect_left(starts, block.end)]
        end = block.end
    if run:
        yield heading, run, end
