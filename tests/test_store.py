"""Every store of passages by one suite: the one on this machine, and Milvus spoken to over its socket."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from doubles import BagEmbedder

from index import Document, Index, Passage, dense
from index.__main__ import main
from index.database import Database
from index.doctor import examine
from index.errors import StoreMissing
from index.store import LocalStore
from rag import RAG

NOUNS = "glutamate ketamine riluzole receptor neuron mood trial dose sleep stress lithium zinc".split()
VERBS = "blocks raises lowers changes measures causes".split()
QUERIES = ["ketamine blocks the receptor", "mood", "stress causes sleep trials", "who measures riluzole doses", "zinc"]


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Milvus server of this machine."""
    pytest.importorskip("pymilvus")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("milvus-lite")
    command = [program, "server", "--host", "127.0.0.1", "--port", port, "--data-dir", tmp_path_factory.mktemp("data")]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.kill()


@pytest.fixture(scope="session", params=["local", "milvus"])
def store(request: pytest.FixtureRequest) -> str | None:
    """The address of a store."""
    return None if request.param == "local" else request.getfixturevalue("milvus")


def sentence(random: np.random.Generator) -> str:
    words = [*random.choice(NOUNS, random.integers(2, 9)), *random.choice(VERBS, random.integers(1, 4))]
    return f"The {' '.join(random.permutation(words))} today."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, random = tmp_path_factory.mktemp("folder"), np.random.default_rng(3)
    for i in range(150):
        (folder / f"d{i:03}.txt").write_text(sentence(random))
    return folder


@pytest.fixture(scope="module")
def index(folder: Path, store: str | None, tmp_path_factory: pytest.TempPathFactory) -> Index:
    index = Index.create(tmp_path_factory.mktemp("index"), embedder=BagEmbedder(), store=store)
    index.sync(folder)
    return index


@pytest.mark.parametrize("query", QUERIES)
def test_dense_rankings_are_those_of_brute_force(index: Index, query: str) -> None:
    ids, matrix = index.database.vectors(index.database.passage_ids())
    scores = dict(zip(ids, (matrix @ index.embedder.embed_query(query)).tolist(), strict=True))
    found = index.search_dense(query, k=20)
    last = found[-1][1]
    above = sorted((id for id, score in scores.items() if score > last + 1e-6), key=lambda id: (-scores[id], id))
    assert [id for id, score in found if score > last + 1e-6] == above  # passages that tie with the last may vary
    assert dict(found) == pytest.approx({id: scores[id] for id, _ in found}, abs=1e-6)
    assert len(found) == 20


@pytest.mark.parametrize("query", QUERIES)
def test_full_text_finds_every_passage_with_a_word_and_the_fitter_first(index: Index, query: str) -> None:
    local = dict(LocalStore(index.database).search_lexical(query, 150))
    found = dict(index.search_lexical(query, k=150))
    assert found.keys() == local.keys()
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert all(score > 0 for score in found.values())
    assert np.corrcoef([local[id] for id in found], list(found.values()))[0, 1] > 0.95 or len(set(found.values())) == 1


@pytest.mark.parametrize("query", ["", "?!", '"unclosed', "a AND (b OR", "title:x", "*", "\\", "🙂", "的", "')"])
def test_odd_queries_find_nothing_odd(index: Index, query: str) -> None:
    assert {id for id, _ in index.search_lexical(query, k=5)} <= set(index.database.passage_ids())
    assert index.store.search_near(query, 5) == []


def test_near_words(index: Index) -> None:
    holders = {id for id, p in index.passages(index.database.passage_ids()).items() if "lithium" in p.text}
    for slip in ("lithim", "litihum", "litthium", "Lithium", "lithiom"):
        assert {p.id for p in index.search_near(slip, k=150)} == holders
    assert index.search_near("lthm", k=5) == []


def test_a_sound_store(index: Index) -> None:
    assert examine(index) == []


