"""Keeps the table of an exercise that missed nothing, so that a second run of the same texts takes no time.

The key is the content of everything that decides the table. A table with a miss is not kept: its author is at work.
"""

from __future__ import annotations

import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path

from autograder.chapter import grader_digest
from autograder.model import Chapter, Exercise
from autograder.validate_report import Report
from autograder.variant_file import Variants

FOLDER = Path(".cache") / "validate"
LIBRARIES = ("torch", "numpy", "cosmic-ray")


class Cache:
    """Tables on disk, one small JSON file each."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        versions = [f"{name} {metadata.version(name)}" for name in LIBRARIES]
        self._tools = [grader_digest(), platform.python_version(), platform.machine(), *versions]

    def get(self, chapter: Chapter, exercise: Exercise, variants: Variants) -> Report | None:
        """Return the table of an exercise whose texts, tools and variants have not changed, None otherwise."""
        path = self._path(chapter, exercise, variants)
        if not path.exists():
            return None
        found = Report.from_json(json.loads(path.read_text(encoding="utf-8")))
        found.is_cached = True
        return found

    def put(self, chapter: Chapter, exercise: Exercise, variants: Variants, report: Report) -> None:
        """Keep a table, unless it holds a miss."""
        if report.misses:
            return
        path = self._path(chapter, exercise, variants)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(report.to_json()), encoding="utf-8")
        partial.replace(path)  # a run that is stopped here leaves no half of a table

    def _path(self, chapter: Chapter, exercise: Exercise, variants: Variants) -> Path:
        """Return the file of an exercise: what runs before it counts, what comes after it does not."""
        at = next(i for i, cell in enumerate(chapter.cells) if cell.exercise == exercise.name)
        before = [(cell.kind, cell.source) for cell in chapter.cells[:at] if cell.kind in ("provided", "solution")]
        own = [exercise.solution, exercise.stub, exercise.visible, exercise.hidden, list(exercise.rules)]
        cells = [(v.kind, v.title, v.sentence, v.source, v.line) for v in variants.cells if v.exercise == exercise.name]
        content = json.dumps([self._tools, before, own, cells, str(variants.path)])
        key = hashlib.sha256(content.encode()).hexdigest()[:32]
        return self.folder / f"{chapter.name}-{exercise.name}-{key}.json"
