"""The nouns of an answer: citation, statement, disagreement, answer."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from index import Hit

Status = Literal["answered", "disputed", "not_found"]
Check = Literal["done", "not_checked"]
Stance = Literal["supports", "mixed", "refutes"]
Kind = Literal["direction", "negation", "quantity", "certainty", "stance", "scope", "mixed"]

Outcome = Literal["shown", "weaker", "repeats", "no_number", "full", "unread"]

NOTES: frozenset[Kind] = frozenset({"scope", "mixed"})
"""Kinds that both may hold: shown quietly, and no reason to call an answer disputed."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote with its place: ``document.text[start:end] == quote``, always."""

    number: int
    document: str
    title: str
    source: str
    page: int | None
    quote: str
    start: int
    end: int
    authors: tuple[str, ...] = ()
    date: str = ""
    url: str = ""
    doi: str = ""
    kind: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, in a document's own words; ``citations`` are citation numbers."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a disagreement claims, and the citations that say so."""

    claim: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Claims that cannot both hold, or, for the kinds in ``NOTES``, that only look so."""

    kind: Kind
    summary: str
    confidence: float
    sides: tuple[Side, ...]

    @property
    def is_note(self) -> bool:
        return self.kind in NOTES


@dataclass(frozen=True, slots=True)
class DocumentStance:
    """Where one document stands towards a yes/no question or a claim, and the citations that say so."""

    document: str
    stance: Stance
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A document that comes near a question it does not answer."""

    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage that was read: its likeliest sentence, that one's rank among all, and what came of it."""

    hit: Hit
    title: str
    best: str
    rank: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say to a question; no statement is a normal answer: not found.

    ``query`` is the question as it was searched: a follow-up resolved, misspellings put right.
    ``confidence`` is the probability that the documents answer it. ``documents`` are the ids of those that it was
    limited to, empty for all. ``considered`` says for each hit what came of it.
    """

    question: str
    query: str
    confidence: float
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    disagreement_check: Check = "not_checked"
    stances: tuple[DocumentStance, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict, compare=False)
    hits: tuple[Hit, ...] = ()
    documents: tuple[str, ...] = ()
    considered: tuple[Considered, ...] = field(default=(), compare=False)

    @property
    def status(self) -> Status:
        if not self.statements:
            return "not_found"
        return "answered" if all(found.is_note for found in self.disagreements) else "disputed"

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract; hits, and what came of each, stay behind."""
        return {
            "question": self.question,
            "query": self.query,
            "documents": list(self.documents),
            "status": self.status,
            "confidence": round(self.confidence, 4),
            "statements": [_plain(statement) for statement in self.statements],
            "citations": [_plain(citation) for citation in self.citations],
            "disagreements": [_plain(disagreement) for disagreement in self.disagreements],
            "disagreement_check": self.disagreement_check,
            "stances": [_plain(stance) for stance in self.stances],
            "nearest": [_plain(nearest) for nearest in self.nearest],
            "timings_ms": self.timings_ms,
        }


def _plain(value: Any) -> dict[str, Any]:
    """Tuples become lists, as they would on the way through JSON."""
    return {name: _listed(part) for name, part in asdict(value).items()}


def _listed(part: Any) -> Any:
    if isinstance(part, list | tuple):
        return [_listed(item) for item in part]
    return {name: _listed(item) for name, item in part.items()} if isinstance(part, dict) else part
