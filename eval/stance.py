"""Suites of the judge alone: the stance of evidence towards a claim, and pairs of texts that disagree.

Each is set beside what costs nothing: the commonest label, a negation in just one of the two texts, and how alike
their vectors are.
"""

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from eval.data import Row, climate_rows, read_rows, scifact_rows
from eval.result import Curve, Figure, Result, figure, share_figure
from index import Sentence
from index.embed import Embedder
from rag.claims import Claim
from rag.judge import REFUTES, STANCES, SUPPORTS, Judge, both_orders
from rag.measure import auc, macro_f1
from rag.training.data import focused
from rag.training.flip import flipped, reworded

NEGATION = re.compile(r"\b(?:not|no|never|neither|nor|without|cannot|fail(?:s|ed)?|lack(?:s|ed)?)\b|n['’]t\b", re.I)
SEED = 11


class Goal(NamedTuple):
    """A set of stances, what it should reach, and what the first attempt reached (macro-F1, contradiction AUC)."""

    name: str
    rows: Callable[[Path], list[Row]]
    f1: float | None
    auc: float | None
    first_f1: float
    first_auc: float


STANCE_SETS = (
    Goal("SciFact dev", lambda data: scifact_rows(data, "dev"), 0.70, None, 0.62, 0.75),
    Goal("Check-COVID dev", lambda data: read_rows(data, "stance/checkcovid_dev"), 0.68, None, 0.62, 0.74),
    Goal("HealthVer dev", lambda data: read_rows(data, "stance/healthver_dev"), 0.50, 0.70, 0.41, 0.58),
    Goal("Climate-FEVER", climate_rows, None, None, 0.42, 0.65),
)


def stance_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """(evidence, claim) -> supports / refutes / neutral on four public sets; HealthVer was never trained on."""
    figures: list[Figure] = []
    rows: list[Row] = []
    lines = {}
    for goal in STANCE_SETS:
        name, found = goal.name, goal.rows(data)
        pairs = [(focused(row["evidence"], row["claim"]), row["claim"]) for row in found]
        truth = np.array([STANCES.index(row["label"]) for row in found])
        judged = judge.judge(pairs)
        guess, against = judged.argmax(axis=1), truth == REFUTES
        figures += [
            figure(f"{name}: macro-F1", macro_f1, guess, truth, first=goal.first_f1, least=goal.f1),
            figure(
                f"{name}: contradiction AUC",
                auc,
                judged[:, REFUTES],
                against,
                first=goal.first_auc,
                least=goal.auc,
            ),
            *_plain_stances(name, pairs, truth, embedder),
        ]
        lines[name] = precision_recall(judged[:, REFUTES], truth == REFUTES)
        rows += [
            {"id": f"{name} {i}", "claim": c, "evidence": e, "label": STANCES[t], "judged": p.round(3).tolist()}
            for i, ((e, c), t, p) in enumerate(zip(pairs, truth, judged, strict=True))
        ]
    worst = [row for row in rows if row["judged"][REFUTES] > 0.8 and row["label"] != "refutes"][:25]
    curve = Curve("Finding contradictions", "recall", "precision", lines)
    return Result("stance", stance_suite.__doc__ or "", figures, rows, [curve], worst)


def _plain_stances(name: str, pairs: Sequence[tuple[str, str]], truth: np.ndarray, embedder: Embedder) -> list[Figure]:
    """What the commonest label, the negation rule and the likeness of the two texts reach."""
    commonest = np.full(len(truth), np.bincount(truth).argmax())
    uneven = np.array([_is_uneven(*pair) for pair in pairs])
    by_negation = np.where(uneven, REFUTES, 0)
    return [
        figure(f"{name}: macro-F1, commonest label", macro_f1, commonest, truth),
        figure(f"{name}: macro-F1, negation rule", macro_f1, by_negation, truth),
        figure(f"{name}: contradiction AUC, negation rule", auc, uneven.astype(float), truth == REFUTES),
        figure(f"{name}: contradiction AUC, unlike vectors", auc, -likeness(pairs, embedder), truth == REFUTES),
    ]


def _is_uneven(one: str, other: str) -> bool:
    """Whether exactly one of two texts holds a negation."""
    return bool(NEGATION.search(one)) != bool(NEGATION.search(other))


