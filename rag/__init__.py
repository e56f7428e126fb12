"""A question in, a cited answer out."""

from rag.pipeline import RAG, ask
from rag.types import Answer, Citation, Disagreement, Statement

__all__ = ["RAG", "Answer", "Citation", "Disagreement", "Statement", "ask"]
