"""What a sentence brings along so that it can be understood alone."""

import pytest
from doubles import BagEmbedder

from index import Document, Index
from index.read import read_html, read_markdown
from rag.context import heading_of, standing_alone

PAGE = """Riluzole

Riluzole is a drug for ALS. It reduces the release of glutamate. That calms nerve cells. Nausea is common.

Is it safe?

It can raise liver enzymes, so blood tests are needed.

What else is known?
"""


def quotes(page: str) -> list[str | None]:
    """Each sentence of a page as it would be quoted."""
    index = Index.from_texts({"page": page}, embedder=BagEmbedder())
    every = index.sentences("page")
    alone = [standing_alone(index.document("page"), every, i) for i in range(len(every))]
    return [quote and quote.line for quote in alone]


def test_a_sentence_that_leans_brings_what_it_leans_on() -> None:
    assert quotes(PAGE) == [
        "Riluzole is a drug for ALS.",
        "Riluzole is a drug for ALS. It reduces the release of glutamate.",
        "Riluzole is a drug for ALS. It reduces the release of glutamate. That calms nerve cells.",
        "Nausea is common.",
        "Is it safe? It can raise liver enzymes, so blood tests are needed.",
    ]


def test_a_sentence_that_leans_on_nothing_is_passed_over() -> None:
    assert quotes("These effects are mild. Ketamine blocks receptors.") == [None, "Ketamine blocks receptors."]


def test_what_opens_a_paragraph_leans_on_the_one_before_or_on_its_heading() -> None:
    assert quotes("Zinc is a metal.\n\nIt shortens colds.\n\nFor whom\n\nIt is given to adults with colds.") == [
        "Zinc is a metal.",
        "Zinc is a metal. It shortens colds.",
        "For whom It is given to adults with colds.",
    ]


@pytest.mark.parametrize(
    "second",
    [
        "Both have been shown in rats.",
        "Most recovered with rest.",
        "The first is given in spring.",
        "The two differ in strength.",
        "One reason is that cells adapt.",
        "There, cells read the message.",
        "About half of them feel sick.",
        "If you notice these signs, see a doctor.",
        "Nobody knows why this helps.",
    ],
)
def test_what_points_back_brings_the_sentence_before(second: str) -> None:
    assert quotes(f"Tablets and drops are sold. {second}")[1] == f"Tablets and drops are sold. {second}"


@pytest.mark.parametrize(
    "second",
    [
        "No drug is approved for this disorder in children.",
        "Some patients are treated at home.",
        "Many untreated adults recover by themselves.",
        "The first dose is given in spring.",
        "The two groups did not differ.",
        "In those who smoke, colds last longer.",
        "In this study, colds were shorter.",
        "However, zinc did not shorten colds.",
    ],
)
def test_what_says_what_it_is_about_stands_alone(second: str) -> None:
    assert quotes(f"Tablets and drops are sold. {second}")[1] == second


def test_a_short_reply_brings_its_question() -> None:
    page = "Does zinc work better?\n\nNot by much, if at all. In one trial colds were a day shorter with zinc."
    assert quotes(page) == [
        "Does zinc work better? Not by much, if at all.",
        "Does zinc work better? Not by much, if at all. In one trial colds were a day shorter with zinc.",
    ]


def test_a_quote_is_never_longer_than_its_limit() -> None:
    text = " ".join(f"This is the sentence with the number {n} and some words." for n in range(40))
    assert max(len(quote) for quote in quotes("Ketamine is a drug. " + text) if quote) <= 500


LEAFLET = """Zinc tablets

In this leaflet
1. What zinc is used for
2. Possible side effects of zinc

1. What zinc is used for

Zinc shortens colds.

2. Possible side effects of zinc

Nausea is common.
"""


def test_numbered_headings_and_contents_are_no_answers_but_say_what_stands_below() -> None:
    index = Index.from_texts({"page": LEAFLET}, embedder=BagEmbedder())
    document, every = index.document("page"), index.sentences("page")
    alone = {i: quote for i in range(len(every)) if (quote := standing_alone(document, every, i))}
    assert [(heading_of(document, every, i), quote.text) for i, quote in alone.items()] == [
        ("What zinc is used for", "Zinc shortens colds."),
        ("Possible side effects of zinc", "Nausea is common."),
    ]


def test_a_line_that_is_no_sentence_is_no_answer() -> None:
    document = read_html(b"<h1>Zinc</h1><p>Posted by ada on 4 May</p><p>Zinc is a metal, and it is found in nuts.</p>")
    assert [quote.text for quote in _alone(document)] == ["Zinc is a metal, and it is found in nuts."]


def test_a_question_that_opens_a_paragraph_is_its_heading() -> None:
    document = read_markdown(b"# Zinc\n\n**Can it be cured?** There is no cure for colds. Zinc makes them shorter.")
    index = Index.from_texts({"page": document.text}, embedder=BagEmbedder())
    every = index.sentences("page")
    assert heading_of(index.document("page"), every, len(every) - 1) == "Can it be cured?"


def _alone(document: Document) -> list:
    from index.split import sentences

    every = sentences(document)
    return [quote for i in range(len(every)) if (quote := standing_alone(document, every, i))]
