"""Find forbidden calls in the text of a student's answer, on the trusted side.

A rule is written as in a chapter, such as ``nn.Linear`` or ``F.linear``. Rules are checked on resolved names, so all
spellings count: imports, aliases, longer paths to the same object, methods, and operators (see
`autograder.sandbox.inside.spellings`). A rule applies to the functions and classes that the exercise asks for, and to
everything in the student's cells that these functions and classes use (`answer_parts`). In an exercise with rules, code
that could hide a name (``eval``, ``exec``, or importing a module named by a string) also counts as a forbidden call.
`autograder.sandbox.inside.watch` handles names that are assembled while an answer runs.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.model import TEST_KINDS, Cell, Exercise
from autograder.sandbox.inside import spellings
from autograder.submissions import aliases, answer_parts, imports, student_code
from autograder.submissions.bounded_cache import kept
from autograder.submissions.budget import look

Modules = Iterable[tuple[str, str]]  # the name and text of each module
_UNWATCHED = {"setprofile", "settrace"}  # in sys and threading; these would turn off `watch` while an answer runs
_HIDING = {"eval", "exec", "compile", "__import__", "globals", "vars"}
_MAX_PIECES = 200  # of a name that is assembled from strings
_BY_NAME = ("getattr", "import_module", "attrgetter", "methodcaller")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPARED = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.In, ast.NotIn)
_CALLING = (ast.Name, ast.Attribute, ast.Call, ast.ImportFrom)  # nodes that can reach a forbidden call


def check(
    exercise: str, rules: Sequence[str], cells: Sequence[Cell], stub: str = "", beside: Modules = ()
) -> str | None:
    """Return a sentence that names the first forbidden call in an answer, or None.

    The answer starts with the names that the released cell ``stub`` defines or, if there are none, with the functions
    and classes in the exercise's solution cell. The answer includes all code that these names use, whether that code is
    in the student's cells, in the modules ``beside`` the notebook, or in modules that cells write.
    """
    banned = [spellings.rule(rule) for rule in rules]
    modules = dict(beside) | imports.written(cells)
    written = imports.with_run(_written(exercise, cells), modules)
    written += [Cell(name, "module", text) for name, text in sorted(modules.items())]
    try:
        parts = _parts(exercise, written, stub)
        own = _own_names([written[at].source for at in dict.fromkeys(part.cell for part in parts)])
        for part in parts:
            look()
            found = _first_forbidden(part, banned, own)
            if found:
                line = _where(written[part.cell], exercise, found[0])
                return f"{line} uses {found[1]}; solve this exercise without {listed(rules)}"
    except RecursionError:  # nested too deeply to be read here, but `watch` sees the calls at run time
        return None
    return None


def _where(cell: Cell, exercise: str, line: int) -> str:
    if cell.kind == "module":
        return f"line {line} of the module {cell.id}, which the answer uses,"
    return f"line {line}" if cell.exercise == exercise else f"a cell that the answer uses, in its line {line}"


def require_known(exercises: Sequence[Exercise]) -> None:
    """Check the rules of exercises before anything runs.

    Raises:
        ValueError: if a rule is invalid; the message names the exercise and the reason.
    """
    for exercise in exercises:
        for written in exercise.rules:
            try:
                spellings.rule(written)
            except ValueError as error:
                raise ValueError(f"{exercise.name}: {error}") from error


def broken(exercises: Sequence[Exercise], cells: Sequence[Cell], beside: Modules = ()) -> dict[str, str]:
    """For each exercise whose answer breaks its rules, return a sentence about the first forbidden call."""
    found = {e.name: check(e.name, e.rules, cells, e.stub, beside) for e in exercises if e.rules}
    return {name: sentence for name, sentence in found.items() if sentence}


def with_reached(exercises: Sequence[Exercise], cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells; in each solution cell with rules, set `reached` to the lines that belong to the answer."""
    marked = list(cells)
    for exercise in exercises:
        at = next((i for i, c in enumerate(cells) if c.kind == "solution" and c.exercise == exercise.name), None)
        if not exercise.rules or at is None:
            continue
        written = _written(exercise.name, cells)
        try:
            parts = _parts(exercise.name, written, exercise.stub)
        except RecursionError:
            continue
        spans = tuple(part.statement.lines for part in parts if written[part.cell] is cells[at])
        marked[at] = replace(cells[at], reached=spans)
    return marked


