"""Skip debuggers, prompts for input, and imports of missing packages; `driver/notes.py` reports each one.

A debugger call does nothing, and a prompt gets an empty answer. A stand-in replaces a missing package and raises an
error when it is used, except as an annotation or a decorator, because the code works the same without these.
"""

from __future__ import annotations

import ast
import bdb
import builtins
import functools
import getpass
import pdb
import sys
from collections.abc import Callable, Mapping
from types import FrameType, FunctionType
from typing import Any

import IPython

THERE = "the course uses torch, numpy and matplotlib"
MAX_NOTES = 50  # per submission; the driver keeps fewer
MAX_ANSWERS = 1000  # to `input`, because a loop that asks until it gets a valid answer must end
_MADE_BY = "__stand_in__"  # the builtin that rewritten imports call
_DEBUGGERS = ("ipdb", "pudb")  # their functions have the names of those in pdb, which is installed


class Notes:
    """Tells the driver what was skipped, once per line of code; the namespace ``names`` identifies cells' frames."""

    def __init__(self, send: Callable[[dict[str, Any]], None], names: Mapping[str, Any]) -> None:
        self._send, self._names = send, names
        self._told: set[tuple[str, str, int]] = set()

    def tell(self, what: str, text: str) -> None:
        """Send a note of the kind ``what`` about ``text``, the code skipped on the line that is running."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals is not self._names:
            frame = frame.f_back
        note = (what, text[:100], frame.f_lineno if frame is not None else 0)
        if note not in self._told and len(self._told) < MAX_NOTES:
            self._told.add(note)
            self._send(dict(zip(("what", "text", "line"), note, strict=True)))


def be_harmless(notes: Notes) -> None:
    """Replace every function that would wait for keyboard input, because no one is there to type."""
    answered = 0

    def passed(text: str) -> Callable[..., None]:
        return lambda *_, **__: notes.tell("debugger", text)

    def asked(text: str) -> Callable[..., str]:
        def answer(*_: Any, **__: Any) -> str:
            nonlocal answered
            answered += 1
            if answered > MAX_ANSWERS:
                raise EOFError("nobody is here to answer")
            notes.tell("question", text)
            return ""

        return answer

    sys.breakpointhook = passed("breakpoint()")
    pdb.set_trace = bdb.Bdb.set_trace = passed("set_trace()")  # type: ignore[method-assign]  # that is the point
    IPython.embed = passed("embed()")
    builtins.input = asked("input()")
    getpass.getpass = asked("getpass()")


class Imports(ast.NodeTransformer):
    """Lets imports fall back to stand-ins, except in ``try`` and ``with``, which need the exception."""

    def __init__(self, notes: Notes) -> None:
        setattr(builtins, _MADE_BY, lambda error, module, path: _stand_in(error, module, path, notes))

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for alias in node.names:
            top = alias.name.partition(".")[0]  # ``import a.b`` binds ``a``
            bound = (alias.asname, alias.name) if alias.asname else (top, top)
            made.append(_guarded(ast.copy_location(ast.Import([alias]), node), alias.name, [bound]))
        return made

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        if node.module is None or node.level or node.module == "__future__":
            return node
        bound = [(name.asname or name.name, f"{node.module}.{name.name}") for name in node.names if name.name != "*"]
        return _guarded(node, node.module, bound)

    def visit_Try(self, node: ast.stmt) -> ast.stmt:
        return node

    visit_TryStar = visit_With = visit_AsyncWith = visit_Try


class StandIn:
    """Stands in for (an attribute of) a missing package; using it raises an error, except to annotate or decorate."""

    def __init__(self, path: str, package: str) -> None:
        self._path, self._package = path, package

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "not installed"
        if name.startswith("_"):
            raise AttributeError(name)
        return StandIn(f"{self._path}.{name}", self._package)

    def __repr__(self) -> str:
        return f"<{self._path}: {_sentence(self._package)}>"

    def __or__(self, other: Any) -> StandIn:  # in an annotation
        return self

    def __instancecheck__(self, instance: Any) -> bool:
        return False

    def __call__(self, *given: Any, **options: Any) -> Any:
        if not given:
            return self
        return given[0] if isinstance(given[0], FunctionType | type) else self._use()

    def _use(self, *_: Any, **__: Any) -> Any:
        raise ModuleNotFoundError(_sentence(self._package), name=self._package)

    __ror__ = __getitem__ = __or__
    __subclasscheck__ = __instancecheck__
    __mro_entries__ = __iter__ = __enter__ = __contains__ = __setitem__ = _use
    __add__ = __sub__ = __mul__ = __truediv__ = __matmul__ = __neg__ = __float__ = __int__ = _use


def _guarded(statement: ast.Import | ast.ImportFrom, module: str, bound: list[tuple[str, str]]) -> ast.stmt:
    """Return an import that binds each name to a stand-in, given as pairs of name and path, if a package is missing."""
    handled = [f"    {name} = {_MADE_BY}(__missing__, {module!r}, {path!r})" for name, path in bound]
    handled = handled or [f"    {_MADE_BY}(__missing__, {module!r}, {module!r})"]
    lines = ["try:", f"    {ast.unparse(statement)}", "except ModuleNotFoundError as __missing__:", *handled]
    (made,) = ast.parse("\n".join(lines)).body
    for part in ast.walk(made):
        ast.copy_location(part, statement)
    return made


def _stand_in(error: ModuleNotFoundError, module: str, path: str, notes: Notes) -> Any:
    package = (error.name or "").partition(".")[0]
    if package == "google":  # a namespace that several packages share
        package = ".".join(module.split(".")[:2])
    elif package in sys.modules or not package:
        raise error  # the package is installed but has no such module
    if package in _DEBUGGERS:
        return functools.reduce(getattr, path.split(".")[1:], pdb)
    notes.tell("package", package)
    return StandIn(path, package)


def _sentence(package: str) -> str:
    return f"{package} is not installed where answers are graded; {THERE}"
