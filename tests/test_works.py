"""Copies and versions of one text are one work; texts on one topic, and short notes, are not."""

import random

import pytest
from doubles import BagEmbedder

from index import Index
from index.works import Work, resemblance, same_work, sketch

WORDS = [f"word{i}" for i in range(500)]


def text(seed: int, sentences: int = 60) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=12)) for _ in range(sentences)]


def rewritten(sentences: list[str], share: float) -> list[str]:
    chance = random.Random(1)
    return [chance.choice(text(99)) if chance.random() < share else sentence for sentence in sentences]


def alike(a: list[str], b: list[str]) -> float:
    return resemblance(frozenset(sketch(". ".join(a))), frozenset(sketch(". ".join(b))))


def test_resemblance_falls_with_what_was_rewritten() -> None:
    first = text(1)
    values = [alike(first, rewritten(first, share)) for share in (0.0, 0.1, 0.25, 0.5, 1.0)]
    assert values == sorted(values, reverse=True)
    assert (values[0], values[-1] < 0.02) == (1.0, True)
    assert values[2] >= 0.4


def test_the_sketch_estimates_the_share_of_common_runs() -> None:
    first = text(1, 400)
    second = rewritten(first, 0.2)

    def runs(sentences: list[str]) -> set[tuple[str, ...]]:
        words = " ".join(sentences).split()
        return {tuple(words[i : i + 4]) for i in range(len(words) - 3)}

    a, b = runs(first), runs(second)
    assert alike(first, second) == pytest.approx(len(a & b) / len(a | b), abs=0.12)


def test_case_and_spacing_do_not_matter() -> None:
    first = ". ".join(text(1))
    assert sketch(first) == sketch(first.upper().replace(" ", "\n  "))


def work(text: str, title: str = "", doi: str = "") -> Work:
    return Work(doi, title, frozenset(sketch(text)))


def test_short_texts_are_never_one_work() -> None:
    one, other = "Riluzole reduces the release of glutamate.", "Riluzole increases the release of glutamate."
    assert sketch(one) == sketch(other) == []
    assert not same_work(work(one), work(other))


def test_a_doi_makes_one_work_and_no_doi_does_not() -> None:
    assert same_work(work("", doi="10.1000/A.1"), work("", doi="10.1000/a.1"))
    assert not same_work(work("", doi="10.1000/a.1"), work("", doi="10.1000/a.2"))
    assert not same_work(work(""), work(""))


def test_stock_paragraphs_under_another_title_are_another_work() -> None:
    stock = text(1)
    one, other = ". ".join(stock), ". ".join(rewritten(stock, 0.15))
    assert not same_work(work(one, "Berry aneurysm"), work(other, "Dwarfism of tall vertebrae"))
    assert same_work(work(one, "Zinc and colds"), work(other, "Zinc and colds (updated)"))
    assert same_work(work(one, "Zinc and colds"), work(other))
    assert same_work(work(one, "Zinc and colds"), work(one, "Copy"))


def test_an_index_knows_which_of_its_documents_are_one_work() -> None:
    first, second = ". ".join(text(1)), ". ".join(text(2))
    newer = ". ".join(rewritten(text(1), 0.15))
    index = Index.from_texts({"first": first, "newer": newer, "second": second}, embedder=BagEmbedder())
    assert index.same_work("first", "newer")
    assert index.same_work("first", "first")
    assert not index.same_work("first", "second")
