"""Two claims of different documents: do their words oppose each other, does their scope differ, can both hold?

What the words show plainly (directions, denial, figures, certainty) and what the trained judge reads are features of
one logistic regression, fitted on cards that trained neither; its weights lie beside the judge's. It leaves out where
claims come from and how they are shown (``disagree``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from index import Sentence, content_stems, stems
from index.embed import Embedder
from index.index import names_in
from rag.claims import ADVICE, LINK, Claim, Effect, Stems, effect_at, is_negated, read_illness, root
from rag.finding import main_clause
from rag.judge import REFUTES, SUPPORTS, WEIGHTS, Judge, in_both_orders
from rag.measure import Floats, log_odds, logistic, read_weights
from rag.quantities import MEASURING, Quantity, asked_dimension, figures_differ, figures_match
from rag.types import Kind

OBJECT_OVERLAP = 0.5
LINK_OVERLAP = 2 / 3
QUANTITY_OVERLAP = 0.5
TOPIC_OVERLAP = 0.5
CLAUSE_END = re.compile(r"[,;:.]\s*")
CLAUSE_WORDS = 6

FEATURES = (
    "judge: refutes, mean of both orders",
    "judge: refutes, the less sure order",
    "judge: supports, mean of both orders",
    "cosine of the sentences",
    "share of the smaller one's stems that the other has",
    "opposite directions",
    "denial",
    "different figures",
    "known against unclear",
    "different scope",
    "a view that the source need not hold",
    "each names what the other does not",
    "a negation in just one",
    "a quote of more than one sentence",
    "figures of one kind, none the same",
    "the same figure",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two claims of different documents; ``a`` is one that the answer shows.

    ``opposed`` is how their words oppose each other, ``differ`` the first dimension of scope in which they do:
    ("species", "animals", "people"); ``asked`` is whether the figures in which they differ are what was asked for;
    ``plain`` is whether the words alone are trusted.
    """

    a: Claim
    b: Claim
    opposed: Kind | None
    differ: tuple[str, str, str] | None
    cosine: float = 0.0
    asked: bool = False
    plain: bool = False
    probability: float = 0.0


def compare(a: Claim, b: Claim, cosine: float = 0.0) -> Pair:
    """Two claims with what their words show; what is found the other way round may both hold unless scope differs."""
    opposed, differ = opposition(a, b), scope_difference(a, b)
    if opposed is None and differ and _crossed(a, b):
        opposed = "direction"
    return Pair(a, b, opposed, differ, cosine)


def text_pairs(texts: Sequence[tuple[str, str]], embedder: Embedder) -> list[Pair]:
    """Texts as claims of two documents each, compared: for training and measuring."""
    once = list(dict.fromkeys(text for pair in texts for text in pair))
    rows = dict(zip(once, embedder.embed_documents(once), strict=True))

    def claim(document: str, text: str) -> Claim:
        sentence = Sentence(document, 0, len(text), text)
        return read_claim(sentence, sentence, embedder)

    return [compare(claim("a", a), claim("b", b), float(rows[a] @ rows[b])) for a, b in texts]


def read_claim(sentence: Sentence, quote: Sentence, embedder: Embedder) -> Claim:
    """A sentence as a claim with its names: words that the embedder does not know, nor their parts ("long-term")."""
    names = [name for name in names_in(quote.text, embedder) if not all(map(embedder.knows, name.split("-")))]
    return Claim(sentence, quote, frozenset(stem for name in names for stem in stems(name)))


def opposition(a: Claim, b: Claim) -> Kind | None:
    """How the words of two claims oppose each other, whatever their scope."""
    return _opposed_effects(a, b) or _opposed_quantities(a, b) or _opposed_certainty(a, b)


# -- what the words show ---


def _opposed_effects(a: Claim, b: Claim) -> Kind | None:
    for first, second in [*_same_axis(a, b), *_denied_verbs(a, b), *_denied_verbs(b, a)]:
        if not _aligned(first, second) or _other_name(first.name, second.name, a, b):
            continue
        if first.sign != second.sign and not first.negated and not second.negated:
            return "direction"
        if first.sign == second.sign and first.negated != second.negated:
            return "negation"
    return None


def _same_axis(a: Claim, b: Claim) -> Iterator[tuple[Effect, Effect]]:
    return ((e, f) for e in a.effects for f in b.effects if e.axis == f.axis)


def _crossed(a: Claim, b: Claim) -> bool:
    """Whether one says that less of a thing goes with more of an illness, and one that more of it does.

    "People with anxiety have more glutamate", "a lack of glutamate makes people anxious".
    """
    return any(
        e.sign != f.sign
        and not (e.negated or f.negated)
        and bool(_roots(e.subject) & _roots(f.object))
        and overlap(e.object, f.subject) > OBJECT_OVERLAP
        for one, other in ((a, b), (b, a))
        for e, f in _same_axis(one, other)
        if e.axis == "amount"
    )


