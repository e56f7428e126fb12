"""Small sentences and marks that every form of an answer shares: people, years, counts, words that differ."""

import re
from collections.abc import Iterable, Sequence

from index import content_stems
from rag.claims import directions, is_denial
from rag.limit import year

__all__ = ["count", "differing", "dotted", "headed", "people", "year"]

_WORD = re.compile(r"[^\W_]+(?:[-'’.,][^\W_]+)*")


def people(authors: Sequence[str]) -> str:
    """Names in a row; where they are written surname first, a comma cannot part them."""
    return ("; " if any("," in author for author in authors) else ", ").join(authors)


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 document", "1,200 documents"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def dotted(*parts: str) -> str:
    """The parts that say something, with dots between them."""
    return " · ".join(filter(None, parts))


def differing(quote: str, others: Sequence[str]) -> list[tuple[str, bool]]:
    """The quote in pieces, each with whether it says what none of the others says.

    Words are compared by their stems and small words not at all, so that only what differs in meaning is
    marked. Where most of a quote differs, only what turns the others round is: a word that points the other way, a
    denial that they do not have.

    >>> differing("Riluzole reduces glutamate release.", ["Riluzole increases the release of glutamate."])
    [('Riluzole ', False), ('reduces', True), (' glutamate release.', False)]
    """
    theirs = {stem for other in others for stem in content_stems(other)}
    words = {word.span(): content_stems(word[0]) for word in _WORD.finditer(quote)}
    said = {span: stems for span, stems in words.items() if stems}
    new = [span for span, stems in said.items() if not theirs.issuperset(stems)]
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in _joined(new if 2 * len(new) <= len(said) else _turning(quote, others), quote):
        pieces += [(quote[at:start], False), (quote[start:end], True)]
        at = end
    return [piece for piece in [*pieces, (quote[at:], False)] if piece[0]]


def _turning(quote: str, others: Sequence[str]) -> list[tuple[int, int]]:
    """The places of words that oppose what the others say."""
    theirs = [word[0] for other in others for word in _WORD.finditer(other)]
    ways = {way for word in theirs for way in directions(word)}
    denied = any(map(is_denial, theirs))

    def turns(word: str) -> bool:
        opposed = any((axis, -sign) in ways and (axis, sign) not in ways for axis, sign in directions(word))
        return opposed or (is_denial(word) and not denied)

    return [found.span() for found in _WORD.finditer(quote) if turns(found[0])]


def _joined(spans: Iterable[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Spans with nothing but white space between them made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and text[joined[-1][1] : start].isspace():
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def headed(text: str, quote: str) -> tuple[str, str]:
    """A statement parted into the heading that its quote brings along, "" where there is none, and the rest.

    >>> headed("For whom It is given to adults.", "For whom\\n\\nIt is given to adults.")
    ('For whom', 'It is given to adults.')
    """
    first, blank, _ = quote.partition("\n\n")
    heading = " ".join(first.split())
    if not blank or re.search(r"[.!:;]\W*$", heading) or not text.startswith(f"{heading} "):
        return "", text
    return heading, text[len(heading) + 1 :]
