"""The index: one object that owns the database and the store that searches its passages."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from weakref import finalize

import numpy as np

from index.database import Database
from index.embed import Embedder, Vectors, named_embedder
from index.errors import IndexEmpty, IndexMismatch
from index.lexical import WORD
from index.read import from_text
from index.split import sentences
from index.store import PassageStore, Scored, store_at
from index.sync import Report, plan, put_texts, reembed, sync
from index.types import Document, Entry, Passage, Sentence
from index.works import Work, same_work

log = logging.getLogger(__name__)

MOST_ASKED = 16_000
"""How many passages a store is asked for at once, at the most."""
REMEMBERED = 20_000
"""How many sentence vectors an index keeps at hand: 30 MB."""
QUERIES = 256
"""How many vectors of questions an index keeps at hand: finding, choosing and comparing need the same one."""


class Index:
    """Documents and their passages, searched in two ways. Safe to share between threads.

    >>> index = Index.from_texts({"a": "Riluzole reduces the release of glutamate."})
    >>> [index.passages([id])[id].document for id, score in index.search_lexical("riluzole", k=1)]
    ['a']
    """

    def __init__(self, database: Database, embedder: Embedder, store: PassageStore) -> None:
        self.database = database
        self.embedder = embedder
        self.store = store
        self._vectors: dict[str, Vectors] = {}
        self.query_vector = lru_cache(maxsize=QUERIES)(embedder.embed_query)
        self._document = lru_cache(maxsize=2_000)(self._load_document)
        self._sentences = lru_cache(maxsize=2_000)(self._split_document)
        self._work = lru_cache(maxsize=20_000)(self._load_work)

    # -- opening ---

    @classmethod
    def open(cls, path: str | Path, *, embedder: Embedder | None = None, store: str | None = None) -> "Index":
        """An index that exists, with its own model unless ``embedder`` is given, searched in the store at an address.

        The store is on this machine by default. Raises IndexMissing, IndexDamaged, StoreMissing, and IndexMismatch
        for another model.
        """
        database = Database(Path(path))
        built_with = database.manifest().get("model")
        embedder = embedder or named_embedder(built_with)
        if built_with not in (None, embedder.name):
            raise IndexMismatch(
                f"The index {path} was built with the model {built_with}, not {embedder.name}: name that model,"
                " or none, or change to the other one with sync --reembed."
            )
        return cls(database, embedder, store_at(store, database))

    @classmethod
    def create(cls, path: str | Path, *, embedder: Embedder | None = None, store: str | None = None) -> "Index":
        """An index at ``path``, made if there is none."""
        Database(Path(path), create=True)
        return cls.open(path, embedder=embedder, store=store)

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], *, embedder: Embedder | None = None) -> "Index":
        """A temporary index over texts by id; citations count in the texts as given."""
        index = cls.temporary(embedder=embedder)
        put_texts(index.database, [from_text(id, text) for id, text in texts.items()], index.embedder)
        return index

    @classmethod
    def from_folder(cls, folder: str | Path, *, embedder: Embedder | None = None) -> "Index":
        """A temporary index over the files of a folder."""
        index = cls.temporary(embedder=embedder)
        index.sync(folder)
        return index

    @classmethod
    def temporary(cls, *, embedder: Embedder | None = None) -> "Index":
        """An empty index that goes with the object."""
        folder = tempfile.mkdtemp(prefix="counterpoint-")
        index = cls.create(folder, embedder=embedder)
        finalize(index, shutil.rmtree, folder, ignore_errors=True)
        return index

    # -- syncing ---

    def sync(
        self, folder: str | Path, *, progress: bool = False, told: Callable[[int, int], None] = lambda done, all: None
    ) -> Report:
        """Bring the index to what the folder holds, and its store to the index.

        ``progress`` shows a bar on stderr; ``told`` is called with the number of files done and of all to do.
        """
        report = sync(self.database, Path(folder), self.embedder, progress=progress, told=told)
        if report.added or report.changed or report.removed or report.embedded:
            log.info("%s", report)
        if report.embedded:
            self.database.set_manifest({"engine": self.embedder.engine})
        self.store.save()
        return report

    def plan(self, folder: str | Path) -> Report:
        """What ``sync`` would do, as far as that can be told without reading the files."""
        return plan(self.database, Path(folder), self.embedder)

    def reembed(self, *, progress: bool = False) -> int:
        """Change to this index's embedding model, all at once; how many passages were embedded."""
        count = reembed(self.database, self.embedder, progress=progress)
        self.store.save()
        return count

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside comes from one state of the index, whatever is synced meanwhile."""
        with self.database.snapshot():
            yield

    # -- searching ---

    def search_dense(self, text: str, *, k: int) -> Scored:
        """Passage ids by cosine with the embedded text, best first."""
        vector = self.query_vector(text)
        scores = self._cosines(vector, [id for id, _ in self.store.search_dense(vector, k)])
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]

    def search_lexical(self, text: str, *, k: int) -> Scored:
        """Passage ids by BM25, best first."""
        return self.store.search_lexical(text, k)

    def search_both(
        self, text: str, *, k: int, documents: Collection[str] | None = None
    ) -> tuple[dict[int, float], dict[int, float]]:
        """The candidates of both legs: passage id -> cosine (for all of them), passage id -> BM25.

        ``documents`` are the ids of the only ones looked at; None for all.
        """
        vector = self.query_vector(text)
        if documents is not None:
            return self._search_among(text, vector, k, self.database.passage_ids(documents))
        full_text = dict(self.store.search_lexical(text, k))
        near = [id for id, _ in self.store.search_dense(vector, k)]
        return self._cosines(vector, sorted({*near, *full_text})), full_text

    def _search_among(
        self, text: str, vector: Vectors, k: int, ids: Sequence[int]
    ) -> tuple[dict[int, float], dict[int, float]]:
        """The same among chosen passages: all their cosines, and as many BM25 scores as it takes to find ``k``."""
        among, asked = set(ids), k
        while True:
            found = self.store.search_lexical(text, asked)
            full_text = dict([scored for scored in found if scored[0] in among][:k])
            if len(full_text) == k or len(found) < asked or asked == MOST_ASKED:
                break
            asked = min(4 * asked, MOST_ASKED)
        cosines = self._cosines(vector, ids)
        near = sorted(cosines, key=lambda id: (-cosines[id], id))[:k]
        return {id: cosines[id] for id in sorted({*near, *full_text}) if id in cosines}, full_text

    def search_near(self, word: str, *, k: int) -> list[Passage]:
        """Passages with a word at most one letter away from ``word``."""
        return list(self.passages(self.store.search_near(word, k)).values())

    def _cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Exact scores by the vectors in the database, of the passages that it still holds."""
        held, rows = self.database.vectors(ids)
        return dict(zip(held, (rows @ vector).tolist(), strict=True)) if held else {}

    # -- reading ---

    def document(self, id: str) -> Document:
        """The document with this id. Raises KeyError when there is none, IndexDamaged when it is not whole."""
        return self._document(self.database.generation(), id)

    def _load_document(self, generation: int, id: str) -> Document:
        document = self.database.document(id)
        if document is None:
            raise KeyError(id)
        return document

    def sentences(self, id: str) -> list[Sentence]:
        """The sentences of one document, in reading order."""
        return self._sentences(self.database.generation(), id)

    def _split_document(self, generation: int, id: str) -> list[Sentence]:
        return sentences(self._document(generation, id))

    def same_work(self, a: str, b: str) -> bool:
        """Whether two documents are copies or versions of one work, and so no independent sources."""
        generation = self.database.generation()
        return a == b or same_work(self._work(generation, a), self._work(generation, b))

    def _load_work(self, generation: int, id: str) -> Work:
        return self.database.work(id)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """(n, d) unit rows of short texts; those asked for before are remembered, as sentences come again."""
        known = {text: self._vectors[text] for text in texts if text in self._vectors}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known |= dict(zip(new, self.embedder.embed_documents(new), strict=True))
        if len(self._vectors) + len(new) > REMEMBERED:
            self._vectors = {}
        self._vectors |= known
        return np.stack([known[text] for text in texts])

    def names(self, text: str) -> set[str]:
        """The words, lower-case, that the embedding model's vocabulary does not hold whole, such as drugs."""
        return names_in(text, self.embedder)

    def passages(self, ids: list[int]) -> dict[int, Passage]:
        """The passages that still exist among ``ids``."""
        return self.database.passages(ids)

    def titles(self) -> dict[str, str]:
        """Document id -> title."""
        return self.database.titles()

    def catalogue(self) -> list[Entry]:
        """Every document as a list shows it, by title."""
        return self.database.catalogue()

    def require_documents(self) -> None:
        """Raise IndexEmpty when there is nothing to search."""
        if self.database.is_empty():
            failures = len(self.database.failures())
            hint = f" ({failures} files could not be read: python -m index status)" if failures else ""
            raise IndexEmpty(f"The index holds no documents{hint}. Add files to the folder and sync it again.")


def names_in(text: str, embedder: Embedder) -> set[str]:
    """The words of a text, lower-case, that the model's vocabulary does not hold whole."""
    return {word for word in map(str.lower, WORD.findall(text)) if not embedder.knows(word)}
