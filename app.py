"""The chat page and its JSON endpoint. The only file that imports gradio.

Serves one index on 127.0.0.1 and asks nothing of any other machine. Leaves out how an answer looks
(``rag/render.py``); keeps each visitor's conversation in that visitor's own session state.
"""

import argparse
import hashlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

# Before gradio and the models are imported: no telemetry, and nothing is looked up on a model hub.
os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

import gradio as gr  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: E402

from index import Index  # noqa: E402
from index.errors import CounterpointError, FolderMissing  # noqa: E402
from rag import RAG, Answer, render  # noqa: E402
from rag.judge import Judge, named_judge  # noqa: E402
from rag.render import Html  # noqa: E402

DOCUMENTS = Path("documents")
INDEXES = Path(".counterpoint")
TURNS = 30  # a conversation keeps its latest turns, so that no session grows without bound
WAITING = 32  # questions in the queue before the page says that it is busy
AT_ONCE = 2  # questions answered at the same time: the models share the processor
EXAMPLES = 4
LOOKED_THROUGH = 200  # documents whose headings are read in search of example questions
DEMONSTRATION = {
    "How does ketamine relieve depression?": "ketamine-for-depression-review.md",
    "What does riluzole do to glutamate release?": "riluzole-patient-leaflet.txt",
    "Do drugs that block mGluR5 work against depression?": "receptor-lab-newsletter.md",
    "What is the half-life of riluzole?": "riluzole-patient-leaflet.txt",
}
FOLLOW = """// a new turn is brought into view; one that only grows leaves the reader where they are
let last = "";
watch("value", () => {
  const turns = element.querySelectorAll(".cp-turn"), newest = turns[turns.length - 1];
  if (newest && newest.id !== last) newest.scrollIntoView({block: "start", behavior: "smooth"});
  last = newest ? newest.id : "";
});
"""
APOLOGY = "Sorry, this question could not be answered because of an error in the program. Please try another one."

log = logging.getLogger(__name__)


class Turn(NamedTuple):
    """One question of a conversation and what is shown for it; no answer: it is awaited or was refused."""

    number: int
    question: str
    shown: Html
    answer: Answer | None = None


Shown = tuple[str, list[Turn], str]
"""What an event changes on the page: the text being typed, the conversation, how that looks."""


# -- conversation ----------------------------------------------------------------------------------


def converse(rag: RAG, question: str, turns: list[Turn]) -> Iterator[Shown]:
    """What the page shows from a question on: it is read, its answer, whether the sources agree."""
    history = [turn.question for turn in turns if turn.answer]
    number = turns[-1].number + 1 if turns else 1
    for shown, answer in _answering(rag, question, history, number):
        now = [*turns, Turn(number, question, shown, answer)][-TURNS:]
        yield "", now, render.conversation_html(turn.shown for turn in now)


def _answering(rag: RAG, question: str, history: Sequence[str], number: int) -> Iterator[tuple[Html, Answer | None]]:
    yield render.pending_html(question, turn=number), None
    try:
        answer = rag.answer(question, history=history)
    except CounterpointError as error:
        yield render.message_html(question, str(error), turn=number), None
    except Exception:  # noqa: BLE001  # the page is the last place that can turn a fault into a sentence
        log.exception("A question could not be answered")
        yield render.message_html(question, APOLOGY, turn=number), None
    else:
        yield render.to_html(answer, rag.index, turn=number, checking=True), answer
        if answer.statements:
            answer = _checked(rag, answer)
            yield render.to_html(answer, rag.index, turn=number), answer


def _checked(rag: RAG, answer: Answer) -> Answer:
    """The answer with its sources compared; as it was, "not checked", when that fails."""
    try:
        return rag.check(answer)
    except Exception:  # noqa: BLE001  # an answer that is on the page already stays there
        log.exception("The sources of an answer could not be compared")
        return answer


# -- page ------------------------------------------------------------------------------------------


def build_page(rag: RAG) -> gr.Blocks:
    """The chat page over one pipeline, and the endpoint ``ask``."""

    with gr.Blocks(title="Counterpoint", analytics_enabled=False) as page:
        turns = gr.State([])
        with gr.Row(elem_id="cp-top"):
            gr.HTML("<h1>Counterpoint</h1>", apply_default_css=False)
            new = gr.Button("New conversation", size="sm", elem_id="cp-new")
        with gr.Column(elem_id="cp-welcome"):
            gr.HTML(render.WELCOME, apply_default_css=False)
            examples = [gr.Button(text, elem_classes="cp-example") for text in example_questions(rag.index)]
        chat = gr.HTML(render.conversation_html([]), elem_id="cp-chat", apply_default_css=False, js_on_load=FOLLOW)
        with gr.Column(elem_id="cp-ask"):
            box = gr.Textbox(
                label="Your question",
                show_label=False,
                container=False,
                placeholder="Ask your documents…",
                max_lines=6,
                autofocus=True,
                submit_btn="Ask",
            )
            below = gr.HTML(elem_id="cp-library", apply_default_css=False)
        shown = [box, turns, chat]
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        shared: dict[str, Any] = {"concurrency_limit": AT_ONCE, "concurrency_id": "ask"}
        asked: list[Any] = [
            trigger(partial(converse, rag), [words, turns], shown, **quiet, **shared)
            for trigger, words in [(box.submit, box), *((button.click, button) for button in examples)]
        ]
        new.click(lambda: ("", [], render.conversation_html([])), None, shown, cancels=asked, **quiet)
        page.load(partial(library, rag), None, below, **quiet)
        gr.api(endpoint(rag), api_name="ask", **shared)
    return page.queue(max_size=WAITING)


