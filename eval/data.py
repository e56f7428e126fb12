"""Reading the public data sets: JSON lines under one folder, whose README names their licences.

Nothing of them is kept in the project. What is derived rather than annotated is said where it is derived.
"""

import json
from pathlib import Path
from typing import Any

from index.errors import CounterpointError

Row = dict[str, Any]


class DataMissing(CounterpointError, FileNotFoundError):
    """A data set that is not where it was looked for."""


def read_rows(data: Path, name: str) -> list[Row]:
    """The rows of ``name`` (``stance/healthver_dev``). Raises DataMissing with the path that is wanted."""
    path = data / f"{name}.jsonl"
    if not path.is_file():
        raise DataMissing(f"There is no data set {path}: name the folder of the data sets with --data.")
    lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: a text may hold other line separators
    return [json.loads(line) for line in lines if line.strip()]


def scifact_rows(data: Path, split: str) -> list[Row]:
    """SciFact claims with their evidence; a neutral row's is made of its cited abstract, which we derive."""
    abstracts = {row["_id"]: row["text"] for row in read_rows(data, "retrieval/scifact/corpus")}
    rows = read_rows(data, f"stance/scifact_{split}")
    return [row | {"evidence": row["evidence"] or abstracts[row["cited"][0]]} for row in rows]


def climate_rows(data: Path) -> list[Row]:
    """Climate-FEVER claims with each of their five sentences."""
    labels = {"S": "supports", "R": "refutes", "N": "neutral"}
    return [
        {"evidence": p["text"], "claim": row["claim"], "label": labels[p["stance"]], "group": row["id"]}
        for row in read_rows(data, "disagreement/sets_climate_fever")
        for p in row["passages"]
        if p["stance"] in labels
    ]
