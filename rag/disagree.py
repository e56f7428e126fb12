"""Claims of different sources that cannot both hold, and what each source says to a yes/no question.

Every claim that the answer shows is compared with the claims of other documents: those among the hits, and those
found by searching for the claim itself, since the other side rarely ranks high for the question. What is near enough
to be about the same thing is judged, and what is judged surely enough is shown. For a question that can be answered
with yes or no, or a claim in its place, each document's sentences are also judged against it; documents on both sides
disagree. What differs in scope is a note. Both quotes are checked against the stored text.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index import Index, Sentence
from rag.cite import Citations
from rag.claims import Claim
from rag.compare import Pair, answered_apart, clause_conflict, compare, conflicts, judged, misleads, read_claim
from rag.compose import candidates
from rag.judge import REFUTES, SUPPORTS, Judge
from rag.quantities import asked_dimension, figures_differ
from rag.question import can_be_answered_with_yes
from rag.retrieve import retrieve
from rag.summary import summary
from rag.types import Answer, Citation, Disagreement, DocumentStance, Kind, Side, Stance

COUNTERED = 3
"""How many of the shown claims are searched for on purpose."""
COUNTER_HITS = 6
QUOTES_A_SIDE = 3
JUDGED_PAIRS, JUDGED_CLAIMS = 24, 32
"""How many pairs, and how many claims towards a question, are judged at most: this is what a check costs."""

SIMILAR = 0.35
"""The least cosine of two sentences that may be about the same thing."""
PLAIN: dict[Kind, float] = {"direction": 0.45, "negation": 0.45, "quantity": 0.7, "certainty": 0.4}
"""The least cosine, by kind, of two sentences whose words oppose each other plainly."""
RELEVANT = 0.65
"""The least cosine of either side with the question, as a share of the best shown sentence's."""
MIXED_NEAR = 0.9
"""The same of a sentence of mixed findings that the answer does not show."""
CLEARED = 0.2
"""A pair whose first reading finds a contradiction less probable than this is not read again."""
WARNED = 0.93
"""The least probability of a disagreement that is shown on the judge's word alone."""
WARNED_OF_FIGURES = 0.8
"""The same where both give figures of one kind and none is the same, which the judge, who compares none, cannot see."""
AGREED = 0.8
"""The least probability of agreement that overrules what the words show plainly."""
DOUBTED = 0.3
"""A probability of a disagreement below which plain words are not believed, unless they differ in certainty, which the
judge reads badly, or in scope, which is but noted."""
PLAIN_RIGHT = 0.8
"""How probably two claims disagree whose words plainly oppose each other: the share that did on development data."""
EFFECTS = ("direction", "negation")
"""The kinds of opposition that a different scope explains."""
STANDS = 0.85
"""The least probability of a sentence's stance that counts as its document's."""
OPPOSED_STANCE = 0.92
"""The least probability of both stances of two documents that are shown as a disagreement."""
ASKS_WHY = re.compile(
    r"\b(?:why|mechanisms?|because|causes?|explains?|reasons?|functions?|purpose|by \w+ing|works? by)\b"
    r"|\bhow\b(?! (?:quick|fast|soon|long|many|much|often|old|safe|well|common))",
    re.IGNORECASE,
)
"""Questions that a dispute about what is known of a mechanism belongs to."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the check of an answer found, and the answer's citations with those of the findings added."""

    disagreements: tuple[Disagreement, ...] = ()
    stances: tuple[DocumentStance, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A claim with the probabilities that it supports and that it refutes what was asked."""

    claim: Claim
    supports: float
    refutes: float


def find_disagreements(answer: Answer, index: Index, judge: Judge) -> Found:
    """What the sources of an answer disagree about, surest first, and where each stands."""
    shown, evidence = _claims(answer, index)
    if not shown:
        return Found(citations=answer.citations)
    citations = Citations(index, answer.citations)
    pairs = _judged_pairs(_nearest_pairs(shown, evidence, answer, index), answer, judge)
    readings = _readings([*shown, *evidence], answer, judge)
    pairs += _opposed_readings(readings, pairs, index)
    found = [_disagreement(group, citations) for group in _groups(pairs)]
    found += _mixed([*shown, *_mixed_near(shown, evidence, answer, index)], citations)
    return Found(
        tuple(sorted(found, key=lambda d: (d.is_note, -d.confidence))),
        tuple(_stances(readings, citations)),
        tuple(citations),
    )


# -- what is compared ---


def pairs_of(answer: Answer, index: Index) -> list[Pair]:
    """The pairs of claims that a check of this answer reads."""
    return _nearest_pairs(*_claims(answer, index), answer, index)


def _claims(answer: Answer, index: Index) -> tuple[list[Claim], list[Claim]]:
    """The claims that an answer shows, and those of its evidence, nearest first, that speak of what was asked.

    What the answer shows with others is compared with them, near or not.
    """
    shown = [claim for citation in answer.citations for claim in _cited_claims(citation, index)]
    if not shown:
        return [], []
    near = _nearness(shown, answer, index)
    least = RELEVANT * max(near)
    evidence = _evidence(shown, answer, index)
    beside = _nearness(evidence, answer, index)
    order = np.argsort(-beside, kind="stable")
    own = {claim.sentence for claim in shown}
    return shown, [evidence[i] for i in order if beside[i] >= least or evidence[i].sentence in own]


def _nearness(claims: Sequence[Claim], answer: Answer, index: Index) -> np.ndarray:
    """(n,) cosines of claims with what was asked."""
    return index.vectors([claim.quote.line for claim in claims]) @ index.query_vector(answer.query)


def _cited_claims(citation: Citation, index: Index) -> list[Claim]:
    """The claims of a citation, one a sentence: each is quoted with the ones before it that it leans on."""
    text = index.document(citation.document).text
    inside = [s for s in index.sentences(citation.document) if citation.start <= s.start and s.end <= citation.end]
    quotes = [replace(s, start=citation.start, text=text[citation.start : s.end]) for s in inside]
    return [read_claim(s, quote, index.embedder) for s, quote in zip(inside, quotes, strict=True)]


def _evidence(shown: Sequence[Claim], answer: Answer, index: Index) -> list[Claim]:
    """The claims of the hits, and of what is found for the shown claims themselves, each once."""
    hits = [*answer.hits]
    for claim in shown[:COUNTERED]:
        hits += retrieve(index, claim.quote.line, k=COUNTER_HITS, documents=answer.documents or None)
    return [read_claim(c.sentence, c.quote, index.embedder) for c in candidates(hits, index)]


def _judged_pairs(pairs: list[Pair], answer: Answer, judge: Judge) -> list[Pair]:
    """The pairs that cannot both hold, and those that only look so since their scope differs."""
    asks_why = ASKS_WHY.search(answer.query) is not None
    shown = (pair for pair in weighed(pairs, judge) if is_shown(pair))
    return [pair for pair in shown if asks_why or _kind(pair) != "certainty"]


def weighed(pairs: Sequence[Pair], judge: Judge) -> list[Pair]:
    """The pairs that a first reading does not clear, with the probability that they cannot both hold."""
    doubtful = _suspected(pairs, judge)
    if not doubtful:
        return []
    read = judged(doubtful, judge)
    sure, of_sentences = conflicts(doubtful, read)
    doubted = [i for i, pair in enumerate(doubtful) if pair.opposed and of_sentences[i] < DOUBTED]
    if doubted:
        of_sentences[doubted] = clause_conflict([doubtful[i] for i in doubted], judge)
    agree = read[:, :, SUPPORTS].mean(axis=1)
    return [
        _weighed(pair, *map(float, heard)) for pair, *heard in zip(doubtful, sure, of_sentences, agree, strict=True)
    ]


def _nearest_pairs(shown: Sequence[Claim], evidence: Sequence[Claim], answer: Answer, index: Index) -> list[Pair]:
    """The pairs of different documents that are most alike, those whose words oppose each other first."""
    if not shown or not evidence:
        return []
    of_shown, of_evidence = (index.vectors([c.quote.line for c in claims]) for claims in (shown, evidence))
    alike = of_shown @ of_evidence.T
    shown_at = {claim.sentence: i for i, claim in enumerate(shown)}
    pairs = [
        _compared(a, b, float(alike[i, j]), answer, index)
        for i, a in enumerate(shown)
        for j, b in enumerate(evidence)
        if alike[i, j] >= SIMILAR
        and not index.same_work(a.sentence.document, b.sentence.document)
        and not (a.is_mixed or b.is_mixed)
        and shown_at.get(b.sentence, i + 1) > i
    ]
    return sorted(pairs, key=lambda pair: (pair.opposed is None, -pair.cosine))[:JUDGED_PAIRS]


def _compared(a: Claim, b: Claim, cosine: float, answer: Answer, index: Index) -> Pair:
    pair = compare(a, b, cosine)
    if not asked_dimension(answer.query):
        return pair
    first, second = (index.document(claim.sentence.document).title for claim in (a, b))
    return answered_apart(pair, answer.query, (first, second))


def _weighed(pair: Pair, probability: float, of_sentences: float, agreement: float) -> Pair:
    """A pair with its probability; plain opposition of the words counts unless the judge surely reads agreement.

    Words oppose each other in one sentence each, so it is doubted by what the judge says ``of_sentences``, and, where
    that is little, of their main clauses.
    """
    heard = of_sentences >= DOUBTED or pair.opposed == "certainty" or pair.differ is not None
    near = pair.opposed is not None and (pair.asked or pair.cosine >= PLAIN[pair.opposed])
    plain = near and agreement < AGREED and heard and not _only_looks_opposed(pair)
    return replace(pair, plain=plain, probability=max(probability, PLAIN_RIGHT) if plain else probability)


def _only_looks_opposed(pair: Pair) -> bool:
    """Whether opposed effects may be one finding told twice, or a view beside its refusal."""
    if pair.opposed not in EFFECTS:
        return False
    return pair.a.is_doubted_view or pair.b.is_doubted_view or (pair.differ is None and misleads(pair))


def _suspected(pairs: Sequence[Pair], judge: Judge) -> list[Pair]:
    """The pairs that a first reading, in one order, does not clear: most are cleared, and only the rest cost more."""
    refutes = judge.judge([(pair.a.said, pair.b.said) for pair in pairs])[:, REFUTES]
    return [pair for pair, p in zip(pairs, refutes, strict=True) if p >= CLEARED or pair.opposed]


def is_shown(pair: Pair) -> bool:
    """Whether a weighed pair is sure enough, or plain enough, to be shown: as a disagreement, or as a note of scope."""
    if pair.differ and not pair.plain:
        return False
    least = WARNED_OF_FIGURES if _figures_differ(pair) else WARNED
    return pair.probability >= least or (pair.plain and (pair.opposed in EFFECTS or not pair.differ))


def _figures_differ(pair: Pair) -> bool:
    return figures_differ(pair.a.quantities, pair.b.quantities)


def _kind(pair: Pair) -> Kind:
    """What kind of disagreement a pair is; findings of different scope are a note."""
    if pair.differ:
        return "scope"
    if pair.opposed:
        return pair.opposed
    if (pair.a.unknown is None) != (pair.b.unknown is None):
        return "certainty"
    if _figures_differ(pair):
        return "quantity"
    return "negation" if pair.a.is_negative != pair.b.is_negative else "stance"


# -- where each source stands towards a yes/no question ---


def _readings(claims: Sequence[Claim], answer: Answer, judge: Judge) -> list[Reading]:
    """The claims judged against a question that yes or no can answer; none for any other question."""
    if not can_be_answered_with_yes(answer.query):
        return []
    once = list({claim.sentence: claim for claim in claims}.values())[:JUDGED_CLAIMS]
    read = judge.judge([(claim.said, answer.query) for claim in once])
    return [Reading(claim, float(p[SUPPORTS]), float(p[REFUTES])) for claim, p in zip(once, read, strict=True)]


def _opposed_readings(readings: Sequence[Reading], known: Sequence[Pair], index: Index) -> list[Pair]:
    """The surest yes against the surest no of another document, unless the two are opposed already."""
    sure = [r for r in readings if not (r.claim.is_mixed or r.claim.is_attributed or r.claim.unknown)]
    yes = [r for r in sure if r.supports >= OPPOSED_STANCE]
    no = [r for r in sure if r.refutes >= OPPOSED_STANCE]
    against = [
        (y, n) for y in yes for n in no if not index.same_work(y.claim.sentence.document, n.claim.sentence.document)
    ]
    if not against or known:
        return []
    y, n = max(against, key=lambda pair: pair[0].supports * pair[1].refutes)
    return [replace(compare(y.claim, n.claim), probability=y.supports * n.refutes)]


def _stances(readings: Sequence[Reading], citations: Citations) -> Iterator[DocumentStance]:
    """Each document that answers yes, no or both, with the sentences that do."""
    of_document = defaultdict(list)
    for reading in readings:
        of_document[reading.claim.sentence.document].append(reading)
    for document, own in of_document.items():
        yes, no = (max(own, key=lambda r: r.supports), max(own, key=lambda r: r.refutes))
        mixed = [r.claim for r in own if r.claim.is_mixed and max(r.supports, r.refutes) >= STANDS]
        said: list[tuple[Stance, Claim]] = [("supports", yes.claim)] if yes.supports >= STANDS else []
        said += [("refutes", no.claim)] if no.refutes >= STANDS else []
        if said:
            both = len(said) == 2 or bool(mixed)
            quotes = tuple(dict.fromkeys(citations.cite(claim.quote) for claim in [c for _, c in said] + mixed))
            yield DocumentStance(document, "mixed" if both else said[0][0], quotes)


# -- what is shown ---


def _groups(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Pairs that hang together through a shared sentence, notes apart from disagreements."""
    rest = sorted(pairs, key=lambda pair: -pair.probability)
    while rest:
        group, rest = [rest[0]], rest[1:]
        places = {claim.sentence for claim in (group[0].a, group[0].b)}
        note = group[0].differ is not None
        while joined := [p for p in rest if (p.differ is not None) == note and places & {p.a.sentence, p.b.sentence}]:
            group += joined
            places |= {claim.sentence for pair in joined for claim in (pair.a, pair.b)}
            rest = [pair for pair in rest if pair not in joined]
        yield group


def _disagreement(group: list[Pair], citations: Citations) -> Disagreement:
    best = group[0]
    return Disagreement(
        kind=_kind(best),
        summary=summary(best, _kind(best)),
        confidence=round(best.probability, 3),
        sides=tuple(_side(side, citations) for side in _sides(group)),
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


def _mixed_near(shown: Sequence[Claim], evidence: Sequence[Claim], answer: Answer, index: Index) -> Iterator[Claim]:
    """The sentence of mixed findings that comes nearest to the question, if about as near as what is shown."""
    mixed = [claim for claim in evidence if claim.is_mixed]
    if mixed and not any(claim.is_mixed for claim in shown):
        least = MIXED_NEAR * max(_nearness(shown, answer, index))
        yield from [mixed[0]] if _nearness(mixed[:1], answer, index)[0] >= least else []


def _mixed(shown: Sequence[Claim], citations: Citations) -> list[Disagreement]:
    """Shown sentences that themselves report findings both ways."""
    return [
        Disagreement("mixed", "This source itself reports mixed findings.", 0.9, (_side([claim], citations),))
        for claim in shown
        if claim.is_mixed
    ]
