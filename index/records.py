"""Tables of records and of questions with answers: each row that has a text of its own becomes a document.

A row is known by its column names: ``question`` and ``answer``, or ``title`` with ``abstract``, ``text`` and the like.
Rows of other columns (a table of doses) are no documents; the file is then one table. A broken line costs no other.
"""

import csv
import io
import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from index.errors import Unreadable
from index.types import BlockKind

Row = dict[str, Any]
Part = tuple[str, BlockKind]

MAX_RECORDS = 50_000
MAX_FIELD = 1_000_000
NAMED = 10
"""How many broken lines a reason names."""
NO_DIVIDER = "\x1f"
"""A sign that no table holds, for those of one column."""
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


def csv_rows(text: str) -> tuple[list[Row], str]:
    """The rows under a header line, and which lines are none; comma, semicolon, tab or bar divides them.

    Raises Unreadable where no row fits its columns.
    """
    csv.field_size_limit(MAX_FIELD)
    divider = max(f"{NO_DIVIDER},;\t|", key=text.lstrip().partition("\n")[0].count)
    found = [(number, fields) for number, fields in _csv_fields(list(io.StringIO(text)), divider) if fields != []]
    header = [name.strip().lower() for name in found[0][1] or []] if found else []
    rows, broken = [], []
    for number, fields in found[1:] if header else found:
        if not header or fields is None or any(fields[len(header) :]):
            broken.append(number)
        else:
            row = dict(zip_longest(header, fields[: len(header)], fillvalue=""))
            rows.append({name: value for name, value in row.items() if name})
    unread = _lines(broken, "does not fit the columns; check its quotation marks")
    if broken and not rows:
        raise Unreadable(f"not a readable table: {unread}")
    return _few(rows), unread


def _csv_fields(lines: list[str], divider: str) -> Iterator[tuple[int, list[str] | None]]:
    """The fields of each record with the number of its first line; None for a line that cannot be divided."""
    at = 0
    while at < len(lines):
        rest = map(lines.__getitem__, range(at, len(lines)))
        reader = csv.reader(rest, delimiter=divider, skipinitialspace=True, strict=True)
        try:
            yield at + 1, next(reader)
            at += reader.line_num
        except csv.Error:
            yield at + 1, None
            at += 1


def json_rows(text: str) -> tuple[list[Row], str]:
    """The objects of a JSON array, of one object, or one a line, and which lines are none. Raises Unreadable."""
    try:
        found, unread = json.loads(text), ""
    except (ValueError, RecursionError) as error:
        found, unread = _json_lines(text)
        if not found and isinstance(error, RecursionError):
            raise
        if not found:
            raise Unreadable(f"not readable JSON: {error}") from error
    rows = (row for row in _few(found if isinstance(found, list) else [found]) if isinstance(row, dict))
    return [{str(key).strip().lower(): value for key, value in row.items()} for row in rows], unread


def _json_lines(text: str) -> tuple[list[Any], str]:
    """The objects that stand on a line each, as in an array that is broken elsewhere, and which lines are none."""
    rows, broken = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if value := line.strip("[], \t"):
            try:
                rows.append(json.loads(value))
            except (ValueError, RecursionError):
                broken.append(number)
    return [row for row in rows if isinstance(row, dict)], _lines(broken, "is not readable JSON; mend it")


def _lines(numbers: list[int], what: str) -> str:
    """``line 2, 7 and 5 more is …``, "" for no line."""
    more = f" and {len(numbers) - NAMED} more" if len(numbers) > NAMED else ""
    return f"line {', '.join(map(str, numbers[:NAMED]))}{more} {what}" if numbers else ""


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
