"""Train the two small models of `rag/judge.py`: `python -m rag.train ranker|judge --data DATA --out rag/weights`.

Each is a low-rank change (LoRA, Hu et al. 2021, arXiv:2106.09685) of the packaged backbone. Everything is drawn
from one seed. Only data sets whose licence lets trained weights be shipped are read for training; the tables
`RANKER_SOURCES` and `JUDGE_SOURCES` name them. The rest serves to measure.
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
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from rag.judge import (
    BACKBONE_SHA256,
    STANCES,
    PairModel,
    backbone,
    batches,
    fast_precision,
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
        "backbone_sha256": BACKBONE_SHA256,
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


# The judge: (evidence, claim) -> supports, refutes, neutral

SUPPORTS, REFUTES, NEUTRAL = range(3)
NOT_REFUTES = 3 + REFUTES
LONGEST_EVIDENCE = 60  # words


def news_train(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Check-COVID without the part that the temperature is fitted on."""
    return stances([row for row in rows if digit(row["id"]) < HELD_OUT], rng)


def stances(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Labelled pairs, a quarter of them turned round: a contradiction stays one, for the rest only that is known
    that they do not refute. Otherwise the order of a pair alone would tell."""
    for row in rows:
        label = STANCES.index(row["label"])
        evidence, claim = focused(row["evidence"], row["claim"]), re.sub(r" ?\[<\|\w+\|>\]", "", row["claim"])
        if rng.random() < 0.25:
            yield Example(claim, evidence, label if label == REFUTES else NOT_REFUTES)
        else:
            yield Example(evidence, claim, label)


def focused(evidence: str, claim: str) -> str:
    """The sentences of long evidence that share most words with the claim, in their order."""
    if len(evidence.split()) <= LONGEST_EVIDENCE:
        return evidence
    parts, wanted = split_sentences(evidence), words_of(claim)
    order = sorted(range(len(parts)), key=lambda i: len(words_of(parts[i]) & wanted), reverse=True)
    kept: list[int] = []
    words = 0
    for i in order:
        words += len(parts[i].split())
        if kept and words > LONGEST_EVIDENCE:
            break
        kept.append(i)
    return " ".join(parts[i] for i in sorted(kept))


def mismatched(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Neutral pairs from a set that has none: a claim with the evidence for another claim about the same thing."""
    about = defaultdict(list)
    for row in rows:
        about[" ".join(row["claim"].split()[:2])].append(row)
    for group in about.values():
        for one, other in zip(group, rng.sample(group, len(group)), strict=True):
            if len(words_of(one["claim"]) & words_of(other["evidence"])) <= len(words_of(one["claim"])) / 2:
                yield Example(focused(other["evidence"], one["claim"]), one["claim"], NEUTRAL)


# Words that turn a finding round. Verbs are regular; the other words stand as they are.

VERBS = (
    ("increase raise elevate enhance", "decrease reduce lower diminish"),
    ("activate stimulate induce", "inhibit suppress block"),
    ("improve ameliorate relieve", "worsen aggravate exacerbate"),
    ("promote facilitate", "prevent hinder"),
    ("accelerate hasten", "slow delay"),
    ("strengthen", "weaken"),
    ("upregulate", "downregulate"),
    ("benefit", "harm"),
    ("confirm", "disprove"),
    ("prolong lengthen extend", "shorten"),
)
OTHERS = (
    ("higher greater larger", "lower smaller"),
    ("more", "less"),
    ("effective efficacious", "ineffective"),
    ("safe harmless", "unsafe harmful dangerous"),
    ("beneficial helpful", "harmful detrimental"),
    ("protective", "harmful"),
    ("better superior", "worse inferior"),
    ("inhibitor antagonist blocker", "activator agonist stimulator"),
    ("inhibition suppression blockade", "activation stimulation"),
    ("increase", "decrease"),
    ("rise", "decline"),
    ("reduction", "increase"),
    ("overexpression", "underexpression"),
    ("upregulation", "downregulation"),
    ("hyperactivity", "hypoactivity"),
    ("improvement", "worsening deterioration"),
    ("gain", "loss"),
    ("presence", "absence"),
    ("positively", "negatively"),
    ("common frequent", "rare uncommon infrequent"),
    ("dominant", "recessive"),
    ("benign", "malignant"),
    ("sensitive", "resistant"),
    ("always", "never"),
    ("many", "few"),
    ("longer", "shorter"),
    ("faster", "slower"),
    ("stronger", "weaker"),
    ("strong", "weak"),
    ("recommended advised", "discouraged contraindicated"),
    ("possible", "impossible"),
    ("curable", "incurable"),
    ("necessary essential required", "unnecessary dispensable"),
    ("sufficient adequate", "insufficient inadequate"),
    ("successful", "unsuccessful"),
    ("likely", "unlikely"),
    ("contagious infectious", "noncontagious"),
    ("success", "failure"),
    ("reversible", "irreversible permanent"),
)


def verb_forms(verb: str) -> tuple[str, str, str, str]:
    """
    >>> verb_forms("reduce")
    ('reduce', 'reduces', 'reduced', 'reducing')
    """
    stem = verb.removesuffix("e")
    return verb, verb + "s", stem + "ed", stem + "ing"


def lexicon() -> dict[str, tuple[list[str], list[str]]]:
    """Each word with those that say the same and those that say the opposite, in the same form."""
    sides = [(one.split(), other.split()) for one, other in OTHERS]
    for pair in VERBS:
        forms = [list(zip(*map(verb_forms, side.split()), strict=True)) for side in pair]
        sides += [(list(a), list(b)) for a, b in zip(*forms, strict=True)]
    found: dict[str, tuple[list[str], list[str]]] = {}
    for left, right in sides:
        for same, opposite in ((left, right), (right, left)):
            for word in same:
                found.setdefault(word, ([w for w in same if w != word], opposite))
    return found


LEXICON = lexicon()
VERB_OF = {
    form: (verb, i) for side in VERBS for verb in " ".join(side).split() for i, form in enumerate(verb_forms(verb))
}
WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
AUXILIARY = re.compile(r"\b(is|are|was|were|can|could|does|did|do|should|will|would)\b(?! not\b|n't)")
NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|without|cannot|lack|lacks|lacked|failed|fails|unlikely|n't)\b", re.I
)
QUANTITY = re.compile(
    r"(?<![\w.=<>±-])(\d{1,5}(?:\.\d+)?)(?=\s?(?:%|percent|mg|g\b|kg|ml|µg|mcg|hours?|days?|weeks?|months?|years?|minutes?"
    r"|times|fold|-fold|in \d|per|deaths|cases))"
)


