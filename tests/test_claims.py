"""A sentence read as a claim."""

import pytest

from index import Sentence
from rag.claims import Claim


def claim(text: str, *, before: str = "") -> Claim:
    quote = f"{before} {text}".strip()
    start = len(quote) - len(text)
    return Claim(Sentence("d", start, len(quote), text), Sentence("d", 0, len(quote), quote))


def effects(text: str, *, axis: str = "amount", before: str = "") -> list[tuple[int, bool, set[str], set[str]]]:
    found = claim(text, before=before).effects
    return [(e.sign, e.negated, set(e.subject), set(e.object)) for e in found if e.axis == axis]


def test_direction_has_a_subject_and_an_object() -> None:
    assert effects("Riluzole reduces the release of glutamate from nerve cells.") == [
        (-1, False, {"riluzol"}, {"releas", "glutam", "nerv", "cell"})
    ]


def test_a_pronoun_stands_for_the_sentence_before() -> None:
    [(sign, negated, subject, object)] = effects(
        "It works by increasing the release of glutamate.", before="Riluzole treats ALS."
    )
    assert (sign, negated, object) == (1, False, {"releas", "glutam"})
    assert "riluzol" in subject


def test_what_is_lower_stands_before_the_verb() -> None:
    [(sign, _, subject, object)] = effects("Glutamate in the cortex is lower in depression.")
    assert (sign, subject, object) == (-1, {"depress"}, {"glutam", "cortex"})


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("Naltrexone did not reduce the effect.", True),
        ("Naltrexone didn't reduce the effect.", True),
        ("Naltrexone strongly reduced the effect.", False),
        ("Naltrexone not only reduced the effect but ended it.", False),
        ("The drug, which is not new, reduced the effect.", False),
    ],
)
def test_negation_stays_in_its_clause(text: str, negated: bool) -> None:
    assert [found[1] for found in effects(text)] == [negated]


def test_what_is_safe_for_something_stands_before_it() -> None:
    assert effects("Green tea extract is safe for the liver.", axis="benefit") == [
        (1, False, {"green", "tea", "extract"}, {"liver"})
    ]
    [(sign, negated, subject, _)] = effects("Ginkgo was no better than placebo.", axis="benefit")
    assert (sign, negated, subject) == (1, True, {"ginkgo"})


@pytest.mark.parametrize(
    "text",
    [
        "Statins increase the removal of cholesterol.",
        "A lack of statins raises cholesterol.",
        "Cholesterol is higher in people who lack statins.",
        "Cholesterol is higher in people who are low in statins.",
    ],
)
def test_opposed_words_may_say_the_same(text: str) -> None:
    [found] = [e for e in claim(text).effects if e.sign and "cholesterol" in e.object and e.turned]
    assert (found.sign, found.negated) == (-1, False)
    assert "statin" in found.subject


def test_a_denied_verb_is_an_effect_of_its_own() -> None:
    [(sign, negated, subject, object)] = effects("Ketamine does not need opioid receptors.", axis="verb:need")
    assert (sign, negated, subject, object) == (1, True, {"ketamin"}, {"opioid", "receptor"})


@pytest.mark.parametrize(
    ("text", "head", "explanation"),
    [
        ("However, the mechanism by which ketamine improves mood remains unclear.", "ketamin", True),
        ("How ketamine relieves depression is not fully understood.", "ketamin", True),
        ("It is not established that NMDA block makes ketamine work.", "nmda", False),
        ("Whether exercise prevents dementia is still debated.", "exercis", False),
        ("Exactly what causes restless legs syndrome is not known.", "restless", True),
        ("Scientists do not know why we yawn.", "yawn", True),
        ("Colchicine is old, yet how it settles an attack of gout is not fully understood.", "colchicin", True),
    ],
)
def test_what_is_unknown(text: str, head: str, explanation: bool) -> None:
    unknown = claim(text).unknown
    assert unknown is not None
    assert (unknown.head, unknown.explanation) == (head, explanation)


def test_what_is_known_is_not_unknown() -> None:
    assert claim("Ketamine works by blocking NMDA receptors.").unknown is None


@pytest.mark.parametrize(
    "text",
    [
        "Some studies found a benefit, while others found none.",
        "The evidence is mixed.",
        "For instance, some research indicates higher levels, while other findings suggest lower ones.",
    ],
)
def test_mixed_findings(text: str) -> None:
    assert claim(text).is_mixed


@pytest.mark.parametrize(
    "text", ["It was once thought that stress causes ulcers.", "Some people believe that sugar makes children wild."]
)
def test_a_view_that_the_source_need_not_hold(text: str) -> None:
    assert claim(text).is_attributed


def test_scope() -> None:
    assert claim("In mice, a low dose raises glutamate in the hippocampus.").scope == {
        "species": {"animals"},
        "dose": {"low dose"},
        "brain region": {"hippocampus"},
    }


def test_a_doubted_view_denies_nothing_itself() -> None:
    assert claim("In 1998 a paper claimed that the vaccine causes autism; it was retracted.").is_doubted_view
    assert not claim("Contrary to popular belief, the vaccine does not cause autism.").is_doubted_view
    assert not claim("The vaccine causes autism.").is_doubted_view


@pytest.mark.parametrize(
    "text",
    [
        "Some parents fear that vaccines overload a baby.",
        "The makers promise that the pads pull poisons from the body.",
    ],
)
def test_what_others_fear_or_promise_is_a_view(text: str) -> None:
    assert claim(text).is_doubted_view
