"""Claims of different sources that cannot both hold.

Every claim that the answer shows is compared with the claims of other documents: those among the hits, and those
found by searching for the claim itself, since the other side rarely ranks high for the question. A pair counts
only when it speaks of the same thing (gates), its words oppose each other (rules), and, where a judge is given,
the judge agrees. What differs in scope is a note. Both quotes are checked against the stored text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index import Index, Sentence, stems
from rag.cite import Citations
from rag.claims import MEASURING, Claim, Effect, Quantity, Stems, effect_at, is_negated
from rag.compose import candidates
from rag.judge import Judge
from rag.retrieve import retrieve
from rag.types import Answer, Citation, Disagreement, Kind, Side

COUNTERED = 3
"""How many of the shown claims are searched for on purpose."""
COUNTER_HITS = 6
QUOTES_A_SIDE = 3

OBJECT_OVERLAP = 0.5
QUANTITY_OVERLAP = 0.5
TOPIC_OVERLAP = 0.5
SIMILAR: dict[Kind, float] = {"direction": 0.45, "negation": 0.45, "quantity": 0.7, "certainty": 0.4, "scope": 0.7}
"""The least cosine between the two sentences, by kind."""
RELEVANT = 0.65
"""The least cosine of either side with the question, as a share of the best shown sentence's."""
JUDGED = 0.5
"""The least probability that one refutes the other, where a judge is asked."""
ASKS_WHY = re.compile(
    r"\b(?:why|mechanisms?|because|causes?|explains?|reasons?|by \w+ing|works? by)\b"
    r"|\bhow\b(?! (?:quick|fast|soon|long|many|much|often|old|safe|well|common))",
    re.IGNORECASE,
)
"""Questions that a dispute about what is known of a mechanism belongs to."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two opposed claims of different documents; ``a`` is one that the answer shows."""

    a: Claim
    b: Claim
    kind: Kind
    summary: str
    confidence: float = 0.0


def find_disagreements(
    answer: Answer, index: Index, *, judge: Judge | None = None
) -> tuple[tuple[Disagreement, ...], tuple[Citation, ...]]:
    """The disagreements about what an answer shows, surest first, and its citations with theirs added."""
    shown = [claim for citation in answer.citations if (claim := _cited_claim(citation, index))]
    if not shown:
        return (), answer.citations
    evidence = _evidence(shown, answer, index)
    pairs = [pair for a in shown for b in evidence if (pair := compare(a, b))]
    pairs = _trusted(pairs, shown, answer, index)
    if judge is not None:
        pairs = _upheld(pairs, judge)
    citations = Citations(index, answer.citations)
    found = [_disagreement(group, citations) for group in _groups(pairs)]
    found += _mixed(shown, citations)
    return tuple(sorted(found, key=lambda d: (d.is_note, -d.confidence))), tuple(citations)


# -- what is compared ---


def _cited_claim(citation: Citation, index: Index) -> Claim | None:
    """The claim of a citation: its quote ends with the sentence that answers."""
    quote = Sentence(citation.document, citation.start, citation.end, citation.quote)
    ends = (s for s in index.sentences(citation.document) if s.end == citation.end)
    return next((_claim(sentence, quote, index) for sentence in ends), None)


def _claim(sentence: Sentence, quote: Sentence, index: Index) -> Claim:
    return Claim(sentence, quote, frozenset(stem for name in index.names(quote.text) for stem in stems(name)))


def _evidence(shown: Sequence[Claim], answer: Answer, index: Index) -> list[Claim]:
    """The claims of the hits, and of what is found for the shown claims themselves, each once."""
    hits = [*answer.hits]
    for claim in shown[:COUNTERED]:
        hits += retrieve(index, claim.quote.line, k=COUNTER_HITS)
    claims = [_claim(c.sentence, c.quote, index) for c in candidates(hits, index)]
    return [claim for claim in claims if not (claim.is_mixed or claim.is_attributed)]


