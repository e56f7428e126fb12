"""What stands around the conversation: the head of the page, its welcome and its menus."""

from collections.abc import Iterable
from pathlib import Path

from rag.render.documents import COLOURS
from rag.render.markup import Html, tag

HERE = Path(__file__).parent
STYLE = COLOURS + (HERE / "style.css").read_text(encoding="utf-8")
SCRIPT = (HERE / "page.js").read_text(encoding="utf-8")

HEAD = f"""
<link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>
<path d='M2 4h9v3H2zM5 9h9v3H5z' fill='%2317616b'/></svg>">
<style>{STYLE}</style>
<script>{SCRIPT}</script>
"""
"""The page's head: its look, its icon and what it does by itself, nothing from elsewhere."""

EXPORTS = {
    "copy": "Copy",
    "md": "Markdown",
    "json": "JSON",
    "bib": "Sources as BibTeX",
    "ris": "Sources as RIS",
    "link": "Copy a link to the last question",
}
"""The ways to take a conversation along, by the name that the page asks for them."""


def welcome_html(examples: Iterable[str]) -> Html:
    """What a visitor meets first, with questions to begin with."""
    return tag(
        "div",
        tag("p", "Ask your own documents.", class_="cp-lead"),
        tag("p", "Every answer is made of their own sentences, each with its place."),
        tag("p", "Where the sources disagree, you are told."),
        *(_button(text, "cp-example", data_act="example") for text in examples),
    )


def box_html() -> Html:
    """Where a question is typed."""
    box = tag("textarea", rows="1", placeholder="Ask your documents…", aria_label="Your question")
    return tag("form", box, tag("button", "Ask", type="submit"), id="cp-box")


def menu_html() -> Html:
    """What can be done with a conversation."""
    items = (_button(text, None, data_act="export", data_form=form) for form, text in EXPORTS.items())
    opener = _button("Save", "cp-quiet-button", popovertarget="cp-save")
    new = _button("New conversation", "cp-quiet-button", data_act="new")
    return tag("div", opener, tag("div", *items, id="cp-save", popover=True, class_="cp-menu"), new)


def sync_html() -> Html:
    """The button that syncs the folder."""
    return _button("Sync the folder", None, data_act="sync")


def _button(text: str, look: str | None, **attributes: str) -> Html:
    return tag("button", text, type="button", class_=look, **attributes)
