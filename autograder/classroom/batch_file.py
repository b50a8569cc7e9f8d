"""The two numbers that a class is graded with, written down before anything is graded."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.grading.grade import new_batch
from autograder.model import Batch
from autograder.recording.faults import RecordError, recording
from autograder.recording.files import replace_text

BATCH_FILE = "batch.json"


def open_batch(folder: Path, new_seed: bool = False) -> Batch:
    """Return the batch that belongs to a folder of reports, drawing and writing down a new one where needed.

    Raises:
        RecordError: if it cannot be read or written.
    """
    path = folder / BATCH_FILE
    with recording(f"{path} could not be read or written"):
        if path.exists() and not new_seed:
            return _batch_from(path)
        batch = new_batch()
        replace_text(path, json.dumps({"seed": batch.seed, "secret": batch.secret}) + "\n")
        return batch


def _batch_from(path: Path) -> Batch:
    try:
        found = json.loads(path.read_bytes())
        return Batch(int(found["seed"]), int(found["secret"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RecordError(
            f"{path} does not hold the two numbers that this class was graded with ({type(error).__name__}: {error}). "
            "Bring back a copy of it, or draw new ones with --new-seed: every submission is then graded again."
        ) from error
