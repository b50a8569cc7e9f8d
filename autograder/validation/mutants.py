"""Make mutants of a solution: copies with one small slip each that the tests must notice.

Each slip is hard to notice, such as ``<=`` for ``<``, or ``+`` for ``*``, whose result has the same shape.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate

from autograder.texts.parser import syntax_tree

OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "+"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"), ast.Pow: ("**", "*"), ast.RShift: (">>", "<<"), ast.LShift: ("<<", ">>"),
    ast.BitOr: ("|", "&"), ast.BitAnd: ("&", "|"), ast.BitXor: ("^", "&"), ast.And: ("and", "or"),
    ast.Or: ("or", "and"), ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="), ast.GtE: (">=", ">"), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
    ast.USub: ("-", ""), ast.Invert: ("~", ""), ast.Not: ("not", ""), ast.UAdd: ("+", "-"),
}  # fmt: skip
_BETWEEN = re.compile(rb"^(?:[\s)\\]|#[^\n]*)*")  # after an operand, before an operator or keyword
_NEGATED = re.compile(rb"(?:if|while|assert)\b")
Slip = tuple[int, int, str]  # the first byte that changes, the byte after the last one, and the new text


@dataclass(frozen=True)
class Mutant:
    """A solution with one slip in it."""

    number: int  # of the mutated line in the solution, from 1
    before: str  # that line, stripped
    line: str  # the mutated line, stripped; "(removed) @torch.no_grad()" for a line that was removed
    source: str  # the whole mutated solution


def mutants(solution: str) -> list[Mutant]:
    """Return every mutant of a solution cell; no test could see one in an annotation or a ``raise`` statement."""
    tree, code, found = syntax_tree(solution), _Code(solution), []
    for mutant in (code.mutant(slip) for node in _tested(tree) for slip in code.slips(node)):
        with suppress(SyntaxError):
            if ast.dump(syntax_tree(mutant.source)) != ast.dump(tree):
                found.append(mutant)
    return sorted(found, key=lambda mutant: (mutant.number, mutant.line))


def _tested(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns"):
            for below in value if isinstance(value, list) else [value]:
                if isinstance(below, ast.AST) and not isinstance(below, ast.Raise):
                    yield from _tested(below)


class _Code:
    """The bytes of a solution, with the slips that can be made in them."""

    def __init__(self, solution: str) -> None:
        self.text = solution.encode()
        self.lines = [0, *accumulate(map(len, self.text.splitlines(keepends=True)))]  # where each line begins

    def slips(self, node: ast.AST) -> Iterator[Slip]:
        """Yield every slip in a node, except those in the nodes below it."""
        for decorator in getattr(node, "decorator_list", []):
            yield self.lines[decorator.lineno - 1], self.lines[decorator.end_lineno], ""
        match node:
            case ast.UnaryOp():
                yield from self._replaced(node.op, self._start(node))
            case ast.BinOp():
                yield from self._replaced(node.op, self._end(node.left))
            case ast.BoolOp():
                for value in node.values[:-1]:
                    yield from self._replaced(node.op, self._end(value))
            case ast.Compare():
                for op, operand in zip(node.ops, [node.left, *node.comparators], strict=False):
                    yield from self._replaced(op, self._end(operand))
            case ast.Constant(value=bool() | int() | float() | complex() as value):
                yield self._start(node), self._end(node), str(not value if isinstance(value, bool) else value + 1)
            case ast.Break() | ast.Continue():
                yield self._start(node), self._end(node), "continue" if isinstance(node, ast.Break) else "break"
            case ast.If() | ast.While() | ast.Assert():
                if keyword := _NEGATED.match(self.text, self._start(node)):  # not an `elif`
                    yield keyword.end(), keyword.end(), " not"
            case ast.IfExp():
                at = self._next(self._end(node.body)) + len("if")
                yield at, at, " not"
            case ast.For() | ast.AsyncFor():
                at = self._next(self._end(node.target)) + len("in")
                yield at, self._next(self._end(node.iter)), " []"
            case ast.ExceptHandler(type=ast.Name() | ast.Tuple() as caught):
                names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
                if all(isinstance(name, ast.Name) for name in names):
                    yield from ((self._start(name), self._end(name), "AnotherException") for name in names)

    def mutant(self, slip: Slip) -> Mutant:
        """Return the solution with one slip."""
        start, end, new = slip
        number = bisect(self.lines, start)
        source = (self.text[:start] + new.encode() + self.text[end:]).decode()
        before = self.text.decode().splitlines()[number - 1].strip()
        line = source.splitlines()[number - 1].strip() if new or before[0] != "@" else f"(removed) {before}"
        return Mutant(number, before, line, source)

    def _replaced(self, operator: ast.AST, after: int) -> Iterator[Slip]:
        if type(operator) in OPERATORS:
            old, new = OPERATORS[type(operator)]
            yield self._next(after), self._next(after) + len(old), new

    def _start(self, node: ast.expr | ast.stmt) -> int:
        return self.lines[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt) -> int:
        return self.lines[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    def _next(self, at: int) -> int:
        return len(self.text) - len(_BETWEEN.sub(b"", self.text[at:], count=1))
