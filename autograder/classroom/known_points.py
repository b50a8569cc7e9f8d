"""What each known mistake earns alone under a class's seed: kept while the class is graded, for whoever checks marks.

A class's mistakes are run beside its submissions, each from the state just before its exercise. Their points
are another road to those of a submission that makes the same mistake, and cost nothing more.
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
    """Keep the points beside a class's results; ``key`` is a hash of the chapter, the grader and the batch.

    Raises:
        OSError: if the disk refuses.
    """
    replace_text(folder / FILE, json.dumps({"key": key, "points": points}, indent=1, ensure_ascii=False) + "\n")


def key(chapter: Chapter, batch: Batch) -> str:
    """Return what decides the points, but for the secret: nets that learn or do not, do so under any."""
    return result_key(chapter, replace(batch, secret=0), None)


def read(folder: Path, key: str) -> Points:
    """Return the points that were kept under this key; nothing if others were, or none."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found["points"] if isinstance(found, dict) and found.get("key") == key else {}
