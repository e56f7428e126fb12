"""Scores and how good they are: the few formulas that answering, training and evaluation share."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]
Ints = NDArray[np.integer]


def log_odds(probability: Floats) -> Floats:
    """ln(p / (1 - p)), kept finite."""
    p = np.clip(np.asarray(probability, float), 1e-4, 1 - 1e-4)
    return np.log(p / (1 - p))


def auc(scores: Floats, truth: Bools) -> float:
    """The chance that a true one scores above a false one, ties counting half (Mann and Whitney 1947).

    >>> auc(np.array([0.9, 0.4, 0.5]), np.array([True, True, False]))
    0.5
    """
    order = np.sort(scores[~truth])
    if not len(order) or not truth.any():
        return float("nan")
    below = np.searchsorted(order, scores[truth], "left") + np.searchsorted(order, scores[truth], "right")
    return float(below.mean() / (2 * len(order)))


def macro_f1(found: Ints, truth: Ints) -> float:
    """The mean over the labels in ``truth`` of 2 hits / (times found + times true).

    >>> macro_f1(np.array([0, 0, 1]), np.array([0, 1, 1]))
    0.6666666666666666
    """
    return float(np.mean([_f1(found == k, truth == k) for k in np.unique(truth)]))


def _f1(found: Bools, truth: Bools) -> float:
    return 2 * np.sum(found & truth) / (np.sum(found) + np.sum(truth))


def reliability(probabilities: Floats, truth: Bools, bins: int = 10) -> list[tuple[float, float, int]]:
    """For each tenth of probability that is used: its mean, the share that is true, and how many there are."""
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    rows = [(probabilities[place == i], truth[place == i]) for i in range(bins)]
    return [(float(p.mean()), float(t.mean()), len(p)) for p, t in rows if len(p)]


def fit(found: Floats, truth: Bools, *, penalty: float = 1.0, steps: int = 30) -> Floats:
    """Bias and weights of a logistic regression with an L2 penalty on the weights, by Newton's method.

    (Cox, The Regression Analysis of Binary Sequences, 1958.)
    """
    x = np.column_stack([np.ones(len(found)), found])
    shrink = penalty * np.diag([0.0] + [1.0] * found.shape[1])
    weights = np.zeros(x.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(x @ weights)))
        slope = x.T @ (p - truth) + shrink @ weights
        weights -= np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + shrink, slope)
    return weights


def linear(found: Floats, weights: Floats) -> Floats:
    """(n,) log-odds of a regression: bias and slopes, from (n, len(slopes))."""
    return found @ weights[1:] + weights[0]


def logistic(found: Floats, weights: Floats) -> Floats:
    """(n,) probabilities of a regression, from (n, len(slopes))."""
    return 1 / (1 + np.exp(-linear(found, weights)))


def write_weights(path: Path, names: Sequence[str], weights: Floats) -> None:
    """Save a regression's bias and weights, each under the name of its feature."""
    slopes = dict(zip(names, weights[1:].round(4).tolist(), strict=True))
    path.write_text(json.dumps({"bias": round(float(weights[0]), 4), "weights": slopes}, indent=1) + "\n", "utf-8")


def read_weights(path: Path, names: Sequence[str]) -> Floats:
    """Bias and weights in the order of ``names``."""
    saved = json.loads(path.read_text("utf-8"))
    return np.array([saved["bias"], *(saved["weights"][name] for name in names)])
