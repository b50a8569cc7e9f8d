"""Find the statements that make up an answer in a student's cells, by following names.

An answer consists of the top-level statements that bind or change a name that the answer looks up, directly or
indirectly. A statement that only examines the answer (an assert, a plot, a comparison with torch's own layer) is not
included.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.submissions import student_code
from autograder.submissions.bounded_cache import kept
from autograder.submissions.budget import look

ANYTHING = "*"  # stands for every name, because code that is assembled at run time may change any of them
MAX_LINKS = 50  # links that are followed from any point in a chain such as ``a.b[0].c()``
MAX_STARS = 20  # ``import *`` statements that are read in one cell
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_CLEAN = _DEFINITIONS | ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign
_AT_ONCE = ("listcomp", "setcomp", "dictcomp", "genexpr")
_LOOKS = ("keys", "values", "items", "get", "copy")
_NAMESPACES = ("globals", "locals", "vars", "get_ipython")


@dataclass(frozen=True, eq=False)
class Statement:
    """One top-level statement of a cell; a compound statement (``if``, ``for``, ``with``) is split.

    A compound statement's head counts as one statement, and each statement in its blocks counts as another.
    """

    nodes: tuple[ast.AST, ...]
    lines: tuple[int, int]
    binds: frozenset[str]  # names that it assigns, defines, or imports
    changes: frozenset[str]  # names of objects that it writes into
    calls: frozenset[str]  # names of objects whose methods it calls
    now: frozenset[str]  # names that it looks up when it runs
    later: frozenset[str]  # names that its functions look up when they are called
    around: Statement | None  # the head of the statement that contains it

    @property
    def uses(self) -> frozenset[str]:
        """All global names that the statement looks up, now or later."""
        return self.now | self.later

    def forgets(self, name: str) -> bool:
        """Return whether earlier meanings of a name no longer matter after this statement."""
        is_clean = self.around is None and isinstance(self.nodes[0], _CLEAN)
        return is_clean and name in self.binds and name not in self.now


@kept
def statements(source: str) -> tuple[Statement, ...]:
    """Return the top-level statements of a cell in order, or an empty tuple if it cannot be parsed as Python."""
    text = student_code.as_python(source)
    tree = None if text is None else student_code.tree(text)
    if text is None or tree is None:
        return ()
    found: list[Statement] = []
    stars: list[ast.AST] = []
    scopes = _scopes(text)
    waiting: list[tuple[ast.stmt, Statement | None]] = [(node, None) for node in reversed(tree.body)]
    while waiting:
        node, around = waiting.pop()
        bodies = list(_bodies(node))
        look()
        made = _statement(tuple(_head(node)) if bodies else (node,), node, around, scopes, stars)
        found.append(made)
        waiting += [(inner, made) for body in reversed(bodies) for inner in reversed(body)]
    return tuple(found)


def defined(source: str) -> frozenset[str]:
    """Return the names that a released answer cell defines: functions, classes, and variables."""
    return frozenset(
        name
        for statement in statements(source)
        if not isinstance(statement.nodes[0], ast.Import | ast.ImportFrom)
        for name in statement.binds
    )


def reached(
    cells: Sequence[str],
    answer: int,
    names: frozenset[str],
    torchs: Iterable[str] = (),
    listed: Sequence[Sequence[Statement]] | None = None,
) -> list[set[int]]:
    """For each cell, return the indices of the `statements` that belong to an answer.

    Args:
        cells: the student's cells in order, up to the exercise's tests.
        answer: the index of the exercise's answer cell.
        names: the names that the exercise asks for; if empty, all functions and classes that the answer cell defines.
        torchs: names that refer to torch's modules; code that writes into these affects every answer.
        listed: the statements of each cell, if they have already been read.
    """
    of_cells = [statements(source) for source in cells] if listed is None else listed
    placed = [(cell, number, s) for cell, found in enumerate(of_cells) for number, s in enumerate(found)]
    own = [s for cell, _, s in placed if cell == answer]
    names = names or frozenset(n for s in own if isinstance(s.nodes[0], _DEFINITIONS) for n in s.binds)
    places = {id(s): (cell, number) for cell, number, s in placed}
    found: list[set[int]] = [set() for _ in cells]
    for statement in _walked([s for _, _, s in placed], own, names, frozenset(torchs)):
        cell, number = places[id(statement)]
        found[cell].add(number)
    return found


def _walked(
    listed: Sequence[Statement], own: Sequence[Statement], names: frozenset[str], torchs: frozenset[str]
) -> Iterator[Statement]:
    """Yield the statements that belong to an answer, following names; some statements are yielded more than once.

    Functions look up the final meaning of a name. Top-level code looks up the meaning that a name has when the code
    runs, so every statement that gives the name a meaning counts.
    """
    by_name: dict[str, list[Statement]] = defaultdict(list)
    for statement in listed:
        for name in statement.binds | statement.changes | (statement.calls - torchs):
            by_name[name].append(statement)
    is_here = {name for statement in own for name in statement.binds}
    first = listed.index(own[0]) if own else 0
    waiting: list[tuple[Statement, bool]] = []
    if not names:
        waiting = [(statement, True) for statement in own]
    after = {id(statement) for statement in listed[first:]}
    for name in names:
        meant = by_name[name] if name not in is_here else [s for s in by_name[name] if id(s) in after]
        waiting += [(statement, False) for statement in _in_the_end(name, meant)]
    places = own if names <= is_here else listed
    waiting += [(s, True) for s in places if ANYTHING in s.changes or s.changes & torchs]
    done: set[tuple[int, bool]] = set()
    asked: set[tuple[str, bool]] = set()
    while waiting:
        look()
        statement, is_any = waiting.pop()
        if (id(statement), is_any) in done:
            continue
        done.add((id(statement), is_any))
        yield statement
        if statement.around is not None:
            waiting.append((statement.around, True))
        for name, is_now in [*((n, True) for n in statement.now), *((n, is_any) for n in statement.later)]:
            if (name, is_now) not in asked:
                asked.add((name, is_now))
                meant = by_name.get(name, [])
                waiting += [(s, is_now) for s in (meant if is_now else _in_the_end(name, meant))]


def _in_the_end(name: str, meant: Sequence[Statement]) -> Sequence[Statement]:
    """Return the statements that decide what a name means after all statements have run."""
    last = max((at for at, statement in enumerate(meant) if statement.forgets(name)), default=0)
    return meant[last:]


def _bodies(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of a compound statement, in order; a definition or a simple statement yields nothing."""
    if isinstance(node, _DEFINITIONS):
        return
    for field in ("body", "handlers", "cases", "orelse", "finalbody"):
        for part in [getattr(node, field, None) or []]:
            if field in ("handlers", "cases"):
                yield from (inner.body for inner in part)
            elif part:
                yield part


