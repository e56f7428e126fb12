"""The training cards: findings and claims written for the judge, questions for the ranker, and the pairs they make.

``README.md`` says how they were written. A finding card holds one finding in two or three wordings, an opposing one in
as many, and sentences that only look opposed. A claim card holds a claim, its denial, and passages as papers and
reports write them. A question card holds a question in four forms, sentences that answer it, sentences that only share
its words, and questions that differ in a detail, which no sentence answers. Every sentence of the first two stands in
agreeing and in opposing pairs and on both sides of them, so that no sentence gives its label away.
"""

import json
import random
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from pathlib import Path

from rag.judge import NEUTRAL, REFUTES, STANCES, SUPPORTS
from rag.training.data import HELD_OUT, Example, digit, placed

CARDS = Path(__file__).parent
NOT_REFUTES = len(STANCES) + REFUTES

Card = dict


def read_cards(kind: str, *, held_out: bool) -> list[Card]:
    """The cards of ``findings``, ``claims`` or ``questions``; a part, the same each time, is kept to measure with."""
    lines = (CARDS / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    cards = [json.loads(line) for line in lines]
    return [card for card in cards if (digit(card["topic"]) >= HELD_OUT) == held_out]


def finding_pairs(card: Card) -> Iterator[Example]:
    """Unordered pairs of one finding card, and its sentences as answers to its yes/no question."""
    a, b = card["a"], card["b"]
    for side in (a, b):
        yield from (Example(*pair, SUPPORTS) for pair in combinations(side, 2))
    yield from (Example(*pair, REFUTES) for pair in product(a, b))
    yield from (Example(*pair, NEUTRAL) for pair in product(card["scope"], a))
    yield from (Example(*pair, NEUTRAL) for pair in product(card["other"], a + b))
    yield from (Example(*pair, SUPPORTS) for pair in product(views(card), a))
    yield from (Example(*pair, REFUTES) for pair in product(views(card), b))


def views(card: Card) -> list[str]:
    """The sentence that reports the b view only to reject it, where the card has one."""
    return [card["view"]] if card.get("view") else []


def question_pairs(card: Card) -> Iterator[Example]:
    """(evidence, yes/no question): does the evidence answer yes, no, or neither?"""
    if "claim" in card:
        sides = (card["supports"], card["refutes"], card["neutral"])
    elif card["yes"]:
        yes = card["yes"]
        sides = (card[yes], card["ab".replace(yes, "")], card["other"][:1])
    else:
        return
    for label, texts in enumerate(sides):
        yield from (Example(text, card["question"], label) for text in texts)


def answer_pairs(card: Card) -> Iterator[Example]:
    """(question, sentence): position 0 where the sentence answers the card's question, 1 where it does not."""
    if "claim" in card:
        answers, others = card["supports"] + card["refutes"] + card["claim"], card["neutral"]
    else:
        answers, others = [*card["a"], *card["b"], *views(card)], card["other"]
    yield from (Example(card["question"], text, 0) for text in answers)
    yield from (Example(card["question"], text, 1) for text in others)


def asked_pairs(card: Card, rng: random.Random) -> Iterator[Example]:
    """(question, sentence in its place) of a question card; see `answer_pairs`."""
    for question in card["questions"]:
        yield from (Example(question, _in_place(card, text, rng), 0) for text in card["answers"])
        yield from (Example(question, _in_place(card, text, rng), 1) for text in card["near"])
    for question in card["altered"]:
        yield from (Example(question, _in_place(card, text, rng), 1) for text in card["answers"])
        yield Example(question, _in_place(card, rng.choice(card["near"]), rng), 1)


def _in_place(card: Card, text: str, rng: random.Random) -> str:
    return placed(text, card["title"], card["heading"], rng)


def claim_pairs(card: Card) -> Iterator[Example]:
    """(evidence, claim) pairs of one claim card."""
    for label, texts in enumerate((card["supports"], card["refutes"], card["neutral"])):
        yield from (Example(text, claim, label) for text, claim in product(texts, card["claim"]))
    for label, texts in enumerate((card["refutes"], card["supports"], card["neutral"])):
        yield from (Example(text, claim, label) for text, claim in product(texts, card["denial"]))


def passage_pairs(card: Card) -> Iterator[Example]:
    """Unordered pairs of a claim card's claims and passages."""
    yield from (Example(*pair, SUPPORTS) for pair in combinations(card["claim"], 2))
    yield from (Example(*pair, REFUTES) for pair in product(card["claim"], card["denial"]))
    yield from (Example(*pair, REFUTES) for pair in product(card["supports"], card["refutes"]))
    yield from (Example(*pair, NOT_REFUTES) for side in ("supports", "refutes") for pair in combinations(card[side], 2))
    yield from (Example(*pair, NEUTRAL) for pair in product(card["neutral"], card["supports"] + card["refutes"]))


def strangers(cards: Sequence[Card], near: Sequence[Sequence[int]], rng: random.Random) -> Iterator[Example]:
    """Neutral pairs: sentences of two cards on neighbouring subjects."""
    for card, others in zip(cards, near, strict=True):
        for i in others:
            for _ in range(2):
                yield Example(rng.choice(card["a"] + card["b"]), rng.choice(cards[i]["a"] + cards[i]["b"]), NEUTRAL)


def both_ways(examples: Iterator[Example]) -> Iterator[Example]:
    """Each pair in both orders."""
    for e in examples:
        yield from (e, Example(e.second, e.first, e.label))
