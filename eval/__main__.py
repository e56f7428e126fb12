"""python -m eval: ask a gold file's questions and print how the answers did."""

import argparse
import json
import statistics
import sys
from pathlib import Path

from tqdm import tqdm

from eval.gold import DEMONSTRATION, Measure, Row, measures, read_gold, run
from eval.pairs import pair_measures, read_pairs, warned
from index.embed import SentenceTransformerEmbedder
from index.errors import CounterpointError
from rag import RAG
from rag.pipeline import DEFAULT_INDEX


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m eval", description="Ask the questions of a gold file and print how the answers did."
    )
    parser.add_argument("gold", nargs="?", type=Path, default=DEMONSTRATION, help="default: the demonstration corpus's")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--index", type=Path, default=DEFAULT_INDEX, help=f"where the index is (default: {DEFAULT_INDEX})"
    )
    where.add_argument("--documents", type=Path, help="make a temporary index of this folder instead")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--wrong", action="store_true", help="also list the questions that went wrong")
    parser.add_argument("--pairs", action="store_true", help="measure warnings on the packaged sentence pairs instead")
    options = parser.parse_args(arguments)
    if options.pairs:
        pairs = tqdm(read_pairs(), desc="Asking", unit="pair")
        _print(pair_measures(warned(pairs, SentenceTransformerEmbedder())))
        return 0
    try:
        gold = read_gold(options.gold)
        rag = RAG.from_folder(options.documents) if options.documents else RAG.open(options.index)
        rows = run(rag, tqdm(gold, desc="Asking", unit="question"))
    except CounterpointError as error:
        print(error, file=sys.stderr)
        return 2
    figures = measures(rows, rag)
    if options.json:
        print(json.dumps({m.name: {"value": m.value, "hits": m.hits, "of": m.of} for m in figures}, indent=1))
        return 0
    _print(figures)
    for name in ("retrieve", "compose", "disagree"):
        times = [row.answer.timings_ms[name] for row in rows]
        print(f"{name + ', median ms':<42} {statistics.median(times):7.1f}")
    if options.wrong:
        print(
            *map(_wrong, (row for row in rows if not row.right or row.warned != row.gold.disagreement)),
            sep="\n",
        )
    return 0


def _print(figures: list[Measure]) -> None:
    for figure in figures:
        print(f"{figure.name:<42} {figure.value:7.3f}  ({figure.hits} of {figure.of})")


def _wrong(row: Row) -> str:
    said = " / ".join(statement.text for statement in row.answer.statements)
    return (
        f"\n{row.gold.id} {row.gold.question}\n  answer {'right' if row.right else 'WRONG'}, "
        f"warned {row.warned}, disagreement {row.gold.disagreement}, confidence {row.answer.confidence:.2f}\n  {said}"
        + "".join(
            f"\n  {found.kind}: " + " <> ".join(side.claim for side in found.sides)
            for found in row.answer.disagreements
        )
    )


if __name__ == "__main__":
    sys.exit(main())
