"""Full-text search, BM25 over stemmed words. The only file that imports tantivy.

Derived from the database, like the dense index: brought up to date by difference, rebuilt when damaged.
Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009. Passages with none of a question's
rarer words are not looked at where they cannot be among the best (Turtle & Flood, Query Evaluation: Strategies and
Optimizations, 1995): of a million passages, many hold one of its common ones.
"""

import math
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray

from index.database import Database
from index.types import Passage

Scored = list[tuple[int, float]]
Ids = NDArray[np.int64]

BLOCK = 5_000

TITLE_BOOST, HEADING_BOOST = 0.5, 0.25
"""A word in a title or heading counts for less than in the text: these fields are short, and BM25 rewards that
already. On SciFact's training queries nDCG@10 of this leg is 0.67 so, 0.63 with twice as much, 0.52 with four times."""
STOP_WORDS = frozenset(
    "a an and are as at be been being but by can could did do does for from had has have how i if in into is"
    " it its me my of on or should so than that the their them there these they this those to was we were what"
    " when where which who whom whose why will with would you your about any tell explain please vs".split()
)
BOOSTS = {"text": 1.0, "title": TITLE_BOOST, "heading": HEADING_BOOST}
MOST_OF_A_WORD = 2.2
"""A word adds at most this times its rarity to a BM25 score, however often a passage has it (1 + k1). In truth it adds
a fifth less; that is room for passages that were deleted and still count in the engine's own rarities."""
WORTH = 4
"""How many times fewer passages a search by the rarest words alone must look at, to be tried."""
LIKELY = 0.8
"""It is tried with so many words that the others can add at most this share of what these can."""
WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


def words(text: str) -> list[str]:
    """Lower-case words of a query, without those that say nothing; all of them if none is left."""
    every = [word.lower() for word in WORD.findall(text)]
    return [word for word in every if word not in STOP_WORDS] or every


@cache
def _analyzer() -> tantivy.TextAnalyzer:
    stemmed = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase())
    return stemmed.filter(tantivy.Filter.stemmer("english")).build()


@lru_cache(maxsize=50_000)
def stems(word: str) -> tuple[str, ...]:
    """The stems that full-text search knows a word by: ``stems("dose-related")`` is ``("dose", "relat")``."""
    return tuple(_analyzer().analyze(word))


def content_stems(text: str) -> list[str]:
    """The stems of the words that say something, in order, repeats kept."""
    found = (word.lower().replace("’", "'").removesuffix("n't") for word in WORD.findall(text))
    return [stem for word in found if word not in STOP_WORDS for stem in stems(word.removesuffix("'s"))]


class LexicalIndex:
    """BM25 over passages; ``folder`` None keeps it in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=False, tokenizer_name="raw", index_option="basic")  # to delete by
        builder.add_unsigned_field("number", stored=False, fast=True)  # to read; deleting by it deletes nothing
        for field in ("title", "heading", "text"):
            builder.add_text_field(field, stored=False, tokenizer_name="en_stem")
        builder.add_text_field("spelling", stored=False, tokenizer_name="default", index_option="basic")
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(builder.build(), path=str(folder) if folder else None)
        self._index.reload()

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def update(self, database: Database, held: Ids, wanted: Ids) -> None:
        """Hold exactly the passages ``wanted`` of the database, where ``held`` were before; both sorted."""
        gone, new = np.setdiff1d(held, wanted), np.setdiff1d(wanted, held)
        titles = database.titles() if len(new) else {}
        writer = self._index.writer(heap_size=64_000_000, num_threads=1)
        for id in gone.tolist():
            writer.delete_documents_by_term("id", str(id))
        for i in range(0, len(new), BLOCK):
            for passage in database.passages(new[i : i + BLOCK].tolist()).values():
                writer.add_document(_document(passage, titles.get(passage.document, "")))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(self, text: str, k: int) -> Scored:
        """The ``k`` best passages for any of the words, best first; the score is BM25, unbounded."""
        terms = words(text)
        return self._search_rare(terms, k) or self._search(self._query(terms), k)

    def _search_rare(self, terms: Sequence[str], k: int) -> Scored:
        """The same, where the ``k`` best all have one of the rarest words; empty where that is not sure or no gain."""
        held = {term: self._weight(term) for term in terms}
        rarest = sorted(held, key=lambda term: held[term][0])  # a word counts once, however often it is asked
        passages, most = np.cumsum([(0, 0), *(held[term] for term in rarest)], axis=0).T
        others = most[-1] - most  # what the words beyond the first so many can add
        cut = int(np.argmax((passages >= k) & (others <= LIKELY * most)))
        if passages[-1] < WORTH * passages[cut] * (1 + len(rarest) - cut) or not cut:
            return []
        query = self._query(rarest[:cut])
        for term in rarest[cut:]:
            parts = [(tantivy.Occur.Must, query), (tantivy.Occur.Should, self._query([term]))]
            query = tantivy.Query.boolean_query(parts)
        found = self._search(query, k)
        return found if len(found) == k and found[-1][1] > others[cut] else []

    def _weight(self, term: str) -> tuple[int, float]:
        """About how many passages hold a word, and the most that it can add to a score."""
        searcher, parts = self._index.searcher(), stems(term)
        holders = {field: [searcher.doc_freq(field, part) for part in parts] for field in BOOSTS}
        rarity = (
            BOOSTS[field] * math.log1p((max(len(self) - count, 0) + 0.5) / (count + 0.5))
            for field, counts in holders.items()
            for count in counts
            if count
        )
        return sum(min(counts, default=0) for counts in holders.values()), MOST_OF_A_WORD * sum(rarity)

    def search_near(self, word: str, k: int) -> list[int]:
        """Passages with a word at most one letter away from ``word``, for misspelled questions."""
        query = tantivy.Query.fuzzy_term_query(
            self._index.schema, "spelling", word.lower(), distance=1, transposition_cost_one=True
        )
        return [id for id, _ in self._search(query, k)]

    def _query(self, terms: Sequence[str]) -> tantivy.Query:
        if not terms:
            return tantivy.Query.empty_query()
        return self._index.parse_query(
            " ".join(f'"{term}"' for term in terms),
            list(BOOSTS),
            field_boosts=BOOSTS,
        )

    def _search(self, query: tantivy.Query, k: int) -> Scored:
        searcher = self._index.searcher()
        found = searcher.search(query, max(k, 1), count=False)
        ids: Any = searcher.fast_field_values("number", [address for _, address in found.hits])
        return [(id, score) for id, (score, _) in zip(ids, found.hits, strict=True)]


def _document(passage: Passage, title: str) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", str(passage.id))
    document.add_unsigned("number", passage.id)
    document.add_text("title", title)
    document.add_text("heading", passage.heading)
    document.add_text("text", passage.text)
    document.add_text("spelling", passage.text)
    return document
