"""Imports run one way, each engine lives in one file, and importing the packages loads no torch."""

import ast
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ROOMS = {"index": set(), "rag": {"index"}, "eval": {"index", "rag"}, "app": {"index", "rag"}}
HOMES = {
    "faiss": {"index/dense.py"},
    "ray": {"index/spread.py"},
    "pymilvus": {"index/milvus.py"},
    "tantivy": {"index/lexical.py"},
    "langchain_text_splitters": {"index/pack.py"},
    "sentencex": {"index/split.py"},
    "sqlite3": {"index/database.py"},
    "pypdfium2": {"index/read.py"},
    "trafilatura": {"index/read.py"},
    "lxml": {"index/read.py"},
    "docx": {"index/read.py"},
    "markdown_it": {"index/read.py"},
    "yaml": {"index/read.py"},
    "charset_normalizer": {"index/read.py"},
    "gradio": {"app.py"},
    "fastapi": {"app.py"},
    "uvicorn": {"app.py"},
    "html": {"rag/render/markup.py", "eval/report.py"},
    "sentence_transformers": {"index/embed.py", "rag/judge.py"},
    "transformers": {"index/embed.py", "rag/training/network.py"},
    "torch": {"index/embed.py", "rag/training/network.py", "rag/training/loop.py", "rag/training/judge.py"},
    "openvino": {"index/minilm.py"},
    "tokenizers": {"index/minilm.py", "index/embed.py", "rag/training/network.py"},
    "safetensors": {"index/minilm.py", "rag/judge.py", "rag/training/loop.py"},
    "matplotlib": {"eval/report.py"},
    "langchain_community": {"eval/contenders.py"},
    "langchain_classic": {"eval/contenders.py"},
    "langchain_huggingface": {"eval/contenders.py"},
    "txtai": {"eval/contenders.py"},
    "haystack": {"eval/contenders.py"},
    "haystack_integrations": {"eval/contenders.py"},
    "ir_measures": {"eval/retrieval.py"},
}
"""Every third-party engine, and ``html``, which escapes: the only files that may import them."""

SOURCES = sorted(path for room in ROOMS for path in [*ROOT.glob(f"{room}/**/*.py"), *ROOT.glob(f"{room}.py")])


def imported(path: Path) -> set[str]:
    """Top-level names of every import in a file, those inside functions included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert (imported(path) & ROOMS.keys()) - {room} <= ROOMS[room]


def test_each_engine_has_one_home() -> None:
    found = defaultdict(set)
    for path in SOURCES:
        for engine in imported(path) & HOMES.keys():
            found[engine].add(name(path))
    assert {engine: files - HOMES[engine] for engine, files in found.items() if files - HOMES[engine]} == {}


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_pickle(path: Path) -> None:
    assert imported(path) & {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"} == set()


@pytest.mark.parametrize("room", ["index", "rag"])
def test_importing_a_package_loads_no_model_runtime(room: str) -> None:
    heavy = {"torch", "transformers", "sentence_transformers", "openvino", "gradio"}
    code = f"import sys, {room}; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def packages(name: str, found: dict[str, str]) -> dict[str, str]:
    """A package and all that it needs -> the licence that each names."""
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return found  # for another system
    told, classes = package.metadata, package.metadata.get_all("Classifier") or []
    own = told.get("License-Expression") or " OR ".join(line for line in classes if line.startswith("License ::"))
    found[name.lower()] = own or (told.get("License") or "").partition("\n")[0]
    for needed in map(Requirement, package.requires or []):
        if needed.name.lower() not in found and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
            packages(needed.name, found)
    return found


def test_nothing_that_is_needed_binds_its_users_as_the_gpl_does() -> None:
    """A package under several licences is used under another one."""
    found = packages("counterpoint", {})
    assert len(found) > 50
    assert [name for name, licence in found.items() if not licence] == []
    assert [name for name, licence in found.items() if all("GPL" in one for one in licence.split(" OR "))] == []
