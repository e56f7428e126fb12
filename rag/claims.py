"""One sentence read as a claim: what goes up or down, what is denied, what is measured, how sure, and for whom.

No grammar is parsed. Cue words from short lists are looked up, and the words before and after a cue, as far as the
clause goes, stand for its subject and object. What this cannot read it leaves out: a claim without cues compares
with nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile

from index import Sentence, stems
from index.lexical import STOP_WORDS, WORD
from rag.finding import finding
from rag.quantities import Quantity, read_quantities

Stems = frozenset[str]


@dataclass(frozen=True, slots=True)
class Effect:
    """A cue with its sides: on ``axis`` it points up (+1) or down (-1), or a negation denies that it does.

    ``name`` is the name nearest before the cue, such as a drug's; ``turned`` says that the cue itself points the other
    way: what a shortage raises, or more removal of, is less.
    """

    axis: str
    sign: int
    negated: bool
    subject: Stems
    object: Stems
    name: Stems = frozenset()
    turned: bool = False


@dataclass(frozen=True)
class Claim:
    """A sentence and what it says; ``quote`` also holds the sentence before it where it leans on that.

    ``names`` are the stems of words that stand for one thing only, such as drugs.
    """

    sentence: Sentence
    quote: Sentence
    names: Stems = frozenset()

    @cached_property
    def said(self) -> str:
        """What the judge reads: the quote on one line, its sentence without its frame."""
        before = self.quote.text[: self.sentence.start - self.quote.start]
        return " ".join(f"{before} {finding(self.sentence.line)}".split())

    @cached_property
    def words(self) -> list["Word"]:
        return list(read_words(self.sentence.text))

    @cached_property
    def stems(self) -> Stems:
        return frozenset(s for word in self.words for s in word.content)

    @cached_property
    def context(self) -> Stems:
        """What "it" may mean: the words of the sentence before, or of the heading."""
        return frozenset(s for word in self.before for s in word.content)

    @cached_property
    def before(self) -> list["Word"]:
        """The words of the sentence before, or of the heading."""
        return list(read_words(self.quote.text[: self.sentence.start - self.quote.start] or self.sentence.heading))

    @cached_property
    def effects(self) -> list[Effect]:
        return list(read_effects(self))

    @cached_property
    def quantities(self) -> list[Quantity]:
        return list(read_quantities(self.sentence.text))

    @cached_property
    def unknown(self) -> "Unknown | None":
        return read_unknown(self)

    @cached_property
    def scope(self) -> dict[str, Stems]:
        return read_scope(self.sentence.text)

    @property
    def is_mixed(self) -> bool:
        """Whether it reports findings both ways: "some studies …, while others …"."""
        return MIXED.search(self.sentence.text) is not None

    @property
    def is_attributed(self) -> bool:
        """Whether it states a view that the source need not hold: "it was once thought that …"."""
        return ATTRIBUTED.search(self.sentence.text) is not None

    @property
    def is_negative(self) -> bool:
        """Whether it holds a negation of any kind."""
        return any(is_denial(word.text) for word in self.words)

    @cached_property
    def absent(self) -> Stems:
        """The words of what it says is lacking: "without insulin, glucose rises", "in those who take no insulin"."""
        found = ABSENCE.search(self.sentence.text)
        if not found:
            return frozenset()
        behind = [word for word in read_words(self.sentence.text[found.end() :]) if word.clause == 0]
        words = [*read_words(found[0]), *behind[:ABSENT_WORDS]]
        return frozenset(s for word in words for s in word.content)

    @property
    def is_doubted_view(self) -> bool:
        """Whether it reports a view that its source need not hold, and no denial of its own."""
        return self.is_attributed and not self.is_negative

    @property
    def explains(self) -> bool:
        """Whether it says how or why: "works by …", "comes from …"."""
        return EXPLAINS.search(self.sentence.text) is not None


# -- words ---


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its stems; ``clause`` counts the clause breaks before it, ``part`` only the strong ones."""

    text: str
    stems: tuple[str, ...]
    clause: int
    part: int

    @property
    def content(self) -> tuple[str, ...]:
        """Its stems, none for a word that says nothing by itself."""
        return () if self.text in STOP_WORDS or self.text in EMPTY else self.stems


