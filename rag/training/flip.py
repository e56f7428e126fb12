"""A sentence turned round, or said a little differently: training and test pairs from real sentences.

A flip changes one thing that the sentence says: a word for its opposite, a negation put in or taken out, a number
made several times larger or smaller. The rest of the sentence stays, so that nothing but the meaning tells.
"""

import random
import re

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


def directions(text: str) -> set[str]:
    """The first word of every word family with a direction in the text."""
    found = [w for w in WORD.findall(text.lower()) if w in LEXICON]
    return {min([w, *LEXICON[w][0]]) for w in found}


def opposites(text: str) -> set[str]:
    found = [w for w in WORD.findall(text.lower()) if w in LEXICON]
    return {min(LEXICON[w][1]) for w in found}