def _roots(words: Stems) -> Stems:
    return frozenset(map(root, words))


def _denied_verbs(a: Claim, b: Claim) -> Iterator[tuple[Effect, Effect]]:
    """A word that ``a`` denies and ``b`` uses: "does not need opioid receptors" / "needs opioid receptors"."""
    for effect in a.effects:
        stem = effect.axis.removeprefix("verb:")
        if stem != effect.axis:
            for i, word in enumerate(b.words):
                if stem in word.stems and not is_negated(b.words, i):
                    used = effect_at(b, i, effect.axis, 1)
                    yield effect, used if effect.object else replace(used, object=effect.object)


def _aligned(first: Effect, second: Effect) -> bool:
    """The same subject, and the same object in more than half of its words."""
    if first.axis == LINK:
        whole = first.subject | first.object, second.subject | second.object
        return len(whole[0] & whole[1]) >= 2 and overlap(*whole) > LINK_OVERLAP
    if first.axis == ADVICE:
        same_purpose = not (first.object and second.object) or bool(first.object & second.object)
        return same_purpose and overlap(first.subject, second.subject) > OBJECT_OVERLAP
    if not first.object and not second.object and first.axis.startswith("verb:"):
        return len(first.subject & second.subject) >= 2 and overlap(first.subject, second.subject) > OBJECT_OVERLAP
    return bool(first.subject & second.subject) and overlap(first.object, second.object) > OBJECT_OVERLAP


def _other_name(first: Stems, second: Stems, a: Claim, b: Claim) -> bool:
    """Whether each claim names what the other does not know of: memantine here, ketamine there."""
    return bool(first and second and not first & (b.stems | b.context) and not second & (a.stems | a.context))


