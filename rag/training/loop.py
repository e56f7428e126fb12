"""One training loop for both models: a low-rank change (LoRA, Hu et al. 2021, arXiv:2106.09685) of the backbone."""

import json
import logging
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn

from index.embed import fast_precision
from index.minilm import PACKAGED_SHA256, padded, tokenizer
from rag.judge import PairModel, read_tensors
from rag.training.data import SEED, Example, command_line
from rag.training.network import Network, backbone, tensors

log = logging.getLogger(__name__)

RANK = 32
LEARNING_RATE = 1e-3
SMOOTHING = 0.05
STEP_TOKENS = 2_048
CHECKPOINT_STEPS = 400


class LowRank(nn.Module):
    """A frozen linear layer plus a trained change of low rank, which starts at zero."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / math.sqrt(layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def trainable(labels: int, start: Path | None) -> nn.Module:
    """The frozen backbone with a `LowRank` in place of every linear layer of its encoder, and a head: new ones, or
    those of the adapter ``start``."""
    encoder = backbone().requires_grad_(False)
    for parent in list(encoder.encoder.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.Linear):
                setattr(parent, name, LowRank(layer, RANK))
    model = Network(encoder, labels)
    if start:
        _, change = read_tensors(start)
        own = {
            name if name.startswith("head.") else f"encoder.{name}": torch.from_numpy(part)
            for name, part in change.items()
        }
        model.load_state_dict(own, strict=False)
    return model


def train(
    examples: Sequence[Example],
    labels: Sequence[str],
    out: Path,
    *,
    epochs: int,
    max_tokens: int,
    start: Path | None = None,
    rate: float = LEARNING_RATE,
) -> PairModel:
    """Fit an adapter by smoothed cross-entropy, saving it now and then, and return it as the runtime loads it.

    ``start`` is an adapter to go on from, ``rate`` the learning rate at its peak.
    """
    model, words, started = trainable(len(labels), start), tokenizer(max_tokens), time.monotonic()
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, rate, weight_decay=0.01)
    encodings = words.encode_batch([(e.first, e.second) for e in examples])
    lengths = [len(e.ids) for e in encodings]
    steps = [step for epoch in range(epochs) for step in shuffled_batches(lengths, SEED + epoch)]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: slope(n / len(steps)))
    seen, recent = 0, 1.0
    for n, step in enumerate(steps, start=1):
        with fast_precision():
            logits = model(*tensors([encodings[i] for i in step]))
        loss = surprise(logits.float(), torch.tensor([examples[i].label for i in step]))
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        seen, recent = seen + len(step), 0.98 * recent + 0.02 * loss.item()
        if n % CHECKPOINT_STEPS == 0 or n == len(steps):
            save(model, labels, max_tokens, 1.0, out)
            speed = seen / (time.monotonic() - started)
            log.info("step %d of %d, loss %.3f, %.0f pairs/s", n, len(steps), recent, speed)
    return PairModel(out)


def surprise(logits: Tensor, found: Tensor) -> Tensor:
    """Mean negative log-probability of the allowed labels, smoothed over all labels; see `Example`."""
    known = torch.eye(logits.shape[1])
    allowed = torch.cat([known, 1 - known])[found]
    log_p = torch.log_softmax(logits, dim=1)
    right = torch.logsumexp(log_p + allowed.log(), dim=1)
    return -((1 - SMOOTHING) * right + SMOOTHING * log_p.mean(dim=1)).mean()


def shuffled_batches(lengths: Sequence[int], seed: int) -> list[list[int]]:
    """Every example once, in random order, yet texts of one length together and batches of few shapes: padding is
    wasted work, and each new shape costs the processor's kernels a new plan."""
    rng, alike = random.Random(seed), defaultdict(list)
    for i in rng.sample(range(len(lengths)), len(lengths)):
        alike[padded(lengths[i])].append(i)
    sizes = {length: STEP_TOKENS // length for length in alike}
    found = [group[i : i + sizes[n]] for n, group in alike.items() for i in range(0, len(group), sizes[n])]
    rng.shuffle(found)
    return found


def slope(done: float) -> float:
    """Learning rate as a share of its peak: up during the first twentieth, then down to nothing in a line."""
    return min(done / 0.05, (1 - done) / 0.95)


def save(model: nn.Module, labels: Sequence[str], max_tokens: int, temperature: float, out: Path) -> None:
    """Write the adapter in float16, with its settings in the file's metadata; the old file stays until it is done."""
    change = dict(changes(model))
    change |= {
        f"head.{name}": value.data.half().numpy() for name, value in model.get_submodule("head").named_parameters()
    }
    settings = {
        "labels": list(labels),
        "max_tokens": max_tokens,
        "temperature": temperature,
        "backbone_sha256": PACKAGED_SHA256,
    }
    write(change, settings, out)


def changes(model: nn.Module) -> Iterator[tuple[str, np.ndarray]]:
    """What training changed in the encoder, as `rag/judge.py` adds it again."""
    for name, layer in model.named_modules():
        if isinstance(layer, LowRank):
            for part in ("up", "down"):
                yield f"{name.removeprefix('encoder.')}.{part}", halved(getattr(layer, part))


def halved(value: Tensor) -> np.ndarray:
    return np.asarray(value.detach().half().contiguous().numpy())


def write(change: dict[str, np.ndarray], settings: dict, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".unfinished")
    save_file(change, unfinished, metadata={"settings": json.dumps(settings)})
    unfinished.chmod(0o644)
    unfinished.replace(out)


def averaged(adapters: Sequence[Path], shares: Sequence[float], out: Path) -> PairModel:
    """One adapter whose change is the weighted mean of several that started alike, cut back to rank ``RANK`` by the
    largest singular values (Wortsman et al. 2022, Model soups, arXiv:2203.05482)."""
    settings, read = zip(*map(read_tensors, adapters), strict=True)
    mean: dict[str, np.ndarray] = {}
    for name in read[0]:
        if name.startswith("head."):
            mean[name] = np.average([change[name].astype(np.float32) for change in read], 0, shares).astype(np.float16)
        elif name.endswith(".up"):
            down = name.removesuffix("up") + "down"
            full = [change[name].astype(np.float32) @ change[down].astype(np.float32) for change in read]
            u, sizes, v = np.linalg.svd(np.average(full, 0, shares), full_matrices=False)
            share = np.sqrt(sizes[:RANK])
            mean[name], mean[down] = (u[:, :RANK] * share).astype(np.float16), (share[:, None] * v[:RANK]).astype("f2")
    write(mean, settings[0], out)
    return PairModel(out)


def tempered(model: PairModel, examples: Sequence[Example]) -> PairModel:
    """The model with the temperature that suits these held-out examples written into its file."""
    settings, change = read_tensors(model.adapter)
    temperature = calibrate(model, examples)
    log.info("temperature %.2f, n = %d", temperature, len(examples))
    write(change, settings | {"temperature": temperature}, model.adapter)
    return PairModel(model.adapter)


def calibrate(model: PairModel, examples: Sequence[Example]) -> float:
    """The temperature that makes the model's probabilities fit best (Guo et al. 2017, arXiv:1706.04599)."""
    found = model.probabilities([(e.first, e.second) for e in examples])
    logits = np.log(np.clip(found, 1e-9, 1))
    truth = np.array([e.label for e in examples])

    def misfit(temperature: float) -> float:
        scaled = logits / temperature
        return float(np.mean(np.logaddexp.reduce(scaled, axis=1) - scaled[np.arange(len(truth)), truth]))

    return min(np.geomspace(0.3, 4, 80).tolist(), key=misfit)


def run(model: str, about: str | None, train_model: Callable[[Path, Path], None]) -> None:
    """The command line of a training script; the adapter is named after its model."""
    given = command_line(about, out=Path("rag/weights"))
    random.seed(SEED)
    torch.manual_seed(SEED)
    train_model(given.data, given.out / f"{model}.safetensors")
