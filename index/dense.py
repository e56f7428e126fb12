"""Nearest passages by cosine. The only file that imports faiss.

Derived from the vectors in the database and brought to them by difference. The rule for its type: up to
``FLAT`` passages are compared one by one, exactly. More are kept in 2 sqrt(n) lists by likeness, half a byte for
two numbers (IVF, PQ, read by FAISS's fast scan), of which a search reads a fifth: eval/bench.md has what that finds. A
fixed share, because a fixed number is not enough when there are more. Stored vectors as queries would tell nothing:
they are found in the first lists, questions lie off the passages.

What is gone stays in such lists, since FAISS loses passages that are added after others were removed; who asks finds
it gone in the database. Lists are made anew when the passages have doubled or halved, or a fifth is gone.

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

FLAT = 20_000
LISTS = 2
"""How many lists there are, times the root of the number of passages."""
READ = 5
"""One of how many lists a search reads."""
GONE = 5
"""One of how many passages in lists may be gone before they are made anew."""
SPARE = 100
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
        """Hold the passages ``wanted`` of the database, where ``held`` were before; both sorted."""
        gone, new = np.setdiff1d(held, wanted), np.setdiff1d(wanted, held)
        if self._index is None or self._outgrown(len(wanted), len(self) + len(new)):
            self._index = _lists(database, wanted) if len(wanted) > FLAT else None
            gone, new = wanted[:0], wanted
        if len(gone) and not self._is_approximate:
            self._index.remove_ids(gone)
        for i in range(0, len(new), BLOCK):
            ids, vectors = database.vectors(new[i : i + BLOCK].tolist())
            if self._index is None:
                self._index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
            self._index.add_with_ids(vectors, np.array(ids, np.int64))

    @property
    def _is_approximate(self) -> bool:
        return isinstance(self._index, faiss.IndexIVF)

    def _outgrown(self, passages: int, kept: int) -> bool:
        """Whether it is no longer of the right type for so many passages, of ``kept`` that would stand in it."""
        if not self._is_approximate:
            return passages > FLAT
        made_for = (self._index.nlist / LISTS) ** 2
        return not made_for / 2 < passages < 2 * made_for or passages < kept * (1 - 1 / GONE)

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
    def load(cls, path: Path) -> "DenseIndex":
        """Read a saved index; raises OSError or RuntimeError when it is missing or damaged."""
        if not path.is_file():
            raise FileNotFoundError(path)
        return cls(faiss.read_index(str(path)))


def _lists(database: Database, ids: Ids) -> Any:
    """Empty lists, their centres and codes found from a sample of the vectors."""
    lists = int(LISTS * len(ids) ** 0.5)
    sample = np.random.default_rng(SEED).choice(ids, min(len(ids), SAMPLE_A_LIST * lists), replace=False)
    _, vectors = database.vectors(np.sort(sample).tolist())
    width = vectors.shape[1]
    codes = width // 2 if width % 2 == 0 else width
    index: Any = faiss.index_factory(width, f"IVF{lists},PQ{codes}x4fs", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.nprobe = max(lists // READ, 1)
    return index
