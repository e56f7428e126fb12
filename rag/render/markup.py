"""Text made safe. Every word of a document or a question is escaped here, and only here.

Markup is built by ``tag``, which escapes whatever is not markup already. Leaves out what anything looks like.
"""

import html
import re
from urllib.parse import urlsplit

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = re.compile(r"([\\`*<\[\]]|(?<!\w)_|_(?!\w)|(?<!\w)~|^[#>+=|-]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")
_VOID = {"input", "br", "meta", "link"}


class Html(str):
    """Text that is markup already. Any other text is escaped on its way into an element."""


def tag(name: str, *children: str, **attributes: str | bool | None) -> Html:
    """One element; text and attribute values are escaped, ``class_`` and ``aria_label`` spelt as HTML does.

    >>> tag("p", "a < b", tag("b", "c"), class_="x", hidden=True, id=None)
    '<p class="x" hidden>a &lt; b<b>c</b></p>'
    """
    opening = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_escape(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{opening}>" + ("" if name in _VOID else f"{join(*children)}</{name}>"))


def join(*children: str) -> Html:
    """Markup from parts, of which those that are not markup are escaped."""
    return Html("".join(child if isinstance(child, Html) else _escape(child) for child in children))


def _escape(text: str) -> str:
    return html.escape(visible(text))


def visible(text: str) -> str:
    """Text without characters that are not seen but act: terminal codes, reversed reading order.

    >>> visible("safe\\x1b[2J \\u202egnp.exe")
    'safe[2J gnp.exe'
    """
    return _UNSEEN.sub("", text)


def line(text: str) -> str:
    """Visible text on one line."""
    return " ".join(visible(text).split())


def markdown(text: str) -> str:
    """Text as one line that a Markdown reader shows as it stands.

    >>> markdown("# 2 *stars* <b>")
    '\\\\# 2 \\\\*stars\\\\* \\\\<b>'
    """
    return _MARKDOWN.sub(r"\\\1", line(text))


def address(url: str) -> str:
    """A web address that may become a link, or "": nothing but http and https, which cannot run anything.

    >>> address("https://example.org/a"), address("javascript:alert(1)"), address("https://[")
    ('https://example.org/a', '', '')
    """
    try:
        parts = urlsplit(line(url))
    except ValueError:
        return ""
    return line(url) if parts.scheme in ("http", "https") and parts.netloc else ""
