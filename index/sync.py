"""Folder to database: what was added, changed, moved, removed, left as it was, or failed and why.

A file is known by the hash of its bytes, so an unchanged one costs one read and no model, and one that only moved
keeps its vectors. A text that is stored is never embedded again, whichever file it comes from. Each document is a
transaction of its own: an interrupted sync keeps what it has finished and the next one goes on from there. While some
files are read, those before them are embedded and those before these are stored, each by a thread of its own.
"""

import logging
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice, zip_longest
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from tqdm import tqdm

from index.apart import Reader
from index.database import Database
from index.embed import Embedder, Vectors
from index.errors import FolderMissing, IndexMismatch, Unreadable
from index.minilm import sha256
from index.read import MAX_BYTES, READERS, VERSION, document_id, leads_out, refuse, source_of
from index.split import OVERLAP_TOKENS, PASSAGE_TOKENS, embedding_text, passages
from index.types import Document, Passage

BATCH_DOCUMENTS = 32
"""How many documents are embedded together where they are at hand."""
BATCH_PASSAGES = 128
"""How many passages are embedded together, of one document or more, as files are read."""
SHOWN = 20
"""How many files of one kind a report names; the status names every one that failed."""

T = TypeVar("T")
U = TypeVar("U")
log = logging.getLogger(__name__)


class Failure(NamedTuple):
    source: str
    reason: str


class Move(NamedTuple):
    old: str
    new: str


class File(NamedTuple):
    """A file that is to be read."""

    source: str
    path: Path
    hash: str


class Split(NamedTuple):
    """A document with its passages, and the texts that are embedded for them."""

    document: Document
    passages: list[Passage]
    texts: list[str]


class Step(NamedTuple):
    """What reading came to next: a document of a file, or the reason why the file cannot be read.

    ``ids`` are those of all documents of the file.
    """

    file: File
    ids: list[str]
    split: Split | None
    reason: str = ""

    @property
    def ends_file(self) -> bool:
        return self.split is None or self.split.document.id == self.ids[-1]


class Batch(NamedTuple):
    """Steps whose texts have been embedded, ``new`` of them now; the vectors of all."""

    steps: list[Step]
    vectors: dict[str, Vectors]
    new: int


