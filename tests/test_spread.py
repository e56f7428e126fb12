"""Embedding spread over a Ray cluster of this machine, run for real."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.__main__ import main
from index.database import Database
from index.embed import PackagedEmbedder, spread_embedder
from index.errors import WorkersMissing
from rag import RAG

DOCUMENTS = Path(__file__).parents[1] / "documents"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Ray cluster of two machines, both of them this one."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    made.add_node(num_cpus=1)
    yield made.address
    ray.shutdown()
    made.shutdown()


def rows(place: Path) -> dict[tuple[str, int], np.ndarray]:
    """Document and start -> vector, of every passage of an index."""
    database = Database(place)
    passages = database.passages(database.passage_ids())
    return {
        (passages[id].document, passages[id].start): v for id, v in zip(*database.vectors(list(passages)), strict=True)
    }


def test_vectors_are_those_of_this_machine(cluster: str, tmp_path: Path) -> None:
    assert main(["sync", str(DOCUMENTS), "--index", str(tmp_path / "here"), "--quiet"]) == 0
    assert main(["sync", str(DOCUMENTS), "--index", str(tmp_path / "spread"), "--quiet", "--ray", cluster]) == 0
    here, spread = rows(tmp_path / "here"), rows(tmp_path / "spread")
    assert here.keys() == spread.keys()
    assert all(np.array_equal(here[place], spread[place]) for place in here)
    assert Database(tmp_path / "spread").manifest()["model"] == PackagedEmbedder.name
    assert RAG.open(tmp_path / "spread").answer("What does riluzole do to glutamate release?").statements


def test_every_machine_takes_part_and_the_order_stays(cluster: str) -> None:
    import ray

    embedder = spread_embedder(None, cluster)
    texts = [f"{'Zinc shortens colds. ' * (n % 7)}Case {n}." for n in range(300)]
    assert np.array_equal(embedder.embed_documents(texts), PackagedEmbedder().embed_documents(texts))
    assert len(embedder._workers) == len(ray.nodes()) == 2
    assert embedder.embed_documents([]).shape == (0, 384)


def test_a_sync_that_broke_off_goes_on_where_it_stopped(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import ray

    from index import spread

    monkeypatch.setattr("index.sync.BATCH_PASSAGES", 10)
    whole, given = spread.SpreadEmbedder.embed_documents, []

    def break_off(self: spread.SpreadEmbedder, texts: list[str]) -> np.ndarray:
        given.append(len(texts))
        if len(given) == 3:  # the first is of nothing, to load the model
            for worker in self._found_workers():
                ray.kill(worker)
        return whole(self, texts)

    monkeypatch.setattr(spread.SpreadEmbedder, "embed_documents", break_off)
    command = ["sync", str(DOCUMENTS), "--index", str(tmp_path / "index"), "--quiet", "--ray", cluster]
    assert main(command) == 2
    assert "cannot embed: " in capsys.readouterr().err
    kept = Database(tmp_path / "index").passage_count()
    assert kept == given[1] > 0
    monkeypatch.setattr(spread.SpreadEmbedder, "embed_documents", whole)
    assert main(command) == 0
    said = capsys.readouterr().out
    assert f"; {Database(tmp_path / 'index').passage_count() - kept} passages embedded" in said


def test_without_its_package_ray_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "index.spread", None)
    with pytest.raises(WorkersMissing, match=r"needs ray: pip install 'counterpoint\[ray\]'"):
        spread_embedder(None, "auto")
