"""An evaluation of anyone's own folder, without labels: ``python -m eval my FOLDER``.

Answerable questions are made of the folder's sentences: the rarest words of one, in their order, should bring that
sentence back. Unanswerable ones are made by leaving a document out: what only it names cannot be answered without it.
"""

import math
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.result import Result, share_figure
from index import Index, Sentence, content_stems
from index.lexical import STOP_WORDS, WORD
from rag import RAG, Answer

ASKED = 100
LEFT_OUT = 5
WORDS, FEWEST_WORDS = 5, 8
SEED = 13


@dataclass(frozen=True, slots=True)
class Asked:
    """Search words made of one sentence; ``only`` says whether a name in them stands in no other document."""

    query: str
    sentence: Sentence
    only: bool


def own_suite(folder: Path) -> Result:
    """Known sentences found again, and silence where the only document that names something is left out."""
    index = Index.from_folder(folder)
    index.require_documents()
    asked = list(questions(index))
    random.Random(SEED).shuffle(asked)
    rag = RAG(index)
    found = [(one, rag.ask(one.query)) for one in asked[:ASKED]]
    missing = list(_left_out(index, [one for one in asked if one.only]))
    rows = [_row(one, answer, left_out=False) for one, answer in found]
    rows += [_row(one, answer, left_out=True) for one, answer in missing]
    return Result(
        "my",
        f"{own_suite.__doc__} {len(index.titles())} documents of {folder.name}.",
        [
            share_figure("the sentence's document is cited", [_cites(one, answer) for one, answer in found]),
            share_figure("the sentence itself is quoted", [_quotes(one, answer) for one, answer in found]),
            share_figure("not answered, its document left out", [not answer.statements for _, answer in missing]),
            share_figure("answers that warn", [answer.status == "disputed" for _, answer in found]),
        ],
        rows,
        worst=[row for row in rows if row["wrong"]][:40],
    )


def questions(index: Index) -> Iterator[Asked]:
    """Search words for every sentence that is long enough and names something."""
    every = [sentence for id in index.titles() for sentence in index.sentences(id)]
    documents = {id: {s for one in index.sentences(id) for s in content_stems(one.text)} for id in index.titles()}
    spread = Counter(stem for stems in documents.values() for stem in stems)
    for sentence in every:
        words = list(dict.fromkeys(w for w in WORD.findall(sentence.text) if w.lower() not in STOP_WORDS))
        names = index.names(" ".join(words))
        if len(words) >= FEWEST_WORDS and names:
            rare = sorted(words, key=lambda word: _rarity(word, spread, len(documents)), reverse=True)[:WORDS]
            only = any(spread[s] == 1 for w in rare if w.lower() in names for s in content_stems(w))
            yield Asked(" ".join(word for word in words if word in rare), sentence, only)


def _rarity(word: str, spread: Counter[str], documents: int) -> float:
    return max((math.log(documents / spread[stem]) for stem in content_stems(word) if spread[stem]), default=0.0)


def _left_out(index: Index, asked: Sequence[Asked]) -> Iterator[tuple[Asked, Answer]]:
    """The questions that only one document answers, asked without it."""
    for id in list(dict.fromkeys(one.sentence.document for one in asked))[:LEFT_OUT]:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "index"
            shutil.copytree(index.database.folder, copy)
            rest = Index.open(copy, embedder=index.embedder)
            rest.database.remove([index.document(id).source])
            rag = RAG(rest)
            for one in [one for one in asked if one.sentence.document == id][: ASKED // LEFT_OUT]:
                yield one, rag.answer(one.query)


def _cites(one: Asked, answer: Answer) -> bool:
    return any(c.document == one.sentence.document for c in answer.citations)


def _quotes(one: Asked, answer: Answer) -> bool:
    return any(c.document == one.sentence.document and one.sentence.text in c.quote for c in answer.citations)


def _row(one: Asked, answer: Answer, *, left_out: bool) -> dict[str, object]:
    said = " / ".join(statement.text for statement in answer.statements)
    wrong = bool(answer.statements) if left_out else not _quotes(one, answer)
    return {"id": one.sentence.line, "asked": one.query, "left out": left_out, "wrong": wrong, "said": said}
