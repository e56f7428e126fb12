"""The gold file and what is measured on it."""

from pathlib import Path

import pytest

from eval.__main__ import main
from eval.gold import DEMONSTRATION, BadGold, Gold, Row, measures, read_gold
from eval.pairs import Pair, pair_measures, read_pairs, warned
from rag import RAG, Answer, Citation, Statement

GOLD = Gold(
    id="q1",
    group="g",
    form="plain",
    question="What does riluzole do?",
    answerable=True,
    topic="on",
    documents=["a.txt"],
    words=[["reduces", "lowers"], ["glutamate"]],
    disagreement=False,
    note=None,
)


def answer(text: str, source: str = "a.txt") -> Answer:
    citation = Citation(1, source, "A", source, None, text, 0, len(text))
    return Answer("q", "q", 0.9, (Statement(text, (1,)),), (citation,), disagreement_check="done")


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (answer("Riluzole lowers glutamate."), True),
        (answer("Riluzole raises glutamate."), False),
        (answer("Riluzole lowers glutamate.", source="b.txt"), False),
        (Answer("q", "q", 0.1), False),
    ],
)
def test_a_right_answer_cites_an_expected_document_and_says_the_words(given: Answer, right: bool) -> None:
    assert Row(GOLD, given).right is right


def test_the_demonstration_gold_file_is_what_it_promises() -> None:
    gold = read_gold(DEMONSTRATION)
    unanswerable = [question for question in gold if not question.answerable]
    assert len(gold) >= 40
    assert len(unanswerable) * 4 >= len(gold)
    assert sum(question.topic == "on" for question in unanswerable) * 2 >= len(unanswerable)
    assert sum(question.disagreement for question in gold) * 4 >= len(gold)
    assert {question.form for question in gold} == {"plain", "paraphrase", "typo"}
    assert len({question.id for question in gold}) == len(gold)
    names = {path.name for path in (Path(__file__).parent.parent / "documents").iterdir()}
    assert {name for question in gold for name in question.documents} <= names


def test_a_bad_gold_file_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "q1"}\n')
    with pytest.raises(BadGold, match=r"gold.jsonl, line 1: one JSON object with answerable"):
        read_gold(path)


def test_measures_count_questions(demonstration: RAG) -> None:
    rows = [Row(gold, demonstration.ask(gold.question)) for gold in read_gold(DEMONSTRATION)]
    found = {measure.name: measure for measure in measures(rows, demonstration)}
    assert found["quotes that are verbatim"].value == 1
    assert found["right document and words"].value >= 0.85
    assert found["not answered, of the unanswerable"].value >= 0.9
    assert found["warnings that are right (precision)"].value >= 0.95
    assert found["disagreements warned of (recall)"].value >= 0.85
    assert found["false warnings, of the agreed"].value <= 0.04


def test_the_table_is_printed(tmp_path: Path, demonstration: RAG, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(DEMONSTRATION.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert main([str(path), "--index", str(demonstration.index.database.folder)]) == 0
    assert "right document and words                     1.000  (1 of 1)" in capsys.readouterr().out


def test_pairs_are_asked_as_corpora_of_their_own(demonstration: RAG) -> None:
    question = "What does riluzole do to the release of glutamate?"
    a, b = "Riluzole reduces the release of glutamate.", "Riluzole increases the release of glutamate."
    pairs = [Pair("1", question, a, b, "disagree", "direction"), Pair("2", question, a, f"Yes. {a}", "agree", None)]
    found = warned(pairs, demonstration.index.embedder)
    assert [warns for _, warns in found] == [True, False]
    assert [(m.name, m.hits, m.of) for m in pair_measures(found)] == [
        ("warnings that are right (precision)", 1, 1),
        ("disagreements warned of (recall)", 1, 1),
        ("… direction", 1, 1),
        ("false warnings, of the others", 0, 1),
    ]


def test_the_packaged_pairs_are_whole() -> None:
    pairs = read_pairs()
    assert len({pair.id for pair in pairs}) == len(pairs) == 420
    assert {pair.label for pair in pairs} == {"disagree", "agree", "scope", "other", "view"}
    assert all((pair.kind is not None) == (pair.label == "disagree") for pair in pairs)


def test_a_missing_gold_file_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["none.jsonl"]) == 2
    assert capsys.readouterr().err.startswith("There is no gold file none.jsonl")
