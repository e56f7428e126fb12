"""The figures of a sentence: amounts, durations, shares, multiples, years and counts, as ranges in a base unit.

Figures in words are read too ("one in five", "two thirds", "half an hour", "nearly all"). What cannot be read is left
out: a figure that is not seen compares with nothing.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index import stems
from index.lexical import STOP_WORDS, WORD

APART = 1.5
"""By how much the higher of two figures exceeds the lower, at least, where they differ: less is rounding."""
ROUNDED = 1.1
"""By how much the higher of two figures exceeds the lower, at most, where they are the same."""
ABOUT = 4 / 3
"""How far "about" widens a figure to either side."""
YEARS_APART = 2
COUNTED_WORDS = 2
"""How many words after a bare number may name what is counted."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A range in the base unit of its dimension (hours, mg, percent …); of a bare number ``counted`` says what of."""

    dimension: str
    low: float
    high: float
    counted: frozenset[str] = frozenset()

    def compares(self, other: "Quantity") -> bool:
        return self.dimension == other.dimension and (
            self.counted == other.counted or bool(self.counted & other.counted)
        )

    def is_apart(self, other: "Quantity") -> bool:
        """Whether the two ranges differ by more than rounding does."""
        low, high = sorted((self, other), key=lambda q: (q.high, q.low))
        if self.dimension == "year":
            return high.low - low.high >= YEARS_APART
        return high.low >= APART * low.high

    def overlaps(self, other: "Quantity") -> bool:
        return max(self.low, other.low) <= min(self.high, other.high) * (1 if self.dimension == "year" else ROUNDED)


def figures_differ(a: Sequence[Quantity], b: Sequence[Quantity]) -> bool:
    """Whether figures of one kind stand on both sides and none of them is the same."""
    comparable = [(p, q) for p in a for q in b if p.compares(q)]
    return bool(comparable) and all(p.is_apart(q) for p, q in comparable)


def figures_match(a: Sequence[Quantity], b: Sequence[Quantity]) -> bool:
    """Whether the same figure stands on both sides."""
    return any(p.compares(q) and p.overlaps(q) for p in a for q in b)


ASKED = (
    (
        "time",
        re.compile(
            r"\bhow (?:long|soon|quick(?:ly)?|fast)\b|\bhow many (?:minute|hour|day|week|month|year)s\b"
            r"|\bduration\b",
            re.IGNORECASE,
        ),
    ),
    (
        "mass",
        re.compile(r"\bdos(?:e|es|age)\b|\bhow much\b|\bhow many (?:m?g|mcg|(?:micro|milli)?grams?)\b", re.IGNORECASE),
    ),
    ("percent", re.compile(r"\bhow (?:many|common|often)\b|\b(?:percentage|proportion|share)\b", re.IGNORECASE)),
)


def asked_dimension(question: str) -> str | None:
    """The dimension of the figure that a question asks for: "time" of "How long does it last?"."""
    return next((dimension for dimension, pattern in ASKED if pattern.search(question)), None)


# -- numbers in words and digits ---

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SMALL = {word: n for n, word in enumerate(ONES)} | {word: 10 * n for n, word in enumerate(TENS, 2)}
GROUPS = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9}
VAGUE: dict[str, tuple[float, float]] = {
    "a couple of": (2, 2),
    "a few": (2, 5),
    "few": (2, 5),
    "several": (3, 11),
    "a dozen": (12, 12),
    "dozens of": (24, 100),
    "a": (1, 1),
    "an": (1, 1),
    "half": (0.5, 0.5),
}
PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7}
PARTS |= {"eighth": 8, "ninth": 9, "tenth": 10, "twentieth": 20, "hundredth": 100}

NAMES = "|".join(sorted([*SMALL, *GROUPS], key=len, reverse=True))
IN_WORDS = rf"(?:(?:{NAMES})(?:(?:[\s-]+|(?<=hundred) and |(?<=thousand) and )(?=(?:{NAMES})\b))?)+\b"
DIGITS = r"\d+(?:[,\u202f ]\d{3})*(?:\.\d+)?(?:\s*(?:thousand|million|billion)\b)?"
NUMBER = rf"(?:{DIGITS}|\b{IN_WORDS})"
LOOSE = rf"(?:{NUMBER}|\b(?:{'|'.join(VAGUE)})\b)"
PART = rf"(?:half|(?P<parts>an?|one|two|three|four|five|six|seven|eight|nine)[\s-]+(?P<part>{'|'.join(PARTS)})s?)"


