"""Test that reading a cell never raises an error, however strange the cell is."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.model import Cell, Chapter, Exercise
from autograder.submissions import answer_parts, rules, student_code
from autograder.submissions.needed_cells import bound_by, names_of, needed
from autograder.submissions.rebuild import Unreadable, rebuild

STUB = "def own(x):\n    raise NotImplementedError()"
EXERCISE = Exercise("own", "own", STUB, STUB, "", "", (), ("torch.softmax", "F.softmax", "nn.Linear"))
CHAPTER = Chapter(
    "texts",
    (
        Cell("imports", "provided", "import torch\nfrom torch import nn\ntable = {}"),
        Cell("own", "solution", STUB, "own", EXERCISE.rules),
        Cell("test_own/hidden", "hidden", "own(1)", "own", EXERCISE.rules),
    ),
    (EXERCISE,),
    "digest",
)

PIECES = (
    "def own(x):", "    return F.softmax(x, -1)", "class Own(nn.Linear): pass", "own = lambda x: x", "@own",
    "x = %\\", "%%time", "%%writefile a.py", "%matplotlib inline", "!ls {x}", "files = !ls", "own?", "??", "?x", "%",
    "\\", "%%", "from torch.nn import *", "from . import *", "from .. import x", "import torch.nn as n, os",
    "from nothing import *", "getattr(torch, x)", "getattr()", "globals()['own'] = 1", "exec('x')", "eval(",
    "[x for x in own]", "(own := 1)", "match x:\n    case nn.Linear(a=1) | [*b] | {'k': c, **d}: pass",
    "try:\n    x\nexcept* E as e: pass", "del own", "with own as (a, b), c as d[0]:", "    own.x[0].y = 1",
    "for own in x: pass", "async def own(): await x", "await own", "isinstance(x, nn.Linear | own)",
    "x: nn.Linear = own", "x += own", "return 1", "yield x", "global own", "nonlocal x", "'''", '"""',
    "f'{own!r:{x}}'", "b'\\xff'", "'\\N{nothing}'", "\t", "    ", "\f", "\r", "\0", "\ud800", "\ufeff", "…", "0777",
    "1e999", "9" * 5000, "x" * 300, "if 1:", "elif x:", "else:", "else", ":", ";", "(", ")", "[", "]", "{", "}",
)  # fmt: skip
NESTED = {
    "sum": lambda n: "x = " + " + ".join(["1"] * n),
    "sum in an answer": lambda n: "def own(x): return F.softmax(x, " + " + ".join(["1"] * n) + ")",
    "brackets": lambda n: "x = " + "(" * n + "own" + ")" * n,
    "lists": lambda n: "x = " + "[" * n + "]" * n,
    "attributes": lambda n: "def own(x): return x" + ".a" * n,
    "calls": lambda n: "own" + "()" * n,
    "getattr of a sum": lambda n: "def own(x): return getattr(F, " + " + ".join(["'a'"] * n) + ")",
    "comparisons": lambda n: "def own(x): return " + "(x == " * n + "x" + ")" * n,
    "lambdas": lambda n: "own = " + "lambda: " * n + "1",
    "branches": lambda n: "if x: pass\n" + "elif own: pass\n" * n,
    "blocks": lambda n: "\n".join(" " * i + "if own:" for i in range(n)) + "\n" + " " * n + "own = 1",
    "functions": lambda n: "\n".join(" " * i + "def own():" for i in range(n)) + "\n" + " " * n + "pass",
    "signs": lambda n: "own = " + "-" * n + "1",
    "texts": lambda n: "own = " + "f'{" * n + "1" + "}'" * n,
    "magics": lambda n: "%%time\n" * n + "own = 1",
    "statements": lambda n: "f = lambda: own\n" * n,
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
    assert needed([*CHAPTER.cells[:1], *written])
    assert bound_by(written) is not None
    names_of(source)
    answer_parts.statements(source)
    assert all(isinstance(sentence, str) for sentence in rules.broken([EXERCISE], written).values())
    assert len(rules.with_reached([EXERCISE], written)) == len(written)
    cells = [{"cell_type": "code", "id": name, "source": source, "metadata": {}} for name in ("own", "mine", "imports")]
    with contextlib.suppress(Unreadable):
        rebuild(CHAPTER, {"cells": cells})


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=8), st.sampled_from(["\n", " ", ""]))
def test_any_cell_can_be_read(pieces, between):
    read(between.join(pieces))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(NESTED)), st.integers(1, 3000))
def test_deep_nesting_can_be_read(kind, depth):
    read(NESTED[kind](depth))


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("depth", [90, 500, 2000, 15_000])
def test_deep_or_long_cell_is_read_quickly(kind, depth):
    began = time.process_time()
    read(NESTED[kind](depth))
    assert time.process_time() - began < 20


@pytest.mark.parametrize("source", ["x = %\\", "%\\", "!\\", "x = !\\", "%%time\\", "?\\"])
def test_truncated_magic_can_be_read(source):
    read(source)


def test_long_sum_hides_no_forbidden_call():
    found = rules.broken([EXERCISE], [Cell("own", "solution", NESTED["sum in an answer"](500), "own")])
    assert "uses F.softmax" in found["own"]
