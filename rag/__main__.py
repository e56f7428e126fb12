"""python -m rag "question" --index DIR"""

import argparse
import json
import sys
from pathlib import Path

from index.embed import named_embedder
from index.errors import CounterpointError
from rag.judge import named_judge
from rag.pipeline import DEFAULT_INDEX, RAG
from rag.render import to_markdown


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rag", description="Ask the documents of an index.")
    parser.add_argument("question")
    parser.add_argument("--index", type=Path, default=DEFAULT_INDEX, help="where the index is")
    parser.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    parser.add_argument("-k", type=int, default=10, help="how many passages to read (default: 10)")
    parser.add_argument("--model", help="a sentence-transformers model by name or path; default: the index's own")
    parser.add_argument("--store", metavar="ADDRESS", help="the Milvus server that the index was synced with")
    parser.add_argument("--judge", metavar="NAME", help="a CrossEncoder by name or path instead of the packaged judge")
    options = parser.parse_args(arguments)
    try:
        judge = named_judge(options.judge) if options.judge else None
        embedder = named_embedder(options.model) if options.model else None
        rag = RAG.open(options.index, embedder=embedder, judge=judge, store=options.store)
        answer = rag.ask(options.question, k=options.k)
    except CounterpointError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(answer.to_dict(), ensure_ascii=False, indent=1) if options.json else to_markdown(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
