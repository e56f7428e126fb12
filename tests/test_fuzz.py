"""Readers and cleaner under arbitrary bytes: a reason, or a document whose every span is in its text.

Longer on demand: ``COUNTERPOINT_EXAMPLES=20000 pytest tests/test_fuzz.py``.
"""

import os
import tempfile
from pathlib import Path

import pytest
from bad_files import WORDS, docx, html, pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.clean import clean, compact
from index.errors import Unreadable
from index.furniture import is_furniture
from index.read import READERS, find_blocks, read
from index.split import passages, sentences
from index.types import Document

EXAMPLES = int(os.environ.get("COUNTERPOINT_EXAMPLES", "40"))
fuzzed = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

SEEDS = {
    ".pdf": pdf(WORDS),
    ".docx": docx(WORDS),
    ".html": html(WORDS),
    ".md": b"---\ntitle: A\n---\n# B\n\n- c\n\n| d | e |\n|---|---|\n| f | g |\n",
    ".csv": b'question,answer\n"What, then?","It ""is"" so."\n',
    ".jsonl": b'{"title": "A", "text": "It is so.", "authors": ["B"]}\n{"list": [{"question": "C?", "answer": "D."}]}',
}


def check(name: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            documents = read(path, root=Path(folder))
        except Unreadable:
            return
    assert documents
    for document in documents:
        check_spans(document)


def check_spans(document: Document) -> None:
    ends = [0, *(block.end for block in document.blocks)]
    assert all(end <= block.start < block.end for end, block in zip(ends, document.blocks, strict=False))
    assert ends[-1] <= len(document.text)
    document.text.encode()  # it can be stored
    for span in [*sentences(document), *passages(document, count_tokens=lambda text: len(text.split()))]:
        assert document.text[span.start : span.end] == span.text
        assert span.text.strip()


@pytest.mark.parametrize("suffix", list(READERS))
@fuzzed
@given(data=st.binary(max_size=400))
def test_noise(suffix: str, data: bytes) -> None:
    check(f"a{suffix}", data)


@pytest.mark.parametrize("suffix", list(SEEDS))
@fuzzed
@given(data=st.data())
def test_files_with_a_few_bytes_changed(suffix: str, data: st.DataObject) -> None:
    changed = bytearray(SEEDS[suffix])
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    check(f"a{suffix}", bytes(changed))


LINES = st.sampled_from(
    ["# A", "- b", "1. c", "| d | e |", "|---|---|", "> f", "```", "<p>", "Menu", "Home > A > B", "By A. Smith", "2020",
     "Is it so?", "It is so. It was so.", "", "https://example.org", '{"text": "a"}', "\u2028", "\ufeff", "\x00"]
)  # fmt: skip


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".csv", ".jsonl"])
@fuzzed
@given(lines=st.lists(LINES | st.text(max_size=30), max_size=30), glue=st.sampled_from(["\n", "\n\n", "\r\n", " "]))
def test_lines_that_mean_something_to_a_reader(suffix: str, lines: list[str], glue: str) -> None:
    check(f"a{suffix}", glue.join(lines).encode("utf-8", "surrogatepass"))


@fuzzed
@given(lines=st.lists(LINES | st.text(max_size=60), max_size=30))
def test_cleaning_keeps_spans_of_the_text_in_order(lines: list[str]) -> None:
    text = "\n\n".join(lines)
    document = clean(Document(id="", text=text, blocks=tuple(find_blocks(text))))
    ends = [0, *(block.end for block in document.blocks)]
    assert all(end <= block.start < block.end for end, block in zip(ends, document.blocks, strict=False))
    said = {" ".join(text[block.start : block.end].split()) for block in document.blocks}
    assert {part for part in compact(document).text.split("\n\n") if part} == {part for part in said if part}


@fuzzed
@given(line=st.text(alphabet="aA .,:|>»-()0?!’\t", max_size=2_000))
def test_no_line_takes_the_furniture_rules_long(line: str) -> None:
    assert is_furniture(line) in (True, False)
