"""Hits to statements: which of the documents' own sentences answer, in which order, or none.

A sentence that leans on the one before it ("This action…", "It works by…") brings that one along, so that what is
quoted can be understood alone; one that leans on nothing at hand is passed over.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from index import Document, Hit, Index, Sentence, content_stems
from rag.claims import Claim
from rag.compare import opposition
from rag.context import heading_of, standing_alone, table_rows
from rag.judge import NEUTRAL, WEIGHTS, Judge, Ranker
from rag.lay import wanted
from rag.measure import Floats, linear, log_odds, read_weights
from rag.question import can_be_answered_with_yes, is_claim, is_search, lacks_number

FEATURES = (
    "cosine of the sentence under its heading",
    "share of the question's words that it has in its place, the rare ones counting more",
    "how much longer the question is than most",
    "a number is asked for and it has none",
    "yes or no answers the question",
    "the question is a claim",
    "words are searched for and it has them all",
    "score of its passage",
    "1 / rank of its passage",
    "ranker, mean of in its place and alone",
    "judge: it takes a side",
)
READ = 2
"""How many of the features, the last, a model has to read the sentence for."""
MAX_STATEMENTS = 5
RERANKED = 20
ANSWERS = 0.15
"""The least probability of an answer that is shown; ``rag/training/answers.py`` prints what others bring and cost."""
QUESTION_WORDS = 12
"""A question of more words tells a story, of which no sentence has much."""
ALSO = 0.2
"""The least probability of a sentence that is shown beside the best."""
MARGIN = 1.5
"""How far below the best, in log-odds, it may be."""
REPEAT = 0.75
ADDS = 0.5
"""By how much, in log-odds, a sentence must be likelier than one that it brings along."""
OTHERWISE = 0.5
"""What another word for the same counts."""

DERIVED = re.compile(
    r"(?:ive|ic|al|ous|able|ible|ful|less|ing|ed|ly|ens|ion|ness|ity|ment|ism|er|or|ist|ant)s?$|[^a-z0-9]"
)
"""What ends so is seldom a name, however rare."""
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
ASKS_WHAT = re.compile(r"\s*(?:what (?:is|are)|what['’]s|define)\s+(?:an?\s+|the\s+)?(.+?)[\s?.]*$", re.IGNORECASE)
QUALIFIES = re.compile(
    r"(?:however|but|although|though|yet|still|nevertheless|nonetheless|despite|while|that said)\b"
    r"|.*\b(?:remains? (?:un\w+|debated|to be)|(?:not|n't) (?:yet |fully |well |completely )?(?:known|clear|understood"
    r"|established|proven)|(?:more|further) (?:research|studies|trials|work)|limited (?:evidence|data))\b",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that limits what others say, and is read after them."""
ASKS = re.compile(
    r"(?:objectives?|aims?|purpose|background|methods?|design|setting|participants|main outcomes?)\b[^.]{0,40}:"
    r"|(?:we|this (?:study|trial|review|paper|article)|(?:the|our) (?:aim|purpose|objective)s?[^.]{0,30})\s+(?:\w+\s+)?"
    r"(?:aim(?:s|ed)|sought|investigat\w+|examin\w+|evaluat\w+|search\w+|review\w*|explor\w+|describe|discuss\w*|was to"
    r"|is to|were to)\b|to (?:find out|determine|assess|evaluate|investigate|examine|explore)\b"
    r"|[^.]{0,60}\b(?:asked|tested|examined|studied|unclear|unknown|not known) whether\b",
    re.IGNORECASE,
)
"""A sentence that says what was asked, and is read after what was found."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be shown: ``quote`` is it, or it with the one that it leans on; what it stands under."""

    sentence: Sentence
    quote: Sentence
    hit: Hit
    heading: str = ""
    score: float = 0.0

    @property
    def said(self) -> str:
        """The quote on one line, without the heading or the question that it may begin with."""
        first, _, rest = self.quote.text.partition("\n")
        if rest and first.strip() == self.heading:
            return " ".join(rest.split())
        return self.quote.line.removeprefix(self.heading).lstrip() if self.heading.endswith("?") else self.quote.line


def candidates(hits: Sequence[Hit], index: Index, *, rows: bool = False) -> list[Candidate]:
    """Every sentence of the hits that can stand alone, once, in the order of the hits.

    With ``rows`` also the rows of their tables that hold a figure, such as a dose.
    """
    found: dict[tuple[str, int], Candidate] = {}
    for hit in hits:
        passage = hit.passage
        document = index.document(passage.document)
        every = index.sentences(passage.document)
        for i, sentence in enumerate(every):
            if passage.start <= sentence.start < passage.end:
                quote = standing_alone(document, every, i)
                if quote and (sentence.document, sentence.start) not in found:
                    under = heading_of(document, every, i)
                    found[sentence.document, sentence.start] = Candidate(sentence, quote, hit, under)
        for row in table_rows(document, passage.start, passage.end) if rows else ():
            found.setdefault((row.document, row.start), Candidate(row, row, hit, row.heading))
    return list(found.values())


