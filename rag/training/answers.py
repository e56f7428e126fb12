"""Fit the probability that a sentence answers: `python -m rag.training.answers --data DATA --out rag/weights`.

The regressions of ``rag/compose.py``, on questions and documents that trained neither the ranker nor the judge: SQuAD 2
(the articles that the ranker did not read), held-out MedQuAD pages, PubMedQA abstracts, held-out cards as questions
and as claims, and held-out question cards as short articles, every second with a whole sentence for a heading. What
answers some of the questions is left out of the index, or a detail of the question was changed, so that those are on
topic and yet have no answer. Labels are derived: a sentence answers if it stands in the section, the abstract's
conclusion or the side of the card that was asked for, or if it holds the gold answer.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index import Index, Sentence, content_stems
from index.embed import PackagedEmbedder
from rag.compose import ANSWERS, FEATURES, candidates, likeliest
from rag.judge import WEIGHTS, Judge, PackagedJudge, PackagedRanker, Ranker
from rag.measure import auc, fit, logistic, write_weights
from rag.retrieve import retrieve
from rag.training.cards import Card, read_cards, views
from rag.training.data import HELD_OUT, SEED, Rows, command_line, digit, log, rows_of, split_sentences, words_of
from rag.training.ranker import SQUAD_TRAIN

ASKED_OF_A_SET = 400
PAGES = 300
SEARCHED = 4
"""How many words of a sentence are searched for."""
READ_FIRST = np.array([-8.0, 4.0, 1.4, 0.0, -0.4, 0.4, 0.4, 4.0, 4.4, 0.3])
"""Bias and weights that choose which sentences the models read while there are none yet."""

Label = bool | None
"""Whether a sentence answers; None where that is not known."""


class Asked(NamedTuple):
    """A question, the group that it must not be parted from, and which sentences answer it."""

    question: str
    group: str
    label: Callable[[Sentence], Label]


class Questions(NamedTuple):
    """Texts by id, and what they are asked."""

    name: str
    texts: dict[str, str]
    asked: list[Asked]


def squad_questions(rows: Rows) -> Questions:
    """Paragraphs of Wikipedia with questions that they answer, or nearly answer."""
    kept = [row for row in rows if digit(row["article"]) > SQUAD_TRAIN]
    ids = {text: f"paragraph-{i}" for i, text in enumerate(dict.fromkeys(row["context"] for row in rows))}

    def asked(row: dict) -> Asked:
        def label(sentence: Sentence) -> Label:
            if not any(answer.lower() in sentence.line.lower() for answer in row["answers"]):
                return False
            return True if sentence.document == ids[row["context"]] else None

        return Asked(row["question"], row["article"], label)

    return Questions("squad2", {id: text for text, id in ids.items()}, [asked(row) for row in kept])


def page_questions(rows: Rows, rng: random.Random) -> tuple[Questions, Questions]:
    """Health pages asked one of their own questions, and searched for words of one of their sentences; of a third
    the section is left out, of a third the page."""
    pages = rng.sample([page for page in rows if digit(page["_id"]) >= HELD_OUT], PAGES)
    texts, asked, searched = {}, [], []
    for i, page in enumerate(pages):
        section = rng.choice(page["sections"])
        parts = [part for part in page["sections"] if i % 3 != 1 or part is not section]
        text = "\n\n".join([page["title"], *(f"{part['question']}\n\n{part['answer']}" for part in parts)])
        if i % 3 != 2 and parts:
            texts[page["_id"]] = text
        start = text.find(section["answer"]) if section in parts and page["_id"] in texts else -1
        asked.append(Asked(section["question"], page["_id"], _in_span(page["_id"], start, len(section["answer"]))))
        if sentences := [s for s in split_sentences(section["answer"]) if len(words_of(s)) > SEARCHED]:
            words = search_words(rng.choice(sentences), rng)
            searched.append(Asked(words, page["_id"], _holds(words)))
    return Questions("medquad", texts, asked), Questions("searches", texts, searched)


def search_words(sentence: str, rng: random.Random) -> str:
    """Some of a sentence's content words, in their order, as people type them into a search box."""
    words = [word for word in dict.fromkeys(re.findall(r"[\w-]+", sentence)) if words_of(word)]
    kept = set(rng.sample(range(len(words)), min(SEARCHED, len(words))))
    return " ".join(word for i, word in enumerate(words) if i in kept)


def _in_span(document: str, start: int, length: int) -> Callable[[Sentence], Label]:
    """What answers stands in this span; what else the document says may or may not, unless the span is not there."""

    def label(sentence: Sentence) -> Label:
        if sentence.document != document or start < 0:
            return False
        return True if start <= sentence.start < start + length else None

    return label


def _holds(words: str) -> Callable[[Sentence], Label]:
    """Who searches for words wants sentences that hold them all."""
    wanted = set(content_stems(words))
    return lambda sentence: wanted <= set(content_stems(sentence.text))


def paper_questions(rows: Rows, rng: random.Random) -> Questions:
    """Abstracts asked the question of their title, which their conclusion answers; every second one is left out."""
    texts = {row["id"]: " ".join([*row["contexts"], row["conclusion"]]) for row in rows[::2]}

    def asked(row: dict) -> Asked:
        def label(sentence: Sentence) -> Label:
            if sentence.document != row["id"]:
                return False
            return True if sentence.text in row["conclusion"] else None

        return Asked(row["question"], row["id"], label)

    return Questions("pubmedqa", texts, [asked(row) for row in rows])


