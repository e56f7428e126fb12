"""Sentence pairs as the smallest corpus there is: two documents of one sentence each, and the question to both.

``eval/gold/pairs.md`` says how the pairs were written. What is measured is the whole path: does the answer warn?
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eval.gold import Measure
from index.embed import Embedder
from rag import RAG

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


def warned(pairs: Iterable[Pair], embedder: Embedder) -> list[tuple[Pair, bool]]:
    """Each pair with whether the answer to its question warns."""
    return [
        (pair, RAG.from_texts({"a": pair.a, "b": pair.b}, embedder=embedder).ask(pair.question).status == "disputed")
        for pair in pairs
    ]


def pair_measures(found: list[tuple[Pair, bool]]) -> list[Measure]:
    """Warnings by label, and the disagreements found by kind."""

    def share(name: str, chosen: list[bool]) -> Measure:
        return Measure(name, sum(chosen), len(chosen))

    kinds = dict.fromkeys(pair.kind for pair, _ in found if pair.kind)
    return [
        share("warnings that are right (precision)", [pair.label == "disagree" for pair, warns in found if warns]),
        share("disagreements warned of (recall)", [warns for pair, warns in found if pair.label == "disagree"]),
        *(share(f"… {kind}", [warns for pair, warns in found if pair.kind == kind]) for kind in kinds),
        share("false warnings, of the others", [warns for pair, warns in found if pair.label != "disagree"]),
    ]
