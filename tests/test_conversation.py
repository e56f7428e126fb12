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
from rag.conversation import APOLOGY, Desk, TooSlow, Turn, Workers, link, linked
from rag.limit import Limit
from rag.verdicts import Verdicts

TEXTS = {
    "leaflet": "Zinc reduces the length of common colds.",
    "trial": "Zinc does not reduce the length of common colds, a trial found.",
    "recipe": "Pancakes are made of flour, eggs and milk.",
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    rag = RAG(Index.from_texts(TEXTS, embedder=BagEmbedder()), ranker=WordRanker(), judge=NotJudge())
    return Desk(rag, Verdicts(tmp_path))


def ask(desk: Desk, question: str, turns: Sequence[Turn] = (), limit: Limit = Limit()) -> list[list[Turn]]:  # noqa: B008
    return list(desk.converse(question, turns, limit))


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(conversation).failed == 0


def test_the_answer_comes_before_its_check(desk: Desk) -> None:
    steps = [now[-1] for now in ask(desk, "What does zinc do to the length of colds?")]
    assert [(bool(turn.answer), turn.checking) for turn in steps] == [(False, False), (True, True), (True, False)]
    checks = [turn.answer.disagreement_check for turn in steps[1:] if turn.answer]
    assert checks == ["not_checked", "done"]
    assert [turn.number for turn in ask(desk, "Pancakes?", [steps[-1]])[-1]] == [1, 2]


def test_a_question_can_be_limited_to_documents_and_years(desk: Desk) -> None:
    answer = ask(desk, "What does zinc do to the length of colds?", limit=Limit(frozenset({"trial"})))[-1][-1].answer
    assert answer
    assert {citation.document for citation in answer.citations} == {"trial"}
    assert answer.disagreements == ()
    assert answer.documents == ("trial",)
    shown = ask(desk, "What does zinc do to the length of colds?", limit=Limit(first=2010))[-1][-1]
    assert shown.message == "No document is left to ask from 2010: choose others, or ask all of them."
    with pytest.raises(BadQuestion, match="No document is left"):
        desk.rag.ask("What does zinc do to the length of colds?", documents=[])
    with pytest.raises(BadQuestion, match="no document nowhere"):
        desk.rag.ask("What does zinc do to the length of colds?", documents=["nowhere"])


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
        assert ask(slow, "What does zinc do to the length of colds?")[-1][-1].message.startswith(
            "This took longer than 1 seconds"
        )
        with pytest.raises(TooSlow):
            slow.ask("What does zinc do to the length of colds?", [], Limit())
        last = ask(unchecked, "What does zinc do to the length of colds?")[-1][-1]
        assert last.answer
        assert (last.answer.disagreement_check, last.checking) == ("not_checked", False)
    finally:
        finish.set()


def test_a_fault_becomes_a_sentence(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(WordRanker):
        def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
            raise MemoryError("secret details")

    broken = Desk(RAG(desk.rag.index, ranker=Broken(), judge=NotJudge()), desk.verdicts)
    last = ask(broken, "What does zinc do to the length of colds?")[-1][-1]
    assert last.message == APOLOGY
    assert APOLOGY in broken.show([last])
    assert "secret details" in caplog.text


def test_a_judged_warning_is_shown_so_to_everybody(desk: Desk) -> None:
    first = ask(desk, "What does zinc do to the length of colds?")[-1]
    assert 'role="alert"' in desk.show(first)
    desk.judge(first, 1, 0, "dismissed")
    other = ask(desk, "What does zinc do to the length of common colds?")[-1]
    assert 'role="alert"' not in desk.show(other)
    assert "Dismissed" in desk.show(other)
    desk.judge(first, 1, 0, "")
    assert 'role="alert"' in desk.show(other)
    desk.judge(first, 1, 0, "confirmed")
    assert "A reader confirmed this." in desk.show(other)
    for number, found in ((1, 7), (9, 0), (1, -1)):
        desk.judge(first, number, found, "dismissed")
    assert list(desk.verdicts.choices.values()) == ["confirmed"]


def test_a_link_asks_the_same_again(desk: Desk) -> None:
    limit = Limit(frozenset({"leaflet", "trial"}), 2000, 2020)
    turn = Turn(1, "What do zinc & honey do?", limit)
    assert linked(parse_qsl(link(turn).removeprefix("?"))) == (turn.question, limit)
    assert linked([]) == ("", Limit())


def test_a_conversation_is_taken_along(desk: Desk) -> None:
    turns = ask(desk, "What does zinc do to the length of colds?")[-1]
    desk.judge(turns, 1, 0, "confirmed")
    turns = ask(desk, "What are pancakes made of?", turns)[-1]
    copied, saved = desk.take(turns, "copy"), desk.take(turns, "md")
    assert copied is not None
    assert saved is not None
    assert (copied.name, saved.name) == ("", "conversation.md")
    assert saved.text.startswith("## What does zinc do to the length of colds?\n\n")
    assert "(A reader confirmed this.)" in saved.text
    assert "\n## What are pancakes made of?\n" in saved.text
    plain = json.loads(desk.take(turns, "json").text)  # type: ignore[union-attr]
    assert [answer["question"] for answer in plain] == [
        "What does zinc do to the length of colds?",
        "What are pancakes made of?",
    ]
    assert plain[0]["disagreements"][0]["reader"] == "confirmed"
    assert desk.take(turns, "exe") is None
    assert desk.take([], "md") is None
    assert desk.take([Turn(1, "?", message="no")], "md") is None


def test_conversations_keep_their_latest_turns(desk: Desk) -> None:
    turns: list[Turn] = []
    for _ in range(conversation.TURNS + 2):
        turns = ask(desk, "What are pancakes made of?", turns)[-1]
    assert (len(turns), turns[-1].number) == (conversation.TURNS, conversation.TURNS + 2)