EMPTY = frozenset(
    "also may might more most much many very such some other others however thought seem seems appear appears"
    " show shown shows found find finds suggest suggests suggested report reported reports study studies"
    " research trial trials evidence effect effects level levels amount activity people patients patient"
    " person individuals drug drugs medicine medicines medication treatment treatments one first new high low"
    " not no never nor neither brain known human humans animals mice rats rodents adults usually often about"
    " only been well within group compared than because both either used use using called including major role"
    " certain several few significantly markedly strongly slightly substantially mean overall conclude total"
    " associated linked related risk itself themselves alone".split()
)
STRONG_BREAK = frozenset("but while whereas although though yet however".split())
WEAK_BREAK = frozenset("which that who because by when if since unless until where".split())
BREAK = re.compile(r"[,;:.()\[\]—–]|\s-\s")


def read_words(text: str) -> Iterator[Word]:
    clause = part = end = 0
    for found in WORD.finditer(text):
        word, gap = found[0].lower().replace("’", "'"), text[end : found.start()]
        clause += bool(BREAK.search(gap)) or word in STRONG_BREAK or word in WEAK_BREAK
        part += ";" in gap or word in STRONG_BREAK
        end = found.end()
        yield Word(word, stems(word.removesuffix("'s")), clause, part)


# -- direction and negation ---

ADVICE, LINK = "advice", "link"
AXES: dict[str, tuple[str, str]] = {
    "amount": (
        r"increas\w*|rais(?:e|es|ed|ing)|ris(?:e|es|ing|en)|rose|elevat\w*|higher|greater|boost\w*|enhanc\w*"
        r"|heighten\w*|grow(?:s|n)?|grew|up-?regulat\w*|potentiat\w*|stimulat\w*|promot(?:e|es|ed|ing)"
        r"|strengthen\w*|excess\w*|doubl(?:es|ed)|longer|faster|more",
        r"decreas\w*|reduc\w*|lower(?:s|ed|ing)?|diminish\w*|declin\w*|fall(?:s|ing|en)?|fell|drop(?:s|ped|ping)?"
        r"|less|fewer|suppress\w*|inhibit\w*|attenuat\w*|deplet\w*|dampen\w*|blunt\w*|down-?regulat\w*|weaken\w*"
        r"|deficien\w*|lack\w*|halv(?:es|ed)|shorter|slower|cut(?:s|ting)?|prevent\w*|protect\w*",
    ),
    "benefit": (
        r"improv\w*|reliev\w*|alleviat\w*|help(?:s|ed|ing|ful)?|effective(?:ly)?|efficacious|beneficial|benefit(?:s|ed)?"
        r"|eas(?:e|es|ed|ing)|better|superior|safe|works?|worked|well-tolerated|useful",
        r"worsen\w*|aggravat\w*|exacerbat\w*|harm(?:s|ed|ful|ing)?|ineffective|useless|worse|inferior|unsafe"
        r"|dangerous|fail(?:s|ed|ing)?",
    ),
    "effect": (
        r"activat\w*|agonists?|open(?:s|ed|ing)?|trigger\w*|induc\w*|caus(?:e|es|ed|ing)",
        r"block(?:s|ed|ing|ers?|ade)?|antagoni[sz]\w*|clos(?:e|es|ed|ing)",
    ),
    LINK: (
        r"associat(?:ed|es|ion|ions)|link(?:ed|s)?|correlat(?:ed|es|ion|ions)|tied|connected|relationship",
        r"unrelated|unconnected|independent",
    ),
    ADVICE: (
        r"recommend(?:s|ed)?|advis(?:e|es|ed|able)|prefer(?:s|red|able)?|offer(?:ed)?|choice|first-line|indicated",
        r"discourag(?:e|es|ed)|contraindicated|contra-indicated|avoid(?:ed)?|inadvisable",
    ),
}
CUES = {axis: (re.compile(up), re.compile(down)) for axis, (up, down) in AXES.items()}
NEGATORS = re.compile(r"not|no|never|n't|without|little|neither|nor|cannot|hardly|unlikely|\w+n't")
BE = frozenset("is are was were be been being become becomes became remain remains stay stays".split())
FOLLOWS_PREDICATE = frozenset("in by among than after with when during at and following for compared on".split())
REACH = 9
NEGATION_REACH = 4


