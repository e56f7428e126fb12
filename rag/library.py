"""The documents behind the page: listed, found, chosen, synced with their folder, added to it and removed from it.

Knows no web framework: a page shows what is returned here. Leaves out what a document looks like (``rag/render``).
"""

import logging
import re
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from index import Entry, Index, upload
from index.errors import CounterpointError
from index.sync import Report
from rag import render
from rag.limit import Limit
from rag.render import Html

FILES_AT_ONCE = 20
LOOKED_AGAIN = 0.25
"""Seconds until a page hears how far a sync is."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Syncing:
    """A sync of the folder: what was done before it, what it will have done, and how far it is."""

    before: Sequence[str] = ()
    job: Future[Report] = field(default_factory=Future)
    done: int = 0
    total: int = 0
    begun: float = field(default_factory=time.monotonic)

    def told(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def show(self) -> Html:
        """What it did, or how far it is."""
        if wait([self.job], LOOKED_AGAIN).done:
            return render.said_html("\n".join([*self.before, _said(self.job)]))
        return render.progress_html(self.done, self.total, time.monotonic() - self.begun)


class Library:
    """The documents behind the page, and what visitors do with them; without a folder they are only read."""

    def __init__(self, index: Index, folder: Path | None = None, uploads: bool = False) -> None:
        self.index = index
        self.folder = folder
        self.uploads = uploads and folder is not None
        self._syncing: Syncing | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="sync")

    def listed(self, words: str | None, limit: Limit) -> tuple[Html, Html, Html]:
        """The list of documents that have all the words, the line above it, and that below the question."""
        asked = (words or "").casefold().split()
        found = [entry for entry in self.index.catalogue() if all(word in _searched(entry) for word in asked)]
        removable = {entry.id for entry in found if self.uploads and upload.is_upload(entry.source)}
        table = render.documents_html(found, chosen=limit.documents, removable=removable)
        synced = self.index.database.manifest().get("synced", "")[:16].replace("T", " ")
        return table, self.line(f"{synced} UTC" if synced else ""), self.line()

    def line(self, synced: str = "") -> Html:
        """How many documents are indexed, when that was, and which files failed."""
        failures = {source: reason for source, (_, reason) in self.index.database.failures().items()}
        return render.library_html(len(self.index.titles()), failures, synced)

    def choose(self, limit: Limit, id: str, on: bool) -> tuple[Limit, Html]:
        """The limit with one document more or less, and how it looks."""
        one = {id} & self.index.titles().keys()
        documents = limit.documents | one if on else limit.documents - one
        return self.limited(Limit(documents, limit.first, limit.last))

    def choose_years(self, limit: Limit, first: str | None, last: str | None) -> tuple[Limit, Html]:
        """The limit with other years; what is not a year of four digits does not limit."""
        years = (int(year) if year and re.fullmatch(r"[0-9]{4}", year) else None for year in (first, last))
        return self.limited(Limit(limit.documents, *years))

    def limited(self, limit: Limit) -> tuple[Limit, Html]:
        """A limit, and how it looks."""
        return limit, render.limit_html(limit, self.index.titles())

    def sync(self, before: Sequence[str] = ()) -> Html:
        """What a sync did that was begun after something else, or how far it is: ``look`` tells on.

        One that is running already is told of, unless something was changed before this one.
        """
        if self.folder is None:
            return render.said_html("This index is served as it is: start the page with --documents to sync it.")
        if before or self._syncing is None or self._syncing.job.done():
            self._syncing = syncing = Syncing(before)
            syncing.job = self._worker.submit(self.index.sync, self.folder, told=syncing.told)
        return self._syncing.show()

    def look(self) -> Html:
        """How far the latest sync is, or what it did."""
        return self._syncing.show() if self._syncing else Html()

    def add(self, files: Sequence[str] | None) -> Html:
        """What became of uploaded files, and the sync that reads them."""
        said = [self._stored(Path(file)) for file in (files or [])[:FILES_AT_ONCE]]
        if files and len(files) > FILES_AT_ONCE:
            said.append(f"{FILES_AT_ONCE} files at once are the most.")
        return self.sync(said)

    def _stored(self, file: Path) -> str:
        """What became of one uploaded file; the web framework's copy of it is gone afterwards."""
        try:
            if not self.uploads or self.folder is None:
                return "Files cannot be added here."
            return f"Added {upload.store(self.folder, file.name, file.read_bytes())}."
        except CounterpointError as error:
            return str(error)
        finally:
            file.unlink(missing_ok=True)

    def remove(self, id: str) -> Html:
        """What became of an uploaded document that is to go, and the sync that forgets it."""
        sources = [entry.source for entry in self.index.catalogue() if entry.id == id]
        try:
            if not self.uploads or self.folder is None or not sources:
                raise upload.Refused("This document cannot be removed here.")
            upload.remove(self.folder, sources[0])
        except CounterpointError as error:
            return render.said_html(str(error))
        return self.sync([f"Removed {sources[0]}."])


def _searched(entry: Entry) -> str:
    return " ".join([entry.title, entry.source, entry.kind, entry.date, *entry.authors]).casefold()


def _said(job: Future[Report]) -> str:
    """What a sync did, or why it could not."""
    try:
        return str(job.result())
    except CounterpointError as error:
        return str(error)
    except Exception:  # noqa: BLE001  # the page is the last place that can turn a fault into a sentence
        log.exception("The folder could not be synced")
        return "The folder could not be synced because of an error in the program."
