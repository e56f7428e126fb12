"""Both legs against independent implementations, and the derived indexes kept right or made anew."""

import math
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from doubles import BagEmbedder

from index import Index, Passage, content_stems, stems
from index.dense import DenseIndex
from index.errors import IndexEmpty, IndexMismatch
from index.lexical import WORD, LexicalIndex

NOUNS = ["glutamate", "ketamine", "riluzole", "receptor", "neuron", "mood", "trial", "dose", "sleep", "stress"]
VERBS = ["blocks", "raises", "lowers", "changes", "measures", "causes"]
QUERIES = [
    "ketamine blocks the receptor",
    "mood",
    "stress causes sleep trials",
    "who measures riluzole doses",
    "neurons",
]


def sentence(random: np.random.Generator) -> str:
    words = [*random.choice(NOUNS, random.integers(2, 9)), *random.choice(VERBS, random.integers(1, 4))]
    return f"The {' '.join(random.permutation(words))} today."


@pytest.fixture(scope="module")
def corpus() -> dict[str, str]:
    random = np.random.default_rng(3)
    return {f"d{i:03}": sentence(random) for i in range(200)}


@pytest.fixture(scope="module")
def index(corpus: dict[str, str]) -> Index:
    return Index.from_texts(corpus, embedder=BagEmbedder())


def all_passages(index: Index) -> list[Passage]:
    return list(index.passages(index.database.passage_ids()).values())


# -- dense ---


@pytest.mark.parametrize("query", QUERIES)
def test_dense_search_is_brute_force(index: Index, query: str) -> None:
    ids, matrix = index.database.vectors(index.database.passage_ids())
    scores = matrix @ index.embedder.embed_query(query)
    found = index.search_dense(query, k=20)
    assert [score for _, score in found] == pytest.approx(np.sort(scores)[::-1][:20].tolist(), abs=1e-6)
    by_id = dict(zip(ids, scores.tolist(), strict=True))
    assert dict(found) == pytest.approx({id: by_id[id] for id, _ in found}, abs=1e-6)


def test_dense_order_is_exact_where_scores_differ() -> None:
    texts = {f"d{n}": "ketamine " * (n + 1) + "sleep " * (9 - n) for n in range(10)}
    index = Index.from_texts({id: f"{text.strip()}." for id, text in texts.items()}, embedder=BagEmbedder())
    passages = {p.id: p.document for p in all_passages(index)}
    assert [passages[id] for id, _ in index.search_dense("ketamine", k=10)] == [f"d{n}" for n in range(9, -1, -1)]


def test_asking_for_more_than_there_is(index: Index) -> None:
    assert len(index.search_dense("mood", k=1000)) == 200
    assert len({id for id, _ in index.search_dense("mood", k=1000)}) == 200


# -- full text ---


def bm25(index: Index, query: str, *, k1: float = 1.2, b: float = 0.75) -> dict[int, float]:
    """Robertson's formula, written out, over the same stems: title (twice), heading and text apart."""
    scores: Counter[int] = Counter()
    titles, passages = index.titles(), all_passages(index)
    fields = {
        "title": (2.0, {p.id: titles[p.document] for p in passages}),
        "heading": (1.0, {p.id: p.heading for p in passages}),
        "text": (1.0, {p.id: p.text for p in passages}),
    }
    for boost, texts in fields.values():
        bags = {id: Counter(s for word in WORD.findall(text) for s in stems(word)) for id, text in texts.items()}
        mean = sum(bag.total() for bag in bags.values()) / len(bags)
        for term in content_stems(query):
            holders = [id for id, bag in bags.items() if term in bag]
            idf = math.log(1 + (len(bags) - len(holders) + 0.5) / (len(holders) + 0.5))
            for id in holders:
                tf, length = bags[id][term], bags[id].total()
                scores[id] += boost * idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean))
    return dict(scores)


@pytest.mark.parametrize("query", QUERIES)
def test_full_text_search_is_bm25(index: Index, query: str) -> None:
    wanted = bm25(index, query)
    found = dict(index.search_lexical(query, k=200))
    assert found.keys() == wanted.keys()
    assert found == pytest.approx(wanted, rel=1e-4)
    assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize("query", ["", "?!", '"unclosed', "a AND (b OR", "title:x", "mood^5", "*", "\\", "🙂", "的"])
def test_odd_queries_find_nothing_odd(index: Index, query: str) -> None:
    assert {id for id, _ in index.search_lexical(query, k=5)} <= set(index.database.passage_ids())