def listed(rules: Sequence[str]) -> str:
    """Return the rules as text for a sentence, naming at most three of them."""
    return ", ".join(rules[:3]) + (" and the like" if len(rules) > 3 else "")


@dataclass(frozen=True, eq=False)
class _Part:
    """One statement of an answer, and the torch paths that its names refer to."""

    cell: int
    statement: answer_parts.Statement
    known: Mapping[str, str]


def _written(exercise: str, cells: Sequence[Cell]) -> list[Cell]:
    """Return the student's cells that run before the tests of an exercise."""
    tests = [i for i, cell in enumerate(cells) if cell.kind in TEST_KINDS and cell.exercise == exercise]
    return [cell for cell in cells[: min(tests, default=None)] if cell.kind in ("own", "solution")]


def _parts(exercise: str, written: Sequence[Cell], stub: str) -> list[_Part]:
    """Return the statements of an answer, starting with those in the answer's own cell."""
    answer = next((i for i, c in enumerate(written) if c.kind == "solution" and c.exercise == exercise), None)
    names = tuple(cell.id if cell.kind == "module" else "" for cell in written)
    return [] if answer is None else _parts_of(tuple(cell.source for cell in written), answer, stub, names)


@functools.lru_cache(maxsize=32)  # called before a submission runs, and when it is judged
def _parts_of(sources: tuple[str, ...], answer: int, stub: str, names: tuple[str, ...]) -> list[_Part]:
    """Return the statements of an answer from cells and modules.

    Args:
        sources: the text of each cell and module.
        answer: the index of the answer's own cell.
        stub: the released cell.
        names: the name of each module; "" for a cell.
    """
    modules = {name: source for name, source in zip(names, sources, strict=True) if name}
    cells = tuple(source for name, source in zip(names, sources, strict=True) if not name)
    everywhere = aliases.of(cells)
    known = {name: aliases.of((source,), is_module=True) for name, source in modules.items()}
    linked = _linked(sources, names, modules)
    found = answer_parts.reached(sources, answer, answer_parts.defined(stub), everywhere.modules(), linked)
    of_cells = [s for source in cells for s in answer_parts.statements(source)]
    everywhere = aliases.with_modules(everywhere, of_cells, modules, known)
    order = sorted(range(len(sources)), key=lambda at: at != answer)
    return [
        _Part(at, statement, known.get(names[at], everywhere).seen_from(statement))
        for at in order
        for number, statement in enumerate(answer_parts.statements(sources[at]))
        if number in found[at]
    ]


def _linked(
    sources: Sequence[str], names: Sequence[str], modules: Mapping[str, str]
) -> list[list[answer_parts.Statement]] | None:
    if not modules:
        return None
    attributes = frozenset().union(*map(imports.attributes, sources))
    return [
        [imports.linked(statement, modules, attributes, name) for statement in answer_parts.statements(source)]
        for source, name in zip(sources, names, strict=True)
    ]


