"""Files that come through the page: where they land, what is refused, what can be removed again."""

import doctest
from pathlib import Path

import pytest

from index import upload
from index.upload import Refused, is_upload, remove, safe_name, store


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(upload).failed == 0


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("notes.md", "notes.md"),
        ("Über Blei.PDF", "Über Blei.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\boot.ini.txt", "boot_ini.txt"),
        (".hidden.txt", "hidden.txt"),
        ("a\x00b\n.txt", "a_b.txt"),
        ("<script>alert(1)</script>.md", "script.md"),
        ("CON:stream.txt", "CON_stream.txt"),
        ("x" * 500 + ".txt", "x" * 80 + ".txt"),
        ("txt", "txt"),
        ("...", "document."),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_file_is_stored_below_uploads_and_never_over_another(tmp_path: Path) -> None:
    assert store(tmp_path, "notes.txt", b"one") == "uploads/notes.txt"
    assert store(tmp_path, "notes.txt", b"two") == "uploads/notes-2.txt"
    assert store(tmp_path, "../notes.txt", b"three") == "uploads/notes-3.txt"
    assert [(tmp_path / "uploads" / f"notes{n}.txt").read_text() for n in ("", "-2", "-3")] == ["one", "two", "three"]
    assert [path.name for path in tmp_path.iterdir()] == ["uploads"]


def test_what_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("run.exe", "page.html.exe", "noname", ".md.sh"):
        with pytest.raises(Refused, match="can be read"):
            store(tmp_path, name, b"x")
    with pytest.raises(Refused, match="25 MB"):
        store(tmp_path, "a.txt", b"x" * (upload.FILE_BYTES + 1))
    monkeypatch.setattr(upload, "ALL_BYTES", 3)
    store(tmp_path, "a.txt", b"12")
    with pytest.raises(Refused, match="remove some"):
        store(tmp_path, "b.txt", b"34")


def test_only_uploads_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("mine")
    source = store(tmp_path, "a.txt", b"x")
    for other in ("own.txt", "uploads/../own.txt", "/etc/passwd", "uploads/deep/a.txt", "uploads"):
        assert not is_upload(other)
        with pytest.raises(Refused, match="from the folder itself"):
            remove(tmp_path, other)
    remove(tmp_path, source)
    remove(tmp_path, source)
    assert (tmp_path / "own.txt").read_text() == "mine"
    assert not (tmp_path / source).exists()
