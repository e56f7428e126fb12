"""Train the judge of `rag/judge.py`: `python -m rag.train_judge --data DATA --out rag/weights`.

(evidence, claim) -> supports, refutes, neutral. Half of the data is made on purpose: findings that answer one
question as agreements, one of them turned round as a contradiction, near topics and other scopes as neutrals.
`JUDGE_SOURCES` names the sets; none of them forbids shipping what is trained on it.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from rag.judge import (
    STANCES,
    PairModel,
    backbone,
    batches,
    fast_precision,
    tensors,
    tokenizer,
)
from rag.train import (
    HELD_OUT,
    SEED,
    Example,
    Rows,
    Section,
    Source,
    auc,
    digit,
    gather,
    log,
    medquad_pages,
    rows_of,
    run,
    split_sentences,
    tempered,
    train,
    words_of,
)

SUPPORTS, REFUTES, NEUTRAL = range(3)
NOT_REFUTES = 3 + REFUTES
LONGEST_EVIDENCE = 60  # words


def news_train(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Check-COVID without the part that the temperature is fitted on."""
    return stances([row for row in rows if digit(row["id"]) < HELD_OUT], rng)


def stances(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Labelled pairs, a quarter of them turned round: a contradiction stays one, for the rest only that is known
    that they do not refute. Otherwise the order of a pair alone would tell."""
    for row in rows:
        label = STANCES.index(row["label"])
        evidence, claim = focused(row["evidence"], row["claim"]), re.sub(r" ?\[<\|\w+\|>\]", "", row["claim"])
        if rng.random() < 0.25:
            yield Example(claim, evidence, label if label == REFUTES else NOT_REFUTES)
        else:
            yield Example(evidence, claim, label)


def focused(evidence: str, claim: str) -> str:
    """The sentences of long evidence that share most words with the claim, in their order."""
    if len(evidence.split()) <= LONGEST_EVIDENCE:
        return evidence
    parts, wanted = split_sentences(evidence), words_of(claim)
    order = sorted(range(len(parts)), key=lambda i: len(words_of(parts[i]) & wanted), reverse=True)
    kept: list[int] = []
    words = 0
    for i in order:
        words += len(parts[i].split())
        if kept and words > LONGEST_EVIDENCE:
            break
        kept.append(i)
    return " ".join(parts[i] for i in sorted(kept))


def mismatched(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Neutral pairs from a set that has none: a claim with the evidence for another claim about the same thing."""
    about = defaultdict(list)
    for row in rows:
        about[" ".join(row["claim"].split()[:2])].append(row)
    for group in about.values():
        for one, other in zip(group, rng.sample(group, len(group)), strict=True):
            if len(words_of(one["claim"]) & words_of(other["evidence"])) <= len(words_of(one["claim"])) / 2:
                yield Example(focused(other["evidence"], one["claim"]), one["claim"], NEUTRAL)


# Words that turn a finding round. Verbs are regular; the other words stand as they are.

VERBS = (
    ("increase raise elevate enhance", "decrease reduce lower diminish"),
    ("activate stimulate induce", "inhibit suppress block"),
    ("improve ameliorate relieve", "worsen aggravate exacerbate"),
    ("promote facilitate", "prevent hinder"),
    ("accelerate hasten", "slow delay"),
    ("strengthen", "weaken"),
    ("upregulate", "downregulate"),
    ("benefit", "harm"),
    ("confirm", "disprove"),
    ("prolong lengthen extend", "shorten"),
)
OTHERS = (
    ("higher greater larger", "lower smaller"),
    ("more", "less"),
    ("effective efficacious", "ineffective"),
    ("safe harmless", "unsafe harmful dangerous"),
    ("beneficial helpful", "harmful detrimental"),
    ("protective", "harmful"),
    ("better superior", "worse inferior"),
    ("inhibitor antagonist blocker", "activator agonist stimulator"),
    ("inhibition suppression blockade", "activation stimulation"),
    ("increase", "decrease"),
    ("rise", "decline"),
    ("reduction", "increase"),
    ("overexpression", "underexpression"),
    ("upregulation", "downregulation"),
    ("hyperactivity", "hypoactivity"),
    ("improvement", "worsening deterioration"),
    ("gain", "loss"),
    ("presence", "absence"),
    ("positively", "negatively"),
    ("common frequent", "rare uncommon infrequent"),
    ("dominant", "recessive"),
    ("benign", "malignant"),
    ("sensitive", "resistant"),
    ("always", "never"),
    ("many", "few"),
    ("longer", "shorter"),
    ("faster", "slower"),
    ("stronger", "weaker"),
    ("strong", "weak"),
    ("recommended advised", "discouraged contraindicated"),
    ("possible", "impossible"),
    ("curable", "incurable"),
    ("necessary essential required", "unnecessary dispensable"),
    ("sufficient adequate", "insufficient inadequate"),
    ("successful", "unsuccessful"),
    ("likely", "unlikely"),
    ("contagious infectious", "noncontagious"),
    ("success", "failure"),
    ("reversible", "irreversible permanent"),
)


def verb_forms(verb: str) -> tuple[str, str, str, str]:
    """
    >>> verb_forms("reduce")
    ('reduce', 'reduces', 'reduced', 'reducing')
    """
    stem = verb.removesuffix("e")
    return verb, verb + "s", stem + "ed", stem + "ing"


def lexicon() -> dict[str, tuple[list[str], list[str]]]:
    """Each word with those that say the same and those that say the opposite, in the same form."""
    sides = [(one.split(), other.split()) for one, other in OTHERS]
    for pair in VERBS:
        forms = [list(zip(*map(verb_forms, side.split()), strict=True)) for side in pair]
        sides += [(list(a), list(b)) for a, b in zip(*forms, strict=True)]
    found: dict[str, tuple[list[str], list[str]]] = {}
    for left, right in sides:
        for same, opposite in ((left, right), (right, left)):
            for word in same:
                found.setdefault(word, ([w for w in same if w != word], opposite))
    return found


LEXICON = lexicon()
VERB_OF = {
    form: (verb, i) for side in VERBS for verb in " ".join(side).split() for i, form in enumerate(verb_forms(verb))
}
WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
AUXILIARY = re.compile(r"\b(is|are|was|were|can|could|does|did|do|should|will|would)\b(?! not\b|n't)")
NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|without|cannot|lack|lacks|lacked|failed|fails|unlikely|n't)\b", re.I
)
QUANTITY = re.compile(
    r"(?<![\w.=<>±-])(\d{1,5}(?:\.\d+)?)(?=\s?(?:%|percent|mg|g\b|kg|ml|µg|mcg|hours?|days?|weeks?|months?|years?|minutes?"
    r"|times|fold|-fold|in \d|per|deaths|cases))"
)


