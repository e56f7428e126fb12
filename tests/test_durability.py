"""An index that cannot be lost: killed syncs, readers beside a writer, hostile folders.

What runs by default is small. The full sizes: ``COUNTERPOINT_FULL=1 pytest -s tests/test_durability.py``.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bad_files import GOOD, write_good, write_hostile
from doubles import BagEmbedder

from index import Index
from index.database import Database
from index.doctor import examine
from index.split import embedding_text

FULL = "COUNTERPOINT_FULL" in os.environ
HERE = Path(__file__).parent
PATHS = [str(HERE.parent), str(HERE)]


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


# -- kill -9 ---

DOCUMENTS, KILLS = (500, 50) if FULL else (60, 4)
SLOW_SYNC = """
import sys, time
import index.database, index.sync
from doubles import BagEmbedder
from index import Index

class LoggingEmbedder(BagEmbedder):
    def embed_documents(self, texts):
        with open(sys.argv[3], "a") as log:
            log.writelines(repr(text) + chr(10) for text in texts)
        return super().embed_documents(texts)

put = index.database.Database.put
def slow_put(*arguments):
    put(*arguments)
    print("put", flush=True)
    time.sleep(0.02)

index.database.Database.put = slow_put
index.sync.BATCH_PASSAGES = 8
Index.create(sys.argv[2], embedder=LoggingEmbedder()).sync(sys.argv[1])
"""


def say(i: int) -> str:
    return "\n\n".join(f"Sentence {n} of document {i} is here." for n in range(5))


def committed(database: Database) -> set[str]:
    """The texts whose vectors are stored."""
    found = set()
    for passage in database.passages(database.passage_ids()).values():
        document = database.document(passage.document)
        assert document is not None
        found.add(repr(embedding_text(document, passage)))
    return found


def test_a_killed_sync_leaves_whole_documents_and_the_next_one_finishes(tmp_path: Path) -> None:
    folder, place, log = tmp_path / "folder", tmp_path / "index", tmp_path / "log"
    folder.mkdir()
    for i in range(DOCUMENTS):
        (folder / f"{i:03}.txt").write_text(say(i))
    every = {f"{i:03}.txt": say(i) for i in range(DOCUMENTS)}
    moments = random.Random(7)
    Database(place, create=True).close()
    before: set[str] = set()
    sizes: list[int] = []
    for _ in range(KILLS):
        log.write_text("")
        with run(SLOW_SYNC, folder, place, log) as process:
            if moments.random() < 0.8:  # while documents are stored
                for _ in range(moments.randint(1, 14)):
                    process.stdout.readline()
                time.sleep(moments.uniform(0.0, 0.006))
            else:  # at any time from its start
                time.sleep(moments.uniform(0.0, 2.0))
            process.kill()
        assert not before & set(log.read_text().splitlines())
        database = Database(place)
        whole = {id: database.document(id).text for id in database.document_ids()}
        assert whole == {id: every[id] for id in whole}
        assert {damage.kind for damage in examine(Index.open(place, embedder=BagEmbedder()))} <= {"search indexes"}
        assert before <= committed(database)
        before = committed(database)
        sizes.append(len(whole))
        database.close()
    assert any(0 < size < DOCUMENTS for size in sizes)
    index = Index.open(place, embedder=BagEmbedder())
    report = index.sync(folder)
    assert (len(report.unchanged), len(report.added)) == (sizes[-1], DOCUMENTS - sizes[-1])
    assert not before & {repr(text) for text in index.embedder.embedded}
    assert {id: index.document(id).text for id in index.titles()} == every
    assert examine(index) == []
    print(f"\nkilled {KILLS} times; documents stored after each: {sizes}")


# -- readers beside a writer ---

SECONDS = 60 if FULL else 4
ASK = """
import json, re, sys
from doubles import BagEmbedder, NotJudge, WordRanker
from rag import RAG
from index import Index

rag = RAG(Index.open(sys.argv[1], embedder=BagEmbedder()), ranker=WordRanker(), judge=NotJudge())
QUESTION = "What slows the decline of nerve cells?"

