"""Keeps the table of an exercise that missed nothing, so that a second run of the same texts takes no time.

The key is the content of everything that decides the table. A table with a miss is not kept: its author is at work.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from autograder import keys
from autograder.chapters.variants import Variant, Variants
from autograder.inside import processor
from autograder.model import Chapter, Exercise
from autograder.reach import Sources
from autograder.validation.report import Report

FOLDER = Path(".cache") / "validate"
LIBRARIES = ("cosmic-ray", "ipython", "numpy", "torch")
# What reads a chapter and its variants counts by what it read; a soak is never kept, a table is shown anew, and what it
# says of lost claims is written anew; an explorer is nothing under a grader.
NOT_TABLES = (
    "autograder.chapters.chapter", "autograder.chapters.variants", "autograder.validation.soak",
    "autograder.validation.table", "autograder.validation.lost_claims", "autograder.recording.files",
    "autograder.classroom", "autograder.keys", "autograder.reach", "layerlab.explorers*", "layerlab.points",
)  # fmt: skip


def tools_key(sources: Sources) -> str:
    """Return a hash of what tests the tests: code and libraries."""
    code = sources.reach("autograder.validation.command", without=NOT_TABLES)
    machine = [platform.python_version(), platform.machine(), processor.settings()]
    return keys.key(code=code, libraries=keys.installed(LIBRARIES), machine=machine)


def table_key(tools: str, chapter: Chapter, exercise: Exercise, variants: Sequence[Variant]) -> str:
    """Return a hash of all that decides the table of an exercise.

    Args:
        tools: from `tools_key`.
        variants: of any exercises; only its own count, and of these not where they stand.
    """
    at = next(i for i, cell in enumerate(chapter.cells) if cell.exercise == exercise.name)
    return keys.key(
        tools=tools,
        before=[(cell.kind, cell.source) for cell in chapter.cells[:at] if cell.kind in ("provided", "solution")],
        exercise=keys.without(asdict(exercise), "bullets"),
        variants=[keys.without(asdict(v), "line") for v in variants if v.exercise == exercise.name],
    )


class Cache:
    """Tables on disk, one small JSON file each."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._tools = tools_key(Sources.of())

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
        key = table_key(self._tools, chapter, exercise, variants.cells)
        return self.folder / f"{chapter.name}-{exercise.name}-{key[:32]}.json"
