"""Nearest passages by cosine. The only file that imports faiss.

Derived from the vectors in the database and brought to them by difference. The rule for its type: up to
``FLAT`` passages are compared one by one, exactly. More are kept in 4 sqrt(n) lists by likeness, one byte a number
(IVF, SQ8), of which a search reads an eighth, at most 160: of the ten passages nearest to a question that finds 0.986
at 100,000 (200 questions of MedQuAD; 64 lists 0.968, 256 lists 0.994) and 1.000 at a million, where 64 lists would do.
Stored vectors as queries would tell nothing: they are found in the first lists, questions lie off the passages. Lists
are made anew when the passages have doubled, and read from the disk in place.

An approximate search hands back more than it was asked for, since whoever asks scores anew by the database's vectors.
"""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.database import Database
from index.embed import Vectors

Scored = list[tuple[int, float]]
Ids = NDArray[np.int64]

FLAT = 50_000
READ = 8
"""One of how many lists a search reads,"""
MOST_READ = 160
"""and how many at the most: what is near to a question does not lie in ever more lists as there are more of them."""
SPARE = 25
"""How many passages more than asked for an approximate search finds."""
SAMPLE_A_LIST = 64
BLOCK = 20_000
SEED = 11


class DenseIndex:
    """Passage ids and scores by dot product of unit rows: 1 is the same direction, higher is better."""

    def __init__(self, index: Any = None) -> None:
        self._index = index  # faiss's Python wrapping has no usable types

    def __len__(self) -> int:
        return self._index.ntotal if self._index is not None else 0

    def update(self, database: Database, held: Ids, wanted: Ids) -> None:
        """Hold exactly the passages ``wanted`` of the database, where ``held`` were before; both sorted."""
        if self._index is None or self._outgrown(len(wanted)):
            held = np.empty(0, np.int64)
            self._index = None
        gone, new = np.setdiff1d(held, wanted), np.setdiff1d(wanted, held)
        if len(gone):
            self._index.remove_ids(gone)
        if len(new) and self._index is None:
            self._index = _lists(database, new) if len(new) > FLAT else None
        for i in range(0, len(new), BLOCK):
            ids, vectors = database.vectors(new[i : i + BLOCK].tolist())
            if self._index is None:
                self._index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
            self._index.add_with_ids(vectors, np.array(ids, np.int64))

    @property
    def _is_approximate(self) -> bool:
        return isinstance(self._index, faiss.IndexIVF)

    def _outgrown(self, passages: int) -> bool:
        if self._is_approximate:
            made_for = (self._index.nlist / 4) ** 2
            return not made_for / 2 < passages < 2 * made_for
        return passages > FLAT

    def search(self, vector: Vectors, k: int) -> Scored:
        """The nearest passages to one unit vector (d,), best first: ``k``, or more where they are approximate."""
        if not len(self):
            return []
        wanted = k + SPARE if self._is_approximate else k
        scores, ids = self._index.search(vector[None, :], min(wanted, len(self)))
        return [(int(id), float(score)) for id, score in zip(ids[0], scores[0], strict=True) if id >= 0]

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path, *, to_change: bool = False) -> "DenseIndex":
        """Read a saved index; raises OSError or RuntimeError when it is missing or damaged."""
        if not path.is_file():
            raise FileNotFoundError(path)
        return cls(faiss.read_index(str(path), 0 if to_change else faiss.IO_FLAG_MMAP))


def _lists(database: Database, ids: Ids) -> Any:
    """Empty lists, their centres found from a sample of the vectors."""
    lists = int(4 * len(ids) ** 0.5)
    sample = np.random.default_rng(SEED).choice(ids, min(len(ids), SAMPLE_A_LIST * lists), replace=False)
    _, vectors = database.vectors(np.sort(sample).tolist())
    index: Any = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.nprobe = min(max(lists // READ, 1), MOST_READ)
    return index
