"""Documents to sentences and passages: where they end, and that every offset is right."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Block, Document
from index.lexical import WORD
from index.read import from_text
from index.split import OVERLAP_TOKENS, PASSAGE_TOKENS, passages, sentences


def said(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(from_text("d", text))]


def count(text: str) -> int:
    return len(WORD.findall(text))


def packed(document: Document) -> list[str]:
    return [passage.text for passage in passages(document, count_tokens=count)]


@pytest.mark.parametrize(
    "whole",
    [
        "It rose by approx. 5% in a week.",
        "Many amino acids, e.g. Glutamate, excite cells.",
        "Smith et al. Found it first.",
        "The drug was given by Dr. Smith in the morning.",
        "See Fig. 2 for the curve.",
        "It was found in E. coli as well.",
        "Cells (cf. Suppl. 3) died within a day.",
        "The value was 3.5 mg per day.",
        "It is the U.S. Food and Drug Administration that approved it.",
        "Ketamine vs. Placebo was the question.",
    ],
)
def test_no_cut_at_an_abbreviation(whole: str) -> None:
    assert said(f"{whole} Then it fell.") == [whole, "Then it fell."]


def test_sentences_end_at_every_kind_of_mark() -> None:
    assert said("Does it work? It does! Nobody knows why. “It is odd.”") == [
        "Does it work?",
        "It does!",
        "Nobody knows why.",
        "“It is odd.”",
    ]


def test_a_list_goes_on_with_the_sentence_that_announced_it() -> None:
    assert said("It has side effects. The common ones are:\n• nausea\n• headache\n\nThey pass.") == [
        "It has side effects.",
        "The common ones are:\n• nausea\n• headache",
        "They pass.",
    ]


def test_fragments_after_a_colon_stay_with_it() -> None:
    assert said("The symptoms include: Insomnia. Mental exhaustion. It passes with time and rest.") == [
        "The symptoms include: Insomnia. Mental exhaustion.",
        "It passes with time and rest.",
    ]


def test_a_list_that_nobody_announced_stands_alone() -> None:
    assert said("It passes.\n\n• Rest helps some.\n• Sleep helps more.") == [
        "It passes.",
        "Rest helps some.",
        "Sleep helps more.",
    ]


def test_headings_and_rows_are_no_sentences_but_headings_are_kept() -> None:
    document = from_text("d", "Riluzole\n\nIt slows ALS.\n\nDose\n\nDrug | Dose\nriluzole | 50 mg\n\nTake it twice.")
    found = [(sentence.heading, sentence.text) for sentence in sentences(document)]
    assert found == [("Riluzole", "It slows ALS."), ("Dose", "Take it twice.")]


def test_a_passage_never_spans_a_heading() -> None:
    document = from_text("d", "One\n\nIt is first. It is short.\n\nTwo\n\nIt is second.")
    found = [(passage.heading, passage.text) for passage in passages(document, count_tokens=count)]
    assert found == [("One", "It is first. It is short."), ("Two", "It is second.")]


def test_a_passage_never_spans_dropped_furniture() -> None:
    document = from_text("d", "It is the first one.\n\nAdvertisement\n\nIt is the second one.")
    assert packed(document) == ["It is the first one.", "It is the second one."]


def test_table_rows_can_be_found() -> None:
    assert packed(from_text("d", "Drug | Dose\nriluzole | 50 mg")) == ["Drug | Dose\nriluzole | 50 mg"]


def test_passages_are_full_and_overlap_by_whole_sentences() -> None:
    every = [f"Sentence number {n} has exactly eight words here." for n in range(60)]
    found = packed(from_text("d", " ".join(every)))
    held = PASSAGE_TOKENS // 8
    step = held - OVERLAP_TOKENS // 8
    assert found[0] == " ".join(every[:held])
    assert found[1] == " ".join(every[step : step + held])
    assert found[-1].endswith(every[-1])
    assert [count(text) for text in found[:-1]] == [8 * held] * (len(found) - 1)


def test_a_sentence_over_the_limit_is_cut_between_words() -> None:
    words = [f"word{n}" for n in range(400)]
    found = packed(from_text("d", " ".join(words) + "."))
    assert [count(text) for text in found] == [PASSAGE_TOKENS, PASSAGE_TOKENS, 400 - 2 * PASSAGE_TOKENS]
    assert " ".join(found) == " ".join(words) + "."


def test_repeated_sentences_keep_their_own_places() -> None:
    document = from_text("d", "It is so. " * 200)
    starts = [sentence.start for sentence in sentences(document)]
    assert starts == [10 * n for n in range(200)]
    found = passages(document, count_tokens=count)
    assert found[0].start == 0
    assert found[-1].end == len("It is so. " * 200) - 1
    assert all(before.start < after.start < before.end for before, after in zip(found, found[1:], strict=False))


PROSE = st.text(alphabet=st.sampled_from("ab .:!?\n|•-–1)…“é\t\u00a0🙂"), max_size=300)


@given(PROSE | st.text(max_size=200))
def test_every_span_equals_its_text(text: str) -> None:
    document = from_text("d", text)
    assert document.text == text
    found = sentences(document)
    cut = passages(document, count_tokens=count)
    for span in (*found, *cut):
        assert text[span.start : span.end] == span.text
        assert span.text == span.text.strip() != ""
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    assert all(count(passage.text) <= PASSAGE_TOKENS for passage in cut)


@given(
    st.lists(st.sampled_from(["It is so. ", "Why? ", "A list:\n", "• one\n", "Title\n\n", "a | b\n", "x" * 900 + " "]))
)
def test_every_sentence_is_in_some_passage(parts: list[str]) -> None:
    document = from_text("d", "".join(parts))
    cut = passages(document, count_tokens=count)
    for sentence in sentences(document):
        assert any(passage.start <= sentence.start < passage.end for passage in cut)


def test_no_blocks_no_passages() -> None:
    assert passages(Document("d", "x", blocks=()), count_tokens=count) == []
    assert sentences(Document("d", "x", blocks=(Block(0, 1, "heading"),))) == []


@pytest.mark.parametrize(
    "part", ["It is line {n}\n", "It is sentence {n}. ", "It is paragraph {n}.\n\n", "- item {n}\n"]
)
def test_time_grows_with_the_length_of_a_text_and_no_faster(part: str) -> None:
    text = "".join(part.format(n=n) for n in range(20_000))
    start = time.perf_counter()
    document = from_text("d", text)
    cut = passages(document, count_tokens=count)
    assert time.perf_counter() - start < 10
    assert "19999" in cut[-1].text
