"""Models that read two texts: does this one answer the question, and does this sentence contradict that one?

The ranker and the judge are cross-encoders on the packaged MiniLM-L6 backbone. What is trained is a low-rank change of
its weights (LoRA, Hu et al. 2021, arXiv:2106.09685) and a linear head, one safetensors file of 2.7 MB each in
`weights/`, made by `rag/training/`. Loading adds the change to the backbone, so that reading
costs what the backbone costs. Any sentence-transformers `CrossEncoder` with three labels can take the judge's place.

The only file of `rag` that runs torch and transformers, and it imports them on first use. It leaves out what a
probability means for an answer: thresholds live with `compose` and `disagree`.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from safetensors import safe_open

from index.embed import PACKAGED_SHA256, fast_precision, packaged_folder
from index.errors import ModelMissing

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from torch import Tensor, nn

WEIGHTS = Path(__file__).parent / "weights"
STANCES = ("supports", "refutes", "neutral")
SUPPORTS, REFUTES, NEUTRAL = range(len(STANCES))
BATCH_TOKENS = 4_000

Pair = tuple[str, str]


class Ranker(Protocol):
    """Says how probably each text answers a question."""

    def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """Probabilities, float32 of shape (n,), in the order of `texts`."""
        ...


class Judge(Protocol):
    """Says how a piece of evidence stands towards a claim."""

    def judge(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Probabilities of (supports, refutes, neutral), float32 of shape (n, 3), for (evidence, claim) pairs."""
        ...


class Loaded(NamedTuple):
    """An adapter on its backbone, ready to run."""

    labels: tuple[str, ...]
    temperature: float
    tokenizer: "Tokenizer"
    network: "nn.Module"


class PairModel:
    """The backbone with one adapter added: pairs of texts in, probabilities of the adapter's labels out.

    Nothing is read before the first call. One object may serve many threads.
    """

    def __init__(self, adapter: Path) -> None:
        self.adapter = adapter
        self._lock = threading.Lock()
        self._loaded: Loaded | None = None

    def probabilities(self, pairs: Sequence[Pair]) -> np.ndarray:
        """float32 of shape (n, labels), in the order of `pairs`; each row sums to 1."""
        model = self._load()
        found = np.empty((len(pairs), len(model.labels)), np.float32)
        encodings = model.tokenizer.encode_batch(list(pairs))
        for batch in batches([len(e.ids) for e in encodings], BATCH_TOKENS):
            found[batch] = run(model, [encodings[i] for i in batch])
        return found

    def _load(self) -> Loaded:
        with self._lock:
            if self._loaded is None:
                settings, change = read_adapter(self.adapter)
                self._loaded = Loaded(
                    tuple(settings["labels"]),
                    settings["temperature"],
                    tokenizer(settings["max_tokens"]),
                    merged(settings, change),
                )
            return self._loaded


def run(model: Loaded, encodings: "list[Encoding]") -> np.ndarray:
    """Probabilities of one batch, float32 of shape (n, labels)."""
    import torch

    with torch.inference_mode(), fast_precision():
        logits = model.network(*tensors(encodings)).float()
    return torch.softmax(logits / model.temperature, dim=1).numpy()


class PackagedRanker:
    """`Ranker` with the packaged weights."""

    def __init__(self, adapter: Path = WEIGHTS / "ranker.safetensors") -> None:
        self._model = PairModel(adapter)

    def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
        return self._model.probabilities([(question, text) for text in texts])[:, 0]


class PackagedJudge:
    """`Judge` with the packaged weights."""

    def __init__(self, adapter: Path = WEIGHTS / "judge.safetensors") -> None:
        self._model = PairModel(adapter)

    def judge(self, pairs: Sequence[Pair]) -> np.ndarray:
        return self._model.probabilities(pairs)


