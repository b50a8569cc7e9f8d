"""Test the mutants of a solution: the changes they make, their names, and the code they leave alone."""

import ast

import pytest

from autograder.validation.mutants import mutants


def lines(solution: str) -> list[str]:
    return [mutant.line for mutant in mutants(solution)]


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        ("y = x ** b", ["y = x * b"]),
        ("y = a + b * (c\n  # not +\n) - d", ["y = a + b + (c", "y = a - b * (c", ") + d"]),
        ("y = f(a=-1, é=False)", ["y = f(a=-1, é=True)", "y = f(a=-2, é=False)", "y = f(a=1, é=False)"]),
        ("y = x[:, 2:]", ["y = x[:, 3:]"]),
        ("y = a if t else b", ["y = a if not t else b"]),
        ("if a and b or c:\n  f()", ["if a and b and c:", "if a or b or c:", "if not a and b or c:"]),
        ("while a: break", ["while a: continue", "while not a: break"]),
        ("mask = (x) < p is not None", ["mask = (x) < p is None", "mask = (x) <= p is not None"]),
        ("y = ~mask", ["y = mask"]),
        ("y = f'{a + b} + {c}'", ["y = f'{a - b} + {c}'"]),
        ("for a in f(\n    b,\n):\n    g(a)", ["for a in []:"]),
        ("class A:\n    @staticmethod\n    def f():\n        pass", ["(removed) @staticmethod"]),
        ("y = f(\n    a,\n    b + c,\n)", ["b - c,"]),
        ("try:\n    f()\nexcept OSError:\n    g()", ["except AnotherException:"]),
        ("if a: raise ValueError(1 + 1); b = c + d",
         ["if a: raise ValueError(1 + 1); b = c - d", "if not a: raise ValueError(1 + 1); b = c + d"]),
    ],
)  # fmt: skip
def test_each_mutant_appears_once_and_names_its_line(solution, expected):
    assert sorted(lines(solution)) == sorted(expected)
    programs = {ast.dump(ast.parse(source)) for source in [solution, *(m.source for m in mutants(solution))]}
    assert len(programs) == len(expected) + 1


def test_mutant_records_line_number_and_original_line():
    mutant = mutants("def f(x):\n    # a comment with 3 + 4\n    return x + 1\n")[0]
    assert (mutant.number, mutant.before, mutant.line) == (3, "return x + 1", "return x + 2")
    assert mutant.source.splitlines()[2] == "    return x + 2"


@pytest.mark.parametrize(
    "solution",
    [
        "def f(a, /, *args, b, **kwargs):\n    return g(*args, **kwargs)",
        "d = {**a}",
        "def f(x: int | None = None) -> int | str:\n    return x",
        "x: tuple[int, 3] = y",
        "raise ValueError('é', f'{n + 1} is too many')",
        "y = a @ b",
        "'''A docstring with 1 + 1.'''",
        "for a in []:\n    f()",
        "try:\n    f()\nexcept queue.Empty:\n    g()",
    ],
)
def test_code_without_testable_effect_is_not_mutated(solution):
    assert lines(solution) == []
