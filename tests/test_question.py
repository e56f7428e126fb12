"""What a person asked, made into a query."""

import pytest

from index import Index
from index.errors import BadQuestion
from rag.question import asks_for_number, check, correct, is_claim, is_search, lacks_number, one_slip, resolve

TEXTS = {
    "ketamine": "Ketamine blocks NMDA receptors. The side effects of ketamine include dizziness and nausea.",
    "riluzole": "Riluzole reduces the release of glutamate. Riluzole can raise liver enzymes.",
    "zinc": "Zinc shortens colds.",
}


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.from_texts(TEXTS)


@pytest.mark.parametrize("question", ["", "   \n\t ", "?!…"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(BadQuestion, match="There is no question"):
        check(question)


def test_a_very_long_question_is_refused() -> None:
    with pytest.raises(BadQuestion, match=r"100,000 characters; 2,000 is the most"):
        check("a" * 100_000)


def test_a_question_comes_on_one_line() -> None:
    assert check("  How does\nketamine  work? ") == "How does ketamine work?"


def test_half_a_character_in_a_question_does_no_harm(index: Index) -> None:
    assert check("How does \ud800 work?") == "How does \ufffd work?"
    assert resolve("Why?", ["How does ketamine work \udfff?"], index) == "How does ketamine work \ufffd?"


@pytest.mark.parametrize(
    ("question", "history", "resolved"),
    [
        ("what about its side effects?", ["How does ketamine work?"], "what about ketamine's side effects?"),
        ("Does it raise liver enzymes?", ["What does riluzole do?"], "Does riluzole raise liver enzymes?"),
        ("And the side effects?", ["How does ketamine work?"], "And the side effects of ketamine?"),
        ("What about riluzole?", ["How does ketamine work?"], "How does riluzole work?"),
        ("Why?", ["What does riluzole do?"], "What does riluzole do?"),
        ("What does riluzole do?", ["How does ketamine work?"], "What does riluzole do?"),
        ("Is it safe?", ["How does ketamine work?", "what are its side effects?"], "Is ketamine safe?"),
        ("Is it safe?", [], "Is it safe?"),
    ],
)
def test_a_follow_up_names_its_topic(question: str, history: list[str], resolved: str, index: Index) -> None:
    assert resolve(question, history, index) == resolved


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("How does ketamin work?", "How does ketamine work?"),
        ("glutmaate release", "glutamate release"),
        ("What is escitalopram?", "What is escitalopram?"),
        ("THC and CBD", "THC and CBD"),
        ("Is dizzines common?", "Is dizziness common?"),
        ("Do lozenges shorten colds?", "Do lozenges shorten colds?"),
        ("What is the capital of Mongolia?", "What is the capital of Mongolia?"),
    ],
)
def test_a_slip_is_put_right_and_another_word_is_not(typed: str, meant: str, index: Index) -> None:
    assert correct(typed, index) == meant


@pytest.mark.parametrize(
    ("a", "b", "near"),
    [
        ("ketamin", "ketamine", True),
        ("ketaminee", "ketamine", True),
        ("ketomine", "ketamine", True),
        ("keatmine", "ketamine", True),
        ("ketamine", "ketamine", False),
        ("citalopram", "escitalopram", False),
        ("prednisone", "prednisolone", False),
        ("mania", "media", False),
    ],
)
def test_one_slip(a: str, b: str, near: bool) -> None:
    assert one_slip(a, b) is near


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("What is the recommended ketamine dose in mg/kg?", True),
        ("How long does one infusion last?", True),
        ("When was riluzole approved?", True),
        ("How does ketamine work?", False),
        ("What are the side effects of ketamine?", False),
        ("What should my lithium level be?", True),
        ("maximum paracetamol dose", True),
        ("How soon does riluzole work?", True),
        ("What is the role of glutamate?", False),
        ("How does the dose of ketamine change glutamate release?", False),
        ("Does the dose of ketamine matter?", False),
        ("dose of ketamine", True),
    ],
)
def test_what_asks_for_a_number(question: str, number: bool) -> None:
    assert asks_for_number(question) is number


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("What dose is given?", "Ketamine works within weeks, and one example is well known.", True),
        ("What dose is given?", "One tablet is taken with food.", False),
        ("How soon does it work?", "It works within hours.", False),
        ("How soon does it work?", "It works by blocking receptors.", True),
        ("How does it work?", "It works by blocking receptors.", False),
    ],
)
def test_a_number_of_the_kind_that_is_asked_for(question: str, text: str, lacks: bool) -> None:
    assert lacks_number(question, text) is lacks


@pytest.mark.parametrize(
    ("asked", "claim", "search"),
    [
        ("zinc colds children", False, True),
        ("Zinc shortens colds", True, False),
        ("Does zinc shorten colds", False, False),
        ("how does zinc work", False, False),
        ("zinc against colds?", False, False),
    ],
)
def test_claims_and_search_words_are_told_from_questions(asked: str, claim: bool, search: bool) -> None:
    assert (is_claim(asked), is_search(asked)) == (claim, search)
