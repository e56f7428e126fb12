"""What a warning says in one sentence."""

import pytest

from index import Sentence
from rag.claims import Claim
from rag.compare import compare
from rag.summary import summary
from rag.types import Kind


def claim(text: str, document: str) -> Claim:
    sentence = Sentence(document, 0, len(text), text)
    return Claim(sentence, sentence)


@pytest.mark.parametrize(
    ("kind", "first", "second", "said"),
    [
        (
            "direction",
            "Results: Supplementation with vitamin D lowered the risk of kidney stones, most clearly at first.",
            "Vitamin D supplements increased the risk of kidney stones by a sixth.",
            "The sources point in opposite directions on supplementation with vitamin D and the risk of kidney stones.",
        ),
        (
            "negation",
            "Knuckle cracking does not lead to arthritis.",
            "Cracking the knuckles wears down the cartilage and leads to arthritis later in life.",
            "One source states what another denies about knuckle cracking and arthritis.",
        ),
        (
            "certainty",
            "Ketamine’s mechanism of action involves blocking NMDA receptors.",
            "However, the mechanism by which ketamine improves depression remains unclear.",
            "One source states as known what another calls unclear about ketamine.",
        ),
        (
            "quantity",
            "Protection from the vaccine lasts at least ten years.",
            "The protection of this vaccine is gone after four years.",
            "The sources give different figures for protection from the vaccine.",
        ),
        ("stance", "It never rains.", "Water falls daily.", "The sources come to opposite conclusions."),
    ],
)
def test_a_warning_names_what_both_speak_of(kind: Kind, first: str, second: str, said: str) -> None:
    assert summary(compare(claim(first, "a"), claim(second, "b")), kind) == said


def test_a_note_says_what_differs() -> None:
    pair = compare(
        claim("In mice, resveratrol increased the lifespan.", "a"),
        claim("Resveratrol did not increase lifespan in people.", "b"),
    )
    assert summary(pair, "scope") == (
        "The findings on resveratrol and the lifespan differ, and so does the species: animals / people."
    )
