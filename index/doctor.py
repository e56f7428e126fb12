"""Finds damage in an index and names it; repairs what is derived, puts aside what is not, deletes nothing else.

Derived are the search indexes (from the passages), the passages and their vectors (from the documents) and the
records of which files were read (from the folder). A document's own text is not: a damaged one is put into the
quarantine, so that it answers no more, and the next sync reads its file again.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.database import FILE, Database, manifest_hash, row_hash
from index.errors import IndexDamaged
from index.index import Index
from index.split import embedding_text
from index.sync import Build, store_again

Kind = Literal["database", "lost changes", "manifest", "file", "document", "passages of", "vectors", "search indexes"]

REMEDIES: dict[Kind, str] = {
    "database": "--repair puts it into a quarantine folder, and the next sync makes a new one",
    "lost changes": "the next sync makes them again",
    "manifest": "--repair writes it for the model in use",
    "file": "--repair forgets this record, and the next sync reads the file again",
    "document": "--repair puts it into the quarantine, and the next sync reads its file again",
    "passages of": "--repair splits and embeds the document again",
    "vectors": "--repair embeds every document again",
    "search indexes": "--repair makes them anew",
}

SAMPLED = 3
"""How many passages are embedded again to see whether their vectors are this model's."""
ALIKE = 0.98
"""The least cosine of a vector and the same one made again; precision and batches account for 0.001."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is damaged, how, and (as ``REMEDIES`` by ``kind``) what is to be done."""

    kind: Kind
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.what}; {REMEDIES[self.kind]}"


def examine(index: Index) -> list[Damage]:
    """Every damage found; an empty list means that the index is sound."""
    database = index.database
    with database.snapshot():
        if unreadable := list(_file(database)):
            return unreadable
        rows = [*_manifest(database), *_files(database), *_documents(database), *_passages(database)]
        return [*rows, *([] if rows else _vectors(index)), *_lost(database), *_search_indexes(index)]


def _file(database: Database) -> Iterator[Damage]:
    try:
        faults = [line for (line,) in database.rows("PRAGMA integrity_check") if line != "ok"]
    except IndexDamaged as error:
        faults = [str(error)]
    if faults:
        yield Damage("database", FILE, f"{len(faults)} faults, the first: {faults[0]}")


def _manifest(database: Database) -> Iterator[Damage]:
    manifest = database.manifest()
    if manifest.get("row_hash", manifest_hash(manifest)) != manifest_hash(manifest):
        yield Damage("manifest", FILE, "not what was written")


def _files(database: Database) -> Iterator[Damage]:
    held = dict(database.rows("SELECT source, count(*) FROM documents GROUP BY source"))
    for *row, stored in database.rows("SELECT * FROM files"):
        source, documents = row[0], row[3]
        if row_hash(row) != stored:
            yield Damage("file", source, "its record is not what was written")
        elif held.get(source, 0) < documents:
            yield Damage("file", source, f"{documents - held.get(source, 0)} of its documents are missing")


def _documents(database: Database) -> Iterator[Damage]:
    for id in database.document_ids():
        try:
            database.document(id)
        except IndexDamaged:
            yield Damage("document", id, "its text or metadata are not what was written")


def _passages(database: Database) -> Iterator[Damage]:
    expected = dict(database.rows("SELECT id, passages FROM documents"))
    owners = {id for (id,) in database.rows("SELECT DISTINCT document FROM passages")}
    for id in sorted(expected.keys() | owners):
        rows = database.passage_rows(id)
        wrong = sum(row_hash(row[:-1]) != row[-1] for row in rows)
        if len(rows) != expected.get(id, 0):
            yield Damage("passages of", id, f"{len(rows)} passages in place of {expected.get(id, 0)}")
        elif wrong:
            yield Damage("passages of", id, f"{wrong} passages or vectors are not what was written")


def _vectors(index: Index) -> Iterator[Damage]:
    """Whether the vectors are of the model that the manifest names, seen by embedding a few passages again."""
    database = index.database
    ids = database.passage_ids()
    passages = database.passages(ids[:: max(1, len(ids) // SAMPLED)][:SAMPLED])
    documents = [database.document(passage.document) for passage in passages.values()]
    texts = [embedding_text(d, p) for d, p in zip(documents, passages.values(), strict=True) if d]
    stored = database.vectors_of(texts)  # of a file that was renamed, the text under its old name is stored
    again = index.embedder.embed_documents(list(stored))
    if any(old.shape != new.shape or old @ new < ALIKE for old, new in zip(stored.values(), again, strict=True)):
        yield Damage("vectors", FILE, f"they were not made by the model {index.embedder.name}")


def _lost(database: Database) -> Iterator[Damage]:
    generation = database.generation()
    if any(int(folder.name[8:]) > generation for folder in database.folder.glob("derived-[0-9]*")):
        yield Damage("lost changes", FILE, "the search indexes are newer than the database")


def _search_indexes(index: Index) -> Iterator[Damage]:
    for line in index.store.damages():
        name, _, what = line.partition(": ")
        yield Damage("search indexes", name, what)


# -- repairing ---


def repair(index: Index, damages: Sequence[Damage]) -> None:
    """Do what the remedies say."""
    database, kinds = index.database, {damage.kind for damage in damages}
    with database.writing():
        for damage in damages:
            if damage.kind == "document":
                database.put_aside(damage.name, damage.what)
            elif damage.kind == "file":
                database.forget(damage.name)
        again = [damage.name for damage in damages if damage.kind == "passages of"]
        store_again(database, database.document_ids() if "vectors" in kinds else again, index.embedder)
        if "manifest" in kinds:
            database.set_manifest(Build(index.embedder.name).manifest())
        if kinds & {"search indexes", "lost changes"}:
            for saved in database.folder.glob("derived-*"):
                shutil.rmtree(saved)
    index.store.save()


def put_aside(folder: Path) -> Path:
    """Move a database that cannot be read, whole, into a folder of its own; the place where it is now."""
    aside = folder / f"quarantine-{1 + len(list(folder.glob('quarantine-*')))}"
    aside.mkdir()
    for file in [*folder.glob(f"{FILE}*"), *folder.glob("derived-*")]:
        file.rename(aside / file.name)
    return aside
