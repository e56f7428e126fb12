"""Measures against plain counting, and how a report keeps and compares them."""

import json
from pathlib import Path

import numpy as np
import pytest

from eval.answers import coverage, token_f1
from eval.report import MARKS, into_readme, losses, save, table
from eval.result import Curve, Figure, Result, figure, mean, share_figure
from rag.measure import auc, macro_f1, reliability

RNG = np.random.default_rng(1)


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    scores, truth = RNG.integers(0, 5, 60).astype(float), RNG.random(60) < 0.4
    order = [(s > t) + 0.5 * (s == t) for s in scores[truth] for t in scores[~truth]]
    assert auc(scores, truth) == pytest.approx(np.mean(order))
    assert np.isnan(auc(scores, np.zeros(60, bool)))


def test_macro_f1_counts_each_label_alike() -> None:
    assert macro_f1(np.array([0, 0, 1, 2]), np.array([0, 0, 1, 1])) == pytest.approx((1 + 2 / 3) / 2)


def test_reliability_bins_hold_every_row() -> None:
    points = reliability(np.array([0.05, 0.05, 0.95, 1.0]), np.array([False, True, True, True]))
    assert points == [(pytest.approx(0.05), 0.5, 2), (pytest.approx(0.975), 1.0, 2)]


def test_an_interval_holds_the_value_and_narrows_with_more_rows() -> None:
    few, many = (share_figure("x", RNG.random(n) < 0.5) for n in (40, 4_000))
    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 4


def test_rows_of_one_group_are_drawn_together() -> None:
    values, groups = np.repeat(RNG.random(10), 50), np.repeat(np.arange(10), 50)
    alone, together = figure("x", mean, values), figure("x", mean, values, groups=groups)
    assert together.high - together.low > 3 * (alone.high - alone.low)


@pytest.mark.parametrize(("least", "most", "reached"), [(0.5, None, True), (0.7, None, False), (None, 0.5, False)])
def test_a_figure_says_whether_its_goal_is_reached(least: float | None, most: float | None, reached: bool) -> None:
    assert Figure("x", 0.6, 0.5, 0.7, 10, least, most).reached is reached


def test_coverage_starts_with_the_surest() -> None:
    shares, right = coverage(np.array([0.9, 0.1, 0.5]), np.array([True, False, True]))
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])
    assert right == pytest.approx([1, 1, 2 / 3])
    assert token_f1("nothing shared", "Denmark") == 0


def test_a_report_is_saved_whole_and_compared(tmp_path: Path) -> None:
    figures = [Figure("hits", 0.8, 0.75, 0.85, 100, least=0.7), Figure("false <b>", 0.02, 0.01, 0.03, 100, most=0.03)]
    curve = Curve("A <curve>", "x", "y", {"one": ([0, 1], [1, 0])}, diagonal=True)
    result = Result(
        "demo", "About <it>.", figures, [{"id": 1}], [curve], [{"id": 1, "text": "<script>"}], {"q": {"d": 1}}
    )
    save([result], tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<svg" in page
    assert (tmp_path / "demo.trec").read_text() == "q Q0 d 1 1.000000 counterpoint\n"
    assert json.loads((tmp_path / "rows-demo.jsonl").read_text()) == {"id": 1}
    assert "| demo | hits | 0.800 | 0.750 to 0.850 | 100 | at least 0.7: reached |" in table([result])
    saved = tmp_path / "report.json"
    assert list(losses([result], saved)) == []
    worse = Result("demo", "", [Figure("hits", 0.6, 0.55, 0.65, 100, least=0.7)])
    assert list(losses([worse], saved)) == ["demo: hits was 0.800, is 0.600"]
    more = Result("demo", "", [Figure("false <b>", 0.2, 0.15, 0.25, 100, most=0.03)])
    assert list(losses([more], saved)) == ["demo: false <b> was 0.020, is 0.200"]


def test_the_table_of_a_readme_holds_the_figures_with_a_goal(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{MARKS[0]}\nold\n{MARKS[1]}\nafter\n")
    figures = [Figure("hits", 0.8, 0.75, 0.85, 1_000, least=0.9), Figure("aside", 0.1, 0, 0.2, 10)]
    into_readme([Result("demo", "", figures)], readme)
    row = "| demo | hits | 0.800 | 0.750 to 0.850 | 1,000 | at least 0.9: missed |"
    head = "| suite | figure | value | 95% interval | n | target |\n|---|---|---|---|---|---|"
    assert readme.read_text() == f"before\n{MARKS[0]}\n\n{head}\n{row}\n\n{MARKS[1]}\nafter\n"
    readme.write_text("nothing")
    with pytest.raises(ValueError, match="put them where the table belongs"):
        into_readme([], readme)


def test_what_is_no_report_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1]")
    with pytest.raises(ValueError, match="is no saved report.json"):
        list(losses([], tmp_path / "x.json"))
