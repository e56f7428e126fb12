"""Why an answer came out as it did: what was read, how it ranked, and what came of each passage."""

from collections.abc import Sequence

from index import Hit, Index
from rag.compose import Candidate, least_shown, repeats
from rag.question import lacks_number
from rag.types import Considered, Outcome


def consider(
    query: str, hits: Sequence[Hit], scored: Sequence[Candidate], chosen: Sequence[Sequence[Candidate]], index: Index
) -> tuple[Considered, ...]:
    """Every hit, in its order, with what came of its likeliest sentence, or of one of its that is shown."""
    shown = {candidate.sentence for group in chosen for candidate in group}
    found = []
    for hit in hits:
        own = [(rank, c) for rank, c in enumerate(scored, 1) if c.hit.passage.id == hit.passage.id]
        own.sort(key=lambda ranked: (ranked[1].sentence not in shown, ranked[0]))
        title = index.document(hit.passage.document).title
        if own:
            rank, best = own[0]
            found.append(Considered(hit, title, best.sentence.text, rank, _outcome(query, best, scored, chosen)))
        else:
            found.append(Considered(hit, title, "", None, "unread"))
    return tuple(found)


def _outcome(
    query: str, candidate: Candidate, scored: Sequence[Candidate], chosen: Sequence[Sequence[Candidate]]
) -> Outcome:
    if any(candidate.sentence == other.sentence for group in chosen for other in group):
        return "shown"
    if lacks_number(query, candidate.sentence.text):
        return "no_number"
    if not chosen or candidate.score < least_shown(max(best.score for best, *_ in chosen)):
        return "weaker"
    return "repeats" if any(repeats(candidate, group[0]) for group in chosen) else "full"
