"""Figures as they stand in sentences, and which of them differ."""

import math

import pytest

from rag.quantities import figures_differ, figures_match, read_quantities, value


@pytest.mark.parametrize(
    ("text", "dimension", "low", "high"),
    [
        ("It lasts about one week.", "time", 126, 224),
        ("It lasts several months.", "time", 2190, 8030),
        ("It takes 2 to 3 days.", "time", 48, 72),
        ("It takes between seven and twenty-one days.", "time", 168, 504),
        ("It starts within half an hour.", "time", 0, 0.5),
        ("It lasts a quarter of a year.", "time", 2191.5, 2191.5),
        ("It protects for at least three years.", "time", 26298, math.inf),
        ("It works in 30% of patients.", "percent", 30, 30),
        ("It works in two thirds of patients.", "percent", 66.667, 66.667),
        ("One in five responds.", "percent", 20, 20),
        ("It helped 96 of 100 twins.", "percent", 96, 96),
        ("Nearly all patients recover.", "percent", 80, 100),
        ("Most people recover.", "percent", 50, 100),
        ("Take a 50 mg tablet.", "mass", 50, 50),
        ("The limit is 3000 micrograms daily.", "mass", 3, 3),
        ("They had twice the risk.", "times", 2, 2),
        ("The rules changed in 1970 for good.", "year", 1970, 1970),
        ("It was approved in 1970.", "year", 1970, 1970),
        ("It came up in the 1930s.", "year", 1930, 1939),
    ],
)
def test_figures_come_in_base_units(text: str, dimension: str, low: float, high: float) -> None:
    [quantity] = read_quantities(text)
    assert (quantity.dimension, round(quantity.low, 3), round(quantity.high, 3)) == (dimension, low, high)


def test_a_bare_number_says_what_it_counts() -> None:
    [quantity] = read_quantities("An octopus has three hearts.")
    assert (quantity.dimension, quantity.low, quantity.counted) == ("count", 3, {"heart"})


def test_what_is_no_figure() -> None:
    assert list(read_quantities("Ketamine lifts mood within hours, the most common side effect is nausea.")) == []
    assert list(read_quantities("It has warmed over the past 50 years, and froze ten years ago.")) == []
    assert list(read_quantities("COVID-19 infection raised IL-6 levels in patients with SARS-CoV-2.")) == []


@pytest.mark.parametrize(
    ("text", "number"), [("1,200", 1200), ("two hundred and five", 205), ("three million", 3e6), ("twenty-one", 21)]
)
def test_numbers_in_words_and_digits(text: str, number: float) -> None:
    assert value(text) == number


@pytest.mark.parametrize(
    ("one", "other", "differ", "match"),
    [
        ("It lasts about one week.", "The effect is gone after seven days.", False, True),
        ("It lasts about one week.", "It lasts several months.", True, False),
        ("It helps one in five.", "About 20% respond.", False, True),
        ("It helps one in five.", "It helps most people.", True, False),
        ("It is taken for at least three years.", "A month is enough.", True, False),
        ("It helps 30 percent.", "It helps 35 percent.", False, False),
        ("Octopuses have three hearts.", "Octopuses have two hearts.", True, False),
        ("It was found in 1970.", "It was found in 1990.", True, False),
        ("It lasts a week.", "It costs 30 mg.", False, False),
    ],
)
def test_which_figures_differ(one: str, other: str, differ: bool, match: bool) -> None:
    a, b = list(read_quantities(one)), list(read_quantities(other))
    assert (figures_differ(a, b), figures_match(a, b)) == (differ, match)
    assert (figures_differ(b, a), figures_match(b, a)) == (differ, match)
