"""Sentences without their frames."""

import pytest

from rag.finding import finding, main_clause


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


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Kratom is dangerous: seizures have been reported.", "Kratom is dangerous."),
        ("Needles had no effect on flushes when compared with sham.", "Needles had no effect on flushes."),
        ("In adults, zinc helps because it dries.", "In adults, zinc helps because it dries."),
        ("Experts say that zinc helps, but it does not.", "Experts say that zinc helps, but it does not."),
    ],
)
def test_a_main_clause_keeps_what_limits_and_doubts_it(text: str, left: str) -> None:
    assert main_clause(text) == left
