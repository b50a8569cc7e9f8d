"""Which of a chapter's own cells a submission needs: the demonstrations that nothing refers to are left out.

A chapter shows far more than its exercises use: figures, small trainings, explorers. Running them again for every
submission would be most of the time that grading takes. A provided cell is run if it binds, imports or may change
something that a cell which is run refers to. Should a name be missed all the same, `Grader` runs everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.model import TEST_KINDS, Cell
from autograder.submissions import student_code
from autograder.submissions.kept import kept


@dataclass(frozen=True)
class Names:
    """The global names of one cell: those it binds, and those it refers to, in its functions too."""

    bound: frozenset[str]
    used: frozenset[str]
    imported: frozenset[str]


def needed(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells to run, in order: everything but the provided cells that nothing refers to."""
    names = {cell.id: names_of(cell.source) for cell in cells}
    given = [names[cell.id] for cell in cells if cell.kind == "provided" and names[cell.id] is not None]
    bound = frozenset().union(*(n.bound for n in given))
    objects = bound - frozenset().union(*(n.imported for n in given))  # what calling its methods may change
    kept = {cell.id for cell in cells if cell.kind != "provided" or names[cell.id] is None}
    wanted = bound & frozenset().union(*(_wanted(cell, names[cell.id]) for cell in cells if cell.id in kept))
    while True:
        more = [cell.id for cell in cells if cell.id not in kept and _serves(names[cell.id], wanted, objects)]
        if not more:
            return [cell for cell in cells if cell.id in kept]
        kept |= set(more)
        wanted |= bound & frozenset().union(*(names[cell_id].used for cell_id in more))


def _serves(names: Names, wanted: frozenset[str], objects: frozenset[str]) -> bool:
    return bool(names.bound & wanted or names.used & wanted & objects)


def bound_by(cells: Sequence[Cell]) -> frozenset[str]:
    """Return every global name that some cells bind."""
    return frozenset().union(*(found.bound for cell in cells if (found := names_of(cell.source))))


def names_of(source: str) -> Names | None:
    """Return a cell's global names, or None for what is not Python."""
    text = student_code.as_python(source)
    return None if text is None else _names_of(text)


@kept  # most cells of a submission are the chapter's own
def _names_of(text: str) -> Names | None:
    table = student_code.symbols(text)
    if table is None:
        return None
    symbols = table.get_symbols()
    bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    used = {s.get_name() for s in symbols if s.is_referenced()}
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_global():
                (bound if symbol.is_assigned() else used).add(symbol.get_name())
    return Names(frozenset(bound), frozenset(used), frozenset(s.get_name() for s in symbols if s.is_imported()))


def _wanted(cell: Cell, names: Names | None) -> frozenset[str]:
    if names is None:
        return frozenset()
    # A test cell stands alone: what it binds is its own. A student's cell may use a name before binding it.
    return names.used - names.bound if cell.kind in TEST_KINDS else names.used
