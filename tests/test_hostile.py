"""Texts that would act if they were taken for markup, put everywhere a document or a question can put them: none acts.

They are in questions, file names, titles, headings, authors, addresses and text of documents, in a real browser.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browser import DESKTOP, Visitor, serving
from hostile import HOSTILE

from rag import RAG

TYPABLE = [payload for payload in HOSTILE if payload.isprintable()]
DATED = "2020-02-03"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document for each text, and one file each that cannot be read; all say something of tea."""
    folder = tmp_path_factory.mktemp("hostile") / "folder"
    folder.mkdir()
    for number, payload in enumerate(TYPABLE):
        name = f"{number:02} {payload[:60]}".replace("/", "∕")
        matter = {"title": payload, "author": payload, "date": DATED, "url": payload, "doi": payload}
        front = "\n".join(f"{key}: {json.dumps(value)}" for key, value in matter.items())
        escaped = payload.replace("\\", "\\\\").replace("<", "\\<").replace("[", "\\[").replace("*", "\\*")
        text = f"Oolong number {number} {escaped} is a tea made of dried leaves."
        (folder / f"{name}.md").write_text(f"---\n{front}\n---\n\n# Tea {escaped}\n\n## What is {escaped}?\n\n{text}\n")
        (folder / f"{name}.txt").write_text(
            f"{payload}\n\nGreen tea number {number} {payload} is made of fresh leaves.\n"
        )
        (folder / f"{name}.pdf").write_text("no PDF")
    return folder


@pytest.fixture(scope="module")
def hostile(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with serving(folder, tmp_path_factory.mktemp("hostile-page")) as address:
        yield address


FOREIGN = """() => [...document.querySelectorAll(
  "#cp-talk :is(script, img, iframe, object, embed, form, video, link, base, meta, math, template, style)," +
  "#cp-shelf :is(script, img, iframe, object, embed, form, video, link, base, meta, math, template, style)")]
  .filter((element) => !element.closest("button, .block:has(textarea), #cp-box"))
  .map((element) => element.outerHTML.slice(0, 80))"""
ACTING = """() => [...document.querySelectorAll("#cp-chat *, #cp-shelf-table *, #cp-shelf-status *, #cp-library *")]
  .filter((element) => [...element.attributes].some((attribute) => attribute.name.startsWith("on")
    || (attribute.name === "href" && !/^(#|document\\?|https:\\/\\/)/.test(attribute.value))))
  .map((element) => element.outerHTML.slice(0, 80))"""


def assert_harmless(visitor: Visitor) -> None:
    """Nothing of another kind is on the page, nothing acts, nothing sticks out."""
    assert visitor.page.evaluate(FOREIGN) == []
    assert visitor.page.evaluate(ACTING) == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]
    assert visitor.errors == []


def test_there_are_enough_of_them() -> None:
    assert len(set(TYPABLE)) >= 40


def test_documents_full_of_them(browser: Any, hostile: str) -> None:
    """They are listed, found, answered from, cited and opened as plain text."""
    visitor = Visitor(browser, hostile)
    assert_harmless(visitor)
    table = visitor.show_documents()
    visitor.page.locator("#cp-shelf-status summary").click()
    failed = visitor.page.locator("#cp-shelf-status li").count()
    assert failed == len(TYPABLE), "each PDF"
    assert table.locator("tbody tr").count() == 2 * len(TYPABLE)
    assert_harmless(visitor)
    visitor.keep("hostile-documents")
    for href in table.locator("tbody th a").evaluate_all("links => links.map(link => link.href)"):
        answer = visitor.context.request.get(href)
        assert answer.status == 200
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    visitor.page.get_by_role("tab", name="Ask").click()
    for number in (0, 7, 13, 21, 30, 38):
        turn = visitor.ask(f"What is oolong number {number} made of?")
        assert turn.locator(".cp-statement").count() >= 1
        turn.locator(".cp-cite").first.click()
        visitor.opened.wait_for()
        assert_harmless(visitor)
        visitor.page.keyboard.press("Escape")
    visitor.keep("hostile-answer")
    visitor.leave()


def test_a_hostile_document_page_runs_nothing(browser: Any, hostile: str) -> None:
    visitor = Visitor(browser, hostile)
    for href in (
        visitor.show_documents().locator("tbody th a").evaluate_all("links => links.map(link => link.href)")[::6]
    ):
        visitor.page.goto(href)
        assert visitor.page.locator("main :is(script, img, iframe, form, style, svg, a[href^=javascript])").count() == 0
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]
    visitor.leave()


def test_questions_full_of_them(browser: Any, hostile: str) -> None:
    """Each is shown as it was typed, in the box and through a link, and does nothing."""
    visitor = Visitor(browser, hostile)
    for payload in TYPABLE:
        question = f"{payload} tea"
        visitor.page.goto(f"{hostile}/?q={quote(question)}")
        visitor.asked = 0
        visitor.settled()
        assert visitor.turn.locator(".cp-question").inner_text().split() == question.split()
        assert_harmless(visitor)
    visitor.leave()


def test_none_changes_an_answer(demonstration: RAG) -> None:
    """With a document for each beside them, the demonstration articles answer as they do alone.

    Sentences that are likely in the same degree may change places: a model reads a few bits apart in other company.
    """
    index = demonstration.index
    texts = {id: index.document(id).text for id in index.titles()}
    alone = RAG.from_texts(texts)
    among = RAG.from_texts(texts | {f"hostile-{n}": f"{payload}\n\n{payload}." for n, payload in enumerate(TYPABLE)})
    for question in (
        "What does riluzole do to glutamate release?",
        "What does GABA do?",
        "How fast does ketamine work?",
    ):
        expected, answer = alone.ask(question), among.ask(question)
        assert expected.statements
        assert answer.statements[0].text == expected.statements[0].text
        assert sorted(s.text for s in answer.statements) == sorted(s.text for s in expected.statements)
        assert answer.status == expected.status
