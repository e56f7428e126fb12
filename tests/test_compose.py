"""Which sentences answer, and whether each can stand alone."""

import math

import pytest
from doubles import BagEmbedder, NotJudge, WordRanker

from index import Hit, Index
from rag import RAG
from rag.compose import (
    FEATURES,
    READ,
    candidates,
    choose,
    coverage,
    in_order,
    in_place,
    of_named,
    readings,
    score,
    words_and_places,
)

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


def test_a_question_without_a_word_of_content_is_covered_by_nothing() -> None:
    assert coverage("And what is it?", ["Kratom is a tree.", "So what?"]).tolist() == [0, 0]
    rag = RAG.from_texts({"a": "Zinc shortens colds."}, embedder=BagEmbedder())
    rag.ranker, rag.judge = WordRanker(), NotJudge()
    assert rag.ask("What is it?").status == "not_found"


def test_coverage_counts_rare_words_more() -> None:
    texts = ["riluzole and nausea", "riluzole", "bread"]
    riluzole, nausea = math.log(4 / 2.5), math.log(4 / 1.5)
    expected = [1.0, riluzole / (riluzole + nausea), 0.0]
    assert coverage("Does riluzole cause nausea?".replace("cause ", ""), texts) == pytest.approx(expected)


def test_what_is_seen_and_read_of_a_sentence() -> None:
    index = index_of(page=PAGE)
    found = [c for c in candidates(all_hits(index), index) if c.quote.text.startswith(("Nausea", "Is it safe"))]
    question = "Does riluzole raise liver enzymes by 3 percent?"
    seen = dict(zip(FEATURES, words_and_places(question, found, index).T.tolist(), strict=False))
    assert len(seen) == len(FEATURES) - READ
    share = seen["share of the question's words that it has in its place, the rare ones counting more"]
    assert 0 < share[0] < share[1] < 1, "the title names riluzole for both; liver enzymes are in one"
    assert seen["how much longer the question is than most"] == [0, 0]
    assert seen["a number is asked for and it has none"] == [0, 0]
    assert seen["yes or no answers the question"] == [1, 1]
    assert seen["the question is a claim"] == [0, 0]
    read = readings(question, found, WordRanker(), NotJudge(), index)
    assert read[0, 1] == pytest.approx(math.log(0.04 / 0.96), abs=1e-4), "the judge reads the bare sentence"
    assert read[1, 1] == pytest.approx(math.log(0.98 / 0.02), abs=1e-4)
    assert readings(question, found, WordRanker(), None, index)[:, 1].tolist() == [0, 0]
    assert readings("What does riluzole do?", found, WordRanker(), NotJudge(), index)[:, 1].tolist() == [0, 0]


def test_a_sentence_is_read_in_its_place() -> None:
    index = index_of(page=PAGE)
    first = candidates(all_hits(index), index)[0]
    assert in_place(first, "") == "Riluzole: Riluzole is a drug for ALS."
    assert in_place(first, "Leaflet") == "Leaflet > Riluzole: Riluzole is a drug for ALS."
    assert in_place(first, "Riluzole") == "Riluzole: Riluzole is a drug for ALS."


def test_another_word_for_the_same_counts_and_work_does_not() -> None:
    texts = ["Kratom makes dependent.", "Kratom is a tree.", "It works."]
    kratom, addictive = math.log(4 / 2.5), math.log(4 / 1.0)
    others = addictive / 2
    assert coverage("Is kratom addictive?", texts) == pytest.approx(
        [(kratom + others) / (kratom + addictive), kratom / (kratom + addictive), 0]
    )
    assert coverage("What is the use of kratom?", texts) == pytest.approx([1, 1, 0])


def test_a_long_story_is_expected_to_be_told_by_no_sentence() -> None:
    index = index_of(page=PAGE)
    found = candidates(all_hits(index), index)[:1]
    longer = FEATURES.index("how much longer the question is than most")
    asked = " ".join(["riluzole"] * 24)
    assert words_and_places(asked, found, index)[:, longer] == pytest.approx([math.log(2)])


def test_another_drug_does_not_answer() -> None:
    texts = {"a": "Creatine is a powder.", "b": "The drug may cause cancer in rats."}
    index = Index.from_texts(
        texts, embedder=BagEmbedder(known=["does", "cause", "cancer", "what", "causes", "is", "a", "powder", "drug"])
    )
    found = candidates(all_hits(index), index)
    assert [c.sentence.document for c in of_named("Does creatine cause cancer?", found, index)] == ["a"]
    assert len(of_named("What causes cancer?", found, index)) == 2
    assert len(of_named("Is a powder carcinogenic?", found, index)) == 2
    assert len(of_named("What drugs cause cancers?", found, index)) == 2
    assert len(of_named("Does kreatin cause cancer?", found, index)) == 2


