"""Train the ranker of `rag/judge.py`: `python -m rag.train --data DATA --out rag/weights`.

A low-rank change (LoRA, Hu et al. 2021, arXiv:2106.09685) of the packaged backbone. Everything is drawn from one
seed. Only data sets whose licence lets trained weights be shipped are read for training; `RANKER_SOURCES` names
them. The rest serves to measure.
"""

import argparse
import hashlib
import json
import logging
import math
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from index.embed import PACKAGED_SHA256, fast_precision
from rag.judge import (
    PairModel,
    backbone,
    network,
    padded,
    read_adapter,
    tensors,
    tokenizer,
)

log = logging.getLogger(__name__)

SEED = 20240
RANK = 32
LEARNING_RATE = 1e-3
SMOOTHING = 0.05
STEP_TOKENS = 2_048
CHECKPOINT_STEPS = 400
ANSWERS = ("answers", "other")
HELD_OUT = 13  # rows and pages with a `digit` from here on are kept to measure with
SQUAD_TRAIN = 12  # articles with a `digit` up to here train: Huguenot, Imperialism, Yuan dynasty, 1973 oil crisis

Rows = list[dict]


class Example(NamedTuple):
    """A pair of texts with the position of its label.

    Position `len(labels) + i` stands for "any label but the one at i": two findings that answer one question do
    not refute each other, yet whether one supports the other is not known.
    """

    first: str
    second: str
    label: int


class Source(NamedTuple):
    """A data set: its file, its licence, how its rows become examples, and how many of these to take at most."""

    file: str
    licence: str
    examples: Callable[[Rows, random.Random], Iterable[Example]]
    most: int


# Training: one loop for both models


class LowRank(nn.Module):
    """A frozen linear layer plus a trained change of low rank, which starts at zero."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / math.sqrt(layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def trainable(labels: int) -> nn.Module:
    """The frozen backbone with a `LowRank` in place of every linear layer of its encoder, and a new head."""
    encoder = backbone().requires_grad_(False)
    for parent in list(encoder.encoder.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.Linear):
                setattr(parent, name, LowRank(layer, RANK))
    return network(encoder, labels)


def train(examples: Sequence[Example], labels: Sequence[str], out: Path, *, epochs: int, max_tokens: int) -> PairModel:
    """Fit an adapter by smoothed cross-entropy, saving it now and then, and return it as the runtime loads it."""
    model, words, started = trainable(len(labels)), tokenizer(max_tokens), time.monotonic()
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, LEARNING_RATE, weight_decay=0.01)
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
    change = {
        f"{name.removeprefix('encoder.')}.{part}": getattr(layer, part).data.half().contiguous()
        for name, layer in model.named_modules()
        if isinstance(layer, LowRank)
        for part in ("up", "down")
    }
    change |= {f"head.{name}": value.data.half() for name, value in model.get_submodule("head").named_parameters()}
    settings = {
        "labels": list(labels),
        "rank": RANK,
        "max_tokens": max_tokens,
        "temperature": temperature,
        "backbone_sha256": PACKAGED_SHA256,
    }
    write(change, settings, out)


def write(change: dict[str, Tensor], settings: dict, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".unfinished")
    save_file(change, unfinished, metadata={"settings": json.dumps(settings)})
    unfinished.chmod(0o644)
    unfinished.replace(out)


def tempered(model: PairModel, examples: Sequence[Example]) -> PairModel:
    """The model with the temperature that suits these held-out examples written into its file."""
    settings, change = read_adapter(model.adapter)
    temperature = calibrate(model, examples)
    log.info("temperature %.2f, n = %d", temperature, len(examples))
    write({k: v.half() for k, v in change.items()}, settings | {"temperature": temperature}, model.adapter)
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


# Reading


def rows_of(data: Path, file: str) -> Rows:
    with (data / f"{file}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def gather(sources: Iterable[Source], data: Path) -> list[Example]:
    """Every source's examples, each source from its own seed, so that one can change without the others."""
    found: list[Example] = []
    for source in sources:
        rng = random.Random(f"{SEED} {source.file} {source.examples.__name__}")
        made = list(source.examples(rows_of(data, source.file), rng))
        rng.shuffle(made)
        found += made[: source.most]
        shares = np.bincount([e.label for e in made[: source.most]]).tolist()
        log.info("%-40s %-26s %6d %s", source.file, source.examples.__name__, len(made[: source.most]), shares)
    return found


