"""Documents in, ranked passages out. Knows nothing of questions or answers."""

from index.index import Index
from index.lexical import content_stems, stems
from index.types import Block, Document, Entry, Hit, Passage, Sentence

__all__ = ["Block", "Document", "Entry", "Hit", "Index", "Passage", "Sentence", "content_stems", "stems"]
