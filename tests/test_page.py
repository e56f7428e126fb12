"""The page in a real browser, served by the real program; what is seen is kept in ``screenshots/``."""

import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from browser import PHONE, ROOT, SHOWN_WITHIN
from doubles import BagEmbedder

import app
from index import Index
from rag import render

RILUZOLE = "What does riluzole do to glutamate release?"


# -- conversation ----------------------------------------------------------------------------------


def test_start(visit: Any) -> None:
    visitor = visit()
    assert visitor.page.get_by_role("heading", name="Counterpoint").is_visible()
    visitor.page.get_by_text("10 documents indexed").wait_for()
    assert visitor.page.locator(".cp-example").count() == len(app.DEMONSTRATION)
    visitor.keep("start")


def test_an_example_is_asked_by_selecting_it(visit: Any) -> None:
    visitor = visit()
    visitor.page.get_by_role("button", name=RILUZOLE).click()
    assert visitor.settled().locator(".cp-question").inner_text() == RILUZOLE
    assert not visitor.page.locator(".cp-example").first.is_visible()


def test_a_citation_opens_its_passage_with_the_cited_words_marked(visit: Any) -> None:
    visitor = visit()
    turn = visitor.ask(RILUZOLE)
    number = turn.locator(".cp-statement .cp-cite").first
    number.focus()
    visitor.page.keyboard.press("Enter")
    panel = visitor.opened
    panel.wait_for()
    marked = panel.locator("mark").inner_text()
    assert "riluzole" in marked.lower()
    assert marked in panel.locator("blockquote").inner_text()
    assert panel.locator("h3").inner_text()
    assert re.search(r"\.(txt|html|md|pdf)", panel.locator(".cp-place").inner_text())
    visitor.keep("passage")
    visitor.page.keyboard.press("Escape")
    panel.wait_for(state="detached")
    assert number.evaluate("number => number === document.activeElement")


def test_a_passage_stays_open_while_the_sources_are_compared(visit: Any) -> None:
    visitor = visit()
    visitor.box.fill(RILUZOLE)
    visitor.box.press("Enter")
    visitor.page.locator("#cp-1 .cp-cite").first.click(timeout=SHOWN_WITHIN)
    visitor.settled()
    assert visitor.opened.count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sources_that_disagree(visit: Any, scheme: str) -> None:
    visitor = visit(color_scheme=scheme)
    turn = visitor.ask(RILUZOLE)
    warning = turn.get_by_role("alert")
    assert warning.get_by_role("heading", name=render.WARNING).is_visible()
    sides = warning.locator(".cp-side").all_inner_texts()
    assert len(sides) == 2
    reduces = next(side for side in sides if "reduces" in side)
    increases = next(side for side in sides if "increases" in side)
    assert reduces != increases
    assert warning.locator("mark", has_text="increases").count() >= 1
    assert re.search(r"\b20\d\d\b", increases), "the year stands under the quote"
    assert turn.locator(".cp-status").inner_text().strip() == f"{render.WARNING}: see both sides"
    visitor.keep(f"disagreement-{scheme}")


def test_sources_that_agree(visit: Any) -> None:
    visitor = visit()
    turn = visitor.ask("What does GABA do?")
    assert turn.get_by_role("alert").count() == 0
    assert turn.locator(".cp-status").inner_text() == render.AGREED
    visitor.keep("agreement")


def test_a_note_is_quiet(visit: Any) -> None:
    visitor = visit()
    turn = visitor.ask("Does ketamine raise or lower glutamate in the prefrontal cortex?")
    assert turn.get_by_role("note").first.is_visible()
    assert turn.get_by_role("note").get_by_role("heading").count() == 0
    turn.get_by_role("note").first.scroll_into_view_if_needed()
    visitor.keep("note")


def test_not_in_these_documents(visit: Any) -> None:
    visitor = visit()
    turn = visitor.ask("What is the capital of Mongolia?")
    assert turn.locator(".cp-statement").inner_text() == render.NOT_FOUND
    assert turn.locator(".cp-nearest li").count() >= 1
    assert turn.locator(".cp-cite").count() == 0
    visitor.keep("not-found")


def test_a_follow_up_is_read_with_the_question_before_it(visit: Any) -> None:
    visitor = visit()
    visitor.ask("How does ketamine relieve depression?")
    turn = visitor.ask("What are its side effects?")
    assert "ketamine" in turn.get_by_text("Read as").inner_text().lower()
    visitor.page.get_by_role("button", name="New conversation").click()
    visitor.page.locator(".cp-turn").first.wait_for(state="detached")
    visitor.asked = 0
    assert visitor.ask("What are its side effects?").get_by_text("Read as").count() == 0


@pytest.mark.parametrize(("question", "message"), [("", "There is no question"), ("a" * 5_000, "2,000")])
def test_what_is_no_question_gets_a_message(visit: Any, question: str, message: str) -> None:
    visitor = visit()
    assert message in visitor.ask(question).locator(".cp-message").inner_text()
    visitor.keep("message")


