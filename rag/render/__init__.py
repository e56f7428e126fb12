"""Answers and documents as people see them: HTML for the page, and forms to take along."""

from rag.render.answer import (
    AGREED,
    CHECKING,
    NOT_FOUND,
    NOTED,
    QUESTION_LETTERS,
    UNCHECKED,
    WARNING,
    Choices,
    conversation_html,
    document_link,
    message_html,
    to_html,
)
from rag.render.documents import (
    document_page,
    documents_html,
    library_html,
    limit_html,
    missing_page,
    progress_html,
    said_html,
)
from rag.render.export import bibtex, conversation_json, conversation_markdown, ris, to_markdown
from rag.render.frame import EXPORTS, HEAD, box_html, menu_html, sync_html, welcome_html
from rag.render.markup import Html, visible
from rag.render.words import differing, year

__all__ = [
    "AGREED",
    "CHECKING",
    "EXPORTS",
    "HEAD",
    "NOTED",
    "NOT_FOUND",
    "QUESTION_LETTERS",
    "UNCHECKED",
    "WARNING",
    "Choices",
    "Html",
    "bibtex",
    "box_html",
    "conversation_html",
    "conversation_json",
    "conversation_markdown",
    "differing",
    "document_link",
    "document_page",
    "documents_html",
    "library_html",
    "limit_html",
    "menu_html",
    "message_html",
    "missing_page",
    "progress_html",
    "ris",
    "said_html",
    "sync_html",
    "to_html",
    "to_markdown",
    "visible",
    "welcome_html",
    "year",
]
