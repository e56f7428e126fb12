"""Conversations over a pipeline of small doubles: what is shown when, time limits, links, forms to take along."""

import doctest
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from doubles import BagEmbedder, NotJudge, WordRanker

from index import Index
from index.errors import BadQuestion
from rag import RAG, conversation
from rag.conversation import APOLOGY, FORGOTTEN, Busy, Desk, TooSlow, Turn, Turns, Workers, link, linked
from rag.limit import Limit
from rag.verdicts import Verdicts

ZINC = "What does zinc do to the length of colds?"
TEXTS = {
    "leaflet": "Zinc reduces the length of common colds.",
    "trial": "Zinc does not reduce the length of common colds, a trial found.",
    "recipe": "Pancakes are made of flour, eggs and milk.",
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    rag = RAG(Index.from_texts(TEXTS, embedder=BagEmbedder()), ranker=WordRanker(), judge=NotJudge())
    return Desk(rag, Verdicts(tmp_path))


def ask(desk: Desk, question: str, turns: Turns | None = None, limit: Limit = Limit()) -> Turn:  # noqa: B008
    """The turn of a question, checked, in a conversation."""
    turns = {} if turns is None else turns
    number = max(turns, default=0) + 1
    desk.answer(turns, number, question, limit)
    return desk.check(turns, number)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(conversation).failed == 0


def test_the_answer_comes_before_its_check(desk: Desk) -> None:
    turns: Turns = {}
    first = desk.answer(turns, 1, ZINC, Limit())
    assert first.answer
    assert (first.answer.disagreement_check, first.checking) == ("not_checked", True)
    assert 'data-then="check"' in desk.show(first)
    then = desk.check(turns, 1)
    assert then.answer
    assert (then.answer.disagreement_check, then.checking) == ("done", False)
    assert "data-then" not in desk.show(then)
    assert turns == {1: then}


def test_a_check_goes_without_a_conversation_that_is_gone(desk: Desk) -> None:
    turns: Turns = {}
    desk.answer(turns, 1, ZINC, Limit())
    turns.clear()
    assert desk.check(turns, 1).message == FORGOTTEN
    assert turns == {}


def test_a_question_can_be_limited_to_documents_and_years(desk: Desk) -> None:
    answer = ask(desk, ZINC, limit=Limit(frozenset({"trial"}))).answer
    assert answer
    assert {citation.document for citation in answer.citations} == {"trial"}
    assert answer.disagreements == ()
    assert answer.documents == ("trial",)
    shown = ask(desk, ZINC, limit=Limit(first=2010))
    assert shown.message == "No document is left to ask from 2010: choose others, or ask all of them."
    with pytest.raises(BadQuestion, match="No document is left"):
        desk.rag.ask(ZINC, documents=[])
    with pytest.raises(BadQuestion, match="no document nowhere"):
        desk.rag.ask(ZINC, documents=["nowhere"])


def test_an_answer_that_takes_too_long_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message comes; the check of an answer that is there is said to be missing."""
    finish = threading.Event()

    class Slow(WordRanker):
        def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
            finish.wait(10)
            return super().score(question, texts)

    class SlowJudge(NotJudge):
        def judge(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
            finish.wait(10)
            return super().judge(pairs)

    index = desk.rag.index
    slow = Desk(RAG(index, ranker=Slow(), judge=NotJudge()), desk.verdicts, Workers(1))
    unchecked = Desk(RAG(index, ranker=WordRanker(), judge=SlowJudge()), desk.verdicts, Workers(1))
    try:
        late = ask(slow, ZINC)
        assert late.message.startswith("This took longer than 1 seconds")
        assert late.again
        assert "Try again" in slow.show(late)
        with pytest.raises(TooSlow):
            slow.ask(ZINC, [], Limit())
        turns: Turns = {}
        last = ask(unchecked, ZINC, turns)
        assert last.answer
        assert (last.answer.disagreement_check, last.checking) == ("not_checked", False)
        assert "Try again" in unchecked.show(last)
        finish.set()
        last = unchecked.check(turns, 1)
        assert last.answer
        assert last.answer.disagreement_check == "done"
    finally:
        finish.set()


def test_a_fault_becomes_a_sentence(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(WordRanker):
        def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
            raise MemoryError("secret details")

    broken = Desk(RAG(desk.rag.index, ranker=Broken(), judge=NotJudge()), desk.verdicts)
    last = ask(broken, ZINC)
    assert last.message == APOLOGY
    assert APOLOGY in broken.show(last)
    assert "secret details" in caplog.text


def test_who_comes_when_too_many_wait_is_told_so(desk: Desk) -> None:
    finish = threading.Event()
    workers = Workers(10, at_once=1, waiting=1)
    full = Desk(desk.rag, desk.verdicts, workers)
    jobs = [threading.Thread(target=workers.run, args=[finish.wait, 10]) for _ in range(2)]
    for job in jobs:
        job.start()
    try:
        while workers._places.acquire(blocking=False):
            workers._places.release()
        busy = ask(full, ZINC)
        assert (busy.message, busy.again) == (
            "Too many questions are being asked right now. Try again in a moment.",
            True,
        )
        with pytest.raises(Busy):
            full.ask(ZINC, [], Limit())
    finally:
        finish.set()
    for job in jobs:
        job.join()
    assert ask(full, ZINC).answer


def test_a_judged_warning_is_shown_so_to_everybody(desk: Desk) -> None:
    turns: Turns = {}
    first = ask(desk, ZINC, turns)
    assert 'role="alert"' in desk.show(first)
    assert desk.judge(turns, 1, 0, "dismissed") == first
    other = ask(desk, "What does zinc do to the length of common colds?")
    assert 'role="alert"' not in desk.show(other)
    assert "Dismissed" in desk.show(other)
    desk.judge(turns, 1, 0, "")
    assert 'role="alert"' in desk.show(other)
    desk.judge(turns, 1, 0, "confirmed")
    assert "A reader confirmed this." in desk.show(other)
    for number, found in ((1, 7), (9, 0), (1, -1)):
        assert desk.judge(turns, number, found, "dismissed") is None
    assert list(desk.verdicts.choices.values()) == ["confirmed"]


def test_a_link_asks_the_same_again(desk: Desk) -> None:
    limit = Limit(frozenset({"leaflet", "trial"}), 2000, 2020)
    turn = Turn(1, "What do zinc & honey do?", limit)
    assert linked(parse_qsl(link(turn).removeprefix("?"))) == (turn.question, limit)
    assert linked([]) == ("", Limit())


def test_a_conversation_is_taken_along(desk: Desk) -> None:
    turns: Turns = {}
    ask(desk, ZINC, turns)
    desk.judge(turns, 1, 0, "confirmed")
    ask(desk, "What are pancakes made of?", turns)
    copied, saved = desk.take(turns, "copy"), desk.take(turns, "md")
    assert copied is not None
    assert saved is not None
    assert (copied.name, saved.name) == ("", "conversation.md")
    assert saved.text.startswith(f"## {ZINC}\n\n")
    assert "(A reader confirmed this.)" in saved.text
    assert "\n## What are pancakes made of?\n" in saved.text
    plain = json.loads(desk.take(turns, "json").text)  # type: ignore[union-attr]
    assert [answer["question"] for answer in plain] == [ZINC, "What are pancakes made of?"]
    assert plain[0]["disagreements"][0]["reader"] == "confirmed"
    assert desk.take(turns, "exe") is None
    assert desk.take({}, "md") is None
    assert desk.take({1: Turn(1, "?", message="no")}, "md") is None


def test_conversations_keep_their_latest_turns(desk: Desk) -> None:
    turns: Turns = {}
    for _ in range(conversation.TURNS + 2):
        ask(desk, "What are pancakes made of?", turns)
    assert list(turns) == list(range(3, conversation.TURNS + 3))


def test_a_new_conversation_forgets_the_old_one(desk: Desk) -> None:
    turns: Turns = {}
    ask(desk, ZINC, turns)
    follow_up = desk.answer(turns, 2, "What are its side effects?", Limit())
    assert follow_up.answer
    assert "zinc" in follow_up.answer.query.lower()
    alone = desk.answer(turns, 3, "What are its side effects?", Limit(), first=3)
    assert alone.answer
    assert "zinc" not in alone.answer.query.lower()
    assert list(turns) == [3]