def test_near_words() -> None:
    texts = {"a": "Ketamine lifts mood.", "b": "Riluzole slows ALS.", "c": "Escitalopram is common."}
    index = Index.from_texts(texts, embedder=BagEmbedder())
    for slip in ("ketamin", "ketamien", "kettamine", "Ketamine"):
        assert [p.document for p in index.search_near(slip, k=5)] == ["a"]
    assert index.search_near("citalopram", k=5) == []


def test_both_legs_share_their_candidates(index: Index) -> None:
    cosine, full_text = index.search_both("ketamine dose", k=10)
    assert cosine.keys() >= full_text.keys()
    ids, matrix = index.database.vectors(sorted(cosine))
    scores = matrix @ index.embedder.embed_query("ketamine dose")
    assert cosine == pytest.approx(dict(zip(ids, scores.tolist(), strict=True)), abs=1e-6)
    assert full_text == dict(index.search_lexical("ketamine dose", k=10))


# -- kept up to date ---


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("ketamine", "riluzole", "memantine"):
        (folder / f"{name}.txt").write_text(f"{name.title()} acts on glutamate.")
    return folder


def answers(index: Index, query: str) -> list[set[str]]:
    legs = index.search_dense(query, k=10), index.search_lexical(query, k=10)
    return [{p.text for p in index.passages([id for id, _ in leg]).values()} for leg in legs]


def test_updates_by_difference(folder: Path, tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index", embedder=BagEmbedder())
    index.sync(folder)
    dense, lexical, none = DenseIndex(), LexicalIndex(), np.empty(0, np.int64)
    before = np.array(index.database.passage_ids())
    dense.update(index.database, none, before)
    lexical.update(index.database, none, before)
    (folder / "riluzole.txt").write_text("Riluzole slows ALS.")
    (folder / "memantine.txt").unlink()
    (folder / "lithium.txt").write_text("Lithium steadies the mood.")
    index.sync(folder)
    after = np.array(index.database.passage_ids())
    dense.update(index.database, before, after)
    lexical.update(index.database, before, after)
    fresh, fresh_text = DenseIndex(), LexicalIndex()
    fresh.update(index.database, none, after)
    fresh_text.update(index.database, none, after)
    assert len(dense) == len(lexical) == len(after)
    for word in ("lithium", "riluzole", "memantine", "glutamate", "als"):
        query = index.embedder.embed_query(word)
        assert dense.search(query, 9) == fresh.search(query, 9)
        assert [id for id, _ in lexical.search(word, 9)] == [id for id, _ in fresh_text.search(word, 9)]


def test_an_open_index_sees_the_sync_of_another(folder: Path, tmp_path: Path) -> None:
    Index.create(tmp_path / "index", embedder=BagEmbedder()).sync(folder)
    reader = Index.open(tmp_path / "index", embedder=BagEmbedder())
    assert answers(reader, "riluzole")[1] == {"Riluzole acts on glutamate."}
    assert reader.document("riluzole.txt").text == "Riluzole acts on glutamate."
    (folder / "riluzole.txt").write_text("Riluzole slows ALS.")
    Index.open(tmp_path / "index", embedder=BagEmbedder()).sync(folder)
    assert answers(reader, "riluzole") == [
        {"Riluzole slows ALS.", "Ketamine acts on glutamate.", "Memantine acts on glutamate."},
        {"Riluzole slows ALS."},
    ]
    assert reader.document("riluzole.txt").text == "Riluzole slows ALS."


def test_what_is_saved_is_what_is_loaded(folder: Path, tmp_path: Path) -> None:
    first = Index.create(tmp_path / "index", embedder=BagEmbedder())
    first.sync(folder)
    [saved] = (tmp_path / "index").glob("derived-*")
    query = first.embedder.embed_query("ketamine")
    found = first.search_dense("ketamine", k=5)
    assert dict(DenseIndex.load(saved / "dense.faiss").search(query, 5)) == pytest.approx(dict(found))
    assert LexicalIndex(saved / "lexical").search("ketamine", 5) == first.search_lexical("ketamine", k=5)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def scramble(file: Path) -> None:
    file.write_bytes(b"\xff" * file.stat().st_size)


@pytest.mark.parametrize("harm", [cut, scramble, Path.unlink])
@pytest.mark.parametrize("part", ["dense.faiss", "lexical/meta.json", "lexical/*.store", "lexical/*.idx"])
def test_damaged_files_are_made_anew(folder: Path, tmp_path: Path, harm, part: str) -> None:
    Index.create(tmp_path / "index", embedder=BagEmbedder()).sync(folder)
    for file in (tmp_path / "index").glob(f"derived-*/{part}"):
        harm(file)
    index = Index.open(tmp_path / "index", embedder=BagEmbedder())
    assert answers(index, "ketamine")[1] == {"Ketamine acts on glutamate."}
    assert len(answers(index, "ketamine")[0]) == 3


def test_without_saved_files_they_are_made_anew(folder: Path, tmp_path: Path) -> None:
    Index.create(tmp_path / "index", embedder=BagEmbedder()).sync(folder)
    for saved in (tmp_path / "index").glob("derived-*"):
        shutil.rmtree(saved)
    index = Index.open(tmp_path / "index", embedder=BagEmbedder())
    assert answers(index, "memantine")[1] == {"Memantine acts on glutamate."}


def test_two_threads_ask_while_a_third_syncs(folder: Path, tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index", embedder=BagEmbedder())
    index.sync(folder)
    syncing = True

    def ask() -> set[str]:
        seen: set[str] = set()
        while syncing:
            seen |= answers(index, "riluzole slows")[1]
            index.search_both("riluzole", k=5)
        return seen

    def rewrite() -> None:
        nonlocal syncing
        try:
            for n in range(6):
                (folder / "riluzole.txt").write_text(f"Riluzole slows case {n}.")
                index.sync(folder)
        finally:
            syncing = False

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask), pool.submit(ask)]
        pool.submit(rewrite).result()
        possible = {"Riluzole acts on glutamate."} | {f"Riluzole slows case {n}." for n in range(6)}
        assert all(future.result() <= possible for future in asked)
    assert answers(index, "riluzole")[1] == {"Riluzole slows case 5."}


