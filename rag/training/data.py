"""Public data sets as examples to train on: reading, parting, cutting.

Everything is drawn from one seed. Only sets whose licence lets trained weights be shipped are read for training.
"""

import hashlib
import json
import logging
import random
import re
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index import content_stems
from index.read import from_text
from index.split import sentences

log = logging.getLogger(__name__)

SEED = 20240
HELD_OUT = 13  # rows and pages with a `digit` from here on are kept to measure with
LONGEST_EVIDENCE = 60
"""Words; of longer evidence the sentences most like the claim are judged."""

Rows = list[dict]


class Example(NamedTuple):
    """A pair of texts with the position of its label.

    Position `len(labels) + i` stands for "any label but the one at i": two findings that answer one question do
    not refute each other, yet whether one supports the other is not known.
    """

    first: str
    second: str
    label: int


class Source(NamedTuple):
    """A data set: its file, its licence, how its rows become examples, and how many of these to take at most."""

    file: str
    licence: str
    examples: Callable[[Rows, random.Random], Iterable[Example]]
    most: int


def command_line(about: str | None, *, out: Path) -> Namespace:
    """``--data`` and ``--out``, by default ``out``, of a training script, which says on the way what it does."""
    parser = ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets, one JSON object a line")
    parser.add_argument("--out", type=Path, default=out, help="folder of the trained weights")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    return given


# Reading


