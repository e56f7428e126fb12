"""Suites of the answer: does it hold what was asked for, and is it silent where the documents are?"""

import random
import re
from collections import Counter
from pathlib import Path

import numpy as np

from eval.data import Row, read_rows
from eval.result import Curve, Result, figure, mean, reliability_curve, share_figure
from index.embed import Embedder
from rag import RAG
from rag.judge import Judge
from rag.measure import auc

SQUAD_QUESTIONS = 800
SEED = 5
ARTICLES = re.compile(r"\b(?:a|an|the)\b|[^\w\s]")


def squad_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """SQuAD 2, half of its development set: 301 paragraphs of Wikipedia as one index; 800 questions, of which about
    half are written to look answerable by a paragraph and are not. Four of its eight articles trained the ranker."""
    rows = read_rows(data, "answerability/squad2_a")
    paragraphs = {row["context"]: row["article"] for row in rows}
    texts = {f"{article}-{i}": text for i, (text, article) in enumerate(paragraphs.items())}
    rag = RAG.from_texts(texts, embedder=embedder, judge=judge)
    chosen = random.Random(SEED).sample(rows, SQUAD_QUESTIONS)
    found = [_squad_row(row, rag) for row in chosen]
    answerable = np.array([row["answerable"] for row in found])
    sure = np.array([row["confidence"] for row in found])
    said = np.array([row["said"] for row in found])
    can = [row for row in found if row["answerable"]]
    figures = [
        share_figure("a gold answer in the shown statements", [row["holds"] for row in can], least=0.75),
        figure("best token F1 of a statement with a gold answer", mean, [row["f1"] for row in can]),
        figure("AUROC of the confidence, answerable or not", auc, sure, answerable, least=0.80),
        share_figure("answered, of the answerable", said[answerable]),
        share_figure("answered, of the unanswerable", said[~answerable]),
    ]
    curves = [
        Curve(
            "What silence buys",
            "share answered",
            "share of these that are answerable",
            {"questions": coverage(sure, answerable)},
        ),
        reliability_curve(
            "Is the confidence what it says?",
            "confidence given",
            "share that is answerable",
            "questions",
            sure,
            answerable,
        ),
    ]
    worst = [row for row in can if not row["holds"]][:40]
    return Result("squad2", squad_suite.__doc__ or "", figures, found, curves, worst)


def _squad_row(row: Row, rag: RAG) -> Row:
    answer = rag.answer(row["question"])
    said = [statement.text for statement in answer.statements]
    return {
        "id": row["id"],
        "question": row["question"],
        "answerable": row["answerable"],
        "gold": row["answers"][:1],
        "confidence": round(answer.confidence, 4),
        "said": bool(said),
        "holds": any(gold.lower() in text.lower() for gold in row["answers"] for text in said),
        "f1": round(max((token_f1(text, gold) for gold in row["answers"] for text in said), default=0.0), 3),
        "answer": " / ".join(said),
    }


def token_f1(said: str, gold: str) -> float:
    """2 shared words / (words said + words of the gold answer), as SQuAD counts (Rajpurkar et al. 2016).

    >>> token_f1("The Normans came from Denmark.", "Denmark")
    0.4
    """
    first, second = (Counter(ARTICLES.sub(" ", text.lower()).split()) for text in (said, gold))
    shared = sum((first & second).values())
    return 2 * shared / (sum(first.values()) + sum(second.values())) if shared else 0.0


def coverage(sure: np.ndarray, right: np.ndarray) -> tuple[list[float], list[float]]:
    """Share answered and share of those that is right, from the surest on (El-Yaniv & Wiener 2010)."""
    hits = np.cumsum(right[np.argsort(-sure, kind="stable")])
    counts = np.arange(1, len(hits) + 1)
    step = max(1, len(hits) // 200)
    return (counts / len(hits))[::step].tolist(), (hits / counts)[::step].tolist()
