"""Hits to statements: which of the documents' own sentences answer, in which order, or none.

A sentence that leans on the one before it ("This action…", "It works by…") brings that one along, so that what is
quoted can be understood alone; one that leans on nothing at hand is passed over.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from index import Document, Hit, Index, Sentence, content_stems
from rag.claims import Claim
from rag.compare import opposition
from rag.judge import NEUTRAL, WEIGHTS, Judge, Ranker
from rag.measure import Floats, linear, log_odds, read_weights
from rag.question import BARE_VERBS, asks_for_number, can_be_answered_with_yes, is_claim, is_search

FEATURES = (
    "cosine of the sentence under its heading",
    "share of the question's words that it has in its place, the rare ones counting more",
    "words of the question that no sentence has",
    "a number is asked for and it has none",
    "yes or no answers the question",
    "the question is a claim",
    "it says what the asked thing is",
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
"""The least probability of a sentence that is shown; ``rag/training/answers.py`` prints what others bring and cost."""
MARGIN = 2.0
"""How far below the best, in log-odds, another shown sentence may be."""
REPEAT = 0.75
MIN_WORDS = 3
QUOTE_LETTERS = 500

LEANS = re.compile(
    r"(?:it|its|it['’]s|they|their|them|this|these|those|such|he|she|his|her|the (?:former|latter|answer|same)"
    r"|one (?:class|such|of these)|no|yes|that|as a result|consequently|therefore|thus|hence"
    r"|however|but|in (?:contrast|addition|this|these|that)|for (?:instance|example|this)|moreover|furthermore|also"
    r"|and|or|so|instead|specifically|similarly|likewise|then)\b[\s,]",
    re.IGNORECASE,
)
LEANS_LIGHTLY = re.compile(
    r"(?:however|moreover|furthermore|specifically|therefore|consequently|in addition|also|and|but|so|then|for"
    r" (?:instance|example)|thus|hence|similarly|likewise|as a result)\b[\s,]+(?!(?:it|its|they|their|this|these|those"
    r"|such|he|she)\b)",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred|thousand|half|third"
    r"|quarter|twice|once|several|few|daily|weekly|hourly|hours?|days?|weeks?|months?|years?|minutes?)\b",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
ASKS_WHAT = re.compile(r"\s*(?:what (?:is|are)|what['’]s|define)\s+(?:an?\s+|the\s+)?(.+?)[\s?.]*$", re.IGNORECASE)
QUALIFIES = re.compile(
    r"(?:however|but|although|though|yet|still|nevertheless|nonetheless|despite|while|that said)\b"
    r"|.*\b(?:remains? (?:un\w+|debated|to be)|(?:not|n't) (?:yet |fully |well |completely )?(?:known|clear|understood"
    r"|established|proven)|(?:more|further) (?:research|studies|trials|work)|limited (?:evidence|data))\b",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that limits what others say, and is read after them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be shown: ``quote`` is it, or it with the one that it leans on."""

    sentence: Sentence
    quote: Sentence
    hit: Hit
    score: float = 0.0


def candidates(hits: Sequence[Hit], index: Index) -> list[Candidate]:
    """Every sentence of the hits that can stand alone, once, in the order of the hits."""
    found: dict[tuple[str, int], Candidate] = {}
    for hit in hits:
        passage = hit.passage
        document = index.document(passage.document)
        every = index.sentences(passage.document)
        for i, sentence in enumerate(every):
            if passage.start <= sentence.start < passage.end:
                quote = standing_alone(document, every, i)
                if quote and (sentence.document, sentence.start) not in found:
                    found[sentence.document, sentence.start] = Candidate(sentence, quote, hit)
    return list(found.values())


def standing_alone(document: Document, every: Sequence[Sentence], i: int) -> Sentence | None:
    """The sentence, with the ones before it in its paragraph that it leans on; None where they are missing."""
    sentence = every[i]
    if sentence.text.endswith("?") or len(sentence.text.split()) < MIN_WORDS:
        return None
    start = sentence.start
    block = document.block_at(start)
    while LEANS.match(document.text, start) and not LEANS_LIGHTLY.match(document.text, start):
        i -= 1
        if i >= 0 and block and every[i].start >= block.start and sentence.end - every[i].start <= QUOTE_LETTERS:
            start = every[i].start
        elif sentence.heading.endswith("?") and block and start == block.start:
            start = _heading_start(document, sentence)
            break
        else:
            return None
    return replace(sentence, start=start, text=document.text[start : sentence.end])


def _heading_start(document: Document, sentence: Sentence) -> int:
    """Where the question that a sentence answers starts, so that both are quoted together."""
    headings = [block.start for block in document.blocks if block.kind == "heading" and block.start < sentence.start]
    return headings[-1]


def score(
    question: str, found: Sequence[Candidate], ranker: Ranker, judge: Judge | None, index: Index
) -> list[Candidate]:
    """The likeliest candidates with their log-odds of answering the question, best first.

    A logistic regression of ``FEATURES``: the models read only the ``RERANKED`` likeliest by the others.
    """
    if not found:
        return []
    views = answer_weights(is_search(question))
    best, features = likeliest(question, found, [weights[:-READ] for weights in views], ranker, judge, index)
    total = np.max([linear(features, weights) for weights in views], axis=0)
    return [replace(best[i], score=float(total[i])) for i in np.argsort(-total, kind="stable")]


