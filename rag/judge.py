"""Models that read two texts: does this one answer the question, and does this sentence contradict that one?

The ranker and the judge are cross-encoders on the packaged MiniLM-L6 backbone. What is trained is a low-rank change of
its weights (LoRA, Hu et al. 2021, arXiv:2106.09685) and a linear head, one safetensors file of 2.7 MB each in
`weights/`, made by `rag/training/`. Loading adds the change to the backbone, so that reading
costs what the backbone costs, and no torch is loaded. Any sentence-transformers `CrossEncoder` with three labels can
take the judge's place. It leaves out what a probability means for an answer: thresholds live with `compose` and
`disagree`.
"""

import json
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from safetensors import safe_open

from index.errors import ModelMissing
from index.minilm import PACKAGED_SHA256, MiniLM

WEIGHTS = Path(__file__).parent / "weights"
STANCES = ("supports", "refutes", "neutral")
SUPPORTS, REFUTES, NEUTRAL = range(len(STANCES))
REMEMBERED = 20_000
"""How many pairs a model keeps at hand: 10 MB."""

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


class Adapter(NamedTuple):
    """A trained change of the backbone: ``layers`` by weight, and the head (labels, width) with its bias (labels,)."""

    labels: tuple[str, ...]
    max_tokens: int
    temperature: float
    layers: dict[str, np.ndarray]
    head: np.ndarray
    bias: np.ndarray


class PairModel:
    """The backbone with one adapter added: pairs of texts in, probabilities of the adapter's labels out.

    Nothing is loaded before the first call. A pair read before is remembered: a check reads the doubtful ones in both
    orders after it has read all in one. One object may serve many threads.
    """

    def __init__(self, adapter: Path) -> None:
        self.adapter = adapter
        self._remembered: dict[Pair, np.ndarray] = {}

    def probabilities(self, pairs: Sequence[Pair]) -> np.ndarray:
        """float32 of shape (n, labels), in the order of `pairs`; each row sums to 1."""
        known = {pair: self._remembered[pair] for pair in pairs if pair in self._remembered}
        new = [pair for pair in dict.fromkeys(pairs) if pair not in known]
        read = dict(zip(new, self._read(new), strict=True))
        if len(self._remembered) + len(new) > REMEMBERED:
            self._remembered = {}
        self._remembered |= read
        found = known | read
        return np.array([found[pair] for pair in pairs], np.float32).reshape(len(pairs), len(self._loaded[0].labels))

    def _read(self, pairs: Sequence[Pair]) -> np.ndarray:
        adapter, backbone = self._loaded
        logits = (backbone.means(pairs) @ adapter.head.T + adapter.bias) / adapter.temperature
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    @cached_property
    def _loaded(self) -> tuple[Adapter, MiniLM]:
        adapter = read_adapter(self.adapter)
        return adapter._replace(layers={}), MiniLM(adapter.layers, max_tokens=adapter.max_tokens)


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
    return in_both_orders(judge, pairs)[:, :, REFUTES].mean(axis=1)


def in_both_orders(judge: Judge, pairs: Sequence[Pair]) -> np.ndarray:
    """(n, 2, 3) probabilities of supports, refutes and neutral for each pair as given and turned round."""
    orders = [order for a, b in pairs for order in ((a, b), (b, a))]
    return judge.judge(orders).reshape(len(pairs), 2, len(STANCES))


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


def read_adapter(path: Path) -> Adapter:
    """An adapter, refused if it was trained on another backbone."""
    settings, change = read_tensors(path)
    layers = {
        name.replace(".up", ".weight"): up.astype(np.float32) @ change[name.replace(".up", ".down")].astype(np.float32)
        for name, up in change.items()
        if name.endswith(".up")
    }
    head, bias = (change[f"head.{part}"].astype(np.float32) for part in ("weight", "bias"))
    return Adapter(tuple(settings["labels"]), settings["max_tokens"], settings["temperature"], layers, head, bias)


def read_tensors(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """An adapter's settings and tensors as they lie in its file."""
    if not path.is_file():
        raise ModelMissing(f"There is no trained model at {path}. Reinstall Counterpoint, or train it: rag/training/.")
    with safe_open(path, "np") as file:
        settings = json.loads(file.metadata()["settings"])
        change = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    if settings["backbone_sha256"] != PACKAGED_SHA256:
        raise ModelMissing(f"{path} was trained on another backbone than all-MiniLM-L6-v2. Reinstall Counterpoint.")
    return settings, change
