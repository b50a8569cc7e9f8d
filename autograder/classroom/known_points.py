"""Save the points that each known mistake earns under a class's seed, so that marks can be checked later.

The known mistakes run along with the class's submissions, and each mistake starts from the state just before its
exercise. At no extra cost, the points of a mistake provide an independent check of the points that a submission with
the same mistake gets.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from autograder.grading.result_key import result_key
from autograder.model import Batch, Chapter
from autograder.recording.whole_files import replace_text

FILE = "mistakes.json"

Points = dict[str, dict[str, int]]  # exercise -> title of a mistake -> points


def write(folder: Path, key: str, points: Points) -> None:
    """Save the points next to a class's results; ``key`` is a hash of the chapter, the grader, and the seed.

    Raises:
        OSError: if the file cannot be written.
    """
    replace_text(folder / FILE, json.dumps({"key": key, "points": points}, indent=1, ensure_ascii=False) + "\n")


def key(chapter: Chapter, batch: Batch) -> str:
    """Return the key of the points; the key omits the secret, which does not affect whether a network learns."""
    return result_key(chapter, replace(batch, secret=0), None)


def read(folder: Path, key: str) -> Points:
    """Return the points saved under this key, or an empty dict if nothing is saved under it."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found["points"] if isinstance(found, dict) and found.get("key") == key else {}
