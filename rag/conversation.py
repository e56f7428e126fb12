"""Conversations of many visitors over one pipeline: questions answered in time, shown, judged and taken along.

Knows no web framework: the page hands each visitor's turns in and gets new ones back, so nothing of one visitor is
kept where another could meet it.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, ParamSpec, TypeVar
from urllib.parse import urlencode

from index.errors import CounterpointError
from rag import render
from rag.limit import Limit
from rag.pipeline import RAG
from rag.render import Html
from rag.types import Answer
from rag.verdicts import CHOICES, Verdicts

TURNS = 30
"""A conversation keeps its latest turns, so that no session grows without bound."""
AT_ONCE = 2
"""Questions answered at the same time: the models share the processor."""
SECONDS = 60.0
LINKED_DOCUMENTS = 20
APOLOGY = "Sorry, this question could not be answered because of an error in the program. Please try another one."

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)


class TooSlow(CounterpointError, TimeoutError):
    """An answer took longer than a visitor is asked to wait."""


class Workers:
    """Runs what visitors ask for: ``at_once`` at a time, each waited for no longer than ``seconds``."""

    def __init__(self, seconds: float = SECONDS, at_once: int = AT_ONCE) -> None:
        self.seconds = seconds
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="answer")

    def run(self, function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """What ``function`` returns. Raises TooSlow; work that has begun then ends unseen."""
        job = self._pool.submit(function, *args, **options)
        if wait([job], self.seconds).not_done:
            job.cancel()
            raise TooSlow(
                f"This took longer than {self.seconds:g} seconds and was given up. Ask something shorter, or try again"
                " when fewer people are asking."
            )
        return job.result()


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation; without an answer and a message it is being read."""

    number: int
    question: str
    limit: Limit = Limit()
    answer: Answer | None = None
    message: str = ""
    checking: bool = False


class Taken(NamedTuple):
    """A conversation in a form to take along: copied where it has no file name."""

    name: str
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Where visitors ask: the pipeline, what readers made of its warnings, and who does the work."""

    rag: RAG
    verdicts: Verdicts
    workers: Workers = field(default_factory=Workers)

    # -- asking ---

    def converse(self, question: str, turns: Sequence[Turn], limit: Limit) -> Iterator[list[Turn]]:
        """The conversation from a question on: it is read, its answer, whether the sources agree."""
        turn = Turn(turns[-1].number + 1 if turns else 1, question, limit)
        history = [before.question for before in turns if before.answer]
        for now in self._answering(turn, history):
            yield [*turns, now][-TURNS:]

    def _answering(self, turn: Turn, history: Sequence[str]) -> Iterator[Turn]:
        yield turn
        try:
            answer = self.workers.run(self._answer, turn.question, history, turn.limit)
        except CounterpointError as error:
            yield replace(turn, message=str(error))
        except Exception:  # noqa: BLE001  # the page is the last place that can turn a fault into a sentence
            log.exception("A question could not be answered")
            yield replace(turn, message=APOLOGY)
        else:
            yield replace(turn, answer=answer, checking=bool(answer.statements))
            if answer.statements:
                yield replace(turn, answer=self._checked(answer))

    def _answer(self, question: str, history: Sequence[str], limit: Limit) -> Answer:
        return self.rag.answer(question, history=history, documents=limit.among(self.rag.index.catalogue()))

    def _checked(self, answer: Answer) -> Answer:
        """The answer with its sources compared; as it was, "not checked", when that fails or takes too long."""
        try:
            return self.workers.run(self.rag.check, answer)
        except Exception:  # noqa: BLE001  # an answer that is on the page already stays there
            log.exception("The sources of an answer could not be compared")
            return answer

    def ask(self, question: str, history: Sequence[str], limit: Limit) -> dict[str, Any]:
        """The JSON contract of an answer, for programs. Raises CounterpointError."""
        return self.workers.run(self._ask, question, history[-TURNS:], limit).to_dict()

    def _ask(self, question: str, history: Sequence[str], limit: Limit) -> Answer:
        return self.rag.check(self._answer(question, history, limit))

    # -- showing ---

    def show(self, turns: Sequence[Turn]) -> Html:
        """How a conversation looks now."""
        choices = self.verdicts.choices
        return render.conversation_html(self._shown(turn, choices) for turn in turns)

    def _shown(self, turn: Turn, choices: render.Choices) -> Html:
        if turn.answer:
            index = self.rag.index
            return render.to_html(turn.answer, index, turn=turn.number, checking=turn.checking, choices=choices)
        if turn.message:
            return render.message_html(turn.question, turn.message, turn=turn.number)
        return render.pending_html(turn.question, turn=turn.number)

    # -- judging and taking along ---

    def judge(self, turns: Sequence[Turn], number: int, found: int, choice: str) -> None:
        """Keep what a reader made of the ``found``-th disagreement of a turn; any other word takes a choice back."""
        answer = next((turn.answer for turn in turns if turn.number == number and turn.answer), None)
        if answer and 0 <= found < len(answer.disagreements):
            self.verdicts.put(answer, answer.disagreements[found], CHOICES.get(choice))

    def take(self, turns: Sequence[Turn], form: str) -> Taken | None:
        """The conversation in one of the forms of ``render.EXPORTS``; None where there is nothing to take."""
        answered = [turn for turn in turns if turn.answer]
        answers = [turn.answer for turn in turns if turn.answer]
        choices = self.verdicts.choices
        if not answered or form not in render.EXPORTS:
            return None
        name = f"conversation.{form}"
        if form == "link":
            return Taken("", "", link(answered[-1]))
        if form == "json":
            return Taken(name, "application/json", render.conversation_json(answers, choices))
        if form == "bib":
            return Taken("sources.bib", "application/x-bibtex", render.bibtex(answers))
        if form == "ris":
            return Taken("sources.ris", "application/x-research-info-systems", render.ris(answers))
        text = render.conversation_markdown(answers, choices)
        return Taken("" if form == "copy" else name, "text/markdown", text)


def link(turn: Turn) -> str:
    """What follows the page's address to ask a turn's question again, of the same documents."""
    question = turn.answer.query if turn.answer else turn.question
    chosen = [("in", id) for id in sorted(turn.limit.documents)[:LINKED_DOCUMENTS]]
    years = [(name, str(year)) for name, year in (("first", turn.limit.first), ("last", turn.limit.last)) if year]
    return "?" + urlencode([("q", question), *chosen, *years], errors="replace")


def linked(parameters: Sequence[tuple[str, str]]) -> tuple[str, Limit]:
    """The question and its limit in a link's parameters; no question: "".

    >>> linked([("q", "Why?"), ("in", "a.md"), ("first", "2010"), ("last", "soon")])
    ('Why?', Limit(documents=frozenset({'a.md'}), first=2010, last=None))
    """
    one = dict(parameters)
    chosen = frozenset(value for name, value in parameters if name == "in")
    first, last = (int(one[name]) if one.get(name, "").isdecimal() else None for name in ("first", "last"))
    return one.get("q", ""), Limit(chosen, first, last)
