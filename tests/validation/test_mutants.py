"""Test the mutants of a solution: the changes they make, their names, and the code they leave alone."""

import ast

import pytest

from autograder.validation.mutants import OPERATORS, mutants


def lines(solution: str) -> list[str]:
    return [mutant.line for mutant in mutants(solution)]


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        ("y = x + b", ["y = x - b"]),
        ("y = x * b", ["y = x + b"]),
        ("y = x ** b", ["y = x * b"]),
        ("y = x.sum(dim=-1)", ["y = x.sum(dim=-2)", "y = x.sum(dim=1)"]),
        ("y = f(x, keepdim=True)", ["y = f(x, keepdim=False)"]),
        ("y = x[:, 2:]", ["y = x[:, 3:]"]),
        ("y = a if t else b", ["y = a if not t else b"]),
        ("mask = x < p", ["mask = x <= p"]),
        ("y = a is None", ["y = a is not None"]),
        ("y = ~mask", ["y = mask"]),
        ("for a in b:\n    f(a)", ["for a in []:"]),
        ("@torch.no_grad()\ndef f():\n    pass", ["(removed) @torch.no_grad()"]),
        (
            "class A:\n    x = y\n\n    # words\n    @staticmethod\n    def f():\n        pass",
            ["(removed) @staticmethod"],
        ),
        ("y = f(\n    a,\n    b + c,\n)", ["b - c,"]),
        ("for a in f(\n    b,\n):\n    g(a)", ["for a in []:"]),
        ("try:\n    f()\nexcept OSError:\n    g()", ["except CosmicRayTestingException:"]),
        ("try:\n    f()\nexcept queue.Empty:\n    g()", []),
    ],
)
def test_each_mutant_appears_once_and_names_its_line(solution, expected):
    assert sorted(lines(solution)) == sorted(expected)


def test_every_occurrence_is_mutated():
    assert lines("y = a + b + c\nz = a + b") == ["y = a + b - c", "y = a - b + c", "z = a - b"]


def test_mutant_records_line_number_and_original_line():
    mutant = mutants("def f(x):\n    # a comment with 3 + 4\n    return x + 1\n")[0]
    assert (mutant.number, mutant.before) == (3, "return x + 1")
    assert mutant.source.splitlines()[2] in ("    return x - 1", "    return x + 2")


@pytest.mark.parametrize(
    "solution",
    [
        "def f(a, *, b):\n    return a",
        "def f(a, /, b):\n    return a",
        "def f(*args, **kwargs):\n    return g(*args, **kwargs)",
        "d = {**a}",
        "def f(x: int | None = None) -> int | str:\n    return x",
        "x: tuple[int, 3] = y",
        "raise ValueError('é', f'{n + 1} is too many')",
        "y = a @ b",
        "'''A docstring with 1 + 1.'''",
    ],
)
def test_code_without_testable_effect_is_not_mutated(solution):
    assert lines(solution) == []


def test_code_after_a_raise_is_mutated():
    assert lines("if a: raise ValueError(1 + 1); b = c + d") == [
        "if not a: raise ValueError(1 + 1); b = c + d",
        "if a: raise ValueError(1 + 1); b = c - d",
    ]


def test_mutants_are_valid_and_distinct_programs():
    solution = (
        "def f(x, n=2):\n    for i in range(n):\n        x = x * 0.5 + i if i != 1 else x / (n - 1)\n    return x\n"
    )
    sources = [mutant.source for mutant in mutants(solution)]
    programs = {ast.dump(ast.parse(source)) for source in [*sources, solution]}
    assert len(programs) == len(sources) + 1


def test_mutants_are_deterministic():
    solution = "def f(x):\n    return -x + 1 if x > 0 else x * 2\n"
    assert mutants(solution) == mutants(solution)


def test_every_operator_exists_in_cosmic_ray():
    from cosmic_ray.plugins import operator_names

    assert {f"core/{name}" for name in OPERATORS} <= set(operator_names())
