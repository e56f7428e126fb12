"""The page in a real browser, served by the real program; what is seen is kept in ``screenshots/``."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from browser import PHONE, ROOT, SCREENSHOTS, SHOWN_WITHIN, Visitor, serving, serving_desk
from doubles import BagEmbedder, NotJudge, WordRanker

import app
from index import Index
from rag import RAG, render
from rag.conversation import APOLOGY, Desk, Workers
from rag.verdicts import Verdicts

RILUZOLE = "What does riluzole do to glutamate release?"


# -- conversation ----------------------------------------------------------------------------------


def test_start(visit: Any) -> None:
    visitor = visit()
    assert visitor.page.get_by_role("heading", name="Counterpoint").is_visible()
    visitor.page.get_by_text("10 documents").wait_for()
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
    assert visitor.ask("What are its side effects?").get_by_text("Read as").count() == 0


def test_what_is_no_question(visit: Any) -> None:
    """Nothing typed asks nothing; too much gets a message."""
    visitor = visit()
    visitor.box.fill("  ")
    visitor.box.press("Enter")
    assert "2,000" in visitor.ask("a" * 5_000).locator(".cp-message").inner_text()
    assert visitor.page.locator(".cp-turn").count() == 1
    visitor.keep("message")


def test_questions_asked_in_a_row_are_answered_in_a_row(visit: Any) -> None:
    """None is lost while another is in the works, and what is being typed stays."""
    visitor = visit()
    questions = [RILUZOLE, "What does GABA do?", "How does ketamine relieve depression?", "What are its side effects?"]
    for question in questions:
        visitor.box.fill(question)
        visitor.box.press("Enter")
    visitor.box.type("half a ques")
    for _ in questions:
        visitor.settled()
    assert visitor.page.locator(".cp-question").all_inner_texts() == questions
    assert visitor.page.locator(".cp-message").count() == 0
    assert "ketamine" in visitor.turn.get_by_text("Read as").inner_text().lower()
    assert visitor.box.input_value() == "half a ques"


def test_what_comes_after_a_new_conversation_was_begun_stays_away(visit: Any) -> None:
    visitor = visit()
    visitor.box.fill(RILUZOLE)
    visitor.box.press("Enter")
    visitor.page.get_by_role("button", name="New conversation").click()
    visitor.asked = 1
    visitor.ask("What does GABA do?")
    assert visitor.page.locator(".cp-question").all_inner_texts() == ["What does GABA do?"]


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


class Unreliable(WordRanker, NotJudge):
    """Ranker and judge that fail as long as they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.ranks = self.judges = True

    def score(self, question: str, texts: Sequence[str]) -> Any:
        if not self.ranks:
            raise MemoryError
        return super().score(question, texts)

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Any:
        if not self.judges:
            raise RuntimeError("no judge")
        return super().judge(pairs)


def test_what_fails_is_said_and_can_be_tried_again(browser: Any, tmp_path: Path) -> None:
    """A check that could not be made, an answer that could not, too many questions at once, a program that stopped."""
    texts = {
        "leaflet": "Zinc reduces the length of common colds.",
        "trial": "Zinc does not reduce the length of common colds, a trial found.",
    }
    question = "What does zinc do to the length of colds?"
    models, index = Unreliable(), Index.from_texts(texts, embedder=BagEmbedder(["the"]))
    workers = Workers(SHOWN_WITHIN / 1000, at_once=1, waiting=0)
    with serving_desk(Desk(RAG(index, ranker=models, judge=models), Verdicts(tmp_path), workers)) as address:
        visitor = Visitor(browser, address)
        again = visitor.page.get_by_role("button", name="Try again")

        models.judges = False
        turn = visitor.ask(question)
        assert turn.locator(".cp-status").inner_text().startswith(render.UNCHECKED)
        assert turn.get_by_role("alert").count() == 0
        visitor.keep("not-checked")
        models.judges = True
        again.click()
        turn.get_by_role("alert").wait_for()
        assert visitor.box.evaluate("box => box === document.activeElement"), "the button is gone"
        assert turn.locator(".cp-unchecked").count() == 0

        models.ranks = False
        assert visitor.ask(question).locator(".cp-message").inner_text().startswith(APOLOGY)
        visitor.keep("failure")
        models.ranks = True
        again.click()
        visitor.turn.get_by_role("alert").wait_for()

        finish = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            held = thread.submit(workers.run, finish.wait, 60)
            while not held.running():
                time.sleep(0.01)
            busy = visitor.ask(question).locator(".cp-message")
            assert busy.inner_text().startswith("Too many questions are being asked right now.")
            visitor.keep("busy")
            finish.set()
            held.result()
        again.click()
        visitor.turn.get_by_role("alert").wait_for()
    visitor.box.fill(question)
    visitor.box.press("Enter")
    visitor.page.get_by_text("Connection to the server was lost.").wait_for()
    visitor.keep("stopped")
    visitor.context.close()


