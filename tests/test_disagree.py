"""Claims that oppose each other, and claims that only look so."""

import pytest

from index import Sentence
from rag.claims import Claim
from rag.compare import answered_apart, compare, misleads, overlap, scope_difference


def claim(text: str, document: str) -> Claim:
    sentence = Sentence(document, 0, len(text), text)
    return Claim(sentence, sentence)


OPPOSED = [
    (
        "direction",
        "Riluzole reduces the release of glutamate.",
        "Riluzole increases the release of glutamate from nerve cells.",
    ),
    (
        "direction",
        "Glutamate in the cortex is higher in people with depression.",
        "Brain scans show that glutamate in the cortex is lower in people with depression.",
    ),
    (
        "negation",
        "Naltrexone strongly reduced the antidepressant effect of ketamine.",
        "Naltrexone did not reduce the antidepressant effect of ketamine.",
    ),
    (
        "negation",
        "Ketamine needs opioid receptors to relieve depression.",
        "Ketamine does not need opioid receptors to relieve depression.",
    ),
    ("negation", "Zinc shortens colds.", "In this trial zinc did not shorten colds."),
    (
        "quantity",
        "The benefit of a single ketamine infusion lasts several months.",
        "In most patients the benefit of a single ketamine infusion lasts about one week.",
    ),
    (
        "certainty",
        "Ketamine relieves depression by blocking NMDA receptors.",
        "How ketamine relieves depression remains unclear.",
    ),
    (
        "certainty",
        "Ketamine is an antidepressant because of its NMDA-receptor block.",
        "It is not established that NMDA-receptor block is what makes ketamine an antidepressant.",
    ),
    (
        "scope",
        "In rats, a low dose of ketamine raises the release of glutamate in the cortex.",
        "At a full anaesthetic dose, ketamine lowers the release of glutamate in the cortex of rats.",
    ),
    (
        "direction",
        "Green tea extract is safe for the liver.",
        "Extracts of green tea have harmed the liver badly.",
    ),
    (
        "certainty",
        "Restless legs syndrome is caused by too little iron in the brain.",
        "Exactly what causes restless legs syndrome is not known.",
    ),
    (
        "negation",
        "Do not offer gabapentin for sciatica: the evidence shows harm without benefit.",
        "For the shooting pain, gabapentin is the drug of first choice.",
    ),
    (
        "negation",
        "Metformin lowers blood sugar mainly by stopping the liver from making glucose.",
        "Metformin lowers blood sugar by acting in the gut, not in the liver.",
    ),
    (
        "scope",
        "People with anxiety have higher levels of glutamate in the amygdala.",
        "Reductions in glutamate increase anxious behavior, above all in the hippocampus.",
    ),
    (
        "scope",
        "Vitamin D levels were not associated with mortality in patients worldwide.",
        "In Asia, vitamin D levels were associated with mortality.",
    ),
    (
        "scope",
        "Dopamine is reduced in the striatum of people with Parkinson's disease.",
        "Dopamine is increased in the striatum of people with schizophrenia.",
    ),
    (
        "negation",
        "Tinnitus arises in the inner ear, where damaged hair cells keep firing.",
        "Tinnitus arises in the brain, and not in the ear itself.",
    ),
    (
        "scope",
        "At a high dose of 480 mg, caffeine increased anxiety within an hour.",
        "A low dose of caffeine reduced anxiety before the exam.",
    ),
    (
        "scope",
        "In mice, mithramycin increases muscle strength.",
        "Mithramycin decreases muscle strength in adults.",
    ),
]

