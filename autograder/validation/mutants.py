"""Mutants of a solution: the small slips that its tests must notice, made by cosmic-ray used as a library.

cosmic-ray would replace ``+`` eleven times at every place. Most of these are the same in kind, so each of its operators
is applied once at each place of the code: ``+`` becomes ``-``, a number grows by one, ``<`` becomes ``<=``. The
replacements are chosen to be hard to see: ``*`` becomes ``+`` because a whole number stays whole and a shape stays a
shape, and a comparison loses its boundary rather than its direction.

Not used: cosmic-ray's ``VariableReplacer`` and ``VariableInserter``, which draw random numbers, so that a survivor
could not be named twice the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.chapters.parser import syntax_tree

BINARY = "Add_Sub Sub_Add Mul_Add Div_Mul FloorDiv_Mul Mod_Mul Pow_Mul RShift_LShift LShift_RShift"
BITWISE = "BitOr_BitAnd BitAnd_BitOr BitXor_BitAnd"
COMPARISON = "Eq_NotEq NotEq_Eq Lt_LtE LtE_Lt Gt_GtE GtE_Gt Is_IsNot IsNot_Is"
UNARY = "Delete_USub Delete_Invert Delete_Not UAdd_USub"
OTHERS = (
    "AddNot ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr ReplaceOrWithAnd ReplaceBreakWithContinue "
    "ReplaceContinueWithBreak ExceptionReplacer NumberReplacer RemoveDecorator ZeroIterationForLoop"
)
OPERATORS = (
    *(f"ReplaceBinaryOperator_{pair}" for pair in f"{BINARY} {BITWISE}".split()),
    *(f"ReplaceComparisonOperator_{pair}" for pair in COMPARISON.split()),
    *(f"ReplaceUnaryOperator_{pair}" for pair in UNARY.split()),
    *OTHERS.split(),
)
# cosmic-ray also calls the stars of `def f(*, a)` and `{**a}` binary operators.
BINARY_PARENTS = {"term", "arith_expr", "shift_expr", "expr", "and_expr", "xor_expr", "power"}
REMOVED = "(removed) "


@dataclass(frozen=True)
class Mutant:
    """One solution with one slip in it."""

    operator: str  # cosmic-ray's name, "ReplaceBinaryOperator_Add_Sub"
    number: int  # of the mutated line in the solution, from 1
    before: str  # that line, stripped
    line: str  # what it has become, stripped; "(removed) @torch.no_grad()" for a line that is gone
    source: str  # the whole mutated solution


def mutants(solution: str) -> list[Mutant]:
    """Return every mutant of a solution cell, in order of line; no two of them are the same program.

    What no test of behaviour can see is left alone: annotations, and the words of a ``raise``.

    Raises:
        SyntaxError: if ``solution`` is not Python.
        ModuleNotFoundError: if cosmic-ray is not installed.
    """
    # Imported here: who grades makes no mutants, and goes without cosmic-ray and the dozen packages it brings.
    from cosmic_ray.ast import ast_nodes, get_ast

    silent = _silent_ranges(solution)
    seen = {ast.dump(syntax_tree(solution))}
    nodes = list(ast_nodes(get_ast(solution)))
    found: list[Mutant] = []
    for name in OPERATORS:
        for number, mutated in _mutated_by(name, solution, nodes, silent):
            program = _dump(mutated)
            if program is not None and program not in seen:
                seen.add(program)
                found.append(_named(name, number, solution, mutated))
    return sorted(found, key=lambda mutant: (mutant.number, mutant.operator, mutant.line))


def _mutated_by(name: str, solution: str, nodes: Sequence[Any], silent: list[tuple]) -> Iterator[tuple[int, str]]:
    """Yield the number of the mutated line and the mutated solution, for each place where an operator applies.

    Args:
        nodes: parso's of the solution, in the order in which ``mutate_code`` counts occurrences.
    """
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    operator = get_operator(f"core/{name}")()
    occurrence = -1
    for node in nodes:
        for index, (start, _) in enumerate(operator.mutation_positions(node)):
            occurrence += 1
            if name == "NumberReplacer" and index > 0:
                continue  # one more is enough: one less is the same in kind
            if name.startswith("ReplaceBinary") and node.parent.type not in BINARY_PARENTS:
                continue
            if any(first <= start < last for first, last in silent):
                continue
            mutated = mutate_code(solution, operator, occurrence)
            yield start[0], _without_added_space(solution, mutated, start) if name == "NumberReplacer" else mutated


def _silent_ranges(solution: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where annotations and raised exceptions stand, as parso counts: lines from 1, columns from 0."""
    nodes: list[ast.expr | ast.stmt | None] = []
    for node in ast.walk(syntax_tree(solution)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            nodes.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            nodes.append(node.returns)
        elif isinstance(node, ast.Raise):
            nodes.append(node)
    lines = [line.encode() for line in solution.splitlines()]

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1][:offset].decode())  # ast counts bytes, parso characters

    return [
        (
            (node.lineno, column(node.lineno, node.col_offset)),
            (node.end_lineno or 0, column(node.end_lineno or 0, node.end_col_offset or 0)),
        )
        for node in nodes
        if node is not None
    ]


def _without_added_space(solution: str, mutated: str, start: tuple[int, int]) -> str:
    """Undo the space that NumberReplacer puts before each number: ``dim=-1`` becomes ``dim=-2``, not ``dim=- 2``."""
    line, column = start
    if column and solution.splitlines()[line - 1][column - 1] == " ":
        return mutated
    lines = mutated.splitlines(keepends=True)
    text = lines[line - 1]
    lines[line - 1] = text[:column] + text[column:].removeprefix(" ")
    return "".join(lines)


def _dump(source: str) -> str | None:
    try:
        return ast.dump(syntax_tree(source))
    except SyntaxError:
        return None  # not a program: nothing to kill


def _named(operator: str, number: int, solution: str, mutated: str) -> Mutant:
    before = solution.splitlines()[number - 1].strip()
    line = REMOVED + before if operator == "RemoveDecorator" else mutated.splitlines()[number - 1].strip()
    return Mutant(operator, number, before, line, mutated)
