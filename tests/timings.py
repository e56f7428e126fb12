"""How long the page takes beyond the pipeline, in a real browser: python tests/timings.py [--visits 9]

Serves the demonstration documents with the real program, visits it as a new visitor again and again, and prints the
medians of: opening it until it can be used; each interaction from the key or click until its effect is painted.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from browser import ROOT, Visitor, chromium, serving

QUESTION = "What does riluzole do to glutamate release?"
WATCH = """() => {
  let began = 0;
  for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => { began = performance.now(); }, true);
  window.await_seen = (selector) => {
    window.seen = new Promise((resolve) => {
      const look = () => document.querySelector(selector)
        ? setTimeout(() => resolve(performance.now() - began)) : requestAnimationFrame(look);
      requestAnimationFrame(look);
    });
  };
}"""

Times = dict[str, list[float]]
"""Milliseconds of each visit, by what was done."""


def timed(page: Any, act: Callable[[], object], selector: str) -> float:
    """Milliseconds from an act until something that was not there before is painted."""
    page.evaluate("selector => await_seen(selector)", selector)
    act()
    ms: float = page.evaluate("seen")
    return ms


def visit(browser: Any, address: str, times: Times) -> None:
    start = time.perf_counter()
    visitor = Visitor(browser, address)
    times["opened, until it can be used"].append(1000 * (time.perf_counter() - start))
    page = visitor.page
    page.evaluate(WATCH)
    visitor.box.fill(QUESTION)
    times["question shown"].append(timed(page, lambda: visitor.box.press("Enter"), ".cp-turn"))
    visitor.settled()
    visitor.box.fill(QUESTION)
    took = timed(page, lambda: visitor.box.press("Enter"), "#cp-2 :is(.cp-alert, .cp-agreed)")
    turn = visitor.settled()
    steps = re.findall(r"([\d,]+) ms", turn.locator(".cp-why").evaluate("why => why.textContent"))
    times["question answered and checked, beyond the pipeline"].append(
        took - sum(int(ms.replace(",", "")) for ms in steps)
    )
    number, confirm = turn.locator(".cp-cite").first, turn.get_by_role("button", name="Confirm").first
    times["passage opened"].append(timed(page, number.click, ".cp-passage:popover-open"))
    page.keyboard.press("Escape")
    times["warning confirmed"].append(timed(page, confirm.click, "#cp-2 [data-choice='']"))
    turn.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Save").click()
    copy = page.get_by_role("button", name="Copy", exact=True)
    times["conversation copied"].append(timed(page, copy.click, ".cp-told"))
    tab, row = page.get_by_role("tab", name="Documents"), ".cp-documents input"
    times["documents listed"].append(timed(page, tab.click, row))
    times["limited to a document"].append(timed(page, page.locator(row).first.check, ".cp-limit"))
    visitor.leave()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/timings.py", description="Time the page in a real browser.")
    parser.add_argument("--visits", type=int, default=9)
    visits = parser.parse_args().visits
    times: Times = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as place,
        serving(ROOT / "documents", Path(place)) as address,
        chromium() as browser,
    ):
        visit(browser, address, defaultdict(list))  # the models are loaded
        for _ in range(visits):
            visit(browser, address, times)
    for what, ms in times.items():
        print(f"{what}: {statistics.median(ms):.0f} ms (highest of {visits}: {max(ms):.0f})")


if __name__ == "__main__":
    main()