def swapped(text: str, side: int, rng: random.Random) -> str | None:
    """One word exchanged for one that says the same (side 0) or the opposite (side 1)."""
    found = [m for m in WORD.finditer(text) if LEXICON.get(m[0].lower(), ((), ()))[side]]
    if not found:
        return None
    match = rng.choice(found)
    word = rng.choice(LEXICON[match[0].lower()][side])
    return text[: match.start()] + like(match[0], word) + text[match.end() :]


def like(old: str, new: str) -> str:
    return new.capitalize() if old[0].isupper() else new


def negated(text: str, rng: random.Random) -> str | None:
    """A negation taken out where there is one, else put behind an auxiliary or before a known verb."""
    if "not only" in text:
        return None
    if " not " in text:
        return text.replace(" not ", " ", 1)
    if re.search(r"\bno\b", text):
        return re.sub(r"\bno\b", rng.choice(["a", "some"]), text, count=1)
    if NEGATION.search(text):
        return None
    ways = [text[: m.end()] + " not" + text[m.end() :] for m in AUXILIARY.finditer(text)]
    for match in WORD.finditer(text):
        verb, form = VERB_OF.get(match[0], ("", 0))
        if form in (1, 2) and not re.search(
            r"\b(?:is|are|was|were|be|been|being|has|have|had)(?: \w+ly)? $", text[: match.start()]
        ):
            ways.append(text[: match.start()] + ("does not " if form == 1 else "did not ") + verb + text[match.end() :])
    return rng.choice(ways[:2] + ways[-1:]) if ways else None


