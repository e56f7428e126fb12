"""python -m index sync|status|doctor"""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from index.database import Database
from index.doctor import examine, put_aside, repair
from index.embed import Embedder, named_embedder, spread_embedder
from index.errors import CounterpointError, FolderMissing, IndexBusy, IndexDamaged, IndexMissing
from index.index import Index
from index.store import store_at
from index.sync import stamp

LOOK_EVERY = 2.0
"""Seconds between two looks at a folder that is watched."""

MODEL = "a sentence-transformers model by name or path; default: the index's own, at first the packaged one"
STORE = "a Milvus server that holds and searches the passages, such as http://host:19530; default: this machine"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        status = run(options)
        sys.stdout.flush()
        return status
    except CounterpointError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m index", description="Keep an index of a folder of documents.")
    commands = parser.add_subparsers(required=True)
    for name, run, help in (
        ("sync", _sync, "bring the index to what the folder holds; unchanged files are left as they are"),
        ("status", _status, "what the index holds, and which files failed and why"),
        ("doctor", _doctor, "look for damage; exit status 1 if there is any"),
    ):
        command = commands.add_parser(name, help=help, description=help)
        if name == "sync":
            command.add_argument("folder", type=Path, help="the folder with the documents")
            command.add_argument("--quiet", action="store_true", help="no progress bar")
            command.add_argument("--dry-run", action="store_true", help="only say what would be done")
            command.add_argument("--watch", action="store_true", help="go on, and sync whenever the folder changes")
            command.add_argument("--ray", metavar="ADDRESS", help="embed on a Ray cluster; auto: the one at hand")
            command.add_argument(
                "--reembed",
                action="store_true",
                help="change to --model (default: the packaged one), all at once, then sync",
            )
        command.add_argument(
            "--index",
            type=Path,
            default=Path(".counterpoint/documents"),
            help="where the index is; default: %(default)s",
        )
        if name == "status":
            command.add_argument("--json", action="store_true", help="print one JSON object")
        else:
            command.add_argument("--model", help=MODEL)
            command.add_argument("--store", metavar="ADDRESS", help=STORE)
        if name == "doctor":
            command.add_argument(
                "--repair", action="store_true", help="make anew what is derived, put aside what is not"
            )
        command.set_defaults(run=run)
    return parser


def _sync(options: argparse.Namespace) -> int:
    embedder = _embedder(options)
    if options.dry_run:
        print(_index_or_none_yet(options, embedder).plan(options.folder))
        print("Nothing was done: this is what a sync would do.", file=sys.stderr)
        return 0
    if options.reembed:
        database = Database(options.index, create=True)
        embedder = embedder or named_embedder(None)
        index = Index(database, embedder, store_at(options.store, database))
        count = index.reembed(progress=not options.quiet)
        print(f"{count} passages embedded with {embedder.name}")
    index = Index.create(options.index, embedder=embedder, store=options.store)
    print(index.sync(options.folder, progress=not options.quiet), flush=True)
    if options.watch:
        _watch(index, options.folder)
    index.require_documents()
    return 0


def _embedder(options: argparse.Namespace) -> Embedder | None:
    """The model that is asked for; None is the one that the index was built with, at first the packaged one."""
    if getattr(options, "ray", None):
        return spread_embedder(options.model, options.ray)
    return named_embedder(options.model) if options.model else None


def _index_or_none_yet(options: argparse.Namespace, embedder: Embedder | None) -> Index:
    """The index, or before the first sync an empty one that leaves no trace."""
    try:
        return Index.open(options.index, embedder=embedder, store=options.store)
    except IndexMissing:
        return Index.temporary(embedder=embedder)


def _watch(index: Index, folder: Path) -> None:
    """Sync whenever the folder has changed and then stayed as it is for one look, until it succeeds."""
    print(f"Watching {folder}; Ctrl-C ends it.", file=sys.stderr)
    synced = before = stamp(folder)
    said = ""
    while True:
        time.sleep(LOOK_EVERY)
        now = stamp(folder)
        if now != synced and now == before:
            try:
                print(index.sync(folder), flush=True)
                synced, said = now, ""
            except (IndexBusy, FolderMissing) as error:
                if said != str(error):  # once, not at every look
                    said = str(error)
                    print(said, file=sys.stderr)
        before = now


def _status(options: argparse.Namespace) -> int:
    database = Database(options.index)
    titles, failures, unread = database.titles(), database.failures(), database.unread()
    if options.json:
        failed = {source: reason for source, (_, reason) in failures.items()}
        status = {"manifest": database.manifest(), "documents": titles, "in_part": unread, "failed": failed}
        print(json.dumps(status, indent=1))
        return 0
    print(f"{len(titles)} documents, {database.passage_count()} passages, {len(failures)} failed files")
    manifest = database.manifest()
    if "folder" in manifest:
        print(f"  of {manifest['folder']}, synced {manifest['synced']}, embedded with {manifest['model']}")
    else:
        print("  its first sync was broken off: sync the folder again")
    for id, title in titles.items():
        print(f"  {id}: {title}")
    for source, what in unread.items():
        print(f"  in part: {source}: {what}")
    for source, (_, reason) in failures.items():
        print(f"  failed: {source}: {reason}")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    try:
        index = Index.open(options.index, embedder=_embedder(options), store=options.store)
        damages = examine(index)
    except IndexDamaged as error:
        return _unreadable(str(error), options)
    for damage in damages:
        print(damage)
    print(f"{len(damages)} damages found" if damages else "The index is sound.", file=sys.stderr)
    if any(damage.kind == "database" for damage in damages):
        return _unreadable("", options)
    if damages and options.repair:
        repair(index, damages)
        print("Repaired. Sync the folder again to fetch what was put aside.", file=sys.stderr)
        return 0
    return 1 if damages else 0


def _unreadable(what: str, options: argparse.Namespace) -> int:
    """The answer to a database that SQLite cannot read."""
    if what:
        print(what)
    if not options.repair:
        return 1
    aside = put_aside(options.index)
    print(f"Put aside: {aside}. Sync the folder again, which makes a new index.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