def value(text: str) -> float:
    """A number in digits or words: ``value("two hundred and five")`` is 205.0."""
    total = group = 0.0
    for word in re.findall(r"[\d.,\u202f ]*\d|[a-z]+", text.lower()):
        if word[0].isdigit():
            group += float(re.sub(r"[,\u202f ]", "", word))
        elif word in SMALL:
            group += SMALL[word]
        elif word == "hundred":
            group = (group or 1) * 100
        elif word in GROUPS:
            total, group = total + (group or 1) * GROUPS[word], 0.0
    return total + group


# -- with units ---

UNITS: dict[str, tuple[str, float]] = {
    "seconds?": ("time", 1 / 3600),
    "milliseconds?|ms": ("time", 1 / 3.6e6),
    "minutes?|mins?": ("time", 1 / 60),
    "hours?|hrs?": ("time", 1),
    "days?": ("time", 24),
    "nights?": ("time", 24),
    "weeks?": ("time", 168),
    "fortnights?": ("time", 336),
    "months?": ("time", 730),
    "years?": ("time", 8766),
    "decades?": ("time", 87_660),
    "(?:century|centuries)": ("time", 876_600),
    "%|percent|per cent|percentage points?": ("percent", 1),
    "(?:mcg|µg|μg|micrograms?)": ("mass", 0.001),
    "(?:mg|milligrams?)": ("mass", 1),
    "(?:g|grams?)": ("mass", 1_000),
    "(?:kg|kilograms?|kilos?)": ("mass", 1e6),
    "(?:lbs?|pounds?)": ("mass", 453_592),
    "ounces?": ("mass", 28_350),
    "tonn?es?": ("mass", 1e9),
    "mg/kg": ("dose by weight", 1),
    "(?:iu|international units?|units)": ("units", 1),
    "(?:ml|millilitres?|milliliters?)": ("volume", 0.001),
    "(?:litres?|liters?|l)": ("volume", 1),
    "(?:nm|nanometres?|nanometers?)": ("length", 1e-9),
    "(?:mm|millimetres?|millimeters?)": ("length", 0.001),
    "(?:cm|centimetres?|centimeters?)": ("length", 0.01),
    "(?:m|metres?|meters?)": ("length", 1),
    "(?:km|kilometres?|kilometers?)": ("length", 1_000),
    "miles?": ("length", 1_609),
    "(?:kcal|kilocalories|calories)": ("energy", 1),
    "(?:kj|kilojoules?)": ("energy", 0.239),
    "(?:mmol/l|millimoles? per lit(?:re|er))": ("concentration", 1),
    "(?:mmhg|mm hg)": ("pressure", 1),
    "(?:times|-?fold)": ("times", 1),
}
UNIT = "|".join(f"(?P<u{i}>{unit})" for i, unit in enumerate(UNITS))
MEASURING = frozenset(
    stem
    for word in "second minute hour day week month year percent mg mcg gram kg litre".split()
    for stem in stems(word)
)
BELOW = r"up to|no more than|not more than|at most|within|under|less than|fewer than|below|a maximum of|no longer than"
ABOVE = r"at least|more than|over|above|no less than|a minimum of|upwards of|longer than|well over|in excess of"
NEAR = (
    r"about|around|approximately|roughly|nearly|almost|some|close to|something like|an estimated|just over|just under"
)
BOUND = rf"(?:\b(?:(?P<below>{BELOW})|(?P<above>{ABOVE})|(?P<near>{NEAR}))\s+)?"
BETWEEN = r"\s*(?:-|–|—|to|and|or)\s*"

