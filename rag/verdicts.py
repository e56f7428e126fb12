"""What readers made of warnings: confirmed or dismissed, kept beside the index and never touched by a sync.

One JSON object a line, the latest for a warning counts. A warning is known by what its two sides say first, so a
choice holds for every question that meets the same two sentences. Who chose, and what was asked, is not kept.
"""

import hashlib
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rag.types import Answer, Citation, Disagreement

Choice = Literal["confirmed", "dismissed"]
CHOICES: dict[str, Choice] = {"confirmed": "confirmed", "dismissed": "dismissed"}
FILE = "verdicts.jsonl"


def key(answer: Answer, found: Disagreement) -> str:
    """A warning's key: the hash of the sentences that its sides lead with, in whichever order."""
    said = sorted(f"{citation.document}\x1f{citation.quote}" for citation in _leading(answer, found))
    return hashlib.sha256("\x1e".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _leading(answer: Answer, found: Disagreement) -> list[Citation]:
    by_number = {citation.number: citation for citation in answer.citations}
    return [by_number[side.citations[0]] for side in found.sides if side.citations and side.citations[0] in by_number]


class Verdicts:
    """The choices kept in a folder. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._rows = self._read()

    def _read(self) -> list[dict[str, Any]]:
        """The rows on disk; a last line that was cut short by a crash is passed over."""
        if not self._file.exists():
            return []
        rows = []
        for line in self._file.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return [row for row in rows if isinstance(row, dict) and isinstance(row.get("warning"), str)]

    @property
    def choices(self) -> dict[str, Choice]:
        """The latest choice for each warning that has one."""
        latest = {row["warning"]: row.get("choice") for row in self._rows}
        return {warning: CHOICES[choice] for warning, choice in latest.items() if choice in CHOICES}

    def put(self, answer: Answer, found: Disagreement, choice: Choice | None) -> None:
        """Keep what a reader made of a warning; None takes an earlier choice back."""
        row = {
            "warning": key(answer, found),
            "choice": choice,
            "kind": found.kind,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "sides": [{"document": c.document, "quote": c.quote} for c in _leading(answer, found)],
        }
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            if file.tell() and not self._file.read_bytes().endswith(b"\n"):
                file.write("\n")
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            self._rows.append(row)

    def export(self) -> str:
        """The latest row of every warning that has a choice, one JSON object a line."""
        latest = {row["warning"]: row for row in self._rows if row.get("choice")}
        kept = self.choices
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for at, row in latest.items() if at in kept)