def swapped(text: str, side: int, rng: random.Random) -> str | None:
    """One word exchanged for one that says the same (side 0) or the opposite (side 1)."""
    found = [m for m in WORD.finditer(text) if LEXICON.get(m[0].lower(), ((), ()))[side]]
    if not found:
        return None
    match = rng.choice(found)
    word = rng.choice(LEXICON[match[0].lower()][side])
    return text[: match.start()] + like(match[0], word) + text[match.end() :]


def like(old: str, new: str) -> str:
    return new.capitalize() if old[0].isupper() else new


def negated(text: str, rng: random.Random) -> str | None:
    """A negation taken out where there is one, else put behind an auxiliary or before a known verb."""
    if "not only" in text:
        return None
    if " not " in text:
        return text.replace(" not ", " ", 1)
    if re.search(r"\bno\b", text):
        return re.sub(r"\bno\b", rng.choice(["a", "some"]), text, count=1)
    if NEGATION.search(text):
        return None
    ways = [text[: m.end()] + " not" + text[m.end() :] for m in AUXILIARY.finditer(text)]
    for match in WORD.finditer(text):
        verb, form = VERB_OF.get(match[0], ("", 0))
        if form in (1, 2) and not re.search(
            r"\b(?:is|are|was|were|be|been|being|has|have|had)(?: \w+ly)? $", text[: match.start()]
        ):
            ways.append(text[: match.start()] + ("does not " if form == 1 else "did not ") + verb + text[match.end() :])
    return rng.choice(ways[:2] + ways[-1:]) if ways else None