def compare(a: Claim, b: Claim) -> Pair | None:
    """How two claims of different documents oppose each other by their words, if they do."""
    if a.sentence.document == b.sentence.document or a.is_mixed or a.is_attributed:
        return None
    differ = scope_difference(a, b)
    opposed = _opposed_effects(a, b) or _opposed_quantities(a, b)
    if opposed and differ and opposed[0] != "quantity":
        dimension, first, second = differ
        return Pair(a, b, "scope", f"The findings differ, and so does their {dimension}: {first} / {second}.")
    if opposed and not differ:
        return Pair(a, b, *opposed)
    certain = None if differ else _opposed_certainty(a, b)
    return Pair(a, b, *certain) if certain else None


Opposition = tuple[Kind, str]


def _opposed_effects(a: Claim, b: Claim) -> Opposition | None:
    for first, second in [*_same_axis(a, b), *_denied_verbs(a, b), *_denied_verbs(b, a)]:
        if not _aligned(first, second) or _other_name(first.name, second.name, a, b):
            continue
        if first.sign != second.sign and not first.negated and not second.negated:
            return "direction", "The sources report opposite directions."
        if first.sign == second.sign and first.negated != second.negated:
            return "negation", "One source states what another denies."
    return None


def _same_axis(a: Claim, b: Claim) -> Iterator[tuple[Effect, Effect]]:
    return ((e, f) for e in a.effects for f in b.effects if e.axis == f.axis)


def _denied_verbs(a: Claim, b: Claim) -> Iterator[tuple[Effect, Effect]]:
    """A verb that ``a`` denies and ``b`` uses: "does not need opioid receptors" / "needs opioid receptors"."""
    for effect in a.effects:
        stem = effect.axis.removeprefix("verb:")
        if stem != effect.axis:
            for i, word in enumerate(b.words):
                if stem in word.stems and not is_negated(b.words, i):
                    yield effect, effect_at(b, i, effect.axis, 1)


def _aligned(first: Effect, second: Effect) -> bool:
    """The same subject, and the same object in more than half of its words."""
    return bool(first.subject & second.subject) and overlap(first.object, second.object) > OBJECT_OVERLAP


def _other_name(first: Stems, second: Stems, a: Claim, b: Claim) -> bool:
    """Whether each claim names what the other does not know of: memantine here, ketamine there."""
    return bool(first and second and not first & (b.stems | b.context) and not second & (a.stems | a.context))