def likeliest(
    question: str,
    found: Sequence[Candidate],
    views: Sequence[Floats],
    ranker: Ranker,
    judge: Judge | None,
    index: Index,
) -> tuple[list[Candidate], Floats]:
    """The ``RERANKED`` candidates that are likeliest unread, and their features (n, len(FEATURES)).

    ``views`` are biases and weights of all features but the last ``READ``.
    """
    seen = words_and_places(question, found, index)
    likely = np.max([linear(seen, weights) for weights in views], axis=0)
    chosen = np.argsort(-likely, kind="stable")[:RERANKED]
    best = [found[i] for i in chosen]
    return best, np.hstack([seen[chosen], readings(question, best, ranker, judge, index)])


@cache
def answer_weights(searched: bool) -> list[Floats]:
    """Bias and weights in the order of ``FEATURES``: of what answers a question, and, for mere search words, also of
    what holds them all; whichever is likelier counts."""
    names = ["answer.json", "search.json"] if searched else ["answer.json"]
    return [read_weights(WEIGHTS / name, FEATURES) for name in names]


def words_and_places(question: str, found: Sequence[Candidate], index: Index) -> Floats:
    """(n, len(FEATURES) - READ) of candidates, without a model: all features but the last ``READ``."""
    headed = [in_place(c, "") for c in found]
    wants_number, asked = asks_for_number(question), ASKS_WHAT.match(question)
    columns = [
        index.vectors(headed) @ index.query_vector(question),
        coverage(question, [in_place(c, index.document(c.sentence.document).title) for c in found]),
        np.full(len(found), len(missing(question, headed))),
        [wants_number and not NUMBER.search(c.sentence.text) for c in found],
        np.full(len(found), can_be_answered_with_yes(question)),
        np.full(len(found), is_claim(question)),
        [_defines(asked[1], c.sentence.text) if asked else False for c in found],
        [c.hit.score for c in found],
        [1 / c.hit.rank for c in found],
    ]
    return np.column_stack([np.asarray(column, float) for column in columns])


def readings(question: str, found: Sequence[Candidate], ranker: Ranker, judge: Judge | None, index: Index) -> Floats:
    """(n, READ) log-odds that each candidate answers, and, where yes or no would, that it takes a side.

    It is read under its title and heading, which may name what it leaves out, and alone, since others mislead.
    """
    placed = [in_place(c, _own_title(index.document(c.sentence.document))) for c in found]
    read = ranker.score(question, placed + [c.quote.line for c in found])
    answers: Floats = log_odds(read).reshape(2, len(found)).mean(axis=0)
    takes_side: Floats = np.zeros(len(found))
    if judge and can_be_answered_with_yes(question):
        takes_side = log_odds(1 - judge.judge([(c.quote.line, question) for c in found])[:, NEUTRAL])
    return np.column_stack([answers, takes_side])


def in_place(candidate: Candidate, title: str) -> str:
    """A candidate's quote as a reader meets it: ``Riluzole > Side effects: Nausea is common.``"""
    above = " > ".join(dict.fromkeys(part for part in (title, candidate.sentence.heading) if part))
    return f"{above}: {candidate.quote.line}" if above else candidate.quote.line


def _own_title(document: Document) -> str:
    """The title; "" where it is but the document's name."""
    return document.title if document.title not in (document.source, document.id) else ""


def coverage(question: str, texts: Sequence[str]) -> Floats:
    """(n,) the share, 0 to 1, of the question's stems that each text has, the rare ones counting more.

    Rarity is that of Spärck Jones, A Statistical Interpretation of Term Specificity, 1972.
    """
    has = [set(content_stems(text)) for text in texts]
    frequency = Counter(stem for stems in has for stem in stems)
    weight = {stem: math.log((len(texts) + 1) / (frequency[stem] + 0.5)) for stem in set(content_stems(question))}
    total = sum(weight.values()) or 1.0
    return np.array([sum(weight[stem] for stem in weight.keys() & stems) / total for stems in has])


def missing(question: str, texts: Sequence[str]) -> set[str]:
    """The stems that the question is about and no text has: ``{"pregnanc"}`` where nothing is said of pregnancy."""
    said = {stem for text in texts for stem in content_stems(text)}
    return set(content_stems(question)) - said - BARE_VERBS


def confidence(scored: Sequence[Candidate]) -> float:
    """The probability that the best candidate answers."""
    return 1 / (1 + math.exp(-scored[0].score)) if scored else 0.0


def choose(question: str, scored: Sequence[Candidate]) -> list[list[Candidate]]:
    """The sentences to show, in reading order; each with those of other documents that say it in the same words."""
    needs_number = asks_for_number(question)
    fitting = [c for c in scored if not needs_number or NUMBER.search(c.sentence.text)]
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


def least_shown(best: float) -> float:
    """The least log-odds of a sentence that is shown beside the best."""
    return max(math.log(ANSWERS / (1 - ANSWERS)), best - MARGIN)


def in_order(question: str, chosen: list[list[Candidate]]) -> list[list[Candidate]]:
    """What says what a thing is first, where that was asked; then best first; what qualifies the others last."""
    asked = ASKS_WHAT.match(question)

    def place(item: tuple[int, list[Candidate]]) -> tuple[bool, bool, int]:
        i, (best, *_) = item
        defines = asked is not None and _defines(asked[1], best.sentence.text)
        return not defines, i > 0 and QUALIFIES.match(best.sentence.text) is not None, i

    return [group for _, group in sorted(enumerate(chosen), key=place)]


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