def read_effects(claim: Claim) -> Iterator[Effect]:
    """Every cue with what stands before and after it, and every denied verb."""
    words = claim.words
    for i, word in enumerate(words):
        for axis, sign in directions(word.text):
            if _counts(words, i, axis):
                yield effect_at(claim, i, axis, sign)
        if is_negated(words, i) and word.content and not any(is_cue(w) for w in words[i - 1 : i + 1]):
            yield effect_at(claim, i, f"verb:{word.stems[0]}", 1)


def effect_at(claim: Claim, i: int, axis: str, sign: int) -> Effect:
    """Subject and object of the cue at word ``i``; in "X is lower in Y" the thing that changes stands before it."""
    words = claim.words
    if axis == ADVICE:
        return _advice_at(claim, i, sign)
    before, after = _before(claim, i), _after(words, i)
    too_little = _is_of_too_little(words, i)
    if _stands_behind(words, i):
        rest = [w for w in words[i + 1 : i + 1 + REACH] if w.part == words[i].part]
        too_little = any(LACKING.fullmatch(w.text) for w in rest)
        whole = frozenset(s for w in rest for s in w.content if not is_cue(w))
        before, after = whole if too_little else after, before
    turned = axis == "amount" and too_little != bool(after & USED_UP)
    name, denied = _nearest_name(claim, i), is_negated(words, i)
    return Effect(axis, -sign if turned else sign, denied, before, after - USED_UP, name, turned)


def _advice_at(claim: Claim, i: int, sign: int) -> Effect:
    """What is advised or advised against as the subject, and what for, where that is said, as the object."""
    words = claim.words
    is_active = not any(w.text in BE or w.text == "of" for w in words[max(0, i - 4) : i]) and i + 1 < len(words)
    rest = [w for w in words[i + 1 : i + 1 + REACH] if w.clause == words[i].clause]
    end = next((n for n, w in enumerate(rest) if w.text in FOLLOWS_PREDICATE), len(rest)) if is_active else 0
    near = rest[:end] if is_active else [w for w in words[:i] if w.clause == words[i].clause]
    thing, purpose = (frozenset(s for w in side for s in w.content if not is_cue(w)) for side in (near, rest[end:]))
    return Effect(ADVICE, sign, is_negated(words, i), thing, purpose, _nearest_name(claim, i))


def _stands_behind(words: Sequence[Word], i: int) -> bool:
    """Whether the thing that the cue at word ``i`` changes stands before it: in "X is lower in Y"."""
    is_predicate = i > 0 and (
        words[i - 1].text in BE | {"not", "also", "still"}
        or (i > 1 and words[i - 2].text in BE and not words[i - 1].content)
    )
    if not is_predicate or QUALITY.fullmatch(words[i].text):
        return False
    return i + 1 == len(words) or words[i + 1].text in FOLLOWS_PREDICATE or words[i + 1].clause > words[i].clause


def _nearest_name(claim: Claim, i: int) -> Stems:
    near = [w for w in claim.words[:i] if w.part == claim.words[i].part]
    found = (w.stems for w in [*reversed(near), *claim.before] if claim.names.intersection(w.stems))
    return frozenset(next(found, ()))


