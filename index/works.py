"""Whether two documents are one work: copies, near-copies, and older and newer versions of a text.

A sketch keeps the smallest hashes of a text's runs of words; the share of them that two sketches have in common
estimates the share of runs that the texts have in common. Short texts have no sketch: two short notes that differ in
one word may well say opposite things on purpose.

Broder, On the resemblance and containment of documents, 1997.
"""

import re
from typing import NamedTuple
from zlib import crc32

WORDS_A_RUN = 4
SKETCH = 96
"""How many hashes a sketch keeps: a resemblance is estimated to about 0.05."""
FEWEST_RUNS = 60
"""Texts with fewer runs are too short to be called versions of each other."""
SAME = 0.4
"""The least resemblance of two versions of one text: one where a sentence in four was rewritten still has it."""

COPY = 0.95
"""The least resemblance of two copies, whatever their titles."""

WORD = re.compile(r"\w+")


class Work(NamedTuple):
    """What tells whether documents are one work; ``title`` is "" where a document has only the name of its file."""

    doi: str = ""
    title: str = ""
    sketch: frozenset[int] = frozenset()


def sketch(text: str) -> list[int]:
    """The smallest hashes of the text's runs of ``WORDS_A_RUN`` words, in order; none for a short text."""
    words = [word.encode() for word in WORD.findall(text.casefold())]
    runs = {crc32(b" ".join(words[i : i + WORDS_A_RUN])) for i in range(len(words) - WORDS_A_RUN + 1)}
    return sorted(runs)[:SKETCH] if len(runs) >= FEWEST_RUNS else []


def resemblance(a: frozenset[int], b: frozenset[int]) -> float:
    """The estimated share of word runs that two texts have in common, 0 to 1, from their sketches."""
    smallest = sorted(a | b)[:SKETCH]
    return len(a & b & set(smallest)) / len(smallest) if a and b else 0.0


def same_work(a: Work, b: Work) -> bool:
    """Whether two documents are one work: the same DOI, hardly a difference, or enough of the words under one title.

    Pages of one site share long stock paragraphs and say different things under different titles.
    """
    if a.doi and a.doi.casefold() == b.doi.casefold():
        return True
    alike = resemblance(a.sketch, b.sketch)
    return alike >= COPY or (alike >= SAME and _one_title(a.title, b.title))


def _one_title(a: str, b: str) -> bool:
    """Whether at least half of the words of two titles are the same; no title may be any."""
    first, second = set(WORD.findall(a.casefold())), set(WORD.findall(b.casefold()))
    return not first or not second or 2 * len(first & second) >= len(first | second)
