"""The real program served for a test or a script, and a visitor who uses it in a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn

import app
from rag.conversation import Desk
from rag.guard import Guard
from rag.library import Library

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "screenshots"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
DESKTOP = {"width": 1200, "height": 850}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
STARTED_WITHIN = 180  # seconds: the documents are indexed first
SHOWN_WITHIN = 60_000  # milliseconds: the first question may wait for the models


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Program(NamedTuple):
    """A program that is running."""

    address: str
    log: Path
    pid: int


@contextmanager
def running(place: Path, *options: object) -> Iterator[Program]:
    """The program with these options, its index and log in ``place``."""
    port = free_port()
    command = [sys.executable, "app.py", "--index", place / "index", "--port", str(port), *map(str, options)]
    log = place / "log"
    with log.open("w") as stderr, subprocess.Popen(command, cwd=ROOT, stderr=stderr) as program:
        try:
            until = time.monotonic() + STARTED_WITHIN
            while "is ready at" not in log.read_text():
                assert program.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.2)
            yield Program(f"http://127.0.0.1:{port}", log, program.pid)
        finally:
            program.terminate()
    assert "Traceback" not in log.read_text(), log.read_text()


@contextmanager
def serving(documents: Path, place: Path, *options: object) -> Iterator[str]:
    """The address of the program over a folder."""
    with running(place, "--documents", documents, *options) as program:
        yield program.address


@contextmanager
def serving_desk(desk: Desk) -> Iterator[str]:
    """The address of the page over a desk of this process: for states that the packaged models do not come to."""
    port = free_port()
    page = Guard(app.build_app(desk, Library(desk.rag.index)))
    server = uvicorn.Server(uvicorn.Config(page, port=port, log_level="warning", timeout_graceful_shutdown=1))
    with ThreadPoolExecutor(1) as thread:
        thread.submit(server.run)
        try:
            while not server.started:
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium; a test is skipped without one, except where tests run on their own."""
    sync_api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Chromium is not installed: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One visitor with a browser context of their own; every request and script error is remembered."""

    def __init__(self, browser: Any, address: str, path: str = "", **options: Any) -> None:
        self.address = address
        self.context = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **options})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.asked = 0
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.expected_dialog = ""
        self.page.goto(f"{address}/{path}")
        self.box.wait_for()
        self.page.locator("#cp-library p").wait_for()  # the first answer of the server: the page is alive

    def _dialog(self, dialog: Any) -> None:
        """A dialog that a test expects is accepted; any other is a script that ran."""
        if self.expected_dialog and self.expected_dialog in dialog.message:
            dialog.accept()
        else:
            self.errors.append(dialog.message)
            dialog.dismiss()

    @property
    def box(self) -> Any:
        return self.page.get_by_label("Your question")

    @property
    def turn(self) -> Any:
        """The newest turn."""
        return self.page.locator(f"#cp-{self.asked}")

    @property
    def opened(self) -> Any:
        """The passage that is open."""
        return self.page.locator(".cp-passage:popover-open")

    def ask(self, question: str) -> Any:
        self.box.fill(question)
        self.box.press("Enter")
        return self.settled()

    def settled(self) -> Any:
        """The newest turn, once its answer and its check are there."""
        self.asked += 1
        try:
            self.turn.locator(".cp-statement, .cp-message").first.wait_for(timeout=SHOWN_WITHIN)
            self.turn.locator(".cp-busy").wait_for(state="detached", timeout=SHOWN_WITHIN)
        except Exception:
            self.keep("not-settled")
            raise
        return self.turn

    def show_documents(self) -> Any:
        """The list of documents."""
        self.page.get_by_role("tab", name="Documents").click()
        table = self.page.locator(".cp-documents")
        table.wait_for()
        return table

    def take(self, form: str) -> str:
        """The text of a file that the conversation is saved to."""
        self.page.get_by_role("button", name="Save").click()
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=form, exact=True).click()
        return Path(download.value.path()).read_text(encoding="utf-8")

    def keep(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def leave(self) -> None:
        """Close the browser window; no request left the machine, no script failed."""
        self.context.close()
        outside = [url for url in self.requests if not url.startswith((self.address, "data:", "blob:"))]
        assert len(self.requests) > 10
        assert outside == []
        assert self.errors == []
