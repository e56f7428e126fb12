"""Which documents a question is asked of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from index import Entry
from index.errors import BadQuestion


@dataclass(frozen=True, slots=True)
class Limit:
    """Chosen documents, by id, and years, both ends included; what is empty or None does not limit."""

    documents: frozenset[str] = frozenset()
    first: int | None = None
    last: int | None = None

    @property
    def years(self) -> str:
        """The years in words: "from 2010 to 2020", "until 2020", or ""."""
        if self.first is not None and self.last is not None:
            return f"from {self.first} to {self.last}"
        return f"from {self.first}" if self.first is not None else f"until {self.last}" if self.last is not None else ""

    def among(self, entries: Iterable[Entry]) -> list[str] | None:
        """The ids of the documents that are left to ask; None for all. Raises BadQuestion where none is left."""
        if self == Limit():
            return None
        left = [entry.id for entry in entries if self._has(entry)]
        if not left:
            raise BadQuestion(f"No document is left to ask {self.years}: choose others, or ask all of them.")
        return left

    def _has(self, entry: Entry) -> bool:
        """Whether a document is asked; one whose date is not known is of no year."""
        if self.documents and entry.id not in self.documents:
            return False
        if not self.years:
            return True
        dated = year(entry.date)
        return bool(dated) and (self.first or 0) <= int(dated) <= (self.last or 9999)


def year(date: str) -> str:
    """The year in a date however it is written, or "".

    >>> year("18 September 2023")
    '2023'
    """
    found = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", date)
    return found[0] if found else ""
