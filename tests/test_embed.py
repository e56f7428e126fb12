"""The packaged embedding model: counting, cutting, and unit rows."""

import numpy as np
import pytest

from index.embed import SentenceTransformerEmbedder
from rag import RAG


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


def test_a_text_longer_than_the_model_reads_is_cut(embedder: SentenceTransformerEmbedder) -> None:
    long = "zinc " * 700
    assert embedder.count_tokens(long) == 700
    rows = embedder.embed_documents([long, "zinc " * 254, "lead"])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    assert rows[0] @ rows[1] == pytest.approx(1, abs=1e-3)
    assert embedder.embed_query(long) @ rows[1] == pytest.approx(1, abs=1e-3)


def test_a_sentence_longer_than_the_model_reads_is_no_reason_to_fail(embedder: SentenceTransformerEmbedder) -> None:
    text = "Zinc shortens colds in " + ", ".join(f"town {n} of the coast" for n in range(200)) + "."
    assert RAG.from_texts({"list": text}, embedder=embedder).ask("What does zinc shorten?").status == "answered"
