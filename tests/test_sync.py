"""Folder to index: what each sync does, what it leaves alone, and what its program says."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from doubles import BagEmbedder
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from index import Index
from index.__main__ import main
from index.doctor import examine
from index.errors import FolderMissing, IndexMismatch
from index.sync import Failure, overlapped
from index.types import Document

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "ketamine.txt").write_text("Ketamine blocks the NMDA receptor.")
    (folder / "sub" / "riluzole.md").write_text("# Riluzole\n\nRiluzole slows ALS.")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index", embedder=BagEmbedder())


def found(index: Index, query: str) -> list[str]:
    ids = [id for id, _ in index.search_lexical(query, k=10)]
    passages = index.passages(ids)
    return [passages[id].text for id in ids]


def test_added_then_unchanged(index: Index, folder: Path) -> None:
    report = index.sync(folder)
    assert (report.added, report.unchanged, report.embedded) == (["ketamine.txt", "sub/riluzole.md"], [], 2)
    assert index.embedder.embedded == [
        "ketamine\nKetamine blocks the NMDA receptor.",
        "Riluzole\nRiluzole slows ALS.",
    ]
    generation = index.database.generation()
    again = index.sync(folder)
    assert (again.added, again.unchanged, again.embedded) == ([], ["ketamine.txt", "sub/riluzole.md"], 0)
    assert len(index.embedder.embedded) == 2
    assert index.database.generation() == generation
    assert str(again) == "0 added, 0 changed, 0 moved, 0 removed, 2 unchanged, 0 failed; 0 passages embedded"


def test_a_second_sync_starts_no_reader(index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index.sync(folder)
    monkeypatch.setattr("index.apart.Reader._start", None)
    assert index.sync(folder).unchanged == ["ketamine.txt", "sub/riluzole.md"]


def test_a_touched_file_is_unchanged(index: Index, folder: Path) -> None:
    index.sync(folder)
    os.utime(folder / "ketamine.txt", (1, 1))
    assert index.sync(folder).embedded == 0


def test_a_changed_file_answers_with_its_new_text_only(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "ketamine.txt").write_text("Ketamine lifts the mood.")
    report = index.sync(folder)
    assert (report.changed, report.unchanged, report.embedded) == (["ketamine.txt"], ["sub/riluzole.md"], 1)
    assert found(index, "ketamine") == ["Ketamine lifts the mood."]
    assert found(index, "NMDA receptor") == []


def test_a_removed_file_is_gone(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "ketamine.txt").unlink()
    assert index.sync(folder).removed == ["ketamine.txt"]
    assert found(index, "ketamine") == []
    assert index.titles() == {"sub/riluzole.md": "Riluzole"}


def test_a_failed_file_is_named_kept_in_mind_and_tried_again_when_it_changes(index: Index, folder: Path) -> None:
    (folder / "scan.pdf").write_bytes(b"not a PDF at all")
    report = index.sync(folder)
    [(source, reason)] = report.failed
    assert (source, report.added) == ("scan.pdf", ["ketamine.txt", "sub/riluzole.md"])
    assert reason.startswith("not a readable PDF")
    assert str(report).endswith(f"\n  failed: scan.pdf: {reason}")
    assert index.sync(folder).failed == [Failure("scan.pdf", reason)]
    (folder / "scan.pdf").rename(folder / "scan.txt")
    report = index.sync(folder)
    assert (report.removed, report.added, report.failed) == (["scan.pdf"], ["scan.txt"], [])
    (folder / "scan.txt").write_bytes(b"\0\0\0")
    report = index.sync(folder)
    assert report.failed == [Failure("scan.txt", "binary data, not text")]
    assert found(index, "PDF") == []
    (folder / "scan.txt").write_text("It is readable now.")
    report = index.sync(folder)
    assert (report.added, report.failed, found(index, "readable")) == (["scan.txt"], [], ["It is readable now."])


def test_bad_files_never_stop_a_folder(index: Index, folder: Path) -> None:
    bad = {
        "empty.txt": b"",
        "noise.txt": bytes(range(256)),
        "cut.pdf": b"%PDF-1.7\n1 0 obj",
        "deep.html": b"<div>" * 10_000,
        "deep.md": b"---\na: " + b"[" * 5_000 + b"\n---\n",
        "picture.png": b"\x89PNG",
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    report = index.sync(folder)
    assert report.added == ["ketamine.txt", "sub/riluzole.md"]
    assert [failure.source for failure in report.failed] == sorted(bad)
    assert all(failure.reason for failure in report.failed)


def test_a_name_that_is_no_unicode_never_stops_a_folder(index: Index, folder: Path) -> None:
    name = os.fsencode(folder) + b"/caf\xe9.txt"
    try:
        with open(name, "wb") as file:
            file.write(b"Coffee keeps people awake.")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert index.sync(folder).added == ["caf\\xe9.txt", "ketamine.txt", "sub/riluzole.md"]
    assert found(index, "coffee") == ["Coffee keeps people awake."]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_a_failure(index: Index, folder: Path) -> None:
    (folder / "ketamine.txt").chmod(0)
    assert [failure.source for failure in index.sync(folder).failed] == ["ketamine.txt"]


def test_a_link_out_of_the_folder_is_not_followed(index: Index, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("Secret words.")
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "linked").symlink_to(outside)
    (folder / "broken.txt").symlink_to(outside / "nowhere.txt")
    (folder / "inside.txt").symlink_to(folder / "ketamine.txt")
    report = index.sync(folder)
    assert report.added == ["inside.txt", "ketamine.txt", "sub/riluzole.md"]
    assert [failure.source for failure in report.failed] == ["broken.txt", "link.txt", "linked"]
    assert found(index, "secret") == []


def test_hidden_files_are_skipped(index: Index, folder: Path) -> None:
    (folder / ".hidden.txt").write_text("Hidden.")
    (folder / ".git").mkdir()
    (folder / ".git" / "notes.txt").write_text("Hidden too.")
    assert index.sync(folder).added == ["ketamine.txt", "sub/riluzole.md"]


def test_a_missing_folder_is_refused_and_loses_nothing(index: Index, folder: Path, tmp_path: Path) -> None:
    index.sync(folder)
    with pytest.raises(FolderMissing, match=r"There is no folder .*none: name a folder that holds \.txt"):
        index.sync(tmp_path / "none")
    assert len(index.titles()) == 2


def test_texts_are_kept_as_given() -> None:
    index = Index.from_texts({"a b": "  It is\tso.  "}, embedder=BagEmbedder())
    document = index.document("a%20b")
    assert (document.text, document.source, document.title) == ("  It is\tso.  ", "a b", "a b")
    assert [sentence.text for sentence in index.sentences("a%20b")] == ["It is\tso."]


# -- files that move, copies, tables ---


def test_a_moved_file_keeps_its_vectors(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "new").mkdir()
    (folder / "ketamine.txt").rename(folder / "new" / "notes.txt")
    (folder / "sub" / "riluzole.md").rename(folder / "riluzole.md")
    report = index.sync(folder)
    assert report.moved == [("ketamine.txt", "new/notes.txt"), ("sub/riluzole.md", "riluzole.md")]
    assert (report.added, report.changed, report.removed, report.embedded) == ([], [], [], 0)
    assert len(index.embedder.embedded) == 2
    assert index.titles() == {"new/notes.txt": "notes", "riluzole.md": "Riluzole"}
    assert index.document("new/notes.txt").source == "new/notes.txt"
    assert found(index, "notes") == found(index, "ketamine") == ["Ketamine blocks the NMDA receptor."]
    assert examine(index) == []
    assert index.sync(folder).unchanged == ["new/notes.txt", "riluzole.md"]


def test_a_copy_is_no_move(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "copy.txt").write_bytes((folder / "ketamine.txt").read_bytes())
    report = index.sync(folder)
    assert (report.added, report.moved) == (["copy.txt"], [])
    assert index.same_work("ketamine.txt", "sub/riluzole.md") is False


def test_only_the_changed_passage_of_a_file_is_embedded(index: Index, folder: Path) -> None:
    parts = [f"Part {n}.\n\n" + f"Sentence about part {n} stands here. " * 25 for n in range(4)]
    (folder / "long.md").write_text("# Long\n\n" + "\n\n".join(f"## {part}" for part in parts))
    index.sync(folder)
    (folder / "long.md").write_text((folder / "long.md").read_text().replace("about part 2", "on part 2", 1))
    report = index.sync(folder)
    assert (report.changed, report.embedded) == (["long.md"], 1)
    assert examine(index) == []


def test_a_text_that_comes_again_in_the_next_batches_is_embedded_once(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sync.BATCH_PASSAGES", 1)
    for name in "abcdef":
        (folder / name).mkdir()
        (folder / name / "twin.txt").write_text("It is said six times.")
    report = index.sync(folder)
    assert (len(report.added), report.embedded) == (8, 3)
    assert index.embedder.embedded.count("twin\nIt is said six times.") == 1
    assert examine(index) == []


def test_what_is_made_and_what_is_done_with_it_overlap_in_order() -> None:
    happened: list[str] = []

    def made() -> Iterator[int]:
        for n in range(4):
            happened.append(f"made {n}")
            yield n

    for double in overlapped(lambda n: 2 * n, made()):
        happened.append(f"got {double}")
    assert happened == ["made 0", "made 1", "got 0", "made 2", "got 2", "made 3", "got 4", "got 6"]


def test_a_failure_while_storing_stops_a_sync_and_what_is_stored_stays(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sync.BATCH_PASSAGES", 1)
    put = index.database.put

    def full(document: Document, *rest: object) -> None:
        if document.source == "sub/riluzole.md":
            raise OSError("the disk is full")
        put(document, *rest)

    monkeypatch.setattr(index.database, "put", full)
    with pytest.raises(OSError, match="the disk is full"):
        index.sync(folder)
    assert index.database.sources() == {"ketamine.txt"}
    monkeypatch.undo()
    assert index.sync(folder).added == ["sub/riluzole.md"]
    assert examine(index) == []


def test_a_table_of_records_is_one_file_of_many_documents(index: Index, folder: Path) -> None:
    rows = [f"What is thing {n}?,Thing {n} is item number {n} of the list." for n in range(100)]
    (folder / "q.csv").write_text("question,answer\n" + "\n".join(rows))
    assert index.sync(folder).added == ["ketamine.txt", "q.csv", "sub/riluzole.md"]
    assert len(index.titles()) == 102
    assert index.sync(folder).unchanged == ["ketamine.txt", "q.csv", "sub/riluzole.md"]
    (folder / "q.csv").write_text("question,answer\n" + "\n".join(rows[:40]))
    report = index.sync(folder)
    assert (report.changed, report.embedded, len(index.titles())) == (["q.csv"], 0, 42)
    (folder / "q.csv").rename(folder / "renamed.csv")
    report = index.sync(folder)
    assert (report.moved, report.embedded) == ([("q.csv", "renamed.csv")], 0)
    assert index.titles()["renamed.csv#40"] == "What is thing 39?"
    (folder / "renamed.csv").unlink()
    index.sync(folder)
    assert set(index.titles()) == {"ketamine.txt", "sub/riluzole.md"}


def test_what_could_not_be_read_of_a_file_is_reported_each_time(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "half.pdf").write_bytes(half_scanned())
    (folder / "r.jsonl").write_text('{"text": "Zinc is blue."}\n{"text": "Iron\n{"text": "Gold is soft."}\n')
    reasons = {
        "half.pdf": "page 2 looks scanned; run text recognition on it",
        "r.jsonl": "line 2 is not readable JSON; mend it",
    }
    lines = [f"  in part: {source}: {reason}" for source, reason in reasons.items()]
    for _ in range(2):
        report = index.sync(folder)
        assert (dict(report.unread), report.failed) == (reasons, [])
        assert str(report).splitlines()[-2:] == lines
    assert found(index, "gold") == ["Gold is soft."]
    monkeypatch.setattr("index.index.named_embedder", lambda model: BagEmbedder())
    assert main(["status", "--index", str(index.database.folder)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == lines


def half_scanned() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawString(72, 750, "It is on the first page.")
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("1", (50, 50))), 0, 0, 500, 700)
    canvas.save()
    return file.getvalue()


def test_a_plan_changes_nothing(index: Index, folder: Path) -> None:
    index.sync(folder)
    generation = index.database.generation()
    (folder / "ketamine.txt").rename(folder / "notes.txt")
    (folder / "sub" / "riluzole.md").write_text("# Riluzole\n\nIt is white.")
    (folder / "new.txt").write_text("It is new.")
    plan = index.plan(folder)
    assert (plan.added, plan.changed, plan.moved) == (
        ["new.txt"],
        ["sub/riluzole.md"],
        [("ketamine.txt", "notes.txt")],
    )
    assert (index.database.generation(), found(index, "white")) == (generation, [])


# -- another model ---


class Other(BagEmbedder):
    name = "another-model"

    def embed_query(self, text: str) -> np.ndarray:
        return np.roll(super().embed_query(text), 1)


def test_another_model_is_taken_over_all_at_once(index: Index, folder: Path) -> None:
    index.sync(folder)
    place, before = index.database.folder, Index.open(index.database.folder, embedder=BagEmbedder())
    with pytest.raises(IndexMismatch, match="name that model"):
        Index.open(place, embedder=Other())
    changed = Index(index.database, Other(), index.store)

    class Stopping(Other):
        def embed_documents(self, texts: Sequence[str]) -> np.ndarray:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Index(index.database, Stopping(), index.store).reembed()
    assert examine(before) == []
    assert changed.reembed() == 2
    again = Index.open(place, embedder=Other())
    assert examine(again) == []
    assert again.sync(folder).embedded == 0
    assert [id for id, _ in again.search_dense("ketamine blocks", k=1)] == [
        id for id, _ in again.search_lexical("ketamine", k=1)
    ]
    with pytest.raises(IndexMismatch):
        Index.open(place, embedder=BagEmbedder())
    assert not (place / "reembed").exists()


def test_a_first_sync_that_is_broken_off_takes_no_vectors_of_another_model(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.sync(folder, told=stop)
    assert index.titles()
    assert main(["status", "--index", str(index.database.folder)]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "  its first sync was broken off: sync the folder again"
    with pytest.raises(IndexMismatch):
        Index.open(index.database.folder, embedder=Other())
    assert len(index.sync(folder).unchanged) > 0


def test_an_index_is_opened_with_its_own_model(index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("index.index.named_embedder", lambda model: asked.append(model) or BagEmbedder())
    Index.open(index.database.folder)
    index.sync(folder)
    Index.open(index.database.folder)
    assert asked == [None, "bag-of-words"]


def test_an_interrupted_change_of_model_goes_on(index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sync.BATCH_DOCUMENTS", 1)
    index.sync(folder)

    class Failing(Other):
        def embed_documents(self, texts: Sequence[str]) -> np.ndarray:
            if self.embedded:
                raise KeyboardInterrupt
            return super().embed_documents(texts)

    with pytest.raises(KeyboardInterrupt):
        Index(index.database, Failing(), index.store).reembed()
    assert Index(index.database, Other(), index.store).reembed() == 1
    assert examine(Index.open(index.database.folder, embedder=Other())) == []


# -- the program ---


def test_a_watched_folder_is_synced_when_it_has_come_to_rest(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each look at the folder takes the place of a pause; it goes on when the folder is away for a while."""
    away = folder.with_name("away")
    looks = iter(
        [
            lambda: (folder / "new.txt").write_text("It is new."),
            *[None] * 3,
            lambda: folder.rename(away),
            *[None] * 3,
            lambda: (away.rename(folder), (folder / "new.txt").unlink()),
            *[None] * 3,
        ]
    )

    def pause(seconds: float) -> None:
        change = next(looks, KeyboardInterrupt)
        if change is KeyboardInterrupt:
            raise KeyboardInterrupt
        if change:
            change()

    monkeypatch.setattr("index.__main__.time.sleep", pause)
    monkeypatch.setattr("index.index.named_embedder", lambda model: BagEmbedder())
    place = str(index.database.folder)
    assert main(["sync", str(folder), "--index", place, "--watch", "--quiet"]) == 130
    out, err = capsys.readouterr()
    assert [line for line in out.splitlines() if not line.startswith(" ")] == [
        "2 added, 0 changed, 0 moved, 0 removed, 0 unchanged, 0 failed; 2 passages embedded",
        "1 added, 0 changed, 0 moved, 0 removed, 2 unchanged, 0 failed; 1 passages embedded",
        "0 added, 0 changed, 0 moved, 1 removed, 2 unchanged, 0 failed; 0 passages embedded",
    ]
    watching, missing = err.splitlines()
    assert watching == f"Watching {folder}; Ctrl-C ends it."
    assert missing.startswith(f"There is no folder {folder}: ")


