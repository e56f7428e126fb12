"""Train the ranker: `python -m rag.training.ranker --data DATA --out rag/weights`.

(question, sentence) -> does the sentence answer the question? `RANKER_SOURCES` names the sets and their licences.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rag.judge import PairModel
from rag.measure import auc
from rag.training.cards import answer_pairs, asked_pairs, read_cards
from rag.training.data import (
    SEED,
    Example,
    Rows,
    Section,
    Source,
    digit,
    gather,
    log,
    medquad_pages,
    placed,
    rows_of,
    split_sentences,
    words_of,
)
from rag.training.loop import LEARNING_RATE, averaged, run, tempered, train

ANSWERS = ("answers", "other")
SQUAD_TRAIN = 12  # articles with a `digit` up to here train: Huguenot, Imperialism, Yuan dynasty, 1973 oil crisis


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


REPEATED = 3_000
"""How many examples of each set the later passes repeat, lest the first be forgotten."""
AGAIN = 8_000
"""How many of the second pass's card examples the third repeats."""
ASKED = 60_000
"""How many of the question cards' examples the third reads: a card's pairs are much alike."""


def card_answers(rng: random.Random, *, held_out: bool) -> list[Example]:
    """The cards' questions with their sentences, and with as many of other cards."""
    cards = [card for kind in ("findings", "claims") for card in read_cards(kind, held_out=held_out)]
    found = [e for card in cards for e in answer_pairs(card)]
    strange = [Example(rng.choice(cards)["question"], e.second, 1) for e in rng.sample(found, len(found) // 2)]
    return [Example(as_asked(e.first, rng), e.second, e.label) for e in found + strange]


def question_answers(rng: random.Random, *, held_out: bool) -> list[Example]:
    """What the question cards teach, and their questions beside sentences of other cards."""
    cards = read_cards("questions", held_out=held_out)
    found = [e for card in cards for e in asked_pairs(card, rng)]
    strange = [
        Example(rng.choice(rng.choice(cards)["questions"]), e.second, 1) for e in rng.sample(found, len(found) // 20)
    ]
    return [Example(as_asked(e.first, rng), e.second, e.label) for e in found + strange]


def train_ranker(data: Path, out: Path) -> None:
    """Three passes: public sets, then each kind of cards with some of the sets. The ranker is a mean of the last two:
    the third alone forgets too much of what it did not read again."""
    first, second, third = (out.with_stem(f"{out.stem}-{name}") for name in ("first", "second", "third"))
    rng = random.Random(SEED)
    if not first.exists():
        train(gather(RANKER_SOURCES, data), ANSWERS, first, epochs=1, max_tokens=128)
    repeated = gather((source._replace(most=REPEATED) for source in RANKER_SOURCES), data)
    of_claims = card_answers(rng, held_out=False)
    if not second.exists():
        train(of_claims + repeated, ANSWERS, second, epochs=1, max_tokens=128, start=first, rate=LEARNING_RATE / 2)
    if not third.exists():
        asked = question_answers(rng, held_out=False)
        examples = rng.sample(asked, min(ASKED, len(asked))) + rng.sample(of_claims, AGAIN) + repeated
        train(examples, ANSWERS, third, epochs=1, max_tokens=128, start=second)
    model = averaged([second, third], (0.7, 0.3), out)
    squad = [row for row in rows_of(data, "answerability/squad2_a") if digit(row["article"]) > SQUAD_TRAIN]
    pages = medquad_pages(rows_of(data, "retrieval/medquad/pages"), held_out=True)
    health = list(medquad_examples(pages, random.Random(SEED)))
    paragraphs = [Example(row["question"], s, label) for row in squad for s, label in squad_labels(row)]
    bioasq = rows_of(data, "relevance/bioasq_dev")
    judged = [Example(row["query"], row["text"], 1 - row["label"]) for row in bioasq]
    cards = card_answers(random.Random(SEED), held_out=True)
    asked = question_answers(random.Random(SEED), held_out=True)
    model = tempered(model, health + paragraphs + judged + cards + asked)
    report_auc("held-out cards", model, cards)
    report_auc("held-out question cards", model, asked)
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


if __name__ == "__main__":
    run("ranker", __doc__, train_ranker)
