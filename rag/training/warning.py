"""Fit the probability of a warning: `python -m rag.training.warning --data DATA --out rag/weights`.

The regression of ``rag/compare.py`` over what the judge reads and what the words show, fitted on pairs that trained
neither: of the cards that were held out, and, since most pairs of a real corpus agree or speak of something else, what
a check compares when held-out MedQuAD pages are asked their own questions (these pages are of one house and taken to
agree).
"""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.embed import Embedder, PackagedEmbedder
from rag import RAG
from rag.compare import FEATURES, Pair, features, judged, probability, text_pairs
from rag.disagree import pairs_of
from rag.judge import WEIGHTS, Judge, PackagedJudge
from rag.measure import auc, fit, write_weights
from rag.training.cards import REFUTES, finding_pairs, read_cards
from rag.training.data import HELD_OUT, SEED, command_line, digit, log, rows_of

QUIET_PAGES, QUIET_QUESTIONS = 300, 250


def fit_warning(data: Path, judge: Judge, out: Path) -> None:
    """Fit, save, and print how well each half of the pairs is told by what was fitted on the other."""
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
    write_weights(out, FEATURES, fit(found, disagree))


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


if __name__ == "__main__":
    given = command_line("Fit the probability of a warning to the judge that lies in the same folder.", out=WEIGHTS)
    fit_warning(given.data, PackagedJudge(given.out / "judge.safetensors"), given.out / "warning.json")
