"""Question to hits: both legs fused, then spread over the documents."""

from collections import Counter
from collections.abc import Collection

from index import Hit, Index

CANDIDATES = 100
DENSE_WEIGHT = 0.7
PER_DOCUMENT = 3


def retrieve(index: Index, question: str, *, k: int = 10, documents: Collection[str] | None = None) -> list[Hit]:
    """The ``k`` best passages, best first; of the named ``documents`` only, where any are named.

    The score is 0.7 cosine + 0.3 BM25 / (the best BM25): a convex sum, which beats reciprocal rank fusion when
    one leg is clearly surer than the other (Bruch et al., An Analysis of Fusion Functions, 2023). No document has
    more than ``PER_DOCUMENT`` of the first ``k`` while another still has something to say.
    """
    cosine, full_text = index.search_both(question, k=max(CANDIDATES, k), documents=documents)
    best = max(full_text.values(), default=0.0) or 1.0
    scores = {
        id: DENSE_WEIGHT * score + (1 - DENSE_WEIGHT) * full_text.get(id, 0.0) / best for id, score in cosine.items()
    }
    ranking = sorted(scores, key=lambda id: (-scores[id], id))
    passages = index.passages(ranking)
    homes = {id: passage.document for id, passage in passages.items()}
    spread = _spread([id for id in ranking if id in passages], homes)[:k]
    places = {"dense": _places(cosine), "lexical": _places(full_text), "fused": _places(scores)}
    return [
        Hit(
            passage=passages[id],
            score=scores[id],
            rank=rank,
            legs={"dense": cosine[id], "lexical": full_text.get(id, 0.0)},
            ranks={leg: place[id] for leg, place in places.items() if id in place},
        )
        for rank, id in enumerate(spread, 1)
    ]


def _places(scores: dict[int, float]) -> dict[int, int]:
    """The rank of each id, from 1."""
    return {id: rank for rank, id in enumerate(sorted(scores, key=lambda id: (-scores[id], id)), 1)}


def _spread(ranking: list[int], documents: dict[int, str]) -> list[int]:
    """The same ids, those beyond a document's share behind all the others."""
    seen: Counter[str] = Counter()
    first: list[int] = []
    later: list[int] = []
    for id in ranking:
        seen[documents[id]] += 1
        (first if seen[documents[id]] <= PER_DOCUMENT else later).append(id)
    return first + later
