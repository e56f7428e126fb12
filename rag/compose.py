"""Hits to statements: which of the documents' own sentences answer, in which order, or none.

A sentence that leans on the one before it ("This action…", "It works by…") brings that one along, so that what is
quoted can be understood alone; one that leans on nothing at hand is passed over.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index import Document, Hit, Index, Sentence, content_stems
from rag.judge import Ranker
from rag.measure import log_odds
from rag.question import BARE_VERBS, asks_for_number

Scores = NDArray[np.floating]

MAX_STATEMENTS = 5
RERANKED = 20
NEARNESS, COVERAGE, READ, MISSING, UNNAMED, LEANING, ANSWERS = 3.0, 2.0, 0.5, 1.0, 1.5, 0.5, 4.0
"""Weights of what ``score`` sums, and the sum from which on a sentence more likely answers than not."""
FURTHER, MARGIN = 1.0, 1.5
"""What every shown sentence but the best must score, and how far below the best it may be."""
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


def score(question: str, found: Sequence[Candidate], ranker: Ranker, index: Index) -> list[Candidate]:
    """The likeliest candidates with their log-odds of answering the question, best first.

    Four views are summed: the cosine of the sentence alone and under its heading, the share of the question's words
    that it has, weighted by rarity (Spärck Jones, A Statistical Interpretation of Term Specificity, 1972), and the
    trained ranker, which reads the best ``RERANKED`` by the other three. A word of the question that no candidate has
    counts against all of them; a name that a sentence, its heading and its title lack counts against the sentence,
    and so does leaning on another, lest a sentence win by the words of the one before it.
    """
    if not found:
        return []
    alone = [c.quote.line for c in found]
    headed = [
        f"{c.sentence.heading}: {text}" if c.sentence.heading else text for c, text in zip(found, alone, strict=True)
    ]
    rows = index.vectors([*alone, *headed]) @ index.embedder.embed_query(question)
    near = NEARNESS * (rows[: len(found)] + rows[len(found) :])
    unnamed = names_left_out(question, [in_context(c, index) for c in found], index)
    longer = np.array([c.quote != c.sentence for c in found])
    likely = near + COVERAGE * coverage(question, headed) - UNNAMED * unnamed - LEANING * longer
    best = np.argsort(-likely, kind="stable")[:RERANKED]
    read = log_odds(ranker.score(question, [alone[i] for i in best]))
    total = likely[best] + READ * read - MISSING * len(missing(question, headed)) - ANSWERS
    order = np.argsort(-total, kind="stable")
    return [replace(found[best[i]], score=float(total[i])) for i in order]


def coverage(question: str, texts: Sequence[str]) -> Scores:
    """(n,) the share, 0 to 1, of the question's stems that each text has, the rare ones counting more."""
    has = [set(content_stems(text)) for text in texts]
    frequency = Counter(stem for stems in has for stem in stems)
    weight = {stem: math.log((len(texts) + 1) / (frequency[stem] + 0.5)) for stem in set(content_stems(question))}
    total = sum(weight.values()) or 1.0
    return np.array([sum(weight[stem] for stem in weight.keys() & stems) / total for stems in has])


def names_left_out(question: str, texts: Sequence[str], index: Index) -> Scores:
    """(n,) how many names in the question each text lacks: a side effect of glutamine is none of ketamine.

    Only names that some text has count.
    """
    has = [set(content_stems(text)) for text in texts]
    names = [
        stems
        for word in index.names(question)
        if (stems := set(content_stems(word))) and any(stems <= text for text in has)
    ]
    return np.array([sum(not stems <= text for stems in names) for text in has])


def in_context(candidate: Candidate, index: Index) -> str:
    """A candidate's quote under its heading and its document's title."""
    title = index.document(candidate.sentence.document).title
    return f"{title}\n{candidate.sentence.heading}\n{candidate.quote.text}"


def missing(question: str, texts: Sequence[str]) -> set[str]:
    """The stems that the question is about and no text has: ``{"pregnanc"}`` where nothing is said of pregnancy."""
    said = {stem for text in texts for stem in content_stems(text)}
    return set(content_stems(question)) - said - BARE_VERBS


def confidence(scored: Sequence[Candidate]) -> float:
    """The probability that the best candidate answers."""
    return 1 / (1 + math.exp(-scored[0].score)) if scored else 0.0


def choose(question: str, scored: Sequence[Candidate]) -> list[list[Candidate]]:
    """The sentences to show, best first; each with those of other documents that say it in the same words."""
    needs_number = asks_for_number(question)
    fitting = [c for c in scored if not needs_number or NUMBER.search(c.sentence.text)]
    if not fitting or fitting[0].score < 0:
        return []
    least = max(FURTHER, fitting[0].score - MARGIN)
    chosen = [fitting[:1]]
    for candidate in (c for c in fitting[1:] if c.score >= least):
        same = next((group for group in chosen if repeats(candidate, group[0])), None)
        if same is None:
            if len(chosen) < MAX_STATEMENTS:
                chosen.append([candidate])
        elif all(candidate.sentence.document != other.sentence.document for other in same):
            same.append(candidate)
    return chosen


def repeats(a: Candidate, b: Candidate) -> bool:
    """Whether two sentences say the same in the same words (Jaccard over their stems)."""
    first, second = set(content_stems(a.sentence.text)), set(content_stems(b.sentence.text))
    overlaps = a.quote.document == b.quote.document and a.quote.start < b.quote.end and b.quote.start < a.quote.end
    return overlaps or len(first & second) >= REPEAT * len(first | second)