def digit(key: str) -> int:
    """A stable number from 0 to 15 by which a data set is parted."""
    return int(hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()[0], 16)


def split_sentences(text: str) -> list[str]:
    """A rough splitter, enough for training text: at line breaks, bullets and full stops before a capital."""
    parts = re.split(r"\n\s*\n|\s{3,}-?\s*|(?<=[.!?])[\"')\]]*\s+(?=[A-Z\"(])", text)
    return [" ".join(part.split()) for part in parts if len(part.split()) >= 4]


STOP = set(
    """
    a about after also an and any are as at be been before between by can could did do does during for from had has
    have how i if in into is it its may more most no not of on or other some such than that the their them then
    there these they this to was were what when where which who why will with would you your
    """.split()
)


def words_of(text: str) -> set[str]:
    """The content words of a text, lower-cased, a plural ending removed."""
    return {w.removesuffix("s") for w in re.findall(r"[a-z0-9]+", text.lower()) if w not in STOP and len(w) > 1}


# The ranker: (question, sentence) -> does the sentence answer the question?


def as_asked(question: str, rng: random.Random) -> str:
    """A question as people type it: now and then in lower case, without its mark, or with a slip of a key."""
    if rng.random() < 0.3:
        question = question.lower()
    if rng.random() < 0.3:
        question = question.rstrip(" ?.")
    if rng.random() < 0.04 and len(question) > 12:
        i = rng.randrange(1, len(question) - 2)
        question = question[:i] + rng.choice([question[i + 1] + question[i], ""]) + question[i + 2 :]
    return question


def placed(sentence: str, title: str, heading: str, rng: random.Random) -> str:
    """A sentence as the answerer hands it over: bare, or after its title, or after its title and heading."""
    place = rng.choice(["", f"{title}: ", f"{title} > {heading}: " if heading else f"{title}: "])
    return place + sentence


