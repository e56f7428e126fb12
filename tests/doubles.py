"""Small real stand-ins for the trained models, so that most tests load no torch."""

from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np

from index import content_stems
from index.embed import Vectors
from index.lexical import WORD

DIMENSION = 256


class BagEmbedder:
    """`Embedder` that counts words in hashed places; it remembers what it was given in ``embedded``."""

    name = "bag-of-words"
    engine = "python"

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.embedded: list[str] = []
        self._known = frozenset(known)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return np.stack([self.embed_query(text) for text in texts]) if texts else np.zeros((0, DIMENSION), np.float32)

    def embed_query(self, text: str) -> Vectors:
        row = np.zeros(DIMENSION, np.float32)
        for word in WORD.findall(text.lower()) or [""]:
            row[crc32(word.encode()) % DIMENSION] += 1
        return row / np.linalg.norm(row)

    def count_tokens(self, text: str) -> int:
        return len(WORD.findall(text))

    def knows(self, word: str) -> bool:
        return word in self._known


class WordRanker:
    """`Ranker` that scores a text by the share of the question's stems found in it."""

    def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
        asked = set(content_stems(question))
        return np.array([len(asked & set(content_stems(text))) / max(len(asked), 1) for text in texts], np.float32)


class NotJudge:
    """`Judge` for which one text refutes another that shares its words when just one of the two says "not".

    A text without shared words is neutral. It remembers how many pairs it read in ``read``.
    """

    def __init__(self) -> None:
        self.read = 0

    def judge(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        self.read += len(pairs)
        return np.array([self._stance(*pair) for pair in pairs], np.float32).reshape(len(pairs), 3)

    def _stance(self, evidence: str, claim: str) -> tuple[float, float, float]:
        first, second = set(content_stems(evidence)), set(content_stems(claim))
        if len(first & second) < 2:
            return 0.02, 0.02, 0.96
        return (0.02, 0.96, 0.02) if ("not" in first) != ("not" in second) else (0.96, 0.02, 0.02)