def endpoint(rag: RAG) -> Callable[..., dict[str, Any]]:
    """``ask`` for programs: the JSON contract of an answer, checked for disagreement."""

    def ask(question: str, history: list[str] | None = None) -> dict[str, Any]:
        """Ask the documents. history: earlier questions of the conversation, oldest first."""
        try:
            return rag.ask(question, history=(history or [])[-TURNS:]).to_dict()
        except CounterpointError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return ask


def library(rag: RAG) -> Html:
    """How many documents are indexed, and which files failed."""
    failures = {source: reason for source, (_, reason) in rag.index.database.failures().items()}
    return render.library_html(len(rag.index.titles()), failures)


def example_questions(index: Index) -> list[str]:
    """Questions to begin with: ours for the demonstration documents, else headings that are questions."""
    titles = index.titles()
    if fitting := [question for question, document in DEMONSTRATION.items() if document in titles]:
        return fitting
    headings = filter(None, map(partial(_asking_heading, index), list(titles)[:LOOKED_THROUGH]))
    return list(dict.fromkeys(headings))[:EXAMPLES]


def _asking_heading(index: Index, id: str) -> str:
    """The first heading of a document that is a question; "" if none is."""
    document = index.document(id)
    headings = (document.text[b.start : b.end].strip() for b in document.blocks if b.kind == "heading")
    return next((text for text in headings if text.endswith("?") and len(text) <= 90), "")


def theme() -> gr.themes.Base:
    """Quiet, and with fonts that the reader's machine has: none is fetched."""
    return gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["monospace"]
    )


# -- command line ----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    try:
        judge = named_judge(options.judge) if options.judge else None
        rag = open_rag(options.documents, options.index, judge, options.store)
        page = build_page(rag)
        page.launch(
            server_name="127.0.0.1",
            server_port=options.port,
            share=False,
            quiet=True,
            footer_links=[],
            run_history=False,
            theme=theme(),
            head=render.HEAD,
            # a page elsewhere that gives this machine's address its own name is refused
            app_kwargs={"middleware": [Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])]},
            prevent_thread_lock=True,
        )
    except (CounterpointError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Counterpoint is ready at http://127.0.0.1:{options.port} (stop it with Ctrl-C)", file=sys.stderr)
    threading.Thread(target=warm, args=[rag], daemon=True).start()
    page.block_thread()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python app.py", description="Chat with a folder of documents on a page of this machine."
    )
    parser.add_argument("--documents", type=Path, metavar="FOLDER", help="folder to sync first (default: documents)")
    parser.add_argument("--index", type=Path, metavar="DIR", help="index to use; alone, it is served as it is")
    parser.add_argument("--port", type=int, metavar="N", default=7860, help="port on 127.0.0.1 (default: 7860)")
    parser.add_argument("--store", metavar="ADDRESS", help="a Milvus server that holds and searches the passages")
    parser.add_argument("--judge", metavar="NAME", help="a CrossEncoder by name or path instead of the packaged judge")
    return parser


def open_rag(documents: Path | None, index: Path | None, judge: Judge | None = None, store: str | None = None) -> RAG:
    """The pipeline over an index, synced first unless only the index is named."""
    if documents or not index:
        documents = documents or DOCUMENTS
        if not documents.is_dir():
            raise FolderMissing(f"There is no folder {documents}: make it, or name one with --documents FOLDER.")
        index = index or default_index(documents)
        print(Index.create(index, store=store).sync(documents, progress=True), file=sys.stderr)
    rag = RAG.open(index, judge=judge, store=store)
    rag.index.require_documents()
    return rag


def default_index(documents: Path) -> Path:
    """Where the index of a folder lies: two folders of one name do not share it."""
    if documents.resolve() == DOCUMENTS.resolve():
        return INDEXES / DOCUMENTS.name
    path = documents.resolve()
    return INDEXES / f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def warm(rag: RAG) -> None:
    """Load the models while the visitor reads the page."""
    try:
        rag.ask("What is this about?")
    except Exception:  # noqa: BLE001  # the first real question meets the same fault and reports it
        log.exception("The models could not be loaded ahead")


if __name__ == "__main__":
    sys.exit(main())
