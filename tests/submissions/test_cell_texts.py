"""Test that cells are parsed as IPython reads them, and quickly and without an error, however strange they are."""

import ast
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.model import Cell, Exercise
from autograder.submissions import rules, student_code
from autograder.submissions.needed_cells import needed

STUB = "def own(x):\n    raise NotImplementedError()"
EXERCISE = Exercise("own", "own", STUB, STUB, "", "", (), ("torch.softmax", "F.softmax", "nn.Linear"))

PIECES = (
    "def own(x):", "    return F.softmax(x, -1)", "class Own(nn.Linear): pass", "own = lambda x: x", "@own",
    "x = %\\", "%%time", "%%writefile a.py", "%matplotlib inline", "!ls {x}", "files = !ls", "own?", "??", "%",
    "from torch.nn import *", "from . import *", "from .. import x", "import torch.nn as n, os", "getattr()",
    "getattr(torch, x)", "globals()['own'] = 1", "exec('x')", "eval(", "[x for x in own]", "(own := 1)", "del own",
    "match x:\n    case nn.Linear(a=1) | [*b] | {'k': c, **d}: pass", "try:\n    x\nexcept* E as e: pass",
    "with own as (a, b), c as d[0]:", "    own.x[0].y = 1", "for own in x: pass", "async def own(): await x",
    "await own", "isinstance(x, nn.Linear | own)", "x: nn.Linear = own", "x += own", "return 1", "yield x",
    "global own", "nonlocal x", "'''", "f'{own!r:{x}}'", "'\\N{nothing}'", "\t", "    ", "\f", "\r", "\0", "\ud800",
    "\ufeff", "9" * 5000, "x" * 300, "if 1:", "elif x:", "else:", ";", "(", ")", "[", "]", "{", "}",
)  # fmt: skip
NESTED = {
    "sum": lambda n: "def own(x): return F.softmax(x, " + " + ".join(["1"] * n) + ")",
    "brackets": lambda n: "x = " + "(" * n + "own" + ")" * n,
    "attributes": lambda n: "def own(x): return x" + ".a" * n,
    "getattr of a sum": lambda n: "def own(x): return getattr(F, " + " + ".join(["'a'"] * n) + ")",
    "comparisons": lambda n: "def own(x): return " + "(x == " * n + "x" + ")" * n,
    "lambdas": lambda n: "own = " + "lambda: " * n + "1",
    "branches": lambda n: "if x: pass\n" + "elif own: pass\n" * n,
    "functions": lambda n: "\n".join(" " * i + "def own():" for i in range(n)) + "\n" + " " * n + "pass",
    "signs": lambda n: "own = " + "-" * n + "1",
    "texts": lambda n: "own = " + "f'{" * n + "1" + "}'" * n,
    "magics": lambda n: "%%time\n" * n + "own = 1",
}


def read(source: str) -> None:
    """Read a cell in every role: as an answer, and as a student's own cell before and after an answer."""
    written = [
        Cell("own-0", "own", source),
        Cell("own", "solution", source, "own", EXERCISE.rules),
        Cell("own-1", "own", source),
        Cell("test_own/hidden", "hidden", "own(1)", "own", EXERCISE.rules),
    ]
    student_code.tree(source)
    assert len(needed(written)) == len(written)
    answers = rules.Answers(written)
    assert all(isinstance(sentence, str) for sentence in rules.broken([EXERCISE], answers).values())
    assert len(rules.with_reached([EXERCISE], answers)) == len(written)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=8), st.sampled_from(["\n", " ", ""]))
def test_any_cell_can_be_read(pieces, between):
    read(between.join(pieces))


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("depth", [90, 2000, 15_000])
def test_deep_or_long_cell_is_read_quickly(kind, depth):
    began = time.process_time()
    read(NESTED[kind](depth))
    assert time.process_time() - began < 20


@pytest.mark.parametrize("source", ["x = %\\", "%\\", "!\\", "x = !\\", "%%time\\", "?\\"])
def test_truncated_magic_can_be_read(source):
    read(source)


def test_long_sum_hides_no_forbidden_call():
    answers = rules.Answers([Cell("own", "solution", NESTED["sum"](500), "own")])
    assert "uses F.softmax" in rules.broken([EXERCISE], answers)["own"]


# -- Python and IPython


def test_plain_python_is_unchanged():
    assert student_code.as_python("x = 7 % 2\ny = 'a?'") == "x = 7 % 2\ny = 'a?'"


@pytest.mark.parametrize("source", ["%matplotlib inline\nx = 1", "!ls\nx = 1", "len?\nx = 1", "files = !ls\nx = 1"])
def test_ipython_magics_are_parsed(source):
    assert "x" in {node.id for node in ast.walk(student_code.tree(source)) if isinstance(node, ast.Name)}


@pytest.mark.parametrize(
    "source",
    [
        "%time f()\n" * 600 + "x = 1",
        "if y:\n    !ls \\\n    -l\n    x = !ls\nelse:\n    x = 2",
        "%%time\n%%capture\n%time f()\nx = 1",
        "y = 'a'  # why?\nx = 1\n%ls",
        "f(y,  # why?\n  1)\nx = 1\n%ls",
        "x = [\n" + "1,\n" * 20_000 + "]\n" + "%time f()\ny = !ls \\\n  -l\n" * 30,
    ],
    ids=["many", "in branches", "below others", "beside a question", "beside a question in a call", "in a long cell"],
)
def test_line_numbers_are_preserved(source):
    lines = {node.id: node.lineno for node in ast.walk(student_code.tree(source)) if isinstance(node, ast.Name)}
    expected = next(at for at, line in enumerate(source.split("\n"), 1) if line.lstrip().startswith("x = "))
    assert lines["x"] in (expected, source.count("\n") + 1)


@pytest.mark.parametrize(
    "source",
    [
        "def broken(:",
        "x = " + "-" * 100_000 + "1",
        "x = a" + "()" * 90_000,
        "if 0: pass\n" + "elif 0: pass\n" * 10_000,
        "x = 1\0",
        "x = '\ud800'",
        "x = 1\n" * 60_000,
    ],
    ids=["no Python", "signs", "calls", "branches", "zero byte", "half a character", "long"],
)
def test_unreadable_code_gives_none_quickly(source):
    began = time.process_time()
    assert student_code.tree(source) is None
    assert time.process_time() - began < 5
