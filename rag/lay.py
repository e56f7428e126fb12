"""What readers, leaflets and papers call the same thing, so that "addictive" finds "dependence".

Short lists of everyday and clinical words of health and science; a word that stands in none means itself.
"""

import re
from functools import cache

from index import content_stems

SAME = (
    "addictive addiction addicted dependence dependent dependency habit withdrawal craving",
    "safe safety unsafe bad risk risks harm harms harmful danger dangerous toxic adverse",
    "effective effectiveness efficacy good benefit beneficial helps helpful",
    "side adverse reactions complaints unwanted",
    "symptoms signs",
    "legal illegal banned approved licensed allowed",
    "dose dosage mg amount tablets milligrams",
    "avoid prevent prevention reduce lower protect",
    "cure cured treat treated treatment therapy remedy",
    "cause causes caused due owing trigger",
    "doctor physician clinician specialist",
    "kidney kidneys renal",
    "liver hepatic hepatitis",
    "heart cardiac cardiovascular coronary",
    "brain cerebral neural cognitive neurons",
    "lung lungs pulmonary respiratory breathing",
    "stomach gut bowel intestinal gastric digestive",
    "skin dermal cutaneous",
    "child children kids infants adolescents teenagers paediatric pediatric",
    "pregnant pregnancy unborn womb fetus foetus",
    "old elderly older seniors aged",
    "cancer tumour tumor tumours tumors carcinoma malignant melanoma",
    "cannabis marijuana weed pot",
    "vaccine vaccines vaccination jab shot immunisation immunization",
    "covid coronavirus",
    "drug medicine medication",
    "tired tiredness fatigue exhaustion drowsy drowsiness sleepy sleepiness",
    "memory forgetting forgetful cognition cognitive",
    "intelligence iq",
    "paracetamol acetaminophen",
    "adrenaline epinephrine",
    "sugar glucose",
    "fat obesity obese overweight",
    "death deaths die died mortality kill kills fatal",
    "cost costs price expensive dollars euros pounds",
    "contagious infectious spread spreads transmission transmitted",
    "alcohol drinking ethanol",
    "pain painful ache aches",
    "nausea sick vomiting",
    "test tests testing screening",
    "die lethal fatal overdose",
    "anxiety anxious worry",
    "depression depressed depressive mood",
    "sleep sleeping insomnia asleep",
    "climate warming",
    "quickly fast rapid rapidly soon quick",
)
MECHANISM = (
    "work mechanism act acts action block blocks bind binds inhibit inhibits activate activates receptor receptors"
    " enzyme carry slows stops releases raises lowers turns converts"
)
"""What says how a thing works."""


EMPTY = frozenset(
    content_stems(
        "work use used mean do make happen know known say take taken get give given new main effect people"
        " long many much often old far kind"
    )
)
"""Words of which a question says little by itself; how a thing works is told by verbs of its own."""
ASKS_HOW = re.compile(
    r"\bhow (?:do|does|did|can|could|might|is|are)\b.*\b(?:works?|acts?|affects?|functions?)\b|\bmechanism",
    re.IGNORECASE,
)


@cache
def _groups() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in SAME:
        alike = frozenset(content_stems(line))
        found |= {stem: found.get(stem, frozenset()) | alike for stem in alike}
    return found


def wanted(question: str) -> dict[str, frozenset[str]]:
    """What a question is about: each of its stems, with those that may stand for it, itself among them.

    Words such as "work" count only where there are no others.

    >>> sorted(wanted("Is it addictive?")["addict"])[:2]
    ['addict', 'crave']
    """
    every = dict.fromkeys(content_stems(question))
    stems = [stem for stem in every if stem not in EMPTY] or list(every)
    found = {stem: _groups().get(stem, frozenset()) | {stem} for stem in stems}
    if ASKS_HOW.search(question):
        found["mechan"] = frozenset(content_stems(MECHANISM))
    return found