def _is_of_too_little(words: Sequence[Word], i: int) -> bool:
    """Whether the subject is a shortage: "low vitamin D raises the risk" says that vitamin D lowers it."""
    subject = [w.text for w in words[:i] if w.part == words[i].part]
    of_dose = any(word.startswith("dos") for word in subject)
    return any(map(SHORTAGE.fullmatch, subject)) or (not of_dose and any(map(REDUCED.fullmatch, subject[:2])))


def is_negated(words: Sequence[Word], i: int) -> bool:
    """Whether a negation shortly before word ``i``, in its clause, denies it ("not only" does not)."""
    if any(w.text in ("no", "little") and w.clause == words[i].clause for w in words[i + 1 : i + 3]):
        return True  # "makes no difference"
    near = [w for w in words[max(0, i - NEGATION_REACH) : i] if w.clause == words[i].clause]
    for n, word in enumerate(near):
        only = n + 1 < len(near) and near[n + 1].text in ("only", "just", "merely")
        if NEGATORS.fullmatch(word.text) and not only:
            # the first word with content takes the negation: "did not slow the disease" denies slow, not disease
            between = [w for w in near[n + 1 :] if w.content and not is_cue(w)]
            return not between or is_cue(words[i])
    return False


def is_cue(word: Word) -> bool:
    """Whether a word points up or down on some axis."""
    return bool(directions(word.text))


@lru_cache(maxsize=20_000)
def directions(word: str) -> tuple[tuple[str, int], ...]:
    """The axes on which a word points, with +1 for up and -1 for down: ``directions("lowers")`` is amount, -1."""
    plain = word.lower()
    ways = (
        (axis, 1 if up.fullmatch(plain) else -1 if down.fullmatch(plain) else 0) for axis, (up, down) in CUES.items()
    )
    return tuple((axis, sign) for axis, sign in ways if sign)


def is_denial(word: str) -> bool:
    return NEGATORS.fullmatch(word.lower().replace("’", "'")) is not None


def _counts(words: Sequence[Word], i: int, axis: str) -> bool:
    """Whether a cue is one here: "more" with "than", and a link to a thing, not to more or less of it."""
    if axis == LINK:
        return not any(is_cue(w) for w in words[i + 1 : i + 1 + REACH] if w.clause == words[i].clause)
    return words[i].text not in ("more", "less") or _compares(words, i)


def _compares(words: Sequence[Word], i: int) -> bool:
    return any(w.text == "than" for w in words[i + 1 : i + REACH])


def _before(claim: Claim, i: int) -> Stems:
    """Content before the cue in its part of the sentence, and what a leading pronoun stands for."""
    words = [w for w in claim.words[:i] if w.part == claim.words[i].part]
    found = {s for w in words for s in w.content if not is_cue(w)}
    lead = next(iter(claim.words), None)
    leans = lead is not None and lead.text in PRONOUNS
    return frozenset(found | claim.context if leans or not found else found)


def _after(words: Sequence[Word], i: int) -> Stems:
    rest = takewhile(lambda w: w.clause == words[i].clause and w.text not in OBJECT_END, words[i + 1 : i + 1 + REACH])
    return frozenset(s for w in rest for s in w.content if not is_cue(w))


QUALITY = re.compile(
    r"safe|unsafe|effective|ineffective|efficacious|useful|useless|helpful|harmful|beneficial|dangerous|superior|inferior"
    r"|better|worse"
)
"""What is said of the thing before it, whatever follows: "is safe in children", "is no better than placebo"."""
USED_UP = frozenset(
    s
    for word in "removal clearance uptake reuptake breakdown excretion elimination degradation loss absence".split()
    for s in stems(word)
)
"""What leaves less of a thing: more removal of it is less of it."""
DERIVED = re.compile(r"(?:iousness|ious|ieti|otic|osis|osi|etic|tic|ic|ism|ist|ia|i|e|y)$")


