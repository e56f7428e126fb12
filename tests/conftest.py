"""What several test modules share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Visitor, chromium, serving

from rag import RAG

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def demonstration() -> RAG:
    """The demonstration articles under the packaged models."""
    return RAG.from_folder(ROOT / "documents")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over the demonstration documents, with the tool for assistants."""
    with serving(ROOT / "documents", tmp_path_factory.mktemp("page"), "--mcp") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Any]:
    """Opens the page as a new visitor; afterwards: no request left the machine, no script failed."""
    visitors: list[Visitor] = []

    def visit(path: str = "", **options: Any) -> Visitor:
        visitors.append(Visitor(browser, address, path, **options))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.leave()
