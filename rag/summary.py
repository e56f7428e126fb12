"""One plain sentence on what two claims disagree about, in words that both of them use.

The longest stretches of one claim whose words the other has too name the subject. Words that are disputed, and verbs
that say nothing of the subject, are no part of it.
"""

import re
from collections.abc import Iterator

from index import stems
from index.lexical import WORD
from rag.claims import Claim, Stems, is_cue
from rag.compare import Pair
from rag.quantities import MEASURING
from rag.types import Kind

SUMMARIES: dict[Kind, tuple[str, str]] = {
    "direction": ("The sources point in opposite directions", "on"),
    "negation": ("One source states what another denies", "about"),
    "quantity": ("The sources give different figures", "for"),
    "certainty": ("One source states as known what another calls unclear", "about"),
    "stance": ("The sources come to opposite conclusions", "about"),
}
LINKS = frozenset("of in the a an with for from on to s risk level levels".split())
"""Words that may stand between two words of one stretch."""
LINKED = 3
STRETCHES = 2
LEADS_IN = re.compile(
    r"\b(?:(?:the|an?) )?(?:(?:risk|levels?|rate|number|symptoms) of )?(?:(?:the|an?) )?$", re.IGNORECASE
)
"""What belongs to a stretch though it has no content: "the risk of"."""
NO_TOPIC = MEASURING | frozenset(
    s
    for word in (
        "last take need make lead cause come become start begin act keep stay turn bring give get say state claim know"
        " understand explain conclude arise occur happen contrary popular belief mechanism exactly even mainly work"
        " treat cure"
    ).split()
    for s in stems(word)
)


def summary(pair: Pair, kind: Kind) -> str:
    """
    >>> from index import Sentence
    >>> texts = ("Zinc tablets shorten colds.", "In this trial, zinc tablets did not shorten colds.")
    >>> a, b = (Claim(s, s) for s in (Sentence(str(i), 0, len(text), text) for i, text in enumerate(texts)))
    >>> summary(Pair(a, b, "negation", None), "negation")
    'One source states what another denies about zinc tablets and colds.'
    """
    topic = " and ".join(_topic(pair.a, pair.b, kind))
    if pair.differ:
        dimension, first, second = pair.differ
        return f"The findings{topic and f' on {topic}'} differ, and so does the {dimension}: {first} / {second}."
    said, about = SUMMARIES[kind]
    return f"{said}{topic and f' {about} {topic}'}."


def _topic(a: Claim, b: Claim, kind: Kind) -> list[str]:
    """At most two stretches, in the order of the sentence, of the claim that has more of them."""
    cues = (word for claim in (a, b) for word in claim.words if kind != "quantity" and is_cue(word))
    disputed = _denied(a) | _denied(b) | NO_TOPIC | frozenset(s for word in cues for s in word.content)
    found = [_named(claim, other, disputed) for claim, other in ((a, b), (b, a))]
    return [text for text, _ in max(found, key=lambda named: sum(count for _, count in named))]


def _denied(claim: Claim) -> Stems:
    """The stems of the verbs that a claim denies: "does not lead to"."""
    before = zip(claim.words, claim.words[1:], strict=False)
    return frozenset(s for no, word in before if no.text in ("not", "never", "cannot") for s in word.content)


def _named(claim: Claim, other: Claim, disputed: Stems) -> list[tuple[str, int]]:
    """Stretches with how many words of content they have."""
    text = claim.sentence.text
    places = [found.span() for found in WORD.finditer(text)]
    found = list(_stretches(claim, other.stems, disputed)) or list(_stretches(claim, other.context, disputed))
    best = sorted(found, key=lambda at: (-len(at), at[0]))
    chosen: list[list[int]] = []
    known: Stems = frozenset()
    for at in best:
        words = frozenset(s for i in at for s in claim.words[i].content)
        if len(chosen) < STRETCHES and not words <= known:
            chosen.append(at)
            known |= words
    return [(_written(text, places[at[0]][0], places[at[-1]][1], other), len(at)) for at in sorted(chosen)]


def _stretches(claim: Claim, shared: Stems, disputed: Stems) -> Iterator[list[int]]:
    """The places of shared words that stand side by side, or with but links between them."""
    words = claim.words
    at: list[int] = []
    for i, word in enumerate(words):
        if not shared.intersection(word.content) or disputed.intersection(word.content):
            continue
        between = words[at[-1] + 1 : i] if at else []
        linked = len(between) <= LINKED and all(w.text in LINKS and w.clause == word.clause for w in between)
        if at and not (linked and words[at[-1]].clause == word.clause):
            yield at
            at = []
        at = [*at, i]
    if at:
        yield at


def _written(text: str, start: int, end: int, other: Claim) -> str:
    """A stretch as it stands on one line, with its article, without the capital that only its place gives it."""
    before = LEADS_IN.search(text, 0, start)
    start = before.start() if before else start
    named = re.sub(r"['’]s$", "", " ".join(text[start:end].split()))
    first = WORD.match(named)
    is_name = first is None or not first[0][1:].islower() or re.search(rf"\w \b{first[0]}\b", other.sentence.text)
    return named if is_name or not re.search(r"(?:^|[.:])\s*$", text[:start]) else named[0].lower() + named[1:]
