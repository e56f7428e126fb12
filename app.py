"""The page and its JSON endpoint. The only file that imports gradio.

Serves one index, on this machine unless told otherwise, and asks nothing of any other machine. Leaves out how things
look (``rag/render``), what a conversation and a library are (``rag/conversation.py``, ``rag/library.py``) and who may
come in (``rag/guard.py``).
"""

import argparse
import hashlib
import json
import logging
import os
import re
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any

# Before gradio and the models are imported: no telemetry, no statistics over all requests after each of them, and
# nothing is looked up on a model hub.
os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**12)}
os.environ |= {"GRADIO_ANALYTICS_MAX_EVENTS": "1", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

import gradio as gr  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from fastapi.responses import HTMLResponse, PlainTextResponse  # noqa: E402
from gradio.context import LocalContext  # noqa: E402

from index import Index, upload  # noqa: E402
from index.errors import CounterpointError, FolderMissing  # noqa: E402
from index.read import READERS  # noqa: E402
from rag import RAG, render  # noqa: E402
from rag.conversation import AT_ONCE, SECONDS, TURNS, WAITING, Desk, Turns, Workers, linked  # noqa: E402
from rag.guard import Guard, Passwords, add_password, generated  # noqa: E402
from rag.judge import Judge, named_judge  # noqa: E402
from rag.library import FILES_AT_ONCE, Library  # noqa: E402
from rag.limit import Limit  # noqa: E402
from rag.render import Html  # noqa: E402
from rag.verdicts import Verdicts  # noqa: E402

DOCUMENTS = Path("documents")
INDEXES = Path(".counterpoint")
SESSIONS = 500  # visitors whose conversations are kept
KEPT_SECONDS = 12 * 3600  # how long a conversation is kept that nobody goes on with
EXAMPLES = 4
LOOKED_THROUGH = 200  # documents whose headings are read in search of example questions
DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DEMONSTRATION = {
    "How does ketamine relieve depression?": "ketamine-for-depression-review.md",
    "What does riluzole do to glutamate release?": "riluzole-patient-leaflet.txt",
    "Do drugs that block mGluR5 work against depression?": "receptor-lab-newsletter.md",
    "What is the half-life of riluzole?": "riluzole-patient-leaflet.txt",
}

log = logging.getLogger(__name__)


# -- conversation ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Talk:
    """What visitors do at a desk, as the page's events."""

    desk: Desk

    def answer(self, turns: Turns, limit: Limit, event: gr.EventData) -> tuple[Turns, Html]:
        """The conversation with one more turn, and how that turn looks."""
        number, first = _number(event, "turn"), _number(event, "first")
        turn = self.desk.answer(turns, number, _given(event, "question"), limit, first=first)
        return turns, self.desk.show(turn)

    def check(self, turns: Turns, event: gr.EventData) -> Html:
        """A turn whose sources have been compared."""
        return self.desk.show(self.desk.check(turns, _number(event, "turn")))

    def judge(self, turns: Turns, event: gr.EventData) -> Html | dict[str, Any]:
        """The turn after a reader confirmed or dismissed a warning, or took that back."""
        turn = self.desk.judge(turns, _number(event, "turn"), _number(event, "found"), _given(event, "choice"))
        return self.desk.show(turn) if turn else gr.skip()

    def take(self, turns: Turns, event: gr.EventData) -> dict[str, str] | None:
        """The conversation in the form that was asked for."""
        taken = self.desk.take(turns, _given(event, "form"))
        return taken._asdict() if taken else None

    def ask(
        self,
        question: str,
        history: list[str] | None = None,
        documents: list[str] | None = None,
        first_year: int | None = None,
        last_year: int | None = None,
        request: gr.Request = None,  # type: ignore[assignment]  # given by the web framework, not by the caller
    ) -> dict[str, Any]:
        """Answer a question from the indexed documents in their own sentences, and say where they disagree.

        Args:
            question: The question, or a claim to be checked, in English.
            history: Earlier questions of the conversation, oldest first, so that "its side effects?" finds its topic.
            documents: The ids of the only documents to ask.
            first_year: The first year of the documents to ask.
            last_year: The last year of the documents to ask.
        """
        try:
            return self.desk.ask(question, history or [], Limit(frozenset(documents or ()), first_year, last_year))
        except CounterpointError as error:
            raise gr.Error(str(error), print_exception=False) from error
        finally:
            _leave(request)


def _leave(request: gr.Request) -> None:
    """End the visit that the web framework makes of a program's call: it would take a visitor's place."""
    page = LocalContext.blocks.get()
    if page and request.session_hash:
        page.state_holder.session_data.pop(request.session_hash, None)


def _given(event: gr.EventData, name: str) -> str:
    """What a browser says of an event; anybody may say anything."""
    return str(getattr(event, name, ""))


def _number(event: gr.EventData, name: str) -> int:
    """A number that a browser says; -1 where it says something else."""
    said = _given(event, name)
    return int(said) if re.fullmatch("[0-9]{1,9}", said) else -1


# -- documents -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shelf:
    """What visitors do in the library, as the page's events."""

    library: Library

    def open(self, request: gr.Request) -> tuple[Limit, Html, Html]:
        """What a page begins with: the limit that its link sets, how that looks, and the line of what is indexed."""
        _, limit = linked(request.query_params.multi_items())
        return *self.library.limited(limit), self.library.line()

    def choose(self, limit: Limit, event: gr.EventData) -> tuple[Limit, Html]:
        """The limit with one document more or less."""
        return self.library.choose(limit, _given(event, "id"), _given(event, "on") == "True")

    def remove(self, event: gr.EventData) -> Html:
        """What became of an uploaded document that is to go."""
        return self.library.remove(_given(event, "id"))


# -- page ------------------------------------------------------------------------------------------

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
"""One request and its answer: no place in the web framework's queue, which is for programs."""
MANY: dict[str, Any] = {**QUIET, "trigger_mode": "multiple"}
"""For what ``page.js`` asks: it knows when."""
PLAIN: dict[str, Any] = {"apply_default_css": False}


def hearing(*events: str) -> str:
    """The script that passes on what is asked for inside a component."""
    return f"counterpoint.hear(element, trigger, {json.dumps(events)});"


CONVERSING = hearing("answer", "check", "verdict") + "counterpoint.converse(element, trigger, props, watch);"
FOLLOWING = hearing("look", "list") + "counterpoint.follow(element, trigger, watch);"


@dataclass(frozen=True, slots=True)
class TalkParts:
    """The parts of the page where questions are asked."""

    turns: gr.State
    limit: gr.State
    chat: gr.HTML
    limited: gr.HTML
    line: gr.HTML
    menu: gr.HTML
    taken: gr.HTML


@dataclass(frozen=True, slots=True)
class ShelfParts:
    """The parts of the page that show the documents."""

    tab: gr.Tab
    status: gr.HTML
    words: gr.Textbox
    first: gr.Textbox
    last: gr.Textbox
    table: gr.HTML
    said: gr.HTML
    sync: gr.HTML | None
    files: gr.UploadButton | None


def build_page(desk: Desk, library: Library) -> gr.Blocks:
    """The page over one desk and its library, and the endpoint ``ask``."""
    with gr.Blocks(title="Counterpoint", analytics_enabled=False) as page:
        gr.HTML("<h1>Counterpoint</h1>", elem_id="cp-top", **PLAIN)
        with gr.Tabs(elem_id="cp-views"):
            with gr.Tab("Ask"), gr.Column(elem_id="cp-talk"):
                parts = _talk(library)
            with gr.Tab("Documents") as tab, gr.Column(elem_id="cp-shelf"):
                shelf = _shelf(tab, library)
        opened = page.load(Shelf(library).open, None, [parts.limit, parts.limited, parts.line], **QUIET)
        opened.then(None, js="counterpoint.reopen")
        _wire_talk(Talk(desk), parts)
        _wire_shelf(library, parts, shelf)
        gr.api(Talk(desk).ask, api_name="ask", concurrency_limit=AT_ONCE)
    page.state_session_capacity = SESSIONS
    return page.queue(max_size=WAITING, api_open=False)


def _talk(library: Library) -> TalkParts:
    turns, limit = gr.State({}, time_to_live=KEPT_SECONDS), gr.State(Limit(), time_to_live=KEPT_SECONDS)
    welcome = render.welcome_html(example_questions(library.index))
    gr.HTML(welcome, elem_id="cp-welcome", js_on_load=hearing(), **PLAIN)
    log = render.conversation_html(TURNS)
    chat = gr.HTML(html_template=log, elem_id="cp-chat", js_on_load=CONVERSING, **PLAIN)
    with gr.Column(elem_id="cp-ask"):
        limited = gr.HTML(elem_id="cp-limited", js_on_load=hearing("unlimit"), **PLAIN)
        gr.HTML(render.box_html(), js_on_load="counterpoint.listen(element);", **PLAIN)
        with gr.Row(elem_id="cp-below"):
            line = gr.HTML(elem_id="cp-library", **PLAIN)
            menu = gr.HTML(render.menu_html(), elem_id="cp-menu", js_on_load=hearing("export"), **PLAIN)
        taken = gr.HTML(html_template="", elem_id="cp-outcome", **PLAIN)
    return TalkParts(turns, limit, chat, limited, line, menu, taken)


def _shelf(tab: gr.Tab, library: Library) -> ShelfParts:
    sync = files = None
    gr.HTML("<h2>Documents</h2>", **PLAIN)
    status = gr.HTML(elem_id="cp-shelf-status", **PLAIN)
    with gr.Row(elem_id="cp-shelf-do"):
        if library.folder:
            sync = gr.HTML(render.sync_html(), js_on_load=hearing("sync"), **PLAIN)
        if library.uploads:
            files = gr.UploadButton("Add files…", file_count="multiple", file_types=list(READERS))
    said = gr.HTML(elem_id="cp-shelf-said", js_on_load=FOLLOWING, **PLAIN)
    with gr.Row(elem_id="cp-shelf-find"):
        words = gr.Textbox(label="Find a document", placeholder="title, author, kind, year", max_lines=1)
        first = gr.Textbox(label="From year", max_length=4, max_lines=1, min_width=120, scale=0)
        last = gr.Textbox(label="To year", max_length=4, max_lines=1, min_width=120, scale=0)
    table = gr.HTML(elem_id="cp-shelf-table", js_on_load=hearing("limit", "remove"), **PLAIN)
    return ShelfParts(tab, status, words, first, last, table, said, sync, files)


def _wire_talk(talk: Talk, parts: TalkParts) -> None:
    answered = parts.chat.answer(talk.answer, [parts.turns, parts.limit], [parts.turns, parts.chat], **MANY)
    checked = parts.chat.check(talk.check, parts.turns, parts.chat, **MANY)
    for asked in (answered, checked):
        asked.failure(None, js="counterpoint.failed")
    parts.chat.verdict(talk.judge, parts.turns, parts.chat, **MANY)
    parts.menu.export(talk.take, parts.turns, parts.taken, **QUIET).then(None, parts.taken, js="counterpoint.take")


def _wire_shelf(library: Library, talk: TalkParts, shelf: ShelfParts) -> None:
    listing: dict[str, Any] = {
        "fn": library.listed,
        "inputs": [shelf.words, talk.limit],
        "outputs": [shelf.table, shelf.status, talk.line],
        **QUIET,
    }
    for trigger in (shelf.tab.select, shelf.words.change, shelf.said.list):
        trigger(**listing)
    asked, limiting = Shelf(library), [talk.limit, talk.limited]
    shelf.table.limit(asked.choose, talk.limit, limiting, **MANY)
    for year in (shelf.first, shelf.last):
        year.change(library.choose_years, [talk.limit, shelf.first, shelf.last], limiting, **QUIET)
    everything = [*limiting, shelf.first, shelf.last]
    talk.limited.unlimit(lambda: (Limit(), Html(), "", ""), None, everything, js="counterpoint.uncheck", **QUIET)
    shelf.said.look(library.look, None, shelf.said, **MANY)
    shelf.table.remove(asked.remove, None, shelf.said, **QUIET)
    if shelf.sync:
        shelf.sync.sync(library.sync, None, shelf.said, **QUIET)
    if shelf.files:
        shelf.files.upload(library.add, shelf.files, shelf.said, **QUIET)


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


# -- server ----------------------------------------------------------------------------------------


def build_app(desk: Desk, library: Library, *, mcp: bool = False, ready: Callable[[], None] = lambda: None) -> FastAPI:
    """The page, whole documents at ``document``, and readers' verdicts at ``verdicts.jsonl``, as one ASGI app."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ready()
        yield

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)

    @app.get("/document")
    def document(id: str, start: int = 0, end: int = 0) -> HTMLResponse:
        try:
            shown, status = render.document_page(library.index.document(id), start, end), 200
        except KeyError:
            shown, status = render.missing_page(), 404
        return HTMLResponse(shown, status, {"Content-Security-Policy": DOCUMENT_POLICY})

    @app.get("/verdicts.jsonl")
    def verdicts() -> PlainTextResponse:
        return PlainTextResponse(desk.verdicts.export(), media_type="application/jsonl")

    return gr.mount_gradio_app(
        app,
        build_page(desk, library),
        path="/",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        max_file_size=upload.FILE_BYTES,
        mcp_server=mcp,
        theme=theme(),
        head=render.HEAD,
    )


# -- command line ----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    try:
        if options.add:
            if not options.auth or str(options.auth) == "generate":
                raise WrongUse("--add wants the file that the password goes to: --auth FILE.")
            add_password(options.auth, options.add)
            return 0
        serve(options)
    except (CounterpointError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python app.py", description="Ask a folder of documents on a page of this machine."
    )
    add = parser.add_argument
    add("--documents", type=Path, metavar="FOLDER", help="folder to sync first (default: documents)")
    add("--index", type=Path, metavar="DIR", help="index to use; alone, it is served as it is")
    add("--port", type=int, metavar="N", default=7860, help="port (default: 7860)")
    add(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="address to serve on; any but this machine's wants --auth",
    )
    add("--auth", type=Path, metavar="FILE", help="names and hashed passwords, or the word generate: one, shown once")
    add("--add", metavar="NAME", help="ask for NAME's password, put its hash into the --auth file, and end")
    add("--allow-uploads", action="store_true", help="let visitors add files to the folder, and remove those again")
    add(
        "--timeout", type=float, metavar="SECONDS", default=SECONDS, help="the longest wait for an answer (default: 60)"
    )
    add("--mcp", action="store_true", help="offer the question tool to assistants too; wants the extra mcp")
    add("--store", metavar="ADDRESS", help="a Milvus server that holds and searches the passages")
    add("--judge", metavar="NAME", help="a CrossEncoder by name or path instead of the packaged judge")
    return parser


def serve(options: argparse.Namespace) -> None:
    """Serve until stopped. Raises CounterpointError and OSError for what cannot be served."""
    local = is_loopback(options.host)
    passwords = _passwords(options.auth, local, options.host)
    if options.mcp and not find_spec("mcp"):
        raise WrongUse('The tool for assistants wants a package that is not installed: pip install "counterpoint[mcp]"')
    if options.allow_uploads and options.index and not options.documents:
        raise WrongUse("--allow-uploads wants a folder to put the files into: name it with --documents.")
    judge = named_judge(options.judge) if options.judge else None
    rag, folder = open_rag(options.documents, options.index, judge, options.store)
    desk = Desk(rag, Verdicts(rag.index.database.folder), Workers(options.timeout))
    library = Library(rag.index, folder, options.allow_uploads)
    listening = _listening(options.host, options.port)
    where = f"http://{f'[{options.host}]' if ':' in options.host else options.host}:{options.port}"

    def ready() -> None:
        print(f"Counterpoint is ready at {where} (stop it with Ctrl-C)", file=sys.stderr)
        threading.Thread(target=warm, args=[rag], daemon=True).start()

    guard = Guard(
        build_app(desk, library, mcp=options.mcp, ready=ready),
        hosts={"127.0.0.1", "localhost", "::1"} if local else (),
        passwords=passwords,
        upload_bytes=(upload.FILE_BYTES + 100_000) * FILES_AT_ONCE if options.allow_uploads else 0,
    )
    config = uvicorn.Config(
        guard, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


class WrongUse(CounterpointError, ValueError):
    """Options that do not go together."""


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _passwords(file: Path | None, local: bool, host: str) -> Passwords | None:
    if file is None:
        if not local:
            raise WrongUse(
                f"To serve on {host}, say who may come in: --auth FILE, or --auth generate for one password."
            )
        return None
    if str(file) != "generate":
        return Passwords.open(file)
    password, passwords = generated()
    print(f"Name: reader\nPassword: {password}\nIt is shown this once.", file=sys.stderr)
    return passwords


def _listening(host: str, port: int) -> socket.socket:
    """A socket whose connections send at once: else each answer's body waits 40 ms for a sign that its head came."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=128)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return listening
    except OSError as error:
        raise OSError(
            f"Port {port} on {host} cannot be used ({error.strerror}): name another with --port N."
        ) from error


def open_rag(
    documents: Path | None, index: Path | None, judge: Judge | None = None, store: str | None = None
) -> tuple[RAG, Path | None]:
    """The pipeline over an index, synced first unless only the index is named, and the folder that was synced."""
    if documents or not index:
        documents = documents or DOCUMENTS
        if not documents.is_dir():
            raise FolderMissing(f"There is no folder {documents}: make it, or name one with --documents FOLDER.")
        index = index or default_index(documents)
        print(Index.create(index, store=store).sync(documents, progress=True), file=sys.stderr)
    rag = RAG.open(index, judge=judge, store=store)
    rag.index.require_documents()
    return rag, documents


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
