"""The packaged embedding model: counting, cutting, unit rows, and the same vectors as an independent implementation."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index.embed import PackagedEmbedder, SentenceTransformerEmbedder, named_embedder
from index.minilm import engine, packaged_folder
from rag import RAG

TEXTS = [
    "Zinc.",
    "How does ketamine work?",
    "Riluzole reduces the release of glutamate from nerve cells, 50 mg twice a day (5–10 µM).",
    "caf\u00e9 na\u00efve \u4e2d\u6587 \U0001f642",
    " ".join(f"Of {n} people, {n // 3} slept better." for n in range(60)),
]


@pytest.fixture(scope="module")
def embedder() -> PackagedEmbedder:
    return PackagedEmbedder()


def test_a_text_longer_than_the_model_reads_is_cut(embedder: PackagedEmbedder) -> None:
    long = "zinc " * 700
    assert embedder.count_tokens(long) == 700
    rows = embedder.embed_documents([long, "zinc " * 254, "lead"])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    assert rows[0] @ rows[1] == pytest.approx(1, abs=1e-3)
    assert embedder.embed_query(long) @ rows[1] == pytest.approx(1, abs=1e-3)


def test_a_sentence_longer_than_the_model_reads_is_no_reason_to_fail(embedder: PackagedEmbedder) -> None:
    text = "Zinc shortens colds in " + ", ".join(f"town {n} of the coast" for n in range(200)) + "."
    assert RAG.from_texts({"list": text}, embedder=embedder).ask("What does zinc shorten?").status == "answered"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_vectors_are_those_of_sentence_transformers_in_full_precision(embedder: PackagedEmbedder) -> None:
    named = SentenceTransformerEmbedder(str(packaged_folder()))
    full = np.stack([named.embed_query(text) for text in TEXTS])
    assert np.sum(embedder.embed_documents(TEXTS) * full, axis=1).min() >= 0.9999
    assert min(embedder.embed_query(text) @ row for text, row in zip(TEXTS, full, strict=True)) >= 0.9999
    assert [embedder.count_tokens(text) for text in TEXTS] == [named.count_tokens(text) for text in TEXTS]
    words = "zinc riluzole glutamate café mouse 🙂".split()
    assert [embedder.knows(word) for word in words] == [named.knows(word) for word in words]


def test_a_vector_does_not_depend_on_what_is_embedded_with_it(embedder: PackagedEmbedder) -> None:
    together = embedder.embed_documents(TEXTS * 40)
    assert np.array_equal(together[: len(TEXTS)], np.stack([embedder.embed_query(text) for text in TEXTS]))


def test_threads_share_an_embedder(embedder: PackagedEmbedder) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(embedder.embed_query, TEXTS * 5))
    assert np.array_equal(np.stack(found), embedder.embed_documents(TEXTS * 5))


def test_no_texts_are_no_rows(embedder: PackagedEmbedder) -> None:
    assert embedder.embed_documents([]).shape == (0, 384)


def test_the_index_notes_its_engine() -> None:
    assert re.fullmatch(r"openvino \d+\.\d+\.\d+, (bfloat16|float32)", engine())


def test_a_model_by_its_name_and_by_the_name_that_an_index_knows_it_by() -> None:
    assert [type(named_embedder(name)) for name in (None, PackagedEmbedder.name)] == [PackagedEmbedder] * 2
    assert named_embedder("some/model").name == "some/model"


def test_the_threads_of_a_model_end_before_python_does() -> None:
    """A thread that needs Python when it is gone takes the whole program down, after its work is done."""
    code = (
        "import atexit; from index.minilm import MiniLM; model = MiniLM(max_tokens=16);"
        "held = lambda: print('_queue' in vars(model)); atexit.register(held); model.means(['Zinc.']); held()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["True", "False"]
