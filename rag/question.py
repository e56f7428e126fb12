"""What a person asked, made into what the index can be asked.

Refuses what is no question, resolves a follow-up with the question before it, and puts right misspelled words
that some document spells one letter differently. Understands no language: it counts and compares words.
"""

import re
from collections import Counter
from collections.abc import Sequence

from index import Index, content_stems
from index.errors import BadQuestion
from index.lexical import STOP_WORDS, WORD
from index.read import without_surrogates

MAX_LETTERS = 2_000
MAX_HISTORY = 20
SPELLING_LETTERS = 5
SMALL_WORDS = sorted(word for word in STOP_WORDS if len(word) > 2)

PRONOUN = re.compile(
    r"\b(its|their|his|her|it|they|them|he|she|(?:that|this|these|those)(?=\s*\?|\s+(?:drug|medicine|treatment|effect)))\b",
    re.IGNORECASE,
)
CONTINUES = re.compile(r"\s*(?:and\b|but\b|so\b|or\b|what about|how about|what else|why\s*\?*$)", re.IGNORECASE)
POSSESSIVE = {"its", "their", "his", "her"}
BARE_VERBS = frozenset(
    content_stems(
        "work works affect cause help use used mean do does make happen know known say treat act take taken get"
        " give given effective good bad best safe new people patients effects effect difference role main"
    )
)
YES_NO = re.compile(
    r"\s*(?:and |but |so |or )?(?:is|are|was|were|do|does|did|can|could|should|shall|will|would|has|have|had|may|might"
    r"|must|isn't|aren't|don't|doesn't|didn't|can't)\b(?!.*\bor\b)",
    re.IGNORECASE,
)
OPEN = re.compile(r"\s*(?:how|what|which|who|whom|whose|when|where|why|tell|explain|describe|list|define)\b", re.I)
FINITE = re.compile(
    r"\w\s+(?:\w+ly\s+)?(?:is|are|was|were|has|have|had|can|cannot|could|may|might|must|should|will|would|do|does|did"
    r"|increas(?:es|ed)|decreas(?:es|ed)|reduc(?:es|ed)|lower(?:s|ed)|rais(?:es|ed)|caus(?:es|ed)|prevent(?:s|ed)"
    r"|improv(?:es|ed)|worsen(?:s|ed)|protect(?:s|ed)|help(?:s|ed)|block(?:s|ed)|lead(?:s)?|led|work(?:s|ed)"
    r"|shorten(?:s|ed)|affect(?:s|ed)|relieve(?:s|d)|treat(?:s|ed)|\w{3,}(?:ates|izes|ises|ifies|ens))\b(?=\s+\w|\.?$)",
    re.IGNORECASE,
)
"""What makes a line without a question mark a claim rather than search words: something that looks like its verb."""
QUANTITY = re.compile(
    r"\bhow (?:many|much|long|often|old|fast|quickly|soon|far|large|big|high)\b"
    r"|\b(?:what|which) (?:\w+ ){0,4}(?:dos(?:e|es|age)|price|cost|half-life|percentage|proportion|year|date)\b"
    r"|\bwhat (?:should|is|are) (?:my|the|a|your) (?:\w+ ){0,3}(?:levels?|temperature)\b"
    r"|\bin (?:mg|mcg|g|ml|%|percent)\b|\bm?g/kg\b|\bwhen (?:was|were|did)\b"
    r"|\bwhat (?:year|date|percentage|age)\b",
    re.IGNORECASE,
)
NAMES_QUANTITY = re.compile(
    r"\b(?:dos(?:e|es|age)|price|cost|half-life|percentage|proportion|incidence|prevalence|rate|number)"
    r" (?:of|for|in|is)\b"
    r"|\b(?:maximum|max|minimum|starting|usual|recommended|normal|daily) (?:\w+ ){0,3}(?:dos(?:e|es|age)|levels?|intake"
    r"|limit)\b",
    re.IGNORECASE,
)
"""Asks for a number too, unless it asks how or why, or for yes or no: "How does the dose of ketamine matter?"."""
HOW_OR_WHY = re.compile(r"\s*(?:how|why)\b", re.IGNORECASE)
OF_TIME = re.compile(
    r"\bhow (?:long|often|old|fast|quickly|soon)\b|\bwhen\b|half-life|\b(?:year|date|age)\b|\bhow many (?:\w+ )?"
    r"(?:minutes|hours|days|weeks|months|years|times)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred|thousand|half|third"
    r"|quarter|twice|once|several|few"
    r"|one (?:tablet|capsule|dose|cup|injection|in|of every|hour|day|week|month|year|third|quarter))\b",
    re.IGNORECASE,
)
TIME = re.compile(
    rf"{NUMBER.pattern}|\b(?:daily|weekly|monthly|hourly|hours?|days?|weeks?|months?|years?|minutes?|seconds?"
    r"|immediately|overnight|lifelong)\b",
    re.IGNORECASE,
)


def check(question: str) -> str:
    """The question on one line. Raises BadQuestion when it is empty or too long."""
    if len(question) > MAX_LETTERS:
        raise BadQuestion(f"The question has {len(question):,} characters; {MAX_LETTERS:,} is the most. Shorten it.")
    line = _line(question)
    if not WORD.search(line):
        raise BadQuestion("There is no question: type one, such as “How does ketamine work?”")
    return line


def _line(question: str) -> str:
    return " ".join(without_surrogates(question).split())