def rows_of(data: Path, file: str) -> Rows:
    with (data / f"{file}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def gather(sources: Iterable[Source], data: Path, *, seed: int = SEED) -> list[Example]:
    """Every source's examples, each source from its own seed, so that one can change without the others."""
    found: list[Example] = []
    for source in sources:
        rng = random.Random(f"{seed} {source.file} {source.examples.__name__}")
        made = list(source.examples(rows_of(data, source.file), rng))
        rng.shuffle(made)
        found += made[: source.most]
        shares = np.bincount([e.label for e in made[: source.most]]).tolist()
        log.info("%-40s %-26s %6d %s", source.file, source.examples.__name__, len(made[: source.most]), shares)
    return found


def digit(key: str) -> int:
    """A stable number from 0 to 15 by which a data set is parted."""
    return int(hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()[0], 16)


def split_sentences(text: str) -> list[str]:
    """A rough splitter, enough for training text: at line breaks, bullets and full stops before a capital."""
    parts = re.split(r"\n\s*\n|\s{3,}-?\s*|(?<=[.!?])[\"')\]]*\s+(?=[A-Z\"(])", text)
    return [" ".join(part.split()) for part in parts if len(part.split()) >= 4]


def focused(evidence: str, claim: str) -> str:
    """Long evidence cut down to the sentences that share most words with the claim, in their order."""
    if len(evidence.split()) <= LONGEST_EVIDENCE:
        return evidence
    parts = [sentence.line for sentence in sentences(from_text("evidence", evidence))]
    wanted = set(content_stems(claim))
    order = sorted(range(len(parts)), key=lambda i: -len(set(content_stems(parts[i])) & wanted))
    kept: list[int] = []
    for i in order:
        if kept and sum(len(parts[j].split()) for j in [*kept, i]) > LONGEST_EVIDENCE:
            break
        kept.append(i)
    return " ".join(parts[i] for i in sorted(kept))


STOP = set(
    """
    a about after also an and any are as at be been before between by can could did do does during for from had has
    have how i if in into is it its may more most no not of on or other some such than that the their them then
    there these they this to was were what when where which who why will with would you your
    """.split()
)


def words_of(text: str) -> set[str]:
    """The content words of a text, lower-cased, a plural ending removed."""
    return {w.removesuffix("s") for w in re.findall(r"[a-z0-9]+", text.lower()) if w not in STOP and len(w) > 1}


# Health pages


KINDS = (  # how a MedQuAD section's question starts, its heading, and other ways to ask the same
    (r"What is \(are\) ", "Overview", ("What is {}?", "What is {}?", "{}", "Tell me about {}", "Define {}")),
    (r"Do you have information about ", "Summary", ("What is {}?", "Tell me about {}", "{}")),
    (r"What are the symptoms of ", "Symptoms", ("What are the symptoms of {}?", "What are the signs of {}?",
     "{} symptoms", "How do I know if I have {}?", "What does {} do to you?")),
    (r"What are the treatments for ", "Treatment", ("What are the treatments for {}?", "How is {} treated?",
     "What helps against {}?", "{} treatment", "How do doctors treat {}?", "Which therapies are there for {}?")),
    (r"What causes ", "Causes", ("What causes {}?", "Why do people get {}?", "What is the cause of {}?",
     "How does {} come about?")),
    (r"How many people are affected by ", "Frequency", ("How many people are affected by {}?",
     "How common is {}?", "How rare is {}?", "What is the prevalence of {}?")),
    (r"What are the genetic changes related to ", "Genetic changes", ("Which gene causes {}?",
     "What are the genetic changes related to {}?", "Which mutations lead to {}?")),
    (r"Is (?=.* inherited)", "Inheritance", ("Is {} inherited?", "Does {} run in families?",
     "How is {} passed on?", "Is {} hereditary?")),
    (r"How to diagnose ", "Diagnosis", ("How to diagnose {}?", "How is {} diagnosed?",
     "Which tests show {}?", "How do doctors find out whether someone has {}?")),
    (r"How to prevent ", "Prevention", ("How to prevent {}?", "How can {} be prevented?",
     "What can I do to avoid {}?")),
    (r"What is the outlook for ", "Outlook", ("What is the outlook for {}?", "What is the prognosis of {}?",
     "How long do people with {} live?")),
    (r"Who is at risk for ", "Risk factors", ("Who is at risk for {}?", "What raises the risk of {}?",
     "Who gets {}?")),
    (r"What are the complications of ", "Complications", ("What are the complications of {}?",
     "What can {} lead to?")),
    (r"what research \(or clinical trials\) is being done for ", "Research",
     ("What research is being done for {}?", "Are there clinical trials for {}?")),
    (r"What to do for ", "Living with it", ("What to do for {}?", "What can people with {} do?")),
)  # fmt: skip


class Section(NamedTuple):
    """What a health page says on one kind of question."""

    title: str
    heading: str
    asks: tuple[str, ...]
    sentences: list[str]

    def place(self, sentence: str, rng: random.Random) -> str:
        """`placed`, always with the title where the sentence itself does not name the topic."""
        named = words_of(sentence) & words_of(self.title)
        return placed(sentence, self.title, self.heading, rng) if named else f"{self.title}: {sentence}"


def medquad_pages(rows: Rows, *, held_out: bool) -> list[list[Section]]:
    """Pages as sections of a known kind, without sentences that stand on more than ten pages."""
    pages = [page for page in rows if (digit(page["_id"]) >= HELD_OUT) == held_out]
    counts: dict[str, int] = defaultdict(int)
    for page in pages:
        for sentence in {s for part in page["sections"] for s in split_sentences(part["answer"])}:
            counts[sentence.replace(page["title"], "")[:40]] += 1
    found = []
    for page in pages:
        parts = [section(page["title"], part, counts) for part in page["sections"]]
        found.append([part for part in parts if part and part.sentences])
    return found


def section(title: str, part: dict, counts: dict[str, int]) -> Section | None:
    for start, heading, ways in KINDS:
        if re.match(start, part["question"]):
            topic = re.sub(start, "", part["question"], count=1).removesuffix("?").strip().removesuffix(" inherited")
            own = [s for s in split_sentences(part["answer"]) if counts[s.replace(title, "")[:40]] <= 10]
            own = [s for s in own if not s.endswith((":", "?")) and len(s) < 500]
            return Section(title, heading, tuple(way.format(topic) for way in ways), own)
    return None


def placed(sentence: str, title: str, heading: str, rng: random.Random) -> str:
    """A sentence as the answerer hands it over: bare, or after its title, or after its title and heading."""
    place = rng.choice(["", f"{title}: ", f"{title} > {heading}: " if heading else f"{title}: "])
    return place + sentence