def test_calls_of_programs_take_no_visitors_place(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "SESSIONS", 2)
    index = Index.from_texts({"leaflet": "Zinc reduces the length of common colds."}, embedder=BagEmbedder(["the"]))
    rag = RAG(index, ranker=WordRanker(), judge=NotJudge())
    with serving_desk(Desk(rag, Verdicts(tmp_path))) as address:
        visitor = Visitor(browser, address)
        visitor.ask("What does zinc do to the length of colds?")
        for _ in range(3):
            assert _client(address).predict("What does zinc do?", api_name="/ask")["statements"]
        assert visitor.take("Markdown").startswith("## What does zinc do to the length of colds?\n")
        visitor.leave()


# -- whole documents, warnings, why, export --------------------------------------------------------


def test_the_whole_document_opens_at_the_cited_words(visit: Any) -> None:
    visitor = visit()
    turn = visitor.ask("What is lamotrigine used for?")
    turn.locator(
        ".cp-cite", has=visitor.page.locator("xpath=self::*[contains(@aria-label,'Lamotrigine')]")
    ).first.click()
    quote = visitor.opened.locator("mark").inner_text()
    with visitor.context.expect_page() as opened:
        visitor.opened.get_by_role("link", name=re.compile("Open the whole document at page [0-9]")).click()
    document = opened.value
    document.wait_for_load_state()
    cited = document.locator("mark#cited")
    assert cited.inner_text() == quote
    assert 0 <= cited.bounding_box()["y"] <= 850, "scrolled to"
    assert document.locator(".page").first.inner_text() == "Page 1"
    assert "Lamotrigine" in document.locator("h1").inner_text()
    document.screenshot(path=SCREENSHOTS / "document.png")
    assert document.evaluate("document.scripts.length") == 0


def test_a_document_that_is_gone_is_said_so(visit: Any) -> None:
    visitor = visit()
    assert visitor.page.goto(f"{visitor.address}/document?id=nowhere").status == 404
    assert "no such document" in visitor.page.locator("h1").inner_text()


def test_a_warning_is_dismissed_confirmed_and_kept(visit: Any) -> None:
    visitor = visit()
    question = "How does ketamine relieve depression?"
    visitor.ask(question).get_by_role("button", name="Dismiss").first.click()
    visitor.turn.locator(".cp-dismissed").wait_for()
    assert visitor.turn.get_by_role("alert").count() == 0
    visitor.keep("dismissed")
    other = visit()
    assert other.ask(question).locator(".cp-dismissed").count() == 1
    other.turn.locator(".cp-dismissed summary").click()
    other.turn.get_by_role("button", name="Undo").click()
    other.turn.get_by_role("button", name="Confirm").first.click()
    other.turn.get_by_text("A reader confirmed this.").wait_for()
    other.keep("confirmed")
    kept = urlopen(f"{visitor.address}/verdicts.jsonl").read().decode().splitlines()
    assert [json.loads(row)["choice"] for row in kept] == ["confirmed"]
    other.turn.get_by_role("button", name="Undo").click()
    other.turn.get_by_role("button", name="Confirm").first.wait_for()


def test_why_this_answer(visit: Any) -> None:
    visitor = visit()
    turn = visitor.ask(RILUZOLE)
    turn.get_by_text("Why this answer").click()
    rows = [row.inner_text().split("\t") for row in turn.locator(".cp-why tbody tr").all()]
    assert len(rows) == 10
    assert rows[0][1:4] == ["1", "1", "1"]
    assert rows[0][-1] == "Shown"
    assert any(row[-1].startswith("Left out:") for row in rows)
    assert re.search(r"finding passages [\d,]+ ms, choosing sentences [\d,]+ ms, comparing", turn.inner_text())
    turn.locator(".cp-why").scroll_into_view_if_needed()
    visitor.keep("why")


