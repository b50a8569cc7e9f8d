"""Choose which of a chapter's own cells run with a submission.

A chapter shows far more than its exercises use: figures, short training runs, explorers. Running these again for every
submission would take most of the grading time. A provided cell runs only if the chapter's solutions or tests use a name
that it binds, or another cell that runs does. If a name is missing in a submission, `Grader` runs it once more, with
the cells whose names the student's code uses.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from autograder.model import TEST_KINDS, Cell, Run
from autograder.submissions import student_code
from autograder.submissions.budget import look

SUPPLIED = frozenset({"F", "lab", "math", "nn", "np", "plt", "torch"})  # always available
_FIRST = "first/"  # begins the ids of cells that run once more
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_MISSED = re.compile(r"name '(\w{1,100})' is not defined")


def needed(cells: Sequence[Cell], of: Collection[str] | None = None, missed: Iterable[str] = ()) -> list[Cell]:
    """Return the cells to run, in order; omit provided cells whose names are not used by any needed cell.

    With ``of``, omit cells after these exercises' last test, and answers to others that no needed cell uses.
    """
    if of is not None:
        last = max((place for place, cell in enumerate(cells) if cell.exercise in of), default=-1)
        cells = [c for c in cells[: last + 1] if c.kind not in TEST_KINDS or c.exercise in of]
    listed = [student_code.statements(cell.source) for cell in cells]
    bound = [{name for statement in found for name in statement.binds} for found in listed]
    used = [{name for statement in found for name in statement.now | statement.later} for found in listed]
    changed = [{name for statement in found for name in statement.changes | statement.calls} for found in listed]
    objects = {name for found in listed for s in found for name in s.binds if not s.is_import and not s.is_definition}
    asked = set(missed)
    kept: set[int] = set()
    more = {place for place, cell in enumerate(cells) if not _is_optional(cell, of)}
    given = SUPPLIED.union(*(bound[place] for place in more if cells[place].kind not in TEST_KINDS))
    while more:
        look()
        kept |= more
        for place in more:
            asked |= used[place] - bound[place] - given
        others = [place for place in range(len(cells)) if place not in kept]
        more = {place for place in others if not asked.isdisjoint(bound[place] | (changed[place] & objects))}
    return [cells[place] for place in sorted(kept)]


def _is_optional(cell: Cell, of: Collection[str] | None) -> bool:
    return cell.kind == "provided" or (cell.kind == "solution" and of is not None and cell.exercise not in of)


def again(cells: Sequence[Cell], run: Run) -> list[Cell]:
    """Return the cells to run once more if names were missing in a run and cells bind them; otherwise, none.

    A cell that ended the first run's process does not run again, and a name of an answer that failed is not looked for.
    """
    errors = [cell.error for cell in run.cells if cell.error_type == "NameError" and cell.kind != "visible"]
    errors += [claim.raised for claim in run.claims if claim.raised_type == "NameError"]
    missed = {name for error in errors for name in _MISSED.findall(error or "")}
    if not missed:
        return []
    stopped = {cell.id for cell in run.cells if cell.stop and cell.kind not in TEST_KINDS}
    missed -= {name for cell in cells if cell.id in _failed(run) | stopped for name in student_code.bound(cell.source)}
    chosen = [cell for cell in needed(cells, missed=missed) if cell.id not in stopped]
    given = {name for cell in chosen if cell.kind not in TEST_KINDS for name in student_code.bound(cell.source)}
    return [] if missed.isdisjoint(given) else chosen


def _failed(run: Run) -> set[str]:
    return {cell.id for cell in run.cells if cell.kind == "solution" and cell.error_type not in (None, "NameError")}


def twice(cells: Sequence[Cell], run: Run) -> list[Cell]:
    """Put a copy of the student's cells in front, so that a name may be defined below the cell that needs it.

    Before the copies, their definitions and imports run alone: a copy may fail before it defines what is missing. An
    answer that failed in the first run for another reason defines nothing below its error, as in a notebook.
    """
    own = [cell for cell in cells if cell.kind in ("own", "solution")]
    sources = {cell.id: _definitions(cell.source) for cell in own if cell.id not in _failed(run)}
    definitions = [replace(c, id=f"{_FIRST}{c.id}/definitions", source=sources[c.id]) for c in own if sources.get(c.id)]
    return [*definitions, *(replace(cell, id=_FIRST + cell.id) for cell in own), *cells]


def _definitions(source: str) -> str:
    """Return the lines of a cell's definitions and imports, as written: unparsing a long sum would recurse too deep."""
    text = student_code.as_python(source) or ""
    lines, chosen = text.split("\n"), []
    for statement in getattr(student_code.tree(text), "body", ()):
        if isinstance(statement, _DEFINITIONS):
            first = min(part.lineno for part in [statement, *getattr(statement, "decorator_list", ())])
            chosen += lines[first - 1 : statement.end_lineno]
    return "\n".join(chosen)


def merged(first: Run, second: Run) -> Run:
    """Return the second run, but keep the claims of the first one that no missing name stopped: those are final."""
    unnamed = {cell.exercise for cell in first.cells if cell.error_type == "NameError" and cell.kind == "solution"}
    final = [c for c in first.claims if c.raised_type != "NameError" and c.exercise not in unnamed]
    names = {(claim.exercise, claim.name) for claim in final}
    second.claims = [*final, *(claim for claim in second.claims if (claim.exercise, claim.name) not in names)]
    stopped = [cell for cell in first.cells if cell.stop and cell.kind not in TEST_KINDS]  # these did not run again
    second.cells = [*stopped, *(cell for cell in second.cells if not cell.id.startswith(_FIRST))]
    second.broken_rules = first.broken_rules | second.broken_rules
    return second
