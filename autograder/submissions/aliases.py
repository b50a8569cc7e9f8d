"""Resolve the names in a student's cells to names in torch, as far as possible without running the code."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping, Sequence

from autograder.sandbox.inside import spellings
from autograder.submissions import answer_parts, imports, student_code
from autograder.submissions.bounded_cache import kept

_SUPPLIED = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional"}
_MAX_PATH = 20  # names in a path; none in torch has that many
_BINDING = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.NamedExpr)  # isinstance is fast with a tuple
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Aliases:
    """The names in a student's cells, and the torch paths to which they refer, as far as the code's text shows."""

    def __init__(self, nodes: Sequence[ast.AST], known: Mapping[str, str] = _SUPPLIED) -> None:
        self.paths: dict[str, str] = dict(known)
        self._of_modules = [name for name in self.paths if "." in name]  # from a student's modules: ``mine.softmax``
        binding = _once([node for node in nodes if isinstance(node, _BINDING)])
        for _ in range(3):  # an alias of an alias of an alias
            for node in binding:
                self._read(node)

    def seen_from(self, statement: answer_parts.Statement) -> dict[str, str]:
        """Return the torch paths to which the global names in a statement refer; local variables are excluded."""
        names = statement.uses | statement.changes
        found = {name: self.paths[name] for name in names if name in self.paths}
        return found | {name: self.paths[name] for name in self._of_modules if name.partition(".")[0] in names}

    def modules(self) -> list[str]:
        """Return the names that refer to something in torch."""
        return list(self.paths)

    def path(self, node: ast.AST) -> str | None:
        """Return the dotted torch path to which an expression refers, or None if it does not refer to one."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute) and len(attributes) < _MAX_PATH:
            attributes.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        base = self.paths.get(node.id)
        if base is None and attributes:
            base = self.paths.get(f"{node.id}.{attributes[-1]}")
            attributes = attributes[:-1]
        return ".".join([base, *reversed(attributes)]) if base and base.count(".") < _MAX_PATH else None

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for name in node.names:
                if spellings.is_torchs(name.name):
                    self.paths[name.asname or "torch"] = name.name if name.asname else "torch"
        elif isinstance(node, ast.ImportFrom):
            for name in node.names if spellings.is_torchs(node.module) else ():
                for bound in answer_parts.star(node) if name.name == "*" else [name.name]:
                    self.paths[(name.asname if name.name != "*" else None) or bound] = f"{node.module}.{bound}"
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self._bind(target, node.value)

    def _bind(self, target: ast.AST, value: ast.AST | None) -> None:
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
            for one, other in zip(target.elts, value.elts, strict=False):
                self._bind(one, other)
        elif isinstance(target, ast.Name) and value is not None and (path := self.path(value)):
            self.paths[target.id] = path


def _once(binding: list[ast.AST]) -> list[ast.AST]:
    """Return the nodes that bind names; for each module, keep only its last ``import *``."""
    stars = [node for node in binding if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
    last = {id(node) for node in {node.module: node for node in stars}.values()}
    others = {id(node) for node in stars} - last
    return [node for node in binding if id(node) not in others]


@functools.lru_cache(maxsize=16)  # called for each exercise of a submission
def of(sources: tuple[str, ...], is_module: bool = False) -> Aliases:
    """Return the aliases in a notebook's cells or in a module.

    Cells start with the supplied names `torch`, `nn`, and `F`; a module starts with no names.
    """
    nodes = [node for source in sources for node in _bindings(source)]
    found = Aliases(nodes, {} if is_module else _SUPPLIED)
    for name in _defined_at_top(sources):  # a student's own function with a name from torch
        found.paths.pop(name, None)
    return found


@kept
def _bindings(source: str) -> tuple[ast.AST, ...]:
    tree = student_code.tree(source)
    return () if tree is None else tuple(node for node in ast.walk(tree) if isinstance(node, _BINDING))


def _defined_at_top(sources: Sequence[str]) -> Iterator[str]:
    for source in sources:
        for statement in answer_parts.statements(source):
            if isinstance(statement.nodes[0], _DEFINITIONS):
                yield statement.nodes[0].name


def with_modules(
    own: Aliases, found: Sequence[answer_parts.Statement], modules: Mapping[str, str], known: Mapping[str, Aliases]
) -> Aliases:
    """Return aliases that include the names imported from a student's modules."""
    paths = dict(own.paths)
    for one in (one for statement in found if modules for one in imports.imports(statement, modules)):
        there = known[one.module].paths
        for name, here in one.names:
            if not name:
                some = list(there.items())[: imports.MAX_ALIASES]
                paths |= {f"{here}.{inner}": path for inner, path in some if "." not in inner}
            elif name in there:
                paths[here] = there[name]
    return Aliases((), paths)