class NamedJudge:
    """`Judge` with any sentence-transformers `CrossEncoder` that was trained on natural language inference."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder

        try:
            self._model: CrossEncoder = CrossEncoder(name)
        except (OSError, ValueError) as error:
            raise ModelMissing(
                f"The judge {name} cannot be loaded: name a folder that holds a CrossEncoder, or one that is on this "
                f"machine already ({str(error).splitlines()[0]})."
            ) from error
        self._order = stance_order(self._model.model.config.id2label, name)

    def judge(self, pairs: Sequence[Pair]) -> np.ndarray:
        if not pairs:
            return np.empty((0, len(STANCES)), np.float32)
        found = self._model.predict(list(pairs), apply_softmax=True, show_progress_bar=False)
        return np.asarray(found, np.float32)[:, self._order]


@cache
def packaged_ranker() -> Ranker:
    """The ranker that comes with Counterpoint; the same object each time."""
    return PackagedRanker()


@cache
def packaged_judge() -> Judge:
    """The judge that comes with Counterpoint; the same object each time."""
    return PackagedJudge()


def named_judge(name: str | Path) -> Judge:
    """A `CrossEncoder` by name or path as a judge. Raises ModelMissing where its three labels are not named."""
    return NamedJudge(str(name))


def both_orders(judge: Judge, pairs: Sequence[Pair]) -> np.ndarray:
    """(n,) probability that one text refutes the other: the mean over both orders."""
    orders = [order for a, b in pairs for order in ((a, b), (b, a))]
    return judge.judge(orders)[:, REFUTES].reshape(-1, 2).mean(axis=1)


def stance_order(labels: dict[int, str], name: str) -> list[int]:
    """Where a model keeps supports, refutes and neutral.

    >>> stance_order({0: "contradiction", 1: "entailment", 2: "neutral"}, "some-model")
    [1, 0, 2]
    """
    starts = (("support", "entail"), ("refut", "contradict"), ("neutral", "not enough", "nei"))
    places = [[i for i, label in labels.items() if label.lower().startswith(start)] for start in starts]
    if len(labels) != len(STANCES) or any(len(place) != 1 for place in places):
        raise ModelMissing(
            f"{name} cannot judge: its labels are {', '.join(labels.values())}. Use a model whose config.json has "
            "id2label with entailment, contradiction and neutral."
        )
    return [place[0] for place in places]


# The model, shared with training


def backbone() -> Any:
    """all-MiniLM-L6-v2 in float32, checked to be the release that the adapters change."""
    from transformers import AutoModel

    return AutoModel.from_pretrained(packaged_folder(), local_files_only=True, attn_implementation="eager").eval()


def tokenizer(max_tokens: int) -> "Tokenizer":
    """The backbone's tokenizer without padding, its truncation set once, so that threads can share it."""
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    found.no_padding()
    found.enable_truncation(max_tokens, strategy="longest_first")
    return found


def network(encoder: Any, labels: int) -> "nn.Module":
    """An encoder with a linear head on the mean of its token vectors: (ids, types, mask) -> logits (n, labels)."""
    import torch

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.head = torch.nn.Linear(encoder.config.hidden_size, labels)

        def forward(self, ids: "Tensor", types: "Tensor", mask: "Tensor") -> "Tensor":
            tokens = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
            weights = (mask / mask.sum(dim=1, keepdim=True)).unsqueeze(2)
            return self.head((tokens * weights).sum(dim=1))

    return Network()


def tensors(encodings: "list[Encoding]") -> "tuple[Tensor, Tensor, Tensor]":
    """Token ids, segment ids and mask, each int64 of shape (n, longest, padded)."""
    import torch

    longest = padded(max(len(e.ids) for e in encodings))
    packed = torch.zeros(3, len(encodings), longest, dtype=torch.int64)
    for row, e in enumerate(encodings):
        packed[:, row, : len(e.ids)] = torch.tensor([e.ids, e.type_ids, e.attention_mask])
    return packed[0], packed[1], packed[2]


def padded(length: int) -> int:
    """The next multiple of 16: few shapes, because each new one costs the processor's kernels a new plan."""
    return -(-length // 16) * 16


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


def read_adapter(path: Path) -> "tuple[dict, dict[str, Tensor]]":
    """An adapter's settings and tensors, refused if it was trained on another backbone."""
    if not path.is_file():
        raise ModelMissing(f"There is no trained model at {path}. Reinstall Counterpoint, or train it: rag/training/.")
    with safe_open(path, "pt") as file:
        settings = json.loads(file.metadata()["settings"])
        change = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    if settings["backbone_sha256"] != PACKAGED_SHA256:
        raise ModelMissing(f"{path} was trained on another backbone than all-MiniLM-L6-v2. Reinstall Counterpoint.")
    return settings, change


def merged(settings: dict, change: "dict[str, Tensor]") -> "nn.Module":
    """The network with every low-rank change added: weight + up @ down."""
    encoder = backbone()
    for name, layer in encoder.named_modules():
        if f"{name}.up" in change:
            layer.weight.data += change[f"{name}.up"].float() @ change[f"{name}.down"].float()
    found: Any = network(encoder, len(settings["labels"]))
    found.head.load_state_dict({part: change[f"head.{part}"] for part in ("weight", "bias")})
    return found.eval()
