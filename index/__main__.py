"""python -m index sync|status|doctor"""

import argparse
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from index.doctor import examine
from index.embed import SentenceTransformerEmbedder
from index.errors import CounterpointError
from index.index import Index

STORE = "a Milvus server that holds and searches the passages, such as http://host:19530; default: this machine"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except CounterpointError as error:
        print(error, file=sys.stderr)
        return 2


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
        command.add_argument("--index", type=Path, default=Path(".counterpoint/documents"), help="where the index is")
        command.add_argument("--model", help="a sentence-transformers model by name or path; default: the packaged one")
        command.add_argument("--store", metavar="ADDRESS", help=STORE)
        if name == "status":
            command.add_argument("--json", action="store_true", help="print one JSON object")
        command.set_defaults(run=run)
    return parser


def _sync(options: argparse.Namespace) -> int:
    index = Index.create(options.index, embedder=SentenceTransformerEmbedder(options.model), store=options.store)
    print(index.sync(options.folder, progress=not options.quiet))
    index.require_documents()
    return 0


def _status(options: argparse.Namespace) -> int:
    index = Index.open(options.index, embedder=SentenceTransformerEmbedder(options.model), store=options.store)
    database = index.database
    titles, failures = index.titles(), database.failures()
    if options.json:
        failed = {source: reason for source, (_, reason) in failures.items()}
        print(json.dumps({"manifest": database.manifest(), "documents": titles, "failed": failed}, indent=1))
        return 0
    print(f"{len(titles)} documents, {len(database.passage_ids())} passages, {len(failures)} failed files")
    for id, title in titles.items():
        print(f"  {id}: {title}")
    for source, (_, reason) in failures.items():
        print(f"  failed: {source}: {reason}")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    index = Index.open(options.index, embedder=SentenceTransformerEmbedder(options.model), store=options.store)
    damages = examine(index)
    for damage in damages:
        print(damage)
    print(f"{len(damages)} damages found" if damages else "The index is sound.", file=sys.stderr)
    return 1 if damages else 0


if __name__ == "__main__":
    sys.exit(main())
