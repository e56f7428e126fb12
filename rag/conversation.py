"""Conversations of many visitors over one pipeline: questions answered in time, shown, judged and taken along.

Knows no web framework: the page hands each visitor's turns in, so nothing of one visitor is kept where another could
meet it.
"""

import logging
import threading
from collections.abc import Callable, Sequence
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
WAITING = 32
"""Questions that wait for those; who comes then is told that the page is busy."""
SECONDS = 60.0
LINKED_DOCUMENTS = 20
APOLOGY = "Sorry, this question could not be answered because of an error in the program."
FORGOTTEN = "This conversation was left alone for too long and is forgotten. Ask once more."

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)


class TooSlow(CounterpointError, TimeoutError):
    """An answer took longer than a visitor is asked to wait."""


class Busy(CounterpointError, RuntimeError):
    """More is asked than can wait."""


class Workers:
    """Runs what visitors ask for: ``at_once`` at a time while ``waiting`` wait, each no longer than ``seconds``."""

    def __init__(self, seconds: float = SECONDS, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self.seconds = seconds
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="answer")
        self._places = threading.BoundedSemaphore(at_once + waiting)

    def run(self, function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """What ``function`` returns. Raises Busy, and TooSlow; work that has begun then ends unseen."""
        if not self._places.acquire(blocking=False):
            raise Busy("Too many questions are being asked right now. Try again in a moment.")
        job = self._pool.submit(function, *args, **options)
        job.add_done_callback(lambda _: self._places.release())
        if wait([job], self.seconds).not_done:
            job.cancel()
            raise TooSlow(
                f"This took longer than {self.seconds:g} seconds and was given up. Ask something shorter, or try again"
                " when fewer people are asking."
            )
        return job.result()


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation, with its answer or with a message in place of one."""

    number: int
    question: str
    limit: Limit = Limit()
    answer: Answer | None = None
    message: str = ""
    again: bool = False
    """Whether the same question may be answered at another try."""
    checking: bool = False
    """Whether its sources are to be compared next."""


Turns = dict[int, Turn]
"""A conversation, oldest turn first, by number; changed in place, since asking and answering overlap."""


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

    def answer(self, turns: Turns, number: int, question: str, limit: Limit, *, first: int = 0) -> Turn:
        """A new turn of a conversation, with its answer before the sources are compared.

        The conversation begins with the turn ``first``: those before it are forgotten.
        """
        turns[number] = turn = Turn(number, question, limit)
        for old in [at for at in turns if at < first] + list(turns)[:-TURNS]:
            turns.pop(old, None)
        history = [turn.question for turn in turns.values() if turn.answer]
        return _kept(turns, self._answered(turn, history))

    def _answered(self, turn: Turn, history: Sequence[str]) -> Turn:
        try:
            answer = self.workers.run(self._answer, turn.question, history, turn.limit)
        except CounterpointError as error:
            return replace(turn, message=str(error), again=isinstance(error, Busy | TooSlow))
        except Exception:  # noqa: BLE001  # the page is the last place that can turn a fault into a sentence
            log.exception("A question could not be answered")
            return replace(turn, message=APOLOGY, again=True)
        return replace(turn, answer=answer, checking=bool(answer.statements))

    def _answer(self, question: str, history: Sequence[str], limit: Limit) -> Answer:
        return self.rag.answer(question, history=history, documents=limit.among(self.rag.index.catalogue()))

    def check(self, turns: Turns, number: int) -> Turn:
        """A turn with the sources of its answer compared; as it was, "not checked", when that fails or is too slow."""
        turn = turns.get(number, Turn(number, "", message=FORGOTTEN))
        if turn.answer is None:
            return turn
        checked = replace(turn, checking=False)
        try:
            checked = replace(checked, answer=self.workers.run(self.rag.check, turn.answer))
        except (Busy, TooSlow) as error:
            log.warning("The sources of an answer were not compared: %s", error)
        except Exception:  # noqa: BLE001  # an answer that is on the page already stays there
            log.exception("The sources of an answer could not be compared")
        return _kept(turns, checked)

    def ask(self, question: str, history: Sequence[str], limit: Limit) -> dict[str, Any]:
        """The JSON contract of an answer, for programs. Raises CounterpointError."""
        return self.workers.run(self._ask, question, history[-TURNS:], limit).to_dict()

    def _ask(self, question: str, history: Sequence[str], limit: Limit) -> Answer:
        return self.rag.check(self._answer(question, history, limit))

    # -- showing ---

    def show(self, turn: Turn) -> Html:
        """How a turn looks now."""
        if turn.answer is None:
            return render.message_html(turn.question, turn.message, turn=turn.number, again=turn.again)
        index, choices = self.rag.index, self.verdicts.choices
        return render.to_html(turn.answer, index, turn=turn.number, checking=turn.checking, choices=choices)

    # -- judging and taking along ---

    def judge(self, turns: Turns, number: int, found: int, choice: str) -> Turn | None:
        """Keep what a reader made of the ``found``-th disagreement of a turn; any other word takes a choice back.

        Returns the turn, None where there is no such disagreement.
        """
        turn = turns.get(number)
        if turn is None or turn.answer is None or not 0 <= found < len(turn.answer.disagreements):
            return None
        self.verdicts.put(turn.answer, turn.answer.disagreements[found], CHOICES.get(choice))
        return turn

    def take(self, turns: Turns, form: str) -> Taken | None:
        """The conversation in one of the forms of ``render.EXPORTS``; None where there is nothing to take."""
        answered = [turn for turn in turns.values() if turn.answer]
        answers = [turn.answer for turn in answered if turn.answer]
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


def _kept(turns: Turns, turn: Turn) -> Turn:
    """The turn, kept in its conversation unless a new one was begun meanwhile."""
    if turn.number in turns:
        turns[turn.number] = turn
    return turn


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
