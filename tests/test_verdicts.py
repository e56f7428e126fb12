"""What readers made of warnings is kept beside the index, whatever happens to it."""

import json
from dataclasses import replace
from pathlib import Path

from doubles import BagEmbedder

from index import Index
from rag.types import Answer, Citation, Disagreement, Side
from rag.verdicts import FILE, Verdicts, key

CITATIONS = (
    Citation(1, "leaflet", "Leaflet", "leaflet.txt", None, "It reduces it.", 0, 14),
    Citation(2, "blog", "Blog", "blog.txt", None, "It increases it.", 0, 16),
    Citation(3, "other", "Other", "other.txt", None, "It lowers it.", 0, 13),
)
FOUND = Disagreement("direction", "Opposite.", 0.9, (Side("", (1, 3)), Side("", (2,))))
ANSWER = Answer("What does it do?", "What does it do?", 0.9, citations=CITATIONS, disagreements=(FOUND,))


def test_a_warning_is_known_by_what_its_sides_say_first() -> None:
    turned = replace(FOUND, sides=FOUND.sides[::-1], summary="Another word.")
    assert key(ANSWER, turned) == key(ANSWER, FOUND)
    renumbered = replace(ANSWER, citations=tuple(replace(c, number=c.number + 4) for c in CITATIONS))
    moved = replace(FOUND, sides=(Side("", (5,)), Side("", (6,))))
    assert key(renumbered, moved) == key(ANSWER, FOUND)
    assert key(ANSWER, replace(FOUND, sides=(Side("", (3,)), Side("", (2,))))) != key(ANSWER, FOUND)


def test_a_choice_is_kept_changed_and_taken_back(tmp_path: Path) -> None:
    verdicts = Verdicts(tmp_path)
    assert verdicts.choices == {}
    assert verdicts.export() == ""
    verdicts.put(ANSWER, FOUND, "dismissed")
    assert Verdicts(tmp_path).choices == {key(ANSWER, FOUND): "dismissed"}
    verdicts.put(ANSWER, FOUND, "confirmed")
    assert Verdicts(tmp_path).choices == verdicts.choices == {key(ANSWER, FOUND): "confirmed"}
    [row] = map(json.loads, verdicts.export().splitlines())
    assert row["sides"] == [
        {"document": "leaflet", "quote": "It reduces it."},
        {"document": "blog", "quote": "It increases it."},
    ]
    assert (row["choice"], row["kind"]) == ("confirmed", "direction")
    assert "What does it do" not in (tmp_path / FILE).read_text(), "what was asked is not kept"
    verdicts.put(ANSWER, FOUND, None)
    assert Verdicts(tmp_path).choices == {}
    assert verdicts.export() == ""


def test_a_sync_loses_no_choice(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("Tea is a drink made of dried leaves.")
    index = Index.create(tmp_path / "index", embedder=BagEmbedder())
    index.sync(folder)
    Verdicts(index.database.folder).put(ANSWER, FOUND, "confirmed")
    (folder / "a.txt").unlink()
    index.sync(folder)
    (index.database.folder / "counterpoint.sqlite").unlink()
    Index.create(tmp_path / "index", embedder=BagEmbedder()).sync(folder)
    assert Verdicts(index.database.folder).choices == {key(ANSWER, FOUND): "confirmed"}


def test_a_line_cut_short_costs_that_line_alone(tmp_path: Path) -> None:
    Verdicts(tmp_path).put(ANSWER, FOUND, "confirmed")
    with (tmp_path / FILE).open("a") as file:
        file.write('{"warning": "x", "choi')
    again = Verdicts(tmp_path)
    assert again.choices == {key(ANSWER, FOUND): "confirmed"}
    again.put(ANSWER, FOUND, "dismissed")
    assert Verdicts(tmp_path).choices == {key(ANSWER, FOUND): "dismissed"}
