"""The page for programs and for others: under load, for assistants, with passwords, on the command line."""

import asyncio
import base64
import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import load
import pytest
from browser import ROOT, running

RILUZOLE = "What does riluzole do to glutamate release?"


def run(asked: Any) -> Any:
    """What a coroutine returns; in a thread of its own, since a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def test_many_users_get_answers_or_are_told_that_it_is_busy(address: str) -> None:
    """A short version of tests/load.py; every answer is the answer to its own question."""
    took, came = run(load.load(address, users=50, seconds=5))
    assert len(took) >= 1
    assert came.keys() <= {load.ANSWERED, load.BUSY}


def test_an_assistant_asks_through_its_tool(address: str) -> None:
    mcp = pytest.importorskip("mcp")
    from mcp.client.streamable_http import streamable_http_client

    async def using() -> tuple[list[Any], Any]:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
            mcp.ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            return tools, await session.call_tool(tools[0].name, {"question": RILUZOLE})

    tools, result = run(using())
    assert [tool.name for tool in tools] == ["ask"]
    assert "say where they disagree" in tools[0].description
    assert set(tools[0].inputSchema["properties"]) == {"question", "history", "documents", "first_year", "last_year"}
    assert not result.isError
    assert "'status': 'disputed'" in result.content[0].text or '"status": "disputed"' in result.content[0].text


def status(url: str, **headers: str) -> int:
    try:
        with urlopen(Request(url, headers=headers)) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_passwords_guard_everything(tmp_path: Path) -> None:
    documents = tmp_path / "folder"
    documents.mkdir()
    (documents / "tea.md").write_text("# Tea\n\nTea is a drink made of dried leaves.\n")
    with running(tmp_path, "--documents", documents, "--auth", "generate", "--host", "0.0.0.0", "--mcp") as program:
        [password] = re.findall(r"^Password: (\S+)$", program.log.read_text(), re.MULTILINE)
        allowed = "Basic " + base64.b64encode(f"reader:{password}".encode()).decode()
        for path in ("/", "/config", "/document?id=tea.md", "/verdicts.jsonl", "/gradio_api/mcp/", "/gradio_api/info"):
            assert status(f"{program.address}{path}") == 401
            assert status(f"{program.address}{path}", Authorization="Basic cmVhZGVyOng=") == 401
        for path in ("/", "/config", "/document?id=tea.md", "/verdicts.jsonl"):
            assert status(f"{program.address}{path}", Authorization=allowed) == 200
    assert password not in (ROOT / "app.py").read_text()


def test_the_examples_of_the_readme_for_programs(address: str) -> None:
    """curl and the Python client, as written, at this server's address."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("http://127.0.0.1:7860", address)
    section = readme[readme.index("## From another program") :]
    curl, python = (block.partition("```")[0] for block in re.split("```(?:sh|python)\n", section)[1:3])
    first, second = curl.replace("\\\n", " ").strip().splitlines()
    given = subprocess.run(first, shell=True, capture_output=True, text=True, timeout=60, check=True).stdout
    asked = second.replace("EVENT_ID", json.loads(given)["event_id"])
    streamed = subprocess.run(asked, shell=True, capture_output=True, text=True, timeout=120, check=True).stdout
    [answer] = json.loads(streamed.partition("event: complete\ndata: ")[2])
    assert answer["status"] in ("answered", "disputed")
    names: dict[str, Any] = {}
    exec(python, names)
    assert names["answer"]["statements"] == answer["statements"]
