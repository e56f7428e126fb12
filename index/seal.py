"""A seal on a folder of derived files: the hash of each, so that damage is found before it is read.

It guards against damage, not against people: whoever can change a file can change its seal.
"""

import json
from pathlib import Path

from index.minilm import sha256

SEAL = "seal.json"


def seal(folder: Path) -> None:
    """Write down the hash of every file in the folder."""
    (folder / SEAL).write_text(json.dumps(_hashes(folder)), encoding="utf-8")


def broken(folder: Path) -> list[str]:
    """The files that are missing, new or not as they were sealed, by their paths below the folder."""
    try:
        sealed = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        found = _hashes(folder)
        return sorted(name for name in sealed.keys() | found.keys() if sealed.get(name) != found.get(name))
    except (OSError, ValueError, AttributeError):
        return [SEAL]


def _hashes(folder: Path) -> dict[str, str]:
    """Path below the folder -> hash; locks are no part of what is kept."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files if path.name != SEAL}
