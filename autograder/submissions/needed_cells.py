"""Choose which of a chapter's own cells a submission needs.

A chapter shows far more than its exercises use: figures, short training runs, explorers. Running these again for every
submission would take most of the grading time. A provided cell runs only if it binds or could change a name to which a
needed cell refers, and if no cell between the two rebinds this name. If a name is missing anyway, `Grader` also runs
the cells that bind the name and, as a last resort, all cells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from autograder.model import TEST_KINDS, Cell
from autograder.submissions import answer_parts, student_code
from autograder.submissions.bounded_cache import kept
from autograder.submissions.budget import look


@dataclass(frozen=True)
class Names:
    """The global names of one cell, which are bound or used by the cell or by its functions."""

    bound: frozenset[str]
    used: frozenset[str]
    later: frozenset[str]  # used names in the cell's functions and classes, which are needed when these are called
    imported: frozenset[str]
    assigned: frozenset[str]  # bound names that are not functions, classes, or modules: using one may change it
    written: frozenset[str]  # names of objects that the cell writes into, as in ``name.x = 1``
    anew: frozenset[str]  # bound names whose earlier meanings no longer matter after the cell
    fresh: frozenset[str]  # names in `anew` that the cell does not refer to before binding them


SUPPLIED = frozenset({"F", "lab", "math", "nn", "np", "plt", "torch"})  # always available to an answer and its tests
NOTHING = Names(*[frozenset()] * 8)


def needed(cells: Sequence[Cell], missed: Collection[str] = (), of: Collection[str] | None = None) -> list[Cell]:
    """Return the cells to run, in order; omit provided cells whose names are not used by any needed cell.

    Args:
        missed: names that were missing in an earlier run; cells that bind one of them are also needed.
        of: the exercises to run; by default, all. Cells after the last test of these exercises are left out. Answers
            to other exercises are left out unless a needed cell refers to their names.
    """
    if of is not None:
        last = max((place for place, cell in enumerate(cells) if cell.exercise in of), default=-1)
        cells = [c for c in cells[: last + 1] if c.kind not in TEST_KINDS or c.exercise in of]
    names = [names_of(cell.source) for cell in cells]
    kept = {
        place
        for place, cell in enumerate(cells)
        if _is_run_anyway(cell, of) or (found := names[place]) is None or not found.bound.isdisjoint(missed)
    }
    meanings = _Meanings(cells, [found or NOTHING for found in names])
    waiting = list(kept)
    while waiting:
        look()
        more = meanings.asked_by(waiting.pop()) - kept
        kept |= more
        waiting += more
    return [cells[place] for place in sorted(kept)]


def _is_run_anyway(cell: Cell, of: Collection[str] | None) -> bool:
    is_others = cell.kind == "solution" and of is not None and cell.exercise not in of
    return cell.kind != "provided" and not is_others


class _Meanings:
    """A table for looking up which cells give a name its meaning."""

    def __init__(self, cells: Sequence[Cell], names: Sequence[Names]) -> None:
        self.cells, self.names = cells, names
        lasting = [found for cell, found in zip(cells, names, strict=True) if cell.kind not in TEST_KINDS]
        objects = frozenset().union(*(found.assigned for found in lasting))
        modules = frozenset().union(*(found.imported for found in lasting))
        self.places: dict[str, list[int]] = defaultdict(list)  # where each name is bound or may be changed, last first
        for place in reversed(range(len(cells))):
            if cells[place].kind not in TEST_KINDS:  # names bound in a test are not visible elsewhere
                found = names[place]
                for name in found.bound | (found.used & objects) | (found.written - modules):
                    self.places[name].append(place)

    def asked_by(self, place: int) -> set[int]:
        """Return the cells that define the names used by a cell or by the functions that it calls."""
        found: set[int] = set()
        own = self.names[place]
        waiting = list(own.used - (own.bound if self.cells[place].kind in TEST_KINDS else own.fresh))
        asked = set(waiting)
        if self.cells[place].kind in ("solution", *TEST_KINDS):
            asked |= SUPPLIED
            waiting = [name for name in waiting if name not in SUPPLIED]
        while waiting:
            for giver in self._before(place, waiting.pop()):
                if giver not in found:
                    found.add(giver)
                    more = self.names[giver].later - asked
                    asked |= more
                    waiting += more
        return found

    def _before(self, place: int, name: str) -> Iterator[int]:
        for giver in self.places[name]:
            if giver < place:
                yield giver
                if name in self.names[giver].anew:
                    return


def bound_by(cells: Sequence[Cell]) -> frozenset[str]:
    """Return every global name that at least one of the cells binds."""
    return frozenset().union(*(found.bound for cell in cells if (found := names_of(cell.source))))


def names_of(source: str) -> Names | None:
    """Return a cell's global names, or None if it cannot be parsed as Python."""
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
    imported = frozenset(s.get_name() for s in symbols if s.is_imported())
    fixed = {s.get_name() for s in symbols if s.is_namespace()} | imported
    later: set[str] = set()
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_global():
                (bound if symbol.is_assigned() else later).add(symbol.get_name())
    found = answer_parts.statements(text)
    return Names(
        bound=frozenset(bound),
        used=frozenset(used | later),
        later=frozenset(later),
        imported=imported,
        assigned=frozenset(bound - fixed),
        written=frozenset(name for statement in found for name in statement.changes),
        anew=frozenset(name for statement in found for name in statement.binds if statement.forgets(name)),
        fresh=frozenset(_fresh(found)),
    )


def _fresh(found: Sequence[answer_parts.Statement]) -> Iterator[str]:
    met: set[str] = set()
    for statement in found:
        yield from (name for name in statement.binds - met if statement.forgets(name))
        met |= statement.binds | statement.uses