def likeness(pairs: Sequence[tuple[str, str]], embedder: Embedder) -> np.ndarray:
    """(n,) cosines of the two texts of each pair."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    place = {text: i for i, text in enumerate(texts)}
    vectors = embedder.embed_documents(texts)
    return np.array([vectors[place[a]] @ vectors[place[b]] for a, b in pairs])


def passages_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """Pairs of passages, disagree against agree. The agreements of BioClaim and all pairs of HealthVer are derived
    from stances towards one claim and were not annotated pair by pair."""
    figures: list[Figure] = []
    rows: list[dict[str, Any]] = []
    lines = {}
    for name, file, goal, first in (
        ("BioClaim val", "pairs_bioclaim_val", 0.80, 0.71),
        ("HealthVer dev pairs", "pairs_healthver_dev", 0.60, 0.52),
    ):
        found = [row for row in read_rows(data, f"disagreement/{file}") if row["label"] != "neutral"]
        pairs = [(focused(row["a"], row["b"]), focused(row["b"], row["a"])) for row in found]
        truth = np.array([row["label"] == "disagree" for row in found])
        scores, groups = both_orders(judge, pairs), [row["group"] for row in found]
        uneven = np.array([_is_uneven(*pair) for pair in pairs], float)
        figures += [
            figure(f"{name}: AUC", auc, scores, truth, groups=groups, least=goal, first=first),
            figure(f"{name}: AUC, negation rule", auc, uneven, truth, groups=groups),
            figure(f"{name}: AUC, unlike vectors", auc, -likeness(pairs, embedder), truth, groups=groups),
        ]
        lines[name] = precision_recall(scores, truth)
        rows += [
            {"id": f"{name} {i}", "a": a, "b": b, "label": "disagree" if t else "agree", "score": round(float(s), 3)}
            for i, ((a, b), t, s) in enumerate(zip(pairs, truth, scores, strict=True))
        ]
    worst = sorted((row for row in rows if row["label"] == "agree"), key=lambda row: row["score"], reverse=True)[:25]
    curve = Curve("Passages that disagree", "recall", "precision", lines)
    return Result("passages", passages_suite.__doc__ or "", figures, rows, [curve], worst)


def flips_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """Real health sentences (BioASQ dev snippets, which no training read) with one thing turned round, or said a
    little differently. The labels are made, not annotated."""
    rng = random.Random(SEED)
    texts = [row["text"] for row in read_rows(data, "relevance/bioasq_dev") if row["label"]]
    texts = [text for text in dict.fromkeys(texts) if 8 <= len(text.split()) <= 36]
    rows: list[Row] = []
    for text in rng.sample(texts, min(1_000, len(texts))):
        if against := flipped(text, rng):
            rows.append({"a": text, "b": against, "label": "flip"})
        if (same := reworded(text, rng)) != text:
            rows.append({"a": text, "b": same, "label": "paraphrase"})
    scores = both_orders(judge, [(row["a"], row["b"]) for row in rows])
    for i, (row, score) in enumerate(zip(rows, scores, strict=True)):
        row |= {"id": f"flip {i}", "score": round(float(score), 3)}
    flips = [row["score"] >= 0.5 for row in rows if row["label"] == "flip"]
    same_said = [row["score"] >= 0.5 for row in rows if row["label"] == "paraphrase"]
    return Result(
        "flips",
        flips_suite.__doc__ or "",
        [
            share_figure("flips called a contradiction", flips, least=0.90),
            share_figure("paraphrases called a contradiction", same_said, most=0.03),
        ],
        rows,
        worst=[row for row in rows if (row["score"] >= 0.5) != (row["label"] == "flip")][:25],
    )


def precision_recall(scores: np.ndarray, truth: np.ndarray) -> tuple[list[float], list[float]]:
    """Recall and precision at every threshold, the surest first."""
    hits = np.cumsum(truth[np.argsort(-scores, kind="stable")])
    recall, precision = hits / max(1, truth.sum()), hits / np.arange(1, len(hits) + 1)
    step = max(1, len(hits) // 200)
    return recall[::step].tolist(), precision[::step].tolist()


def findings_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """What a sentence of a trial found: did the intervention raise the outcome, lower it, or make no difference?
    Evidence-inference, validation prompts; the judge reads three claims made of each prompt, the rules its words."""
    rows = [row for row in read_rows(data, "stance/evidence_inference") if row["split"] == "validation"]
    truth = np.array([FINDINGS.index(row["label"]) for row in rows])
    claims = [(focused(row["evidence"][0], row["outcome"]), claim) for row in rows for claim in _claims(row)]
    supports = judge.judge(claims)[:, SUPPORTS].reshape(-1, len(FINDINGS))
    read = np.array([rule_finding(row["evidence"][0]) for row in rows])
    said = read >= 0
    found = [
        {"id": row["prompt_id"], "evidence": row["evidence"][0][:300], "label": row["label"], "judged": FINDINGS[p]}
        for row, p in zip(rows, supports.argmax(axis=1), strict=True)
    ]
    return Result(
        "findings",
        findings_suite.__doc__ or "",
        [
            figure("macro-F1, judge", macro_f1, supports.argmax(axis=1), truth),
            figure("macro-F1, rules, unread as no difference", macro_f1, np.where(said, read, 2), truth),
            share_figure("rules read a finding", said),
            share_figure("… and read it right", read[said] == truth[said]),
            figure("macro-F1, commonest label", macro_f1, np.full(len(truth), np.bincount(truth).argmax()), truth),
        ],
        found,
        worst=[row for row in found if row["label"] != row["judged"]][:25],
    )


FINDINGS = ("increased", "decreased", "no_difference")


def _claims(row: Row) -> tuple[str, str, str]:
    """The three things a trial may have found, in the order of ``FINDINGS``."""
    i, o, c = (row[part] for part in ("intervention", "outcome", "comparator"))
    return (
        f"{i} increased {o} compared with {c}.",
        f"{i} reduced {o} compared with {c}.",
        f"There was no difference in {o} between {i} and {c}.",
    )


def rule_finding(text: str) -> int:
    """What the words of a sentence show: a position in ``FINDINGS``, or -1 where they show nothing.

    >>> rule_finding("Zinc reduced the length of colds."), rule_finding("Zinc had no effect.")
    (1, 2)
    """
    if NO_DIFFERENCE.search(text):
        return FINDINGS.index("no_difference")
    sentence = Sentence("text", 0, len(text), text)
    effects = [e for e in Claim(sentence, sentence).effects if e.axis in ("amount", "benefit")]
    if not effects:
        return -1
    return FINDINGS.index("no_difference") if effects[0].negated else (0 if effects[0].sign > 0 else 1)


NO_DIFFERENCE = re.compile(
    r"\bno (?:\w+ ){0,3}(?:difference|effect|change|benefit|association|correlation)|\bnot (?:\w+ ){0,2}(?:differ"
    r"|significant|associated|affect|change)|\b(?:similar|comparable|unchanged|non-?significant)\b",
    re.IGNORECASE,
)
