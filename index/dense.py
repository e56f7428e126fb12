"""Nearest passages by cosine. The only file that imports faiss.

Derived from the vectors in the database: exact (flat) search, brought up to date by the difference between the
passages it holds and those in the database. A damaged or stale file is rebuilt, never trusted.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from index.database import Database
from index.embed import Vectors

Scored = list[tuple[int, float]]


class DenseIndex:
    """Passage ids and scores by dot product of unit rows: 1 is the same direction, higher is better."""

    def __init__(self) -> None:
        self.ids: set[int] = set()
        self._index: Any = None  # faiss.IndexIDMap2; its Python wrapping has no usable types

    def update(self, database: Database) -> None:
        """Hold exactly the passages that the database holds."""
        wanted = set(database.passage_ids())
        gone, new = self.ids - wanted, sorted(wanted - self.ids)
        if gone and self._index is not None:
            self._index.remove_ids(np.fromiter(gone, np.int64))
        if new:
            ids, vectors = database.vectors(new)
            if self._index is None:
                self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
            self._index.add_with_ids(vectors, np.array(ids, np.int64))
        self.ids = wanted

    def search(self, vector: Vectors, k: int) -> Scored:
        """The ``k`` nearest passages to one unit vector (d,), best first."""
        if self._index is None or not self.ids:
            return []
        scores, ids = self._index.search(vector[None, :], min(k, len(self.ids)))
        return [(int(id), float(score)) for id, score in zip(ids[0], scores[0], strict=True) if id >= 0]

    def scores(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Exact scores of chosen passages, for those that the other leg found."""
        held = [id for id in ids if id in self.ids]
        if self._index is None or not held:
            return {}
        rows = np.stack([self._index.reconstruct(id) for id in held])
        return dict(zip(held, (rows @ vector).tolist(), strict=True))

    def save(self, path: Path) -> None:
        if self._index is not None:
            faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> "DenseIndex":
        """Read a saved index; raises OSError or RuntimeError when it is missing or damaged."""
        self = cls()
        if not path.is_file():
            raise FileNotFoundError(path)
        self._index = faiss.read_index(str(path))
        self.ids = set(faiss.vector_to_array(self._index.id_map).tolist())
        return self
