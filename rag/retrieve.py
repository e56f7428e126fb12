"""Question to hits: both legs fused, then spread over the documents."""

from collections import Counter
from collections.abc import Collection

from index import Hit, Index, Passage

CANDIDATES = 100
DENSE_WEIGHT = 0.7
PER_DOCUMENT = 3
LOOKED_AT = 16
"""How many passages are read at once until enough documents have had their say."""


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
    places = {"dense": _places(cosine), "lexical": _places(full_text), "fused": _places(scores)}
    return [
        Hit(
            passage=passage,
            score=scores[passage.id],
            rank=rank,
            legs={"dense": cosine[passage.id], "lexical": full_text.get(passage.id, 0.0)},
            ranks={leg: place[passage.id] for leg, place in places.items() if passage.id in place},
        )
        for rank, passage in enumerate(_spread(index, ranking, k), 1)
    ]


def _places(scores: dict[int, float]) -> dict[int, int]:
    """The rank of each id, from 1."""
    return {id: rank for rank, id in enumerate(sorted(scores, key=lambda id: (-scores[id], id)), 1)}


def _spread(index: Index, ranking: list[int], k: int) -> list[Passage]:
    """The first ``k`` of the passages that still exist, those beyond a document's share behind all the others."""
    seen: Counter[str] = Counter()
    first: list[Passage] = []
    later: list[Passage] = []
    for start in range(0, len(ranking), LOOKED_AT):
        ids = ranking[start : start + LOOKED_AT]
        passages = index.passages(ids)
        for passage in (passages[id] for id in ids if id in passages):
            seen[passage.document] += 1
            (first if seen[passage.document] <= PER_DOCUMENT else later).append(passage)
        if len(first) >= k:
            break
    return (first + later)[:k]
