"""python -m eval: how well questions are answered and sources compared."""

import argparse
import json
import sys
from pathlib import Path

from tqdm import tqdm

from eval.bench import bench, report
from eval.gold import DEMONSTRATION, Row, gold_figures, read_gold, run
from eval.own import own_suite
from eval.report import into_readme, losses, save, table
from eval.suites import SUITES
from index.embed import PackagedEmbedder
from index.errors import CounterpointError
from rag import RAG
from rag.judge import named_judge, packaged_judge
from rag.pipeline import DEFAULT_INDEX


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (CounterpointError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure answers and warnings.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    suites = commands.add_parser("run", help="suites over public data sets, to a report with pictures")
    suites.add_argument("--suite", nargs="+", choices=SUITES, default=list(SUITES), metavar="NAME",
                        help=f"which to run: {', '.join(SUITES)} (default: all)")  # fmt: skip
    suites.add_argument("--data", type=Path, default=Path("data"), help="folder of the data sets (default: data)")
    suites.add_argument("--out", type=Path, default=Path("reports"), help="folder for the report (default: reports)")
    suites.add_argument("--baseline", type=Path, help="a saved report.json; exit 1 when a figure is surely worse")
    suites.add_argument("--readme", type=Path, help="also write the figures that have a goal into this file's table")
    suites.add_argument("--judge", metavar="NAME", help="a CrossEncoder by name or path instead of the packaged judge")
    suites.set_defaults(command=run_suites)

    own = commands.add_parser("my", help="a folder of your own, without labels: questions made from its sentences")
    own.add_argument("folder", type=Path)
    own.add_argument("--out", type=Path, default=Path("reports/my"), help="folder for the report (default: reports/my)")
    own.set_defaults(command=run_own)

    gold = commands.add_parser("gold", help="the questions of a gold file")
    gold.add_argument("gold", nargs="?", type=Path, default=DEMONSTRATION, help="default: the demonstration corpus's")
    where = gold.add_mutually_exclusive_group()
    where.add_argument("--index", type=Path, default=DEFAULT_INDEX, help=f"an index (default: {DEFAULT_INDEX})")
    where.add_argument("--documents", type=Path, help="make a temporary index of this folder instead")
    gold.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    gold.add_argument("--wrong", action="store_true", help="also list the questions that went wrong")
    gold.set_defaults(command=run_gold)

    speed = commands.add_parser("bench", help="speed, memory and size, beside LangChain, txtai and Haystack")
    speed.add_argument("--data", type=Path, default=Path("data"), help="folder of the data sets (default: data)")
    speed.add_argument("--out", type=Path, default=Path("reports/bench"), help="folder for what is made and measured")
    speed.add_argument("--sizes", type=int, nargs="+", default=[1_000, 5_000, 100_000, 1_000_000], metavar="N",
                       help="how many passages to ask among (default: 1000 5000 100000 1000000)")  # fmt: skip
    speed.add_argument("--peers", metavar="PYTHON", help="an interpreter that has the extra bench; default: no peers")
    speed.add_argument("--questions", type=int, default=100, metavar="N", help="for each step and size (default: 100)")
    speed.set_defaults(command=run_bench)
    return parser


def run_bench(options: argparse.Namespace) -> int:
    """Measure Counterpoint and its peers, and print the report."""
    print(report(bench(options.data, options.out, options.sizes, options.peers, options.questions)))
    return 0


def run_suites(options: argparse.Namespace) -> int:
    """Run suites, save the report, print its table, and compare it with a saved one."""
    judge = named_judge(options.judge) if options.judge else packaged_judge()
    embedder = PackagedEmbedder()
    results = []
    for name in tqdm(options.suite, desc="Suites", unit="suite"):
        results.append(SUITES[name](options.data, judge, embedder))
        save(results, options.out)  # after each, so that a long run that is cut short leaves what it found
    worse = list(losses(results, options.baseline)) if options.baseline else []
    if options.readme:
        into_readme(results, options.readme)
    print(table(results))
    print(f"Report: {options.out / 'report.html'}", file=sys.stderr)
    print(*worse, sep="\n", end="\n" if worse else "", file=sys.stderr)
    return 1 if worse else 0


def run_own(options: argparse.Namespace) -> int:
    """Make questions from a folder's sentences, ask them, and save the report."""
    result = own_suite(options.folder)
    save([result], options.out, title=f"{options.folder.name}, measured")
    print(table([result]))
    print(f"Report: {options.out / 'report.html'}", file=sys.stderr)
    return 0


def run_gold(options: argparse.Namespace) -> int:
    """Ask the questions of a gold file and print how the answers did."""
    gold = read_gold(options.gold)
    rag = RAG.from_folder(options.documents) if options.documents else RAG.open(options.index)
    rows = run(rag, tqdm(gold, desc="Asking", unit="question"))
    figures = gold_figures(rows, rag)
    if options.json:
        print(json.dumps({found.name: {"value": found.value, "of": found.n} for found in figures}, indent=1))
        return 0
    for found in figures:
        print(f"{found.name:<42} {found.value:8.3f}  (of {found.n})")
    if options.wrong:
        wrong = (row for row in rows if not row.right or row.warned != row.gold.disagreement)
        print(*map(_wrong, wrong), sep="\n")
    return 0


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
