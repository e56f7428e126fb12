"""Train the judge: `python -m rag.training.judge --data DATA --out rag/weights`.

(evidence, claim) -> supports, refutes, neutral. Half of the data is made on purpose: findings that answer one
question as agreements, one of them turned round as a contradiction, near topics and other scopes as neutrals.
`JUDGE_SOURCES` names the sets; none of them forbids shipping what is trained on it.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.embed import PackagedEmbedder
from rag.judge import STANCES, Judge, PackagedJudge, both_orders
from rag.measure import auc
from rag.training.cards import (
    NEUTRAL,
    NOT_REFUTES,
    REFUTES,
    SUPPORTS,
    both_ways,
    claim_pairs,
    finding_pairs,
    passage_pairs,
    question_pairs,
    read_cards,
    strangers,
)
from rag.training.data import (
    HELD_OUT,
    SEED,
    Example,
    Rows,
    Section,
    Source,
    digit,
    focused,
    gather,
    log,
    medquad_pages,
    rows_of,
    words_of,
)
from rag.training.flip import (
    AIMS,
    NEGATION,
    SCOPES,
    VIEWS,
    after,
    directions,
    flipped,
    negated,
    opposites,
    reworded,
    with_scope,
)
from rag.training.loop import averaged, run, tempered, train

MAX_TOKENS = 128


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


def mismatched(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Neutral pairs from a set that has none: a claim with the evidence for another claim about the same thing."""
    about = defaultdict(list)
    for row in rows:
        about[" ".join(row["claim"].split()[:2])].append(row)
    for group in about.values():
        for one, other in zip(group, rng.sample(group, len(group)), strict=True):
            if len(words_of(one["claim"]) & words_of(other["evidence"])) <= len(words_of(one["claim"])) / 2:
                yield Example(focused(other["evidence"], one["claim"]), one["claim"], NEUTRAL)


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
    texts, vectors = (
        [row["text"] for row in found],
        PackagedEmbedder().embed_documents([row["text"] for row in found]),
    )
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


def wordings(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(";"))


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