def requantified(text: str, rng: random.Random) -> str | None:
    """One number with a unit made several times larger or smaller."""
    found = list(QUANTITY.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    value = float(match[1]) * rng.choice([0.1, 0.2, 0.4, 2.5, 3, 5, 10])
    number = f"{value:.0f}" if value >= 1 else f"{value:.1g}"
    return text[: match.start()] + number + text[match.end() :] if number != match[1] else None


def flipped(text: str, rng: random.Random) -> str | None:
    """The text with one thing turned round, or None where nothing can be."""
    ways = [
        lambda: swapped(text, 1, rng),
        lambda: negated(text, rng),
        lambda: requantified(text, rng),
        lambda: swapped(text, 1, rng),
    ]
    return next((made for way in rng.sample(ways, len(ways)) if (made := way())), None)


LEADS = ("In conclusion, ", "These results show that ", "We found that ", "According to the review, ", "Overall, ",
         "In this trial, ", "The leaflet says that ", "Experts agree that ", "A 2019 study found that ",
         "It is well known that ", "In summary, ", "As reported earlier, ")  # fmt: skip
VIEWS = ("It was once thought that ", "Critics say that ", "It used to be believed that ",
         "The hypothesis was that ", "Some have claimed that ")  # fmt: skip
AIMS = ("This study examined whether ", "We aimed to determine whether ", "It is being studied whether ",
        "Further trials should test whether ", "The question is whether ")  # fmt: skip
SCOPES = (
    ("in mice", "in healthy volunteers", "in patients", "in rats", "in cell culture", "in monkeys"),
    ("in children", "in older adults", "in adolescents", "in newborns"),
    ("at low doses", "at high doses", "at ten times the usual dose"),
    ("in the hippocampus", "in the prefrontal cortex", "in the cerebellum", "in the spinal cord"),
    ("within the first hours", "after several months", "after two years"),
    ("after a single dose", "after repeated doses"),
    ("in men", "in pregnant women"),
    ("in mild cases", "in severe cases"),
)


def after(lead: str, text: str) -> str:
    """A sentence behind a lead, its own capital lowered where its first word is surely no name."""
    return lead + (text[0].lower() + text[1:] if text.split()[0].lower() in COMMON else text)


COMMON = set(
    """
    a all an both in it many most our patients people some the there these this those treatment we
    """.split()
)


def with_scope(text: str, scope: str, rng: random.Random) -> str:
    """
    >>> with_scope("The drug helps.", "in mice", random.Random(1))
    'In mice, the drug helps.'
    """
    text = text.rstrip(". ")
    return after(f"{scope.capitalize()}, ", text) + "." if rng.random() < 0.4 else f"{text} {scope}."


def reworded(text: str, rng: random.Random) -> str:
    """The same said a little differently: a lead put on or taken off, a remark in brackets dropped, a word for
    another that says the same."""
    made = re.sub(r"^(?:In conclusion|Conclusions?|Overall|Thus|Therefore|However|Moreover|Results?)[,:] *", "", text)
    if rng.random() < 0.5:
        made = re.sub(r" ?\([^()]*\)", "", made)
    if rng.random() < 0.7:
        made = swapped(made, 0, rng) or made
    if rng.random() < 0.3:
        made = after(rng.choice(LEADS), made)
    return made


def turned(text: str, rng: random.Random) -> Iterator[Example]:
    """What one sentence teaches. The turned sentence stands on both sides, and also supports itself, so that
    neither a word nor a side gives the label away."""
    against = flipped(text, rng)
    yield ordered(text, reworded(text, rng), SUPPORTS, rng)
    if against is None:
        return
    yield ordered(text, reworded(against, rng), REFUTES, rng)
    yield ordered(against, reworded(against, rng), SUPPORTS, rng)
    yield ordered(after(rng.choice(VIEWS), against), text, NOT_REFUTES, rng)
    if rng.random() < 0.5:
        yield ordered(after(rng.choice(AIMS), rng.choice([text, against])), rng.choice([text, against]), NEUTRAL, rng)
    one, other = rng.sample(rng.choice(SCOPES), 2)
    if rng.random() < 0.6:
        yield ordered(with_scope(text, one, rng), with_scope(against, other, rng), NEUTRAL, rng)
        yield ordered(with_scope(text, one, rng), with_scope(against, one, rng), REFUTES, rng)


def ordered(one: str, other: str, label: int, rng: random.Random) -> Example:
    """The pair in either order: between two findings there is no evidence and claim."""
    return Example(one, other, label) if rng.random() < 0.5 else Example(other, one, label)


# Findings that answer one question


def bioasq_pairs(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Answers to one question agree; turned ones disagree; answers to other questions are neutral, turned or not."""
    rows = [row for row in rows if 6 <= len(row["text"].split()) <= 36]
    found = [row for row in rows if row["label"]]
    texts, vectors = [row["text"] for row in found], embed([row["text"] for row in found])
    near = neighbours(vectors, [row["qid"] for row in found])
    beside, answers = defaultdict(list), defaultdict(list)
    for row in rows:
        if not row["label"]:
            beside[row["qid"]].append(row["text"])
    for i, row in enumerate(found):
        answers[row["qid"]].append(i)
    for qid, group in answers.items():
        few = rng.sample(group, min(4, len(group)))
        for i, j in combinations(few, 2):
            yield from answers_of_one(texts[i], texts[j], float(vectors[i] @ vectors[j]), rng)
        for i in few[:3]:
            yield from turned(texts[i], rng)
            for other in [texts[j] for j in near[i][:1]] + rng.sample(beside[qid], min(1, len(beside[qid]))):
                yield ordered(texts[i], rng.choice([other, flipped(other, rng) or other]), NEUTRAL, rng)


def answers_of_one(one: str, other: str, likeness: float, rng: random.Random) -> Iterator[Example]:
    """Two answers to one question: no contradiction, and near enough a support where they are very alike. One of
    them turned is a contradiction only where the other says the same thing with the same kind of word."""
    if bool(NEGATION.search(one)) != bool(NEGATION.search(other)) or directions(one) & opposites(other):
        return
    yield ordered(one, other, SUPPORTS if likeness >= 0.8 else NOT_REFUTES, rng)
    against = flipped(other, rng)
    shared = directions(one) & directions(other)
    if against and likeness >= 0.6 and shared - directions(against):
        yield ordered(one, against, REFUTES, rng)
        yield ordered(other, against, REFUTES, rng)
        yield ordered(against, reworded(against, rng), SUPPORTS, rng)
    elif likeness >= 0.8 and (denied := negated(other, rng)):
        yield ordered(one, denied, REFUTES, rng)
        yield ordered(denied, reworded(denied, rng), SUPPORTS, rng)


def directions(text: str) -> set[str]:
    """The first word of every word family with a direction in the text."""
    found = [w for w in WORD.findall(text.lower()) if w in LEXICON]
    return {min([w, *LEXICON[w][0]]) for w in found}


def opposites(text: str) -> set[str]:
    found = [w for w in WORD.findall(text.lower()) if w in LEXICON]
    return {min(LEXICON[w][1]) for w in found}


def embed(texts: Sequence[str]) -> np.ndarray:
    """Unit rows, float32 of shape (n, 384): the backbone's mean token vectors."""
    encoder, found = backbone(), np.empty((len(texts), 384), np.float32)
    encodings = tokenizer(96).encode_batch(list(texts))
    for batch in batches([len(e.ids) for e in encodings], 4_000):
        ids, types, mask = tensors([encodings[i] for i in batch])
        with torch.inference_mode(), fast_precision():
            tokens = encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state.float()
        found[batch] = nn.functional.normalize((tokens * mask[:, :, None]).sum(dim=1)).numpy()
    return found


def neighbours(vectors: np.ndarray, groups: Sequence[str]) -> list[list[int]]:
    """For each row the rows of other groups that are alike, though not as good as the same."""
    keys, found = np.array(groups), []
    for i, row in enumerate(vectors):
        likeness = vectors @ row
        likeness[(keys == keys[i]) | (likeness > 0.72)] = -1
        best = np.argpartition(-likeness, 3)[:3]
        found.append([int(j) for j in best if likeness[j] > 0.3])
    return found


# Health pages


def medquad_pairs(rows: Rows, rng: random.Random) -> Iterator[Example]:
    return page_pairs(medquad_pages(rows, held_out=False), rng)


def page_pairs(pages: list[list[Section]], rng: random.Random) -> Iterator[Example]:
    """Turned sentences; neutral ones from the page's other sections, and from the like section on another disease,
    which often says the opposite in the same words."""
    same_kind = defaultdict(list)
    for page in pages:
        for part in page:
            same_kind[part.heading].append(part)
    for page in pages:
        for part in rng.sample(page, min(2, len(page))):
            text = rng.choice(part.sentences[:4])
            if not 6 <= len(text.split()) <= 40:
                continue
            yield from turned(text, rng)
            others = [rng.choice(p.sentences[:4]) for p in page if p.heading != part.heading][:1]
            others += [
                rng.choice(p.sentences[:2]) for p in rng.sample(same_kind[part.heading], 1) if p.title != part.title
            ]
            for other in others:
                yield ordered(text, rng.choice([other, flipped(other, rng) or other]), NEUTRAL, rng)
            stranger = rng.choice(rng.choice(pages) or page).title
            if part.title in text and stranger != part.title:
                moved = text.replace(part.title, stranger)
                yield ordered(text, rng.choice([moved, flipped(moved, rng) or moved]), NEUTRAL, rng)
            if part.title in text and re.search(r"\b(?:caused by|causes? |results? from|due to)", text):
                unknown = "unknown" in text or "not known" in text or "unclear" in text
                yield ordered(text, rng.choice(UNKNOWN).format(part.title), SUPPORTS if unknown else REFUTES, rng)
                yield ordered(text, rng.choice(UNKNOWN).format(stranger), NEUTRAL, rng)


UNKNOWN = ("The cause of {} is unknown.", "It is not known what causes {}.", "What causes {} remains unclear.",
           "Nobody knows why {} occurs.", "The origin of {} has not been established.")  # fmt: skip


# Findings put together from frames: the same position in several wordings, against the opposite one


class Frame(NamedTuple):
    """Ways to take the one side of a matter, and ways to take the other; {e} acts on {o}, {d} or {t}."""

    one: tuple[str, ...]
    other: tuple[str, ...]


def wordings(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(";"))


FRAMES = [
    Frame(*map(wordings, frame.split("|")))
    for frame in """
{e} increases {o}; {e} raised {o}; {o} was higher with {e}; {e} was associated with more {o}; {e} led to a rise
in {o}; greater {o} was seen after {e}
|
{e} decreases {o}; {e} lowered {o}; {o} was lower with {e}; {e} was associated with less {o}; {e} led to a fall
in {o}; reduced {o} was seen after {e}

{e} increases {o}; {e} affects {o}; {o} rose significantly with {e}; {e} had a clear effect on {o}; {e} was
associated with {o}
|
{e} does not affect {o}; {e} had no effect on {o}; there was no change in {o} with {e}; no association was found
between {e} and {o}; {e} made no difference to {o}

{e} reduces {o}; {e} lowers {o}; {o} fell with {e}; {e} significantly decreased {o}; less {o} was seen with {e}
|
{e} does not reduce {o}; {e} failed to lower {o}; {e} had no effect on {o}; there was no significant difference
in {o} with {e}; {o} did not fall with {e}; {o} was unchanged by {e}

{e} increases the risk of {d}; {e} is a risk factor for {d}; people exposed to {e} get {d} more often; {e} makes
{d} more likely; {d} was more common with {e}
|
{e} reduces the risk of {d}; {e} protects against {d}; people exposed to {e} get {d} less often; {e} makes {d}
less likely; {e} lowers the chance of {d}; {d} was rarer with {e}

{e} increases the risk of {d}; {e} causes {d}; {e} can lead to {d}; {e} is linked to {d}; {d} may result from
{e}
|
{e} does not increase the risk of {d}; {e} does not cause {d}; there is no link between {e} and {d}; {e} has
nothing to do with {d}; {e} is not a risk factor for {d}

{e} is effective against {d}; {e} works well for {d}; {e} improves {d}; patients with {d} got better with {e};
{e} was superior to placebo in {d}; {e} is a useful treatment for {d}; {e} relieves {d}
|
{e} is not effective against {d}; {e} does not help in {d}; {e} was no better than placebo in {d}; there is no
evidence that {e} works for {d}; patients with {d} did not benefit from {e}; {e} is useless for {d}

{e} improves {d}; symptoms of {d} got better with {e}; {e} relieves {d}; {e} is beneficial in {d}
|
{e} worsens {d}; symptoms of {d} got worse with {e}; {e} aggravates {d}; {e} is harmful in {d}

{e} is safe in people with {d}; {e} is well tolerated in {d}; {e} can be taken safely with {d}; no serious side
effects of {e} were seen in {d}
|
{e} is dangerous in people with {d}; {e} is poorly tolerated in {d}; {e} causes serious side effects in {d}; {e}
should not be taken by people with {d}; {e} is harmful for people with {d}

{e} is recommended for {d}; guidelines advise {e} for {d}; people with {d} should take {e}; {e} is the first
choice for {d}
|
{e} is not recommended for {d}; guidelines advise against {e} for {d}; people with {d} should avoid {e}; {e} has
no place in the treatment of {d}

{e} is approved for {d}; the agency has approved {e} for {d}; {e} is licensed to treat {d}
|
{e} is not approved for {d}; the agency rejected {e} for {d}; {e} has no licence for {d}

{e} inhibits {t}; {e} is an inhibitor of {t}; {e} blocks {t}; {e} acts as an antagonist of {t}; {t} activity
fell under {e}
|
{e} activates {t}; {e} is an activator of {t}; {e} stimulates {t}; {e} acts as an agonist of {t}; {t} activity
rose under {e}

{e} works by blocking {t}; {e} acts through {t}; the effect of {e} depends on {t}; {t} is needed for the effect
of {e}
|
{e} does not act through {t}; the effect of {e} is independent of {t}; {t} is not needed for the effect of {e};
{e} works without {t}

{e} works by blocking {t}; the mechanism of {e} is well understood: it blocks {t}; {e} is known to act by
blocking {t}; {e} owes its effect to the blockade of {t}
|
how {e} works is not known; the mechanism of {e} remains unclear; it is still unknown how {e} works; nobody
knows exactly how {e} acts; the way {e} works is not understood

{d} is caused by a defect of {t}; a change in {t} causes {d}; {d} results from a fault of {t}; {d} arises when
{t} is disturbed
|
the cause of {d} is unknown; what causes {d} remains unclear; it is not known why {d} occurs; no cause of {d}
has been found

{d} can be cured; there is a cure for {d}; treatment cures {d}; most people recover completely from {d}
|
{d} cannot be cured; there is no cure for {d}; {d} is incurable; people do not recover from {d}

{d} is contagious; {d} spreads from person to person; people can catch {d} from others
|
{d} is not contagious; {d} does not spread from person to person; people cannot catch {d} from others

{d} is inherited; {d} runs in families; {d} is passed on from parents to children; {d} has a genetic cause
|
{d} is not inherited; {d} does not run in families; {d} is not passed on from parents to children; {d} has no
genetic cause

{d} is rare; few people have {d}; {d} seldom occurs; {d} is an uncommon disease
|
{d} is common; many people have {d}; {d} occurs often; {d} is a widespread disease

{t} is raised in people with {d}; {t} levels are high in {d}; people with {d} have too much {t}; an excess of
{t} was found in {d}
|
{t} is lowered in people with {d}; {t} levels are low in {d}; people with {d} have too little {t}; a lack of {t}
was found in {d}

the effect of {e} lasts for months; the benefit of {e} is lasting; {e} has a long-lasting effect on {o}
|
the effect of {e} fades within days; the benefit of {e} is short-lived; {e} has only a brief effect on {o}

{e} acts within hours; relief from {e} comes on the same day; {e} works rapidly
|
{e} takes weeks to work; relief from {e} comes only after a month; {e} works slowly

{e} is addictive; {e} can lead to dependence; people become dependent on {e}
|
{e} is not addictive; {e} does not lead to dependence; there is no risk of dependence with {e}

long-term use of {e} damages the {g}; {e} is toxic to the {g}; {e} harms the {g}
|
long-term use of {e} does not damage the {g}; {e} is not toxic to the {g}; {e} protects the {g}; no harm to the
{g} was seen with {e}
""".strip().split("\n\n")
]
TARGETS = wordings(
    """
    dopamine; serotonin; glutamate; insulin; cortisol; calcium; interleukin-6; GABA; mTOR; histamine; oestrogen;
    nitric oxide; BDNF; acetylcholine; sodium channels; the NMDA receptor; AMPA receptors; opioid receptors;
    cholesterol; vitamin D; TNF-alpha; adenosine; melatonin; iron
    """
)  # fmt: skip
ORGANS = ("liver", "kidneys", "heart", "bladder", "brain", "lungs", "stomach", "eyes", "skin", "thyroid")
DRUGS = wordings(
    """
    aspirin; ibuprofen; metformin; lithium; sertraline; fluoxetine; atorvastatin; warfarin; insulin; prednisone;
    amoxicillin; caffeine; alcohol; coffee; zinc; magnesium; vitamin D; vitamin C; omega-3 fatty acids; exercise;
    yoga; acupuncture; cannabis; nicotine; testosterone; melatonin; probiotics; green tea; a low-salt diet; fasting;
    physiotherapy; cognitive therapy; smoking; paracetamol; morphine; pregabalin; valproate; quetiapine; donepezil;
    levodopa; tamoxifen; methotrexate; rituximab; remdesivir; dexamethasone; hydroxychloroquine; ivermectin; the
    vaccine; surgery; radiotherapy; chemotherapy; red meat; simvastatin; propranolol; gabapentin; oxytocin;
    naltrexone; bupropion; psilocybin; memantine; topiramate; clozapine; the new compound; light therapy;
    electroconvulsive therapy
    """
)
OUTCOMES = wordings(
    """
    mortality; blood pressure; body weight; pain; the length of stay in hospital; heart rate; blood sugar; sleep
    quality; anxiety; depressive symptoms; inflammation; survival; fatigue; bone density; muscle strength; cognitive
    decline; memory; the number of relapses; seizure frequency; nausea; bleeding; quality of life; suicidal
    thoughts; hair loss; appetite; liver enzymes; tumour growth; glutamate release; synaptic plasticity; cell death;
    gene expression; reaction time
    """
)


def frame_pairs(names: "Names", chosen: slice, rng: random.Random, times: int) -> Iterator[Example]:
    """One position twice supports, two positions refute, and with another drug, disease, outcome or scope neither."""
    for frame in FRAMES * times:
        things = names.draw(rng)
        one, same = (rng.choice(frame.one[chosen]) for _ in range(2))
        other, same_other = (rng.choice(frame.other[chosen]) for _ in range(2))
        sides = [(one, same), (other, same_other)]
        for left, right in sides:
            yield ordered(said(left, things, rng), said(right, things, rng), SUPPORTS, rng)
        for left, right in ((one, other), (same, same_other)):
            yield ordered(said(left, things, rng), said(right, things, rng), REFUTES, rng)
        for left, right in ((one, other), rng.choice(sides)):
            changed = names.other(things, left, right, rng)
            yield ordered(said(left, things, rng), said(right, changed, rng), NEUTRAL, rng)
        here, there = rng.sample(rng.choice(SCOPES), 2)
        first, second = said(one, things, rng), said(other, things, rng)
        yield ordered(with_scope(first, here, rng), with_scope(second, there, rng), NEUTRAL, rng)
        yield ordered(with_scope(first, here, rng), with_scope(second, here, rng), REFUTES, rng)
        left, right = rng.sample([one, other], 2)
        yield ordered(said(rng.choice(VIEWS) + left, things, rng), said(right, things, rng), NOT_REFUTES, rng)
        yield ordered(said(rng.choice(AIMS) + left, things, rng), said(right, things, rng), NEUTRAL, rng)
        yield ordered(said(rng.choice(AIMS) + left, things, rng), said(left, things, rng), NEUTRAL, rng)


AMOUNTS = [  # the same figure in several wordings
    wordings(ways)
    for ways in """
the usual dose of {e} is {n} mg a day; {e} is taken at {n} mg daily; patients take {n} mg of {e} each day

the maximum dose of {e} is {n} mg; no more than {n} mg of {e} should be taken; {e} is limited to {n} mg

{d} affects about {n} in 100,000 people; the prevalence of {d} is {n} per 100,000; of 100,000 people {n} have
{d}

{e} acts within {n} hours; the effect of {e} begins after {n} hours; it takes {n} hours until {e} works

the effect of {e} lasts {n} days; the benefit of {e} is gone after {n} days; {e} works for {n} days

the half-life of {e} is {n} hours; {e} is eliminated with a half-life of {n} hours; half of the {e} is gone
after {n} hours

people with {d} live {n} years on average; the mean survival in {d} is {n} years; average survival with {d} is
{n} years

{d} begins at the age of {n} years; the onset of {d} is at {n} years; people get {d} when they are {n}

{n} percent of people with {d} respond to {e}; {e} helps {n}% of patients with {d}; the response rate to {e} in
{d} is {n}%

treatment of {d} takes {n} weeks; {d} is treated for {n} weeks; a course of treatment for {d} lasts {n} weeks
""".strip().split("\n\n")
]


def amount_pairs(names: "Names", rng: random.Random, times: int) -> Iterator[Example]:
    """One figure in two wordings supports, another figure refutes, a figure for something else is neutral."""
    for ways in AMOUNTS * times:
        things = names.draw(rng) | {"n": str(rng.choice([2, 3, 5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90]))}
        left, right = rng.choice(ways), rng.choice(ways)
        differs = things | {"n": str(max(1, round(int(things["n"]) * rng.choice([0.2, 0.3, 0.5, 2, 3, 5, 8]))))}
        if differs["n"] == things["n"]:
            continue
        yield ordered(said(left, things, rng), said(right, things, rng), SUPPORTS, rng)
        yield ordered(said(left, things, rng), said(right, differs, rng), REFUTES, rng)
        yield ordered(said(left, things, rng), said(right, names.other(differs, left, right, rng), rng), NEUTRAL, rng)
        stray = rng.choice(rng.choice([other for other in AMOUNTS if other is not ways]))
        yield ordered(said(left, things, rng), said(stray, differs, rng), NEUTRAL, rng)


def said(frame: str, things: dict[str, str], rng: random.Random) -> str:
    """A frame filled in as a sentence, sometimes behind a lead."""
    text = (rng.choice(LEADS) if rng.random() < 0.25 else "") + frame.format(**things)
    return text[0].upper() + text[1:] + "."


class Names(NamedTuple):
    """Things to speak of: e (what acts), o (outcomes), d (diseases), t (targets), g (organs)."""

    e: Sequence[str]
    o: Sequence[str]
    d: Sequence[str]
    t: Sequence[str]
    g: Sequence[str]

    def draw(self, rng: random.Random) -> dict[str, str]:
        return {slot: rng.choice(options) for slot, options in self._asdict().items()}

    def other(self, things: dict[str, str], left: str, right: str, rng: random.Random) -> dict[str, str]:
        """The same things but for one that both frames speak of."""
        slot = rng.choice([s for s in self._fields if f"{{{s}}}" in left and f"{{{s}}}" in right])
        options = [name for name in getattr(self, slot) if not words_of(name) & words_of(things[slot])]
        return things | {slot: rng.choice(options)}


def names_from(pages: Rows) -> Names:
    """Diseases are the titles of pages; the rest are the words above."""
    diseases = [page["title"] for page in pages if len(page["title"].split()) <= 4]
    return Names(DRUGS, OUTCOMES, diseases, TARGETS, ORGANS)


def framed(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """Frames without their last wordings, which are kept to measure with."""
    pages = [page for page in rows if digit(page["_id"]) < HELD_OUT]
    yield from frame_pairs(names_from(pages), slice(-1), rng, times=60)
    yield from amount_pairs(names_from(pages), rng, times=80)


CLAIMS = {
    "increased": wordings(
        "{i} increased {o} compared with {c}; {o} was higher with {i} than with {c}; {i} raises {o}; more {o} with {i}"
    ),
    "decreased": wordings(
        "{i} reduced {o} compared with {c}; {o} was lower with {i} than with {c}; {i} lowers {o}; less {o} with {i}"
    ),
    "no_difference": wordings(
        "{i} did not affect {o} compared with {c}"
        "; there was no difference in {o} between {i} and {c}"
        "; {i} had no significant effect on {o}"
        "; {o} was similar with {i} and {c}"
    ),
}


def trial_claims(rows: Rows, rng: random.Random) -> Iterator[Example]:
    return direction_claims([row for row in rows if row["split"] == "train"], rng)


def direction_claims(rows: Rows, rng: random.Random) -> Iterator[Example]:
    """What a trial found, said as a claim: the found direction supports, another refutes, and the evidence for
    another outcome of the same trial says neither (Lehman et al. 2019, arXiv:1904.01606)."""
    trials = defaultdict(list)
    for row in rows:
        trials[row["pmcid"]].append(row)
    for row in rows:
        evidence, wrong = rng.choice(row["evidence"]), rng.choice([d for d in CLAIMS if d != row["label"]])
        right, against = claim_of(row, row["label"], rng), claim_of(row, wrong, rng)
        yield Example(focused(evidence, right), right, SUPPORTS)
        yield Example(focused(evidence, against), against, REFUTES)
        yield ordered(right, claim_of(row, row["label"], rng), SUPPORTS, rng)
        yield ordered(right, against, REFUTES, rng)
        for other in rng.sample(trials[row["pmcid"]], 1):
            if not words_of(other["outcome"]) & words_of(row["outcome"] + evidence):
                elsewhere = claim_of(other, rng.choice(list(CLAIMS)), rng)
                yield Example(focused(evidence, elsewhere), elsewhere, NEUTRAL)
                yield ordered(right, elsewhere, NEUTRAL, rng)


def claim_of(row: dict, direction: str, rng: random.Random) -> str:
    parts = {slot[0]: row[slot].strip() for slot in ("intervention", "outcome", "comparator")}
    parts = {slot: part[0].lower() + part[1:] if part[1:2].islower() else part for slot, part in parts.items()}
    text = rng.choice(CLAIMS[direction]).format(**parts)
    return text[0].upper() + text[1:] + "."


JUDGE_SOURCES = (
    Source("stance/snli_cad_revised_train", "Apache-2.0", stances, 5_000),
    Source("stance/snli_cad_original_train", "CC BY-SA 4.0", stances, 1_000),
    Source("stance/snli_dev", "CC BY-SA 4.0", stances, 3_500),
    Source("stance/mnli_taxinli_mnli_train", "C-UDA 1.0", stances, 2_344),
    Source("stance/mnli_taxinli_mnli_dev", "C-UDA 1.0", stances, 5_000),
    Source("stance/conjnli_adv_train", "MIT", stances, 1_200),
    Source("stance/control_train", "MIT", stances, 600),
    Source("stance/semfrag_negation_train", "MIT", stances, 300),
    Source("stance/semfrag_comparative_train", "MIT", stances, 300),
    Source("stance/fever_dev", "CC BY-SA 3.0", stances, 3_000),
    Source("stance/fever_dev", "CC BY-SA 3.0", mismatched, 1_500),
    Source("stance/fm2_dev", "Apache-2.0", stances, 1_169),
    Source("stance/fever_symmetric_dev", "CC BY-SA 3.0", stances, 708),
    Source("stance/checkcovid_train", "MIT", news_train, 1_068),
    Source("stance/citationintegrity_train", "MIT", stances, 600),
    Source("stance/evidence_inference", "MIT", trial_claims, 5_000),
    Source("relevance/bioasq_train", "CC BY 2.5", bioasq_pairs, 14_000),
    Source("retrieval/medquad/pages", "CC BY 4.0", medquad_pairs, 8_000),
    Source("retrieval/medquad/pages", "CC BY 4.0", framed, 10_000),
)


def train_judge(data: Path, out: Path) -> None:
    model = train(gather(JUDGE_SOURCES, data), STANCES, out, epochs=1, max_tokens=112)
    made = made_pairs(data, random.Random(SEED))
    news = [
        Example(row["evidence"], row["claim"], STANCES.index(row["label"]))
        for row in rows_of(data, "stance/checkcovid_train")
        if digit(row["id"]) >= HELD_OUT
    ]
    model = tempered(model, [e for examples in made.values() for e in examples if e.label < len(STANCES)] + news)
    for name, examples in made.items():
        report_made(name, model, examples)
    for name in ("checkcovid_dev", "healthver_dev", "xnli_en_dev"):
        report_stances(name, model, rows_of(data, f"stance/{name}"))
    report_stances("scifact_dev", model, with_abstracts(rows_of(data, "stance/scifact_dev"), data))
    for name in ("pairs_bioclaim_val", "pairs_healthver_dev"):
        report_disagreement(name, model, rows_of(data, f"disagreement/{name}"))


def made_pairs(data: Path, rng: random.Random) -> dict[str, list[Example]]:
    """Pairs made as for training, from questions, pages, diseases and trials that were not trained on."""
    pages = rows_of(data, "retrieval/medquad/pages")
    fresh = names_from([page for page in pages if digit(page["_id"]) >= HELD_OUT])
    trials = [row for row in rows_of(data, "stance/evidence_inference") if row["split"] == "validation"]
    made = {
        "bioasq dev questions": list(bioasq_pairs(rows_of(data, "relevance/bioasq_dev"), rng)),
        "medquad, held-out pages": list(page_pairs(medquad_pages(pages, held_out=True), rng)),
        "frames, held-out diseases": list(frame_pairs(fresh, slice(None), rng, times=5)),
        "amounts, held-out diseases": list(amount_pairs(fresh, rng, times=8)),
        "trials, validation": list(direction_claims(trials, rng)),
    }
    return {name: rng.sample(examples, min(1_500, len(examples))) for name, examples in made.items()}


def with_abstracts(rows: Rows, data: Path) -> Rows:
    """Neutral SciFact rows name an abstract instead of evidence: its sentences most like the claim stand in."""
    abstracts = {doc["_id"]: doc["text"] for doc in rows_of(data, "retrieval/scifact/corpus")}
    return [row | {"evidence": row["evidence"] or focused(abstracts[row["cited"][0]], row["claim"])} for row in rows]


def both_orders(model: PairModel, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """float32 of shape (n,): the mean probability of a contradiction over both orders."""
    reverse = [(b, a) for a, b in pairs]
    return (model.probabilities(pairs)[:, REFUTES] + model.probabilities(reverse)[:, REFUTES]) / 2


def report_made(name: str, model: PairModel, examples: Sequence[Example]) -> None:
    """How many contradictions are found, how many other pairs are called one, and what the claim alone gives away."""
    warned = both_orders(model, [(e.first, e.second) for e in examples]) >= 0.5
    alone = model.probabilities([("", e.second) for e in examples])[:, REFUTES]
    labels = np.array([e.label for e in examples])
    for kind, label in (("refutes", REFUTES), ("supports", SUPPORTS), ("agree", NOT_REFUTES), ("neutral", NEUTRAL)):
        if np.any(labels == label):
            log.info("%s: %.3f of %d %s warned of", name, warned[labels == label].mean(), np.sum(labels == label), kind)
    log.info("%s: contradiction AUC from the claim alone %.3f", name, auc(alone, labels == REFUTES))


def report_stances(name: str, model: PairModel, rows: Rows) -> None:
    found = model.probabilities([(focused(row["evidence"], row["claim"]), row["claim"]) for row in rows])
    truth = np.array([STANCES.index(row["label"]) for row in rows])
    f1, area = macro_f1(found.argmax(axis=1), truth), auc(found[:, REFUTES], truth == REFUTES)
    log.info("%s: macro-F1 %.3f, contradiction AUC %.3f, n = %d", name, f1, area, len(rows))


def report_disagreement(name: str, model: PairModel, rows: Rows) -> None:
    rows = [row for row in rows if row["label"] in ("agree", "disagree")]
    scores = both_orders(model, [(focused(row["a"], row["b"]), focused(row["b"], row["a"])) for row in rows])
    truth = np.array([row["label"] == "disagree" for row in rows])
    log.info("%s: disagree against agree, AUC %.3f, n = %d", name, auc(scores, truth), len(rows))


def macro_f1(found: np.ndarray, truth: np.ndarray) -> float:
    """The mean over labels of 2 hits / (times found + times true)."""
    hits = np.array([np.sum((found == k) & (truth == k)) for k in range(len(STANCES))])
    return float(np.mean(2 * hits / (np.bincount(found, minlength=3) + np.bincount(truth, minlength=3))))


if __name__ == "__main__":
    run("judge", __doc__, train_judge)