def overlap(a: Stems, b: Stems) -> float:
    """The share of the smaller set that the larger one has: ``overlap({1, 2}, {2, 3, 4})`` is 0.5."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _opposed_quantities(a: Claim, b: Claim) -> Opposition | None:
    for first, second in ((p, q) for p in a.quantities for q in b.quantities if p.dimension == q.dimension):
        alone = _single(a.quantities, first) and _single(b.quantities, second)
        apart = first.high < second.low or second.high < first.low
        if alone and apart and _same_subject(a, b) and not _other_name(a.names - b.names, b.names - a.names, a, b):
            return "quantity", "The sources give different figures."
    return None


def _same_subject(a: Claim, b: Claim) -> bool:
    first, second = (claim.stems - MEASURING for claim in (a, b))
    return len(first & second) >= 2 and overlap(first | a.context, second) >= QUANTITY_OVERLAP


def _single(quantities: Sequence[Quantity], one: Quantity) -> bool:
    return sum(q.dimension == one.dimension for q in quantities) == 1


def _opposed_certainty(a: Claim, b: Claim) -> Opposition | None:
    for stated, unsure in ((a, b), (b, a)):
        unknown = unsure.unknown
        if unknown is None or stated.unknown is not None:
            continue
        said = stated.stems | stated.context
        explained = unknown.explanation and stated.explains and unknown.head in said
        if explained or (not unknown.explanation and overlap(unknown.topic, said) > TOPIC_OVERLAP):
            return "certainty", "One source states as known what another calls unclear."
    return None


def scope_difference(a: Claim, b: Claim) -> tuple[str, str, str] | None:
    """The first dimension in which two claims are about different things: ("species", "animals", "people").

    A finding in animals differs from one that does not say so, since that is about people.
    """
    for dimension in a.scope.keys() | b.scope.keys():
        unsaid: Stems = frozenset({"people"}) if dimension == "species" else frozenset()
        first, second = a.scope.get(dimension, unsaid), b.scope.get(dimension, unsaid)
        if first and second and not first & second:
            return dimension, ", ".join(sorted(first)), ", ".join(sorted(second))
    return None


# -- what is believed ---


def _trusted(pairs: Sequence[Pair], shown: Sequence[Claim], answer: Answer, index: Index) -> list[Pair]:
    """The pairs that speak of the same thing, and of what was asked, as far as their vectors tell."""
    if not pairs:
        return []
    rows = index.vectors([claim.quote.line for pair in pairs for claim in (pair.a, pair.b)])
    asked = index.embedder.embed_query(answer.query)
    least = RELEVANT * max(index.vectors([claim.quote.line for claim in shown]) @ asked)
    cosines = np.sum(rows[::2] * rows[1::2], axis=1)
    relevance = np.minimum(rows[::2] @ asked, rows[1::2] @ asked)
    return [
        replace(pair, confidence=float(min(0.95, 0.5 + cosine / 2)))
        for pair, cosine, relevant in zip(pairs, cosines, relevance, strict=True)
        if cosine >= SIMILAR[pair.kind]
        and relevant >= least
        and (pair.kind != "certainty" or ASKS_WHY.search(answer.query))
    ]


def _upheld(pairs: Sequence[Pair], judge: Judge) -> list[Pair]:
    """The pairs that the judge upholds, read in both directions; figures and certainty are not its trade."""
    orders = [(x.quote.line, y.quote.line) for pair in pairs for x, y in ((pair.a, pair.b), (pair.b, pair.a))]
    refutes = judge.judge(orders)[:, 1].reshape(-1, 2).mean(axis=1)
    return [p for p, r in zip(pairs, refutes, strict=True) if r >= JUDGED or p.kind in ("quantity", "certainty")]


# -- what is shown ---


def _groups(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Pairs that hang together through a shared sentence, notes apart from disagreements."""
    rest = sorted(pairs, key=lambda pair: -pair.confidence)
    while rest:
        group, rest = [rest[0]], rest[1:]
        places = {claim.sentence for claim in (group[0].a, group[0].b)}
        note = group[0].kind == "scope"
        while joined := [p for p in rest if (p.kind == "scope") == note and places & {p.a.sentence, p.b.sentence}]:
            group += joined
            places |= {claim.sentence for pair in joined for claim in (pair.a, pair.b)}
            rest = [pair for pair in rest if pair not in joined]
        yield group


def _disagreement(group: list[Pair], citations: Citations) -> Disagreement:
    sides = _sides(group)
    best = group[0]
    return Disagreement(
        kind=best.kind,
        summary=best.summary,
        confidence=round(best.confidence, 3),
        sides=tuple(_side(side, citations) for side in sides),
    )


def _sides(group: list[Pair]) -> tuple[list[Claim], list[Claim]]:
    """Two-colour the claims of a group, the surest pair first; a claim stays on the side it was put on."""
    side: dict[Sentence, int] = {}
    claims: tuple[list[Claim], list[Claim]] = ([], [])
    waiting = list(group)
    while waiting:
        pair = next((p for p in waiting if {p.a.sentence, p.b.sentence} & side.keys()), waiting[0])
        waiting.remove(pair)
        first = side.get(pair.a.sentence, 1 - side.get(pair.b.sentence, 1))
        for claim, place in ((pair.a, first), (pair.b, 1 - first)):
            if claim.sentence not in side:
                side[claim.sentence] = place
                claims[place].append(claim)
    return claims


def _side(claims: list[Claim], citations: Citations) -> Side:
    quotes = [claim.quote for claim in claims[:QUOTES_A_SIDE]]
    return Side(quotes[0].line, tuple(citations.cite(quote) for quote in quotes))


def _mixed(shown: Sequence[Claim], citations: Citations) -> list[Disagreement]:
    """Shown sentences that themselves report findings both ways."""
    return [
        Disagreement("mixed", "This source itself reports mixed findings.", 0.9, (_side([claim], citations),))
        for claim in shown
        if claim.is_mixed
    ]
