"""Everything works with the network cut: sockets reach this machine only."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "rag" / "weights" / "ranker.safetensors"
CUT = """
import ipaddress, json, socket

def is_local(host):
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

tried = []

def guarded(function, host_of):
    def call(*arguments, **options):
        host = host_of(arguments)
        if not is_local(host):
            tried.append(str(host))
            raise OSError("the network is cut")
        return function(*arguments, **options)
    return call

def peer(arguments):
    socket, address = arguments
    return address[0] if isinstance(address, tuple) else None

socket.socket.connect = guarded(socket.socket.connect, peer)
socket.socket.connect_ex = guarded(socket.socket.connect_ex, peer)
socket.getaddrinfo = guarded(socket.getaddrinfo, lambda arguments: arguments[0])
socket.gethostbyname = guarded(socket.gethostbyname, lambda arguments: arguments[0])
"""
ASK = """
import sys
from rag import RAG

rag = RAG.from_texts({
    "leaflet": "Riluzole reduces the release of glutamate from nerve cells. Take it with water.",
    "poem": "The river is quiet in the evening, and the birds fly home.",
})
answer = rag.ask("What does riluzole do to glutamate?")
heavy = sorted({"torch", "transformers", "sentence_transformers"} & sys.modules.keys())
print(json.dumps({"texts": [s.text for s in answer.statements], "tried": tried, "heavy": heavy}))
"""
EMBED = """
from index import Index

index = Index.from_texts({"a": "Riluzole slows ALS.", "b": "The river is quiet."})
[(first, _), _] = index.search_dense("a drug for motor neurone disease", k=2)
print(json.dumps({"texts": [index.passages([first])[first].text], "tried": tried}))
"""


def run_cut_off(code: str) -> dict:
    done = subprocess.run([sys.executable, "-c", CUT + code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_cut_holds() -> None:
    code = """
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError as error:
    print(json.dumps([str(error), tried]))
"""
    assert run_cut_off(code) == ["the network is cut", ["192.0.2.1"]]


def test_search_with_the_packaged_model() -> None:
    assert run_cut_off(EMBED) == {"texts": ["Riluzole slows ALS."], "tried": []}


@pytest.mark.skipif(not WEIGHTS.is_file(), reason="the trained ranker is not in rag/weights")
def test_an_answer_with_the_packaged_models() -> None:
    found = run_cut_off(ASK)
    texts = ["Riluzole reduces the release of glutamate from nerve cells."]
    assert found == {"texts": texts, "tried": [], "heavy": []}
