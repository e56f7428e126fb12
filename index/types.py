"""The nouns of the index: a document, its blocks, passages and sentences, and a hit.

All positions are character offsets into ``Document.text``, end exclusive.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "row"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item or table row of a document."""

    start: int
    end: int
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Document:
    """One file, page or given text.

    ``text`` is what citations count in. ``blocks`` are the parts of it that are worth reading, in order;
    ``pages`` are the offsets at which the pages of a paginated file start. ``kind`` says what kind of source it is
    ("review", "trial", "news" …, "" where that cannot be told), ``notice`` is its own sentence that it was retracted,
    corrected or is doubted by its publisher, ``unread`` what of its file could not be read.
    """

    id: str
    text: str
    title: str = ""
    source: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    url: str = ""
    doi: str = ""
    kind: str = ""
    notice: str = ""
    unread: str = ""
    blocks: tuple[Block, ...] = ()
    pages: tuple[int, ...] = ()

    def page(self, offset: int) -> int | None:
        """The page, from 1, that holds the character at ``offset``; None where there are no pages."""
        return bisect_right(self.pages, offset) or None

    def block_at(self, offset: int) -> Block | None:
        """The block that holds the character at ``offset``."""
        position = bisect_right(self.blocks, offset, key=lambda block: block.start) - 1
        return self.blocks[position] if position >= 0 and offset < self.blocks[position].end else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as a list shows it: all but its text, and how many passages it has."""

    id: str
    title: str
    source: str
    date: str = ""
    kind: str = ""
    notice: str = ""
    unread: str = ""
    passages: int = 0
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of one document that reads as one sentence, with the heading it stands under."""

    document: str
    start: int
    end: int
    text: str
    heading: str = ""

    @property
    def line(self) -> str:
        """Its text on one line, as it is shown and embedded."""
        return " ".join(self.text.split())


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of whole sentences of one document: the unit that is embedded and found."""

    id: int
    document: str
    start: int
    end: int
    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its place in a ranking: ``rank`` counts from 1, a higher ``score`` is better.

    ``legs`` are its scores in each search, ``ranks`` its places in those that found it and when they are fused.
    """

    passage: Passage
    score: float
    rank: int
    legs: dict[str, float] = field(default_factory=dict, compare=False)
    ranks: dict[str, int] = field(default_factory=dict, compare=False)
