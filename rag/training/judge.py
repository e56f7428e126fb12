"""Train the judge: `python -m rag.training.judge --data DATA --out rag/weights`.

(evidence, claim) -> supports, refutes, neutral. Half of the data is made on purpose: findings that answer one
question as agreements, one of them turned round as a contradiction, near topics and other scopes as neutrals.
`JUDGE_SOURCES` names the sets; none of them forbids shipping what is trained on it.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from torch import nn

from index.embed import Embedder, PackagedEmbedder, fast_precision
from index.minilm import batches, tokenizer
from rag import RAG
from rag.compare import FEATURES, Pair, features, fit, judged, probability, text_pairs
from rag.disagree import pairs_of
from rag.judge import (
    STANCES,
    Judge,
    PackagedJudge,
    both_orders,
)
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
    gather,
    log,
    medquad_pages,
    rows_of,
    split_sentences,
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
from rag.training.loop import run, tempered, train
from rag.training.network import backbone, tensors

MAX_TOKENS = 128
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


def card_examples(share: float, rng: random.Random) -> list[Example]:
    """A share of what the cards for training teach, pairs in both orders: their pairs are much alike, and another
    pass draws others."""
    findings, claims = read_cards("findings", held_out=False), read_cards("claims", held_out=False)
    near = neighbours(embed([card["a"][1] for card in findings]), [card["topic"] for card in findings])
    found = [e for card in findings for e in [*both_ways(finding_pairs(card)), *question_pairs(card)]]
    found += [e for card in claims for e in [*claim_pairs(card), *claim_pairs(card), *question_pairs(card)]]
    found += [e for card in claims for e in both_ways(passage_pairs(card))]
    found += both_ways(strangers(findings, near, rng))
    log.info("%d finding cards, %d claim cards, %.1f of %d examples", len(findings), len(claims), share, len(found))
    return rng.sample(found, int(len(found) * share))


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


REPLAYED = {"medquad_pairs": 4_000, "bioasq_pairs": 8_000, "trial_claims": 5_000, "news_train": 1_068}
REPLAYED_AT_MOST = 2_500


def train_judge(data: Path, out: Path) -> None:
    """Three passes, each from where the one before ended: public sets, then twice the cards with some of the sets."""
    first, second = (out.with_stem(f"{out.stem}-{name}") for name in ("first", "second"))
    if not first.exists():
        train(gather(JUDGE_SOURCES, data), STANCES, first, epochs=1, max_tokens=MAX_TOKENS)
    repeated = gather(map(replayed, JUDGE_SOURCES), data)
    if not second.exists():
        examples = card_examples(0.5, random.Random(SEED)) + repeated
        train(examples, STANCES, second, epochs=1, max_tokens=MAX_TOKENS, start=first)
    examples = card_examples(0.55, random.Random(SEED + 1)) + repeated
    model = train(examples, STANCES, out, epochs=1, max_tokens=MAX_TOKENS, start=second)
    made = held_out_examples(data, random.Random(SEED))
    model = tempered(model, [e for found in made.values() for e in found if e.label < len(STANCES)])
    judge = PackagedJudge(model.adapter)
    for name, found in made.items():
        report_made(name, judge, found)
    fit_warning(data, judge, out.with_name("warning.json"))


def replayed(source: Source) -> Source:
    """A source with as many examples as the second stage repeats, lest the first be forgotten."""
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


def fit_warning(data: Path, judge: Judge, out: Path) -> None:
    """Fit the regression of ``rag/compare.py``; print how well it does on the half that it was not fitted on.

    Pairs of the finding cards that no training read, and, since most pairs of a real corpus agree or speak of
    something else, what a check compares when held-out MedQuAD pages are asked their own questions: these pages are of
    one house and taken to agree.
    """
    cards, embedder, rng = read_cards("findings", held_out=True), PackagedEmbedder(), random.Random(SEED)
    made = [[(e.first, e.second, e.label == REFUTES) for e in finding_pairs(card)] for card in cards]
    pairs = text_pairs([(a, b) for group in made for a, b, _ in group], embedder)
    truth = [label for group in made for _, _, label in group]
    groups = [i for i, group in enumerate(made) for _ in group]
    for i, quiet in enumerate(quiet_pairs(data, embedder, judge, rng)):
        pairs += quiet
        truth += [False] * len(quiet)
        groups += [len(cards) + i] * len(quiet)
    found, disagree, group = features(pairs, judged(pairs, judge)), np.array(truth), np.array(groups)
    for half in (0, 1):
        kept = group % 2 != half
        report_warning(probability(found[kept], fit(found[~kept], disagree[~kept])), disagree[kept], group[kept])
    weights = fit(found, disagree)
    saved = {"bias": round(weights[0], 4), "weights": dict(zip(FEATURES, weights[1:].round(4).tolist(), strict=True))}
    out.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")


QUIET_PAGES, QUIET_QUESTIONS = 300, 250


def quiet_pairs(data: Path, embedder: Embedder, judge: Judge, rng: random.Random) -> Iterator[list[Pair]]:
    """What a check compares for each of some questions to MedQuAD pages that were not trained on."""
    pages = [page for page in rows_of(data, "retrieval/medquad/pages") if digit(page["_id"]) >= HELD_OUT]
    pages = rng.sample(pages, QUIET_PAGES)
    texts = {page["_id"]: "\n\n".join([page["title"], *(s["answer"] for s in page["sections"])]) for page in pages}
    rag = RAG.from_texts(texts, embedder=embedder, judge=judge)
    for question in rng.sample([s["question"] for page in pages for s in page["sections"]], QUIET_QUESTIONS):
        yield pairs_of(rag.answer(question), rag.index)


def report_warning(sure: np.ndarray, disagree: np.ndarray, group: np.ndarray) -> None:
    """Disagreements found, other pairs called one, and questions to agreeing pages that would warn."""
    cards = np.isin(group, group[disagree])
    log.info("warnings: AUC %.3f", auc(sure, disagree))
    for least in (0.5, 0.6, 0.7, 0.8, 0.9):
        warned = sure >= least
        quiet = np.mean([warned[group == g].any() for g in np.unique(group[~cards])])
        shares = (warned[disagree].mean(), warned[cards & ~disagree].mean(), quiet)
        log.info(
            "  at %.1f: %.3f of disagreements, %.4f of other pairs of cards, %.3f of quiet questions", least, *shares
        )


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
