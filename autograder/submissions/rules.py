"""Calls that an exercise does not allow, found in a student's text on the trusted side.

A rule is written as in a chapter, ``nn.Linear`` or ``F.linear``. It is checked on resolved names, so every spelling
counts: imports, aliases, longer paths to the same object, the method of the same name, and the operator below it. In
an exercise with rules, code that would hide a name (``getattr`` with a computed name on torch, ``eval``, ``exec``,
importing by a string) counts as a forbidden call too.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from autograder.model import Cell, Exercise
from autograder.submissions import student_code
from autograder.submissions.needed import names_of

_ROOTS: dict[str, Any] = {"torch": torch, "nn": nn, "F": F}
_SUPPLIED = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional"}
_UNWATCHED = {"setprofile", "settrace"}  # of sys and threading: would end the watch while an answer runs
_HIDING = {"eval", "exec", "compile", "__import__", "globals", "vars"}
_BINDING = ast.Import | ast.ImportFrom | ast.Assign
_OPERATOR_PATHS = ("torch.ops.", "torch._C.", "torch._VF.")


def check(exercise: str, rules: Sequence[str], cells: Sequence[Cell]) -> str | None:
    """Return a sentence that names the first forbidden call in an answer, or None.

    The answer is the solution cell of ``exercise`` and whatever it uses of the student's other cells.
    """
    trees = {cell.id: student_code.tree(cell.source) for cell in cells}
    everywhere = _aliases(tuple(cell.source for cell in cells))
    start = next((cell for cell in cells if cell.kind == "solution" and cell.exercise == exercise), None)
    if start is None or trees[start.id] is None:
        return None
    banned = [_rule(rule) for rule in rules]
    for root in _reachable(trees[start.id], [tree for tree in trees.values() if tree is not None]):
        aliases = _Aliases([root], everywhere.seen_from(root))
        for node in ast.walk(root):
            found = _forbidden(node, banned, aliases)
            if found:
                where = "line" if root is trees[start.id] else "a cell that the answer uses, in its line"
                return f"{where} {node.lineno} uses {found}; this exercise is to be solved without {listed(rules)}"
    return None


def broken(exercises: Sequence[Exercise], cells: Sequence[Cell]) -> dict[str, str]:
    """Return exercise -> the sentence that names its first forbidden call, for all that have rules."""
    written = [cell for cell in cells if cell.kind in ("own", "solution")]
    found = {exercise.name: check(exercise.name, exercise.rules, written) for exercise in exercises if exercise.rules}
    return {name: sentence for name, sentence in found.items() if sentence}


def listed(rules: Sequence[str]) -> str:
    """Return rules as a sentence names them: the first few stand for the rest."""
    return ", ".join(rules[:3]) + (" and the like" if len(rules) > 3 else "")


class _Rule:
    """One rule: the objects it means, and the name of the method and the operator that do the same."""

    def __init__(self, written: str) -> None:
        self.written = written
        self.name = written.rpartition(".")[2]
        self.object = _resolve(written)
        if self.object is None:
            raise ValueError(f"the rule {written!r} names nothing in torch")
        self.is_method = callable(getattr(torch.Tensor, self.name, None)) and not inspect.isclass(self.object)

    def matches(self, path: str) -> bool:
        if path.startswith(_OPERATOR_PATHS) and self.name.lower() in path.lower().split("."):
            return True
        found = _resolve(path)
        return found is not None and found is self.object


_rule = functools.cache(_Rule)


class _Aliases:
    """What the names of a student's cells stand for, as far as it can be read off the text."""

    def __init__(self, trees: Sequence[ast.AST], known: Mapping[str, str] = _SUPPLIED) -> None:
        self.paths: dict[str, str] = dict(known)
        nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, _BINDING)]
        for _ in range(3):  # an alias of an alias of an alias
            for node in nodes:
                self._read(node)

    def seen_from(self, root: ast.AST) -> dict[str, str]:
        """Return what code finds under its global names; a local variable has nothing to do with another cell's."""
        names = _global_names(root)
        return {name: path for name, path in self.paths.items() if name in names}

    def path(self, node: ast.AST) -> str | None:
        """Return the dotted path that an expression names, or None if it is not a plain path."""
        if isinstance(node, ast.Name):
            return self.paths.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self.path(node.value)
            return f"{base}.{node.attr}" if base else None
        return None

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] == "torch":
                    self.paths[name.asname or "torch"] = name.name if name.asname else "torch"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "torch":
            for name in node.names:
                self.paths[name.asname or name.name] = f"{node.module}.{name.name}"
        elif isinstance(node, ast.Assign):
            path = self.path(node.value)
            for target in node.targets:
                if path and isinstance(target, ast.Name):
                    self.paths[target.id] = path


@functools.lru_cache(maxsize=16)  # asked for each exercise of a submission
def _aliases(sources: tuple[str, ...]) -> _Aliases:
    return _Aliases([tree for source in sources if (tree := student_code.tree(source)) is not None])


def _forbidden(node: ast.AST, banned: Sequence[_Rule], aliases: _Aliases) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in _HIDING:
            return f"{node.func.id}(), which could hide any call,"
        if node.func.id in ("getattr", "import_module") and node.args:
            return _computed_name(node, banned, aliases)
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("importlib", "ctypes"):
        return f"{node.module}, which could hide any call,"
    if isinstance(node, ast.Attribute) and node.attr in _UNWATCHED:
        return f".{node.attr}(), which could hide any call,"
    if isinstance(node, ast.ImportFrom) and any(name.name in _UNWATCHED for name in node.names):
        return f"an import from {node.module} that could hide any call,"
    if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names):
        return f"`from {node.module} import *`, which could hide any call,"
    path = aliases.path(node) if isinstance(node, ast.Attribute | ast.Name) else None
    if path:
        return next((rule.written for rule in banned if rule.matches(path)), None)
    if isinstance(node, ast.Attribute):
        return next((f".{rule.name}()" for rule in banned if rule.is_method and node.attr == rule.name), None)
    return None


def _computed_name(node: ast.Call, banned: Sequence[_Rule], aliases: _Aliases) -> str | None:
    base = aliases.path(node.args[0])
    if base is None:
        return None
    name = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else None
    if not isinstance(name, str):
        return f"getattr on {base} with a computed name, which could hide any call,"
    return next((rule.written for rule in banned if rule.matches(f"{base}.{name}")), None)


def _reachable(start: ast.Module, trees: Sequence[ast.Module]) -> Iterator[ast.AST]:
    """Yield a cell and every top-level definition elsewhere that it finds under a global name, directly or not."""
    definitions: dict[str, list[ast.stmt]] = {}
    for tree in trees:
        if tree is start:
            continue
        for statement in tree.body:
            for name in _bound(statement):
                definitions.setdefault(name, []).append(statement)
    waiting: list[ast.AST] = [start]
    seen: set[int] = set()
    while waiting:
        root = waiting.pop()
        yield root
        for name in _global_names(root):
            for statement in definitions.get(name, []):
                if id(statement) not in seen:
                    seen.add(id(statement))
                    waiting.append(statement)


def _global_names(root: ast.AST) -> frozenset[str]:
    """Return the names that code looks up outside itself: its parameters and local variables are none of them."""
    found = names_of(ast.unparse(root))
    return found.used if found is not None else frozenset()


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _resolve(path: str) -> Any:
    """Return the object in torch that a dotted path names, or None."""
    first, *rest = path.split(".")
    found = _ROOTS.get(first)
    for name in rest:
        try:
            found = getattr(found, name, None)
        except Exception:  # torch.classes and the like raise errors of their own for what they do not have
            return None
    return found
