"""Suites of the warning itself: pairs of sentences, and the answer to a question over a set of sources."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.data import Row, read_rows
from eval.pairs import Pair, read_pairs
from eval.result import Curve, Figure, Result, figure, reliability_curve, share_figure
from eval.stance import likeness, precision_recall
from index.embed import Embedder
from rag import RAG, Answer
from rag.compare import conflict, judged, text_pairs
from rag.disagree import is_shown, weighed
from rag.judge import Judge, both_orders
from rag.measure import auc

AGREED_CLIMATE = 250
"""How many of the undisputed Climate-FEVER claims are asked; all the disputed ones are."""


def pairs_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """420 pairs of health sentences, written without looking at the rules (eval/gold/pairs.md): the probability that
    two cannot both hold, as the check of an answer computes it, and whether the answer to the pair's question warns."""
    pairs = read_pairs()
    compared = text_pairs([(pair.a, pair.b) for pair in pairs], embedder)
    sure = conflict(compared, judged(compared, judge))
    shown = {(p.a.quote.text, p.b.quote.text) for p in weighed(compared, judge) if is_shown(p) and not p.differ}
    called = np.array([(pair.a, pair.b) in shown for pair in pairs])
    truth = np.array([pair.label == "disagree" for pair in pairs])
    warned = np.array(
        [_ask({"a": p.a, "b": p.b}, p.question, judge, embedder).status == "disputed" for p in pairs], bool
    )
    only_judge = both_orders(judge, [(pair.a, pair.b) for pair in pairs])
    alike = likeness([(pair.a, pair.b) for pair in pairs], embedder)
    figures = [
        figure("AUC", auc, sure, truth),
        figure("AUC, judge alone", auc, only_judge, truth),
        figure("AUC, likeness of the vectors", auc, alike, truth),
        *_at_threshold("", called, truth, pairs),
        *_at_threshold("end to end: ", warned, truth, pairs),
    ]
    rows = [
        {
            "id": p.id,
            "label": p.kind or p.label,
            "probability": round(float(s), 3),
            "warned": bool(w),
            "a": p.a,
            "b": p.b,
        }
        for p, s, w in zip(pairs, sure, warned, strict=True)
    ]
    curves = [
        Curve("Which pairs disagree", "recall", "precision", {"probability": precision_recall(sure, truth)}),
        reliability_curve(
            "Is the probability what it says?", "probability given", "share that disagrees", "pairs", sure, truth
        ),
    ]
    worst = [row for row, c, t in zip(rows, called, truth, strict=True) if c != t]
    return Result("pairs", pairs_suite.__doc__ or "", figures, rows, curves, worst)


def _at_threshold(prefix: str, warned: np.ndarray, truth: np.ndarray, pairs: Sequence[Pair]) -> list[Figure]:
    kinds = dict.fromkeys(pair.kind for pair in pairs if pair.kind)
    others = dict.fromkeys(pair.label for pair in pairs if pair.label != "disagree")
    chosen = [(kind, np.array([p.kind == kind for p in pairs])) for kind in kinds]
    quiet = [(label, np.array([p.label == label for p in pairs])) for label in others]
    return [
        share_figure(f"{prefix}disagreements found", warned[truth], least=0.85),
        *(share_figure(f"{prefix}… {kind}", warned[at]) for kind, at in chosen),
        share_figure(f"{prefix}false warnings", warned[~truth], most=0.03),
        *(share_figure(f"{prefix}… {label}", warned[at]) for label, at in quiet),
        share_figure(f"{prefix}warnings that are right", truth[warned]),
    ]


def _ask(texts: dict[str, str], question: str, judge: Judge, embedder: Embedder) -> Answer:
    return RAG.from_texts(texts, embedder=embedder, judge=judge).ask(question)


def sets_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """Does the answer to a claim warn? HealthVer: a conflict is a claim with sources on both sides, derived from their
    stances. Climate-FEVER: annotated as disputed; the sentences of Wikipedia beside it. Claims without are quiet."""
    figures: list[Figure] = []
    rows: list[Row] = []
    for name, sets, goals in (
        ("HealthVer dev sets", read_rows(data, "disagreement/sets_healthver_dev"), (0.70, 0.30, 0.04)),
        ("Climate-FEVER", _climate(data), (None, None, None)),
    ):
        found = [_set_row(name, one, judge, embedder) for one in sets]
        figures += _set_figures(name, found, goals)
        rows += found
    worst = [row for row in rows if row["status"] == "disputed" and not row["conflict"]][:40]
    return Result("sets", sets_suite.__doc__ or "", figures, rows, worst=worst)


def _climate(data: Path) -> list[Row]:
    sets = read_rows(data, "disagreement/sets_climate_fever")
    return [s for s in sets if s["conflict"]] + [s for s in sets if not s["conflict"]][:AGREED_CLIMATE]


def _set_row(name: str, one: Row, judge: Judge, embedder: Embedder) -> Row:
    texts = {f"{i} {p['id']}": p["text"] for i, p in enumerate(one["passages"])}
    answer = _ask(texts, one["claim"], judge, embedder)
    stances = {s.document: s.stance for s in answer.stances}
    said = [side.claim for found in answer.disagreements if not found.is_note for side in found.sides]
    return {
        "id": f"{name} {one['id']}",
        "claim": one["claim"],
        "conflict": bool(one["conflict"]),
        "status": answer.status,
        "kind": " ".join(found.kind for found in answer.disagreements),
        "stances": " ".join(stances.values()),
        "sides": " <> ".join(said),
    }


def _set_figures(name: str, rows: Sequence[Row], goals: tuple[float | None, ...]) -> list[Figure]:
    precise, complete, quiet = goals
    warned = np.array([row["status"] == "disputed" for row in rows])
    conflict = np.array([row["conflict"] for row in rows])
    answered = [row["status"] != "not_found" for row in rows]
    return [
        share_figure(f"{name}: warnings that are right", conflict[warned], least=precise),
        share_figure(f"{name}: conflicts warned of", warned[conflict], least=complete),
        share_figure(f"{name}: false warnings", warned[~conflict], most=quiet),
        share_figure(f"{name}: answered", answered),
    ]