@dataclass(slots=True)
class Report:
    """What one sync did, or would do; every list holds sources, that is paths below the folder.

    ``unread`` names files that were read in part only, with what is missing.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unread: list[Failure] = field(default_factory=list)
    embedded: int = 0

    def __str__(self) -> str:
        counted = ("added", "changed", "moved", "removed", "unchanged", "failed")
        counts = ", ".join(f"{len(getattr(self, name))} {name}" for name in counted)
        return "\n".join([f"{counts}; {self.embedded} passages embedded", *self._lines()])

    def _lines(self) -> Iterator[str]:
        """What happened to which file; of many, the first ones."""
        said = {
            "added": self.added,
            "changed": self.changed,
            "moved": [" -> ".join(move) for move in self.moved],
            "removed": self.removed,
            "in part": [": ".join(failure) for failure in self.unread],
            "failed": [": ".join(failure) for failure in self.failed],
        }
        for what, files in said.items():
            yield from (f"  {what}: {file}" for file in files[:SHOWN])
            if len(files) > SHOWN:
                yield f"  {what}: and {len(files) - SHOWN} more"


@dataclass(frozen=True, slots=True)
class Build:
    """The choices an index was built with; saved in it, so that a query never uses others."""

    model: str
    reader: str = str(VERSION)
    passage_tokens: str = str(PASSAGE_TOKENS)
    overlap_tokens: str = str(OVERLAP_TOKENS)

    def manifest(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}


def sync(
    database: Database,
    folder: Path,
    embedder: Embedder,
    *,
    progress: bool = False,
    told: Callable[[int, int], None] = lambda done, all: None,
) -> Report:
    """Bring the database to what the folder holds. Raises FolderMissing, IndexMismatch, IndexBusy."""
    with database.writing():
        report, work = _plan(database, folder, embedder)
        known = database.file_hashes()
        if "model" not in database.manifest():  # a first sync that is broken off has said what its vectors are
            database.set_manifest(Build(embedder.name).manifest())
        for old, new in report.moved:
            database.move(old, [_renamed(database, id, old, new) for id in database.documents_of(old)])
        if report.removed:
            database.remove(report.removed)
        _read_and_store(database, folder, work, embedder, known, report, progress, told)
        report.unread = [Failure(*item) for item in database.unread().items()]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        database.set_manifest({**Build(embedder.name).manifest(), "folder": str(folder.resolve()), "synced": now})
    return report


def plan(database: Database, folder: Path, embedder: Embedder) -> Report:
    """What a sync would do, as far as that can be told without reading the files."""
    report, work = _plan(database, folder, embedder)
    known = database.file_hashes()
    for file in work:
        try:
            refuse(file.path, folder)
        except (Unreadable, OSError) as error:
            report.failed.append(Failure(file.source, str(error)))
        else:
            (report.changed if file.source in known else report.added).append(file.source)
    report.unread = [Failure(*item) for item in database.unread().items() if item[0] in report.unchanged]
    return report


def _plan(database: Database, folder: Path, embedder: Embedder) -> tuple[Report, list[File]]:
    """What is done already or costs nothing, and the files that are to be read."""
    if not folder.is_dir():
        raise FolderMissing(f"There is no folder {folder}: name a folder that holds {', '.join(READERS)} files.")
    files = {source_of(path, folder): path for path in _files(folder)}
    current = _settle_build(database, embedder)
    known = database.file_hashes() if current else {}
    failures = database.failures() if current else {}
    gone = {known[source]: source for source in sorted(known.keys() - files.keys(), reverse=True)}
    report = Report(removed=sorted(database.sources() - files.keys()))
    work = []
    for source, path in files.items():
        file_hash = _file_hash(path, folder)
        if known.get(source) == file_hash:
            report.unchanged.append(source)
        elif source in failures and failures[source][0] == file_hash:
            report.failed.append(Failure(source, failures[source][1]))
        elif source not in known and file_hash in gone and Path(gone[file_hash]).suffix == path.suffix:
            report.moved.append(Move(gone.pop(file_hash), source))
        else:
            work.append(File(source, path, file_hash))
    moved = {move.old for move in report.moved}
    report.removed = [source for source in report.removed if source not in moved]
    return report, work


def put_texts(database: Database, documents: Sequence[Document], embedder: Embedder) -> None:
    """Store documents made in memory."""
    with database.writing():
        for batch in _batches(documents):
            _store(database, batch, "-", embedder)
        database.set_manifest(Build(embedder.name).manifest())


def store_again(database: Database, ids: Sequence[str], embedder: Embedder) -> None:
    """Split and embed stored documents anew, as their passages are damaged; passages of no document go."""
    for id in ids:
        database.drop_passages(id)
        if document := database.document(id):
            document, parts, texts = _split(document, embedder)
            database.put(document, "", parts, embedder.embed_documents(texts))


def reembed(database: Database, embedder: Embedder, *, progress: bool = False) -> int:
    """Embed every stored document with another model, then take that over in one transaction; how many passages.

    Until then the index answers as before. An interrupted run goes on where it stopped.
    """
    with database.writing():
        side = _side(database, embedder)
        done, count = set(side.document_ids()), 0
        ids = [id for id in database.document_ids() if id not in done or side.document(id) != database.document(id)]
        with tqdm(total=len(ids), desc="Embedding", unit="document", disable=not progress) as bar:
            for batch in _batches(ids):
                documents = [document for id in batch if (document := database.document(id))]
                count += _store(side, documents, "", embedder)
                bar.update(len(batch))
        database.take_over(side, Build(embedder.name).manifest())
        shutil.rmtree(side.folder)
    return count


def _side(database: Database, embedder: Embedder) -> Database:
    """The database beside this one that fills up while this one goes on answering."""
    folder = database.folder / "reembed"
    wanted = Build(embedder.name).manifest()
    if folder.exists():
        side = Database(folder, create=True)
        if wanted.items() <= side.manifest().items():
            return side
        shutil.rmtree(folder)
    side = Database(folder, create=True)
    side.set_manifest(wanted)
    return side


def _files(folder: Path) -> Iterator[Path]:
    """Visible files in the folder, by name, and the links that cannot be followed: reading one says why."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and (path.is_symlink() and leads_out(path, folder) or path.is_file()):
            yield path