def requantified(text: str, rng: random.Random) -> str | None:
    """One number with a unit made several times larger or smaller."""
    found = list(QUANTITY.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    value = float(match[1]) * rng.choice([0.1, 0.2, 0.4, 2.5, 3, 5, 10])
    number = f"{value:.0f}" if value >= 1 else f"{value:.1g}"
    return text[: match.start()] + number + text[match.end() :] if number != match[1] else None


def flipped(text: str, rng: random.Random) -> str | None:
    """The text with one thing turned round, or None where nothing can be."""
    ways = [
        lambda: swapped(text, 1, rng),
        lambda: negated(text, rng),
        lambda: requantified(text, rng),
        lambda: swapped(text, 1, rng),
    ]
    return next((made for way in rng.sample(ways, len(ways)) if (made := way())), None)


LEADS = ("In conclusion, ", "These results show that ", "We found that ", "According to the review, ", "Overall, ",
         "In this trial, ", "The leaflet says that ", "Experts agree that ", "A 2019 study found that ",
         "It is well known that ", "In summary, ", "As reported earlier, ")  # fmt: skip
VIEWS = ("It was once thought that ", "Critics say that ", "It used to be believed that ",
         "The hypothesis was that ", "Some have claimed that ")  # fmt: skip
AIMS = ("This study examined whether ", "We aimed to determine whether ", "It is being studied whether ",
        "Further trials should test whether ", "The question is whether ")  # fmt: skip
SCOPES = (
    ("in mice", "in healthy volunteers", "in patients", "in rats", "in cell culture", "in monkeys"),
    ("in children", "in older adults", "in adolescents", "in newborns"),
    ("at low doses", "at high doses", "at ten times the usual dose"),
    ("in the hippocampus", "in the prefrontal cortex", "in the cerebellum", "in the spinal cord"),
    ("within the first hours", "after several months", "after two years"),
    ("after a single dose", "after repeated doses"),
    ("in men", "in pregnant women"),
    ("in mild cases", "in severe cases"),
)


def after(lead: str, text: str) -> str:
    """A sentence behind a lead, its own capital lowered where its first word is surely no name."""
    return lead + (text[0].lower() + text[1:] if text.split()[0].lower() in COMMON else text)


COMMON = set(
    """
    a all an both in it many most our patients people some the there these this those treatment we
    """.split()
)


def with_scope(text: str, scope: str, rng: random.Random) -> str:
    """
    >>> with_scope("The drug helps.", "in mice", random.Random(1))
    'In mice, the drug helps.'
    """
    text = text.rstrip(". ")
    return after(f"{scope.capitalize()}, ", text) + "." if rng.random() < 0.4 else f"{text} {scope}."


def reworded(text: str, rng: random.Random) -> str:
    """The same said a little differently: a lead put on or taken off, a remark in brackets dropped, a word for
    another that says the same."""
    made = re.sub(r"^(?:In conclusion|Conclusions?|Overall|Thus|Therefore|However|Moreover|Results?)[,:] *", "", text)
    if rng.random() < 0.5:
        made = re.sub(r" ?\([^()]*\)", "", made)
    if rng.random() < 0.7:
        made = swapped(made, 0, rng) or made
    if rng.random() < 0.3:
        made = after(rng.choice(LEADS), made)
    return made


def turned(text: str, rng: random.Random) -> Iterator[Example]:
    """What one sentence teaches. The turned sentence stands on both sides, and also supports itself, so that
    neither a word nor a side gives the label away."""
    against = flipped(text, rng)
    yield ordered(text, reworded(text, rng), SUPPORTS, rng)
    if against is None:
        return
    yield ordered(text, reworded(against, rng), REFUTES, rng)
    yield ordered(against, reworded(against, rng), SUPPORTS, rng)
    yield ordered(after(rng.choice(VIEWS), against), text, NOT_REFUTES, rng)
    if rng.random() < 0.5:
        yield ordered(after(rng.choice(AIMS), rng.choice([text, against])), rng.choice([text, against]), NEUTRAL, rng)
    one, other = rng.sample(rng.choice(SCOPES), 2)
    if rng.random() < 0.6:
        yield ordered(with_scope(text, one, rng), with_scope(against, other, rng), NEUTRAL, rng)
        yield ordered(with_scope(text, one, rng), with_scope(against, one, rng), REFUTES, rng)


def ordered(one: str, other: str, label: int, rng: random.Random) -> Example:
    """The pair in either order: between two findings there is no evidence and claim."""
    return Example(one, other, label) if rng.random() < 0.5 else Example(other, one, label)


# Findings that answer one question


def bioasq_pairs(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Answers to one question agree; turned ones disagree; answers to other questions are neutral, turned or not."""
    rows = [row for row in rows if 6 <= len(row["text"].split()) <= 36]
    found = [row for row in rows if row["label"]]
    texts, vectors = [row["text"] for row in found], embed([row["text"] for row in found])
    near = neighbours(vectors, [row["qid"] for row in found])
    beside, answers = defaultdict(list), defaultdict(list)
    for row in rows:
        if not row["label"]:
            beside[row["qid"]].append(row["text"])
    for i, row in enumerate(found):
        answers[row["qid"]].append(i)
    for qid, group in answers.items():
        few = rng.sample(group, min(4, len(group)))
        for i, j in combinations(few, 2):
            yield from answers_of_one(texts[i], texts[j], float(vectors[i] @ vectors[j]), rng)
        for i in few[:3]:
            yield from turned(texts[i], rng)
            for other in [texts[j] for j in near[i][:1]] + rng.sample(beside[qid], min(1, len(beside[qid]))):
                yield ordered(texts[i], rng.choice([other, flipped(other, rng) or other]), NEUTRAL, rng)


def answers_of_one(one: str, other: str, likeness: float, rng: random.Random) -> Iterator[Example]:
    """Two answers to one question: no contradiction, and near enough a support where they are very alike. One of
    them turned is a contradiction only where the other says the same thing with the same kind of word."""
    if bool(NEGATION.search(one)) != bool(NEGATION.search(other)) or directions(one) & opposites(other):
        return
    yield ordered(one, other, SUPPORTS if likeness >= 0.8 else NOT_REFUTES, rng)
    against = flipped(other, rng)
    shared = directions(one) & directions(other)
    if against and likeness >= 0.6 and shared - directions(against):
        yield ordered(one, against, REFUTES, rng)
        yield ordered(other, against, REFUTES, rng)
        yield ordered(against, reworded(against, rng), SUPPORTS, rng)
    elif likeness >= 0.8 and (denied := negated(other, rng)):
        yield ordered(one, denied, REFUTES, rng)
        yield ordered(denied, reworded(denied, rng), SUPPORTS, rng)


def directions(text: str) -> set[str]:
    """The first word of every word family with a direction in the text."""
    found = [w for w in WORD.findall(text.lower()) if w in LEXICON]
    return {min([w, *LEXICON[w][0]]) for w in found}


def opposites(text: str) -> set[str]:
    found = [w for w in WORD.findall(text.lower()) if w in LEXICON]
    return {min(LEXICON[w][1]) for w in found}


def embed(texts: Sequence[str]) -> np.ndarray:
    """Unit rows, float32 of shape (n, 384): the backbone's mean token vectors."""
    encoder, found = backbone(), np.empty((len(texts), 384), np.float32)
    encodings = tokenizer(96).encode_batch(list(texts))
    for batch in batches([len(e.ids) for e in encodings], 4_000):
        ids, types, mask = tensors([encodings[i] for i in batch])
        with torch.inference_mode(), fast_precision():
            tokens = encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state.float()
        found[batch] = nn.functional.normalize((tokens * mask[:, :, None]).sum(dim=1)).numpy()
    return found


def neighbours(vectors: np.ndarray, groups: Sequence[str]) -> list[list[int]]:
    """For each row the rows of other groups that are alike, though not as good as the same."""
    keys, found = np.array(groups), []
    for i, row in enumerate(vectors):
        likeness = vectors @ row
        likeness[(keys == keys[i]) | (likeness > 0.72)] = -1
        best = np.argpartition(-likeness, 3)[:3]
        found.append([int(j) for j in best if likeness[j] > 0.3])
    return found


# Health pages


def medquad_pairs(rows: Rows, rng: random.Random) -> Iterator[Example]:
    return page_pairs(medquad_pages(rows, held_out=False), rng)


def page_pairs(pages: list[list[Section]], rng: random.Random) -> Iterator[Example]:
    """Turned sentences; neutral ones from the page's other sections, and from the like section on another disease,
    which often says the opposite in the same words."""
    same_kind = defaultdict(list)
    for page in pages:
        for part in page:
            same_kind[part.heading].append(part)
    for page in pages:
        for part in rng.sample(page, min(2, len(page))):
            text = rng.choice(part.sentences[:4])
            if not 6 <= len(text.split()) <= 40:
                continue
            yield from turned(text, rng)
            others = [rng.choice(p.sentences[:4]) for p in page if p.heading != part.heading][:1]
            others += [
                rng.choice(p.sentences[:2]) for p in rng.sample(same_kind[part.heading], 1) if p.title != part.title
            ]
            for other in others:
                yield ordered(text, rng.choice([other, flipped(other, rng) or other]), NEUTRAL, rng)
            stranger = rng.choice(rng.choice(pages) or page).title
            if part.title in text and stranger != part.title:
                moved = text.replace(part.title, stranger)
                yield ordered(text, rng.choice([moved, flipped(moved, rng) or moved]), NEUTRAL, rng)
            if part.title in text and re.search(r"\b(?:caused by|causes? |results? from|due to)", text):
                unknown = "unknown" in text or "not known" in text or "unclear" in text
                yield ordered(text, rng.choice(UNKNOWN).format(part.title), SUPPORTS if unknown else REFUTES, rng)
                yield ordered(text, rng.choice(UNKNOWN).format(stranger), NEUTRAL, rng)


UNKNOWN = ("The cause of {} is unknown.", "It is not known what causes {}.", "What causes {} remains unclear.",
           "Nobody knows why {} occurs.", "The origin of {} has not been established.")  # fmt: skip


# Findings put together from frames: the same position in several wordings, against the opposite one


class Frame(NamedTuple):
    """Ways to take the one side of a matter, and ways to take the other; {e} acts on {o}, {d} or {t}."""

    one: tuple[str, ...]
    other: tuple[str, ...]


def wordings(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(";"))


FRAMES = [
    Frame(*map(wordings, frame.split("|")))
    for frame in """
{e} increases {o}; {e} raised {o}; {o} was higher with {e}; {e} was associated with more {o}; {e} led to a rise
in {o}; greater {o} was seen after {e}
|
{e} decreases {o}; {e} lowered {o}; {o} was lower with {e}; {e} was associated with less {o}; {e} led to a fall
in {o}; reduced {o} was seen after {e}

{e} increases {o}; {e} affects {o}; {o} rose significantly with {e}; {e} had a clear effect on {o}; {e} was
associated with {o}
|
{e} does not affect {o}; {e} had no effect on {o}; there was no change in {o} with {e}; no association was found
between {e} and {o}; {e} made no difference to {o}

{e} reduces {o}; {e} lowers {o}; {o} fell with {e}; {e} significantly decreased {o}; less {o} was seen with {e}
|
{e} does not reduce {o}; {e} failed to lower {o}; {e} had no effect on {o}; there was no significant difference
in {o} with {e}; {o} did not fall with {e}; {o} was unchanged by {e}

{e} increases the risk of {d}; {e} is a risk factor for {d}; people exposed to {e} get {d} more often; {e} makes
{d} more likely; {d} was more common with {e}
|
{e} reduces the risk of {d}; {e} protects against {d}; people exposed to {e} get {d} less often; {e} makes {d}
less likely; {e} lowers the chance of {d}; {d} was rarer with {e}

{e} increases the risk of {d}; {e} causes {d}; {e} can lead to {d}; {e} is linked to {d}; {d} may result from
{e}
|
{e} does not increase the risk of {d}; {e} does not cause {d}; there is no link between {e} and {d}; {e} has
nothing to do with {d}; {e} is not a risk factor for {d}

{e} is effective against {d}; {e} works well for {d}; {e} improves {d}; patients with {d} got better with {e};
{e} was superior to placebo in {d}; {e} is a useful treatment for {d}; {e} relieves {d}
|
{e} is not effective against {d}; {e} does not help in {d}; {e} was no better than placebo in {d}; there is no
evidence that {e} works for {d}; patients with {d} did not benefit from {e}; {e} is useless for {d}

{e} improves {d}; symptoms of {d} got better with {e}; {e} relieves {d}; {e} is beneficial in {d}
|
{e} worsens {d}; symptoms of {d} got worse with {e}; {e} aggravates {d}; {e} is harmful in {d}

{e} is safe in people with {d}; {e} is well tolerated in {d}; {e} can be taken safely with {d}; no serious side
effects of {e} were seen in {d}
|
{e} is dangerous in people with {d}; {e} is poorly tolerated in {d}; {e} causes serious side effects in {d}; {e}
should not be taken by people with {d}; {e} is harmful for people with {d}

{e} is recommended for {d}; guidelines advise {e} for {d}; people with {d} should take {e}; {e} is the first
choice for {d}
|
{e} is not recommended for {d}; guidelines advise against {e} for {d}; people with {d} should avoid {e}; {e} has
no place in the treatment of {d}

{e} is approved for {d}; the agency has approved {e} for {d}; {e} is licensed to treat {d}
|
{e} is not approved for {d}; the agency rejected {e} for {d}; {e} has no licence for {d}

{e} inhibits {t}; {e} is an inhibitor of {t}; {e} blocks {t}; {e} acts as an antagonist of {t}; {t} activity
fell under {e}
|
{e} activates {t}; {e} is an activator of {t}; {e} stimulates {t}; {e} acts as an agonist of {t}; {t} activity
rose under {e}

{e} works by blocking {t}; {e} acts through {t}; the effect of {e} depends on {t}; {t} is needed for the effect
of {e}
|
{e} does not act through {t}; the effect of {e} is independent of {t}; {t} is not needed for the effect of {e};
{e} works without {t}

{e} works by blocking {t}; the mechanism of {e} is well understood: it blocks {t}; {e} is known to act by
blocking {t}; {e} owes its effect to the blockade of {t}
|
how {e} works is not known; the mechanism of {e} remains unclear; it is still unknown how {e} works; nobody
knows exactly how {e} acts; the way {e} works is not understood

{d} is caused by a defect of {t}; a change in {t} causes {d}; {d} results from a fault of {t}; {d} arises when
{t} is disturbed
|
the cause of {d} is unknown; what causes {d} remains unclear; it is not known why {d} occurs; no cause of {d}
has been found

{d} can be cured; there is a cure for {d}; treatment cures {d}; most people recover completely from {d}
|
{d} cannot be cured; there is no cure for {d}; {d} is incurable; people do not recover from {d}

{d} is contagious; {d} spreads from person to person; people can catch {d} from others
|
{d} is not contagious; {d} does not spread from person to person; people cannot catch {d} from others

{d} is inherited; {d} runs in families; {d} is passed on from parents to children; {d} has a genetic cause
|
{d} is not inherited; {d} does not run in families; {d} is not passed on from parents to children; {d} has no
genetic cause

{d} is rare; few people have {d}; {d} seldom occurs; {d} is an uncommon disease
|
{d} is common; many people have {d}; {d} occurs often; {d} is a widespread disease

{t} is raised in people with {d}; {t} levels are high in {d}; people with {d} have too much {t}; an excess of
{t} was found in {d}
|
{t} is lowered in people with {d}; {t} levels are low in {d}; people with {d} have too little {t}; a lack of {t}
was found in {d}

the effect of {e} lasts for months; the benefit of {e} is lasting; {e} has a long-lasting effect on {o}
|
the effect of {e} fades within days; the benefit of {e} is short-lived; {e} has only a brief effect on {o}

{e} acts within hours; relief from {e} comes on the same day; {e} works rapidly
|
{e} takes weeks to work; relief from {e} comes only after a month; {e} works slowly

{e} is addictive; {e} can lead to dependence; people become dependent on {e}
|
{e} is not addictive; {e} does not lead to dependence; there is no risk of dependence with {e}

long-term use of {e} damages the {g}; {e} is toxic to the {g}; {e} harms the {g}
|
long-term use of {e} does not damage the {g}; {e} is not toxic to the {g}; {e} protects the {g}; no harm to the
{g} was seen with {e}
""".strip().split("\n\n")
]
TARGETS = wordings(
    """
    dopamine; serotonin; glutamate; insulin; cortisol; calcium; interleukin-6; GABA; mTOR; histamine; oestrogen;
    nitric oxide; BDNF; acetylcholine; sodium channels; the NMDA receptor; AMPA receptors; opioid receptors;
    cholesterol; vitamin D; TNF-alpha; adenosine; melatonin; iron
    """
)  # fmt: skip
ORGANS = ("liver", "kidneys", "heart", "bladder", "brain", "lungs", "stomach", "eyes", "skin", "thyroid")
DRUGS = wordings(
    """
    aspirin; ibuprofen; metformin; lithium; sertraline; fluoxetine; atorvastatin; warfarin; insulin; prednisone;
    amoxicillin; caffeine; alcohol; coffee; zinc; magnesium; vitamin D; vitamin C; omega-3 fatty acids; exercise;
    yoga; acupuncture; cannabis; nicotine; testosterone; melatonin; probiotics; green tea; a low-salt diet; fasting;
    physiotherapy; cognitive therapy; smoking; paracetamol; morphine; pregabalin; valproate; quetiapine; donepezil;
    levodopa; tamoxifen; methotrexate; rituximab; remdesivir; dexamethasone; hydroxychloroquine; ivermectin; the
    vaccine; surgery; radiotherapy; chemotherapy; red meat; simvastatin; propranolol; gabapentin; oxytocin;
    naltrexone; bupropion; psilocybin; memantine; topiramate; clozapine; the new compound; light therapy;
    electroconvulsive therapy
    """
)
OUTCOMES = wordings(
    """
    mortality; blood pressure; body weight; pain; the length of stay in hospital; heart rate; blood sugar; sleep
    quality; anxiety; depressive symptoms; inflammation; survival; fatigue; bone density; muscle strength; cognitive
    decline; memory; the number of relapses; seizure frequency; nausea; bleeding; quality of life; suicidal
    thoughts; hair loss; appetite; liver enzymes; tumour growth; glutamate release; synaptic plasticity; cell death;
    gene expression; reaction time
    """
)


def frame_pairs(names: "Names", chosen: slice, rng: random.Random, times: int) -> Iterator[Example]:
    """One position twice supports, two positions refute, and with another drug, disease, outcome or scope neither."""
    for frame in FRAMES * times:
        things = names.draw(rng)
        one, same = (rng.choice(frame.one[chosen]) for _ in range(2))
        other, same_other = (rng.choice(frame.other[chosen]) for _ in range(2))
        sides = [(one, same), (other, same_other)]
        for left, right in sides:
            yield ordered(said(left, things, rng), said(right, things, rng), SUPPORTS, rng)
        for left, right in ((one, other), (same, same_other)):
            yield ordered(said(left, things, rng), said(right, things, rng), REFUTES, rng)
        for left, right in ((one, other), rng.choice(sides)):
            changed = names.other(things, left, right, rng)
            yield ordered(said(left, things, rng), said(right, changed, rng), NEUTRAL, rng)
        here, there = rng.sample(rng.choice(SCOPES), 2)
        first, second = said(one, things, rng), said(other, things, rng)
        yield ordered(with_scope(first, here, rng), with_scope(second, there, rng), NEUTRAL, rng)
        yield ordered(with_scope(first, here, rng), with_scope(second, here, rng), REFUTES, rng)
        left, right = rng.sample([one, other], 2)
        yield ordered(said(rng.choice(VIEWS) + left, things, rng), said(right, things, rng), NOT_REFUTES, rng)
        yield ordered(said(rng.choice(AIMS) + left, things, rng), said(right, things, rng), NEUTRAL, rng)
        yield ordered(said(rng.choice(AIMS) + left, things, rng), said(left, things, rng), NEUTRAL, rng)


AMOUNTS = [  # the same figure in several wordings
    wordings(ways)
    for ways in """
the usual dose of {e} is {n} mg a day; {e} is taken at {n} mg daily; patients take {n} mg of {e} each day

the maximum dose of {e} is {n} mg; no more than {n} mg of {e} should be taken; {e} is limited to {n} mg

{d} affects about {n} in 100,000 people; the prevalence of {d} is {n} per 100,000; of 100,000 people {n} have
{d}

{e} acts within {n} hours; the effect of {e} begins after {n} hours; it takes {n} hours until {e} works

the effect of {e} lasts {n} days; the benefit of {e} is gone after {n} days; {e} works for {n} days

the half-life of {e} is {n} hours; {e} is eliminated with a half-life of {n} hours; half of the {e} is gone
after {n} hours

people with {d} live {n} years on average; the mean survival in {d} is {n} years; average survival with {d} is
{n} years

{d} begins at the age of {n} years; the onset of {d} is at {n} years; people get {d} when they are {n}

{n} percent of people with {d} respond to {e}; {e} helps {n}% of patients with {d}; the response rate to {e} in
{d} is {n}%

treatment of {d} takes {n} weeks; {d} is treated for {n} weeks; a course of treatment for {d} lasts {n} weeks
""".strip().split("\n\n")
]


def amount_pairs(names: "Names", rng: random.Random, times: int) -> Iterator[Example]:
    """One figure in two wordings supports, another figure refutes, a figure for something else is neutral."""
    for ways in AMOUNTS * times:
        things = names.draw(rng) | {"n": str(rng.choice([2, 3, 5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90]))}
        left, right = rng.choice(ways), rng.choice(ways)
        differs = things | {"n": str(max(1, round(int(things["n"]) * rng.choice([0.2, 0.3, 0.5, 2, 3, 5, 8]))))}
        if differs["n"] == things["n"]:
            continue
        yield ordered(said(left, things, rng), said(right, things, rng), SUPPORTS, rng)
        yield ordered(said(left, things, rng), said(right, differs, rng), REFUTES, rng)
        yield ordered(said(left, things, rng), said(right, names.other(differs, left, right, rng), rng), NEUTRAL, rng)
        stray = rng.choice(rng.choice([other for other in AMOUNTS if other is not ways]))
        yield ordered(said(left, things, rng), said(stray, differs, rng), NEUTRAL, rng)


def said(frame: str, things: dict[str, str], rng: random.Random) -> str:
    """A frame filled in as a sentence, sometimes behind a lead."""
    text = (rng.choice(LEADS) if rng.random() < 0.25 else "") + frame.format(**things)
    return text[0].upper() + text[1:] + "."


class Names(NamedTuple):
    """Things to speak of: e (what acts), o (outcomes), d (diseases), t (targets), g (organs)."""

    e: Sequence[str]
    o: Sequence[str]
    d: Sequence[str]
    t: Sequence[str]
    g: Sequence[str]

    def draw(self, rng: random.Random) -> dict[str, str]:
        return {slot: rng.choice(options) for slot, options in self._asdict().items()}

    def other(self, things: dict[str, str], left: str, right: str, rng: random.Random) -> dict[str, str]:
        """The same things but for one that both frames speak of."""
        slot = rng.choice([s for s in self._fields if f"{{{s}}}" in left and f"{{{s}}}" in right])
        options = [name for name in getattr(self, slot) if not words_of(name) & words_of(things[slot])]
        return things | {slot: rng.choice(options)}


def names_from(pages: Rows) -> Names:
    """Diseases are the titles of pages; the rest are the words above."""
    diseases = [page["title"] for page in pages if len(page["title"].split()) <= 4]
    return Names(DRUGS, OUTCOMES, diseases, TARGETS, ORGANS)


def framed(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Frames without their last wordings, which are kept to measure with."""
    pages = [page for page in rows if digit(page["_id"]) < HELD_OUT]
    yield from frame_pairs(names_from(pages), slice(-1), rng, times=60)
    yield from amount_pairs(names_from(pages), rng, times=80)


CLAIMS = {
    "increased": wordings(
        "{i} increased {o} compared with {c}; {o} was higher with {i} than with {c}; {i} raises {o}; more {o} with {i}"
    ),
    "decreased": wordings(
        "{i} reduced {o} compared with {c}; {o} was lower with {i} than with {c}; {i} lowers {o}; less {o} with {i}"
    ),
    "no_difference": wordings(
        "{i} did not affect {o} compared with {c}"
        "; there was no difference in {o} between {i} and {c}"
        "; {i} had no significant effect on {o}"
        "; {o} was similar with {i} and {c}"
    ),
}


def trial_claims(rows: Rows, rng: random.Random) -> Iterator[Example]:
    return direction_claims([row for row in rows if row["split"] == "train"], rng)


def direction_claims(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """What a trial found, said as a claim: the found direction supports, another refutes, and the evidence for
    another outcome of the same trial says neither (Lehman et al. 2019, arXiv:1904.01606)."""
    trials = defaultdict(list)
    for row in rows:
        trials[row["pmcid"]].append(row)
    for row in rows:
        evidence, wrong = rng.choice(row["evidence"]), rng.choice([d for d in CLAIMS if d != row["label"]])
        right, against = claim_of(row, row["label"], rng), claim_of(row, wrong, rng)
        yield Example(focused(evidence, right), right, SUPPORTS)
        yield Example(focused(evidence, against), against, REFUTES)
        yield ordered(right, claim_of(row, row["label"], rng), SUPPORTS, rng)
        yield ordered(right, against, REFUTES, rng)
        for other in rng.sample(trials[row["pmcid"]], 1):
            if not words_of(other["outcome"]) & words_of(row["outcome"] + evidence):
                elsewhere = claim_of(other, rng.choice(list(CLAIMS)), rng)
                yield Example(focused(evidence, elsewhere), elsewhere, NEUTRAL)
                yield ordered(right, elsewhere, NEUTRAL, rng)


def claim_of(row: dict, direction: str, rng: random.Random) -> str:
    parts = {slot[0]: row[slot].strip() for slot in ("intervention", "outcome", "comparator")}
    parts = {slot: part[0].lower() + part[1:] if part[1:2].islower() else part for slot, part in parts.items()}
    text = rng.choice(CLAIMS[direction]).format(**parts)
    return text[0].upper() + text[1:] + "."


JUDGE_SOURCES = (
    Source("stance/snli_cad_revised_train", "Apache-2.0", stances, 5_000),
    Source("stance/snli_cad_original_train", "CC BY-SA 4.0", stances, 1_000),
    Source("stance/snli_dev", "CC BY-SA 4.0", stances, 3_500),
    Source("stance/mnli_taxinli_mnli_train", "C-UDA 1.0", stances, 2_344),
    Source("stance/mnli_taxinli_mnli_dev", "C-UDA 1.0", stances, 5_000),
    Source("stance/conjnli_adv_train", "MIT", stances, 1_200),
    Source("stance/control_train", "MIT", stances, 600),
    Source("stance/semfrag_negation_train", "MIT", stances, 300),
    Source("stance/semfrag_comparative_train", "MIT", stances, 300),
    Source("stance/fever_dev", "CC BY-SA 3.0", stances, 3_000),
    Source("stance/fever_dev", "CC BY-SA 3.0", mismatched, 1_500),
    Source("stance/fm2_dev", "Apache-2.0", stances, 1_169),
    Source("stance/fever_symmetric_dev", "CC BY-SA 3.0", stances, 708),
    Source("stance/checkcovid_train", "MIT", news_train, 1_068),
    Source("stance/citationintegrity_train", "MIT", stances, 600),
    Source("stance/evidence_inference", "MIT", trial_claims, 5_000),
    Source("relevance/bioasq_train", "CC BY 2.5", bioasq_pairs, 14_000),
    Source("retrieval/medquad/pages", "CC BY 4.0", medquad_pairs, 8_000),
    Source("retrieval/medquad/pages", "CC BY 4.0", framed, 10_000),
)


def train_judge(data: Path, out: Path) -> None:
    model = train(gather(JUDGE_SOURCES, data), STANCES, out, epochs=1, max_tokens=112)
    made = made_pairs(data, random.Random(SEED))
    news = [
        Example(row["evidence"], row["claim"], STANCES.index(row["label"]))
        for row in rows_of(data, "stance/checkcovid_train")
        if digit(row["id"]) >= HELD_OUT
    ]
    model = tempered(model, [e for examples in made.values() for e in examples if e.label < len(STANCES)] + news)
    for name, examples in made.items():
        report_made(name, model, examples)
    for name in ("checkcovid_dev", "healthver_dev", "xnli_en_dev"):
        report_stances(name, model, rows_of(data, f"stance/{name}"))
    report_stances("scifact_dev", model, with_abstracts(rows_of(data, "stance/scifact_dev"), data))
    for name in ("pairs_bioclaim_val", "pairs_healthver_dev"):
        report_disagreement(name, model, rows_of(data, f"disagreement/{name}"))


def made_pairs(data: Path, rng: random.Random) -> dict[str, list[Example]]:
    """Pairs made as for training, from questions, pages, diseases and trials that were not trained on."""
    pages = rows_of(data, "retrieval/medquad/pages")
    fresh = names_from([page for page in pages if digit(page["_id"]) >= HELD_OUT])
    trials = [row for row in rows_of(data, "stance/evidence_inference") if row["split"] == "validation"]
    made = {
        "bioasq dev questions": list(bioasq_pairs(rows_of(data, "relevance/bioasq_dev"), rng)),
        "medquad, held-out pages": list(page_pairs(medquad_pages(pages, held_out=True), rng)),
        "frames, held-out diseases": list(frame_pairs(fresh, slice(None), rng, times=5)),
        "amounts, held-out diseases": list(amount_pairs(fresh, rng, times=8)),
        "trials, validation": list(direction_claims(trials, rng)),
    }
    return {name: rng.sample(examples, min(1_500, len(examples))) for name, examples in made.items()}


def with_abstracts(rows: Rows, data: Path) -> Rows:
    """Neutral SciFact rows name an abstract instead of evidence: its sentences most like the claim stand in."""
    abstracts = {doc["_id"]: doc["text"] for doc in rows_of(data, "retrieval/scifact/corpus")}
    return [row | {"evidence": row["evidence"] or focused(abstracts[row["cited"][0]], row["claim"])} for row in rows]


def both_orders(model: PairModel, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """float32 of shape (n,): the mean probability of a contradiction over both orders."""
    reverse = [(b, a) for a, b in pairs]
    return (model.probabilities(pairs)[:, REFUTES] + model.probabilities(reverse)[:, REFUTES]) / 2


def report_made(name: str, model: PairModel, examples: Sequence[Example]) -> None:
    """How many contradictions are found, how many other pairs are called one, and what the claim alone gives away."""
    warned = both_orders(model, [(e.first, e.second) for e in examples]) >= 0.5
    alone = model.probabilities([("", e.second) for e in examples])[:, REFUTES]
    labels = np.array([e.label for e in examples])
    for kind, label in (("refutes", REFUTES), ("supports", SUPPORTS), ("agree", NOT_REFUTES), ("neutral", NEUTRAL)):
        if np.any(labels == label):
            log.info("%s: %.3f of %d %s warned of", name, warned[labels == label].mean(), np.sum(labels == label), kind)
    log.info("%s: contradiction AUC from the claim alone %.3f", name, auc(alone, labels == REFUTES))


def report_stances(name: str, model: PairModel, rows: Rows) -> None:
    found = model.probabilities([(focused(row["evidence"], row["claim"]), row["claim"]) for row in rows])
    truth = np.array([STANCES.index(row["label"]) for row in rows])
    f1, area = macro_f1(found.argmax(axis=1), truth), auc(found[:, REFUTES], truth == REFUTES)
    log.info("%s: macro-F1 %.3f, contradiction AUC %.3f, n = %d", name, f1, area, len(rows))


def report_disagreement(name: str, model: PairModel, rows: Rows) -> None:
    rows = [row for row in rows if row["label"] in ("agree", "disagree")]
    scores = both_orders(model, [(focused(row["a"], row["b"]), focused(row["b"], row["a"])) for row in rows])
    truth = np.array([row["label"] == "disagree" for row in rows])
    log.info("%s: disagree against agree, AUC %.3f, n = %d", name, auc(scores, truth), len(rows))


def macro_f1(found: np.ndarray, truth: np.ndarray) -> float:
    """The mean over labels of 2 hits / (times found + times true)."""
    hits = np.array([np.sum((found == k) & (truth == k)) for k in range(len(STANCES))])
    return float(np.mean(2 * hits / (np.bincount(found, minlength=3) + np.bincount(truth, minlength=3))))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rag.train", description=__doc__)
    parser.add_argument("model", choices=["ranker", "judge"])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets, one JSON object a line")
    parser.add_argument("--out", type=Path, default=Path("rag/weights"), help="folder for the trained adapter")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    random.seed(SEED)
    torch.manual_seed(SEED)
    {"ranker": train_ranker, "judge": train_judge}[given.model](given.data, given.out / f"{given.model}.safetensors")


if __name__ == "__main__":
    main()