def labelled_rows(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Judged sentences, except negatives that say nearly the same as an answer: the judging was not complete."""
    answers = defaultdict(list)
    for row in rows:
        if row["label"]:
            answers[row["qid"]].append(words_of(row["text"]))
    for row in rows:
        said = words_of(row["text"])
        copied = any(len(said & a) >= 0.7 * max(1, min(len(said), len(a))) for a in answers[row["qid"]])
        if row["label"] or not copied:
            yield Example(as_asked(row["query"], rng), row["text"], 0 if row["label"] else 1)


def few_negatives(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """`labelled_rows` of a set with eight negatives to an answer: five of each question are enough."""
    kept: dict[str, int] = defaultdict(int)
    for row in rng.sample(rows, len(rows)):
        kept[row["qid"]] += not row["label"]
        if row["label"] or kept[row["qid"]] <= 5:
            yield from labelled_rows([row], rng)


def squad_train(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Sentences with the answer against those without; all sentences beside an unanswerable question."""
    rows = [row for row in rows if digit(row["article"]) <= SQUAD_TRAIN]
    others = defaultdict(set)
    for row in rows:
        others[row["article"]].add(row["context"])
    for row in rows * 2:
        elsewhere = rng.choice(sorted(others[row["article"]] - {row["context"]} or {row["context"]}))
        stray = [(s, 1) for s in split_sentences(elsewhere)[:2] if elsewhere != row["context"]]
        for sentence, label in squad_labels(row) + stray:
            text = placed(sentence, row["article"].replace("_", " "), "", rng)
            yield Example(as_asked(row["question"], rng), text, label)


def squad_labels(row: dict) -> list[tuple[str, int]]:
    """The paragraph's sentences, 0 for the one that answers; further ones with the answer's words are left out.

    Which one answers is not marked: among those with the answer's words it is the one most like the question.
    """
    parts, asked = split_sentences(row["context"]), words_of(row["question"])
    holds = [p for p in parts if any(a in p for a in row["answers"])]
    best = max(holds, key=lambda p: len(words_of(p) & asked), default=None)
    return [(p, 0 if p == best else 1) for p in parts if p == best or p not in holds]


KINDS = (  # how a MedQuAD section's question starts, its heading, and other ways to ask the same
    (r"What is \(are\) ", "Overview", ("What is {}?", "What is {}?", "{}", "Tell me about {}", "Define {}")),
    (r"Do you have information about ", "Summary", ("What is {}?", "Tell me about {}", "{}")),
    (r"What are the symptoms of ", "Symptoms", ("What are the symptoms of {}?", "What are the signs of {}?",
     "{} symptoms", "How do I know if I have {}?", "What does {} do to you?")),
    (r"What are the treatments for ", "Treatment", ("What are the treatments for {}?", "How is {} treated?",
     "What helps against {}?", "{} treatment", "How do doctors treat {}?", "Which therapies are there for {}?")),
    (r"What causes ", "Causes", ("What causes {}?", "Why do people get {}?", "What is the cause of {}?",
     "How does {} come about?")),
    (r"How many people are affected by ", "Frequency", ("How many people are affected by {}?",
     "How common is {}?", "How rare is {}?", "What is the prevalence of {}?")),
    (r"What are the genetic changes related to ", "Genetic changes", ("Which gene causes {}?",
     "What are the genetic changes related to {}?", "Which mutations lead to {}?")),
    (r"Is (?=.* inherited)", "Inheritance", ("Is {} inherited?", "Does {} run in families?",
     "How is {} passed on?", "Is {} hereditary?")),
    (r"How to diagnose ", "Diagnosis", ("How to diagnose {}?", "How is {} diagnosed?",
     "Which tests show {}?", "How do doctors find out whether someone has {}?")),
    (r"How to prevent ", "Prevention", ("How to prevent {}?", "How can {} be prevented?",
     "What can I do to avoid {}?")),
    (r"What is the outlook for ", "Outlook", ("What is the outlook for {}?", "What is the prognosis of {}?",
     "How long do people with {} live?")),
    (r"Who is at risk for ", "Risk factors", ("Who is at risk for {}?", "What raises the risk of {}?",
     "Who gets {}?")),
    (r"What are the complications of ", "Complications", ("What are the complications of {}?",
     "What can {} lead to?")),
    (r"what research \(or clinical trials\) is being done for ", "Research",
     ("What research is being done for {}?", "Are there clinical trials for {}?")),
    (r"What to do for ", "Living with it", ("What to do for {}?", "What can people with {} do?")),
)  # fmt: skip


class Section(NamedTuple):
    """What a health page says on one kind of question."""

    title: str
    heading: str
    asks: tuple[str, ...]
    sentences: list[str]

    def place(self, sentence: str, rng: random.Random) -> str:
        """`placed`, always with the title where the sentence itself does not name the topic."""
        named = words_of(sentence) & words_of(self.title)
        return placed(sentence, self.title, self.heading, rng) if named else f"{self.title}: {sentence}"


def medquad_pages(rows: Rows, *, held_out: bool) -> list[list[Section]]:
    """Pages as sections of a known kind, without sentences that stand on more than ten pages."""
    pages = [page for page in rows if (digit(page["_id"]) >= HELD_OUT) == held_out]
    counts: dict[str, int] = defaultdict(int)
    for page in pages:
        for sentence in {s for part in page["sections"] for s in split_sentences(part["answer"])}:
            counts[sentence.replace(page["title"], "")[:40]] += 1
    found = []
    for page in pages:
        parts = [section(page["title"], part, counts) for part in page["sections"]]
        found.append([part for part in parts if part and part.sentences])
    return found


def section(title: str, part: dict, counts: dict[str, int]) -> Section | None:
    for start, heading, ways in KINDS:
        if re.match(start, part["question"]):
            topic = re.sub(start, "", part["question"], count=1).removesuffix("?").strip().removesuffix(" inherited")
            own = [s for s in split_sentences(part["answer"]) if counts[s.replace(title, "")[:40]] <= 10]
            own = [s for s in own if not s.endswith((":", "?")) and len(s) < 500]
            return Section(title, heading, tuple(way.format(topic) for way in ways), own)
    return None


def medquad_examples(pages: list[list[Section]], rng: random.Random) -> Iterator[Example]:
    """Two sentences of a section that answer its question; sentences of the page's other sections, and of the
    same section on another page, that do not."""
    same_kind = defaultdict(list)
    for page in pages:
        for part in page:
            same_kind[part.heading].append(part)
    for page in pages:
        for part in page:
            question = as_asked(rng.choice(part.asks), rng)
            for sentence in rng.sample(part.sentences[:3], min(2, len(part.sentences))):
                yield Example(question, part.place(sentence, rng), 0)
            topical = [p for p in page if p.heading != part.heading]
            alike = rng.sample(same_kind[part.heading], min(3, len(same_kind[part.heading])))
            alike = [p for p in alike if not words_of(p.title) & words_of(part.title)][:1]
            for other in rng.sample(topical, min(3, len(topical))) + alike:
                yield Example(question, other.place(rng.choice(other.sentences[:2]), rng), 1)


def medquad_train(rows: Rows, rng: random.Random) -> Iterator[Example]:
    return medquad_examples(medquad_pages(rows, held_out=False), rng)


RANKER_SOURCES = (
    Source("relevance/bioasq_train", "CC BY 2.5", labelled_rows, 18_000),
    Source("relevance/covid_qa_train", "Apache-2.0", few_negatives, 4_000),
    Source("answerability/squad2_a", "CC BY-SA 4.0", squad_train, 24_000),
    Source("retrieval/medquad/pages", "CC BY 4.0", medquad_train, 20_000),
)


def train_ranker(data: Path, out: Path) -> None:
    model = train(gather(RANKER_SOURCES, data), ANSWERS, out, epochs=1, max_tokens=128)
    squad = [row for row in rows_of(data, "answerability/squad2_a") if digit(row["article"]) > SQUAD_TRAIN]
    pages = medquad_pages(rows_of(data, "retrieval/medquad/pages"), held_out=True)
    health = list(medquad_examples(pages, random.Random(SEED)))
    paragraphs = [Example(row["question"], s, label) for row in squad for s, label in squad_labels(row)]
    bioasq = rows_of(data, "relevance/bioasq_dev")
    judged = [Example(row["query"], row["text"], 1 - row["label"]) for row in bioasq]
    model = tempered(model, health + paragraphs + judged)
    report_auc("medquad, held-out pages", model, health)
    report_auc("squad2, held-out articles", model, paragraphs)
    report_answers(model, squad)
    report_ranking(model, bioasq)


def report_auc(name: str, model: PairModel, examples: Sequence[Example]) -> None:
    scores = model.probabilities([(e.first, e.second) for e in examples])[:, 0]
    truth = np.array([e.label == 0 for e in examples])
    log.info("%s: AUC %.3f, n = %d", name, auc(scores, truth), len(examples))


def report_answers(model: PairModel, rows: Rows) -> None:
    """Does the best sentence of the paragraph hold the answer, and does its score tell if there is one?"""
    best, hits = [], []
    for row in rows:
        parts = split_sentences(row["context"])
        scores = model.probabilities([(row["question"], p) for p in parts])[:, 0]
        best.append(scores.max())
        if row["answerable"]:
            hits.append(any(a in parts[int(scores.argmax())] for a in row["answers"]))
    truth = np.array([row["answerable"] for row in rows])
    log.info("squad2 paragraphs: hit@1 %.3f, n = %d", np.mean(hits), len(hits))
    log.info("squad2 answerable or not: AUROC %.3f, n = %d", auc(np.array(best), truth), len(rows))


def report_ranking(model: PairModel, rows: Rows) -> None:
    """Mean average precision and reciprocal rank over the questions with both labels."""
    asked = defaultdict(list)
    for row, found in zip(rows, model.probabilities([(r["query"], r["text"]) for r in rows]), strict=True):
        asked[row["qid"]].append((found[0], row["label"]))
    judged = [[label for _, label in sorted(found, reverse=True)] for found in asked.values()]
    judged = [labels for labels in judged if 0 < sum(labels) < len(labels)]
    precisions = [
        np.mean([sum(labels[: i + 1]) / (i + 1) for i, label in enumerate(labels) if label]) for labels in judged
    ]
    firsts = [1 / (labels.index(1) + 1) for labels in judged]
    log.info("bioasq dev: MAP %.3f, MRR %.3f, n = %d", np.mean(precisions), np.mean(firsts), len(judged))


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    """The chance that a true one scores above a false one, ties counting half (Mann and Whitney 1947)."""
    order = np.sort(scores[~truth])
    below = np.searchsorted(order, scores[truth], "left") + np.searchsorted(order, scores[truth], "right")
    return float(below.mean() / (2 * len(order)))


def run(model: str, about: str | None, train_model: Callable[[Path, Path], None]) -> None:
    """The command line of a training script; the adapter is named after its model."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets, one JSON object a line")
    parser.add_argument("--out", type=Path, default=Path("rag/weights"), help="folder for the trained adapter")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    random.seed(SEED)
    torch.manual_seed(SEED)
    train_model(given.data, given.out / f"{model}.safetensors")


if __name__ == "__main__":
    run("ranker", __doc__, train_ranker)
