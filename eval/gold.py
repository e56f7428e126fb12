"""A gold file: questions with what a right answer cites, says, and warns of.

One JSON object per line; ``eval/gold/README.md`` says what each field means.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from eval.result import Result, figure, share_figure
from index.embed import Embedder
from index.errors import CounterpointError
from rag import RAG, Answer
from rag.judge import Judge

DOCUMENTS = Path(__file__).parents[1] / "documents"
DEMONSTRATION = Path(__file__).parent / "gold" / "demonstration.jsonl"


class BadGold(CounterpointError, ValueError):
    """A gold file that cannot be read."""


@dataclass(frozen=True, slots=True)
class Gold:
    """One question and what is right for it."""

    id: str
    group: str
    form: str
    question: str
    answerable: bool
    topic: str
    documents: list[str]
    words: list[list[str]]
    disagreement: bool
    note: str | None


def read_gold(path: Path) -> list[Gold]:
    """The questions of a gold file. Raises BadGold with the line that is wrong."""
    if not path.is_file():
        raise BadGold(f"There is no gold file {path}: name one, or use the packaged {DEMONSTRATION.name}.")
    names = {field.name for field in fields(Gold)}
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Gold(**json.loads(line)))
        except (json.JSONDecodeError, TypeError) as error:
            raise BadGold(f"{path}, line {number}: one JSON object with {', '.join(sorted(names))}: {error}") from error
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """One question asked: what was expected and what came."""

    gold: Gold
    answer: Answer

    @property
    def cites_expected(self) -> bool:
        return any(citation.source in self.gold.documents for citation in self.answer.citations)

    @property
    def says_expected(self) -> bool:
        said = " ".join(s.text for s in self.answer.statements).lower()
        return all(any(word.lower() in said for word in alternatives) for alternatives in self.gold.words)

    @property
    def right(self) -> bool:
        """An answer with an expected document and every expected word, or none where there is none."""
        if not self.gold.answerable:
            return not self.answer.statements
        return bool(self.answer.statements) and self.cites_expected and self.says_expected

    @property
    def warned(self) -> bool:
        return self.answer.status == "disputed"


def run(rag: RAG, questions: Iterable[Gold]) -> list[Row]:
    """Ask every question."""
    return [Row(gold, rag.ask(gold.question)) for gold in questions]


@dataclass(frozen=True, slots=True)
class Measure:
    """A share with what it is a share of."""

    name: str
    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else float("nan")


def measures(rows: Sequence[Row], rag: RAG) -> list[Measure]:
    """The figures of one run, each with its counts."""
    answerable = [row for row in rows if row.gold.answerable]
    unanswerable = [row for row in rows if not row.gold.answerable]
    disputed = [row for row in rows if row.gold.disagreement]
    warned = [row for row in rows if row.warned]
    agreed = [row for row in rows if not row.gold.disagreement]
    citations = [citation for row in rows for citation in row.answer.citations]
    return [
        _share("answered, of the answerable", answerable, lambda r: bool(r.answer.statements)),
        _share("right document and words", answerable, lambda r: r.right),
        *(
            _share(f"… {form}", [r for r in answerable if r.gold.form == form], lambda r: r.right)
            for form in dict.fromkeys(row.gold.form for row in answerable)
        ),
        _share("not answered, of the unanswerable", unanswerable, lambda r: r.right),
        *(
            _share(f"… {topic} topic", [r for r in unanswerable if r.gold.topic == topic], lambda r: r.right)
            for topic in ("on", "off")
        ),
        _share("warnings that are right (precision)", warned, lambda r: r.gold.disagreement),
        _share("disagreements warned of (recall)", disputed, lambda r: r.warned),
        _share("false warnings, of the agreed", agreed, lambda r: r.warned),
        _share("notes of scope or mixed findings shown", [r for r in rows if r.gold.note], _notes),
        Measure(
            "quotes that are verbatim",
            sum(_verbatim(rag, c.document, c.start, c.end, c.quote) for c in citations),
            len(citations),
        ),
    ]


def _share(name: str, rows: Sequence[Row], holds: Callable[[Row], bool]) -> Measure:
    return Measure(name, sum(map(holds, rows)), len(rows))


def _notes(row: Row) -> bool:
    return any(found.kind == row.gold.note for found in row.answer.disagreements)


def _verbatim(rag: RAG, document: str, start: int, end: int, quote: str) -> bool:
    return rag.index.document(document).text[start:end] == quote


def gold_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """The questions of the demonstration articles, whose weights and thresholds were chosen with them in view."""
    rag = RAG.from_folder(DOCUMENTS, embedder=embedder, judge=judge)
    rows = run(rag, read_gold(DEMONSTRATION))
    warned, disputed = np.array([row.warned for row in rows]), np.array([row.gold.disagreement for row in rows])
    answerable = [row for row in rows if row.gold.answerable]
    unanswerable = [row for row in rows if not row.gold.answerable]
    times = {name: [row.answer.timings_ms[name] for row in answerable] for name in ("retrieve", "compose", "disagree")}
    figures = [
        share_figure("right document and words", [row.right for row in answerable], least=0.95),
        share_figure("unanswerable, not answered", [row.right for row in unanswerable], least=0.90),
        share_figure("warnings that are right", disputed[warned], least=0.95),
        share_figure("disagreements warned of", warned[disputed], least=0.80),
        share_figure("false warnings", warned[~disputed], most=0.04),
        share_figure("notes of scope or mixed findings shown", [_notes(row) for row in rows if row.gold.note]),
        figure("median ms to the answer", median, np.add(times["retrieve"], times["compose"])),
        figure("median ms of the check", median, times["disagree"], most=300),
    ]
    found = [
        {"id": row.gold.id, "question": row.gold.question, "right": row.right, "warned": row.warned}
        | {"disputed": row.gold.disagreement, "answer": " / ".join(s.text for s in row.answer.statements)}
        for row in rows
    ]
    worst = [row for row in found if not row["right"] or row["warned"] != row["disputed"]]
    return Result("gold", gold_suite.__doc__ or "", figures, found, worst=worst)


def median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float("nan")
