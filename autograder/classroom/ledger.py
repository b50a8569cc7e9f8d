"""Read and append to a class's ledger: one line per recorded result, from which the class report is made."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from autograder.model import Result
from autograder.recording import results
from autograder.recording.faults import recording

LEDGER = "graded.jsonl"


def read(path: Path) -> dict[str, Result]:
    """Return the last recorded result of each student; see `history`."""
    return {result.student: result for result in history(path)}


def history(path: Path) -> list[Result]:
    """Return every recorded result in order, skipping lines that were cut off, or raise RecordError."""
    found = []
    with recording(f"{path} could not be read"):
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):  # the writer was killed: that submission is graded again
            found.append(results.result_from(json.loads(line)))
    return found


def append(path: Path, result: Result) -> None:
    """Append one result on its own line, even if the last line was cut off, or raise RecordError."""
    with recording(f"{path} could not be written"), path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                file.write(b"\n")
        file.write(f"{results.json_line(result)}\n".encode())
