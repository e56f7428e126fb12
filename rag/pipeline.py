"""Question to answer: retrieve, compose, and look for sources that disagree."""

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from index import Hit, Index
from index.embed import Embedder
from index.errors import BadQuestion, ModelMissing
from rag import question as asked
from rag.cite import Citations
from rag.compose import Candidate, candidates, choose, confidence, score
from rag.disagree import find_disagreements
from rag.explain import consider
from rag.judge import Judge, Ranker, packaged_judge, packaged_ranker
from rag.retrieve import retrieve
from rag.types import Answer, Nearest, Statement

log = logging.getLogger(__name__)

DEFAULT_INDEX = Path(".counterpoint/documents")
NEAREST = 3
JUDGE_FAILS = (ModelMissing, OSError, RuntimeError)


class RAG:
    """Answers questions from one index. Safe to share between threads.

    >>> rag = RAG.from_texts({"leaflet": "Riluzole reduces the release of glutamate from nerve cells."})
    >>> rag.ask("What does riluzole do?").statements[0].text
    'Riluzole reduces the release of glutamate from nerve cells.'
    """

    def __init__(self, index: Index, *, ranker: Ranker | None = None, judge: Judge | None = None) -> None:
        self.index = index
        self.ranker = ranker or packaged_ranker()
        self.judge = judge or packaged_judge()

    @classmethod
    def open(
        cls,
        index: str | Path = DEFAULT_INDEX,
        *,
        embedder: Embedder | None = None,
        judge: Judge | None = None,
        store: str | None = None,
    ) -> "RAG":
        """Over an index on disk, searched in the store at an address, by default on this machine.

        Raises IndexMissing, IndexDamaged, IndexMismatch, StoreMissing.
        """
        return cls(Index.open(index, embedder=embedder, store=store), judge=judge)

    @classmethod
    def from_folder(cls, folder: str | Path, *, embedder: Embedder | None = None, judge: Judge | None = None) -> "RAG":
        """Over a temporary index of a folder's files."""
        return cls(Index.from_folder(folder, embedder=embedder), judge=judge)

    @classmethod
    def from_texts(
        cls, texts: Mapping[str, str], *, embedder: Embedder | None = None, judge: Judge | None = None
    ) -> "RAG":
        """Over a temporary index of texts by id; citations count in the texts as given."""
        return cls(Index.from_texts(texts, embedder=embedder), judge=judge)

    def retrieve(self, question: str, k: int = 10, *, documents: Collection[str] | None = None) -> list[Hit]:
        """The ``k`` best passages for a question, best first; ``documents`` are the ids of the only ones searched."""
        with self.index.snapshot():
            return retrieve(self.index, asked.check(question), k=k, documents=documents)

    def ask(
        self, question: str, *, history: Sequence[str] = (), documents: Collection[str] | None = None, k: int = 10
    ) -> Answer:
        """The answer, checked for disagreement. ``history`` holds earlier questions, oldest first.

        ``documents`` are the ids of the only ones that are asked and compared; None for all.
        Raises BadQuestion, IndexEmpty.
        """
        with self.index.snapshot():
            return self.check(self.answer(question, history=history, documents=documents, k=k))

    def answer(
        self, question: str, *, history: Sequence[str] = (), documents: Collection[str] | None = None, k: int = 10
    ) -> Answer:
        """The answer before its sources are compared: ``disagreement_check`` is ``not_checked``."""
        with self.index.snapshot():
            return self._answer(question, history, documents, k)

    def _answer(self, question: str, history: Sequence[str], documents: Collection[str] | None, k: int) -> Answer:
        timings: dict[str, float] = {}
        line = asked.check(question)
        self.index.require_documents()
        self._require(documents)
        with _timed(timings, "retrieve"):
            query = asked.correct(asked.resolve(line, history, self.index), self.index)
            hits = retrieve(self.index, query, k=k, documents=documents)
        with _timed(timings, "compose"):
            scored = self._scored(query, hits)
            chosen = choose(query, scored)
            citations = Citations(self.index)
            statements = tuple(
                Statement(group[0].quote.line, tuple(citations.cite(c.quote) for c in group)) for group in chosen
            )
        return Answer(
            question=question,
            query=query,
            confidence=confidence(scored),
            statements=statements,
            citations=tuple(citations),
            nearest=() if statements else self._nearest(hits),
            timings_ms=timings,
            hits=tuple(hits),
            documents=() if documents is None else tuple(documents),
            considered=consider(query, hits, scored, chosen, self.index),
        )

    def check(self, answer: Answer) -> Answer:
        """The same answer with what its sources disagree about.

        As it was, "not_checked", where no judge can run, or where its documents have changed since it was given.
        """
        with self.index.snapshot():
            return self._check(answer) if self._still_holds(answer) else answer

    def _still_holds(self, answer: Answer) -> bool:
        """Whether the index still holds what the answer was made from: a changed document has new passages."""
        passages = {hit.passage.id: hit.passage for hit in answer.hits}
        return self.index.passages(list(passages)) == passages

    def _check(self, answer: Answer) -> Answer:
        timings = dict(answer.timings_ms)
        try:
            with _timed(timings, "disagree"):
                found = find_disagreements(answer, self.index, self.judge)
        except JUDGE_FAILS as error:
            log.warning("The sources of an answer could not be compared: %s", error)
            return answer
        return replace(
            answer,
            disagreements=found.disagreements,
            stances=found.stances,
            citations=found.citations,
            disagreement_check="done",
            timings_ms=timings,
        )

    def _require(self, documents: Collection[str] | None) -> None:
        """Raise BadQuestion where a question is limited to nothing, or to what is not there."""
        if documents is None:
            return
        if unknown := sorted(set(documents) - self.index.titles().keys()):
            raise BadQuestion(f"There is no document {unknown[0]}: python -m index status lists those that there are.")
        if not documents:
            raise BadQuestion("No document is left to ask: choose one, or ask all of them.")

    def _scored(self, query: str, hits: Sequence[Hit]) -> list[Candidate]:
        """The sentences that may answer, best first; without the judge's view where no judge can run."""
        found = candidates(hits, self.index, rows=asked.asks_for_number(query))
        try:
            return score(query, found, self.ranker, self.judge, self.index)
        except JUDGE_FAILS as error:
            log.warning("A question is answered without the judge: %s", error)
            return score(query, found, self.ranker, None, self.index)

    def _nearest(self, hits: Sequence[Hit]) -> tuple[Nearest, ...]:
        """The documents that come nearest, each once."""
        best: dict[str, float] = {}
        for hit in hits:
            best.setdefault(hit.passage.document, hit.score)
        nearest = list(best.items())[:NEAREST]
        return tuple(Nearest(self.index.document(id).title, round(value, 3)) for id, value in nearest)


def ask(question: str, *, index: str | Path = DEFAULT_INDEX) -> Answer:
    """One question to an index on disk, for scripts; a program keeps ``RAG.open(index)`` and asks that."""
    return RAG.open(index).ask(question)


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[name] = round((time.perf_counter() - start) * 1000, 1)
