"""One SQLite file: files, documents, passages, vectors, manifest. The single source of truth.

Every change is a transaction and raises the generation number; whatever is derived from the database (FAISS,
full text) carries the generation it was made from. Readers keep reading while one writer writes, and see one state
for as long as they hold a ``snapshot``. Each row carries the hash of what was written to it.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexBusy, IndexDamaged, IndexMissing, IndexOutdated
from index.split import embedding_text
from index.types import Block, Document, Entry, Passage
from index.works import Work, sketch

FILE = "counterpoint.sqlite"
SCHEMA_VERSION = 3
"""Raise it when the tables change; the next sync then reads every file again."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    source TEXT PRIMARY KEY, file_hash TEXT NOT NULL, reason TEXT NOT NULL, documents INTEGER NOT NULL,
    row_hash TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL, date TEXT NOT NULL,
    url TEXT NOT NULL, doi TEXT NOT NULL, kind TEXT NOT NULL, notice TEXT NOT NULL, text TEXT NOT NULL,
    unread TEXT NOT NULL, blocks TEXT NOT NULL, pages TEXT NOT NULL, sketch TEXT NOT NULL, passages INTEGER NOT NULL,
    row_hash TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_of ON documents (source);
CREATE TABLE IF NOT EXISTS passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, heading TEXT NOT NULL, text_hash TEXT NOT NULL,
    vector BLOB NOT NULL, row_hash TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_of ON passages (document);