def root(stem: str) -> str:
    """What a noun and its adjective share: ``root("anxious") == root("anxieti")``, and so of obese and obesity."""
    short = DERIVED.sub("", stem)
    return short if len(short) >= 3 else stem


SHORTAGE = re.compile(r"deficien\w+|lack|insufficien\w+|shortage|withdrawal")
REDUCED = re.compile(
    r"low|lower|less|without|cutting|reducing|lowering|avoiding|restricting|reduced|reductions?|decreased?|decreases"
)
LACKING = re.compile(rf"{SHORTAGE.pattern}|low|little|without|no|not|never|lacking|untreated|\\w+-(?:free|deficient)")
"""What shows that the thing behind "is higher in" is a shortage: "in people whose diet is low in fibre"."""
OBJECT_END = frozenset(
    "through via after before during within following compared than versus despite without until against over"
    " throughout".split()
)
PRONOUNS = frozenset("it its this these they their that such".split())

# -- certainty ---

NOT_KNOWN = (
    r"(?:(?:remains?|is|are|was|were)\s+(?:\w+\s+){0,2}?(?:unclear|unknown|uncertain|debated|disputed|controversial"
    r"|unresolved|unexplained|a\s+(?:mystery|puzzle)|an\s+open\s+question|not\s+(?:\w+\s+){0,2}(?:known|clear|understood"
    r"|established|settled|proven|certain))|poorly\s+understood|has\s+not\s+been\s+(?:\w+\s+)?(?:established|shown"
    r"|proven|settled)|no\s*(?:one|body)\s+(?:(?:really\s+)?knows|is\s+(?:certain|sure))"
    r"|(?:scientists?|researchers?|doctors?|experts?|we)\s+(?:still\s+)?(?:do\s+not|don't|cannot|can't)\s+(?:yet\s+)?"
    r"(?:fully\s+|really\s+)?(?:know|understand|say|explain|agree)|not\s+(?:yet\s+)?(?:fully\s+)?(?:known|clear|understood"
    r"|established|settled|proven))"
)
UNKNOWN_AFTER = re.compile(
    rf"(?P<topic>\b(?:how|why|whether|what|where|when|the\s+(?:\w+\s+){{0,3}}?(?:mechanisms?|causes?|reasons?|way))\b[^;:]*?)\s+{NOT_KNOWN}",
    re.IGNORECASE,
)
UNKNOWN_BEFORE = re.compile(
    rf"{NOT_KNOWN}[\s,]+(?:exactly\s+|precisely\s+)?(?P<topic>(?:how|why|whether|that|what|where|when|the)\b[^;:.]*)",
    re.IGNORECASE,
)
EXPLAINS = re.compile(
    r"\bby (?!placebo)\w+ing\b|\bthrough\b|\bvia\b|\bbecause\b|\bdue to\b|\b(?:comes?|results?|stems?|arises?) from\b"
    r"|\bmechanism(?:s)? (?:of action )?(?:for \w+,? )?(?:which )?(?:primarily )?(?:involves?|is|are)\b"
    r"|\b(?:acts?|works?) (?:on|as|by)\b|\b(?:is|are) (?:\w+ )?caused by\b|\bblock(?:s|ing|ade)\b|\bresponsible for\b",
    re.IGNORECASE,
)
MECHANISM = re.compile(
    r"how\b|why\b|what\s+(?:exactly\s+)?(?:causes?|caused|triggers?|leads?\s+to|lies\s+behind|makes?)\b"
    r"|the\s+(?:\w+\s+){0,3}?(?:mechanism|cause|reason|way)",
    re.IGNORECASE,
)
MIXED = re.compile(
    r"\bsome\b[^.]*\b(?:stud|trial|research|evidence|finding|report|review|experiment)\w*\b[^.]*"
    r"\b(?:while|whereas|but|and|yet|although)\b[^.]*\bother|\b(?:mixed|conflicting|inconsistent|contradictory)\s+"
    r"(?:results?|findings?|evidence|data|reports?)\b|\b(?:findings?|results?|evidence)\s+(?:is|are|were|was|has"
    r" been|have been)\s+(?:mixed|conflicting|inconsistent)\b",
    re.IGNORECASE,
)
ABSENCE = re.compile(
    r"\b(?:without(?! (?:\w+ )?(?:benefit|effect|harm|risk|proof|evidence|change|difference|delay|being))"
    r"|in the absence of|lack of|deprived of|free (?:of|from)|instead of|stop(?:s|ped|ping)?(?!(?: [\w-]+){1,4} from\b)"
    r"|avoid(?:s|ed|ing)?|quit(?:s|ting)?|never|no longer"
    r"|(?:who|that|which|when|if) (?:\w+ ){0,4}?(?:do|does|did|are|is|was|were|have|has|had) not"
    r"|not (?:given|taken|taking|treated|exposed|using|having|eating|getting)"
    r"|un(?:treated|exposed|vaccinated|protected))\b|\b\w+-(?:free|deficient|naive)\b",
    re.IGNORECASE,
)
ABSENT_WORDS = 8
HOLDERS = (
    r"(?:people|parents|mothers|fathers|grand(?:parents|mothers)|users|customers|fans|makers|manufacturers|sellers"
    r"|advocates|proponents|supporters|believers|healers|folklore|tradition|some|many)"
)
HOLD = r"(?:think|believe|fear|worry|assume|claim|insist|swear|promise|maintain|suspect|hold|say|are convinced)s?"
ATTRIBUTED = re.compile(
    r"\b(?:once|previously|formerly|long|originally|initially|used to be|historically)\s+(?:\w+\s+)?(?:thought|believed"
    r"|assumed|held|considered)\b|\bcritics\b|\b(?:a|the) (?:common|popular)?\s*(?:myth|misconception|rumou?r)\b"
    rf"|\b{HOLDERS}\s+(?:\w+\s+)?{HOLD}\b|\bcontrary to\b|\bit is (?:often|sometimes|widely)"
    r" (?:said|claimed|believed)\b|\bwould have\b|\bhypothesi[sz]ed that\b"
    r"|\b(?:retracted|debunked|disproved|refuted|discredited|fraudulent)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """What a sentence calls unknown: its stems, the first of them, and whether a how or why is missing."""

    topic: Stems
    head: str
    explanation: bool


def read_unknown(claim: Claim) -> Unknown | None:
    found = UNKNOWN_AFTER.search(claim.sentence.text) or UNKNOWN_BEFORE.search(claim.sentence.text)
    if not found:
        return None
    about = [s for word in read_words(found["topic"]) for s in word.content if s not in ABOUT_KNOWING]
    if LEADING_PRONOUN.match(found["topic"]):  # "Colchicine is old, yet how it works is unknown."
        earlier = read_words(claim.sentence.text[: found.start()])
        about = [s for word in [*claim.before, *earlier] for s in word.content] + about
    if not about:
        return None
    return Unknown(frozenset(about), about[0], MECHANISM.match(found["topic"]) is not None)


LEADING_PRONOUN = re.compile(r"(?:how|why|whether|what)\s+(?:it|they|this|that|these|those)\b", re.IGNORECASE)
ABOUT_KNOWING = frozenset(
    s for word in "mechanism mechanisms cause reason way exactly precisely exact whether".split() for s in stems(word)
)

# -- scope ---

SCOPES: dict[str, dict[str, str]] = {
    "species": {
        "animals": r"mice|mouse|rats?|rodents?|animals?|monkeys?|primates?|in vitro|cell cultures?|zebrafish|murine",
        "people": r"people|patients?|humans?|adults?|volunteers?|women|men|children|clinical trials?",
    },
    "age": {
        "children": r"children|paediatric|pediatric|adolescents?|infants?|teenagers?|young people|under (?:18|25)",
        "adults": r"adults?|older people|elderly",
    },
    "sex": {"women": r"women|females?", "men": r"\bmen|males?"},
    "dose": {
        "low dose": r"low(?:er)?[ -]doses?|sub-?an(?:a?e)sthetic|small doses?|below the an(?:a?e)sthetic dose",
        "high dose": r"high(?:er)?[ -]doses?|large doses?|overdose|(?<!below the )(?<!sub)an(?:a?e)sthetic doses?",
    },
    "duration": {
        "short term": r"short[ -]term|acute(?:ly)?|single dose|immediate(?:ly)?",
        "long term": r"long[ -]term|chronic(?:ally)?|repeated doses?|maintenance",
    },
    "route": {
        "by mouth": r"oral(?:ly)?|by mouth|tablets?",
        "by vein": r"intravenous(?:ly)?|infusions?|by vein|i\.v\.",
        "by nose": r"nasal|intranasal(?:ly)?",
    },
    "place": {
        "the world": r"global(?:ly)?|world-?wide|around the world|all countries",
        "Asia": r"asian?|china|chinese|japan(?:ese)?|india|korean?|taiwan(?:ese)?",
        "Europe": r"europe(?:an)?s?|british|germany?|danish|swedish|italian|french|spanish|dutch",
        "Africa": r"african?s?",
        "North America": r"north america|united states|u\.s\.|canadian?",
        "South America": r"(?:south|latin) american?|brazil(?:ian)?|mexican?",
    },
    "brain region": {
        "prefrontal cortex": r"prefrontal|dlpfc|frontal cortex",
        "hippocampus": r"hippocamp\w+",
        "amygdala": r"amygdala",
        "striatum": r"striatum|striatal",
        "cingulate": r"cingulate",
        "spinal fluid": r"spinal fluid|csf|cerebrospinal",
        "blood": r"in (?:the )?(?:blood|plasma|serum)",
    },
    "illness": {
        "depression": r"(?:with|in|for|of) (?:\w+ )?(?:depression|mdd|depressive)",
        "anxiety": r"(?:with|in|for|of) (?:\w+ )?anxiety",
        "bipolar disorder": r"(?:with|in|for) bipolar",
        "schizophrenia": r"(?:with|in|for) schizophrenia",
        "ALS": r"(?:with|in|for) (?:als|amyotrophic)",
    },
}
SCOPE_PATTERNS = {
    name: {value: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for value, pattern in values.items()}
    for name, values in SCOPES.items()
}


WHO_HAVE = re.compile(
    r"\b(?:people|patients?|those|adults?|children|men|women|individuals|participants|volunteers|cases)"
    r" (?:\w+ )?(?:with|suffering from|who have) (?P<illness>(?:[\w'’-]+ ?){1,5})",
    re.IGNORECASE,
)
NO_ILLNESS = frozenset(
    s
    for word in "disease disorder syndrome condition illness type severe mild acute chronic".split()
    for s in stems(word)
)


def read_illness(text: str) -> dict[str, Stems]:
    """The illnesses that the people of a claim have, as they are written, each with its stems."""
    found: dict[str, Stems] = {}
    for match in WHO_HAVE.finditer(text):
        named = list(takewhile(lambda w: w.text not in ENDS_NAME and w.clause == 0, read_words(match["illness"])))
        words = frozenset(s for w in named for s in w.content) - NO_ILLNESS
        if words:
            last = list(WORD.finditer(match["illness"]))[len(named) - 1]
            found[match["illness"][: last.end()]] = words
    return found


ENDS_NAME = (
    FOLLOWS_PREDICATE | OBJECT_END | BE | frozenset("and or but than have has had do does did can to of".split())
)


def read_scope(text: str) -> dict[str, Stems]:
    """What a claim is limited to: ``{"species": {"animals"}, "dose": {"low dose"}}``."""
    found = {
        name: frozenset(value for value, pattern in values.items() if pattern.search(text))
        for name, values in SCOPE_PATTERNS.items()
    }
    return {name: values for name, values in found.items() if values}
