"""Reads files in a process of its own, so that a file costs at most its limits of time and memory.

A reader that hangs, crashes or runs out of memory takes that process along and nothing else; the next file gets a
new one. Starting one takes half a second, once for a sync that has something to read. Documents come back as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any, TextIO

from index.errors import Unreadable
from index.read import read
from index.types import Block, Document

SECONDS = 30.0
"""How long one file may take to read."""
MEGABYTES = 768
"""How much memory one file may take to read."""
SERVE = "from index.apart import serve; serve()"


class Reader:
    """Reads files, one after the other, in a process that it starts when it first needs it."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None
        self._asked: list[Path] = []  # what the process has been sent and has not answered
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._errors.close()

    def read(self, path: Path, *, root: Path, then: Path | None = None) -> list[Document]:
        """The documents that a file holds. Raises Unreadable with the reason.

        ``then`` is the file that will be asked for next: it is read while the caller uses the documents of this one.
        """
        if self._asked and path not in self._asked:
            self._stop()  # it would answer for another file
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        late = Timer(self._seconds, process.kill)
        late.start()
        try:
            new = [asked for asked in (path, then) if asked and asked not in self._asked]
            process.stdin.writelines(json.dumps([str(asked), str(root)]) + "\n" for asked in new)
            process.stdin.flush()
            self._asked = [then] if then else []
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timed_out = not late.is_alive()
            late.cancel()
        if not line.endswith("\n"):
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)  # it may still be saying why
            self._stop()
            raise Unreadable(self._cause(timed_out))
        said = json.loads(line)
        if "reason" in said:
            raise Unreadable(said["reason"])
        return [_document(fields) for fields in said["documents"]]

    def _start(self) -> subprocess.Popen[str]:
        self._errors.seek(0)
        self._errors.truncate()
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert self._process.stdout
        self._process.stdout.readline()  # it is ready: its start counts for no file
        return self._process

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None
            self._asked = []

    def _cause(self, timed_out: bool) -> str:
        if timed_out:
            return f"reading it takes longer than {self._seconds:g} seconds; split it or save it in another format"
        self._errors.seek(0)
        last = self._errors.read().strip().rpartition("\n")[2]
        if "MemoryError" in last or "bad_alloc" in last:
            return TOO_LARGE
        return f"its reader broke down{f' ({last[:200]})' if last else ''}; save it in another format"


TOO_LARGE = f"reading it takes more than {MEGABYTES} MB of memory; split it"


def _document(fields: dict[str, Any]) -> Document:
    lists = {name: tuple(fields[name]) for name in ("authors", "pages")}
    return Document(**{**fields, **lists, "blocks": tuple(Block(*block) for block in fields["blocks"])})


# -- the other process ---


def serve() -> None:
    """Answer each line of standard input, ``[path, root]``, with a line of documents or with the reason."""
    with _only_answers() as answers:
        print("ready", file=answers, flush=True)
        for line in sys.stdin:
            path, root = json.loads(line)
            _limit(MEGABYTES * 1_000_000)
            print(json.dumps(_answer(Path(path), Path(root))), file=answers, flush=True)


@contextmanager
def _only_answers() -> Iterator[TextIO]:
    """Standard output for answers alone: whatever a library prints goes to the errors."""
    with os.fdopen(os.dup(1), "w", encoding="ascii") as answers:
        os.dup2(2, 1)
        yield answers


def _answer(path: Path, root: Path) -> dict[str, Any]:
    try:
        documents = read(path, root=root)
    except MemoryError:
        return {"reason": TOO_LARGE}
    except (Unreadable, OSError, RecursionError, ValueError) as error:
        # a reader's library may raise any of these on a broken file
        return {"reason": str(error) or type(error).__name__}
    return {"documents": [_fields(document) for document in documents]}


def _fields(document: Document) -> dict[str, Any]:
    blocks = [(block.start, block.end, block.kind) for block in document.blocks]
    return {name: getattr(document, name) for name in Document.__dataclass_fields__} | {"blocks": blocks}


def _limit(memory: int) -> None:
    """Let this process take so many bytes more than nothing, and die with a file that its parent left behind."""
    try:
        import resource
    except ImportError:  # a system without limits: the parent's clock is the only one
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.RLIM_INFINITY))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + 2 * SECONDS) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
