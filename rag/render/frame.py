"""What stands around the conversation: the head of the page, its welcome and its menu."""

from pathlib import Path

from rag.render.documents import COLOURS
from rag.render.markup import Html, tag

STYLE = COLOURS + (Path(__file__).parent / "style.css").read_text(encoding="utf-8")

HEAD = f"""
<link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>
<path d='M2 4h9v3H2zM5 9h9v3H5z' fill='%2317616b'/></svg>">
<style>{STYLE}</style>
"""
"""The page's head: its look and its icon, nothing from elsewhere."""

WELCOME = tag(
    "div",
    tag("p", "Ask your own documents.", class_="cp-lead"),
    tag("p", "Every answer is made of their own sentences, each with its place."),
    tag("p", "Where the sources disagree, you are told."),
)

EXPORTS = {
    "copy": "Copy",
    "md": "Markdown",
    "json": "JSON",
    "bib": "Sources as BibTeX",
    "ris": "Sources as RIS",
    "link": "Copy a link to the last question",
}
"""The ways to take a conversation along, by the name that the page asks for them."""


def _menu() -> Html:
    items = (tag("button", text, type="button", data_act="export", data_form=form) for form, text in EXPORTS.items())
    opener = tag("button", "Save", type="button", popovertarget="cp-save", class_="cp-quiet-button")
    return tag("div", opener, tag("div", *items, id="cp-save", popover=True, class_="cp-menu"), class_="cp-save")


MENU = _menu()
