"""What a suite finds: figures with their spread, the rows behind them, and curves.

The spread is a 95% bootstrap interval (Efron 1979) over rows, or over groups of rows that belong together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rag.measure import reliability

RESAMPLES = 500
SEED = 7

Statistic = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its 95% interval and what it should reach: ``least`` or ``most``."""

    name: str
    value: float
    low: float
    high: float
    n: int
    least: float | None = None
    most: float | None = None
    first: float | None = None
    """What the first attempt reached, where it was measured."""

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.least is not None:
            return self.value >= self.least
        return self.value <= self.most if self.most is not None else None


@dataclass(frozen=True, slots=True)
class Curve:
    """A picture: named lines of points, and points to mark on it."""

    title: str
    x: str
    y: str
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]]
    diagonal: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What one suite found. Each row has an ``id``; ``worst`` are rows to read first."""

    suite: str
    about: str
    figures: list[Figure]
    rows: list[dict[str, Any]] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    worst: list[dict[str, Any]] = field(default_factory=list)
    run: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Query id -> document id -> score, best first, where documents are ranked."""


def figure(
    name: str,
    statistic: Statistic,
    *columns: Any,
    groups: Sequence[Any] | None = None,
    least: float | None = None,
    most: float | None = None,
    first: float | None = None,
) -> Figure:
    """A statistic of equally long columns, with its bootstrap interval."""
    arrays = [np.asarray(column) for column in columns]
    low, high = interval(statistic, arrays, groups)
    return Figure(name, float(statistic(*arrays)), low, high, len(arrays[0]), least, most, first)


def interval(
    statistic: Statistic, arrays: Sequence[np.ndarray], groups: Sequence[Any] | None = None
) -> tuple[float, float]:
    """The middle 95% of a statistic over resampled rows; rows of one group are drawn together."""
    rng = np.random.default_rng(SEED)
    n = len(arrays[0])
    if n == 0:
        return float("nan"), float("nan")
    if groups is None:
        draws = (rng.integers(0, n, n) for _ in range(RESAMPLES))
    else:
        _, place = np.unique(np.asarray(groups), return_inverse=True)
        members = [np.flatnonzero(place == g) for g in range(place.max() + 1)]
        draws = (
            np.concatenate([members[g] for g in rng.integers(0, len(members), len(members))]) for _ in range(RESAMPLES)
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [statistic(*(array[draw] for array in arrays)) for draw in draws]
    low, high = np.nanpercentile(found, [2.5, 97.5]) if not np.isnan(found).all() else (np.nan, np.nan)
    return float(low), float(high)


def mean(values: np.ndarray) -> float:
    """The mean; not a number where there is nothing to take it of."""
    return float(np.mean(values)) if len(values) else float("nan")


def share_figure(name: str, holds: Sequence[bool] | np.ndarray, **options: Any) -> Figure:
    """The share of rows for which something holds."""
    return figure(name, mean, np.asarray(holds, float), **options)


def reliability_curve(title: str, x: str, y: str, name: str, sure: np.ndarray, truth: np.ndarray) -> Curve:
    """Probabilities given beside the share that is true: on the diagonal where they are what they say."""
    points = reliability(sure, truth)
    return Curve(title, x, y, {name: ([p for p, _, _ in points], [share for _, share, _ in points])}, diagonal=True)
