"""Many people asking the endpoint at once: python tests/load.py [--users 50] [--seconds 60] [--index DIR]

Starts the real program over the demonstration documents, has each user ask one question after another, and prints
what came back, how long it took, and the program's memory all along. Ends with status 1 where anything but an
answer or a clear "busy" came back. Traffic goes to this machine alone.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
from browser import ROOT, Program, running

QUESTIONS = (
    "What does riluzole do to glutamate release?",
    "How does ketamine relieve depression?",
    "What does GABA do?",
    "Is lamotrigine a treatment for mania?",
    "What is the capital of Mongolia?",
    "Does ketamine need opioid receptors to relieve depression?",
)
BUSY, ANSWERED = "busy", "answered"
PAUSE = 0.5  # seconds until somebody who was told "busy" asks again


async def ask(client: httpx.AsyncClient, question: str) -> str:
    """What came back: an answer, "busy", or what went wrong."""
    joined = await client.post("/gradio_api/call/v2/ask", json={"question": question})
    if joined.status_code == 503:
        return BUSY if "Queue is full" in joined.text else joined.text[:100]
    if joined.status_code != 200:
        return f"{joined.status_code} {joined.text[:100]}"
    got = await client.get(f"/gradio_api/call/ask/{joined.json()['event_id']}")
    _, complete, data = got.text.partition("event: complete\ndata: ")
    if not complete:
        return got.text[:100]
    [answer] = json.loads(data)
    return ANSWERED if answer["question"] == question else "the answer to another question"


async def user(client: httpx.AsyncClient, number: int, until: float, took: list[float], came: Counter[str]) -> None:
    asked = number
    while time.monotonic() < until:
        start = time.monotonic()
        try:
            what = await ask(client, QUESTIONS[asked % len(QUESTIONS)])
        except httpx.HTTPError as error:
            what = repr(error)
        came[what] += 1
        if what == ANSWERED:
            took.append(time.monotonic() - start)
        else:
            await asyncio.sleep(PAUSE)
        asked += 1


async def load(address: str, users: int, seconds: float) -> tuple[list[float], Counter[str]]:
    """Seconds each answer took, and how often what came back."""
    took: list[float] = []
    came: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=2 * users)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits, trust_env=False) as client:
        await ask(client, QUESTIONS[0])
        until = time.monotonic() + seconds
        await asyncio.gather(*(user(client, number, until, took, came) for number in range(users)))
    return took, came


async def loaded(program: Program, users: int, seconds: float) -> tuple[list[float], Counter[str], list[float]]:
    """What ``load`` gives, and the program's memory before, ten times meanwhile and after, MB."""
    held = [memory(program.pid)]
    asking = asyncio.create_task(load(program.address, users, seconds))
    while not asking.done():
        await asyncio.wait([asking], timeout=seconds / 10)
        held.append(memory(program.pid))
    return *asking.result(), held


def memory(pid: int) -> float:
    """Resident memory of a process, MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS:"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/load.py", description="Load the endpoint of the real program.")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, running(Path(place), "--documents", ROOT / "documents") as program:
        asyncio.run(load(program.address, 4, 5))
        took, came, held = asyncio.run(loaded(program, options.users, options.seconds))
    print(f"{options.users} users, {options.seconds:g} s: {dict(came)}")
    p95 = statistics.quantiles(took, n=20)[-1]
    print(f"{len(took) / options.seconds:.1f} answers/s, median {statistics.median(took):.2f} s, p95 {p95:.2f} s")
    print(f"memory in MB: {', '.join(f'{mb:.0f}' for mb in held)}")
    return 0 if came.keys() <= {ANSWERED, BUSY} else 1


if __name__ == "__main__":
    sys.exit(main())