def test_where_the_sources_stand_opens_their_quotes(visit: Any) -> None:
    visitor = visit()
    turn = visitor.ask("Does ketamine need opioid receptors to relieve depression?")
    strip = turn.locator(".cp-stances")
    assert strip.inner_text().startswith("Where the sources stand:")
    visitor.keep("stances")
    strip.locator(".cp-cite").first.click()
    opened = visitor.opened
    opened.wait_for()
    assert "opioid" in opened.locator("mark").inner_text()


def test_two_visitors_see_only_their_own_conversation(visit: Any) -> None:
    first, second = visit(), visit()
    first.ask(RILUZOLE)
    second.ask("What does GABA do?")
    assert first.page.locator(".cp-question").all_inner_texts() == [RILUZOLE]
    assert second.page.locator(".cp-question").all_inner_texts() == ["What does GABA do?"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone(visit: Any, scheme: str) -> None:
    visitor = visit(color_scheme=scheme, **PHONE)
    visitor.keep(f"phone-start-{scheme}")
    turn = visitor.ask(RILUZOLE)
    visitor.keep(f"phone-answer-{scheme}")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    sides = [side.bounding_box() for side in turn.get_by_role("alert").locator(".cp-side").all()]
    assert sides[0]["y"] + sides[0]["height"] <= sides[1]["y"], "the sides stand below each other"
    turn.get_by_role("alert").scroll_into_view_if_needed()
    visitor.keep(f"phone-disagreement-{scheme}")
    turn.locator(".cp-cite").first.tap()
    visitor.opened.wait_for()
    visitor.keep(f"phone-passage-{scheme}")


# -- for programs ----------------------------------------------------------------------------------


def test_the_endpoint_gives_the_contract(address: str) -> None:
    client = _client(address)
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/ask"]
    answer = client.predict(RILUZOLE, api_name="/ask")
    assert list(answer) == [
        "question", "query", "documents", "status", "confidence", "statements", "citations", "disagreements",
        "disagreement_check", "stances", "nearest", "timings_ms",
    ]  # fmt: skip
    assert (answer["question"], answer["status"]) == (RILUZOLE, "disputed")
    assert answer["disagreement_check"] == "done"
    numbers = {citation["number"] for citation in answer["citations"]}
    assert {n for statement in answer["statements"] for n in statement["citations"]} <= numbers
    follow_up = client.predict(question="What are its side effects?", history=[RILUZOLE], api_name="/ask")
    assert "riluzole" in follow_up["query"].lower()


def test_the_endpoint_says_what_is_wrong(address: str) -> None:
    gradio_client = pytest.importorskip("gradio_client")
    with pytest.raises(gradio_client.exceptions.AppError, match="There is no question"):
        _client(address).predict("", api_name="/ask")


def _client(address: str) -> Any:
    return pytest.importorskip("gradio_client").Client(address, verbose=False, analytics_enabled=False)


def test_another_name_for_this_machine_is_refused(address: str) -> None:
    with socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1]))) as connection:
        connection.sendall(b"GET /config HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 400")


# -- command line ----------------------------------------------------------------------------------


def assert_refused(message: str, folder: Path, *arguments: object) -> None:
    """The program ends with status 2, and the last line says why."""
    command = [sys.executable, str(ROOT / "app.py"), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert message in done.stderr.strip().splitlines()[-1]


def test_wrong_use_gets_one_clear_line(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert_refused("There is no folder none", tmp_path, "--documents", "none")
    assert_refused("There is no folder documents", tmp_path)
    assert not (tmp_path / ".counterpoint").exists()
    assert_refused("There is no index at none", tmp_path, "--index", "none")
    assert_refused("holds no documents", tmp_path, "--documents", empty, "--index", "index")


def test_a_port_in_use_is_said(tmp_path: Path, address: str) -> None:
    port = address.rsplit(":", 1)[1]
    (tmp_path / "a.txt").write_text("Riluzole reduces the release of glutamate from nerve cells.")
    assert_refused(port, tmp_path, "--documents", ".", "--index", tmp_path / "index", "--port", port)


def test_help_is_enough() -> None:
    done = subprocess.run([sys.executable, "app.py", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert all(option in done.stdout for option in ("--documents", "--index", "--port", "7860"))


def test_default_index_keeps_folders_of_one_name_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert app.default_index(Path("documents")) == Path(".counterpoint/documents")
    assert app.default_index(tmp_path / "documents") == Path(".counterpoint/documents")
    first, second = app.default_index(tmp_path / "a" / "papers"), app.default_index(tmp_path / "b" / "papers")
    assert re.fullmatch(r"papers-[0-9a-f]{8}", first.name)
    assert first != second


def test_examples_of_other_documents_are_their_questions() -> None:
    texts = {
        "faq": "Answers\n\nWhat is tea?\n\nTea is a drink.\n",
        "essay": "On coffee\n\nIt is a drink as well.",
    }
    index = Index.from_texts(texts, embedder=BagEmbedder())
    assert app.example_questions(index) == ["What is tea?"]