FREE = r"(?<![\w-])"
"""Where no name ends in the number: "COVID-19", "IL-6"."""
RATIO = re.compile(
    rf"{BOUND}{FREE}(?P<low>{NUMBER})\s+(?:\w+\s+){{0,2}}?(?:in|of|out of)(?:\s+every)?"
    rf"\s+(?P<high>{NUMBER})(?!\s*(?:{UNIT})\b)",
    re.IGNORECASE,
)
MEASURED = re.compile(
    rf"{BOUND}(?:\b(?P<from>{LOOSE}){BETWEEN})?\b(?P<to>{LOOSE})[\s-]*(?:{UNIT})(?![\w/])", re.IGNORECASE
)
PART_OF_UNIT = re.compile(rf"{BOUND}\b{PART}\s+(?:of\s+)?an?\s+(?:{UNIT})\b", re.IGNORECASE)
SHARE = re.compile(rf"{BOUND}\b{PART}\b(?!\s*-?\s*(?:life|lives|dose|an?|marathon))", re.IGNORECASE)
SAID: dict[str, tuple[str, float, float]] = {
    r"(?:nearly|almost|virtually|practically) (?:all|every\w*)|(?:vast|great|overwhelming) majority": (
        "percent",
        80,
        100,
    ),
    r"(?<!the )most (?:of|people|patients|women|men|adults|children|cases)|majority": ("percent", 50, 100),
    r"minority": ("percent", 0, 50),
    r"(?:hardly|scarcely) any|(?:nearly|almost|virtually) (?:no|none)|very few": ("percent", 0, 10),
    r"twice|doubl\w+|twofold": ("times", 2, 2),
    r"trebl\w+|tripl\w+|threefold|thrice": ("times", 3, 3),
    r"quadrupl\w+|fourfold": ("times", 4, 4),
}
"""Words that are a figure by themselves."""
PERIOD = r"(?:days?|weeks?|months?|years?|decades?|century|centuries)"
WATCHED = re.compile(
    rf"\b(?:the|these) (?:past|last|next|previous|preceding) {LOOSE}[\s-]*{PERIOD}\b"
    rf"|{LOOSE}[\s-]*{PERIOD} (?:ago|later|earlier|old|of age)\b|{NUMBER}-year-olds?\b",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?<![\d.,])(1[5-9]\d\d|20\d\d)(?P<decade>s)?(?![\d%]|[.,]\d)")
BARE = re.compile(rf"{BOUND}{FREE}(?P<low>{NUMBER})(?:{BETWEEN}(?P<high>{NUMBER}))?(?![\w%/.]|,\d)", re.IGNORECASE)


def read_quantities(text: str) -> Iterator[Quantity]:
    """The figures of a text, each piece of it read once, the most telling reading first.

    How long something was watched, or when it was ("over the past 50 years", "ten years ago"), says nothing of it.
    """
    free = WATCHED.sub(lambda found: "\0" * len(found[0]), text)
    for pattern, read in READINGS:
        for found in list(pattern.finditer(free)):
            if quantity := read(found):
                yield quantity
                free = free[: found.start()] + "\0" * len(found[0]) + free[found.end() :]


def _bounded(found: re.Match[str], low: float, high: float | None = None) -> tuple[float, float]:
    high = low if high is None else high
    if found["below"]:
        return 0.0, high
    if found["above"]:
        return low, math.inf
    return (low / ABOUT, high * ABOUT) if found["near"] else (low, high)


def _unit(found: re.Match[str]) -> tuple[str, float]:
    return next(unit for i, unit in enumerate(UNITS.values()) if found[f"u{i}"])


def _measured(found: re.Match[str]) -> Quantity:
    dimension, factor = _unit(found)
    low, high = _loose(found["from"] or found["to"])[0], _loose(found["to"])[1]
    return Quantity(dimension, *_bounded(found, low * factor, high * factor))


def _loose(text: str) -> tuple[float, float]:
    return VAGUE.get(text.lower()) or (value(text),) * 2


def _ratio(found: re.Match[str]) -> Quantity | None:
    some, all_ = value(found["low"]), value(found["high"])
    if not some < all_ or YEAR.fullmatch(found["high"]):
        return None
    return Quantity("percent", *_bounded(found, 100 * some / all_))


def _part(found: re.Match[str]) -> float:
    if not found["part"]:
        return 0.5
    return (SMALL.get(found["parts"].lower()) or 1) / PARTS[found["part"].lower()]


def _part_of_unit(found: re.Match[str]) -> Quantity:
    dimension, factor = _unit(found)
    return Quantity(dimension, *_bounded(found, _part(found) * factor))


def _share(found: re.Match[str]) -> Quantity:
    return Quantity("percent", *_bounded(found, 100 * _part(found)))


def _year(found: re.Match[str]) -> Quantity:
    year = float(found[1])
    return Quantity("year", year, year + 9 if found["decade"] else year)


def _bare(found: re.Match[str]) -> Quantity | None:
    after = [word[0].lower() for word in WORD.finditer(found.string[found.end() : found.end() + 60])]
    counted = [s for word in after[:COUNTED_WORDS] if word not in STOP_WORDS for s in stems(word)]
    low, high = _bounded(found, value(found["low"]), value(found["high"] or found["low"]))
    return Quantity("count", low, high, frozenset(counted)) if counted else None


READINGS = (
    (RATIO, _ratio),
    (PART_OF_UNIT, _part_of_unit),
    (MEASURED, _measured),
    *((re.compile(rf"\b(?:{words})\b", re.IGNORECASE), lambda _, q=q: Quantity(*q)) for words, q in SAID.items()),
    (SHARE, _share),
    (YEAR, _year),
    (BARE, _bare),
)
