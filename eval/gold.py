"""A gold file: questions with what a right answer cites, says, and warns of.

One JSON object per line; ``eval/gold/README.md`` says what each field means.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from eval.result import Figure, Result, figure, share_figure
from index.embed import Embedder
from index.errors import CounterpointError
from rag import RAG, Answer
from rag.judge import Judge
from rag.measure import auc
from rag.types import Citation

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
    """One question asked: what was expected, what came, and what comes where the expected documents are left out."""

    gold: Gold
    answer: Answer
    without: Answer | None = None

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
    """Ask every question, and those that have an answer again without the documents that hold it."""
    sources = {id: rag.index.document(id).source for id in rag.index.titles()}
    return [Row(gold, rag.ask(gold.question), _without(rag, gold, sources)) for gold in questions]


def _without(rag: RAG, gold: Gold, sources: Mapping[str, str]) -> Answer | None:
    rest = [id for id, source in sources.items() if source not in gold.documents]
    return rag.answer(gold.question, documents=rest) if gold.answerable and rest else None


def gold_figures(rows: Sequence[Row], rag: RAG) -> list[Figure]:
    """The figures of one run, with what the demonstration corpus is to reach."""
    can, cannot = ([row for row in rows if row.gold.answerable == which] for which in (True, False))
    left_out = [(row.answer, row.without) for row in can if row.without]
    warned, disputed = np.array([row.warned for row in rows]), np.array([row.gold.disagreement for row in rows])
    spent = {name: [row.answer.timings_ms[name] for row in can] for name in ("retrieve", "compose", "disagree")}
    return [
        share_figure("answered, of the answerable", [bool(row.answer.statements) for row in can]),
        share_figure("right document and words", [row.right for row in can], least=0.95),
        *(
            share_figure(f"… {form}", [row.right for row in can if row.gold.form == form])
            for form in dict.fromkeys(row.gold.form for row in can)
        ),
        share_figure("unanswerable, not answered", [row.right for row in cannot], least=0.90),
        *(
            share_figure(f"… {topic} topic", [row.right for row in cannot if row.gold.topic == topic])
            for topic in ("on", "off")
        ),
        share_figure("its documents left out, not answered", [not answer.statements for _, answer in left_out]),
        figure(
            "AUROC of the confidence, with or without its documents",
            auc,
            np.array([answer.confidence for pair in left_out for answer in pair]),
            np.array([True, False] * len(left_out), bool),
        ),
        share_figure("warnings that are right", disputed[warned], least=0.95),
        share_figure("disagreements warned of", warned[disputed], least=0.80),
        share_figure("false warnings", warned[~disputed], most=0.04),
        share_figure("notes of scope or mixed findings shown", [_notes(row) for row in rows if row.gold.note]),
        share_figure("quotes that are verbatim", [_verbatim(rag, c) for row in rows for c in row.answer.citations]),
        figure("median ms to the answer", median, np.add(spent["retrieve"], spent["compose"])),
        figure("median ms of the check", median, spent["disagree"], most=300),
    ]


def _notes(row: Row) -> bool:
    return any(found.kind == row.gold.note for found in row.answer.disagreements)


def _verbatim(rag: RAG, citation: Citation) -> bool:
    return rag.index.document(citation.document).text[citation.start : citation.end] == citation.quote


def gold_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """The questions of the demonstration articles, whose thresholds were chosen with them in view."""
    rag = RAG.from_folder(DOCUMENTS, embedder=embedder, judge=judge)
    rows = run(rag, read_gold(DEMONSTRATION))
    found = [
        {"id": row.gold.id, "question": row.gold.question, "right": row.right, "warned": row.warned}
        | {"disputed": row.gold.disagreement, "answer": " / ".join(s.text for s in row.answer.statements)}
        for row in rows
    ]
    worst = [row for row in found if not row["right"] or row["warned"] != row["disputed"]]
    return Result("gold", gold_suite.__doc__ or "", gold_figures(rows, rag), found, worst=worst)


def median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float("nan")