def test_a_dry_run_says_what_would_be_done(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("index.index.named_embedder", lambda model: BagEmbedder())
    index.sync(folder)
    (folder / "ketamine.txt").rename(folder / "notes.txt")
    assert main(["sync", str(folder), "--index", str(index.database.folder), "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        "0 added, 0 changed, 1 moved, 0 removed, 1 unchanged, 0 failed; 0 passages embedded\n"
        "  moved: ketamine.txt -> notes.txt\n"
    )
    assert index.titles().keys() == {"ketamine.txt", "sub/riluzole.md"}


def test_a_dry_run_before_the_first_sync_leaves_no_trace(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("index.index.named_embedder", lambda model: BagEmbedder())
    (folder / "picture.png").write_bytes(b"PNG")
    assert main(["sync", str(folder), "--index", str(tmp_path / "none"), "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[:4] == [
        "2 added, 0 changed, 0 moved, 0 removed, 0 unchanged, 1 failed; 0 passages embedded",
        "  added: ketamine.txt",
        "  added: sub/riluzole.md",
        "  failed: picture.png: no reader for .png; " + out.partition("no reader for .png; ")[2].strip(),
    ]
    assert err == "Nothing was done: this is what a sync would do.\n"
    assert not (tmp_path / "none").exists()


def test_a_report_names_the_first_of_many_and_the_status_all(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(25):
        (folder / f"{number:02}.txt").write_text("")
    lines = str(index.sync(folder)).splitlines()
    assert [line for line in lines if "failed:" in line][-2:] == [
        "  failed: 19.txt: the file is empty",
        "  failed: and 5 more",
    ]
    monkeypatch.setattr("index.index.named_embedder", lambda model: BagEmbedder())
    assert main(["status", "--index", str(index.database.folder)]) == 0
    assert capsys.readouterr().out.count("  failed: ") == 25


def run(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "index", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder and its index, made by the program with the packaged model."""
    folder = tmp_path_factory.mktemp("folder")
    (folder / "ketamine.txt").write_text("Ketamine blocks the NMDA receptor.")
    (folder / "empty.txt").write_text("")
    done = run("sync", folder, "--index", folder.parent / "made")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "1 added, 0 changed, 0 moved, 0 removed, 0 unchanged, 1 failed; 1 passages embedded\n"
        "  added: ketamine.txt\n"
        "  failed: empty.txt: the file is empty\n"
    )
    assert "Syncing" in done.stderr
    return folder, folder.parent / "made"


def test_an_unchanged_sync_loads_no_model(synced: tuple[Path, Path]) -> None:
    folder, index = synced
    code = (
        "import sys; from index.__main__ import main; "
        f"assert main(['sync', {str(folder)!r}, '--index', {str(index)!r}, '--quiet']) == 0; "
        "print({'torch', 'sentence_transformers'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == [
        "0 added, 0 changed, 0 moved, 0 removed, 1 unchanged, 1 failed; 0 passages embedded",
        "  failed: empty.txt: the file is empty",
        "set()",
    ]
    assert done.stderr == ""


def test_status(synced: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json", "--index", str(synced[1])]) == 0
    status = json.loads(capsys.readouterr().out)
    assert main(["status", "--index", str(synced[1])]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 documents, 1 passages, 1 failed files",
        f"  of {synced[0]}, synced {status['manifest']['synced']}, embedded with {status['manifest']['model']}",
        "  ketamine.txt: ketamine",
        "  failed: empty.txt: the file is empty",
    ]
    assert (status["documents"], status["failed"]) == (
        {"ketamine.txt": "ketamine"},
        {"empty.txt": "the file is empty"},
    )
    assert status["manifest"]["folder"] == str(synced[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sync", "{tmp}/none", "--index", "{tmp}/index"], "There is no folder {tmp}/none: name a folder that holds"),
        (["sync", "{tmp}/empty", "--index", "{tmp}/index"], "The index holds no documents. Add files to the folder"),
        (["status", "--index", "{tmp}/none"], "There is no index at {tmp}/none. Make one: python -m index sync FOLDER"),
        (["doctor", "--index", "{tmp}/none"], "There is no index at {tmp}/none. Make one: python -m index sync FOLDER"),
    ],
)
def test_wrong_use_is_one_clear_line(
    tmp_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main([argument.format(tmp=tmp_path) for argument in arguments]) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith(message.format(tmp=tmp_path))


def test_no_command_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    with pytest.raises(SystemExit, match="0"):
        main(["sync", "--help"])
    assert "the folder with the documents" in capsys.readouterr().out


def test_a_sync_tells_how_far_it_is_and_when_it_was(index: Index, folder: Path) -> None:
    told: list[tuple[int, int]] = []
    index.sync(folder, told=lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]
    synced = datetime.fromisoformat(index.database.manifest()["synced"])
    assert abs((datetime.now(UTC) - synced).total_seconds()) < 600


def test_a_reader_of_the_output_may_stop_early(synced: tuple[Path, Path]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "index", "status", "--index", str(synced[1])]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=120)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
