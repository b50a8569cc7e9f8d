"""Cache each exercise's table of results, so that validating the same texts again takes no time.

The key is a hash of everything that determines a table. Results with a miss are not cached. The repository stores one
key per chapter, in `tried.json`. After a change in the code that judges or validates, all chapters are due, which takes
an hour, so `validate --due` runs a tenth of them each day; `make validate` and `make test-long` run all.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from autograder import keys
from autograder.model import Chapter, Exercise
from autograder.texts.variants import Variant, Variants
from autograder.validation.outcome import Report, Row

FOLDER = Path(".cache") / "validate"
TURNS = 10  # days in which `validate --due` runs all chapters once after a change in the code
LIBRARIES = ("ipython", "numpy", "torch")
_UNTRIED = ("line", "sentence")  # parts of a variant that change no table


def code_key(root: Path = keys.HERE) -> str:
    """Return a hash of the libraries that `validate` runs, and of the code that judges and validates."""
    return keys.key(code=keys.code(root, keys.TABLES), libraries=keys.installed(LIBRARIES))


def tools_key() -> str:
    """Return a hash of all code that `validate` runs, its libraries, and this machine."""
    return keys.key(
        code=keys.code(keys.HERE, keys.GRADES),
        libraries=keys.installed(LIBRARIES),
        machine=[platform.python_version(), platform.machine()],
    )


def table_key(tools: str, chapter: Chapter, exercise: Exercise, variants: Sequence[Variant]) -> str:
    """Return a hash of everything that determines an exercise's table, without its variants' lines and sentences."""
    at = next(i for i, cell in enumerate(chapter.cells) if cell.exercise == exercise.name)
    return keys.key(
        tools=tools,
        before=[(cell.kind, cell.source) for cell in chapter.cells[:at] if cell.kind in ("provided", "solution")],
        exercise=keys.without(asdict(exercise), "bullets"),
        variants=[keys.without(asdict(v), *_UNTRIED) for v in variants if v.exercise == exercise.name],
    )


def chapter_key(code: str, chapter: Chapter, variants: Variants) -> str:
    """Return a hash of everything that determines a chapter's tables, except the machine."""
    return keys.key(
        code=code,
        cells=[(cell.kind, cell.source) for cell in chapter.cells],
        exercises=[asdict(exercise) for exercise in chapter.exercises],
        variants=[keys.without(asdict(v), *_UNTRIED) for v in variants.cells],
    )[:16]


def due(recorded: Mapping[str, str], today: Mapping[str, str], changed: Collection[str], on: date) -> list[str]:
    """Return the chapters to run now: those in ``changed`` and of those due for another reason, a tenth in turn.

    ``recorded`` has the key of each chapter in `tried.json`, and ``today`` those of the current texts and code.
    """
    turn = on.toordinal() % TURNS
    stale = {name for name, key in today.items() if recorded.get(name) != key}
    return [name for at, name in enumerate(sorted(today)) if name in stale and (name in changed or at % TURNS == turn)]


class Cache:
    """A cache of tables on disk, with one small JSON file for each table."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.code = code_key()
        self._tools = tools_key()

    def get(self, chapter: Chapter, exercise: Exercise, variants: Variants) -> Report | None:
        """Return the cached table of an exercise, or None if its texts, tools, or variants have changed."""
        kept = _read(self._path(self._tools, chapter, exercise, variants))
        if kept is None:
            return None
        found = Report.from_json(kept)
        found.is_cached = True
        return found

    def put(self, chapter: Chapter, exercise: Exercise, variants: Variants, report: Report) -> None:
        """Cache a table, unless it has a miss."""
        if not report.misses:
            _write(self._path(self._tools, chapter, exercise, variants), asdict(report))

    def get_soak(self, chapter: Chapter, exercise: Exercise, variants: Variants, seeds: int) -> Row | None:
        """Return the cached row of a soak of the same exercise under ``seeds`` seeds, or None if there is none."""
        kept = _read(self._path(f"{self._tools} soak {seeds}", chapter, exercise, variants))
        return None if kept is None else Row(**kept)

    def put_soak(self, chapter: Chapter, exercise: Exercise, variants: Variants, seeds: int, row: Row) -> None:
        """Cache the row of a soak, unless it has a miss."""
        if not row.misses:
            _write(self._path(f"{self._tools} soak {seeds}", chapter, exercise, variants), asdict(row))

    def _path(self, tools: str, chapter: Chapter, exercise: Exercise, variants: Variants) -> Path:
        key = table_key(tools, chapter, exercise, variants.cells)
        return self.folder / f"{chapter.name}-{exercise.name}-{key[:32]}.json"


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _write(path: Path, kept: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(kept), encoding="utf-8")
    partial.replace(path)  # a run that is stopped here leaves no partial table
