"""Make the answers that show whether the claims pass every parameter a value that has an effect.

A parameter with a default has a mutant that always uses the default, and this mutant must lose. For a parameter without
a default, the claims must pass two different values across both seeds, because an answer could hard-code one value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.model import Exercise, Run
from autograder.sandbox.inside import passed_arguments
from autograder.texts.parser import syntax_tree
from autograder.validation.mutants import Mutant

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
    released = {name for name, _ in functions_of(syntax_tree(exercise.stub))}
    return [
        Parameter(name, parameter, default)
        for name, function in functions_of(syntax_tree(exercise.solution))
        if name in released
        for parameter, default in _signature(function, is_method="." in name)
    ]


def ignoring(exercise: Exercise) -> list[Mutant]:
    """Return one mutant for each parameter that has a default; the mutant always uses the default value."""
    found = []
    for one in parameters(exercise):
        if one.default:
            tree = syntax_tree(exercise.solution)
            function = dict(functions_of(tree))[one.function]
            begin_with(function, f"{one.name} = {one.default}")
            before = f"def {function.name}({ast.unparse(function.args)})"
            found.append(Mutant(function.lineno, before, one.title, ast.unparse(tree)))
    return found


def noting(exercise: Exercise) -> str:
    """Return the solution, changed so that every function records the arguments of each call."""
    tree = syntax_tree(exercise.solution)
    names: dict[str, list[str]] = {}
    for one in parameters(exercise):
        names.setdefault(one.function, []).append(one.name)
    for name, function in functions_of(tree):
        if name in names:
            values = ", ".join(f"{parameter!r}: {parameter}" for parameter in names[name])
            begin_with(function, f"note({name!r}, {{{values}}})")
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


def functions_of(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Yield every function of a solution with its name, and every method with the names of its class and itself."""
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, Function))


def begin_with(function: Function, statement: str) -> None:
    """Insert a statement at the beginning of a function, after its docstring."""
    at = int(ast.get_docstring(function, clean=False) is not None)
    function.body[at:at] = syntax_tree(statement).body


def _signature(function: Function, is_method: bool) -> list[tuple[str, str]]:
    given = function.args
    is_bound = is_method and not any(ast.unparse(one) == "staticmethod" for one in function.decorator_list)
    positional = [*given.posonlyargs, *given.args]
    defaults = [*[None] * (len(positional) - len(given.defaults)), *given.defaults]
    pairs = [*zip(positional, defaults, strict=True)][int(is_bound) :]
    pairs += zip(given.kwonlyargs, given.kw_defaults, strict=True)
    pairs += [(one, None) for one in (given.vararg, given.kwarg) if one is not None]
    return [(one.arg, ast.unparse(default) if default is not None else "") for one, default in pairs]
