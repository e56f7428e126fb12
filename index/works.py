"""Whether two documents are one work: copies, near-copies, and older and newer versions of a text.

A sketch keeps the smallest hashes of a text's runs of words; the share of them that two sketches have in common
estimates the share of runs that the texts have in common. Short texts have no sketch: two short notes that differ in
one word may well say opposite things on purpose.

Broder, On the resemblance and containment of documents, 1997.
"""

import re
from zlib import crc32

WORDS_A_RUN = 4
SKETCH = 96
"""How many hashes a sketch keeps: a resemblance is estimated to about 0.05."""
FEWEST_RUNS = 60
"""Texts with fewer runs are too short to be called versions of each other."""
SAME = 0.4
"""The least resemblance of two versions of one text: one where a sentence in four was rewritten still has it."""

WORD = re.compile(r"\w+")


def sketch(text: str) -> list[int]:
    """The smallest hashes of the text's runs of ``WORDS_A_RUN`` words, in order; none for a short text."""
    words = [word.encode() for word in WORD.findall(text.casefold())]
    runs = {crc32(b" ".join(words[i : i + WORDS_A_RUN])) for i in range(len(words) - WORDS_A_RUN + 1)}
    return sorted(runs)[:SKETCH] if len(runs) >= FEWEST_RUNS else []


def resemblance(a: frozenset[int], b: frozenset[int]) -> float:
    """The estimated share of word runs that two texts have in common, 0 to 1, from their sketches."""
    smallest = sorted(a | b)[:SKETCH]
    return len(a & b & set(smallest)) / len(smallest) if a and b else 0.0


def same_work(a: tuple[str, frozenset[int]], b: tuple[str, frozenset[int]]) -> bool:
    """Whether two documents, each given as its DOI and sketch, are one work."""
    same_doi = bool(a[0]) and a[0].casefold() == b[0].casefold()
    return same_doi or resemblance(a[1], b[1]) >= SAME