@kept
def _members(source: str) -> frozenset[str]:
    """Return the names of the classes in a cell and of their methods and assigned attributes."""
    tree = student_code.tree(source)
    names: set[str] = set()
    for node in _in_classes(tree) if tree is not None else ():
        if isinstance(node, _DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
    return frozenset(names)


def _in_classes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the classes in a tree and all nodes inside those classes; yield each node only once."""
    waiting = [(tree, False)]
    while waiting:
        node, is_inside = waiting.pop()
        is_inside = is_inside or isinstance(node, ast.ClassDef)
        if is_inside:
            yield node
        waiting += [(child, is_inside) for child in ast.iter_child_nodes(node)]


@dataclass(frozen=True)
class _Own:
    """Names that the student's own cells define."""

    members: frozenset[str]  # of classes
    globals: frozenset[str]


def _own_names(sources: Sequence[str]) -> _Own:
    bound = [statement.binds for source in sources for statement in answer_parts.statements(source)]
    return _Own(frozenset().union(*map(_members, sources)), frozenset().union(*bound))


def _first_forbidden(part: _Part, banned: Sequence[spellings.Rule], own: _Own) -> tuple[int, str] | None:
    """Return the line and a description of the first forbidden call in one statement, or None."""
    nodes = [node for root in part.statement.nodes for node in ast.walk(root)]
    known = aliases.Aliases(nodes, part.known)
    let_be = _looked_at(nodes)
    local = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    local |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    local |= {node.name for node in nodes if isinstance(node, _DEFINITIONS)}
    named = own.globals | local
    for node in nodes:
        if isinstance(node, _CALLING) and id(node) not in let_be:
            found = _hiding(node, named) or _by_path(node, banned, known, own)
            if found:
                return node.lineno, found
    return None


def _looked_at(nodes: Sequence[ast.AST]) -> set[int]:
    """Return the ids of nodes that are only compared or used as a type, as in ``isinstance(layer, nn.Linear)``."""
    found: set[int] = set()
    calling = _with_calls(nodes)
    for node in nodes:
        told: Sequence[ast.AST | None] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            told = node.args[1:2] if node.func.id in ("isinstance", "issubclass") else []
        elif isinstance(node, ast.Compare) and all(isinstance(op, _COMPARED) for op in node.ops):
            told = [side for side in (node.left, *node.comparators) if id(side) not in calling]
        elif isinstance(node, ast.MatchClass):
            told = [node.cls]
        elif isinstance(node, (ast.arg, ast.AnnAssign)):
            told = [node.annotation]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            told = [node.returns]
        for expression in told:
            if expression is not None and id(expression) not in found:  # if it is there, so is everything inside it
                found.update(id(inner) for inner in ast.walk(expression))
    return found


def _with_calls(nodes: Sequence[ast.AST]) -> set[int]:
    """Return the ids of nodes that contain a call; ``nodes`` must list each node before the nodes inside it."""
    found: set[int] = set()
    for node in reversed(nodes):
        is_call = isinstance(node, (ast.Call, ast.Lambda, ast.NamedExpr))
        if is_call or any(id(child) in found for child in ast.iter_child_nodes(node)):
            found.add(id(node))
    return found


def _hiding(node: ast.AST, own: frozenset[str]) -> str:
    """Return how a node could hide a call, or ""; names in ``own`` are the student's own functions and are safe."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _HIDING - own:
        return f"{node.func.id}(), which could hide any call,"
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("importlib", "ctypes"):
        return f"{node.module}, which could hide any call,"
    if isinstance(node, ast.Attribute) and node.attr in _UNWATCHED:
        return f".{node.attr}(), which could hide any call,"
    if isinstance(node, ast.ImportFrom) and any(name.name in _UNWATCHED for name in node.names):
        return f"an import from {node.module} that could hide any call,"
    return ""


def _by_path(node: ast.AST, banned: Sequence[spellings.Rule], known: aliases.Aliases, own: _Own) -> str:
    """Return how a name, an attribute, or a name given as a string breaks a rule, or ""."""
    if isinstance(node, ast.Call) and node.args and (called := imports.last_name(node.func)) in _BY_NAME:
        name = _text(node.args[1] if called == "getattr" and len(node.args) > 1 else node.args[0])
        base = known.path(node.args[0])
        if not name:
            return ""
        if base:
            return _of_paths([f"{base}.{name}"], banned)
        paths = [] if called == "getattr" else [f"torch.{name}", name]
        return _of_paths(paths, banned) or _of_method(name, banned)
    path = known.path(node) if isinstance(node, (ast.Attribute, ast.Name)) else None
    if path:
        return _of_paths([path], banned)
    if isinstance(node, ast.Attribute) and node.attr not in own.members:
        return _of_method(node.attr, banned)
    return ""


def _of_paths(paths: Sequence[str], banned: Sequence[spellings.Rule]) -> str:
    named = [(rule, meant) for path in paths for rule in banned if (meant := rule.means_path(path))]
    exact = next((rule.written for rule, meant in named if spellings.resolve(meant) is rule.object), "")
    return exact or ("{1} ({0.written} by another name)".format(*named[0]) if named else "")


def _of_method(name: str, banned: Sequence[spellings.Rule]) -> str:
    rule = next((rule for rule in banned if rule.means_method(name)), None)
    return spellings.said(f".{rule.written.rpartition('.')[2]}()", f".{name}()") if rule else ""


def _text(node: ast.AST) -> str:
    """Return a string that code assembles from literals, or "" if the string has other parts or too many parts."""
    pieces: list[str] = []
    waiting = [node]
    while waiting and len(waiting) + len(pieces) <= _MAX_PIECES:
        part = waiting.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            waiting += [part.right, part.left]
        elif isinstance(part, ast.JoinedStr):
            waiting += reversed(part.values)
        elif isinstance(part, ast.FormattedValue):
            waiting.append(part.value)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            pieces.append(part.value)
        else:
            return ""
    return "" if waiting else "".join(pieces)
