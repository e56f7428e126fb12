"""Sentences packed into passages. The only file that imports langchain_text_splitters."""

from itertools import accumulate
from typing import Any

from langchain_text_splitters import RecursiveCharacterTextSplitter, TextSplitter


class Piece(str):
    """A text that knows where it starts."""

    start: int

    def __new__(cls, text: str, start: int) -> "Piece":
        self = super().__new__(cls, text)
        self.start = start
        return self


class SentenceSplitter(TextSplitter):
    """Packs given sentences instead of finding separators; a sentence over the limit is cut between words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._words = RecursiveCharacterTextSplitter(
            separators=[" ", ""], keep_separator="end", **{**options, "chunk_overlap": 0}
        )

    def pack(self, pieces: list[str]) -> list[Piece]:
        """Join neighbours up to the limit, starts counted from the first; each repeats the last of the one before."""
        parts = [part for piece in pieces for part in self._cut(piece)]
        starts = accumulate((len(part) for part in parts), initial=0)
        packed: list[Any] = self._merge_splits([Piece(*part) for part in zip(parts, starts, strict=False)], "")
        return packed

    def split_text(self, text: str) -> list[str]:
        return list(self.pack([text]))

    def _join_docs(self, docs: list[Any], separator: str) -> Piece | None:
        return Piece(separator.join(docs), docs[0].start) if docs else None

    def _cut(self, piece: str) -> list[str]:
        return self._words.split_text(piece) if self._length_function(piece) > self._chunk_size else [piece]