def card_questions(cards: Sequence[Card], rng: random.Random) -> Questions:
    """Cards as short documents, asked their question and one of their claims; every second card lacks its sides."""
    texts: dict[str, str] = {}
    asked = []
    for i, card in enumerate(cards):
        sides, others = _sides(card)
        if i % 2:
            texts |= {f"{i}-side-{n}": text for n, text in enumerate(sides)}
        texts |= {f"{i}-other-{n}": text for n, text in enumerate(others)}
        claim = rng.choice([*card["claim"], *card["denial"]] if "claim" in card else [card["a"][0], card["b"][0]])
        asked += [Asked(question, str(i), _of_card(i)) for question in (card["question"], claim)]
    return Questions("cards", texts, asked)


def _sides(card: Card) -> tuple[list[str], list[str]]:
    """The texts of a card that answer its question, and those that only speak of the same."""
    if "claim" in card:
        return [*card["supports"], *card["refutes"]], card["neutral"]
    return [" ".join(card["a"][1:]), " ".join(card["b"][1:]), *views(card)], card["other"]


def _of_card(i: int) -> Callable[[Sentence], Label]:
    return lambda sentence: sentence.document.startswith(f"{i}-side-")


def article_questions(cards: Sequence[Card], rng: random.Random) -> Questions:
    """Question cards as articles, asked in every form and about another detail; every third lacks what answers."""
    texts, asked = {}, []
    for i, card in enumerate(cards):
        answers = [] if i % 3 == 1 else card["answers"]
        body = rng.sample([*answers, *card["near"]], len(answers) + len(card["near"]))
        heading = card["heading"] if i % 2 == 0 else body.pop().rstrip(".")
        texts[f"{i}-article"] = "\n\n".join([card["title"], heading, " ".join(body)])
        asked += [Asked(question, f"{i}", _is_one_of(f"{i}-article", answers)) for question in card["questions"]]
        asked += [Asked(question, f"{i}", _is_one_of(f"{i}-article", [])) for question in card["altered"]]
    return Questions("articles", texts, asked)


def _is_one_of(document: str, answers: Sequence[str]) -> Callable[[Sentence], Label]:
    def label(sentence: Sentence) -> Label:
        return sentence.document == document and any(
            sentence.line in answer or answer in sentence.line for answer in answers
        )

    return label


def examples(questions: Questions, ranker: Ranker, judge: Judge, rng: random.Random) -> Iterator[tuple]:
    """For each question its group, the features of the sentences that the models read, and their labels."""
    index = Index.from_texts(questions.texts, embedder=PackagedEmbedder())
    for asked in rng.sample(questions.asked, min(ASKED_OF_A_SET, len(questions.asked))):
        found = candidates(retrieve(index, asked.question), index)
        if not found:
            continue
        best, features = likeliest(asked.question, found, READ_FIRST, ranker, judge, index)
        yield f"{questions.name} {asked.group}", features, [asked.label(one.quote) for one in best]


def fit_answers(data: Path, ranker: Ranker, judge: Judge, out: Path) -> None:
    """Fit, save, and print how well each half of the questions is told by what was fitted on the other."""
    rng = random.Random(SEED)
    cards = [card for kind in ("findings", "claims") for card in read_cards(kind, held_out=True)]
    questions = [
        squad_questions(rows_of(data, "answerability/squad2_a")),
        *page_questions(rows_of(data, "retrieval/medquad/pages"), rng),
        paper_questions(rows_of(data, "answerability/pubmedqa_a"), rng),
        card_questions(cards, rng),
        article_questions(read_cards("questions", held_out=True), rng),
    ]
    made = [example for asked in questions for example in examples(asked, ranker, judge, rng)]
    groups = sorted({group for group, _, _ in made})
    half = dict(zip(groups, (i % 2 for i in range(len(groups))), strict=True))
    fitted = [_fit([example for example in made if half[example[0]] != i]) for i in (0, 1)]
    for asked in questions:
        own = [(fitted[half[group]], x, labels) for group, x, labels in made if group.startswith(asked.name)]
        report(asked.name, [(logistic(x, weights), labels) for weights, x, labels in own])
    write_weights(out / "answer.json", FEATURES, _fit(made))


def _fit(made: Sequence[tuple]) -> np.ndarray:
    labels = np.array([label for _, _, labels in made for label in labels], object)
    known = labels != None  # noqa: E711 - compared element by element
    return fit(np.vstack([x for _, x, _ in made])[known], labels[known].astype(bool))


def report(name: str, asked: Sequence[tuple[np.ndarray, list[Label]]]) -> None:
    """Is there an answer, does the surest sentence give it, and what the threshold lets through."""
    sure = np.array([sure.max() for sure, _ in asked])
    answerable = np.array([any(labels) for _, labels in asked])
    best = np.array([labels[int(sure.argmax())] is not False for sure, labels in asked])
    log.info("%s: %d questions, answerable or not AUROC %.3f", name, len(asked), auc(sure, answerable))
    log.info("  the best sentence answers %.3f of the answerable", best[answerable].mean())
    for least in (ANSWERS / 2, ANSWERS, 2 * ANSWERS):
        shares = ((sure >= least)[answerable].mean(), (sure >= least)[~answerable].mean())
        log.info("  at %.2f: %.3f of the answerable answered, %.3f of the others", least, *shares)


if __name__ == "__main__":
    given = command_line("Fit the probability of an answer to the models in the same folder.", out=WEIGHTS)
    models = PackagedRanker(given.out / "ranker.safetensors"), PackagedJudge(given.out / "judge.safetensors")
    fit_answers(given.data, *models, given.out)
