"""Follow an answer into a student's own modules, which are in the notebook's folder or are written by its cells.

A module has its own global names, which are called ``module.name`` here. With these names, `answer_parts` can follow an
answer into imported modules without confusing a module's names with the notebook's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.model import Cell
from autograder.submissions import answer_parts, student_code
from autograder.submissions.bounded_cache import kept

MAX_WRITTEN = 20  # modules that cells write, and parts of modules that one cell writes
MAX_CHARACTERS = 400_000  # in all of them together
MAX_ALIASES = 200  # names of a module that is imported as a whole
WHOLE = "*"  # stands for all names in a module that occur as attributes anywhere
_WRITES = re.compile(r"\A\s*%%(?:writefile|file)[ \t]+(?:-a[ \t]+)?[\"']?(?:\S*/)?(\w+)\.py[\"']?[ \t]*\n")
_RUNS = re.compile(r"^[ \t]*%run[ \t]+(?:-\w+[ \t]+)*[\"']?(?:\./)?(\w+)(?:\.py)?\b", re.MULTILINE)
_NAME = re.compile(r"(?:.*/)?(\w+)\.py", re.DOTALL)
_WRITING = ("write", "write_text", "writelines")
_IMPORTING = ("import_module", "__import__")


def written(cells: Sequence[Cell]) -> dict[str, str]:
    """Return the modules that a student's cells write, as a dict from name to text.

    A cell writes a module with ``%%writefile``, or by passing a string to a method such as ``write_text``.
    """
    found: dict[str, list[str]] = {}
    left = MAX_CHARACTERS
    for cell in cells:
        for name, text in _written_by(cell.source) if cell.kind in ("own", "solution") else ():
            if (name in found or len(found) < MAX_WRITTEN) and len(text) <= left:
                found.setdefault(name, []).append(text)
                left -= len(text) + 1
    return {name: "\n".join(texts) for name, texts in found.items()}


@kept
def _written_by(source: str) -> tuple[tuple[str, str], ...]:
    below = _WRITES.match(source)
    if below:
        return ((below[1], source[below.end() :]),)
    tree = student_code.tree(source) if ".py" in source else None
    nodes = list(ast.walk(tree)) if tree is not None else []
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    names = [named[1] for text in texts if (named := _NAME.fullmatch(text))]
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    said = [text for call in calls if last_name(call.func) in _WRITING for part in call.args for text in _texts(part)]
    return tuple((name, text) for name in list(dict.fromkeys(names))[:MAX_WRITTEN] for text in said[:MAX_WRITTEN])


def _texts(node: ast.AST) -> list[str]:
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def with_run(cells: Sequence[Cell], modules: Mapping[str, str]) -> list[Cell]:
    """Return the cells; the modules that a cell runs with ``%run`` follow that cell as additional cells."""
    found: list[Cell] = []
    left = set(modules)
    for cell in cells:
        found.append(cell)
        if cell.kind in ("own", "solution") and "%run" in cell.source:
            names = [name for name in dict.fromkeys(_RUNS.findall(cell.source)) if name in left]
            found += [Cell(f"run-{name}", "own", modules[name]) for name in names]
            left.difference_update(names)
    return found


@dataclass(frozen=True)
class Imported:
    """The names that one statement imports from one of a student's modules.

    Args:
        module: the name of the module.
        names: pairs of a name in the module and its name in the importing code. An empty name in the module
            means the module itself.
    """

    module: str
    names: tuple[tuple[str, str], ...]


def imports(statement: answer_parts.Statement, modules: Mapping[str, str]) -> Iterator[Imported]:
    """Yield a statement's imports from a student's modules, including those in functions that the statement defines."""
    for node in (inner for root in statement.nodes for inner in ast.walk(root)):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module in modules:
            names = [(alias.name, alias.asname or alias.name) for alias in node.names]
            star = _public(modules[node.module]) if names[0][0] == "*" else ()
            yield Imported(node.module, star or tuple(names))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in modules:
                    yield Imported(alias.name, (("", alias.asname or alias.name),))
        elif isinstance(node, ast.Call) and node.args and last_name(node.func) in _IMPORTING:
            for text in _texts(node.args[0]):
                if text in modules:
                    yield Imported(text, (("", ""),))


def linked(
    statement: answer_parts.Statement, modules: Mapping[str, str], attributes: frozenset[str], within: str = ""
) -> answer_parts.Statement:
    """Return a copy of a statement, with the names that it imports from a student's modules added to its lookups.

    Args:
        statement: the statement, in a cell or in a module.
        modules: the text of each module, by name.
        attributes: every attribute name that occurs anywhere. If a module is imported as a whole, these names are
            looked up in it.
        within: the module that contains the statement; empty for a cell.
    """
    here = f"{within}." if within else ""
    looked_up: set[str] = set()
    binds: set[str] = set()
    for found in imports(statement, modules):
        looked_up |= {f"{found.module}.{name or WHOLE}" for name, _ in found.names}
        binds |= {here + name for there, name in found.names if there}
    if not within and not looked_up:
        return statement

    def called(names: Iterable[str]) -> frozenset[str]:
        return frozenset(_called(here, name) for name in names)

    whole = {here + WHOLE} if within and not statement.binds.isdisjoint(attributes) else set()
    return replace(
        statement,
        binds=called(statement.binds) | binds,
        changes=called(statement.changes) | whole,
        calls=called(statement.calls),
        now=called(statement.now),
        later=frozenset(here + name for name in statement.later) | looked_up,
    )


def _called(here: str, name: str) -> str:
    return name if name == answer_parts.ANYTHING else here + name


@kept
def bound(source: str) -> frozenset[str]:
    """Return the names that a module binds."""
    return frozenset().union(*(statement.binds for statement in answer_parts.statements(source)))


@kept
def _public(source: str) -> tuple[tuple[str, str], ...]:
    """Return the names that ``from module import *`` binds, as the pairs in `Imported`."""
    return tuple((name, name) for name in sorted(bound(source))[:MAX_ALIASES] if not name.startswith("_"))


@kept
def attributes(source: str) -> frozenset[str]:
    """Return the attribute names that occur in some code, including names given as strings."""
    tree = student_code.tree(source)
    nodes = list(ast.walk(tree)) if tree is not None else []
    named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return frozenset(named | {text for node in nodes for text in _texts(node) if len(text) < 100})


def last_name(function: ast.AST) -> str:
    """Return the last name of a called function, such as ``softmax`` in ``F.softmax(x)``, or "" if there is none."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
