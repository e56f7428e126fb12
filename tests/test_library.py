"""The documents behind the page, over a small index: found, chosen, synced, added and removed."""

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from doubles import BagEmbedder

from index import Index
from index.embed import Vectors
from rag.library import FILES_AT_ONCE, Library
from rag.limit import Limit


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "tea.md").write_text(
        "---\ntitle: Tea\ndate: 2010-05-01\nauthor: Ada\n---\n\nTea is made of dried leaves.\n"
    )
    (folder / "coffee.md").write_text("# Coffee\n\nCoffee is made of roasted beans.\n")
    library = Library(Index.create(tmp_path / "index", embedder=BagEmbedder()), folder, uploads=True)
    assert settled(library).startswith('<p class="cp-said" role="status" data-then="list">2 added')
    return library


def settled(library: Library, shown: str | None = None) -> str:
    """What a sync did, that was begun already or is begun now."""
    shown = library.sync() if shown is None else shown
    while "<progress" in shown:
        shown = library.look()
    return shown


@pytest.mark.parametrize(("words", "rows"), [(None, 2), ("TEA ada", 1), ("2010", 1), ("tea coffee", 0), ("md", 2)])
def test_documents_are_found_by_their_words(library: Library, words: str | None, rows: int) -> None:
    table, above, below = library.listed(words, Limit())
    assert table.count("<a ") == rows
    assert "2 documents indexed, last synced 2" in above
    assert "<p>2 documents</p>" in below


def test_a_limit_takes_documents_that_there_are_and_years_that_are_some(library: Library) -> None:
    limit, shown = library.choose(Limit(), "tea.md", True)
    assert limit == Limit(frozenset({"tea.md"}))
    assert "Only in: <bdi>Tea</bdi>" in shown
    assert library.choose(limit, "nowhere", True)[0] == limit
    assert library.choose(limit, "tea.md", False) == (Limit(), "")
    assert library.choose_years(limit, "1990", "soon")[0] == Limit(frozenset({"tea.md"}), 1990)
    assert "checked" in library.listed(None, limit)[0]


def test_files_are_added_and_removed_again(library: Library, tmp_path: Path) -> None:
    cocoa, program = tmp_path / "cocoa.txt", tmp_path / "run.exe"
    cocoa.write_text("Cocoa is made of roasted beans.")
    program.write_text("MZ")
    said = settled(library, library.add([str(cocoa), str(program)]))
    assert "Added uploads/cocoa.txt." in said
    assert "can be read" in said
    assert "1 added" in said
    assert not cocoa.exists()
    assert not program.exists(), "the web framework's copies are gone"
    assert 'aria-label="Remove cocoa"' in library.listed("cocoa", Limit())[0]
    assert "1 removed" in settled(library, library.remove("uploads/cocoa.txt"))
    for other in ("tea.md", "nowhere"):
        assert "1 removed" not in library.remove(other)
    assert library.folder
    assert sorted(path.name for path in library.folder.rglob("*.*")) == ["coffee.md", "tea.md"]


def test_many_files_are_too_many(library: Library, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.txt" for number in range(FILES_AT_ONCE + 1)]
    for file in files:
        file.write_text(f"Drink number {file.stem}.")
    assert f"{FILES_AT_ONCE} files at once are the most." in settled(library, library.add([*map(str, files)]))


def test_without_leave_nothing_is_added(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("A drink.")
    closed = Library(library.index, library.folder)
    assert "Files cannot be added here." in settled(closed, closed.add([str(file)]))
    assert "cannot be removed here" in closed.remove("tea.md")


def test_a_sync_shows_how_far_it_is(tmp_path: Path) -> None:
    """Progress while it runs, then what it did; a folder that has gone is said."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.txt").write_text(f"Tea number {number} is a drink made of dried leaves.")

    go = threading.Event()

    class Held(BagEmbedder):
        def embed_documents(self, texts: Sequence[str]) -> Vectors:
            assert go.wait(60)
            return super().embed_documents(texts)

    library = Library(Index.create(tmp_path / "index", embedder=Held()), folder)
    shown = [library.sync(), library.look()]
    while "Reading 40 files: 0 done" not in shown[-1]:
        shown.append(library.look())
    assert 'data-then="look"' in shown[-1]
    assert len(set(shown)) == len(shown), "each differs, so that the page goes on"
    assert library.sync() not in shown, "a second visitor is told of the same sync"
    go.set()
    shown.append(settled(library, library.look()))
    assert shown[-1].startswith('<p class="cp-said" role="status" data-then="list">40 added')
    shutil.rmtree(folder)
    assert "There is no folder" in settled(library)
    assert "served as it is" in Library(library.index).sync()
