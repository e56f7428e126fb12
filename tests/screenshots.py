"""The README's pictures, taken of the real page over the demonstration documents: python tests/screenshots.py

Writes them into the folder named, by default ``tests/pictures``; prints how long the page took to be usable and how
long each interaction took beyond the pipeline's own time (medians).
"""

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from browser import PHONE, ROOT, Visitor, chromium, serving

RILUZOLE = "What does riluzole do to glutamate release?"
TIMES = 7


def take(browser: Any, address: str, folder: Path) -> None:
    """An answer with its warning, a passage, the documents; on a phone in the dark."""
    visitor = Visitor(browser, address, viewport={"width": 1100, "height": 1000})
    visitor.ask(RILUZOLE)
    shoot(visitor, folder / "answer.png")
    visitor.turn.locator(".cp-cite").first.click()
    shoot(visitor, folder / "passage.png")
    visitor.page.keyboard.press("Escape")
    visitor.show_documents()
    shoot(visitor, folder / "documents.png")
    visitor.leave()
    phone = Visitor(browser, address, color_scheme="dark", **PHONE)
    phone.ask(RILUZOLE)
    shoot(phone, folder / "phone.png")
    phone.leave()


def shoot(visitor: Visitor, path: Path) -> None:
    visitor.page.wait_for_timeout(400)
    visitor.page.screenshot(path=path)


def measure(browser: Any, address: str) -> None:
    """Print milliseconds: until the page is usable, and of each interaction beyond the pipeline."""
    loads: list[float] = []
    beyond: list[float] = []
    steps: dict[str, list[float]] = {"open a passage": [], "show the documents": [], "limit to a document": []}
    for _ in range(TIMES):
        start = time.perf_counter()
        visitor = Visitor(browser, address)
        loads.append(time.perf_counter() - start)
        start = time.perf_counter()
        visitor.box.fill(RILUZOLE)
        visitor.box.press("Enter")
        visitor.settled()
        took = time.perf_counter() - start
        pipeline = visitor.turn.locator(".cp-why").evaluate("why => why.textContent")
        spent = sum(int(ms.replace(",", "")) for ms in re.findall(r"([\d,]+) ms", pipeline)) / 1000
        beyond.append(took - spent)
        page = visitor.page
        steps["open a passage"].append(timed(visitor.turn.locator(".cp-cite").first.click, visitor.opened.wait_for))
        page.keyboard.press("Escape")
        steps["show the documents"].append(
            timed(page.get_by_role("tab", name="Documents").click, page.locator(".cp-documents").wait_for)
        )
        box = page.locator(".cp-documents input").first
        limited = page.locator(".cp-limit")
        steps["limit to a document"].append(
            timed(box.check, lambda limited=limited: limited.wait_for(state="attached"))
        )
        visitor.leave()
    print(f"usable after {1000 * statistics.median(loads):.0f} ms (browser context made anew)")
    print(f"question to checked answer, beyond the pipeline: {1000 * statistics.median(beyond):.0f} ms")
    for step, seconds in steps.items():
        print(f"{step}: {1000 * statistics.median(seconds):.0f} ms")


def timed(act: Callable[[], object], seen: Callable[[], object]) -> float:
    """Seconds from an act until what it causes is seen."""
    start = time.perf_counter()
    act()
    seen()
    return time.perf_counter() - start


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "pictures"
    folder.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        serving(ROOT / "documents", Path(place)) as address,
        chromium() as browser,
    ):
        take(browser, address, folder)
        measure(browser, address)
    return 0


if __name__ == "__main__":
    sys.exit(main())