def _head(node: ast.stmt) -> Iterator[ast.AST]:
    for field in ("test", "target", "iter", "subject"):
        if getattr(node, field, None) is not None:
            yield getattr(node, field)
    yield from getattr(node, "items", ())
    for inner in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from (part for part in ast.iter_child_nodes(inner) if not isinstance(part, ast.stmt))
    for handler in getattr(node, "handlers", ()):
        if handler.name:
            yield ast.Name(handler.name, ast.Store(), lineno=handler.lineno, col_offset=0)


def _statement(
    nodes: tuple[ast.AST, ...],
    whole: ast.stmt,
    around: Statement | None,
    scopes: Sequence[_Scope] | None,
    stars: list[ast.AST],
) -> Statement:
    binds, changes, calls, now = set[str](), set[str](), set[str](), set[str]()
    for node in _here(nodes):
        if isinstance(node, ast.Name):
            (now if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            changes.add(_written_into(node))
        elif isinstance(node, ast.Call):
            calls.add(_object_of(node.func))
            changes.add(_changed_by(node))
        elif not isinstance(node, ast.ImportFrom) or node.names[0].name != "*":
            binds.update(_named(node))
        elif len(stars) < MAX_STARS:
            stars.append(node)
            binds.update(star(node))
    if isinstance(whole, ast.AugAssign) and isinstance(whole.target, ast.Name):
        now.add(whole.target.id)
    lines = _lines(nodes, whole)
    inside = _between(scopes or (), *lines)
    later = frozenset[str]().union(*(scope.later for scope in inside))
    if scopes is None:
        later = frozenset(node.id for part in nodes for node in ast.walk(part) if isinstance(node, ast.Name))
    now.update(*(scope.now for scope in inside))
    changes.update(*(scope.changes for scope in inside))
    kept = [frozenset(names - {""}) for names in (binds, changes, calls, now)]
    return Statement(nodes or (whole,), lines, kept[0], kept[1], kept[2], kept[3], later, around)


def _lines(nodes: Sequence[ast.AST], whole: ast.stmt) -> tuple[int, int]:
    """Return the first and last line of a statement, or of the head of a compound statement."""
    first = min([whole.lineno, *(part.lineno for part in getattr(whole, "decorator_list", ()))])
    if nodes == (whole,):
        return first, whole.end_lineno or first
    body = next(_bodies(whole), [])
    return first, max(first, body[0].lineno - 1 if body else first)


def _here(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes that run in the cell's own scope, which excludes the bodies of functions and classes."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _COMPREHENSIONS):
            waiting.append(node.generators[0].iter)
        elif isinstance(node, _SCOPES):
            waiting += getattr(node, "decorator_list", [])
            waiting += [*getattr(node, "bases", ()), *(keyword.value for keyword in getattr(node, "keywords", ()))]
            arguments = getattr(node, "args", None)
            if arguments is not None:
                waiting += [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
        else:
            waiting += ast.iter_child_nodes(node)


def _named(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node binds, if it is a definition, an import, or a ``match`` pattern."""
    if isinstance(node, _DEFINITIONS):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0]
    elif isinstance(node, ast.MatchAs | ast.MatchStar):
        yield node.name or ""
    elif isinstance(node, ast.MatchMapping):
        yield node.rest or ""


def star(node: ast.ImportFrom) -> list[str]:
    """Return the names that ``from torch.nn import *`` binds, or an empty list for modules outside torch."""
    from autograder.sandbox.inside import spellings  # here, because it imports torch and few cells use `import *`

    if node.level or node.module is None or not spellings.is_torchs(node.module):
        return []
    module = spellings.resolve(node.module)
    return spellings.public_names(module) if module is not None else []


def _written_into(node: ast.AST) -> str:
    """Return the name of the object to which an expression belongs, such as ``layer`` for ``layer.weight.data``."""
    for _ in range(MAX_LINKS):
        if not isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
            break
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMESPACES:
            if not node.args:
                return ANYTHING
            node = node.args[0]
        else:
            node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _object_of(function: ast.AST) -> str:
    """Return the name of the object whose method is called, such as ``table`` for ``table.rows.append``."""
    if not isinstance(function, ast.Attribute):
        return ""
    node = function.value
    for _ in range(MAX_LINKS):
        if isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _changed_by(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        if call.func.id in ("setattr", "delattr") and call.args:
            return _written_into(call.args[0])
        return ANYTHING if call.func.id == "exec" else ""
    if isinstance(call.func, ast.Attribute):  # globals().update(...), get_ipython().run_cell(...)
        owner = call.func.value
        is_namespace = isinstance(owner, ast.Call) and _written_into(owner) == ANYTHING
        return ANYTHING if is_namespace and call.func.attr not in _LOOKS and not _is_magic(call) else ""
    return ""


def _is_magic(call: ast.Call) -> bool:
    """Return whether IPython generated a call from ``%time``, ``!ls``, or ``name?``."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in (
        "run_line_magic",
        "run_cell_magic",
        "system",
        "getoutput",
        "pinfo",
    )


@dataclass(frozen=True)
class _Scope:
    """The global names in a top-level function, class, or comprehension of a cell, and in all scopes inside it."""

    line: int
    now: frozenset[str]  # names looked up when its statement runs
    later: frozenset[str]
    changes: frozenset[str]


def _scopes(text: str) -> list[_Scope] | None:
    """Return the scopes inside a cell, or None if Python cannot make the cell's symbol table."""
    table = student_code.symbols(text)
    if table is None:
        return None
    made = []
    for top in table.get_children():
        now, later, changes, waiting = set[str](), set[str](), set[str](), [top]
        runs_at_once = top.get_type() == "class" or top.get_name() in _AT_ONCE
        while waiting:
            scope = waiting.pop()
            waiting += scope.get_children()
            for symbol in scope.get_symbols():
                if symbol.is_global():
                    (now if scope is top and runs_at_once else later).add(symbol.get_name())
                    changes.update([symbol.get_name()] if symbol.is_assigned() else ())
        made.append(_Scope(top.get_lineno(), frozenset(now), frozenset(later), frozenset(changes)))
    return sorted(made, key=_line)


def _line(scope: _Scope) -> int:
    return scope.line


def _between(scopes: Sequence[_Scope], first: int, last: int) -> Sequence[_Scope]:
    return scopes[bisect_left(scopes, first, key=_line) : bisect_right(scopes, last, key=_line)]