def test_a_table_row_answers_where_a_figure_is_asked_for() -> None:
    index = index_of(page="Melatonin\n\nUse | Dose\nJet lag | 0.5 to 5 mg\nShift work | unknown\n\nIt is a hormone.")
    rows = [c for c in candidates(all_hits(index), index, rows=True) if "|" in c.quote.text]
    assert [(c.heading, c.quote.text) for c in rows] == [("Melatonin | Use | Dose", "Jet lag | 0.5 to 5 mg")]
    assert not [c for c in candidates(all_hits(index), index) if "|" in c.quote.text]


def shown(question: str, **texts: str) -> list[list[tuple[str, str]]]:
    index = index_of(**texts)
    scored = score(question, candidates(all_hits(index), index), WordRanker(), NotJudge(), index)
    return [[(c.sentence.document, c.sentence.text) for c in group] for group in choose(question, scored)]


def test_the_best_sentence_comes_first_and_its_repeat_elsewhere_is_a_second_source() -> None:
    assert shown(
        "What does riluzole do to glutamate release?",
        a="Riluzole reduces glutamate release.",
        b="Riluzole reduces the release of glutamate. Bread is made of flour.",
    ) == [[("a", "Riluzole reduces glutamate release."), ("b", "Riluzole reduces the release of glutamate.")]]


@pytest.mark.parametrize(
    ("one", "other", "documents"),
    [
        ("Zinc reduces the length of colds.", "Zinc reduces the length of colds.", [2]),
        ("Zinc reduces the length of colds.", "Zinc increases the length of colds.", [1, 1]),
        ("Zinc shortens most colds in adults.", "Zinc does not shorten most colds in adults.", [1, 1]),
        ("Zinc shortens colds by 2 days.", "Zinc shortens colds by 3 days.", [1, 1]),
    ],
)
def test_a_statement_never_cites_its_opposite(one: str, other: str, documents: list[int]) -> None:
    groups = shown("What does zinc do to colds?", a=one, b=other)
    assert [len({document for document, _ in group}) for group in groups] == documents


def test_nothing_is_shown_where_nothing_answers() -> None:
    assert shown("What is the capital of Mongolia?", a="Riluzole reduces glutamate release.") == []


@pytest.mark.parametrize(
    ("text", "answers"),
    [("The dose of ketamine is 50 mg.", 1), ("The dose of ketamine depends on the patient.", 0)],
)
def test_a_question_for_a_number_wants_a_number(text: str, answers: int) -> None:
    assert len(shown("What is the dose of ketamine in mg?", a=text)) == answers


def ordered(question: str, page: str, best: str) -> list[str]:
    """How the sentences of a page are shown when this one is the likeliest and the others follow as they stand."""
    index = index_of(page=page)
    found = candidates(all_hits(index), index)
    found.sort(key=lambda c: not c.sentence.text.startswith(best))
    return [c.sentence.text.split()[0] for [c] in in_order(question, [[c] for c in found])]


def test_the_definition_comes_first_and_what_qualifies_last() -> None:
    page = "Some call zinc useful. However, zinc is not well understood. Zinc shortens colds. Metal is what zinc is."
    assert ordered("How does zinc work?", page, "Zinc") == ["Zinc", "Some", "Metal", "However,"]
    assert ordered("What is zinc?", page.replace("Metal", "Zinc is a metal. Metal"), "Some")[:2] == ["Zinc", "Some"]


def test_what_was_asked_comes_after_what_was_found() -> None:
    page = "Aim: To find out whether zinc shortens colds. Colds were shorter with zinc. Nausea was common with zinc."
    assert ordered("Does zinc shorten colds?", page, "Aim:") == ["Colds", "Nausea", "Aim:"]


def test_what_stands_under_the_same_question_stays_in_order() -> None:
    page = "Does zinc help?\n\nZinc helps against colds. Trials found shorter colds. Nausea is common with zinc."
    assert ordered("Does zinc help?", page, "Trials") == ["Zinc", "Trials", "Nausea"]
    assert ordered("Does zinc help?", page.replace("?", ""), "Trials") == ["Trials", "Zinc", "Nausea"]