def score(
    question: str, found: Sequence[Candidate], ranker: Ranker, judge: Judge | None, index: Index
) -> list[Candidate]:
    """The likeliest candidates with their log-odds of answering the question, best first.

    A logistic regression of ``FEATURES``: the models read only the ``RERANKED`` likeliest by the others.
    """
    if not found:
        return []
    best, features = likeliest(question, found, answer_weights()[:-READ], ranker, judge, index)
    total = linear(features, answer_weights())
    return [replace(best[i], score=float(total[i])) for i in np.argsort(-total, kind="stable")]


def likeliest(
    question: str, found: Sequence[Candidate], weights: Floats, ranker: Ranker, judge: Judge | None, index: Index
) -> tuple[list[Candidate], Floats]:
    """The ``RERANKED`` candidates that are likeliest unread, and their features (n, len(FEATURES)).

    ``weights`` are bias and weights of all features but the last ``READ``.
    """
    seen = words_and_places(question, found, index)
    named = {c.sentence.document for c in of_named(question, found, index)}
    order = np.argsort(-linear(seen, weights), kind="stable")
    chosen = [i for i in order if found[i].sentence.document in named][:RERANKED]
    best = [found[i] for i in chosen]
    return best, np.hstack([seen[chosen], readings(question, best, ranker, judge, index)])


def of_named(question: str, found: Sequence[Candidate], index: Index) -> list[Candidate]:
    """Those of documents that mention something which the question names, such as a drug; all, where none does."""
    names = {
        name
        for name in index.names(question)
        if not DERIVED.search(name) and not index.embedder.knows(name.removesuffix("s"))
    }
    documents = {c.sentence.document for c in found}
    named = {id for id in documents if any(name in index.document(id).text.lower() for name in names)}
    return [c for c in found if not named or c.sentence.document in named]


@cache
def answer_weights() -> Floats:
    """Bias and weights in the order of ``FEATURES``."""
    return read_weights(WEIGHTS / "answer.json", FEATURES)


def words_and_places(question: str, found: Sequence[Candidate], index: Index) -> Floats:
    """(n, len(FEATURES) - READ) of candidates, without a model: all features but the last ``READ``."""
    headed, searched = [in_place(c, "") for c in found], is_search(question)
    columns = [
        index.vectors(headed) @ index.query_vector(question),
        coverage(question, [in_place(c, index.document(c.sentence.document).title) for c in found]),
        np.full(len(found), max(0.0, math.log(len(question.split()) / QUESTION_WORDS))),
        [lacks_number(question, c.sentence.text) for c in found],
        np.full(len(found), can_be_answered_with_yes(question)),
        np.full(len(found), is_claim(question)),
        [searched and has_all(question, c.said) for c in found],
        [c.hit.score for c in found],
        [1 / c.hit.rank for c in found],
    ]
    return np.column_stack([np.asarray(column, float) for column in columns])


def readings(question: str, found: Sequence[Candidate], ranker: Ranker, judge: Judge | None, index: Index) -> Floats:
    """(n, READ) log-odds that each candidate answers, and, where yes or no would, that it takes a side.

    It is read under its title and heading, which may name what it leaves out, and alone, since others mislead.
    """
    placed = [in_place(c, _own_title(index.document(c.sentence.document))) for c in found]
    read = ranker.score(question, placed + [c.said for c in found])
    answers: Floats = log_odds(read).reshape(2, len(found)).mean(axis=0)
    takes_side: Floats = np.zeros(len(found))
    if judge and can_be_answered_with_yes(question):
        takes_side = log_odds(1 - judge.judge([(c.said, question) for c in found])[:, NEUTRAL])
    return np.column_stack([answers, takes_side])


def in_place(candidate: Candidate, title: str) -> str:
    """A candidate's quote as a reader meets it: ``Riluzole > Side effects: Nausea is common.``"""
    above = " > ".join(dict.fromkeys(part for part in (title, candidate.heading) if part))
    return f"{above}: {candidate.said}" if above else candidate.said


def _own_title(document: Document) -> str:
    """The title; "" where it is but the document's name."""
    return document.title if document.title not in (document.source, document.id) else ""


