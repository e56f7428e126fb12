"""Looks for damage in an index and names it; what is derived is made anew at the next question."""

from collections.abc import Iterator

import numpy as np

from index.database import Database
from index.errors import IndexDamaged
from index.index import Index


def examine(index: Index) -> list[str]:
    """One line for each damage found; an empty list means that the index is sound."""
    database = index.database
    return [*_file(database), *_documents(database), *_vectors(database), *index.store.damages()]


def _file(database: Database) -> Iterator[str]:
    for (line,) in database.connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"database: {line}"


def _documents(database: Database) -> Iterator[str]:
    for id in database.document_ids():
        try:
            document = database.document(id)
        except IndexDamaged as error:
            yield str(error)
            continue
        spans = database.connection.execute("SELECT start, end FROM passages WHERE document = ?", (id,)).fetchall()
        if document and (not spans or any(not 0 <= start < end <= len(document.text) for start, end in spans)):
            yield f"{id}: passages are missing or lie outside its text; touch the file and sync again"


def _vectors(database: Database) -> Iterator[str]:
    rows = database.connection.execute("SELECT document, vector FROM passages")
    lengths = {(document, float(np.linalg.norm(np.frombuffer(vector, np.float32)))) for document, vector in rows}
    for document in sorted({document for document, length in lengths if not 0.99 < length < 1.01}):
        yield f"{document}: a vector is damaged; touch the file and sync again"