def overlap(a: Stems, b: Stems) -> float:
    """The share of the smaller set that the larger one has: ``overlap({1, 2}, {2, 3, 4})`` is 0.5."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _opposed_quantities(a: Claim, b: Claim) -> Kind | None:
    """Counts of things are left out: "one study", "two studies"."""
    if not _same_subject(a, b) or _other_name(a.names - b.names, b.names - a.names, a, b):
        return None
    measured = ((p, q) for p in a.quantities for q in b.quantities if p.compares(q) and not p.counted)
    alone = ((p, q) for p, q in measured if _single(a.quantities, p) and _single(b.quantities, q))
    return "quantity" if any(p.is_apart(q) for p, q in alone) else None


def answered_apart(pair: Pair, question: str, places: tuple[str, str]) -> Pair:
    """The pair as opposed figures where both give just one of the kind that was asked for, and these differ."""
    asked = asked_dimension(question)
    figures = [[q for q in claim.quantities if q.dimension == asked] for claim in (pair.a, pair.b)]
    if pair.opposed or pair.differ or [len(own) for own in figures] != [1, 1]:
        return pair
    differ = figures[0][0].is_apart(figures[1][0]) and _answer_the_same(pair.a, pair.b, question, places)
    return replace(pair, opposed="quantity", asked=True) if differ else pair


def _answer_the_same(a: Claim, b: Claim, question: str, places: tuple[str, str]) -> bool:
    """Whether both speak, in their own sentence, of a thing that was asked about, and in their places of most of it."""
    asked = frozenset(content_stems(question)) - MEASURING - ASKING
    if len(asked) < NAMED and _other_name(a.names - b.names, b.names - a.names, a, b):
        return False
    known = (c.stems | c.context | frozenset(content_stems(place)) for c, place in zip((a, b), places, strict=True))
    return bool(a.stems & b.stems & asked) and all(3 * len(asked - words) <= len(asked) for words in known)


ASKING = frozenset(content_stems("how long many much last take need often soon quickly dose doses share percentage"))
NAMED = 3
"""A question of as many words of content names what it is about, and two answers to it speak of the same thing."""


def _same_subject(a: Claim, b: Claim) -> bool:
    first, second = (claim.stems - MEASURING for claim in (a, b))
    return len(first & second) >= 2 and overlap(first | a.context, second) >= QUANTITY_OVERLAP


def _single(quantities: Sequence[Quantity], one: Quantity) -> bool:
    return sum(q.dimension == one.dimension for q in quantities) == 1


def _opposed_certainty(a: Claim, b: Claim) -> Kind | None:
    for stated, unsure in ((a, b), (b, a)):
        unknown = unsure.unknown
        if unknown is None or stated.unknown is not None:
            continue
        said = stated.stems | stated.context
        explained = unknown.explanation and stated.explains and unknown.head in said
        if explained or (not unknown.explanation and overlap(unknown.topic, said) > TOPIC_OVERLAP):
            return "certainty"
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
    return _other_illness(read_illness(a.sentence.text), read_illness(b.sentence.text))


def _other_illness(first: Mapping[str, Stems], second: Mapping[str, Stems]) -> tuple[str, str, str] | None:
    """The illnesses of two claims about people with some, where they share none."""
    known = [_roots(frozenset[str]().union(*named.values())) for named in (first, second)]
    if not first or not second or known[0] & known[1]:
        return None
    return "illness", ", ".join(first), ", ".join(second)


# -- what the judge reads, and both together ---


def judged(pairs: Sequence[Pair], judge: Judge) -> Floats:
    """(n, 2, 3) probabilities of supports, refutes and neutral for each pair, in both orders."""
    return in_both_orders(judge, [(pair.a.said, pair.b.said) for pair in pairs])


def conflict(pairs: Sequence[Pair], read: Floats) -> Floats:
    """(n,) probability that two claims cannot both hold, from what the judge said of them (``judged``).

    No more than even where the judge is known to err (``misleads``).
    """
    return conflicts(pairs, read)[0]


def conflicts(pairs: Sequence[Pair], read: Floats) -> tuple[Floats, Floats]:
    """``conflict``, and the same of the sentences alone: as if no quote had more than one."""
    found, most = features(pairs, read), np.array([0.5 if misleads(pair) else 1.0 for pair in pairs])
    alone = found.copy()
    alone[:, FEATURES.index("a quote of more than one sentence")] = 0
    return np.minimum(probability(found), most), np.minimum(probability(alone), most)


def clause_conflict(pairs: Sequence[Pair], judge: Judge) -> Floats:
    """The same of the main clauses alone."""
    clauses = [(main_clause(pair.a.sentence.line), main_clause(pair.b.sentence.line)) for pair in pairs]
    return conflicts(pairs, in_both_orders(judge, clauses))[1]


def misleads(pair: Pair) -> bool:
    """Whether two claims look opposed that need not be.

    Where just one speaks of an absence ("without insulin, glucose rises" agrees with "insulin lowers glucose"), where
    opposed verbs say the same ("increases the removal of cholesterol", "lowers cholesterol"), and where both say one
    clause in the same words.
    """
    a, b = pair.a, pair.b
    clauses = [set(CLAUSE_END.split(claim.sentence.text.lower())) for claim in (a, b)]
    shared = any(len(clause.split()) >= CLAUSE_WORDS for clause in clauses[0] & clauses[1])
    return shared or bool(a.absent & b.stems) != bool(b.absent & a.stems) or _turned_alike(a, b)


def _turned_alike(a: Claim, b: Claim) -> bool:
    return any(
        e.turned != f.turned and e.sign == f.sign and e.negated == f.negated and _aligned(e, f)
        for e, f in _same_axis(a, b)
    )


def features(pairs: Sequence[Pair], read: Floats) -> Floats:
    """(n, len(FEATURES)) of pairs and what the judge said of them (``judged``)."""
    odds = log_odds(read)
    words = np.array([_words(pair) for pair in pairs], float).reshape(len(pairs), -1)
    mean = log_odds(read.mean(axis=1))
    heard = np.stack([mean[:, REFUTES], odds[:, :, REFUTES].min(axis=1), mean[:, SUPPORTS]], axis=1)
    return np.concatenate([heard, words], axis=1)


def _words(pair: Pair) -> list[float]:
    a, b = pair.a, pair.b
    return [
        pair.cosine,
        overlap(a.stems, b.stems),
        pair.opposed == "direction",
        pair.opposed == "negation",
        pair.opposed == "quantity",
        pair.opposed == "certainty",
        pair.differ is not None,
        a.is_attributed or b.is_attributed,
        _other_name(a.names - b.names, b.names - a.names, a, b),
        a.is_negative != b.is_negative,
        a.quote.start < a.sentence.start or b.quote.start < b.sentence.start,
        figures_differ(a.quantities, b.quantities),
        figures_match(a.quantities, b.quantities),
    ]


def probability(found: Floats, weights: Floats | None = None) -> Floats:
    """(n,) probability that two claims cannot both hold, from (n, len(FEATURES))."""
    return logistic(found, warning_weights() if weights is None else weights)


@cache
def warning_weights() -> Floats:
    """The regression's bias and its weights in the order of ``FEATURES``."""
    return read_weights(WEIGHTS / "warning.json", FEATURES)
