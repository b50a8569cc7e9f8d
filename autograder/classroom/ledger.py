"""The ledger of a class: one line a result, as soon as it is recorded; the report is written from it at the end."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.model import Result
from autograder.recording import results
from autograder.recording.faults import recording

LEDGER = "graded.jsonl"


def read(path: Path) -> dict[str, Result]:
    """Return the results that were recorded, the last of each student; a line that was cut off is passed over.

    Raises:
        RecordError: if it cannot be read.
    """
    found: dict[str, Result] = {}
    with recording(f"{path} could not be read"):
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    for line in lines:
        try:
            result = results.result_from(json.loads(line))
        except (ValueError, RecursionError):
            continue  # killed while writing: that submission is graded again
        found[result.student] = result
    return found


def append(path: Path, result: Result) -> None:
    """Write one result behind the others, on a line of its own, also where the last one was cut off.

    Raises:
        RecordError: if it cannot be written.
    """
    with recording(f"{path} could not be written"), path.open("a", encoding="utf-8") as file:
        if file.tell() and not _ends_with_newline(path):
            file.write("\n")
        file.write(results.json_line(result) + "\n")
        file.flush()


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"
