"""Numbered citations, each checked against the stored text before it is given out."""

from collections.abc import Iterable, Iterator

from index import Index, Sentence
from index.errors import IndexDamaged
from rag.types import Citation


class Citations:
    """Hands out numbers from 1, the same one for the same quote; iterates over them in order."""

    def __init__(self, index: Index, known: Iterable[Citation] = ()) -> None:
        self._index = index
        self._found = {(citation.document, citation.start, citation.end): citation for citation in known}

    def __iter__(self) -> Iterator[Citation]:
        return iter(self._found.values())

    def cite(self, quote: Sentence) -> int:
        """The number of this quote. Raises IndexDamaged when the document does not say it."""
        place = (quote.document, quote.start, quote.end)
        if place not in self._found:
            self._found[place] = self._citation(quote)
        return self._found[place].number

    def _citation(self, quote: Sentence) -> Citation:
        document = self._index.document(quote.document)
        if document.text[quote.start : quote.end] != quote.text:
            raise IndexDamaged(f"{document.source} no longer says what was found in it: sync the folder again.")
        return Citation(
            number=len(self._found) + 1,
            document=document.id,
            title=document.title,
            source=document.source,
            page=document.page(quote.start),
            quote=quote.text,
            start=quote.start,
            end=quote.end,
            authors=document.authors,
            date=document.date,
            url=document.url,
            doi=document.doi,
            kind=document.kind,
            notice=document.notice,
        )
