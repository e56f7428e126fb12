"""What people and papers call the same thing."""

import doctest

import pytest

from index import content_stems
from rag import lay


def test_the_examples_hold() -> None:
    assert doctest.testmod(lay).failed == 0


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Is kratom addictive?", "dependence"),
        ("Is it bad for the kidneys?", "renal"),
        ("Does weed harm?", "cannabis"),
        ("What are the side effects?", "adverse reactions"),
        ("How does it work?", "it blocks the receptor"),
    ],
)
def test_a_lay_word_finds_the_clinical_one(question: str, text: str) -> None:
    stems = set(content_stems(text))
    assert any(alike & stems for alike in lay.wanted(question).values())


def test_words_that_say_little_count_only_alone() -> None:
    assert list(lay.wanted("What is the main use of zinc?")) == ["zinc"]
    assert list(lay.wanted("What is its use?")) == ["use"]
