"""Find definitions that come after the cell that needs them, as in a notebook whose cells were run out of order.

This module is used only if a name was missing in a run. The submission then runs again, with that name's definition
moved up and everything else in its original order.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from autograder.model import TEST_KINDS, Cell, Run
from autograder.submissions import student_code
from autograder.submissions.budget import look
from autograder.submissions.needed_cells import Names, names_of

MAX_DEFINITIONS = 200  # definitions in one submission that are examined
_MISSED = re.compile(r"name '(\w{1,100})' is not defined")
_STUDENTS = ("own", "solution")
_DEFINING = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
_CONSTANT = ast.Constant | ast.Tuple | ast.List | ast.Dict | ast.Set | ast.UnaryOp | ast.unaryop | ast.expr_context


def missed(run: Run) -> dict[str, str]:
    """Return the names that were missing in a run, each with the exercise or cell that first missed the name."""
    found = [
        (cell.error, cell.exercise or cell.id)
        for cell in run.cells
        if cell.error_type == "NameError" and cell.kind != "visible"  # visible checks run only after claims are judged
    ]
    found += [(claim.raised, claim.exercise) for claim in run.claims if claim.raised_type == "NameError"]
    names: dict[str, str] = {}
    for error, where in found:
        for name in _MISSED.findall(error or ""):
            names.setdefault(name, where)
    return names


def settled(first: Run, second: Run) -> Run:
    """Return the second run, but keep those claims of the first run that no missing name affected.

    Those claims are final. A missing name affects a claim if the name was missing in the claim itself or in a cell
    above the claim's test.
    """
    is_sound, tested = True, set()
    for cell in first.cells:
        if cell.kind == "hidden" and is_sound:
            tested.add(cell.exercise)
        is_sound = is_sound and (cell.error_type != "NameError" or cell.kind in TEST_KINDS)
    kept = [claim for claim in first.claims if claim.exercise in tested and claim.raised_type != "NameError"]
    over = {(claim.exercise, claim.name) for claim in kept}
    second.claims = [*kept, *(claim for claim in second.claims if (claim.exercise, claim.name) not in over)]
    second.broken_rules = first.broken_rules | second.broken_rules
    return second


def with_definitions(cells: Sequence[Cell], names: dict[str, str]) -> Sequence[Cell] | None:
    """Return the cells with the missing names' definitions moved up, or None if no definition is found.

    The definitions are inserted before the first cell that failed for lack of a name. Only functions, classes, imports,
    and constants from a student's cells are inserted. The cells themselves stay in place.

    Args:
        names: the missing names, as `missed` returns them.
    """
    where = [cell.exercise or cell.id for cell in cells]
    first = next((index for index, place in enumerate(where) if place in names.values()), None)
    if first is None:
        return None
    last = max(index for index, place in enumerate(where) if place == where[first])
    found = list(islice((one for cell in cells[last + 1 :] for one in _definitions(cell)), MAX_DEFINITIONS))
    offered = frozenset().union(*(one.names.bound for one in found))
    wanted = set(names) | (_unbound(cells[: last + 1]) & offered)
    chosen: set[_Definition] = set()
    while more := [one for one in found if one not in chosen and one.names.bound & wanted]:
        look()
        chosen.update(more)
        wanted |= {name for one in more for name in one.names.used & offered}
    if not any(one.names.bound & set(names) for one in chosen):
        return None
    source = "\n".join(one.source for one in found if one in chosen)
    return [*cells[:first], Cell("definitions", "own", source), *cells[first:]]


@dataclass(frozen=True, eq=False)
class _Definition:
    """A statement that only defines something: a function, a class, an import, or a constant."""

    source: str
    names: Names


def _definitions(cell: Cell) -> Iterator[_Definition]:
    tree = student_code.tree(cell.source) if cell.kind in _STUDENTS else None
    for statement in tree.body if tree is not None else ():
        if _is_definition(statement):
            look()
            try:
                source = ast.unparse(statement)
            except RecursionError:
                continue
            names = names_of(source)
            if names is not None:
                yield _Definition(source, names)


def _is_definition(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return all(isinstance(part, _CONSTANT) for part in ast.walk(statement.value))
    return isinstance(statement, _DEFINING)


def _unbound(cells: Sequence[Cell]) -> frozenset[str]:
    """Return the names that a student's cells refer to before any cell has bound them."""
    bound: frozenset[str] = frozenset()
    found: frozenset[str] = frozenset()
    for cell in cells:
        names = names_of(cell.source)
        if names is not None:
            bound |= names.bound
            found |= names.used - bound if cell.kind in _STUDENTS else frozenset()
    return found
