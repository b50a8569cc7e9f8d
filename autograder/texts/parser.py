"""Parse Python code, and list the names that its statements bind and use.

Code is parsed in one thread at a time: CPython 3.11's parser counts the depth of a syntax tree for all threads
together, and may raise a SystemError; see https://github.com/python/cpython/issues/106905.
"""

from __future__ import annotations

import ast
import re
import symtable
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_LINKS = 50  # links that are followed in a chain such as ``a.b[0].c()``
_ONE_AT_A_TIME = threading.Lock()
_NEWLINE = re.compile(r"\r\n|\r|\n")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CLEAN = (*_DEFINITIONS, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
_AT_ONCE = ("listcomp", "setcomp", "dictcomp", "genexpr")


def syntax_tree(text: str) -> ast.Module:
    """Return the syntax tree of Python code, as `ast.parse` does, or raise the same errors."""
    with _ONE_AT_A_TIME:
        return ast.parse(text)


@dataclass(frozen=True, eq=False)
class Statement:
    """One top-level statement, or several on the same line, and the global names in it."""

    nodes: tuple[ast.stmt, ...]
    lines: tuple[int, int]  # the first and the last, including decorators
    binds: frozenset[str]  # names that it assigns, defines, or imports
    changes: frozenset[str]  # names of objects that it writes into, as in ``name.x[0] = 1``
    calls: frozenset[str]  # names of objects whose methods it calls
    now: frozenset[str]  # names that it looks up when it runs
    later: frozenset[str]  # names that its functions look up when they are called

    @property
    def is_definition(self) -> bool:
        return isinstance(self.nodes[0], _DEFINITIONS)

    @property
    def is_import(self) -> bool:
        return isinstance(self.nodes[0], (ast.Import, ast.ImportFrom))

    def forgets(self, name: str) -> bool:
        """Return whether earlier meanings of a name no longer matter after this statement."""
        return isinstance(self.nodes[0], _CLEAN) and name in self.binds and name not in self.now


def statements(text: str) -> Iterator[Statement]:
    """Yield the top-level statements of Python code; raise the same errors as `syntax_tree`."""
    lines = _NEWLINE.split(text)
    waiting: list[ast.stmt] = []
    first = last = 0
    for node in syntax_tree(text).body:
        begin = min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", ()))])
        if waiting and begin > last:
            yield _statement(tuple(waiting), (first, last), lines)
            waiting = []
        first = first if waiting else begin
        last = node.end_lineno or begin
        waiting.append(node)
    if waiting:
        yield _statement(tuple(waiting), (first, last), lines)


def _statement(nodes: tuple[ast.stmt, ...], at: tuple[int, int], lines: list[str]) -> Statement:
    table = _symbols("\n".join(lines[at[0] - 1 : at[1]]))
    symbols = table.get_symbols()
    binds = {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}
    now, later = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}, set[str]()
    scopes = [(scope, True) for scope in table.get_children()]
    while scopes:
        scope, is_now = scopes.pop()
        is_now = is_now and (scope.get_type() == "class" or scope.get_name() in _AT_ONCE)
        scopes += [(inner, is_now) for inner in scope.get_children()]
        for symbol in scope.get_symbols():
            if symbol.is_global():
                (binds if symbol.is_assigned() else now if is_now else later).add(symbol.get_name())
    changes, calls = set[str](), set[str]()
    for inner in at_once(nodes):
        if isinstance(inner, (ast.Attribute, ast.Subscript)) and not isinstance(inner.ctx, ast.Load):
            changes.add(owner(inner))
        elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            calls.add(owner(inner.func))
        elif isinstance(inner, ast.Call) and getattr(inner.func, "id", "") in ("setattr", "delattr") and inner.args:
            changes.add(owner(inner.args[0]))
    return Statement(nodes, at, *map(frozenset, (binds, changes - {""}, calls - {""}, now, later)))


def bound_names(text: str) -> set[str]:
    """Return the names that Python code binds where it runs, including those of loops and comprehensions.

    Names that a function, a class, or a lambda binds for itself don't count, unless it declares them global.
    """
    return {name for name, is_inner in _bound(_symbols(text)) if not is_inner}


def all_bound_names(text: str) -> set[str]:
    """Return the names that Python code binds anywhere, including parameters."""
    return {name for name, _ in _bound(_symbols(text))}


def _symbols(text: str) -> symtable.SymbolTable:
    with _ONE_AT_A_TIME:
        return symtable.symtable(text, "<cell>", "exec")


def _bound(scope: symtable.SymbolTable, is_inner: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield each name that a scope or a scope inside it binds, and whether the name stays inside a function."""
    for symbol in scope.get_symbols():
        if (symbol.is_assigned() or symbol.is_imported() or symbol.is_parameter()) and symbol.get_name()[0] != ".":
            yield symbol.get_name(), is_inner and not symbol.is_declared_global()
    for inner in scope.get_children():
        yield from _bound(inner, is_inner or inner.get_name() not in _AT_ONCE)


def at_once(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes that run together with a statement, which excludes the bodies of its functions and classes."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def owner(node: ast.AST) -> str:
    """Return the name of the object to which an expression belongs, such as ``layer`` for ``layer.weight.data``."""
    for _ in range(MAX_LINKS):
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
    return node.id if isinstance(node, ast.Name) else ""