def test_a_conversation_is_saved_in_each_form(visit: Any) -> None:
    visitor = visit()
    visitor.ask("How does ketamine relieve depression?")
    visitor.ask("What are its side effects?")
    markdown = visitor.take("Markdown")
    assert markdown.startswith("## How does ketamine relieve depression?\n")
    assert "\n## What are its side effects?\n" in markdown
    answers = json.loads(visitor.take("JSON"))
    assert [answer["question"] for answer in answers] == [
        "How does ketamine relieve depression?",
        "What are its side effects?",
    ]
    cited = {citation["document"] for answer in answers for citation in answer["citations"]}
    assert visitor.take("Sources as BibTeX").count("\n}\n") == len(cited)
    assert visitor.take("Sources as RIS").count("ER  - ") == len(cited)


def test_a_link_reopens_the_question(visit: Any) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    visitor.ask("What does GABA do?")
    visitor.page.get_by_role("button", name="Save").click()
    visitor.page.get_by_role("button", name="Copy a link to the last question").click()
    visitor.page.get_by_text("Copied.").wait_for()
    link = visitor.page.evaluate("navigator.clipboard.readText()")
    assert link == f"{visitor.address}/?q=What+does+GABA+do%3F"
    other = visit(link.removeprefix(f"{visitor.address}/"))
    assert other.settled().locator(".cp-question").inner_text() == "What does GABA do?"
    visitor.page.get_by_role("button", name="Save").click()
    visitor.page.get_by_role("button", name="Copy", exact=True).click()
    visitor.page.wait_for_function(
        "navigator.clipboard.readText().then(text => text.startsWith('## What does GABA do?'))"
    )


def test_a_visitor_gets_by_with_the_keyboard(visit: Any) -> None:
    """From the box to the answer, through its numbers to a passage, back out, and to the documents."""
    visitor = visit()
    visitor.page.keyboard.type(RILUZOLE)
    visitor.page.keyboard.press("Enter")
    visitor.settled()
    focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    for _ in range(40):
        visitor.page.keyboard.press("Shift+Tab")
        if "Source 1:" in visitor.page.evaluate(focused):
            break
    visitor.page.keyboard.press("Enter")
    visitor.opened.wait_for()
    assert visitor.page.evaluate(focused) == "Close"
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate(focused) == "Open the whole document"
    visitor.page.keyboard.press("Escape")
    visitor.opened.wait_for(state="detached")
    assert "Source 1:" in visitor.page.evaluate(focused)
    visitor.page.get_by_role("tab", name="Ask").focus()
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate(focused).strip() == "Documents"
    visitor.page.keyboard.press("Enter")
    visitor.page.locator(".cp-documents").wait_for()


# -- documents -------------------------------------------------------------------------------------


def test_the_documents_are_listed_and_found(visit: Any) -> None:
    visitor = visit()
    table = visitor.show_documents()
    assert table.locator("tbody tr").count() == 10
    row = table.locator("tbody tr", has_text="riluzole-patient-leaflet.txt")
    assert "2018-02-14" in row.inner_text()
    assert (
        visitor.page.locator("#cp-shelf-status").get_by_text(re.compile("10 documents indexed, last synced 20")).count()
    )
    visitor.keep("documents")
    visitor.page.get_by_label("Find a document").fill("riluzole blog")
    visitor.page.wait_for_function("document.querySelectorAll('.cp-documents tbody tr').length === 1")
    assert "Riluzole and me" in table.inner_text()


def test_a_question_is_limited_to_chosen_documents_and_years(visit: Any) -> None:
    visitor = visit()
    table = visitor.show_documents()
    table.get_by_label("Ask Riluzole tablets: information for patients").check()
    visitor.page.locator(".cp-limit", has_text="Riluzole tablets").wait_for(state="attached")
    visitor.page.get_by_role("tab", name="Ask").click()
    turn = visitor.ask(RILUZOLE)
    assert turn.get_by_role("alert").count() == 0
    assert "Only in: Riluzole tablets" in turn.inner_text()
    assert turn.locator(".cp-sources li").count() == 1
    visitor.keep("limited")
    visitor.page.get_by_role("button", name="Ask all documents again").click()
    visitor.page.locator(".cp-limit").wait_for(state="detached")
    assert visitor.ask(RILUZOLE).get_by_role("alert").count() == 1
    visitor.show_documents()
    assert not table.get_by_label("Ask Riluzole tablets: information for patients").is_checked()
    visitor.page.get_by_label("From year").fill("1990")
    visitor.page.get_by_label("To year").fill("1999")
    visitor.page.locator(".cp-limit", has_text="from 1990 to 1999").wait_for(state="attached")
    visitor.page.get_by_role("tab", name="Ask").click()
    assert "No document is left to ask from 1990 to 1999" in visitor.ask(RILUZOLE).inner_text()