def coverage(question: str, texts: Sequence[str]) -> Floats:
    """(n,) the share, 0 to 1, of the question's words that each text has, or others for them; the rare count more.

    Rarity is that of Spärck Jones, A Statistical Interpretation of Term Specificity, 1972.
    """
    words = wanted(question)
    has = [set(content_stems(text)) for text in texts]
    said = {
        stem: np.array([1.0 if stem in stems else 0.0 if alike.isdisjoint(stems) else OTHERWISE for stems in has])
        for stem, alike in words.items()
    }
    weight = {stem: math.log((len(texts) + 1) / (held.sum() + 0.5)) for stem, held in said.items()}
    total = sum(weight.values()) or 1.0
    return sum((weight[stem] * held / total for stem, held in said.items()), np.zeros(len(texts)))


def has_all(question: str, text: str) -> bool:
    """Whether a text has every word of the question, or another for it."""
    stems, words = set(content_stems(text)), wanted(question)
    return bool(words) and all(not alike.isdisjoint(stems) for alike in words.values())


def confidence(scored: Sequence[Candidate]) -> float:
    """The probability that the best candidate answers."""
    return 1 / (1 + math.exp(-scored[0].score)) if scored else 0.0


def choose(question: str, scored: Sequence[Candidate]) -> list[list[Candidate]]:
    """The sentences to show, in reading order; each with those of other documents that say it in the same words."""
    fitting = [c for c in scored if not lacks_number(question, c.sentence.text) and not _adds_nothing(c, scored)]
    if not fitting or confidence(fitting) < ANSWERS:
        return []
    least = least_shown(fitting[0].score)
    chosen = [fitting[:1]]
    for candidate in (c for c in fitting[1:] if c.score >= least):
        same = next((group for group in chosen if repeats(candidate, group[0])), None)
        if same is None:
            if len(chosen) < MAX_STATEMENTS:
                chosen.append([candidate])
        elif all(candidate.sentence.document != other.sentence.document for other in same):
            same.append(candidate)
    return in_order(question, chosen)


def _adds_nothing(candidate: Candidate, scored: Sequence[Candidate]) -> bool:
    """Whether a sentence that brings along another one is hardly likelier to answer than that one alone."""
    whole = candidate.quote
    return any(
        c.quote.document == whole.document
        and whole.start <= c.quote.start
        and c.quote.end < whole.end
        and c.score >= candidate.score - ADDS
        for c in scored
    )


def least_shown(best: float) -> float:
    """The least log-odds of a sentence that is shown beside the best."""
    return max(math.log(ALSO / (1 - ALSO)), best - MARGIN)


def in_order(question: str, chosen: list[list[Candidate]]) -> list[list[Candidate]]:
    """What says what a thing is first, where that was asked; then the best, and what stands with it under one question
    as it stands there; then the others, by document; what limits the others, or only says what was asked, last."""
    asked = ASKS_WHAT.match(question)
    documents = list(dict.fromkeys(group[0].sentence.document for group in chosen))
    best = chosen[0][0]

    def place(item: tuple[int, list[Candidate]]) -> tuple[bool, bool, bool, int, int]:
        i, (candidate, *_) = item
        sentence = candidate.sentence
        defines = asked is not None and _defines(asked[1], sentence.text)
        asks, limits = ASKS.match(sentence.text) is not None, QUALIFIES.match(sentence.text) is not None
        first = not asks if i == 0 else best.heading.endswith("?") and _same_place(candidate, best)
        return not defines, not first, asks or limits, documents.index(sentence.document), sentence.start

    return [group for _, group in sorted(enumerate(chosen), key=place)]


def _same_place(a: Candidate, b: Candidate) -> bool:
    return a.heading == b.heading and a.sentence.document == b.sentence.document


def _defines(term: str, text: str) -> bool:
    """Whether a sentence starts by saying what a term is: "Ketamine (Ketalar) is an anaesthetic"."""
    start = re.match(rf"(?:an?\s+|the\s+)?{re.escape(term)}\b[^.;]{{0,60}}?\b(?:is|are|means|refers to)\b", text, re.I)
    return start is not None


def repeats(a: Candidate, b: Candidate) -> bool:
    """Whether two sentences say the same in the same words (Jaccard over their stems)."""
    first, second = set(content_stems(a.sentence.text)), set(content_stems(b.sentence.text))
    overlaps = a.quote.document == b.quote.document and a.quote.start < b.quote.end and b.quote.start < a.quote.end
    return overlaps or (len(first & second) >= REPEAT * len(first | second) and _agree(a, b))


def _agree(a: Candidate, b: Candidate) -> bool:
    """Whether neither of two like sentences turns the other round, denies it, or gives another figure."""
    one, other = Claim(a.sentence, a.quote), Claim(b.sentence, b.quote)
    figures = [set(FIGURE.findall(c.sentence.text)) for c in (a, b)]
    return opposition(one, other) is None and one.is_negative == other.is_negative and figures[0] == figures[1]
