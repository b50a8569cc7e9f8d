"""Save the seed of a class before anything is graded; each run also generates a secret."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from autograder.grading.grader import new_batch
from autograder.model import Batch
from autograder.recording.faults import RecordError, recording
from autograder.recording.whole_files import replace_text

BATCH_FILE = "batch.json"


def open_batch(folder: Path, new_seed: bool = False) -> Batch:
    """Return a run's batch: the seed saved in the report folder (or a new one, now saved), and a new secret."""
    path = folder / BATCH_FILE
    with recording(f"{path} could not be read or written"):
        batch = new_batch()
        if not path.exists() or new_seed:
            replace_text(path, json.dumps({"seed": batch.seed}) + "\n")
            return batch
        try:
            return replace(batch, seed=int(json.loads(path.read_bytes())["seed"]))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise RecordError(
                f"{path} does not contain the number that this class was graded with ({type(error).__name__}: {error})."
                " Restore a copy of it, or draw a new one with --new-seed: every submission is then graded again."
            ) from error