def asks_for_number(question: str) -> bool:
    """Whether only a sentence with a number in it can answer: "how many", "what dose", "when was".

    >>> asks_for_number("What is the recommended dose in mg/kg?")
    True
    """
    if QUANTITY.search(question):
        return True
    otherwise = HOW_OR_WHY.match(question) or YES_NO.match(question)
    return not otherwise and NAMES_QUANTITY.search(question) is not None


def lacks_number(question: str, text: str) -> bool:
    """Whether a number is asked for and a text has none of its kind.

    >>> [lacks_number(asked, "It works within weeks.") for asked in ("What dose is given?", "How soon does it work?")]
    [True, False]
    """
    if not asks_for_number(question):
        return False
    return (TIME if OF_TIME.search(question) else NUMBER).search(text) is None


def can_be_answered_with_yes(question: str) -> bool:
    """Whether a question asks for yes or no, or is a claim to be checked.

    >>> [can_be_answered_with_yes(asked) for asked in ("Does zinc shorten colds?", "Zinc shortens colds", "zinc colds")]
    [True, True, False]
    """
    return YES_NO.match(question) is not None or is_claim(question)


def is_claim(question: str) -> bool:
    """Whether what was asked is an assertion: it has a verb and asks nothing."""
    asks = question.rstrip().endswith("?") or OPEN.match(question) or YES_NO.match(question)
    return not asks and FINITE.search(question) is not None


def is_search(question: str) -> bool:
    """Whether what was asked is but words to search for: "zinc colds children"."""
    asks = "?" in question or OPEN.match(question) or YES_NO.match(question)
    return not asks and FINITE.search(question) is None


def resolve(question: str, history: Sequence[str], index: Index) -> str:
    """A follow-up with its topic put in: after "How does ketamine work?", "its side effects?" names ketamine."""
    before = ""
    for asked in [*history[-MAX_HISTORY:], question]:
        line = _line(asked)[:MAX_LETTERS]
        before = _with_topic(line, before, index) if before else line
    return before


def _with_topic(question: str, before: str, index: Index) -> str:
    own = [stem for stem in content_stems(PRONOUN.sub(" ", question)) if stem not in BARE_VERBS]
    pronoun = PRONOUN.search(question)
    if not own and not pronoun and CONTINUES.match(question):
        return before
    if not pronoun and not (CONTINUES.match(question) and len(own) <= 3):
        return question
    topic = _topic(before, index)
    if not topic or set(content_stems(topic)) & set(own):
        return question
    if pronoun is None:
        names = [word for word in WORD.findall(question) if word.lower() not in STOP_WORDS]
        if len(names) == 1 and not index.embedder.knows(names[0].lower()):
            return before.replace(topic, names[0])  # "what about riluzole?" asks the same of another
        return f"{question.rstrip(' ?')} of {topic}?"
    name = f"{topic}'s" if pronoun[0].lower() in POSSESSIVE else topic
    return question[: pronoun.start()] + name + question[pronoun.end() :]


def _topic(question: str, index: Index) -> str:
    """The word of a question that most of the passages found for it share."""
    found = index.passages([id for id, _ in index.search_lexical(question, k=20)]).values()
    counts = Counter(stem for p in found for stem in set(content_stems(f"{p.heading} {p.text}")))
    candidates = [
        word
        for word in WORD.findall(re.sub(r"['’]s\b", "", question))
        if word.lower() not in STOP_WORDS and not BARE_VERBS.intersection(content_stems(word))
    ]
    return max(candidates, key=lambda word: min((counts[s] for s in content_stems(word)), default=0), default="")


def correct(question: str, index: Index) -> str:
    """Misspelled words put right where a document has a word one letter away: "ketamin" -> "ketamine".

    A word that the embedding model knows whole, or that any document has, stays as it is, and so do capitals ("THC");
    two letters away is another word more often than a slip (escitalopram, citalopram), so one is the most.
    """
    return WORD.sub(lambda word: _corrected(word[0], index), question)


def _corrected(word: str, index: Index) -> str:
    plain = word.lower()
    if index.embedder.knows(plain) or (word.isupper() and len(word) < SPELLING_LETTERS):
        return word
    small = next((w for w in SMALL_WORDS if one_slip(plain, w)), "")
    if not small and (len(word) < SPELLING_LETTERS or not word.isalpha()):
        return word
    near: Counter[str] = Counter()
    for passage in index.search_near(plain, k=20):
        spelled = [other.lower() for other in WORD.findall(f"{passage.heading} {passage.text}")]
        if plain in spelled:
            return word
        near.update(other for other in spelled if one_slip(plain, other) and not _inflects(plain, other))
    return small or (near.most_common(1)[0][0] if near else word)


def _inflects(word: str, other: str) -> bool:
    """Whether the other is the word with an ending: "shorten", "shortens"; but "dizziness" is no "dizzines"."""
    return other == f"{word}s" and word[-1] not in "isu" or other == f"{word}d" and word[-1] == "e"


def one_slip(a: str, b: str) -> bool:
    """Whether two different words are one insertion, deletion, replacement or swap of neighbours apart.

    >>> one_slip("ketamin", "ketamine"), one_slip("glutmaate", "glutamate"), one_slip("mania", "media")
    (True, True, False)
    """
    if a == b or a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    swapped = a[start + 1 : start + 2] + a[start : start + 1] + a[start + 2 :]
    return b[start:] in (a[start + 1 :], swapped) or a[start + 1 :] == b[start + 1 :] or a[start:] == b[start + 1 :]
