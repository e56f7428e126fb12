"""The gold file and what is measured on it."""

import json
import math
from pathlib import Path

import pytest
from doubles import BagEmbedder, NotJudge

from eval.__main__ import main
from eval.gold import DEMONSTRATION, DOCUMENTS, BadGold, Gold, Row, gold_figures, read_gold
from eval.own import questions
from eval.pairs import read_pairs
from eval.retrieval import scifact_suite
from index.lexical import WORD
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
    found = {figure.name: figure for figure in gold_figures(rows, demonstration)}
    assert found["quotes that are verbatim"].value == 1
    assert found["right document and words"].value >= 0.85
    assert found["unanswerable, not answered"].value >= 0.9
    assert found["warnings that are right"].value >= 0.95
    assert found["disagreements warned of"].value >= 0.85
    assert found["false warnings"].value <= 0.04


def test_the_table_is_printed(tmp_path: Path, demonstration: RAG, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(DEMONSTRATION.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert main(["gold", str(path), "--index", str(demonstration.index.database.folder)]) == 0
    assert "right document and words                      1.000  (of 1)" in capsys.readouterr().out


def test_a_folder_of_ones_own_is_measured_without_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.own.ASKED", 20)
    assert main(["my", str(DOCUMENTS), "--out", str(tmp_path / "report")]) == 0
    rows = [json.loads(line) for line in (tmp_path / "report" / "rows-my.jsonl").read_text().splitlines()]
    kept, left_out = ([row for row in rows if row["left out"] is flag] for flag in (False, True))
    assert len(kept) == 20
    assert sum(not row["wrong"] for row in kept) >= 14
    assert sum(not row["wrong"] for row in left_out) >= 0.6 * len(left_out) > 0
    assert "| my | the sentence itself is quoted |" in capsys.readouterr().out


def test_questions_of_ones_own_name_something(demonstration: RAG) -> None:
    asked = list(questions(demonstration.index))
    assert len(asked) > 20
    for one in asked:
        words = one.query.split()
        assert 3 <= len(words) <= 5
        places = [WORD.findall(one.sentence.text).index(word) for word in words]
        assert places == sorted(places), "the words keep their order"


def test_the_packaged_pairs_are_whole() -> None:
    pairs = read_pairs()
    assert len({pair.id for pair in pairs}) == len(pairs) == 420
    assert {pair.label for pair in pairs} == {"disagree", "agree", "scope", "other", "view"}
    assert all((pair.kind is not None) == (pair.label == "disagree") for pair in pairs)


def test_a_missing_gold_file_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gold", "none.jsonl"]) == 2
    assert capsys.readouterr().err.startswith("There is no gold file none.jsonl")


def test_missing_data_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--suite", "scifact", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "name the folder of the data sets with --data" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_retrieval_is_scored_as_trec_does(tmp_path: Path) -> None:
    """Two queries, one answered first and one third: nDCG@10 is the mean of 1 and 1/log2(4)."""
    folder = tmp_path / "retrieval" / "scifact"
    (folder / "qrels").mkdir(parents=True)
    texts = {
        "d1": "zinc shortens colds",
        "d2": "zinc in soil and in plants",
        "d3": "zinc mining",
        "d4": "lead is a metal",
    }
    lines = [json.dumps({"_id": id, "title": "", "text": f"{text}."}) for id, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    queries = {"q1": "zinc shortens colds", "q2": "zinc zinc"}
    (folder / "queries.jsonl").write_text("\n".join(json.dumps({"_id": i, "text": t}) for i, t in queries.items()))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td4\t1\n")
    result = scifact_suite(tmp_path, NotJudge(), BagEmbedder())
    assert list(result.run["q1"])[0] == "d1"
    values = {figure.name: figure.value for figure in result.figures}
    place = list(result.run["q2"]).index("d4") + 1
    assert values["nDCG@10"] == pytest.approx((1 + 1 / math.log2(place + 1)) / 2)
    assert values["RR@10"] == pytest.approx((1 + 1 / place) / 2)
    assert {figure.n for figure in result.figures} == {2}
