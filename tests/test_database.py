"""The one source of truth: all or nothing, never mixed up, and whole after a crash."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from doubles import BagEmbedder

from index import Block, Document, Index, Passage
from index.database import FILE, Database
from index.errors import IndexBusy, IndexDamaged, IndexMissing, IndexOutdated

UNIT = np.eye(4, dtype=np.float32)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "index", create=True)


def put(database: Database, id: str, *texts: str) -> None:
    """Store a document of which each text is one block and one passage."""
    text, passages = "", []
    for part in texts:
        passages.append(Passage(0, id, len(text), len(text) + len(part), part))
        text += f"{part}\n\n"
    blocks = tuple(Block(p.start, p.end, "paragraph") for p in passages)
    said = {"title": id.title(), "authors": ("A B", "C"), "kind": "trial", "notice": "It was corrected."}
    document = Document(id, text, source=id, blocks=blocks, pages=(0,), **said)
    database.put(document, f"hash of {id}", passages, UNIT[: len(passages)])


def test_what_is_put_comes_back(database: Database) -> None:
    put(database, "a", "First thing.", "Second thing.")
    assert database.document("a") == Document(
        "a",
        "First thing.\n\nSecond thing.\n\n",
        title="A",
        source="a",
        authors=("A B", "C"),
        kind="trial",
        notice="It was corrected.",
        blocks=(Block(0, 12, "paragraph"), Block(14, 27, "paragraph")),
        pages=(0,),
    )
    first, second = database.passage_ids()
    assert database.passages([second, first, 99]) == {
        first: Passage(first, "a", 0, 12, "First thing."),
        second: Passage(second, "a", 14, 27, "Second thing."),
    }
    ids, vectors = database.vectors([second, first])
    assert ids == [first, second]
    np.testing.assert_array_equal(vectors, UNIT[:2])
    assert (database.titles(), database.file_hashes()) == ({"a": "A"}, {"a": "hash of a"})
    assert database.document("b") is None


def test_every_change_raises_the_generation(database: Database) -> None:
    seen = [database.generation()]
    for change in (
        lambda: put(database, "a", "One."),
        lambda: put(database, "a", "Two."),
        lambda: database.fail("b", "hash", "reason"),
        lambda: database.remove(["a"]),
    ):
        change()
        seen.append(database.generation())
    assert seen == [0, 1, 2, 3, 4]


def test_a_document_takes_its_passages_along_and_ids_never_return(database: Database) -> None:
    put(database, "a", "One.", "Two.")
    put(database, "b", "Three.")
    put(database, "b", "Four.")
    database.remove(["b"])
    put(database, "c", "Five.")
    assert database.passage_ids() == [1, 2, 5]
    assert [p.text for p in database.passages([1, 2, 3, 4, 5]).values()] == ["One.", "Two.", "Five."]


def test_a_failure_replaces_the_document_and_the_document_the_failure(database: Database) -> None:
    put(database, "a", "One.")
    database.fail("a", "new hash", "it broke")
    assert (database.document_ids(), database.passage_ids()) == ([], [])
    assert database.failures() == {"a": ("new hash", "it broke")}
    put(database, "a", "Two.")
    assert (database.document_ids(), database.failures()) == (["a"], {})


def test_a_transaction_that_fails_changes_nothing(database: Database) -> None:
    put(database, "a", "One.")
    with pytest.raises(ValueError, match="zip"):
        database.put(Document("a", "Other.", source="a"), "hash", [Passage(0, "a", 0, 6, "Other.")], UNIT[:0])
    assert database.document("a").text == "One.\n\n"
    assert (database.generation(), database.passage_ids()) == (1, [1])


@pytest.mark.parametrize("column", ["text", "title", "blocks", "source"])
def test_a_changed_row_is_damage(database: Database, column: str) -> None:
    put(database, "a", "Take 10 mg.")
    database.connection.execute(f"UPDATE documents SET {column} = replace({column}, substr({column}, 1, 1), '9')")
    with pytest.raises(IndexDamaged, match="stored text of a is damaged: run python -m index doctor"):
        database.document("a")


def test_only_one_writer(database: Database) -> None:
    other = Database(database.folder)
    with database.writing(), pytest.raises(IndexBusy, match="Another process is syncing the index .*; wait until"):
        other.writing().__enter__()
    with other.writing():
        pass


def test_readers_read_while_a_writer_writes(database: Database) -> None:
    put(database, "a", "One.")
    reader = Database(database.folder)
    with database.transaction() as connection:
        connection.execute("DELETE FROM documents")
        assert reader.document_ids() == ["a"]
    assert reader.document_ids() == []


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"There is no index at .*none\. Make one: python -m index sync FOLDER"):
        Database(tmp_path / "none")


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(IndexDamaged, match="is not a readable database: move it away and sync the folder again"):
        Database(tmp_path).generation()


def test_the_file_is_sound_sqlite(database: Database) -> None:
    put(database, "a", "One.")
    assert sqlite3.connect(database.folder / FILE).execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# -- other versions ---


def test_an_index_of_another_version_is_refused_and_made_anew_by_a_sync(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("Ketamine lifts the mood.")
    place = tmp_path / "index"
    place.mkdir()
    old = sqlite3.connect(place / FILE)
    old.executescript("CREATE TABLE documents (id TEXT); INSERT INTO documents VALUES ('a.txt')")
    old.close()
    with pytest.raises(IndexOutdated, match="made by another version of Counterpoint. Sync it again"):
        Index.open(place, embedder=BagEmbedder())
    index = Index.create(place, embedder=BagEmbedder())
    assert index.sync(folder).added == ["a.txt"]
    assert index.document("a.txt").text == "Ketamine lifts the mood."
