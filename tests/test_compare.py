"""Features of a pair, the regression over them, and what a check makes of them."""

import numpy as np
import pytest
from doubles import BagEmbedder, NotJudge, WordRanker

from index import Index
from index.errors import ModelMissing
from rag import RAG, Answer
from rag.compare import FEATURES, conflict, features, judged, probability, text_pairs
from rag.disagree import JUDGED_PAIRS
from rag.measure import fit


def rag(texts: dict[str, str], judge: NotJudge | None = None) -> RAG:
    return RAG(Index.from_texts(texts, embedder=BagEmbedder()), ranker=WordRanker(), judge=judge or NotJudge())


def sides(answer: Answer) -> list[set[str]]:
    (found,) = answer.disagreements
    return [{answer.citations[n - 1].source for n in side.citations} for side in found.sides]


def test_features_stand_in_the_order_of_their_names() -> None:
    texts = [("Zinc shortens colds.", "Zinc does not shorten colds."), ("Zinc shortens colds.", "Lithium is a metal.")]
    pairs = text_pairs(texts, BagEmbedder())
    found = features(pairs, judged(pairs, NotJudge()))
    assert found.shape == (2, len(FEATURES))
    first = dict(zip(FEATURES, found[0].tolist(), strict=True))
    assert first["judge: refutes, mean of both orders"] == pytest.approx(np.log(0.96 / 0.04), abs=1e-3)
    assert first["judge: supports, mean of both orders"] == pytest.approx(np.log(0.02 / 0.98), abs=1e-3)
    assert first["denial"] == 1
    assert first["a negation in just one"] == 1
    assert first["share of the smaller one's stems that the other has"] == 1
    second = {name: value for name, value in zip(FEATURES[3:], found[1][3:].tolist(), strict=True) if value}
    assert second == {"each names what the other does not": 1}


def test_the_regression_finds_the_odds_of_a_table() -> None:
    """One yes/no feature: 30 of 40 against 10 of 40, so the bias is ln(1/3) and the weight ln 9."""
    x = np.repeat([[1.0], [1.0], [0.0], [0.0]], [30, 10, 10, 30], axis=0)
    truth = np.repeat([True, False, True, False], [30, 10, 10, 30])
    weights = fit(x, truth, penalty=1e-9)
    assert weights == pytest.approx([np.log(1 / 3), np.log(9)], abs=1e-6)
    assert probability(np.array([[1.0], [0.0]]), weights) == pytest.approx([0.75, 0.25])


def test_one_dispute_with_several_quotes_is_one_warning_with_two_sides() -> None:
    answer = rag(
        {
            "leaflet": "Zinc tablets shorten colds.",
            "review": "Zinc tablets clearly shorten colds.",
            "trial": "Zinc tablets do not shorten colds.",
        }
    ).ask("What do zinc tablets do to colds?")
    assert answer.status == "disputed"
    assert sorted(sides(answer), key=len) == [{"trial"}, {"leaflet", "review"}]
    assert answer.disagreements[0].summary == "One source states what another denies about zinc tablets and colds."


def test_one_document_does_not_disagree_with_itself() -> None:
    answer = rag({"leaflet": "Zinc tablets shorten colds. Zinc tablets do not shorten colds."}).ask(
        "Do zinc tablets work?"
    )
    assert answer.status == "answered"


def test_where_each_source_stands_is_told_for_yes_no_questions_only() -> None:
    texts = {"leaflet": "Zinc tablets shorten colds.", "trial": "Zinc tablets do not shorten colds."}
    found = {s.document: s for s in rag(texts).ask("Do zinc tablets shorten colds?").stances}
    assert {name.split("-")[0]: s.stance for name, s in found.items()} == {"leaflet": "supports", "trial": "refutes"}
    assert rag(texts).ask("What do zinc tablets do to colds?").stances == ()


def test_a_source_on_both_sides_is_mixed() -> None:
    text = "Zinc tablets shorten colds. Zinc tablets in water do not shorten colds."
    (stance,) = rag({"leaflet": text}).ask("Do zinc tablets shorten colds?").stances
    assert (stance.stance, len(stance.citations)) == ("mixed", 2)


def test_a_check_that_cannot_run_is_not_done(caplog: pytest.LogCaptureFixture) -> None:
    class Absent(NotJudge):
        def judge(self, pairs: object) -> np.ndarray:
            raise ModelMissing("There is no trained model. Reinstall Counterpoint.")

    answer = rag({"a": "Zinc tablets shorten colds.", "b": "Zinc tablets do not shorten colds."}, Absent()).ask("zinc?")
    assert (answer.status, answer.disagreement_check) == ("answered", "not_checked")
    assert "Reinstall Counterpoint" in caplog.text


def test_no_more_than_the_nearest_pairs_are_judged() -> None:
    judge = NotJudge()
    texts = {
        f"d{i}": f"Zinc tablets shorten colds of kind {i}. Zinc tablets help colds of type {i}." for i in range(30)
    }
    rag(texts, judge).ask("What do zinc tablets do to colds?")
    assert 0 < judge.read <= 2 * JUDGED_PAIRS


@pytest.mark.parametrize(
    ("a", "b", "most"),
    [
        ("Insulin lowers glucose.", "Without insulin, glucose rises.", 0.5),
        ("Insulin lowers glucose.", "Glucose rises in people who are not given insulin.", 0.5),
        ("Insulin lowers glucose.", "Insulin raises glucose.", 1.0),
        (
            "Glutamate is the main messenger of the brain: it excites cells.",
            "Glutamate is the main messenger of the brain, and too much of it harms cells.",
            0.5,
        ),
    ],
)
def test_what_misleads_the_judge_is_never_more_than_even(a: str, b: str, most: float) -> None:
    pairs = text_pairs([(a, b)], BagEmbedder())
    sure = np.array([[[0.001, 0.998, 0.001], [0.001, 0.998, 0.001]]])
    assert conflict(pairs, sure)[0] == pytest.approx(most, abs=0.02)
