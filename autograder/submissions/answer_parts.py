"""Find the statements that make up an answer in a student's cells, by following names.

An answer consists of the top-level statements that bind or change a name that the answer looks up, directly or
indirectly. A statement that only examines the answer (an assert, a plot, a comparison with torch's own layer) is not
included.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence

from autograder.submissions import student_code
from autograder.submissions.budget import look
from autograder.texts.parser import Statement, at_once, owner

Part = tuple[int, Statement]  # a statement, and the index of its cell
_NAMESPACES = ("globals", "locals", "vars", "get_ipython")
_HARMLESS = (  # methods of these that look, or that IPython puts in place of a magic
    *("keys", "values", "items", "get", "copy"),
    *("run_line_magic", "run_cell_magic", "system", "getoutput", "pinfo"),
)


def defined(source: str) -> frozenset[str]:
    """Return the names that a released answer cell defines: functions, classes, and variables."""
    found = student_code.statements(source)
    return frozenset(name for statement in found if not statement.is_import for name in statement.binds)


def parts(
    cells: Sequence[Sequence[Statement]],
    answer: int,
    names: frozenset[str],
    torchs: frozenset[str],
    modules: Sequence[Part] = (),
) -> Iterator[Part]:
    """Yield the statements that belong to an answer (some twice), given those of the student's cells above the tests.

    Functions look up the final meaning of a name. Top-level code looks up the meaning that a name has when the code
    runs, so every statement that gives it one counts. A student's module counts wherever the answer mentions a name
    that it binds. ``names`` are those that the exercise asks for (if empty, what the answer cell defines); ``torchs``
    refer to something in torch, and code that writes into these affects every answer.
    """
    placed = [(at, statement) for at, found in enumerate(cells) for statement in found]
    by_name: dict[str, list[Part]] = defaultdict(list)
    for part in placed:
        for name in part[1].binds | part[1].changes | (part[1].calls - torchs):
            by_name[name].append(part)
    in_modules: dict[str, list[Part]] = defaultdict(list)
    for part in modules:
        for name in part[1].binds:
            in_modules[name].append(part)
    own = [part for part in placed if part[0] == answer]
    names = names or frozenset(name for _, statement in own if statement.is_definition for name in statement.binds)
    waiting = [(part, False) for name in names for part in _last(name, by_name[name])]
    waiting = waiting or [(part, True) for part in own]
    is_here = all(any(name in statement.binds for _, statement in own) for name in names)
    waiting += [(part, True) for part in (own if is_here else placed) if _replaces(part[1], torchs)]
    done: set[tuple[int, bool]] = set()
    asked: set[tuple[str, bool]] = set()
    while waiting:
        look()
        part, is_any = waiting.pop()
        if (id(part[1]), is_any) in done:
            continue
        done.add((id(part[1]), is_any))
        yield part
        wanted = {(name, True) for name in part[1].now} | {(name, is_any) for name in part[1].later}
        for name, is_now in wanted - asked:
            meant = by_name.get(name, [])
            waiting += [(found, is_now) for found in (meant if is_now else _last(name, meant))]
        asked |= wanted
        if modules:
            waiting += [(found, True) for name in _mentioned(part[1]) for found in in_modules.get(name, ())]


def _mentioned(statement: Statement) -> set[str]:
    """Return every name in a statement, including attributes, imported names, and strings."""
    nodes = [node for root in statement.nodes for node in ast.walk(root)]
    given = [getattr(node, field, None) for node in nodes for field in ("id", "attr", "name", "value")]
    return {name for name in given if isinstance(name, str)}


def _last(name: str, meant: Sequence[Part]) -> Sequence[Part]:
    """Return the parts that decide what a name means after all statements have run."""
    last = max((at for at, (_, statement) in enumerate(meant) if statement.forgets(name)), default=0)
    return meant[last:]


def _replaces(statement: Statement, torchs: frozenset[str]) -> bool:
    """Return whether a statement could replace any name, through torch's modules or the notebook's namespace."""
    if statement.changes & (torchs | {*_NAMESPACES}):
        return True
    calls = [node for node in at_once(statement.nodes) if isinstance(node, ast.Call)]
    return any(getattr(call.func, "id", "") == "exec" or _is_namespaces(call.func) for call in calls)


def _is_namespaces(function: ast.AST) -> bool:
    """Return whether a method of the notebook's namespace is called, as in ``globals().update(...)``."""
    is_method = isinstance(function, ast.Attribute) and function.attr not in _HARMLESS
    return is_method and owner(function) in _NAMESPACES
