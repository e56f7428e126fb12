"""The passages on Milvus, reached by an address: both searches run in the engine. The only file that imports pymilvus.

Each index has a collection of its own, named after an identity kept in its database. A sync sends what the collection
lacks and deletes what the database no longer has, so that an interrupted one goes on where it stopped; what is found
while one runs may be gone from the database already, and whoever asks drops that. Words are sent as stems, since not
every engine knows English. Titles and headings count like the text here: the engine's BM25 reads one field.
Leaves out users and roles: an address may carry a name and password, everything else is the cluster's to set up.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from string import ascii_lowercase
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from pymilvus import DataType, Function, FunctionType, MilvusClient
from pymilvus.exceptions import MilvusException

from index.database import Database
from index.embed import Vectors
from index.errors import StoreMissing
from index.lexical import WORD, stems, words
from index.types import Passage

logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what goes wrong is raised, and said once

Scored = list[tuple[int, float]]

BLOCK = 500
PAGE = 10_000
"""Ids asked for at once."""
WAIT = 10.0
"""Seconds to wait for a connection."""
MAX_BYTES = 65_000
"""What one text field of the engine takes."""
SEARCHED = 64
"""The least ``ef``: how many neighbours a search of the graph keeps in view."""


class MilvusStore:
    """`PassageStore` on a Milvus server or cluster."""

    def __init__(self, database: Database, address: str) -> None:
        self._database = database
        self._address = address

    def search_dense(self, vector: Vectors, k: int) -> Scored:
        effort = {"params": {"ef": max(SEARCHED, 2 * k)}}
        return self._search("vector", vector.tolist(), k, effort)

    def search_lexical(self, text: str, k: int) -> Scored:
        query = " ".join(stem for word in words(text) for stem in stems(word))
        return self._search("bm25", query, k, {}) if query else []

    def search_near(self, word: str, k: int) -> list[int]:
        if not word.isalpha() or not self._database.passage_count():
            return []
        near = " ".join(_one_letter_away(word.lower()))
        with self._speaking():
            found = self._client.query(
                self._collection, filter=f"TEXT_MATCH(text, '{near}')", limit=max(k, 1), output_fields=["id"]
            )
        return [row["id"] for row in found]

    def _search(self, field: str, query: Any, k: int, effort: dict[str, Any]) -> Scored:
        if not self._database.passage_count():
            return []
        with self._speaking():
            [found] = self._client.search(
                self._collection, [query], anns_field=field, limit=max(k, 1), search_params=effort
            )
        return [(hit["id"], abs(hit["distance"])) if field == "bm25" else (hit["id"], hit["distance"]) for hit in found]

    # -- keeping up ---

    def save(self) -> None:
        self._database.flush()
        wanted = self._database.passage_ids()
        with self._database.writing(), self._speaking():
            if not self._client.has_collection(self._collection):
                if not wanted:
                    return
                self._make(len(self._database.vectors(wanted[:1])[1][0]))
            elif self._is_current():
                return
            held = self._held()
            for gone in _blocks(sorted(held.difference(wanted))):
                self._client.delete(self._collection, ids=gone)
            titles = self._database.titles()
            for new in _blocks(sorted(set(wanted).difference(held))):
                self._client.upsert(self._collection, list(self._rows(new, titles)))
            self._database.set_manifest({self._kept_at: str(self._database.generation())})

    def damages(self) -> Iterator[str]:
        with self._speaking():
            held = self._held() if self._client.has_collection(self._collection) else set()
        wanted = set(self._database.passage_ids())
        if held != wanted:
            yield (
                f"{self._collection} at {self._place}: {len(wanted - held)} passages missing, {len(held - wanted)} too"
                " many"
            )

    def _is_current(self) -> bool:
        """Whether the collection was last sent this generation."""
        return self._database.manifest().get(self._kept_at) == str(self._database.generation())

    def _make(self, dimension: int) -> None:
        """A collection for vectors of this length, compared by cosine, and BM25 over the stems."""
        schema = self._client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        schema.add_field("stems", DataType.VARCHAR, max_length=65_535, enable_analyzer=True)
        schema.add_field("text", DataType.VARCHAR, max_length=65_535, enable_analyzer=True, enable_match=True)
        schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(Function("bm25", FunctionType.BM25, ["stems"], ["bm25"]))
        indexes = self._client.prepare_index_params()
        indexes.add_index("vector", index_type="HNSW", metric_type="COSINE", params={"M": 32, "efConstruction": 200})
        indexes.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        self._client.create_collection(
            self._collection, schema=schema, index_params=indexes, consistency_level="Strong"
        )

    def _held(self) -> set[int]:
        """The ids in the collection, asked for in ranges."""
        held: set[int] = set()
        for start in range(0, self._database.last_passage_id(), PAGE):
            page = f"id > {start} and id <= {start + PAGE}"
            rows = self._client.query(self._collection, filter=page, limit=PAGE, output_fields=["id"])
            held.update(row["id"] for row in rows)
        return held

    def _rows(self, ids: Sequence[int], titles: dict[str, str]) -> Iterator[dict[str, Any]]:
        passages = self._database.passages(ids)
        for id, vector in zip(*self._database.vectors(ids), strict=True):
            passage = passages[id]
            said = _cut(passage.text)
            yield {"id": id, "vector": vector, "stems": _stemmed(passage, titles[passage.document]), "text": said}

    # -- speaking to the engine ---

    @cached_property
    def _client(self) -> MilvusClient:
        parts = urlsplit(self._address)
        token = f"{parts.username}:{parts.password}" if parts.username else ""
        return MilvusClient(uri=self._place, token=token, timeout=WAIT)

    @property
    def _place(self) -> str:
        """The address without name and password."""
        parts = urlsplit(self._address)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def _kept_at(self) -> str:
        """The manifest's key for the generation that this place was last sent."""
        return f"sent to {self._place}"

    @cached_property
    def _collection(self) -> str:
        """The collection of this index; an index without an identity is given one."""
        if "identity" not in self._database.manifest():
            self._database.set_manifest({"identity": uuid4().hex})
        return f"counterpoint_{self._database.manifest()['identity']}"

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except MilvusException as error:
            raise StoreMissing(
                f"The store {self._place} cannot be used: {error.message}. Start it, or sync the folder with this "
                "--store; without --store, the index is searched on this machine."
            ) from error


def _stemmed(passage: Passage, title: str) -> str:
    every = WORD.findall(f"{title} {passage.heading} {passage.text}")
    return _cut(" ".join(stem for word in every for stem in stems(word)))


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:MAX_BYTES].decode("utf-8", "ignore")


def _blocks(ids: Sequence[int]) -> Iterator[list[int]]:
    return (list(ids[i : i + BLOCK]) for i in range(0, len(ids), BLOCK))


def _one_letter_away(word: str) -> list[str]:
    """The word and all that differ by one letter put in, left out, replaced, or swapped with the next.

    >>> {"zinc", "zin", "zincs", "zonc", "znic"} <= set(_one_letter_away("zinc"))
    True
    """
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    changed = {a + b[1:] for a, b in splits if b} | {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    changed |= {a + c + b[1:] for a, b in splits if b for c in ascii_lowercase}
    return sorted({word} | changed | {a + c + b for a, b in splits for c in ascii_lowercase})
