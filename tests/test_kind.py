"""Kinds of sources and notices: texts written for the purpose, each with what it is."""

from pathlib import Path

import pytest

from index.kind import declared
from index.read import read

BODY = "The drug was well tolerated, and most people slept better after the second week of treatment."

KINDS = [
    ("review", "Zinc for the common cold: a systematic review", BODY),
    ("review", "Exercise and low mood: meta-analysis of 41 trials", BODY),
    ("review", "Magnesium and sleep", "We searched PubMed, Embase and the Cochrane Library up to May 2020. " + BODY),
    ("review", "Light and mood", "This review summarises what is known of light and mood. " + BODY),
    ("trial", "Zinc for the common cold: a randomised placebo-controlled trial", BODY),
    (
        "trial",
        "Night-time melatonin in shift workers",
        "In total 212 nurses were randomly assigned to it or not.",
    ),
    ("trial", "A spray for hay fever", "The trial is registered as NCT01234567 and ended early. " + BODY),
    ("study", "Coffee and falls: a cohort study of 4,000 nurses", BODY),
    ("study", "Sleep loss and memory in mice", BODY),
    ("study", "Salt and stroke", "We followed 9,112 adults for ten years and counted strokes. " + BODY),
    ("leaflet", "Package leaflet: Somnol 5 mg", BODY),
    ("leaflet", "Somnol 5 mg tablets", "Read all of this leaflet before you start. " + BODY),
    ("news", "Press release: Somnol approved", BODY),
    ("news", "Somnol approved", "The company said that it would ship the tablets in spring. " + BODY),
    ("blog", "Six weeks on Somnol", "In this post I tell you how it went. " + BODY),
    ("blog", "Six weeks", "I slept. " * 9 + BODY),
    (
        "question and answer",
        "Somnol",
        "What is it?\n\nA pill.\n\nIs it safe?\n\nIt is.\n\nHow long?\n\nA week.",
    ),
    ("guideline", "Clinical practice guideline: sleep in hospital wards", BODY),
    ("", "Somnol", BODY),
    ("", "Why we sleep", "A review of my diary showed nothing. The clinic opened in 1990. " + BODY),
    ("", "Questions remain", "Does it last?\n\nNobody knows. " + BODY),
    ("", "Trials and tribulations", "The trial of the thief took a week. " + BODY),
]


@pytest.mark.parametrize(("kind", "title", "text"), KINDS)
def test_the_kind_of_a_text(tmp_path: Path, kind: str, title: str, text: str) -> None:
    (tmp_path / "a.txt").write_text(f"{title}\n\n{text}")
    [document] = read(tmp_path / "a.txt", root=tmp_path)
    assert document.kind == kind


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.org/blog/zinc", "blog"),
        ("https://blogs.example.org/zinc", "blog"),
        ("https://example.org/2020/news/zinc.html", "news"),
        ("https://news.example.org/zinc", "news"),
        ("https://example.org/newsletter/zinc", ""),
    ],
)
def test_the_address_tells_the_kind(tmp_path: Path, url: str, kind: str) -> None:
    (tmp_path / "a.md").write_text(f"---\nurl: {url}\n---\n# Zinc\n\n{BODY}")
    assert read(tmp_path / "a.md", root=tmp_path)[0].kind == kind


def test_what_a_page_declares() -> None:
    assert declared(b'<script type="application/ld+json">{"@type": "NewsArticle"}</script>') == "news"
    assert declared(b'{"@type":"Person"} {"@type":"BlogPosting"}') == "blog"
    assert declared(b"<p>NewsArticle</p>") == ""


NOTICES = """\
RETRACTED: Zinc cures the common cold
Retracted article: Zinc cures the common cold
Retraction notice: the authors withdraw this report.
This article has been retracted at the request of the editors.
This paper was retracted in March 2021 because its data could not be verified.
Editor's note: this preprint has since been withdrawn by its authors.
Correction: the dose in Table 2 should read 5 mg.
Erratum: Figure 1 was printed upside down.
Corrigendum: the second author's name was misspelled.
This article has been corrected since it was first published.
Expression of concern: readers are advised that the images are under review.
The journal has issued an expression of concern about this study.
This systematic review has been superseded by a newer version.
A correction to this article was published on 3 May 2020.
""".splitlines()

NO_NOTICES = """\
The 1998 paper was retracted twelve years later.
Several papers on the subject were retracted.
Retraction of the muscle took two seconds.
Eye movements were corrected for blinks.
In this study the dose was corrected for body weight.
This study had withdrawn patients in both arms.
Corrections for multiple comparisons were made.
Withdrawn patients were counted as failures.
Patients withdrawn from this trial were followed up.
Their paper was retracted, and this article explains why.
There is growing concern about this drug.
The authors expressed concern about sleep loss.
This article reviews studies that were later retracted by others.
A correction factor of 1.2 was applied to this measurement.
""".splitlines()


@pytest.mark.parametrize("line", NOTICES)
def test_a_notice_is_given_word_for_word(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text(f"Zinc and the common cold\n\n{line}\n\n{BODY}")
    assert read(tmp_path / "a.txt", root=tmp_path)[0].notice == line


@pytest.mark.parametrize("line", NO_NOTICES)
def test_prose_about_retractions_is_no_notice(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text(f"Zinc and the common cold\n\n{line}\n\n{BODY}")
    assert read(tmp_path / "a.txt", root=tmp_path)[0].notice == ""


def test_a_notice_is_found_in_the_furniture_and_kept_in_the_index(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Zinc and colds\n\n{BODY}\n\nDisclaimer: This article has been retracted.\n\nMenu")
    [document] = read(tmp_path / "a.txt", root=tmp_path)
    assert "retracted" not in document.text
    assert document.notice == "Disclaimer: This article has been retracted."