def test_documents_are_synced_added_and_removed(browser: Any, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "tea.md").write_text("# Tea\n\nTea is a drink made of dried leaves.\n")
    with serving(folder, tmp_path, "--allow-uploads") as address:
        visitor = Visitor(browser, address)
        table = visitor.show_documents()
        assert table.get_by_role("button", name="Remove").count() == 0, "the folder's own files stay"
        (folder / "coffee.md").write_text("# Coffee\n\nCoffee is a drink made of roasted beans.\n")
        (folder / "broken.pdf").write_text("no PDF")
        visitor.page.get_by_role("button", name="Sync the folder").click()
        visitor.page.locator(".cp-said", has_text="1 added").wait_for(timeout=SHOWN_WITHIN)
        table.get_by_text("coffee.md").wait_for()
        visitor.page.locator("#cp-shelf-status").get_by_text("1 file could not be read").click()
        assert "broken.pdf" in visitor.page.locator("#cp-shelf-status").inner_text()
        visitor.keep("documents-synced")
        upload = tmp_path / "..cocoa <b>.txt"
        upload.write_text("Cocoa is a drink made of roasted cocoa beans and milk.")
        program = tmp_path / "run.txt.exe"
        program.write_text("MZ")
        visitor.page.locator("input[type=file]").set_input_files([upload])
        visitor.page.locator(".cp-said", has_text="Added uploads/").wait_for(timeout=SHOWN_WITHIN)
        [stored] = (folder / "uploads").iterdir()
        assert re.fullmatch(r"cocoa _?b\.txt", stored.name)
        table.get_by_text(f"uploads/{stored.name}").wait_for()
        visitor.page.get_by_role("tab", name="Ask").click()
        assert "cocoa beans" in visitor.ask("What is cocoa made of?").locator(".cp-statement").first.inner_text()
        visitor.show_documents()
        visitor.expected_dialog = "Remove"
        table.get_by_role("button", name="Remove").click()
        visitor.page.locator(".cp-said", has_text="Removed uploads/").wait_for(timeout=SHOWN_WITHIN)
        assert not stored.exists()
        refused = post(f"{address}/gradio_api/upload", b"x", {"Origin": "https://evil.example"})
        assert refused == 403
        visitor.leave()


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer to a post."""
    try:
        with urlopen(Request(url, body, headers)) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_files_cannot_be_added_unless_that_is_allowed(visit: Any) -> None:
    visitor = visit()
    visitor.show_documents()
    assert visitor.page.locator("input[type=file]").count() == 0
    assert post(f"{visitor.address}/gradio_api/upload", b"x", {}) == 404


# -- accessibility ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_readers_with_aids(visit: Any, scheme: str) -> None:
    """axe finds nothing serious on the start page, an answer with a warning, a passage, the documents, a document."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    visitor = visit(color_scheme=scheme)
    assert serious(axe, visitor.page) == []
    turn = visitor.ask("Does ketamine need opioid receptors to relieve depression?")
    turn.get_by_text("Why this answer").click()
    assert serious(axe, visitor.page) == []
    turn.locator(".cp-cite").first.click()
    assert serious(axe, visitor.page) == []
    visitor.page.keyboard.press("Escape")
    visitor.show_documents()
    assert serious(axe, visitor.page) == []
    visitor.page.goto(f"{visitor.address}/document?id=riluzole-patient-leaflet.txt&start=900&end=950")
    assert serious(axe, visitor.page) == []


def serious(axe: Any, page: Any) -> list[tuple[str, str]]:
    """The rules that are broken seriously, with the first element that breaks each."""
    found = axe.run(page).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")]


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


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("--auth generate", ["--host", "0.0.0.0"]),
        ("--auth generate", ["--host", "example.org"]),
        ("--add NAME", ["--host", "0.0.0.0", "--auth", "nowhere"]),
        ("name it with --documents", ["--allow-uploads", "--index", "index"]),
        ("--auth FILE", ["--add", "ada"]),
    ],
)
def test_options_that_do_not_go_together(message: str, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever serves others says who may come in; what is missing is named in one line."""
    assert app.main(options) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.2", False), ("example.org", False), ("", False)],
)  # fmt: skip
def test_which_addresses_are_this_machines_own(host: str, local: bool) -> None:
    assert app.is_loopback(host) == local
