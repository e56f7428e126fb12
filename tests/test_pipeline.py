"""From a question to a cited answer, on the demonstration articles and the packaged models."""

import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from doubles import BagEmbedder, NotJudge, WordRanker

from index import Index
from index.errors import BadQuestion, IndexEmpty, IndexMissing
from rag import RAG, Answer, ask
from rag.__main__ import main


def quotes(answer: Answer, side: int) -> str:
    numbers = answer.disagreements[0].sides[side].citations
    return " ".join(answer.citations[number - 1].quote for number in numbers)


def test_an_answer_cites_what_it_says(demonstration: RAG) -> None:
    answer = demonstration.ask("What are the side effects of riluzole?")
    assert answer.status == "answered"
    assert answer.statements[0].text.startswith("The most common side effects of riluzole are nausea")
    assert answer.citations[0].source == "riluzole-patient-leaflet.txt"
    assert answer.disagreement_check == "done"


def test_every_quote_is_in_its_document(demonstration: RAG) -> None:
    answers = [demonstration.ask(q) for q in ("How does ketamine work?", "What does riluzole do to glutamate?")]
    citations = [citation for answer in answers for citation in answer.citations]
    assert len(citations) > 3
    for citation in citations:
        document = demonstration.index.document(citation.document)
        assert document.text[citation.start : citation.end] == citation.quote
        assert (document.title, document.source) == (citation.title, citation.source)


def test_sources_that_disagree_are_shown_side_by_side(demonstration: RAG) -> None:
    answer = demonstration.ask("What does riluzole do to glutamate release?")
    assert answer.status == "disputed"
    assert answer.disagreements[0].kind == "direction"
    assert {("reduces" in quotes(answer, side), "increases" in quotes(answer, side)) for side in (0, 1)} == {
        (True, False),
        (False, True),
    }
    first, second = (side.citations for side in answer.disagreements[0].sides)
    assert not {answer.citations[n - 1].document for n in first} & {answer.citations[n - 1].document for n in second}


def test_what_is_not_there_is_not_found(demonstration: RAG) -> None:
    answer = demonstration.ask("What is the capital of Mongolia?")
    assert (answer.status, answer.statements, answer.citations) == ("not_found", (), ())
    assert len(answer.nearest) == 3


def test_a_page_number_is_cited(demonstration: RAG) -> None:
    answer = demonstration.ask("What are the side effects of lamotrigine?")
    pages = {citation.page for citation in answer.citations if citation.source.endswith(".pdf")}
    assert pages == {2}


def test_a_follow_up_finds_its_topic(demonstration: RAG) -> None:
    answer = demonstration.ask("What about its side effects?", history=["How does riluzole work?"])
    assert answer.query == "What about riluzole's side effects?"
    assert any("nausea" in statement.text for statement in answer.statements)


def test_the_answer_comes_before_the_check(demonstration: RAG) -> None:
    answer = demonstration.answer("What does riluzole do to glutamate release?")
    assert (answer.disagreement_check, answer.disagreements, answer.status) == ("not_checked", (), "answered")
    checked = demonstration.check(answer)
    assert (checked.disagreement_check, checked.status) == ("done", "disputed")
    assert checked.statements == answer.statements


def test_a_document_of_many_passages_leaves_room_for_the_others() -> None:
    """The long document fills more than is looked at first; what it says beyond its share comes after all others."""
    long = "\n\n".join(f"Part {n}\n\nZinc shortens colds by {n} days." for n in range(50))
    short = {f"short-{n}": f"Zinc was given to {n} people with colds in the town by the sea." for n in range(4)}
    hits = RAG.from_texts({"long": long, **short}, embedder=BagEmbedder()).retrieve("Zinc shortens colds", k=9)
    assert [hit.passage.document for hit in hits[:3]] == ["long"] * 3
    assert {hit.passage.document for hit in hits[3:7]} == short.keys()
    assert [hit.passage.document for hit in hits[7:]] == ["long"] * 2
    assert [hit.rank for hit in hits] == list(range(1, 10))


def test_a_question_is_embedded_once() -> None:
    class Counting(BagEmbedder):
        asked: ClassVar[list[str]] = []

        def embed_query(self, text: str) -> np.ndarray:
            self.asked.append(text)
            return super().embed_query(text)

    rag = RAG.from_texts({"a": "Zinc shortens colds.", "b": "Zinc does not shorten colds."}, embedder=Counting())
    rag.ranker, rag.judge = WordRanker(), NotJudge()
    Counting.asked.clear()
    for _ in range(2):
        assert rag.ask("Does zinc shorten colds?").statements
    assert Counting.asked.count("Does zinc shorten colds?") == 1


