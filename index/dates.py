"""Dates as texts write them, and as they are kept: ``2021``, ``2021-03`` or ``2021-03-03``."""

import re

MONTHS = "january february march april may june july august september october november december".split()
MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" for month in MONTHS)
DATE = re.compile(
    rf"(?P<iso>(?:19|20)\d\d-\d\d-\d\d)"
    rf"|(?P<m1>{MONTH})\.?\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y1>(?:19|20)\d\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<m2>{MONTH})\.?,?\s(?P<y2>(?:19|20)\d\d)"
    rf"|(?P<m3>{MONTH})\.?\s(?P<y3>(?:19|20)\d\d)|(?P<y4>\b(?:19|20)\d\d\b)",
    re.IGNORECASE,
)


def iso_date(found: re.Match[str]) -> str:
    """``March 3, 2021`` -> ``2021-03-03``; a month or year alone stays as coarse as it is."""
    part = found.groupdict()
    if part["iso"]:
        return part["iso"]
    year = part["y1"] or part["y2"] or part["y3"] or part["y4"]
    month = part["m1"] or part["m2"] or part["m3"]
    day = part["d1"] or part["d2"]
    number = next((f"-{n:02}" for n, name in enumerate(MONTHS, 1) if month and name[:3] == month[:3].lower()), "")
    return f"{year}{number}" + (f"-{int(day):02}" if day else "")
