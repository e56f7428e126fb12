"""Sentence pairs with the question that both bear on; ``eval/gold/pairs.md`` says how they were written."""

import json
from dataclasses import dataclass
from pathlib import Path

PAIRS = Path(__file__).parent / "gold" / "pairs.jsonl"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences, the question that both bear on, and whether they disagree."""

    id: str
    question: str
    a: str
    b: str
    label: str
    kind: str | None


def read_pairs(path: Path = PAIRS) -> list[Pair]:
    return [Pair(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
