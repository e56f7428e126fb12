"""What several test modules share."""

from pathlib import Path

import pytest

from rag import RAG

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def demonstration() -> RAG:
    """The demonstration articles under the packaged models."""
    return RAG.from_folder(ROOT / "documents")