CREATE INDEX IF NOT EXISTS passages_by_text ON passages (text_hash);
CREATE TABLE IF NOT EXISTS quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT NOT NULL, reason TEXT NOT NULL, content TEXT NOT NULL
);
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
        elif self.rows("PRAGMA user_version") != [(SCHEMA_VERSION,)]:
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

    def close(self) -> None:
        """Close this thread's connection; the next use opens another."""
        if hasattr(self._local, "connection"):
            self._local.connection.close()
            del self._local.connection

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

    def flush(self) -> None:
        """See that a cut of power undoes no change that was made until now; a process that dies undoes none anyway."""
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("UPDATE manifest SET value = value WHERE key = 'generation'")
        self.connection.execute("PRAGMA synchronous = NORMAL")

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

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that this thread reads inside is of one state, whatever others write meanwhile."""
        held = self.connection.in_transaction
        if not held:
            self.rows("BEGIN")
            self.generation()  # the first read fixes the state
        try:
            yield
        finally:
            if not held:
                self.connection.rollback()

    # -- reading ---

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """All rows of a query. Raises IndexDamaged where the file is not what SQLite wrote."""
        try:
            return self.connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise IndexDamaged(f"The index {self.folder} cannot be read ({error}): {self._remedy}") from error

    @property
    def _remedy(self) -> str:
        return f"run python -m index doctor --index {self.folder}"

    def manifest(self) -> dict[str, str]:
        return dict(self.rows("SELECT key, value FROM manifest"))

    def generation(self) -> int:
        """How many changes there have been. Raises IndexDamaged."""
        try:
            [(value,)] = self.rows("SELECT value FROM manifest WHERE key = 'generation'")
            return int(value)
        except ValueError as error:
            raise IndexDamaged(f"The manifest of the index {self.folder} is damaged: {self._remedy}") from error

    def document(self, id: str) -> Document | None:
        """The stored document; raises IndexDamaged when it is not what was written."""
        for row in self.rows("SELECT * FROM documents WHERE id = ?", (id,)):
            if row_hash(row[:-1]) != row[-1]:
                raise IndexDamaged(f"The stored text of {id} is damaged: {self._remedy}")
            return _document(row)
        return None

    def document_ids(self) -> list[str]:
        return [id for (id,) in self.rows("SELECT id FROM documents ORDER BY id")]

    def documents_of(self, source: str) -> list[str]:
        """The ids of the documents that a file holds."""
        return [id for (id,) in self.rows("SELECT id FROM documents WHERE source = ? ORDER BY id", (source,))]

    def work(self, id: str) -> Work:
        """What tells whether a document is one work with another; an empty one where there is no such document."""
        for doi, title, source, numbers in self.rows(
            "SELECT doi, title, source, sketch FROM documents WHERE id = ?", (id,)
        ):
            named = title not in (source, Path(source).stem)
            return Work(doi, title if named else "", frozenset(json.loads(numbers)))
        return Work()

    def file_hashes(self) -> dict[str, str]:
        """Source -> SHA-256 of each file whose documents are all stored."""
        return dict(self.rows("SELECT source, file_hash FROM files WHERE reason = ''"))

    def failures(self) -> dict[str, tuple[str, str]]:
        """Source -> (SHA-256 of the file, reason)."""
        rows = self.rows("SELECT source, file_hash, reason FROM files WHERE reason != '' ORDER BY source")
        return {source: (file_hash, reason) for source, file_hash, reason in rows}

    def unread(self) -> dict[str, str]:
        """Source -> what of a file that is stored could not be read."""
        return dict(self.rows("SELECT source, unread FROM documents WHERE unread != '' ORDER BY source"))

    def sources(self) -> set[str]:
        """Every source of which anything is stored."""
        return {source for (source,) in self.rows("SELECT source FROM files UNION SELECT source FROM documents")}

    def passage_rows(self, id: str) -> list[Any]:
        """The passages of a document as they are stored, their hash last, in order."""
        columns = f"{PASSAGE_COLUMNS}, row_hash"
        return self.rows(f"SELECT {columns} FROM passages WHERE document = ? ORDER BY id", (id,))

    def passage_ids(self, documents: Collection[str] | None = None) -> list[int]:
        """The ids of all passages, or of those of the named documents, in order."""
        if documents is None:
            return [id for (id,) in self.rows("SELECT id FROM passages ORDER BY id")]
        batches = _batches(list(documents))
        found = (self.rows(f"SELECT id FROM passages WHERE document IN ({_marks(batch)})", batch) for batch in batches)
        return sorted(id for rows in found for (id,) in rows)

    def passage_count(self) -> int:
        [(count,)] = self.rows("SELECT count(*) FROM passages")
        return int(count)

    def is_empty(self) -> bool:
        """Whether there is no passage; counting a million takes longer than a search."""
        return not self.rows("SELECT 1 FROM passages LIMIT 1")

    def last_passage_id(self) -> int:
        """The highest id that any passage ever had; no id is given twice."""
        rows = self.rows("SELECT seq FROM sqlite_sequence WHERE name = 'passages'")
        return int(rows[0][0]) if rows else 0

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages that still exist among ``ids``."""
        return {id: passage for batch in _batches(ids) for id, passage in self._passages(batch)}

    def _passages(self, ids: Sequence[int]) -> Iterator[tuple[int, Passage]]:
        rows = self.rows(
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
            for row in self.rows(f"SELECT id, vector FROM passages WHERE id IN ({_marks(batch)}) ORDER BY id", batch)
        ]
        matrix = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
        return [id for id, _ in rows], matrix.reshape(len(rows), len(matrix) // max(len(rows), 1))

    def vectors_of(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Text -> (d,) vector, for those of the texts that have been embedded for a passage that is stored."""
        by_hash = {text_hash(text): text for text in texts}
        rows = (
            row
            for batch in _batches(list(by_hash))
            for row in self.rows(
                f"SELECT {PASSAGE_COLUMNS}, row_hash FROM passages WHERE text_hash IN ({_marks(batch)})", batch
            )
        )
        whole = (row for row in rows if row_hash(row[:-1]) == row[-1])
        return {by_hash[row[4]]: np.frombuffer(row[5], np.float32) for row in whole}

    def titles(self) -> dict[str, str]:
        """Document id -> title."""
        return dict(self.rows("SELECT id, title FROM documents ORDER BY id"))

    def catalogue(self) -> list[Entry]:
        """Every document as a list shows it, by title."""
        columns = "id, title, source, date, kind, notice, unread, passages, authors"
        rows = self.rows(f"SELECT {columns} FROM documents ORDER BY title COLLATE NOCASE, id")
        listed = ((*row[:-1], tuple(json.loads(row[-1]))) for row in rows)
        return [Entry(*row) for row in listed]

    # -- writing ---

    def set_manifest(self, values: dict[str, str]) -> None:
        with self.transaction() as connection:
            _set_manifest(connection, values)

    def put(self, document: Document, file_hash: str, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Store a document with its passages and their vectors, in place of what stood under its id.

        With a ``file_hash`` it is all that its file holds; with "" the file holds more, until ``finish``.
        """
        with self.transaction() as connection:
            _insert(connection, document, passages, vectors)
            if file_hash:
                _finish(connection, document.source, file_hash, {document.id})
            _changed(connection)

    def finish(self, source: str, file_hash: str, ids: Iterable[str]) -> None:
        """Say that the documents ``ids`` are all that a file holds; those of an older version of it go."""
        with self.transaction() as connection:
            _finish(connection, source, file_hash, set(ids))
            _changed(connection)

    def move(self, old: str, documents: Sequence[tuple[str, Document]]) -> None:
        """Give what the file ``old`` holds, by id, new names and places; passages get new ids, vectors stay."""
        with self.transaction() as connection:
            [(file_hash,)] = connection.execute("SELECT file_hash FROM files WHERE source = ?", (old,)).fetchall()
            for id, document in documents:
                held = self.passage_rows(id)
                _insert_document(connection, document, len(held))
                _insert_passages(connection, [(document.id, *row[1:-1]) for row in held])
            _remove(connection, old)
            for source in {document.source for _, document in documents}:
                _finish(connection, source, file_hash, {document.id for _, document in documents})
            _changed(connection)

    def remove(self, sources: Iterable[str]) -> None:
        with self.transaction() as connection:
            for source in sources:
                _remove(connection, source)
            _changed(connection)

    def fail(self, source: str, file_hash: str, reason: str) -> None:
        """Note why a file is not in the index; what an older version of it said no longer answers."""
        with self.transaction() as connection:
            _remove(connection, source)
            _insert_file(connection, source, file_hash, reason, 0)
            _changed(connection)

    def put_aside(self, id: str, reason: str) -> None:
        """Move a damaged document into the quarantine; its file counts as not read."""
        with self.transaction() as connection:
            for row in self.rows("SELECT * FROM documents WHERE id = ?", (id,)):
                connection.execute(
                    "INSERT INTO quarantine (place, reason, content) VALUES (?, ?, ?)", (id, reason, json.dumps(row))
                )
                connection.execute("DELETE FROM documents WHERE id = ?", (id,))
                connection.execute("DELETE FROM files WHERE source = ?", (row[1],))
            _changed(connection)

    def drop_passages(self, id: str) -> None:
        """Forget the passages of a document, or those that belong to none."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM passages WHERE document = ?", (id,))
            _changed(connection)

    def forget(self, source: str) -> None:
        """Forget that a file was read; the next sync reads it again."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM files WHERE source = ?", (source,))
            _changed(connection)

    def take_over(self, other: "Database", manifest: dict[str, str]) -> None:
        """Replace all documents and passages by those that another database has of them, in one transaction."""
        self.connection.execute("ATTACH ? AS other", (str(other.folder / FILE),))
        try:
            with self.transaction() as connection:
                connection.execute("DELETE FROM other.documents WHERE id NOT IN (SELECT id FROM main.documents)")
                connection.execute("DELETE FROM main.documents")
                connection.execute("INSERT INTO documents SELECT * FROM other.documents")
                columns = f"{PASSAGE_COLUMNS}, row_hash"
                connection.execute(f"INSERT INTO passages ({columns}) SELECT {columns} FROM other.passages ORDER BY id")
                _set_manifest(connection, manifest)
                _changed(connection)
        finally:
            self.connection.execute("DETACH other")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")  # damaged text is found by its hash
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # whole at all times; the newest changes last by ``flush``
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
        for table in ("passages", "documents", "files", "failures", "manifest"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in SCHEMA.strip().removesuffix(";").split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


# -- rows ---

DOCUMENT_COLUMNS = "id, source, title, authors, date, url, doi, kind, notice, text, unread, blocks, pages"
PASSAGE_COLUMNS = "document, start, end, heading, text_hash, vector"


def row_hash(row: Sequence[object]) -> str:
    """The hash that a row of files, documents or passages carries of its other columns."""
    parts = (part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass") for part in row)
    return hashlib.sha256(b"\x1f".join(parts)).hexdigest()


def manifest_hash(manifest: dict[str, str]) -> str:
    """The hash that the manifest carries of its choices; the generation is counted up without it."""
    choices = sorted((key, value) for key, value in manifest.items() if key not in ("generation", "row_hash"))
    return row_hash([part for choice in choices for part in choice])


def text_hash(text: str) -> str:
    """What an embedded text is known by, so that the same text is not embedded again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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


def _insert(connection: sqlite3.Connection, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
    rows = [
        (
            document.id,
            passage.start,
            passage.end,
            passage.heading,
            text_hash(embedding_text(document, passage)),
            vector.tobytes(),
        )
        for passage, vector in zip(passages, np.asarray(vectors, np.float32), strict=True)
    ]
    _insert_document(connection, document, len(rows))
    _insert_passages(connection, rows)


def _insert_document(connection: sqlite3.Connection, document: Document, passages: int) -> None:
    row = (*_row(document), json.dumps(sketch(document.text)), passages)
    connection.execute("DELETE FROM documents WHERE id = ?", (document.id,))
    connection.execute(f"INSERT INTO documents VALUES ({_marks(row)}, ?)", (*row, row_hash(row)))


def _insert_passages(connection: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    connection.executemany(
        f"INSERT INTO passages ({PASSAGE_COLUMNS}, row_hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((*row, row_hash(row)) for row in rows),
    )


def _insert_file(connection: sqlite3.Connection, source: str, file_hash: str, reason: str, documents: int) -> None:
    row = (source, file_hash, reason, documents)
    connection.execute(f"INSERT OR REPLACE INTO files VALUES ({_marks(row)}, ?)", (*row, row_hash(row)))


def _set_manifest(connection: sqlite3.Connection, values: dict[str, str]) -> None:
    connection.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", values.items())
    check = manifest_hash(dict(connection.execute("SELECT key, value FROM manifest")))
    connection.execute("INSERT OR REPLACE INTO manifest VALUES ('row_hash', ?)", (check,))


def _finish(connection: sqlite3.Connection, source: str, file_hash: str, ids: set[str]) -> None:
    held = connection.execute("SELECT id FROM documents WHERE source = ?", (source,)).fetchall()
    for (id,) in held:
        if id not in ids:
            connection.execute("DELETE FROM documents WHERE id = ?", (id,))
    _insert_file(connection, source, file_hash, "", len(ids))


def _remove(connection: sqlite3.Connection, source: str) -> None:
    connection.execute("DELETE FROM documents WHERE source = ?", (source,))
    connection.execute("DELETE FROM files WHERE source = ?", (source,))


def _changed(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE manifest SET value = value + 1 WHERE key = 'generation'")


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _batches(ids: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    return (ids[i : i + size] for i in range(0, len(ids), size))
