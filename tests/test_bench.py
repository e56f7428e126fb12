"""The benchmark on a small collection: what it makes, runs, and says."""

import json
from pathlib import Path

import numpy as np
import pytest

from eval import bench
from eval.data import DataMissing


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Health pages in the form of MedQuAD."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "retrieval" / "medquad").mkdir(parents=True)
    names = "zinc lithium riluzole ketamine memantine lamotrigine valproate estazolam".split()
    pages = [
        {
            "sections": [
                {
                    "question": f"What does {name} do in case {n}?",
                    "answer": f"In this case, number {n}, {name} was given for {n + 2} weeks, "
                    "and sleep was better than before.",
                }
                for n in range(5)
            ]
        }
        for name in names
    ]
    lines = "\n".join(map(json.dumps, pages))
    (folder / "retrieval" / "medquad" / "pages.jsonl").write_text(lines, encoding="utf-8")
    return folder


def test_variations_stand_in_clusters() -> None:
    random = np.random.default_rng(1)
    vectors = random.standard_normal((3, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [" ".join(f"{name}{n}" for n in range(80)) for name in "abc"]
    made = list(bench.more_passages(texts, vectors, 9))
    assert [text for text, _ in made[:3]] == texts
    for i, (text, vector) in enumerate(made[3:]):
        assert vector @ vectors[i % 3] == pytest.approx(bench.COSINE, abs=1e-5)
        same = np.mean([a == b for a, b in zip(text.split(), texts[i % 3].split(), strict=True)])
        assert 0.75 < same < 1


def test_the_benchmark_runs_and_reports(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "REAL", 30)
    monkeypatch.setattr(bench, "SYNCED", 10)
    monkeypatch.setattr(bench, "SYNCS", 2)
    monkeypatch.setattr(bench, "LISTS", 5)
    monkeypatch.setattr(bench, "STARTS", 2)
    folder, asked = bench.bench(data, tmp_path, [60], None, 4)
    assert (folder.size, folder.built("passages"), folder.again["passages"]) == (0, 10, 10)
    assert len(folder.builds) == 2
    assert folder.again["cpu"] < folder.built("cpu")
    assert list(folder.reads) == ["ranker", "judge"]
    assert all(rates["again"] > rates["together"] > 0 for rates in folder.reads.values())
    assert (asked.size, asked.built("passages"), asked.recall) == (60, 60, 1.0)
    assert list(asked.wall) == ["find", "answer", "answer, checked"]
    assert all(len(times) == 4 for times in asked.wall.values())
    assert list(asked.first.values()) == sorted(asked.first.values())
    assert [len(starts) for starts in folder.first.values()] == [2, 2, 2]
    assert [len(starts) for starts in asked.first.values()] == [1, 1, 1]
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert "\n| 60 | counterpoint | answer, checked | " in text
    assert [len(times) for times in asked.words.values()] == [13, 30, 60]
    assert "\n| 60 | 10 of the commonest words | " in text
    assert "\n| counterpoint | judge | " in text
    assert len(json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))) == 2


def test_a_step_that_fails_says_how_to_see_why(tmp_path: Path) -> None:
    import sys

    with pytest.raises(ValueError, match="contenders.py counterpoint ask .* failed with status 1: run it alone"):
        bench.run(sys.executable, "counterpoint", "ask", tmp_path / "none", "--questions", tmp_path / "none")


def test_without_its_data_it_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="name the folder of the data sets with --data"):
        bench.bench(tmp_path, tmp_path / "out", [10], None, 1)
