"""Where passages are searched: what a store promises, and the store on this machine.

The database is the truth for documents, passages and vectors. A store is derived from it: it knows the same passages
by the same ids and says which are near a vector and which fit words. It leaves exact scores to the database.

The store on this machine is FAISS and full text in the folder ``derived-N`` beside the database, made whole or not at
all from its generation N. A sync makes the next one from the last by their difference. A process that finds no folder
of the newest generation derives a small index anew, in memory; a large one goes on with what was saved last, until
the sync that is under way saves the next.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.database import Database
from index.dense import DenseIndex
from index.embed import Vectors
from index.errors import StoreMissing
from index.lexical import LexicalIndex
from index.seal import broken, seal

log = logging.getLogger(__name__)

SMALL = 20_000
"""Passages that are derived anew in about a second."""

Scored = list[tuple[int, float]]
Ids = NDArray[np.int64]

DENSE, LEXICAL, IDS = "dense.faiss", "lexical", "ids.npy"
DAMAGE = (OSError, RuntimeError, ValueError)
"""What reading a damaged part raises."""
NOTHING: Ids = np.empty(0, np.int64)


class PassageStore(Protocol):
    """Answers both kinds of search over the passages of one database. Safe to share between threads."""

    def save(self) -> None:
        """Hold exactly the passages of the database, for every process; a sync ends with it."""

    def search_dense(self, vector: Vectors, k: int) -> Scored:
        """The ``k`` passages nearest to a unit vector (d,), best first; cosines may be rounded."""

    def search_lexical(self, text: str, k: int) -> Scored:
        """The ``k`` passages that fit the words of ``text`` best by BM25, best first."""

    def search_near(self, word: str, k: int) -> list[int]:
        """Up to ``k`` passages with a word at most one letter away from ``word``."""

    def damages(self) -> Iterator[str]:
        """One line, ``part: what``, for each way in which it does not hold what the database holds."""


def store_at(address: str | None, database: Database) -> PassageStore:
    """The store at an address such as ``http://host:19530``; None is the one on this machine."""
    if address is None:
        return LocalStore(database)
    try:
        from index.milvus import MilvusStore
    except ImportError as error:
        raise StoreMissing(f"The store {address} needs pymilvus: pip install 'counterpoint[milvus]'.") from error
    return MilvusStore(database, address)


@dataclass(frozen=True, slots=True)
class Derived:
    """Both search indexes over the passages ``ids`` (sorted), as of a generation of the database."""

    generation: int = -1
    ids: Ids = field(default_factory=NOTHING.copy)
    dense: DenseIndex = field(default_factory=DenseIndex)
    lexical: LexicalIndex = field(default_factory=LexicalIndex)

    @classmethod
    def load(cls, folder: Path) -> "Derived":
        """What was saved; raises OSError, RuntimeError or ValueError when it is missing or damaged."""
        if damaged := broken(folder):
            raise ValueError(f"{', '.join(damaged)} in {folder} is missing or not what was written")
        ids, dense, lexical = np.load(folder / IDS), DenseIndex.load(folder / DENSE), LexicalIndex(folder / LEXICAL)
        return cls(_generation(folder), ids, dense, lexical)


class LocalStore:
    """`PassageStore` in the folder of its database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._derived = Derived()

    def search_dense(self, vector: Vectors, k: int) -> Scored:
        return self._current().dense.search(vector, k)

    def search_lexical(self, text: str, k: int) -> Scored:
        return self._current().lexical.search(text, k)

    def search_near(self, word: str, k: int) -> list[int]:
        return self._current().lexical.search_near(word, k)

    def save(self) -> None:
        self._database.flush()
        generation = self._database.generation()
        newest = self._newest()
        if newest.generation == generation or not self._database.passage_count():
            return
        with self._database.writing():
            partial = Path(tempfile.mkdtemp(dir=self._database.folder, prefix="partial-derived-"))
            self._derive(newest, partial)
            seal(partial)
            for old in self._database.folder.glob("*derived-*"):
                if old != partial:
                    shutil.rmtree(old, ignore_errors=True)
            os.replace(partial, self._folder(generation))

    def damages(self) -> Iterator[str]:
        folder, passages = self._folder(self._database.generation()), self._database.passage_count()
        if passages and not folder.is_dir():
            yield f"{folder.name}: not saved for the newest documents"
        elif passages:
            yield from (f"{folder.name}/{name}: missing or not what was written" for name in broken(folder))

    def _derive(self, base: Derived, folder: Path) -> None:
        """Write both indexes of the database as it is, starting from what was saved before."""
        ids, dense = _passage_ids(self._database), DenseIndex()
        if len(base.ids):
            before = self._folder(base.generation)
            dense = DenseIndex.load(before / DENSE)
            # full text never changes a file that it has written: the next generation shares them with the last
            shutil.copytree(before / LEXICAL, folder / LEXICAL, copy_function=_link)
        dense.update(self._database, base.ids, ids)
        dense.save(folder / DENSE)
        LexicalIndex(folder / LEXICAL).update(self._database, base.ids, ids)
        np.save(folder / IDS, ids)

    def _current(self) -> Derived:
        """Both search indexes, as new as they can be without a wait."""
        with self._lock:
            if self._derived.generation != self._database.generation():
                self._derived = self._load()
            return self._derived

    def _load(self) -> Derived:
        generation, held = self._database.generation(), self._derived
        saved = max(map(_generation, self._saved()), default=-1)
        newest = self._newest() if saved > held.generation else held
        if newest.generation == generation or len(newest.ids) > SMALL:
            return newest
        derived = Derived(generation, _passage_ids(self._database))
        derived.dense.update(self._database, NOTHING, derived.ids)
        derived.lexical.update(self._database, NOTHING, derived.ids)
        return derived

    def _newest(self) -> Derived:
        """What was saved last and is whole; an empty one if there is none."""
        for folder in sorted(self._saved(), key=_generation, reverse=True):
            try:
                return Derived.load(folder)
            except DAMAGE as error:
                log.warning("The saved search indexes cannot be used and are made anew: %s", error)
        return Derived()

    def _saved(self) -> Iterator[Path]:
        return self._database.folder.glob("derived-*")

    def _folder(self, generation: int) -> Path:
        return self._database.folder / f"derived-{generation}"


def _generation(folder: Path) -> int:
    return int(folder.name.removeprefix("derived-"))


def _passage_ids(database: Database) -> Ids:
    return np.array(database.passage_ids(), np.int64)


def _link(source: str, target: str) -> None:
    """A second name for a file, or a copy where the file system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