# -- opening ---


def test_another_model_is_refused(folder: Path, tmp_path: Path) -> None:
    Index.create(tmp_path / "index", embedder=BagEmbedder()).sync(folder)
    other = BagEmbedder()
    other.name = "another-model"
    with pytest.raises(IndexMismatch, match="built with the model bag-of-words, not another-model: name that model"):
        Index.open(tmp_path / "index", embedder=other)


def test_an_empty_index_says_so(tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index", embedder=BagEmbedder())
    assert (index.search_dense("mood", k=3), index.search_lexical("mood", k=3)) == ([], [])
    with pytest.raises(IndexEmpty, match="The index holds no documents. Add files to the folder and sync it again."):
        index.require_documents()


def test_a_missing_document_is_a_key_error(index: Index) -> None:
    with pytest.raises(KeyError):
        index.document("nowhere")


def test_a_search_among_documents_is_the_search_of_everything_less_the_others(index: Index) -> None:
    """Both legs, against every passage scored and the others left out; nothing chosen, nothing found."""
    chosen = {f"d{i:03}" for i in range(0, 200, 7)}
    for query in QUERIES:
        cosine, full_text = index.search_both(query, k=200)
        of = {id: passage.document for id, passage in index.passages(sorted(cosine | full_text)).items()}
        among_cosine, among_text = index.search_both(query, k=5, documents=chosen)
        left = sorted((id for id in full_text if of[id] in chosen), key=lambda id: -full_text[id])[:5]
        assert sorted(among_text.values()) == pytest.approx(sorted(full_text[id] for id in left), rel=1e-6)
        best = sorted((value for id, value in cosine.items() if of[id] in chosen), reverse=True)[:5]
        assert sorted(among_cosine.values(), reverse=True)[: len(best)] == pytest.approx(best, abs=1e-6)
        assert {of[id] for id in among_cosine} <= chosen
    assert index.search_both("ketamine", k=5, documents=[]) == ({}, {})


def test_the_catalogue(index: Index, corpus: dict[str, str]) -> None:
    entries = index.catalogue()
    assert [entry.id for entry in entries] == sorted(corpus)
    assert {entry.passages for entry in entries} == {1}


def test_the_rarest_words_alone_find_what_all_words_find() -> None:
    random = np.random.default_rng(9)
    texts = {f"d{i:04}": f"Disease of the {random.choice(NOUNS)}. {sentence(random)}" for i in range(900)}
    for i in range(0, 900, 30):
        texts[f"d{i:04}"] += f" Chanarin-Dorfman {'affects ' * random.integers(1, 4)}some."
    lexical = LexicalIndex()
    database = Index.from_texts(texts, embedder=BagEmbedder()).database
    lexical.update(database, np.empty(0, np.int64), np.array(database.passage_ids()))
    query = ["disease", "today", "chanarin-dorfman", "sleep", "disease"]
    found = lexical._search_rare(query, 12)
    assert len(found) == 12
    assert dict(found) == pytest.approx(dict(lexical._search(lexical._query(query), 12)), rel=1e-5)
    assert lexical._search_rare(query, 31) == []  # more than have a rare word
    assert lexical._search_rare(["disease", "today"], 12) == []
    assert lexical._search_rare([], 12) == []