def ask():
    answer = rag.ask(QUESTION)
    versions = {}
    for citation in answer.citations:
        [version] = set(re.findall(r"version (\\d+)", citation.quote))
        assert versions.setdefault(citation.document, version) == version, "torn"
    return versions

import threading
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
count = 0
while not stop.is_set():
    assert ask()
    count += 1
    if count == 1:
        print("started", flush=True)
print(json.dumps({"asked": count, "last": ask()}), flush=True)
"""


def write_version(folder: Path, i: int, version: int) -> None:
    lines = [
        f"Substance {i} slows the decline of nerve cells by {n} percent in version {version}." for n in range(20, 24)
    ]
    (folder / f"{i}.txt").write_text("\n\n".join(lines))


def test_two_processes_ask_while_a_third_syncs(tmp_path: Path) -> None:
    folder, place = tmp_path / "folder", tmp_path / "index"
    folder.mkdir()
    for i in range(8):
        write_version(folder, i, 0)
    index = Index.create(place, embedder=BagEmbedder())
    index.sync(folder)
    askers = [run(ASK, place) for _ in range(2)]
    assert [asker.stdout.readline() for asker in askers] == ["started\n"] * 2
    end, version = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        version += 1
        for i in range(8):
            write_version(folder, i, version)
        (folder / f"{version % 8}.txt").unlink()
        index.sync(folder)
    for i in range(7):
        write_version(folder, i, version + 1)
    (folder / "7.txt").unlink(missing_ok=True)
    index.sync(folder)
    found = []
    for asker in askers:
        said, _ = asker.communicate("stop\n", timeout=120)
        assert asker.returncode == 0
        found.append(json.loads(said))
    for last in (answer["last"] for answer in found):
        assert last
        assert "7.txt" not in last
        assert set(last.values()) == {str(version + 1)}
    print(f"\n{version} syncs in {SECONDS} s; answers given meanwhile: {[answer['asked'] for answer in found]}")


# -- hostile folders ---

HOSTILE = 200 if FULL else 40
SYNC = """
import json, resource, sys, time
from doubles import BagEmbedder
from index import Index
import index.apart, index.sync

longest = [0.0, ""]
read = index.apart.Reader.read
def timed(self, path, **given):
    start = time.perf_counter()
    try:
        return read(self, path, **given)
    finally:
        longest[:] = max(longest, [time.perf_counter() - start, path.name.encode("utf-8", "replace").decode()])

index.apart.Reader.read = timed
found = Index.create(sys.argv[2], embedder=BagEmbedder()).sync(sys.argv[1])
peak = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({"added": found.added, "failed": found.failed, "megabytes": peak, "longest": longest}))
"""


def test_a_hostile_folder_costs_no_more_than_its_limits(tmp_path: Path) -> None:
    folder, place = tmp_path / "folder", tmp_path / "index"
    folder.mkdir()
    write_good(folder)
    write_hostile(folder, HOSTILE, outside=tmp_path)
    with run(SYNC, folder, place) as process:
        said = json.loads(process.stdout.read())
    failed = dict(said["failed"])
    assert [source for source in said["added"] if source.startswith("good/")] == sorted(GOOD)
    assert len(said["added"]) == len(GOOD)
    assert len(failed) == HOSTILE
    assert all(len(reason) > 5 for reason in failed.values())
    assert sum(said["megabytes"]) < 1536
    assert said["longest"][0] < 40
    print(f"\npeak of the sync and of its reader, MB: {said['megabytes']}; longest file: {said['longest']}")
    for reason in sorted({reason[:100] for reason in failed.values()}):
        print("  ", sum(r[:100] == reason for r in failed.values()), reason)


@pytest.mark.parametrize("kind", ["broken", "leaving"])
def test_links_that_lead_nowhere_or_out_are_named(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("Secret words.")
    (folder / "a.txt").write_text("Plain words are here.")
    (folder / "link.txt").symlink_to(tmp_path / ("secret.txt" if kind == "leaving" else "nowhere.txt"))
    report = Index.create(tmp_path / "index", embedder=BagEmbedder()).sync(folder)
    assert report.added == ["a.txt"]
    assert [tuple(failure) for failure in report.failed] == [
        ("link.txt", "a link that leads out of the folder; copy the file into it")
    ]
