"""One SQLite file: documents, passages, vectors, manifest. The single source of truth.

Every change is a transaction and raises the generation number; whatever is derived from the database (FAISS,
full text) carries the generation it was made from. Readers keep reading while one writer writes.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexBusy, IndexDamaged, IndexMissing, IndexOutdated
from index.types import Block, Document, Passage

FILE = "counterpoint.sqlite"
SCHEMA_VERSION = 2
"""Raise it when the tables change; the next sync then reads every file again."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL, date TEXT NOT NULL,
    url TEXT NOT NULL, doi TEXT NOT NULL, kind TEXT NOT NULL, notice TEXT NOT NULL,
    text TEXT NOT NULL, blocks TEXT NOT NULL, pages TEXT NOT NULL, file_hash TEXT NOT NULL, row_hash TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, heading TEXT NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_of ON passages (document);
CREATE TABLE IF NOT EXISTS failures (source TEXT PRIMARY KEY, file_hash TEXT NOT NULL, reason TEXT NOT NULL);
INSERT OR IGNORE INTO manifest VALUES ('generation', '0');
"""


class Database:
    """The database in the folder ``folder``; one object serves many threads, each with its own connection."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        if create:
            folder.mkdir(parents=True, exist_ok=True)
        elif not (folder / FILE).is_file():
            raise IndexMissing(f"There is no index at {folder}. Make one: python -m index sync FOLDER --index {folder}")
        self._local = threading.local()
        if create:
            with self.writing(), self.transaction() as connection:
                _make_tables(connection)
        elif _schema_version(self.connection) != SCHEMA_VERSION:
            raise IndexOutdated(
                f"The index {folder} was made by another version of Counterpoint. Sync it again, which reads its files"
                f" anew: python -m index sync FOLDER --index {folder}"
            )

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        if not hasattr(self._local, "connection"):
            self._local.connection = _connect(self.folder / FILE)
        connection: sqlite3.Connection = self._local.connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; a change inside raises the generation when it calls ``_changed``."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place; the operating system gives it back if the process dies."""
        lock = sqlite3.connect(self.folder / "writer.lock", timeout=0.2, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            raise IndexBusy(
                f"Another process is syncing the index {self.folder}; wait until it has finished."
            ) from error
        try:
            yield
        finally:
            lock.close()

    # -- reading ---

    def manifest(self) -> dict[str, str]:
        return dict(self.connection.execute("SELECT key, value FROM manifest"))

    def generation(self) -> int:
        row = self.connection.execute("SELECT value FROM manifest WHERE key = 'generation'").fetchone()
        return int(row[0])

    def document(self, id: str) -> Document | None:
        """The stored document; raises IndexDamaged when it is not what was written."""
        row = self.connection.execute(
            f"SELECT {DOCUMENT_COLUMNS}, row_hash FROM documents WHERE id = ?", (id,)
        ).fetchone()
        if row is None:
            return None
        if _row_hash(row[:-1]) != row[-1]:
            raise IndexDamaged(f"The stored text of {id} is damaged: run python -m index doctor --index {self.folder}")
        return _document(row)

    def document_ids(self) -> list[str]:
        return [id for (id,) in self.connection.execute("SELECT id FROM documents ORDER BY id")]

    def file_hashes(self) -> dict[str, str]:
        """Source -> SHA-256 of the file it was read from."""
        return dict(self.connection.execute("SELECT source, file_hash FROM documents"))

    def failures(self) -> dict[str, tuple[str, str]]:
        """Source -> (SHA-256 of the file, reason)."""
        rows = self.connection.execute("SELECT source, file_hash, reason FROM failures ORDER BY source")
        return {source: (file_hash, reason) for source, file_hash, reason in rows}

    def passage_ids(self) -> list[int]:
        return [id for (id,) in self.connection.execute("SELECT id FROM passages ORDER BY id")]

    def passage_count(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def last_passage_id(self) -> int:
        """The highest id that any passage ever had; no id is given twice."""
        row = self.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        return int(row[0]) if row else 0

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages that still exist among ``ids``."""
        return {id: passage for batch in _batches(ids) for id, passage in self._passages(batch)}

    def _passages(self, ids: Sequence[int]) -> Iterator[tuple[int, Passage]]:
        rows = self.connection.execute(
            "SELECT p.id, p.document, p.start, p.end, substr(d.text, p.start + 1, p.end - p.start), p.heading"
            f" FROM passages p JOIN documents d ON d.id = p.document WHERE p.id IN ({_marks(ids)})",
            ids,
        )
        return ((row[0], Passage(*row)) for row in rows)

    def vectors(self, ids: Sequence[int]) -> tuple[list[int], Vectors]:
        """Ids that still exist, and their vectors as (n, d) float32 rows."""
        rows = [
            row
            for batch in _batches(ids)
            for row in self.connection.execute(
                f"SELECT id, vector FROM passages WHERE id IN ({_marks(batch)}) ORDER BY id", batch
            )
        ]
        matrix = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
        return [id for id, _ in rows], matrix.reshape(len(rows), len(matrix) // max(len(rows), 1))

    def titles(self) -> dict[str, str]:
        """Document id -> title."""
        return dict(self.connection.execute("SELECT id, title FROM documents ORDER BY id"))

    # -- writing ---

    def set_manifest(self, values: dict[str, str]) -> None:
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", values.items())

    def put(self, document: Document, file_hash: str, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Store a document with its passages and their vectors, in place of what stood under its id."""
        row = _row(document)
        with self.transaction() as connection:
            connection.execute("DELETE FROM documents WHERE id = ?", (document.id,))
            connection.execute("DELETE FROM failures WHERE source = ?", (document.source,))
            connection.execute(f"INSERT INTO documents VALUES ({_marks(row)}, ?, ?)", (*row, file_hash, _row_hash(row)))
            connection.executemany(
                "INSERT INTO passages (document, start, end, heading, vector) VALUES (?, ?, ?, ?, ?)",
                (
                    (document.id, passage.start, passage.end, passage.heading, vector.tobytes())
                    for passage, vector in zip(passages, np.asarray(vectors, np.float32), strict=True)
                ),
            )
            _changed(connection)

    def remove(self, sources: Iterable[str]) -> None:
        with self.transaction() as connection:
            for source in sources:
                connection.execute("DELETE FROM documents WHERE source = ?", (source,))
                connection.execute("DELETE FROM failures WHERE source = ?", (source,))
            _changed(connection)

    def fail(self, source: str, file_hash: str, reason: str) -> None:
        """Note why a file is not in the index; what an older version of it said no longer answers."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM documents WHERE source = ?", (source,))
            connection.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (source, file_hash, reason))
            _changed(connection)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        raise IndexDamaged(f"{path} is not a readable database: move it away and sync the folder again") from error
    return connection


def _schema_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables, in place of those of another version: what they hold is in the files too."""
    if _schema_version(connection) != SCHEMA_VERSION:
        for table in ("passages", "documents", "failures", "manifest"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in SCHEMA.strip().removesuffix(";").split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


DOCUMENT_COLUMNS = "id, source, title, authors, date, url, doi, kind, notice, text, blocks, pages"


def _row(document: Document) -> tuple[str, ...]:
    """A document as its columns."""
    listed = {
        "authors": json.dumps(document.authors),
        "blocks": json.dumps([astuple(block) for block in document.blocks]),
        "pages": json.dumps(document.pages),
    }
    return tuple(listed.get(name) or getattr(document, name) for name in DOCUMENT_COLUMNS.split(", "))


def _document(row: Sequence[str]) -> Document:
    fields: dict[str, Any] = dict(zip(DOCUMENT_COLUMNS.split(", "), row, strict=False))
    fields["authors"] = tuple(json.loads(fields["authors"]))
    fields["blocks"] = tuple(Block(*block) for block in json.loads(fields["blocks"]))
    fields["pages"] = tuple(json.loads(fields["pages"]))
    return Document(**fields)


def _changed(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE manifest SET value = value + 1 WHERE key = 'generation'")


def _row_hash(row: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(row).encode("utf-8", "surrogatepass")).hexdigest()


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _batches(ids: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    return (ids[i : i + size] for i in range(0, len(ids), size))
