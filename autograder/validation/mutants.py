"""Use the cosmic-ray library to make mutants of a solution: copies with small slips that the tests must notice.

cosmic-ray would replace each ``+`` in eleven ways. Most of these replacements are similar, so each location in the code
gets only one replacement: ``+`` becomes ``-``, a number grows by one, and ``<`` becomes ``<=``. The replacements are
chosen to be hard to notice: ``*`` becomes ``+`` because the result is still an integer or has the same shape, and a
comparison changes its boundary instead of its direction.

cosmic-ray's ``VariableReplacer`` and ``VariableInserter`` are not used because they draw random numbers, so the same
survivor could get a different name in each run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.model import Exercise, Run
from autograder.sandbox.inside import passed_arguments
from autograder.texts.parser import syntax_tree

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
    """A solution with one slip in it."""

    operator: str  # cosmic-ray's name, "ReplaceBinaryOperator_Add_Sub"
    number: int  # of the mutated line in the solution, from 1
    before: str  # that line, stripped
    line: str  # the mutated line, stripped; "(removed) @torch.no_grad()" for a line that was removed
    source: str  # the whole mutated solution


def mutants(solution: str) -> list[Mutant]:
    """Return every mutant of a solution cell, in line order, without duplicates.

    Annotations and ``raise`` statements are not mutated, because no test of behavior can see the difference.

    Raises:
        SyntaxError: if ``solution`` is not Python.
        ModuleNotFoundError: if cosmic-ray is not installed.
    """
    # Import cosmic-ray only here, because grading makes no mutants and does not need its dozen dependencies.
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
    """For each location where an operator applies, yield the number of the mutated line and the mutated solution.

    Args:
        nodes: the solution's parso nodes, in the order in which ``mutate_code`` counts occurrences.
    """
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    operator = get_operator(f"core/{name}")()
    occurrence = -1
    for node in nodes:
        for index, (start, _) in enumerate(operator.mutation_positions(node)):
            occurrence += 1
            if name == "NumberReplacer" and index > 0:
                continue  # adding one is enough, because subtracting one is the same kind of slip
            if name == "ExceptionReplacer" and "." in node.children[1].get_code():
                continue  # cosmic-ray fails on `except queue.Empty`
            if name.startswith("ReplaceBinary") and node.parent.type not in BINARY_PARENTS:
                continue
            if any(first <= start < last for first, last in silent):
                continue
            mutated = mutate_code(solution, operator, occurrence)
            yield start[0], _without_added_space(solution, mutated, start) if name == "NumberReplacer" else mutated


def _silent_ranges(solution: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the start and end of each annotation and ``raise`` statement, in parso's line and column numbers.

    Lines count from 1, and columns count characters from 0.
    """
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
    """Remove the space that NumberReplacer adds before a number: ``dim=-1`` becomes ``dim=-2``, not ``dim=- 2``."""
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


# -- parameters ----------------------------------------------------------------------------------------------------
#
# Each parameter must be passed by a claim and have an effect. A parameter with a default has a mutant that always uses
# the default, and this mutant must lose. For a parameter without a default, the claims must pass two different values
# across both seeds, because an answer could hard-code a single value.

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function or method that the released cell shows."""

    function: str  # "own_linear", "OwnLinear.forward"
    name: str
    default: str  # as the solution writes it; empty if there is none

    @property
    def title(self) -> str:
        """The title of an `### equivalent` entry that lists this parameter."""
        return f"{self.function}({self.name}={self.default})" if self.default else f"{self.function}({self.name})"


def parameters(exercise: Exercise) -> list[Parameter]:
    """Return the parameters of every function and method that the released cell and the solution both define."""
    released = {name for name, _ in _functions(syntax_tree(exercise.stub))}
    return [
        Parameter(name, parameter, default)
        for name, function in _functions(syntax_tree(exercise.solution))
        if name in released
        for parameter, default in _signature(function, is_method="." in name)
    ]


def ignoring(exercise: Exercise) -> list[Mutant]:
    """Return one mutant for each parameter that has a default; the mutant always uses the default value."""
    found = []
    for one in parameters(exercise):
        if one.default:
            tree = syntax_tree(exercise.solution)
            function = dict(_functions(tree))[one.function]
            _begin_with(function, f"{one.name} = {one.default}")
            before = f"def {function.name}({ast.unparse(function.args)})"
            found.append(Mutant("ParameterIgnored", function.lineno, before, one.title, ast.unparse(tree)))
    return found


def noting(exercise: Exercise) -> str:
    """Return the solution, changed so that every function records the arguments of each call."""
    tree = syntax_tree(exercise.solution)
    names: dict[str, list[str]] = {}
    for one in parameters(exercise):
        names.setdefault(one.function, []).append(one.name)
    for name, function in _functions(tree):
        if name in names:
            values = ", ".join(f"{parameter!r}: {parameter}" for parameter in names[name])
            _begin_with(function, f"note({name!r}, {{{values}}})")
    return f"from inside.passed_arguments import note\n\n{ast.unparse(tree)}"


def seen(runs: list[Run]) -> dict[tuple[str, str], set[str]]:
    """For each function and parameter, return the digests of arguments from runs of solutions that `noting` changed."""
    found: dict[tuple[str, str], set[str]] = {}
    for run in runs:
        for claim in run.claims:
            for said in claim.drawn:
                if isinstance(said, list) and said[:1] == [passed_arguments.MARK]:
                    found.setdefault((said[1], said[2]), set()).add(said[3])
    return found


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, Function))


def _signature(function: Function, is_method: bool) -> list[tuple[str, str]]:
    given = function.args
    is_bound = is_method and not any(ast.unparse(one) == "staticmethod" for one in function.decorator_list)
    positional = [*given.posonlyargs, *given.args]
    defaults = [*[None] * (len(positional) - len(given.defaults)), *given.defaults]
    pairs = [*zip(positional, defaults, strict=True)][int(is_bound) :]
    pairs += zip(given.kwonlyargs, given.kw_defaults, strict=True)
    pairs += [(one, None) for one in (given.vararg, given.kwarg) if one is not None]
    return [(one.arg, ast.unparse(default) if default is not None else "") for one, default in pairs]


def _begin_with(function: Function, statement: str) -> None:
    at = int(ast.get_docstring(function, clean=False) is not None)
    function.body[at:at] = syntax_tree(statement).body
