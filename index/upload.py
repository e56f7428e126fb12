"""Files that come through the page into the synced folder: named safely, of known types, never over another file.

They lie in a folder of their own inside the synced one, and only what lies there can be removed again.
"""

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath

from index.errors import CounterpointError
from index.read import SUPPORTED

FOLDER = "uploads"
FILE_BYTES = 25_000_000
ALL_BYTES = 1_000_000_000
NAME_LETTERS = 80


class Refused(CounterpointError, ValueError):
    """A file may not be added or removed; the message says why."""


def safe_name(name: str) -> str:
    """A file name that is one everywhere: letters, digits, spaces and ``_ -``, with a plain suffix; no folders.

    >>> safe_name("../../etc/My notes <b>.PDF"), safe_name("...md")
    ('My notes _b.pdf', 'document.md')
    """
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    stem, dot, suffix = last.rpartition(".") if "." in last else (last, "", "")
    stem = re.sub(r"[^\w -]+", "_", stem).strip("_ -")[:NAME_LETTERS] or "document"
    return f"{stem}{dot}{re.sub(r'[^a-z0-9]', '', suffix.lower())}"


def store(folder: Path, name: str, content: bytes) -> str:
    """Put a file into the folder's uploads and return its source. Raises Refused."""
    path = PurePosixPath(FOLDER) / safe_name(name)
    if path.suffix not in SUPPORTED.split(", "):
        raise Refused(f"{name}: only {SUPPORTED} files can be read.")
    if len(content) > FILE_BYTES:
        raise Refused(f"{name}: {FILE_BYTES // 1_000_000} MB is the most for one file.")
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    if sum(file.stat().st_size for file in place.iterdir()) + len(content) > ALL_BYTES:
        raise Refused(f"{name}: the uploads hold {ALL_BYTES // 1_000_000} MB already; remove some first.")
    number = 1
    while True:
        free = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            descriptor = os.open(folder / free, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            number += 1
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return free.as_posix()


def is_upload(source: str) -> bool:
    """Whether a source lies in the uploads."""
    path = PurePosixPath(source)
    return path.parts[:1] == (FOLDER,) and len(path.parts) == 2 and ".." not in path.parts


def remove(folder: Path, source: str) -> None:
    """Remove an uploaded file. Raises Refused for any other."""
    if not is_upload(source):
        raise Refused(f"{source} was not added through the page: remove it from the folder itself.")
    (folder / source).unlink(missing_ok=True)
