"""Read the claims and their points from the hidden part of a test cell, without running its code."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.texts.parser import syntax_tree


@dataclass(frozen=True)
class ClaimMark:
    """A ``with lab.claim(name, points=...)`` statement as written in a test cell, with its lines counted from 0."""

    name: str
    points: int
    line: int
    block: tuple[int, int]


def claims(code: str) -> list[ClaimMark]:
    """Return, in order, the claims that hidden test code opens.

    Raise ValueError if a claim's name or points are invalid or not literals, if two claims have the same name, or if a
    claim is opened in a loop, a branch, or a function, so that its points cannot be read from the text.
    """
    tree = syntax_tree(code)
    opened = [_claim_mark(call, statement) for call, statement in _top_level_claims(tree.body)]
    everywhere = sum(is_claim(node) for node in ast.walk(tree))
    if everywhere != len(opened):
        raise ValueError("a claim belongs at the top level of the hidden part, not in a loop, a branch or a function")
    names = [claim.name for claim in opened]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two claims are called {name!r}")
    return opened


def without_claims(code: str, names: Collection[str]) -> str:
    """Return hidden test code without the ``with`` statements of claims in ``names``; other lines keep their number."""
    lines = code.splitlines()
    for begin, end in {claim.block for claim in claims(code) if claim.name in names}:
        indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
        lines[begin:end] = [f"{indent}pass", *[""] * (end - begin - 1)]
    return "\n".join(lines)


def is_claim(node: ast.AST) -> bool:
    """Return whether a node is a call ``lab.claim(...)``."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "lab.claim"


def _top_level_claims(body: list[ast.stmt]) -> Iterator[tuple[ast.Call, ast.With]]:
    for statement in body:
        if isinstance(statement, ast.With):
            for item in statement.items:
                if isinstance(item.context_expr, ast.Call) and is_claim(item.context_expr):
                    yield item.context_expr, statement
            yield from _top_level_claims(statement.body)


def _claim_mark(call: ast.Call, statement: ast.With) -> ClaimMark:
    arguments: dict[str | None, ast.expr] = dict(zip(("name", "points"), call.args, strict=False))
    arguments |= {keyword.arg: keyword.value for keyword in call.keywords}
    values: dict[str, Any] = {"points": 1}
    for key, value in arguments.items():
        if not isinstance(value, ast.Constant):
            raise ValueError(f"the {key} of a claim must be a literal, not {ast.unparse(value)}")
        values[str(key)] = value.value
    if not isinstance(values.get("name"), str) or not values["name"]:
        raise ValueError("a claim needs a name")
    if type(values["points"]) is not int or values["points"] < 1:
        raise ValueError(f"the points of a claim must be a positive integer, not {values['points']!r}")
    block = (statement.lineno - 1, statement.end_lineno or statement.lineno)
    return ClaimMark(values["name"], values["points"], call.lineno - 1, block)
