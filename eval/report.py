"""Results to a folder: report.json, the rows of each suite as JSON lines, and a page with pictures.

The only file that imports matplotlib. A later run is compared with a saved report.json row by row.
"""

import html
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from eval.result import SEED, Curve, Figure, Result

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.9rem}
td,th{padding:.3rem .6rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}
td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.reached{color:#0a6b4b}.missed{color:#a33}.about{color:#555}svg{max-width:100%;height:auto}
details{margin:.5rem 0}
"""


def save(results: Sequence[Result], out: Path, *, title: str = "Counterpoint, measured") -> None:
    """Write the whole report into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    for result in results:
        lines = [json.dumps(row, ensure_ascii=False) for row in result.rows]
        (out / f"rows-{result.suite}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        if result.run:
            (out / f"{result.suite}.trec").write_text("".join(trec_lines(result.run)), encoding="utf-8")
    figures = {result.suite: [asdict(figure) for figure in result.figures] for result in results}
    (out / "report.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (out / "report.html").write_text(page(results, title), encoding="utf-8")


def trec_lines(run: Mapping[str, Mapping[str, float]], tag: str = "counterpoint") -> Iterator[str]:
    """A run as TREC writes it: query, Q0, document, rank, score, tag. Ids hold no white space."""
    for query, documents in run.items():
        for rank, (document, score) in enumerate(documents.items(), 1):
            yield f"{query} Q0 {document} {rank} {score:.6f} {tag}\n"


# -- text ---

MARKS = "<!-- measured: written by python -m eval run --readme -->", "<!-- end of measured -->"


def into_readme(results: Sequence[Result], readme: Path) -> None:
    """Replace what stands between the marks of a README by the figures that have a goal.

    Raises ValueError where the marks are missing.
    """
    text = readme.read_text(encoding="utf-8")
    before, start, rest = text.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not start or not end:
        raise ValueError(f"{readme} has no lines {MARKS[0]} and {MARKS[1]}: put them where the table belongs.")
    goals = [replace(result, figures=[f for f in result.figures if f.reached is not None]) for result in results]
    readme.write_text(f"{before}{start}\n\n{table(goals)}\n\n{end}{after}", encoding="utf-8")


def table(results: Iterable[Result]) -> str:
    """The figures as a Markdown table, for the terminal and the README."""
    lines = ["| suite | figure | value | 95% interval | n | target |", "|---|---|---|---|---|---|"]
    for result in results:
        for f in result.figures:
            lines.append(f"| {result.suite} | {f.name} | {number(f.value)} | {spread(f)} | {f.n:,} | {target(f)} |")
    return "\n".join(lines)


def number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.0f}"


def spread(f: Figure) -> str:
    return f"{number(f.low)} to {number(f.high)}"


def target(f: Figure) -> str:
    """What a figure should reach, and whether it does."""
    if f.reached is None:
        return ""
    goal = f"at least {f.least}" if f.least is not None else f"at most {f.most}"
    return f"{goal}: {'reached' if f.reached else 'missed'}"


# -- comparison ---


def losses(results: Iterable[Result], baseline: Path) -> Iterator[str]:
    """One line for each figure that is worse than the saved report's by more than both their spreads allow.

    Raises ValueError when the baseline is no report.
    """
    try:
        saved = json.loads(baseline.read_text(encoding="utf-8"))
        before = {(suite, f["name"]): Figure(**f) for suite, figures in saved.items() for f in figures}
    except (OSError, json.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{baseline} is no saved report.json ({error}): make one with python -m eval run.") from error
    for result in results:
        for now in result.figures:
            then = before.get((result.suite, now.name))
            if then and _is_loss(then, now):
                yield f"{result.suite}: {now.name} was {number(then.value)}, is {number(now.value)}"


def _is_loss(then: Figure, now: Figure) -> bool:
    """Whether a change for the worse is larger than 1.96 standard errors of the difference."""
    errors = math.hypot(then.high - then.low, now.high - now.low) / (2 * 1.96)
    worse = now.value - then.value if now.most is not None else then.value - now.value
    return worse > 1.96 * errors + 1e-9


# -- page ---


def page(results: Sequence[Result], title: str) -> str:
    """One page that needs no other file."""
    parts = [f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>"]
    parts.append(f"<h1>{html.escape(title)}</h1>")
    for result in results:
        parts += [f"<h2>{html.escape(result.suite)}</h2>", f"<p class=about>{html.escape(result.about)}</p>"]
        parts += [_figures(result.figures), *map(picture, result.curves), *_worst(result.worst)]
    return "\n".join(parts) + "\n"


def _figures(figures: Sequence[Figure]) -> str:
    rows = []
    for f in figures:
        first = "" if f.first is None else number(f.first)
        mark = {None: "", True: "reached", False: "missed"}[f.reached]
        numbers = "".join(f"<td class=number>{text}</td>" for text in (number(f.value), spread(f), f"{f.n:,}", first))
        rows.append(f"<tr><td>{html.escape(f.name)}</td>{numbers}<td class={mark or 'none'}>{target(f)}</td></tr>")
    head = "<tr><th>figure<th>value<th>95% interval<th>n<th>first attempt<th>target</tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _worst(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    if rows:
        names = list(dict.fromkeys(name for row in rows for name in row))
        head = "".join(f"<th>{html.escape(name)}" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(row.get(name, '')))}</td>" for name in names) + "</tr>"
            for row in rows
        )
        yield f"<details><summary>What went wrong ({len(rows)})</summary><table><tr>{head}</tr>{body}</table></details>"


def picture(curve: Curve) -> str:
    """A curve as SVG."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = str(SEED)
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.4, 4))
    for name, (x, y) in curve.lines.items():
        axes.plot(x, y, label=name, marker="o" if len(x) <= 12 else None)
    if curve.diagonal:
        axes.plot([0, 1], [0, 1], color="#999", linestyle=":")
    axes.set(title=curve.title, xlabel=curve.x, ylabel=curve.y)
    axes.legend()
    axes.grid(alpha=0.3)
    text = io.StringIO()
    drawing.savefig(text, format="svg", metadata={"Date": None})
    pyplot.close(drawing)
    return text.getvalue()[text.getvalue().index("<svg") :]
