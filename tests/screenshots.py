"""The README's pictures, taken of the real page over the demonstration documents: python tests/screenshots.py

Writes them into the folder named, by default ``tests/pictures``.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from browser import PHONE, ROOT, Visitor, chromium, serving

RILUZOLE = "What does riluzole do to glutamate release?"


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


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "pictures"
    folder.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        serving(ROOT / "documents", Path(place)) as address,
        chromium() as browser,
    ):
        take(browser, address, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
