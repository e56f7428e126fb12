"""A sentence without its frame: who reports it, in which study, after how many weeks.

The judge takes a frame that only one of two sentences has for a difference of what they say. What limits a finding
(in mice, in children, at a low dose) is no frame and stays, and so does a report that is denied or not believed.
"""

import re

STUDY = (
    r"(?:trial|stud(?:y|ies)|review|analys[ie]s|meta-analys[ie]s|cohort|experiment|survey|evidence|research|data"
    r"|result|finding)s?"
)
PEOPLE = r"(?:we|researcher|author|scientist|expert|doctor|investigator|team|group)s?"
SAYS = (
    r"(?:show(?:s|ed|n|ing)?|finds?|found|suggest(?:s|ed)?|indicat(?:es?|ed)|report(?:s|ed)?|conclud(?:es?|ed)"
    r"|demonstrat(?:es?|ed)|reveal(?:s|ed)?|says?|said|confirm(?:s|ed)?|observ(?:es?|ed)|warn(?:s|ed)?|stat(?:es?|ed)"
    r"|agreed?|known|clear)"
)
COUNT = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen|twenty|a|the|several)"
PERIOD = (
    rf"(?:about |only )?{COUNT}(?:[ -]\w+)? (?:of )?(?:day|week|month|year)s?(?: of (?:treatment|follow-up|therapy))?"
)

LABEL = re.compile(r"(?:Main )?(?:Results?|Conclusions?|Findings?|Background|Methods?|Interpretation)\s*[:.]\s+")
REPORT = re.compile(rf"[^;:]{{0,110}}?\b(?:{STUDY}|{PEOPLE})\b[^;:]{{0,50}}?\b{SAYS}\s+that\s+", re.IGNORECASE)
LEAD = re.compile(
    r"(?:overall|however|moreover|furthermore|thus|therefore|indeed|nevertheless|today|(?:pooled|taken) together"
    r"|in (?:conclusion|summary|short|contrast|fact|addition|truth|particular|general|total|other words)"
    rf"|on (?:average|balance|the whole)|(?:at|over|by|within|during) {PERIOD}|at (?:week|month|year) \w+"
    rf"|(?:in|across|from) (?:an?|the|this|our|one|two|three|that|another|these|both|all|most|\d+)(?: [\w-]+){{0,4}}"
    rf" {STUDY}\b[^,;:]{{0,50}}|according to [^,;:]{{1,60}}),\s+",
    re.IGNORECASE,
)
TAIL = re.compile(
    rf",\s+(?:according to\s[^,;.]*|(?:(?:the|an?|one|its|our|his|her)\s+)?(?:[\w-]+\s+){{1,2}}?{SAYS}"
    rf"|{SAYS}\s+(?:[\w-]+\s*){{1,4}})(?=[.!]?$|,\s)",
    re.IGNORECASE,
)
DOUBTED = re.compile(
    r"\b(?:no|not|never|nor|without|little|once|long|previously|would|if|whether|claim\w*|believ\w*|thought|hypothes\w*"
    r"|critics|proponents|some|myth|assum\w*)\b|n't\b",
    re.IGNORECASE,
)
TURNS = re.compile(r"[,;]\s+(?:but|though|although|yet|however|while|whereas)\b", re.IGNORECASE)
"""Where a report may go on to reject what was said."""
LETTERS = 15
"""What stays of a sentence has at least as many letters, or all of it stays."""


def finding(text: str) -> str:
    """
    >>> finding("Pooled together, the trials showed that zinc shortened colds, according to the authors.")
    'Zinc shortened colds.'
    >>> finding("There is no evidence that zinc shortens colds.")
    'There is no evidence that zinc shortens colds.'
    """
    left = _without(LABEL, text)
    report = REPORT.match(left)
    if report and not DOUBTED.search(report[0]) and not TURNS.search(left, report.end()):
        left = _without(REPORT, left)
    left = TAIL.sub("", _without(LEAD, _without(LEAD, left)))
    return left[:1].upper() + left[1:]


def _without(frame: re.Pattern[str], text: str) -> str:
    found = frame.match(text)
    return text[found.end() :] if found and len(text) - found.end() >= LETTERS else text


OPENS_OTHERWISE = re.compile(
    r"(?:in|on|at|for|after|with|when|if|among|during|since|because|as|while|although|though|unlike|like|over|under|by|to"
    r"|even|despite|from|once|whether|the (?:more|less|later|earlier|longer)|it|there)\b",
    re.IGNORECASE,
)
"""How a sentence begins whose first part is not its main clause."""
BEHIND = re.compile(
    r"(?:\s*[:;—–]|,\s+(?:which|who|since|because|so|and|even|most|above all|especially|particularly|when|where|as"
    r"|with|after|for)\b|\s(?:when|because|since|so that|even if|(?:as )?compared (?:with|to)|in comparison)\b"
    rf"|\s(?:within|after|over|during|for) {PERIOD}\b).*$",
    re.IGNORECASE | re.DOTALL,
)
CLAUSE_WORDS = 3
"""How many words a main clause has at least."""


def main_clause(text: str) -> str:
    """The finding without what is said behind it: reasons, comparisons, how long it took. What doubts it stays.

    >>> main_clause("Zinc shortened colds within a week, most of all in the old.")
    'Zinc shortened colds.'
    >>> main_clause("Grandmothers say that zinc shortens colds, but it does not.")
    'Grandmothers say that zinc shortens colds, but it does not.'
    """
    left = finding(text)
    if OPENS_OTHERWISE.match(left):
        return left
    while (found := BEHIND.search(left)) and len(left[: found.start()].split()) >= CLAUSE_WORDS:
        left = left[: found.start()].rstrip() + "."
    return left
