"""Which sentences answer, and whether each can stand alone."""

import math

import pytest
from doubles import BagEmbedder, WordRanker

from index import Hit, Index
from rag.compose import candidates, choose, coverage, missing, names_left_out, score, standing_alone

PAGE = """Riluzole

Riluzole is a drug for ALS. It reduces the release of glutamate. That calms nerve cells. Nausea is common.

Is it safe?

It can raise liver enzymes, so blood tests are needed.

What else is known?
"""


def index_of(**texts: str) -> Index:
    return Index.from_texts(texts, embedder=BagEmbedder())


def all_hits(index: Index) -> list[Hit]:
    passages = index.passages(index.database.passage_ids())
    return [Hit(passage, 1.0, rank) for rank, passage in enumerate(passages.values(), 1)]


def test_a_sentence_that_leans_brings_what_it_leans_on() -> None:
    index = index_of(page=PAGE)
    quotes = [" ".join(c.quote.text.split()) for c in candidates(all_hits(index), index)]
    assert quotes == [
        "Riluzole is a drug for ALS.",
        "Riluzole is a drug for ALS. It reduces the release of glutamate.",
        "Riluzole is a drug for ALS. It reduces the release of glutamate. That calms nerve cells.",
        "Nausea is common.",
        "Is it safe? It can raise liver enzymes, so blood tests are needed.",
    ]


def test_a_sentence_that_leans_on_nothing_is_passed_over() -> None:
    index = index_of(page="These effects are mild. Ketamine blocks receptors.")
    every = index.sentences("page")
    assert standing_alone(index.document("page"), every, 0) is None
    assert standing_alone(index.document("page"), every, 1) == every[1]


def test_a_quote_is_never_longer_than_its_limit() -> None:
    text = " ".join(f"This is the sentence with the number {n} and some words." for n in range(40))
    index = index_of(page="Ketamine is a drug. " + text)
    assert max(len(c.quote.text) for c in candidates(all_hits(index), index)) <= 500


def test_coverage_counts_rare_words_more() -> None:
    texts = ["riluzole and nausea", "riluzole", "bread"]
    riluzole, nausea = math.log(4 / 2.5), math.log(4 / 1.5)
    expected = [1.0, riluzole / (riluzole + nausea), 0.0]
    assert coverage("Does riluzole cause nausea?".replace("cause ", ""), texts) == pytest.approx(expected)


def test_a_name_that_a_sentence_lacks_counts_against_it() -> None:
    index = Index.from_texts({"a": "x"}, embedder=BagEmbedder(known=["effect", "of", "side"]))
    texts = ["a side effect of glutamine", "a side effect of ketamine"]
    assert names_left_out("side effect of ketamine", texts, index).tolist() == [1, 0]
    assert names_left_out("side effect of lithium", texts, index).tolist() == [0, 0]


def test_what_no_sentence_speaks_of_is_missing() -> None:
    assert missing("Is ketamine safe during pregnancy?", ["Ketamine is an anaesthetic."]) == {"dure", "pregnanc"}


def shown(question: str, **texts: str) -> list[list[tuple[str, str]]]:
    index = index_of(**texts)
    scored = score(question, candidates(all_hits(index), index), WordRanker(), index)
    return [[(c.sentence.document, c.sentence.text) for c in group] for group in choose(question, scored)]


def test_the_best_sentence_comes_first_and_its_repeat_elsewhere_is_a_second_source() -> None:
    assert shown(
        "What does riluzole do to glutamate release?",
        a="Riluzole reduces glutamate release.",
        b="Riluzole reduces the release of glutamate. Bread is made of flour.",
    ) == [[("a", "Riluzole reduces glutamate release."), ("b", "Riluzole reduces the release of glutamate.")]]


def test_nothing_is_shown_where_nothing_answers() -> None:
    assert shown("What is the capital of Mongolia?", a="Riluzole reduces glutamate release.") == []


@pytest.mark.parametrize(
    ("text", "answers"),
    [("The dose of ketamine is 50 mg.", 1), ("The dose of ketamine depends on the patient.", 0)],
)
def test_a_question_for_a_number_wants_a_number(text: str, answers: int) -> None:
    assert len(shown("What is the dose of ketamine in mg?", a=text)) == answers
