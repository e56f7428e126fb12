"""Suites of finding: does the right document come first? The only file that imports ir_measures.

A question without results counts as one where nothing was found.
"""

import random
from collections.abc import Mapping
from pathlib import Path

import ir_measures
from ir_measures import RR, R, nDCG

from eval.data import DataMissing, Row, read_rows
from eval.result import Figure, Result, figure, mean
from index.embed import Embedder
from rag import RAG
from rag.judge import Judge

PASSAGES_A_DOCUMENT = 4
"""How many passages are asked for to have one document: passages of one document come together."""
MEDQUAD_QUESTIONS = 500
SEED = 3

Qrels = Mapping[str, Mapping[str, int]]


def scifact_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """SciFact in BEIR form: 300 scientific claims, 5,183 abstracts; nothing was trained on it."""
    corpus = {row["_id"]: _page(row["title"], row["text"]) for row in read_rows(data, "retrieval/scifact/corpus")}
    qrels = read_qrels(data / "retrieval/scifact/qrels/test.tsv")
    queries = {row["_id"]: row["text"] for row in read_rows(data, "retrieval/scifact/queries") if row["_id"] in qrels}
    goals = {nDCG @ 10: (0.75, 0.740), R @ 100: (0.95, 0.950), R @ 10: (None, None), RR @ 10: (None, None)}
    return _retrieval("scifact", scifact_suite.__doc__ or "", corpus, queries, qrels, goals, embedder, k=100)


def pubmedqa_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """500 questions that are titles of papers, each to find its own abstract among the 500."""
    rows = read_rows(data, "answerability/pubmedqa_a")
    corpus = {row["id"]: "\n\n".join(row["contexts"]) for row in rows}
    queries, qrels = {row["id"]: row["question"] for row in rows}, {row["id"]: {row["id"]: 1} for row in rows}
    return _retrieval(
        "pubmedqa", pubmedqa_suite.__doc__ or "", corpus, queries, qrels, {RR @ 10: (0.98, None)}, embedder, k=10
    )


def medquad_suite(data: Path, judge: Judge, embedder: Embedder) -> Result:
    """5,486 health pages in one index; 500 of their own questions, each to find its page."""
    pages = read_rows(data, "retrieval/medquad/pages")
    corpus = {page["_id"]: _page(page["title"], "\n\n".join(s["answer"] for s in page["sections"])) for page in pages}
    asked = [(page["_id"], section["question"]) for page in pages for section in page["sections"]]
    chosen = random.Random(SEED).sample(asked, MEDQUAD_QUESTIONS)
    queries = {f"q{i}": question for i, (_, question) in enumerate(chosen)}
    qrels = {f"q{i}": {id: 1} for i, (id, _) in enumerate(chosen)}
    goals = {RR @ 10: (None, None), R @ 10: (None, None)}
    return _retrieval("medquad", medquad_suite.__doc__ or "", corpus, queries, qrels, goals, embedder, k=10)


def _page(title: str, text: str) -> str:
    return f"{title}\n\n{text}"


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """BEIR's relevance judgements: query id -> document id -> grade. Raises DataMissing."""
    if not path.is_file():
        raise DataMissing(f"There are no judgements {path}: name the folder of the data sets with --data.")
    found: dict[str, dict[str, int]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        found.setdefault(query, {})[document] = int(grade)
    return found


def ranked_documents(rag: RAG, question: str, k: int) -> dict[str, float]:
    """The ``k`` best documents with the score of their best passage, best first."""
    found: dict[str, float] = {}
    for hit in rag.retrieve(question, k=k * PASSAGES_A_DOCUMENT):
        found.setdefault(rag.index.document(hit.passage.document).source, hit.score)
    return dict(sorted(found.items(), key=lambda item: -item[1])[:k])


def _retrieval(
    name: str,
    about: str,
    corpus: Mapping[str, str],
    queries: Mapping[str, str],
    qrels: Qrels,
    goals: Mapping[ir_measures.Measure, tuple[float | None, float | None]],
    embedder: Embedder,
    *,
    k: int,
) -> Result:
    rag = RAG.from_texts(corpus, embedder=embedder)
    run = {id: ranked_documents(rag, question, k) for id, question in queries.items()}
    values: dict[str, dict[str, float]] = {str(measure): dict.fromkeys(queries, 0.0) for measure in goals}
    for found in ir_measures.iter_calc(list(goals), qrels, run):
        values[str(found.measure)][found.query_id] = found.value
    figures: list[Figure] = [
        figure(str(measure), mean, list(values[str(measure)].values()), least=least, first=first)
        for measure, (least, first) in goals.items()
    ]
    rows: list[Row] = [
        {"id": id, "question": question, "first": next(iter(run[id]), "")}
        | {measure: round(found[id], 4) for measure, found in values.items()}
        for id, question in queries.items()
    ]
    first_measure = next(iter(values))
    worst = sorted(rows, key=lambda row: row[first_measure])[:25]
    return Result(name, about, figures, rows, worst=worst, run=run)