def card_examples(of_finding: int, of_claim: int, rng: random.Random) -> list[Example]:
    """What the cards for training teach, pairs in both orders, at most so many examples of one card: a card's pairs
    are much alike, and another pass draws others."""
    findings, claims = read_cards("findings", held_out=False), read_cards("claims", held_out=False)
    found: list[Example] = []
    for card in findings:
        found += some([*both_ways(finding_pairs(card)), *question_pairs(card)], of_finding, rng)
    for card in claims:
        found += some([*claim_pairs(card), *question_pairs(card), *both_ways(passage_pairs(card))], of_claim, rng)
    vectors = PackagedEmbedder().embed_documents([card["a"][1] for card in findings])
    near = neighbours(vectors, [card["topic"] for card in findings])
    found += some(list(both_ways(strangers(findings, near, rng))), len(found) // 10, rng)
    log.info("%d finding cards, %d claim cards, %d examples", len(findings), len(claims), len(found))
    return found


def some(examples: list[Example], most: int, rng: random.Random) -> list[Example]:
    return rng.sample(examples, min(most, len(examples)))


JUDGE_SOURCES = (
    Source("stance/snli_cad_revised_train", "Apache-2.0", stances, 6_664),
    Source("stance/snli_cad_original_train", "CC BY-SA 4.0", stances, 1_666),
    Source("stance/snli_dev", "CC BY-SA 4.0", stances, 9_842),
    Source("stance/snli_test", "CC BY-SA 4.0", stances, 9_824),
    Source("stance/mnli_taxinli_mnli_train", "C-UDA 1.0", stances, 2_344),
    Source("stance/mnli_taxinli_mnli_dev", "C-UDA 1.0", stances, 7_727),
    Source("stance/conjnli_adv_train", "MIT", stances, 2_000),
    Source("stance/control_train", "MIT", stances, 2_000),
    Source("stance/semfrag_negation_train", "MIT", stances, 500),
    Source("stance/semfrag_comparative_train", "MIT", stances, 500),
    Source("stance/fever_dev", "CC BY-SA 3.0", stances, 10_000),
    Source("stance/fever_dev", "CC BY-SA 3.0", mismatched, 4_000),
    Source("stance/fm2_dev", "Apache-2.0", stances, 1_169),
    Source("stance/fever_symmetric_dev", "CC BY-SA 3.0", stances, 708),
    Source("stance/checkcovid_train", "MIT", news_train, 1_068),
    Source("stance/citationintegrity_train", "MIT", stances, 1_000),
    Source("stance/evidence_inference", "MIT", trial_claims, 8_000),
    Source("relevance/bioasq_train", "CC BY 2.5", bioasq_pairs, 16_000),
    Source("retrieval/medquad/pages", "CC BY 4.0", medquad_pairs, 12_000),
)


REPLAYED = {"medquad_pairs": 3_000, "bioasq_pairs": 5_000, "trial_claims": 4_000}
REPLAYED_AT_MOST = 1_500


HARD_OF_SETS, HARD_OF_CARDS = 16_000, 26_000
"""How many examples the last pass reads."""
HARD_RATE = 6e-4
AT_MOST_AS_HARD = 1.5
MISLABELLED = 0.03
"""The share of examples that surprise most, which are left out: many of their labels are wrong."""


class Pass(NamedTuple):
    """One pass over training text: the most examples of a finding card and of a claim card, and the sets read."""

    name: str
    of_finding: int
    of_claim: int
    sources: Sequence[Source]


def train_judge(data: Path, out: Path) -> None:
    """Several passes, each from where the one before ended, with other draws of what the cards and sets teach; a last
    one from the mean of two over what that finds hard. The judge is the mean of both."""
    some_of_each = [replayed(source) for source in JUDGE_SOURCES]
    passes = (
        Pass("first", 0, 0, JUDGE_SOURCES),
        Pass("second", 40, 60, some_of_each),
        Pass("third", 40, 60, some_of_each),
        Pass("fourth", 15, 20, JUDGE_SOURCES),
        Pass("fifth", 16, 32, some_of_each),
    )
    done: list[Path] = []
    for seed, one in enumerate(passes, start=SEED):
        target = out.with_stem(f"{out.stem}-{one.name}")
        if not target.exists():
            examples = gather(one.sources, data, seed=seed)
            if one.of_finding:
                examples += card_examples(one.of_finding, one.of_claim, random.Random(seed))
            train(examples, STANCES, target, epochs=1, max_tokens=MAX_TOKENS, start=done[-1] if done else None)
        done.append(target)
    mean, sixth = (out.with_stem(f"{out.stem}-{name}") for name in ("mean", "sixth"))
    so_far = PackagedJudge(averaged(done[-2:], (0.5, 0.5), mean).adapter)
    if not sixth.exists():
        seed, rng = SEED + len(passes), np.random.default_rng(SEED)
        sets, cards = gather(JUDGE_SOURCES, data, seed=seed), card_examples(30, 60, random.Random(seed))
        examples = hard(sets, so_far, HARD_OF_SETS, rng) + hard(cards, so_far, HARD_OF_CARDS, rng)
        train(examples, STANCES, sixth, epochs=1, max_tokens=MAX_TOKENS, start=mean, rate=HARD_RATE)
    model = averaged([mean, sixth], (0.5, 0.5), out)
    made = held_out_examples(data, random.Random(SEED))
    model = tempered(model, [e for found in made.values() for e in found if e.label < len(STANCES)])
    for name, found in made.items():
        report_made(name, PackagedJudge(model.adapter), found)


def hard(examples: Sequence[Example], judge: Judge, most: int, rng: np.random.Generator) -> list[Example]:
    """Examples drawn without return, one that surprises the judge the more often, but none of the most surprising."""
    found = judge.judge([(e.first, e.second) for e in examples])
    known = np.eye(len(STANCES))
    allowed = np.concatenate([known, 1 - known])[[e.label for e in examples]]
    surprising = -np.log((found * allowed).sum(axis=1) + 1e-9)
    weight = np.minimum(surprising, AT_MOST_AS_HARD) + 0.08
    weight[surprising > np.quantile(surprising, 1 - MISLABELLED)] = 0
    chosen = rng.choice(len(examples), min(most, int(np.count_nonzero(weight))), replace=False, p=weight / weight.sum())
    return [examples[i] for i in chosen]


def replayed(source: Source) -> Source:
    """A source with as many examples as a later pass repeats, lest the first be forgotten."""
    return source._replace(most=min(source.most, REPLAYED.get(source.examples.__name__, REPLAYED_AT_MOST)))


def held_out_examples(data: Path, rng: random.Random) -> dict[str, list[Example]]:
    """Pairs made as for training, from cards, questions, pages, trials and news that were not trained on."""
    pages, news = rows_of(data, "retrieval/medquad/pages"), rows_of(data, "stance/checkcovid_train")
    trials = [row for row in rows_of(data, "stance/evidence_inference") if row["split"] == "validation"]
    claims = read_cards("claims", held_out=True)
    made = {
        "finding cards": [e for c in read_cards("findings", held_out=True) for e in both_ways(finding_pairs(c))],
        "claim cards": [e for card in claims for e in claim_pairs(card)],
        "bioasq dev questions": list(bioasq_pairs(rows_of(data, "relevance/bioasq_dev"), rng)),
        "medquad, held-out pages": list(page_pairs(medquad_pages(pages, held_out=True), rng)),
        "trials, validation": list(direction_claims(trials, rng)),
        "news": [
            Example(row["evidence"], row["claim"], STANCES.index(row["label"]))
            for row in news
            if digit(row["id"]) >= HELD_OUT
        ],
    }
    return {name: rng.sample(examples, min(1_500, len(examples))) for name, examples in made.items()}


def report_made(name: str, judge: Judge, examples: Sequence[Example]) -> None:
    """How many contradictions are found, how many other pairs are called one, and what the claim alone gives away."""
    warned = both_orders(judge, [(e.first, e.second) for e in examples]) >= 0.5
    alone = judge.judge([("", e.second) for e in examples])[:, REFUTES]
    labels = np.array([e.label for e in examples])
    for kind, label in (("refutes", REFUTES), ("supports", SUPPORTS), ("agree", NOT_REFUTES), ("neutral", NEUTRAL)):
        if np.any(labels == label):
            log.info("%s: %.3f of %d %s warned of", name, warned[labels == label].mean(), np.sum(labels == label), kind)
    log.info("%s: contradiction AUC from the claim alone %.3f", name, auc(alone, labels == REFUTES))


if __name__ == "__main__":
    run("judge", __doc__, train_judge)
