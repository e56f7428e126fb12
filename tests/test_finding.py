"""Sentences without their frames."""

import pytest

from rag.finding import finding


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("At twelve weeks, zinc did not shorten colds.", "Zinc did not shorten colds."),
        ("Pooled together, the trials showed that zinc shortened colds.", "Zinc shortened colds."),
        ("Results: Zinc shortened colds by a day.", "Zinc shortened colds by a day."),
        ("In the largest trial, zinc shortened colds.", "Zinc shortened colds."),
        ("According to the team, zinc shortens colds.", "Zinc shortens colds."),
        ("Zinc acts in the nose, not in the throat, the team concludes.", "Zinc acts in the nose, not in the throat."),
        (
            "But zinc stops working after a week, he warns, and then colds last.",
            "But zinc stops working after a week, and then colds last.",
        ),
    ],
)
def test_who_reports_it_and_when_is_left_out(text: str, left: str) -> None:
    assert finding(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "In mice, zinc shortened colds.",
        "In children under five, zinc did nothing.",
        "At a high dose, zinc makes people sick.",
        "There is no evidence that zinc shortens colds.",
        "Some researchers once suggested that zinc shortens colds.",
        "Critics of the study say that zinc shortens colds.",
        "Over a week, it rose.",
    ],
)
def test_what_limits_or_doubts_a_finding_stays(text: str) -> None:
    assert finding(text) == text