def test_hits_are_ranked_without_gaps_and_spread(demonstration: RAG) -> None:
    hits = demonstration.retrieve("How does ketamine work?", k=10)
    assert [hit.rank for hit in hits] == list(range(1, 11))
    assert len({hit.passage.document for hit in hits}) >= 4
    assert demonstration.retrieve("How does ketamine work?", k=1) == hits[:1]


def test_the_contract(demonstration: RAG) -> None:
    found = demonstration.ask("How does ketamine relieve depression?").to_dict()
    assert found == json.loads(json.dumps(found))
    assert found["status"] == "disputed"
    assert set(found["citations"][0]) >= {"number", "document", "title", "source", "page", "quote", "start", "end"}
    assert [citation["number"] for citation in found["citations"]] == list(range(1, len(found["citations"]) + 1))
    assert set(found["disagreements"][0]) == {"kind", "summary", "confidence", "sides"}
    assert set(found["disagreements"][0]["sides"][0]) == {"claim", "citations"}
    assert set(found["timings_ms"]) == {"retrieve", "compose", "disagree"}


@pytest.mark.parametrize("question", ["", "  \n ", "x" * 100_000])
def test_what_is_no_question_is_refused(demonstration: RAG, question: str) -> None:
    with pytest.raises(BadQuestion):
        demonstration.ask(question)


@pytest.mark.parametrize(
    "question",
    ["<script>alert(1)</script>", "¿Cómo se llama la capital?", "什么是蒙古的首都", "' OR 1=1 --", "a:b AND (c"],
)
def test_odd_questions_get_a_normal_answer(demonstration: RAG, question: str) -> None:
    assert demonstration.ask(question).status == "not_found"


def test_texts_are_cited_in_the_callers_own_strings() -> None:
    texts = {"my leaflet": "  Riluzole   reduces the release\nof glutamate. It can raise liver enzymes."}
    answer = RAG.from_texts(texts).ask("What does riluzole reduce?")
    citation = answer.citations[0]
    assert citation.source == "my leaflet"
    assert (
        texts["my leaflet"][citation.start : citation.end]
        == citation.quote
        == ("Riluzole   reduces the release\nof glutamate.")
    )
    assert answer.statements[0].text == "Riluzole reduces the release of glutamate."


def test_no_documents_and_no_index_are_said_clearly(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(IndexEmpty, match="holds no documents"):
        RAG.from_texts({}).ask("How does ketamine work?")
    with pytest.raises(IndexMissing, match="python -m index sync"):
        ask("How does ketamine work?", index=tmp_path / "none")


def test_the_command_line(demonstration: RAG, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(demonstration.index.database.folder)
    assert main(["What are the side effects of riluzole?", "--index", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "answered"
    assert main(["What are the side effects of riluzole?", "--index", folder]) == 0
    assert "nausea" in capsys.readouterr().out
    assert main(["", "--index", folder]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


# -- while documents change ---


def test_an_answer_whose_documents_have_changed_is_not_checked(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("Riluzole reduces the release of glutamate from nerve cells.")
    (folder / "b.txt").write_text("Riluzole does not reduce the release of glutamate from nerve cells.")
    index = Index.create(tmp_path / "index", embedder=BagEmbedder())
    index.sync(folder)
    rag = RAG(index, ranker=WordRanker(), judge=NotJudge())
    answer = rag.answer("What does riluzole do to the release of glutamate?")
    assert rag.check(answer).disagreement_check == "done"
    (folder / "a.txt").write_text("Riluzole is a white powder.")
    (folder / "b.txt").unlink()
    index.sync(folder)
    assert rag.check(answer) == answer
    assert answer.disagreement_check == "not_checked"


def test_copies_and_versions_of_one_text_do_not_disagree() -> None:
    lines = [f"In trial number {n} the drug was given to {n} people with the disease for {n} weeks." for n in range(30)]
    first = "\n\n".join(["Riluzole reduces the release of glutamate from nerve cells.", *lines])
    newer = first.replace("reduces", "does not reduce").replace("number 7", "number seven")
    other = "Riluzole does not reduce the release of glutamate from nerve cells.\n\nIt is a white powder."
    question = "What does riluzole do to the release of glutamate?"

    def disagreements(**texts: str) -> int:
        index = Index.from_texts(texts, embedder=BagEmbedder())
        return len(RAG(index, ranker=WordRanker(), judge=NotJudge()).ask(question).disagreements)

    assert disagreements(first=first, other=other) == 1
    assert disagreements(first=first, newer=newer) == 0
