"""Speed, memory and size, beside what a user would pick instead: each contender and step a process of its own.

Passages are answers of MedQuAD cut to 90 words; the first 5,000 are as they are, embedded. More are made from them,
since embedding a million takes hours: a tenth of the words replaced by others of the collection, the vector turned to
a cosine of 0.9, so that they stand in clusters as real ones do. Questions are MedQuAD's. The report says what was run;
times are of this machine, ratios hold better. Leaves out how good the passages are: the suites measure that.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from eval.data import read_rows
from eval.result import interval
from index import Index
from index.embed import PackagedEmbedder, Vectors
from index.lexical import words
from rag.retrieve import CANDIDATES

HERE = Path(__file__).parent
PEERS = ("langchain", "txtai", "haystack")
PEERS_UP_TO = 100_000
"""Beyond this the peers that keep everything in memory as Python objects need more of it than this machine has."""
REAL = 5_000
SYNCED = 500
SYNCS = 3
"""How many times the folder is synced anew."""
READERS = ("counterpoint", "langchain")
"""Who has models that read a question and a text together."""
LISTS, LISTED, LISTED_WORDS = 41, 20, 30
"""How many lists of pairs they read, of how many pairs, and how many words of a passage a pair has."""
STARTS = 5
"""How many times a process is started to find, and to answer, a first time in the synced folder."""
STEPS = 3
"""What is asked of an index: to find, to answer, and to answer and check; each with questions of its own."""
WORDS = 90
REPLACED = 0.1
COSINE = 0.9
SEED = 17
TRIALS = 100
COMMON = 10


@dataclass(frozen=True, slots=True)
class Timed:
    """One process: what it printed, and how long it took from its start to each line, in seconds."""

    lines: list[dict[str, Any]]
    seconds: list[float]

    @property
    def last(self) -> dict[str, Any]:
        return self.lines[-1]

    @property
    def firsts(self) -> dict[str, tuple[float, dict[str, Any]]]:
        """When each thing had been done for the first time, and the line that says so."""
        return {line["first"]: (at, line) for line, at in zip(self.lines, self.seconds, strict=True) if "first" in line}


@dataclass(slots=True)
class Record:
    """All that was measured of one contender at one size; ``size`` 0 is the folder that was embedded."""

    contender: str
    size: int
    builds: list[dict[str, float]]
    disk: float
    first: dict[str, list[float]]
    wall: dict[str, list[float]]
    cpu: dict[str, list[float]]
    memory: dict[str, float]
    again: dict[str, float] = field(default_factory=dict)
    recall: float | None = None
    reads: dict[str, dict[str, float]] = field(default_factory=dict)
    words: dict[str, list[float]] = field(default_factory=dict)

    def built(self, what: str) -> float:
        """The median over all builds of seconds, cpu, memory (MB), passages, or rate and cpu_rate (passages/s)."""
        return float(np.median([_of_build(build, what) for build in self.builds]))


def _of_build(build: dict[str, float], what: str) -> float:
    over = {"rate": "seconds", "cpu_rate": "cpu"}
    return build["passages"] / build[over[what]] if what in over else build[what]


def bench(data: Path, out: Path, sizes: Sequence[int], peers: str | None, asked: int) -> list[Record]:
    """Run everything and keep the records in ``out``; without an interpreter for ``peers``, Counterpoint alone."""
    prepare(data, out, sizes, asked)
    names = ["counterpoint", *(PEERS if peers else ())]
    steps = [(name, size) for size in [0, *sorted(sizes)] for name in names]
    records: list[Record] = []
    for name, size in tqdm([s for s in steps if s[0] == "counterpoint" or s[1] <= PEERS_UP_TO], unit="step"):
        python = sys.executable if name == "counterpoint" or peers is None else peers
        records.append(measure(python, name, size, out))
        (out / "bench.json").write_text(json.dumps([asdict(r) for r in records], indent=1), encoding="utf-8")
        (out / "bench.md").write_text(report(records), encoding="utf-8")
    return records


# -- what is indexed ---


def prepare(data: Path, out: Path, sizes: Sequence[int], asked: int) -> None:
    """The folder, and passages with vectors for each size; what lies there already is kept."""
    texts, questions = real_passages(data)
    (out / "folder").mkdir(parents=True, exist_ok=True)
    for i, text in enumerate(texts[:SYNCED]):
        (out / "folder" / f"{i:05}.txt").write_text(text, encoding="utf-8")
    chosen = random.Random(SEED).sample(questions, STEPS * asked + 1)
    (out / "questions.json").write_text(json.dumps(chosen), encoding="utf-8")
    (out / "first.json").write_text(json.dumps(chosen[:1]), encoding="utf-8")
    (out / "pairs.json").write_text(json.dumps(list(pairs_to_read(texts, questions))), encoding="utf-8")
    base = out / "real.npy"
    if not base.exists():
        np.save(base, PackagedEmbedder().embed_documents(texts))
    for size in (size for size in sizes if not _vectors(out, size).exists()):
        made = more_passages(texts, np.load(base), size)
        rows = np.lib.format.open_memmap(_vectors(out, size), "w+", np.float32, (size, 384))
        with _passages(out, size).open("w", encoding="utf-8") as lines:
            for i, (text, vector) in enumerate(made):
                lines.write(json.dumps({"id": str(i), "text": text}) + "\n")
                rows[i] = vector
        rows.flush()


def _vectors(out: Path, size: int) -> Path:
    return out / f"vectors-{size}.npy"


def _passages(out: Path, size: int) -> Path:
    return out / f"passages-{size}.jsonl"


def real_passages(data: Path) -> tuple[list[str], list[str]]:
    """``REAL`` answers of MedQuAD cut to ``WORDS`` words, no two the same, and all questions."""
    sections = [section for page in read_rows(data, "retrieval/medquad/pages") for section in page["sections"]]
    texts = dict.fromkeys(" ".join(section["answer"].split()[:WORDS]) for section in sections)
    chosen = random.Random(SEED).sample(sorted(text for text in texts if len(text) > 80), REAL)
    return chosen, [section["question"] for section in sections]


def pairs_to_read(texts: Sequence[str], questions: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    """``LISTS`` questions, each with the beginnings of ``LISTED`` passages, about as long as sentences."""
    drawn = random.Random(SEED)
    for question in drawn.choices(questions, k=LISTS):
        yield [(question, " ".join(text.split()[:LISTED_WORDS])) for text in drawn.choices(texts, k=LISTED)]


def more_passages(texts: Sequence[str], vectors: Vectors, size: int) -> Iterator[tuple[str, Vectors]]:
    """The passages and then variations of them, ``size`` in all."""
    random = np.random.default_rng(SEED)
    every = np.array([word for text in texts for word in text.split()], object)
    turn = np.tan(np.arccos(COSINE))
    for i in range(size):
        text, vector = texts[i % len(texts)], vectors[i % len(texts)]
        if i >= len(texts):
            said = np.array(text.split(), object)
            places = random.random(len(said)) < REPLACED
            said[places] = every[random.integers(0, len(every), int(places.sum()))]
            noise = random.standard_normal(len(vector)).astype(np.float32)
            noise -= (noise @ vector) * vector
            vector = vector + turn * noise / np.linalg.norm(noise)
            text, vector = " ".join(said), vector / np.linalg.norm(vector)
        yield text, vector.astype(np.float32)


# -- running ---


def measure(python: str, name: str, size: int, out: Path) -> Record:
    """Build at one size, then ask, in two processes; a folder is synced, and asked first, anew a few times."""
    place = out / f"{name}-{size}"
    if size:
        given = ["--passages", _passages(out, size), "--vectors", _vectors(out, size)]
        builds, again, reads = [run(python, name, "hold", place, *given)], None, []
    else:
        given = ["--folder", out / "folder"]
        places = [place, *(out / f"{name}-{size}-{i}" for i in range(1, SYNCS))]
        builds = [run(python, name, "sync", place, *given) for place in places]
        again = run(python, name, "sync", place, *given) if name == "counterpoint" else None
        reads = run(python, name, "read", out / "pairs.json").lines if name in READERS else []
    asked = run(python, name, "ask", place, "--questions", out / "questions.json")
    starts = [asked]
    if not size:
        starts += [run(python, name, "ask", place, "--questions", out / "first.json") for _ in range(1, STARTS)]
    done = {line["name"]: line for line in asked.lines if "name" in line}
    return Record(
        contender=name,
        size=size,
        builds=[build.last for build in builds],
        disk=sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 1e6,
        first={step: [start.firsts[step][0] for start in starts] for step in asked.firsts},
        wall={step: line["wall"] for step, line in done.items()},
        cpu={step: line["cpu"] for step, line in done.items()},
        memory={step: line["memory"] for step, (_, line) in asked.firsts.items()},
        again=again.last | {"process": again.seconds[-1]} if again else {},
        recall=dense_recall(place, out, size) if name == "counterpoint" and size else None,
        reads={line.pop("reader"): line for line in reads},
        words=full_text(place, out, size) if name == "counterpoint" and size else {},
    )


def run(python: str, *arguments: object) -> Timed:
    """One step of a contender, with the time at which each of its lines came. Raises what subprocess raises."""
    command = [python, "-P", "-W", "ignore", str(HERE / "contenders.py"), *map(str, arguments)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    environment |= {"PYTHONPATH": str(HERE.parent) if arguments[0] == "counterpoint" else ""}
    start, lines, seconds = time.perf_counter(), [], []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        for line in process.stdout or ():
            if line.startswith("{"):
                lines.append(json.loads(line))
                seconds.append(time.perf_counter() - start)
    if process.returncode or not lines:
        raise ValueError(f"{' '.join(command)} failed with status {process.returncode}: run it alone to see why.")
    return Timed(lines, seconds)


def dense_recall(place: Path, out: Path, size: int) -> float:
    """The share of the ten nearest passages, by comparing all, that the dense leg finds, asked for as many as ever."""
    index = Index.open(place)
    rows, found = np.load(_vectors(out, size), mmap_mode="r"), []
    questions = json.loads((out / "questions.json").read_text(encoding="utf-8"))[:TRIALS]
    queries = np.stack([index.embedder.embed_query(question) for question in questions])
    exact = np.hstack([queries @ rows[i : i + 50_000].T for i in range(0, size, 50_000)])
    for scores, question in zip(exact, questions, strict=True):
        best = set(np.argpartition(-scores, 10)[:10].tolist())
        near = index.search_dense(question, k=CANDIDATES)[:10]
        found.append(len(best & {id - 1 for id, _ in near}) / 10)
    return float(np.mean(found))


def full_text(place: Path, out: Path, size: int) -> dict[str, list[float]]:
    """For each kind of query, how long searches by words alone take, in ms."""
    index = Index.open(place)
    took: dict[str, list[float]] = {}
    for kind, queries in word_queries(out, size).items():
        index.search_lexical(queries[0], k=CANDIDATES)
        took[kind] = []
        for query in queries:
            start = time.perf_counter()
            index.search_lexical(query, k=CANDIDATES)
            took[kind].append(round((time.perf_counter() - start) * 1000, 2))
    return took


def word_queries(out: Path, size: int) -> dict[str, list[str]]:
    """What is easy and what is hard to search by words: questions, common words, and many words."""
    with _passages(out, size).open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, 1_000)]
    common = [word for word, _ in Counter(word for text in texts for word in words(text)).most_common(4 * COMMON)]
    return {
        "questions": json.loads((out / "questions.json").read_text(encoding="utf-8"))[:TRIALS],
        f"{COMMON} of the commonest words": [" ".join(common[i : i + COMMON]) for i in range(3 * COMMON)],
        f"{WORDS} words": texts[:TRIALS],
    }


# -- telling ---


def report(records: Sequence[Record]) -> str:
    """The records as Markdown tables."""
    parts = [
        "# Speed, memory and size\n",
        f"Written by `python -m eval bench` on {os.cpu_count()} processors. {' '.join((__doc__ or '').split())}\n",
        *_folder_table([r for r in records if not r.size]),
        *_size_table([r for r in records if r.size]),
        *_growth(records),
        *_ratio_table(records),
        *_words_table([r for r in records if r.words]),
        *_reading_table(records),
    ]
    return "\n".join(parts) + "\n"


def _folder_table(records: Sequence[Record]) -> Iterator[str]:
    if not records:
        return
    yield f"## A folder of {SYNCED:,} files, synced {SYNCS} times\n"
    yield (
        "| | passages/s | passages per CPU second | peak memory, sync | process start to first passages"
        " | to first answer | index | again | again, CPU |\n|---|---|---|---|---|---|---|---|---|"
    )
    for r in records:
        yield (
            f"| {r.contender} | {_spread(r, 'rate')} | {_spread(r, 'cpu_rate')}"
            f" | {r.built('memory'):.0f} MB | {_starts(r.first['find'])} | {_starts(r.first.get('answer'))}"
            f" | {r.disk:.1f} MB | {_seconds(r.again.get('process'))} | {_seconds(r.again.get('cpu'))} |"
        )


def _spread(record: Record, what: str) -> str:
    """The median over the builds, the least and the most."""
    values = [_of_build(build, what) for build in record.builds]
    return f"{record.built(what):.0f} ({min(values):.0f} to {max(values):.0f})"


def _size_table(records: Sequence[Record]) -> Iterator[str]:
    if not records:
        return
    yield "\n## A question\n"
    yield (
        "| passages | | step | p50 ms | p95 ms | p50 CPU ms | process start to first | peak memory | index"
        " | dense recall@10 |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for r in records:
        for step in r.wall:
            yield (
                f"| {r.size:,} | {r.contender} | {step} | {_at(r.wall[step], 50):.1f} | {_at(r.wall[step], 95):.1f}"
                f" | {_at(r.cpu[step], 50):.1f} | {_at(r.first[step], 50):.1f} s | {r.memory[step]:.0f} MB"
                f" | {r.disk:.0f} MB | {'' if r.recall is None else f'{r.recall:.3f}'} |"
            )


def _ratio_table(records: Sequence[Record]) -> Iterator[str]:
    """Each peer's time over Counterpoint's with the middle 95% of resampled questions: above 1, ours is faster."""
    peers = [r for r in records if r.contender != "counterpoint"]
    if not peers:
        return
    own = {r.size: r for r in records if r.contender == "counterpoint"}
    yield "\n## Peer over Counterpoint\n"
    yield (
        "| passages | peer | find p50 | find p50, CPU | find p95 | find p95 over our answer's p95"
        " | process start to first passages | memory | sync | sync, CPU |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for r in peers:
        ours = own[r.size]
        cells = [
            _ratio(r.wall["find"], ours.wall["find"], 50),
            _ratio(r.cpu["find"], ours.cpu["find"], 50),
            _ratio(r.wall["find"], ours.wall["find"], 95),
            _ratio(r.wall["find"], ours.wall["answer"], 95),
            _later(r.first["find"], ours.first["find"]),
            f"{r.memory['find'] / ours.memory['find']:.2f}",
            *(["", ""] if r.size else [_faster(ours, r, "rate"), _faster(ours, r, "cpu_rate")]),
        ]
        yield f"| {r.size or SYNCED:,} | {r.contender} | {' | '.join(cells)} |"


def _faster(ours: Record, theirs: Record, what: str) -> str:
    """Our rate over theirs, and between which it lies whichever builds are compared."""
    own, other = ([_of_build(build, what) for build in r.builds] for r in (ours, theirs))
    low, high = min(own) / max(other), max(own) / min(other)
    return f"{ours.built(what) / theirs.built(what):.1f} ({low:.1f} to {high:.1f})"


def _later(theirs: Sequence[float], ours: Sequence[float]) -> str:
    """Their start over ours, and between which it lies whichever starts are compared."""
    ratio = f"{_at(theirs, 50) / _at(ours, 50):.1f}"
    return f"{ratio} ({min(theirs) / max(ours):.1f} to {max(theirs) / min(ours):.1f})" if len(theirs) > 1 else ratio


def _growth(records: Sequence[Record]) -> Iterator[str]:
    """With which power of the number of passages what Counterpoint takes to find grows."""
    own = [r for r in records if r.contender == "counterpoint" and r.size]
    if len(own) < 2:
        return
    sizes = np.log([r.size for r in own])
    measured = {
        "median time": [_at(r.wall["find"], 50) for r in own],
        "median processor time": [_at(r.cpu["find"], 50) for r in own],
        "memory": [r.memory["find"] for r in own],
        "index": [r.disk for r in own],
    }
    powers = (f"{what} as n^{np.polyfit(sizes, np.log(values), 1)[0]:.2f}" for what, values in measured.items())
    yield f"\nFrom {own[0].size:,} to {own[-1].size:,} passages, finding grows: {', '.join(powers)}."


def _words_table(records: Sequence[Record]) -> Iterator[str]:
    if not records:
        return
    yield "\n## Full text alone, ms\n"
    yield "| passages | query | p50 | p95 |\n|---|---|---|---|"
    for r in records:
        for kind, times in r.words.items():
            yield f"| {r.size:,} | {kind} | {_at(times, 50):.1f} | {_at(times, 95):.1f} |"


def _reading_table(records: Sequence[Record]) -> Iterator[str]:
    rows = [(r.contender, name, rates) for r in records for name, rates in r.reads.items()]
    if not rows:
        return
    yield f"\n## Pairs of a question and {LISTED_WORDS} words, read a second\n"
    yield f"| | model | one at a time | {LISTED} together | the same again |\n|---|---|---|---|---|"
    for contender, name, rates in rows:
        yield f"| {contender} | {name} | {rates['alone']:.0f} | {rates['together']:.0f} | {rates['again']:,.0f} |"


def _ratio(theirs: Sequence[float], ours: Sequence[float], quantile: int) -> str:
    def ratio(a: np.ndarray, b: np.ndarray) -> float:
        return _at(a, quantile) / _at(b, quantile)

    arrays = [np.array(theirs), np.array(ours)]
    low, high = interval(ratio, arrays)
    return f"{ratio(*arrays):.1f} ({low:.1f} to {high:.1f})"


def _at(values: Sequence[float] | np.ndarray, quantile: int) -> float:
    return float(np.percentile(values, quantile))


def _starts(seconds: Sequence[float] | None) -> str:
    """The median over the starts, the least and the most."""
    return f"{_at(seconds, 50):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})" if seconds else ""


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
