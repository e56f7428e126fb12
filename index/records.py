"""Tables of records and of questions with answers: each row that has a text of its own becomes a document.

A row is known by its column names: ``question`` and ``answer``, or ``title`` with ``abstract``, ``text`` and the like.
Rows of other columns (a table of doses) are no documents; the file is then one table.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from index.errors import Unreadable
from index.types import BlockKind

Row = dict[str, Any]
Part = tuple[str, BlockKind]

MAX_RECORDS = 50_000
MAX_FIELD = 1_000_000
TEXT = ("answer", "abstract", "text", "body", "content", "description", "summary", "passage", "document", "article")
HEADINGS = ("question", "query", "heading", "section")
METADATA = {
    "title": ("title", "name", "headline"),
    "date": ("date", "published", "publication_date", "pubdate", "year"),
    "url": ("url", "link", "source_url"),
    "doi": ("doi",),
    "kind": ("kind", "type", "document_type", "publication_type"),
    "notice": ("notice",),
}


def csv_rows(text: str) -> list[Row]:
    """The rows under a header line, whichever of comma, semicolon, tab and bar divides it. Raises Unreadable."""
    csv.field_size_limit(MAX_FIELD)
    header = text.partition("\n")[0]
    divider = max(",;\t|", key=header.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=divider, skipinitialspace=True))
    except csv.Error as error:
        raise Unreadable(f"not a readable table: {error}") from error
    return [{key.strip().lower(): value or "" for key, value in row.items() if key} for row in _few(rows)]


def json_rows(text: str) -> list[Row]:
    """The objects of a JSON array, of one object, or one a line. Raises Unreadable."""
    try:
        found = json.loads(text) if text.lstrip()[:1] == "[" else [json.loads(x) for x in text.split("\n") if x.strip()]
    except ValueError:
        found = _one_object(text)
    rows = (row for row in _few(found if isinstance(found, list) else [found]) if isinstance(row, dict))
    return [{str(key).strip().lower(): value for key, value in row.items()} for row in rows]


def _one_object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unreadable(f"not readable JSON: {error}") from error


def _few(rows: list[Any]) -> list[Any]:
    if len(rows) > MAX_RECORDS:
        raise Unreadable(f"more than {MAX_RECORDS} records; split the file")
    return rows


def parts(row: Row) -> list[Part]:
    """What a row says: its headings and texts, those of a list inside it included."""
    said: list[Part] = [(_text(row[name]), "heading") for name in HEADINGS if _text(row.get(name))]
    for name in TEXT:
        said += [(paragraph, "paragraph") for paragraph in _text(row.get(name)).split("\n\n") if paragraph.strip()]
    inner = [part for value in row.values() if isinstance(value, list) for item in value for part in _inner(item)]
    return said + inner if inner or any(kind == "paragraph" for _, kind in said) else []


def _inner(item: Any) -> list[Part]:
    return parts({str(key).lower(): value for key, value in item.items()}) if isinstance(item, dict) else []


def metadata(row: Row) -> dict[str, Any]:
    """What a row says of itself, by the field names of a document."""
    found = {field: _first(row, names) for field, names in METADATA.items()}
    found["title"] = found["title"] or _first(row, HEADINGS)
    found["kind"] = found["kind"].lower() or ("question and answer" if _asks(row) else "record")
    return {**found, "authors": tuple(_names(row.get("authors") or row.get("author") or ""))}


def _first(row: Row, names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := _text(row.get(name)))), "")


def _asks(row: Row) -> bool:
    inner = (item for value in row.values() if isinstance(value, list) for item in value if isinstance(item, dict))
    return "question" in row or any("question" in item for item in inner)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (text for item in value if (text := _text(item)))
    else:
        yield from (name.strip() for name in _text(value).replace("|", ";").split(";") if name.strip())


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def table(rows: list[Row]) -> Iterator[Part]:
    """A table that is no list of documents, as table rows."""
    if rows:
        yield " | ".join(rows[0]), "row"
        yield from ((" | ".join(map(_text, row.values())), "row") for row in rows)
