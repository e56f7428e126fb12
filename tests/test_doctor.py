"""Damage is found and named, what is derived is made anew, what is not is put aside, and no wrong quote is shown."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from doubles import BagEmbedder

from index import Index
from index.__main__ import main
from index.database import FILE, Database
from index.doctor import examine, repair
from index.errors import CounterpointError, IndexDamaged
from index.seal import broken, seal

FLIPS = int(os.environ.get("COUNTERPOINT_FLIPS", "12"))
"""Bits flipped in each file of an index; the full run: ``COUNTERPOINT_FLIPS=500 pytest tests/test_doctor.py``."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    for i in range(12):
        lines = (f"Substance number {i}-{n} slows the decline of nerve cells by {i + n} percent." for n in range(30))
        (folder / f"{i}.txt").write_text("\n\n".join(lines))
    return folder


@pytest.fixture
def index(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.setattr("index.index.named_embedder", lambda model: BagEmbedder())
    index = Index.create(tmp_path / "index", embedder=BagEmbedder())
    index.sync(folder)
    return index


def content(database: Database) -> dict[str, tuple[str, list[tuple]]]:
    """All that a database says: id -> text, and where and what its passages are."""
    return {
        id: (database.document(id).text, [row[1:4] + row[5:6] for row in database.passage_rows(id)])
        for id in database.document_ids()
    }


def statement(sql: str) -> Callable[[Path], None]:
    def harm(place: Path) -> None:
        connection = sqlite3.connect(place / FILE)
        connection.execute(sql)
        connection.commit()
        connection.close()

    return harm


def drop_saved(place: Path) -> None:
    for saved in place.glob("derived-*"):
        shutil.rmtree(saved)


def spoil(part: str) -> Callable[[Path], None]:
    def harm(place: Path) -> None:
        for file in place.glob(f"derived-*/{part}"):
            file.write_bytes(b"\xff" * 100)

    return harm


HARMS = [
    (
        statement("UPDATE documents SET text = replace(text, 'slows', 'speeds') WHERE id = '3.txt'"),
        "document 3.txt: its text or metadata are not what was written; "
        "--repair puts it into the quarantine, and the next sync reads its file again",
    ),
    (
        statement("UPDATE documents SET title = 'Another' WHERE id = '3.txt'"),
        "document 3.txt: its text or metadata are not what was written; ",
    ),
    (
        statement("UPDATE passages SET vector = zeroblob(length(vector)) WHERE document = '3.txt' AND start = 0"),
        "passages of 3.txt: 1 passages or vectors are not what was written; "
        "--repair splits and embeds the document again",
    ),
    (
        statement("UPDATE passages SET end = end + 1 WHERE document = '3.txt'"),
        "passages of 3.txt: 3 passages or vectors are not what was written; ",
    ),
    (statement("DELETE FROM passages WHERE document = '3.txt'"), "passages of 3.txt: 0 passages in place of 3; "),
    (statement("DELETE FROM documents WHERE id = '3.txt'"), "file 3.txt: 1 of its documents are missing; "),
    (
        statement("UPDATE files SET file_hash = 'x' WHERE source = '3.txt'"),
        "file 3.txt: its record is not what was written; --repair forgets this record",
    ),
    (
        statement("UPDATE manifest SET value = '999' WHERE key = 'passage_tokens'"),
        f"manifest {FILE}: not what was written; ",
    ),
    (
        statement("UPDATE manifest SET value = '1' WHERE key = 'generation'"),
        f"lost changes {FILE}: the search indexes are newer than the database; ",
    ),
    (drop_saved, "search indexes derived-12: not saved for the newest documents; --repair makes them anew"),
    (spoil("dense.faiss"), "search indexes derived-12/dense.faiss: missing or not what was written; "),
    (spoil("lexical/meta.json"), "search indexes derived-12/lexical/meta.json: missing or not what was written; "),
    (spoil("seal.json"), "search indexes derived-12/seal.json: missing or not what was written; "),
]


@pytest.mark.parametrize(("harm", "damage"), HARMS)
def test_damage_is_named_repaired_and_the_next_sync_makes_it_whole(
    index: Index, folder: Path, harm, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = index.database.folder
    before = content(index.database)
    harm(place)
    assert main(["doctor", "--index", str(place)]) == 1
    named, _ = capsys.readouterr()
    assert named.startswith(damage)
    assert main(["doctor", "--repair", "--index", str(place)]) == 0
    again = Index.open(place, embedder=BagEmbedder())
    again.sync(folder)
    assert content(again.database) == before
    assert examine(again) == []


def test_the_quarantine_keeps_what_was_damaged(index: Index, folder: Path) -> None:
    statement("UPDATE documents SET text = 'Something else.' WHERE id = '3.txt'")(index.database.folder)
    repair(index, examine(index))
    [(place, reason, row)] = index.database.rows("SELECT place, reason, content FROM quarantine")
    assert (place, reason) == ("3.txt", "its text or metadata are not what was written")
    assert "Something else." in row
    assert "3.txt" not in index.titles()
    assert index.sync(folder).added == ["3.txt"]


def test_a_sound_index_is_sound(index: Index, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--index", str(index.database.folder)]) == 0
    assert capsys.readouterr() == ("", "The index is sound.\n")


def test_vectors_of_another_model_under_the_same_name_are_found(index: Index, folder: Path) -> None:
    class Turned(BagEmbedder):
        def embed_query(self, text: str) -> np.ndarray:
            return np.roll(super().embed_query(text), 1)

    index.embedder = Turned()
    [damage] = examine(index)
    assert str(damage) == (
        f"vectors {FILE}: they were not made by the model bag-of-words; --repair embeds every document again"
    )
    repair(index, [damage])
    assert examine(index) == []


@pytest.mark.parametrize("size", [0, 100, 5_000])
def test_a_cut_database_is_put_aside_whole(
    index: Index, folder: Path, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    place = index.database.folder
    before = content(index.database)
    index.database.close()
    os.truncate(place / FILE, size)
    harmed = (place / FILE).read_bytes()
    assert main(["doctor", "--index", str(place)]) != 0
    capsys.readouterr()
    if size:
        assert main(["doctor", "--repair", "--index", str(place)]) == 0
        assert (place / "quarantine-1" / FILE).read_bytes()[:size] == harmed
    again = Index.create(place, embedder=BagEmbedder())
    again.sync(folder)
    assert content(again.database) == before


def test_a_seal_names_what_is_missing_new_and_changed(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    seal(tmp_path)
    assert broken(tmp_path) == []
    (tmp_path / "a").unlink()
    (tmp_path / "b").write_text("x")
    (tmp_path / "d").write_text("d")
    assert broken(tmp_path) == ["a", "b", "d"]


# -- bits ---


def flip(file: Path, chance: random.Random) -> None:
    data = bytearray(file.read_bytes())
    place = chance.randrange(len(data))
    data[place] ^= 1 << chance.randrange(8)
    file.write_bytes(data)


def test_a_flipped_bit_in_any_file_is_found_and_never_a_wrong_quote_shown(
    index: Index, folder: Path, tmp_path: Path
) -> None:
    """Either the doctor names the damage, or the bit was in a place that says nothing: all content is as before."""
    place = index.database.folder
    before, chance = content(index.database), random.Random(11)
    index.database.close()
    texts = {id: text for id, (text, _) in before.items()}
    files = [path.relative_to(place) for path in sorted(place.rglob("*")) if path.is_file() and path.stat().st_size]
    assert len(files) > 5
    for file in files:
        for _ in range(FLIPS):
            copy = tmp_path / "copy"
            shutil.copytree(place, copy, ignore=shutil.ignore_patterns("*-shm", "*-wal"))
            flip(copy / file, chance)
            harmed = None
            try:
                harmed = Index.open(copy, embedder=BagEmbedder())
                assert examine(harmed) or content(harmed.database) == before
            except CounterpointError:
                pass  # it cannot be opened, and says so
            if harmed:
                assert_no_wrong_quote(harmed, texts)
                harmed.database.close()
            shutil.rmtree(copy)


def assert_no_wrong_quote(index: Index, texts: dict[str, str]) -> None:
    try:
        for id, _ in index.search_lexical("substance number 3-4", k=5) + index.search_dense("nerve cells", k=5):
            for passage in index.passages([id]).values():
                document = index.document(passage.document)
                assert document.text == texts[document.id]
    except (IndexDamaged, KeyError):
        pass  # an error is shown, which is no quote
