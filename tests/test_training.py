"""The training cards and what is made of them and of real sentences."""

import doctest
import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from rag.judge import NEUTRAL, REFUTES, SUPPORTS
from rag.training import cards, flip
from rag.training.cards import answer_pairs, asked_pairs, claim_pairs, finding_pairs, question_pairs, read_cards
from rag.training.data import Example
from rag.training.judge import hard

FINDING = {
    "topic": "zinc",
    "question": "Does zinc help?",
    "yes": "a",
    "kind": "negation",
    "a": ["a1", "a2", "a3"],
    "b": ["b1", "b2", "b3"],
    "scope": ["s1"],
    "other": ["o1", "o2"],
    "view": "v",
}
CLAIM = {
    "topic": "masks",
    "question": "Do masks help?",
    "claim": ["c1", "c2"],
    "denial": ["d"],
    "supports": ["s1", "s2"],
    "refutes": ["r1", "r2"],
    "neutral": ["n1", "n2"],
}
QUESTION = {
    "topic": "drips",
    "title": "",
    "heading": "",
    "questions": ["q1", "q2", "q3", "q4"],
    "answers": ["a1", "a2", "a3"],
    "near": ["n1", "n2", "n3", "n4", "n5"],
    "altered": ["x1", "x2", "x3"],
}


def test_a_finding_card_makes_every_pair_once() -> None:
    pairs = list(finding_pairs(FINDING))
    assert Counter(e.label for e in pairs) == {SUPPORTS: 3 + 3 + 3, REFUTES: 9 + 3, NEUTRAL: 3 + 12}
    assert len({frozenset(e[:2]) for e in pairs}) == len(pairs)
    for side in ("a", "b"):
        for sentence in FINDING[side]:
            labels = {e.label for e in pairs if sentence in e[:2]}
            assert labels == {SUPPORTS, REFUTES, NEUTRAL}, "no sentence gives its label away"


def test_a_claim_card_turns_round_with_its_denial() -> None:
    labels = {(e.first, e.second): e.label for e in claim_pairs(CLAIM)}
    assert (labels["s1", "c1"], labels["s1", "d"]) == (SUPPORTS, REFUTES)
    assert (labels["r2", "c2"], labels["r2", "d"], labels["n1", "d"]) == (REFUTES, SUPPORTS, NEUTRAL)


def test_questions_are_answered_by_their_side() -> None:
    labels = {e.first: e.label for e in question_pairs(FINDING)}
    assert (labels["a1"], labels["b1"], labels["o1"]) == (SUPPORTS, REFUTES, NEUTRAL)
    assert {e.first: e.label for e in question_pairs(FINDING | {"yes": "b"})}["a1"] == REFUTES
    assert list(question_pairs(FINDING | {"yes": None})) == []
    answers = dict.fromkeys(["s1", "s2", "r1", "r2", "c1", "c2"], 0)
    assert {e.second: e.label for e in answer_pairs(CLAIM)} == answers | {"n1": 1, "n2": 1}


def test_a_question_that_differs_in_a_detail_has_no_answer() -> None:
    labels = Counter((e.first[0], e.second[-2], e.label) for e in asked_pairs(QUESTION, random.Random(1)))
    assert labels == {("q", "a", 0): 12, ("q", "n", 1): 20, ("x", "a", 1): 9, ("x", "n", 1): 3}


def test_the_hard_is_read_more_often_and_the_hardest_never() -> None:
    """Of 100 examples the judge knows half, doubts 47, and is sure of another label for three, which may be wrong."""

    class Sure:
        def judge(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
            said = {"known": (0.99, 0.01, 0.0), "doubted": (0.4, 0.3, 0.3)}
            return np.array([said.get(kind, (0.0, 1.0, 0.0)) for kind, _ in pairs])

    kinds = ["known"] * 50 + ["doubted"] * 47 + ["mislabelled"] * 3
    examples = [Example(kind, str(n), SUPPORTS) for n, kind in enumerate(kinds)]
    chosen = Counter(e.first for e in hard(examples, Sure(), 40, np.random.default_rng(1)))
    assert chosen["doubted"] > 30
    assert chosen["known"] == 40 - chosen["doubted"]
    assert len(hard(examples, Sure(), 1_000, np.random.default_rng(1))) == 97


@pytest.mark.parametrize(("kind", "example"), [("findings", FINDING), ("claims", CLAIM), ("questions", QUESTION)])
def test_the_packaged_cards_are_whole(kind: str, example: dict) -> None:
    trained, kept = (read_cards(kind, held_out=held_out) for held_out in (False, True))
    assert 0.12 < len(kept) / (len(trained) + len(kept)) < 0.25
    assert not {card["topic"] for card in trained} & {card["topic"] for card in kept}
    for card in trained + kept:
        assert card.keys() - {"view"} == example.keys() - {"view"}
        texts = [text for value in card.values() if isinstance(value, list) for text in value]
        assert all(len(text) > 8 for text in texts)
        assert len(card.get("a", ["", ""])) >= 2
        assert card.get("yes") in (None, "a", "b")


def test_a_flip_changes_what_is_said_and_little_else() -> None:
    rng = random.Random(4)
    text = "In this trial zinc increased survival by 20 percent."
    flips = {flip.flipped(text, rng) for _ in range(40)}
    assert "In this trial zinc did not increase survival by 20 percent." in flips
    assert any("decreased" in made or "reduced" in made or "lowered" in made for made in flips if made)
    assert any("20" not in made for made in flips if made)
    assert flip.flipped("Lead is a metal.", rng) == "Lead is not a metal."
    assert flip.flipped("Zinc tablets every morning.", rng) is None


def test_examples_in_docstrings_hold() -> None:
    for module in (cards, flip):
        assert doctest.testmod(module).failed == 0
