"""Folder to database: what was added, changed, removed, left as it was, or failed and why.

A file is known by the hash of its bytes, so an unchanged one costs one read and no model. Each document is a
transaction of its own: an interrupted sync keeps what it has finished and the next one goes on from there.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from index.database import Database
from index.embed import Embedder, sha256
from index.errors import FolderMissing, IndexMismatch, Unreadable
from index.read import READERS, VERSION, read, source_of
from index.split import OVERLAP_TOKENS, PASSAGE_TOKENS, passages
from index.types import Document, Passage

BATCH_DOCUMENTS = 32
CONTEXT_LETTERS = 200

log = logging.getLogger(__name__)


class Failure(NamedTuple):
    source: str
    reason: str


@dataclass(slots=True)
class Report:
    """What one sync did; every list holds sources, that is paths below the folder."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    embedded: int = 0

    def __str__(self) -> str:
        counts = (
            f"{len(getattr(self, name))} {name}" for name in ("added", "changed", "removed", "unchanged", "failed")
        )
        lines = [", ".join(counts) + f"; {self.embedded} passages embedded"]
        return "\n".join(lines + [f"  failed: {source}: {reason}" for source, reason in self.failed])


@dataclass(frozen=True, slots=True)
class Build:
    """The choices an index was built with; saved in it, so that a query never uses others."""

    model: str
    reader: str = str(VERSION)
    passage_tokens: str = str(PASSAGE_TOKENS)
    overlap_tokens: str = str(OVERLAP_TOKENS)

    def manifest(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}


def sync(database: Database, folder: Path, embedder: Embedder, *, progress: bool = False) -> Report:
    """Bring the database to what the folder holds. Raises FolderMissing, IndexMismatch, IndexBusy."""
    if not folder.is_dir():
        raise FolderMissing(f"There is no folder {folder}: name a folder that holds {', '.join(READERS)} files.")
    with database.writing():
        files = {source_of(path, folder): path for path in _files(folder)}
        current = _settle_build(database, embedder)
        known = database.file_hashes() if current else {}
        failures = database.failures() if current else {}
        report = Report()
        work = []
        for source, path in files.items():
            file_hash = _file_hash(path)
            if known.get(source) == file_hash:
                report.unchanged.append(source)
            elif source in failures and failures[source][0] == file_hash:
                report.failed.append(Failure(source, failures[source][1]))
            else:
                work.append((source, path, file_hash))
        report.removed = sorted((database.file_hashes().keys() | database.failures().keys()) - files.keys())
        if report.removed:
            database.remove(report.removed)
        with tqdm(total=len(work), desc="Syncing", unit="file", disable=not progress or not work) as bar:
            for i in range(0, len(work), BATCH_DOCUMENTS):
                batch = work[i : i + BATCH_DOCUMENTS]
                _read_and_store(database, folder, batch, embedder, known, report)
                bar.update(len(batch))
        database.set_manifest({**Build(embedder.name).manifest(), "folder": str(folder.resolve())})
    return report


def put_texts(database: Database, documents: Sequence[Document], embedder: Embedder) -> None:
    """Store documents made in memory."""
    with database.writing():
        for i in range(0, len(documents), BATCH_DOCUMENTS):
            batch = documents[i : i + BATCH_DOCUMENTS]
            _store(database, [(document, "") for document in batch], embedder)
        database.set_manifest(Build(embedder.name).manifest())


def _files(folder: Path) -> Iterator[Path]:
    """Visible files in the folder, by name; a link that leads out of it is not followed."""
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and path.resolve().is_relative_to(root):
            yield path


def _file_hash(path: Path) -> str:
    """SHA-256 of the bytes, or of nothing where they cannot be read (the reader then says why)."""
    try:
        return sha256(path)
    except OSError:
        return ""


def _settle_build(database: Database, embedder: Embedder) -> bool:
    """Whether what the index holds was made as it would be made today; raises IndexMismatch for another model."""
    manifest = database.manifest()
    if "model" not in manifest:
        return True
    if manifest["model"] != embedder.name:
        raise IndexMismatch(
            f"The index was built with the model {manifest['model']}, not {embedder.name}: "
            "name that model, or sync into another --index."
        )
    return all(manifest.get(name) == value for name, value in Build(embedder.name).manifest().items())


def _read_and_store(
    database: Database,
    folder: Path,
    batch: list[tuple[str, Path, str]],
    embedder: Embedder,
    known: dict[str, str],
    report: Report,
) -> None:
    read_now = []
    for source, path, file_hash in batch:
        try:
            read_now.append((read(path, root=folder), file_hash))
        except (Unreadable, OSError, RecursionError, ValueError) as error:
            # a reader's library may raise any of these on a broken file; one file never stops the folder
            database.fail(source, file_hash, str(error) or type(error).__name__)
            report.failed.append(Failure(source, str(error)))
            log.warning("%s: %s", source, error)
    report.embedded += _store(database, read_now, embedder)
    for document, _ in read_now:
        (report.changed if document.source in known else report.added).append(document.source)


def _store(database: Database, documents: Sequence[tuple[Document, str]], embedder: Embedder) -> int:
    """Split, embed together (the model is fastest on many texts), store one by one; how many passages."""
    if not documents:
        return 0
    split = [(document, file_hash, _passages(document, embedder)) for document, file_hash in documents]
    texts = [embedding_text(document, p) for document, _, parts in split for p in parts]
    vectors = embedder.embed_documents(texts)
    at = 0
    for document, file_hash, parts in split:
        database.put(document, file_hash, parts, vectors[at : at + len(parts)])
        at += len(parts)
    return at


def _passages(document: Document, embedder: Embedder) -> list[Passage]:
    return passages(document, count_tokens=embedder.count_tokens)


def embedding_text(document: Document, passage: Passage) -> str:
    """What is embedded for a passage: it stands under its title and heading, as a reader sees it.

    The name of a text without a title is no title: it may be a bare number.
    """
    title = document.title if document.title != document.source else ""
    context = dict.fromkeys(part[:CONTEXT_LETTERS] for part in (title, passage.heading) if part)
    return "\n".join([*context, passage.text])