NOT_OPPOSED = [
    ("Riluzole reduces the release of glutamate.", "The release of glutamate is reduced by riluzole."),
    ("Riluzole reduces the release of glutamate.", "Lamotrigine inhibits the release of glutamate."),
    ("Riluzole reduces the release of glutamate.", "Riluzole raises liver enzymes in some patients."),
    ("SSRIs need several weeks to work.", "Ketamine works within hours, for about one week."),
    ("Ketamine blocks NMDA receptors.", "Ketamine leads to a downstream activation of AMPA receptors."),
    ("Esketamine works within a day.", "How ketamine works remains unclear."),
    ("Riluzole prolongs survival by two to three months.", "Riluzole prolongs survival by about three months."),
    ("Aspirin causes ulcers by damaging the lining.", "It was once thought that stress does not cause ulcers."),
    ("Statins lower cholesterol in the blood.", "Statins increase the removal of cholesterol from the blood."),
    (
        "Gout is caused by uric acid crystals that settle in the joints.",
        "Colchicine is old, yet how it settles an attack of gout is not fully understood.",
    ),
    ("Avoid alcohol while taking gabapentin.", "Gabapentin is the drug of choice for sciatica."),
    ("Doctors recommend gabapentin for neuropathic pain.", "Gabapentin is not recommended for sciatica."),
    ("The hormone is made in the liver, not in the kidney.", "The hormone is cleared by the kidney."),
    ("People with anxiety have higher levels of glutamate.", "Reductions in glutamate increase anxious behavior."),
    ("Riluzole was approved in 1995.", "Esketamine was approved in 2019."),
]


@pytest.mark.parametrize(("kind", "first", "second"), OPPOSED)
def test_opposed_words_are_seen_in_either_order(kind: str, first: str, second: str) -> None:
    for one, other in ((first, second), (second, first)):
        pair = compare(claim(one, "a"), claim(other, "b"))
        assert pair.opposed is not None
        assert ("scope" if pair.differ else pair.opposed) == kind


@pytest.mark.parametrize(("first", "second"), NOT_OPPOSED)
def test_words_that_may_both_hold_are_not_opposed(first: str, second: str) -> None:
    assert compare(claim(first, "a"), claim(second, "b")).opposed is None
    assert compare(claim(second, "a"), claim(first, "b")).opposed is None


def test_scope_difference_names_both_values() -> None:
    mice, people = claim("In mice it rises.", "a"), claim("It falls in patients.", "b")
    assert scope_difference(mice, people) == ("species", "animals", "people")
    assert scope_difference(mice, claim("It falls.", "b")) == ("species", "animals", "people")
    assert scope_difference(people, claim("It falls.", "b")) is None


def test_scope_difference_names_illnesses_as_they_are_written() -> None:
    first = claim("It falls in people with Parkinson's disease.", "a")
    assert scope_difference(first, claim("It rises in patients with schizophrenia.", "b")) == (
        "illness",
        "Parkinson's disease",
        "schizophrenia",
    )
    assert scope_difference(first, claim("It rises in patients with severe Parkinson's.", "b")) is None


@pytest.mark.parametrize(
    ("first", "second", "looks"),
    [
        ("Insulin lowers glucose.", "Glucose rises in people who are not given insulin.", True),
        ("Insulin lowers glucose.", "Insulin raises glucose in adults who do not smoke.", False),
        ("Statins lower cholesterol.", "Statins increase the removal of cholesterol.", True),
    ],
)
def test_what_only_looks_opposed(first: str, second: str, looks: bool) -> None:
    assert misleads(compare(claim(first, "a"), claim(second, "b"))) is looks
    assert misleads(compare(claim(second, "b"), claim(first, "a"))) is looks


def test_overlap_is_the_share_of_the_smaller_set() -> None:
    assert overlap(frozenset("ab"), frozenset("bcd")) == 0.5
    assert overlap(frozenset(), frozenset("b")) == 0


VACCINE = "The vaccine is given twice. Its protection lasts at least ten years."
FADES = "Protection from the vaccine fades after about four years, he warns, and people are as vulnerable as before."


@pytest.mark.parametrize(
    ("question", "second", "opposed"),
    [
        ("How long does the shingles vaccine protect?", FADES, "quantity"),
        ("What is the dose of the shingles vaccine?", FADES, None),
        ("How long does the shingles vaccine protect?", "A sore arm after the vaccine lasts two days.", None),
        ("How long does the shingles vaccine protect?", "Protection lasts twelve years.", None),
    ],
)
def test_figures_that_were_asked_for_are_compared_in_unlike_sentences(
    question: str, second: str, opposed: str | None
) -> None:
    sentence = Sentence("a", VACCINE.index("Its"), len(VACCINE), VACCINE[VACCINE.index("Its") :])
    first = Claim(sentence, Sentence("a", 0, len(VACCINE), VACCINE))
    for pair in (compare(first, claim(second, "b")), compare(claim(second, "b"), first)):
        assert pair.opposed is None
        found = answered_apart(pair, question, ("Shingles", "Shingles"))
        assert (found.opposed, found.asked) == (opposed, opposed is not None)
