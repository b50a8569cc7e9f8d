"""Keeps the table of an exercise that missed nothing, so that a second run of the same texts takes no time.

The key is the content of everything that decides the table. A table with a miss is not kept: its author is at work.
The row of a soak is kept beside it in the same way: a soak that was stopped goes on at the chapter it had reached.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder import keys
from autograder.chapters.variants import Variant, Variants
from autograder.inside import processor
from autograder.model import Chapter, Exercise
from autograder.reach import Sources
from autograder.validation.report import Report, Row

FOLDER = Path(".cache") / "validate"
LIBRARIES = ("cosmic-ray", "ipython", "numpy", "torch")
# What reads a chapter and its variants counts by what it read; a soak has a row of its own, a table is shown anew, and
# what it says of lost claims is written anew; an explorer is nothing under a grader.
NOT_TABLES = (
    "autograder.chapters.chapter", "autograder.chapters.variants", "autograder.validation.soak",
    "autograder.validation.table", "autograder.validation.lost_claims", "autograder.recording.files",
    "autograder.classroom", "autograder.keys", "autograder.reach", "layerlab.explorers*", "layerlab.points",
)  # fmt: skip
NO_SOAK = tuple(name for name in NOT_TABLES if name != "autograder.validation.soak")


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
        sources = Sources.of()
        self._tools = tools_key(sources)
        self._soak = keys.key(tools=self._tools, soak=sources.reach("autograder.validation.soak", without=NO_SOAK))

    def get(self, chapter: Chapter, exercise: Exercise, variants: Variants) -> Report | None:
        """Return the table of an exercise whose texts, tools and variants have not changed, None otherwise."""
        kept = _read(self._path(self._tools, chapter, exercise, variants))
        if kept is None:
            return None
        found = Report.from_json(kept)
        found.is_cached = True
        return found

    def put(self, chapter: Chapter, exercise: Exercise, variants: Variants, report: Report) -> None:
        """Keep a table, unless it holds a miss."""
        if not report.misses:
            _write(self._path(self._tools, chapter, exercise, variants), report.to_json())

    def get_soak(self, chapter: Chapter, exercise: Exercise, variants: Variants, seeds: int) -> Row | None:
        """Return the row of a soak of the same exercise under as many seeds, None if there was none."""
        kept = _read(self._path(f"{self._soak} {seeds}", chapter, exercise, variants))
        return None if kept is None else Row(**kept)

    def put_soak(self, chapter: Chapter, exercise: Exercise, variants: Variants, seeds: int, row: Row) -> None:
        """Keep the row of a soak, unless it holds a miss."""
        if not row.misses:
            _write(self._path(f"{self._soak} {seeds}", chapter, exercise, variants), asdict(row))

    def _path(self, tools: str, chapter: Chapter, exercise: Exercise, variants: Variants) -> Path:
        key = table_key(tools, chapter, exercise, variants.cells)
        return self.folder / f"{chapter.name}-{exercise.name}-{key[:32]}.json"


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _write(path: Path, kept: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(kept), encoding="utf-8")
    partial.replace(path)  # a run that is stopped here leaves no half of a table