def test_a_store_follows_its_folder(folder: Path, store: str | None, tmp_path: Path) -> None:
    copy = tmp_path / "folder"
    shutil.copytree(folder, copy)
    index = Index.create(tmp_path / "index", embedder=BagEmbedder(), store=store)
    index.sync(copy)
    (copy / "d000.txt").write_text("Memantine is new here.")
    (copy / "d001.txt").unlink()
    (copy / "d999.txt").write_text("Valproate steadies the mood.")
    index.sync(copy)
    reader = Index.open(tmp_path / "index", embedder=BagEmbedder(), store=store)
    for word, name in (("memantine", "d000.txt"), ("valproate", "d999.txt")):
        for leg in (reader.search_lexical(word, k=1), reader.search_dense(word, k=1)):
            assert [p.document for p in reader.passages([leg[0][0]]).values()] == [name]
    assert len(reader.search_dense("mood", k=500)) == reader.database.passage_count() == 150
    assert examine(reader) == []


def test_an_interrupted_sync_goes_on_where_it_stopped(folder: Path, store: str | None, tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index", embedder=BagEmbedder(), store=store)
    index.sync(folder)
    gone = index.document("d007.txt").source
    index.database.remove([gone])  # the database is ahead of its store, as after a sync that was killed
    assert gone not in {p.document for p in index.passages([i for i, _ in index.search_dense("mood", k=150)]).values()}
    index.store.save()
    assert examine(index) == []
    assert len(index.store.search_dense(index.embedder.embed_query("mood"), 150)) == 149


def test_an_empty_store_finds_nothing(store: str | None, tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index", embedder=BagEmbedder(), store=store)
    assert (index.search_dense("mood", k=3), index.search_lexical("mood", k=3)) == ([], [])
    assert index.search_near("mood", k=3) == []


def test_questions_are_answered_alike(folder: Path, store: str | None, tmp_path: Path) -> None:
    documents = Path(__file__).parents[1] / "documents"
    index = Index.create(tmp_path / "index", store=store)
    index.sync(documents)
    rag = RAG.open(tmp_path / "index", store=store)
    answer = rag.answer("What does riluzole do to glutamate release?")
    assert answer.statements[0].text == "Riluzole reduces the release of glutamate from nerve cells."
    assert rag.answer("What does riluzol do to glutamat release?").query == answer.question


# -- Milvus by its address ---


def test_the_doctor_counts_what_a_store_lacks(milvus: str, folder: Path, tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index", embedder=BagEmbedder(), store=milvus)
    index.sync(folder)
    index.database.remove(["d000.txt", "d001.txt"])
    [damage] = examine(index)
    assert (damage.kind, damage.what) == ("search indexes", "0 passages missing, 2 too many")
    assert damage.name.endswith(f"at {milvus}")


def test_a_store_that_does_not_answer_is_one_clear_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pymilvus")
    monkeypatch.setattr("index.index.named_embedder", lambda model: BagEmbedder())
    monkeypatch.setattr("index.milvus.WAIT", 0.5)
    command = ["sync", str(folder), "--index", str(tmp_path / "index"), "--store", "http://user:secret@127.0.0.1:9"]
    assert main([*command, "--quiet"]) == 2
    line = capsys.readouterr().err
    assert line.startswith("The store http://127.0.0.1:9 cannot be used:")
    assert "secret" not in line
    assert line.count("\n") == 1


def test_without_its_package_a_store_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "index.milvus", None)
    Database(tmp_path, create=True)
    with pytest.raises(StoreMissing, match=r"needs pymilvus: pip install 'counterpoint\[milvus\]'"):
        Index.open(tmp_path, embedder=BagEmbedder(), store="http://127.0.0.1:19530")


# -- many passages on this machine ---


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Index]:
    """An index that is large by a small measure."""
    monkeypatch.setattr(dense, "FLAT", 400)
    monkeypatch.setattr(dense, "READ", 2)  # so few passages of so few words stand in no clear lists
    monkeypatch.setattr("index.store.SMALL", 100)
    folder, random = tmp_path / "folder", np.random.default_rng(5)
    folder.mkdir()
    for i in range(600):
        (folder / f"d{i:03}.txt").write_text(sentence(random))
    index = Index.create(tmp_path / "index", embedder=BagEmbedder())
    index.sync(folder)
    return folder, index


def overlap(index: Index, query: str) -> float:
    """The share of the ten nearest passages, by brute force, that a search finds."""
    ids, matrix = index.database.vectors(index.database.passage_ids())
    scores = matrix @ index.embedder.embed_query(query)
    tenth = np.sort(scores)[-10] - 1e-6
    found = index.search_dense(query, k=10)
    by_id = dict(zip(ids, scores.tolist(), strict=True))
    assert [score for _, score in found] == pytest.approx([by_id[id] for id, _ in found], abs=1e-6)
    return sum(score >= tenth for _, score in found) / 10


def test_lists_find_the_nearest_with_exact_scores(many: tuple[Path, Index]) -> None:
    _, index = many
    assert np.mean([overlap(index, query) for query in QUERIES]) >= 0.98


@pytest.mark.parametrize(("width", "codes"), [(384, 192), (256, 128), (25, 25)])
def test_lists_read_a_share_of_short_codes(tmp_path: Path, width: int, codes: int) -> None:
    database, random = Database(tmp_path, create=True), np.random.default_rng(7)
    rows = random.standard_normal((900, width)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    document = Document(id="d", text="word " * 900, title="d", source="d")
    database.put(document, "-", [Passage(0, "d", 5 * i, 5 * i + 4, "word") for i in range(900)], rows)
    lists = dense._lists(database, np.array(database.passage_ids()))
    assert (lists.nlist, lists.nprobe, lists.pq.M, lists.pq.nbits) == (60, 12, codes, 4)


def test_what_is_gone_stays_in_lists_unseen_until_it_is_a_fifth(many: tuple[Path, Index]) -> None:
    folder, index = many
    random = np.random.default_rng(8)
    for i in range(40):
        (folder / f"d{i:03}.txt").unlink()
        (folder / f"new{i}.txt").write_text(sentence(random))
    index.sync(folder)
    assert np.mean([overlap(index, query) for query in QUERIES]) >= 0.98
    assert len(index.store._newest().dense) == 640  # type: ignore[attr-defined]
    for i in range(40, 160):
        (folder / f"d{i:03}.txt").unlink()
    index.sync(folder)
    assert len(index.store._newest().dense) == 480  # type: ignore[attr-defined]
    assert np.mean([overlap(index, query) for query in QUERIES]) >= 0.98


def test_lists_follow_changes_and_are_made_anew_when_outgrown(many: tuple[Path, Index]) -> None:
    folder, index = many
    random = np.random.default_rng(6)
    for i in range(0, 600, 10):
        (folder / f"d{i:03}.txt").unlink()
    for i in range(600, 1300):
        (folder / f"d{i}.txt").write_text(sentence(random))
    index.sync(folder)
    assert np.mean([overlap(index, query) for query in QUERIES]) >= 0.98
    assert examine(index) == []
    for i in range(1, 1300):
        if i % 10 and i % 7:
            (folder / f"d{i:03}.txt").unlink(missing_ok=True)
    index.sync(folder)
    assert index.database.passage_count() < 400
    assert np.mean([overlap(index, query) for query in QUERIES]) == 1
    assert examine(index) == []


def test_a_large_index_answers_from_what_was_saved_while_a_sync_runs(many: tuple[Path, Index]) -> None:
    folder, index = many
    before = index.search_lexical("lithium", k=600)
    index.database.remove(["d000.txt"])
    assert index.search_lexical("lithium", k=600) == before
    found = index.passages([id for id, _ in index.search_dense("mood", k=600)])
    assert "d000.txt" not in {passage.document for passage in found.values()}