def stamp(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file, which tell at little cost that something may have changed."""
    found = {}
    for path in _files(folder):
        with suppress(OSError):  # gone since it was listed
            status = path.stat()
            found[str(path)] = (status.st_size, status.st_mtime_ns)
    return found


def _file_hash(path: Path, folder: Path) -> str:
    """SHA-256 of the bytes; size and time of a file too large to read; "unreadable" where the system refuses."""
    if leads_out(path, folder):
        return f"link to {os.readlink(path)}"
    try:
        status = path.stat()
        return sha256(path) if status.st_size <= MAX_BYTES else f"{status.st_size} bytes at {status.st_mtime_ns}"
    except OSError:
        return "unreadable"


def _settle_build(database: Database, embedder: Embedder) -> bool:
    """Whether what the index holds was made as it would be made today; raises IndexMismatch for another model."""
    manifest = database.manifest()
    if "model" not in manifest:
        return True
    if manifest["model"] != embedder.name:
        raise IndexMismatch(
            f"The index was built with the model {manifest['model']}, not {embedder.name}: "
            "name that model, or none, or change to the other one with sync --reembed."
        )
    return all(manifest.get(name) == value for name, value in Build(embedder.name).manifest().items())


def _renamed(database: Database, id: str, old: str, new: str) -> tuple[str, Document]:
    """The id of a document, and the document as it is called when its file is ``new``."""
    document = database.document(id)
    assert document is not None
    title = Path(new).stem if document.title == Path(old).stem else document.title
    new_id = document_id(new) + id.removeprefix(document_id(old))
    return id, replace(document, id=new_id, source=new, title=title)


def _read_and_store(
    database: Database,
    folder: Path,
    work: Sequence[File],
    embedder: Embedder,
    known: dict[str, str],
    report: Report,
    progress: bool,
    told: Callable[[int, int], None],
) -> None:
    """Read files in batches, since the model is fastest on many texts; tell of each when it is stored."""
    if not work:
        return
    told(0, len(work))
    with Reader() as reader, tqdm(total=len(work), desc="Syncing", unit="file", disable=not progress) as bar:
        read = _batched(_steps(reader, folder, work, embedder))
        embedded = overlapped(_embedding(database, embedder), read)
        done = count(1)
        for batch in overlapped(partial(_write, database), embedded):
            report.embedded += batch.new
            for step in (step for step in batch.steps if step.ends_file):
                _note(report, step, known)
                bar.update()
                told(next(done), len(work))


def overlapped(function: Callable[[T], U], items: Iterable[T]) -> Iterator[U]:
    """``map``, done by another thread, to one item while the next is made."""
    with ThreadPoolExecutor(1) as thread:
        doing: deque[Future[U]] = deque()
        for item in items:
            doing.append(thread.submit(function, item))
            if len(doing) > 1:
                yield doing.popleft().result()
        while doing:
            yield doing.popleft().result()


def _steps(reader: Reader, folder: Path, work: Sequence[File], embedder: Embedder) -> Iterator[Step]:
    for file, then in zip_longest(work, work[1:]):
        try:
            documents = reader.read(file.path, root=folder, then=then and then.path)
        except Unreadable as error:
            yield Step(file, [], None, str(error))  # one file never stops the folder
        else:
            ids = [document.id for document in documents]
            yield from (Step(file, ids, _split(document, embedder)) for document in documents)


def _batched(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Steps by ``BATCH_PASSAGES`` passages or a document of more.

    The first batch is empty, so that the model loads while the first files are read.
    """
    yield []
    batch: list[Step] = []
    passages = 0
    for step in steps:
        batch.append(step)
        passages += len(step.split.passages) if step.split else 0
        if passages >= BATCH_PASSAGES:
            yield batch
            batch, passages = [], 0
    yield batch


def _embedding(database: Database, embedder: Embedder) -> Callable[[list[Step]], Batch]:
    """What embeds steps, batch after batch."""
    unwritten: deque[dict[str, Vectors]] = deque(maxlen=2)  # of the batches that may still be on their way

    def embed(steps: list[Step]) -> Batch:
        texts = [text for step in steps if step.split for text in step.split.texts]
        held = {text: vectors[text] for vectors in unwritten for text in texts if text in vectors}
        with closing(database):  # this thread's connection
            vectors, new = _embed(database, texts, held, embedder)
        unwritten.append(vectors)
        return Batch(steps, vectors, new)

    return embed


def _write(database: Database, batch: Batch) -> Batch:
    """Store documents. A file of one is one transaction; one of many is known when all are stored."""
    with closing(database):
        for file, ids, split, reason in batch.steps:
            if split is None:
                database.fail(file.source, file.hash, reason)
                continue
            _put(database, split, file.hash if len(ids) == 1 else "", batch.vectors)
            if len(ids) > 1 and split.document.id == ids[-1]:
                database.finish(file.source, file.hash, ids)
    return batch


def _note(report: Report, step: Step, known: dict[str, str]) -> None:
    source = step.file.source
    if step.split is None:
        report.failed.append(Failure(source, step.reason))
        log.warning("%s: %s", source, step.reason)
    else:
        (report.changed if source in known else report.added).append(source)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH_DOCUMENTS)):
        yield batch


def _store(database: Database, documents: Sequence[Document], file_hash: str, embedder: Embedder) -> int:
    """Split, embed together, store one by one; how many passages were embedded."""
    splits = [_split(document, embedder) for document in documents]
    vectors, embedded = _embed(database, [text for split in splits for text in split.texts], {}, embedder)
    for split in splits:
        _put(database, split, file_hash, vectors)
    return embedded


def _split(document: Document, embedder: Embedder) -> Split:
    parts = passages(document, count_tokens=embedder.count_tokens)
    return Split(document, parts, [embedding_text(document, part) for part in parts])


def _embed(
    database: Database, texts: Sequence[str], held: dict[str, Vectors], embedder: Embedder
) -> tuple[dict[str, Vectors], int]:
    """Text -> vector, from what is ``held`` or stored where it is there; how many were embedded."""
    vectors = held | database.vectors_of(texts)
    new = [text for text in dict.fromkeys(texts) if text not in vectors]
    vectors |= dict(zip(new, embedder.embed_documents(new), strict=True))
    return vectors, len(new)


def _put(database: Database, split: Split, file_hash: str, vectors: dict[str, Vectors]) -> None:
    document, parts, texts = split
    database.put(document, file_hash, parts, np.array([vectors[text] for text in texts], np.float32))
