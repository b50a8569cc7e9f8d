"""Reading a student's code: what Python and IPython take, and what is given up on in time."""

from __future__ import annotations

import ast
import time

import pytest

from autograder.submissions import student_code


def test_python_is_left_as_it_is():
    assert student_code.as_python("x = 7 % 2\ny = 'a?'") == "x = 7 % 2\ny = 'a?'"


@pytest.mark.parametrize("source", ["%matplotlib inline\nx = 1", "!ls\nx = 1", "len?\nx = 1", "files = !ls\nx = 1"])
def test_magics_are_taken_care_of(source):
    assert "x" in {node.id for node in ast.walk(student_code.tree(source)) if isinstance(node, ast.Name)}


@pytest.mark.parametrize(
    "source",
    [
        "%time f()\n" * 600 + "x = 1",
        "if y:\n    !ls \\\n    -l\n    x = !ls\nelse:\n    x = 2",
        "%%time\n%%capture\n%time f()\nx = 1",
        "y = 'a'  # why?\nx = 1\n%ls",
        "f(y,  # why?\n  1)\nx = 1\n%ls",
    ],
    ids=["many", "in branches", "below others", "beside a question", "beside a question in a call"],
)
def test_each_line_keeps_its_place(source):
    lines = {node.id: node.lineno for node in ast.walk(student_code.tree(source)) if isinstance(node, ast.Name)}
    expected = next(at for at, line in enumerate(source.split("\n"), 1) if line.lstrip().startswith("x = "))
    assert lines["x"] in (expected, source.count("\n") + 1)


@pytest.mark.parametrize(
    "source",
    [
        "def broken(:",
        "x = " + "-" * 100_000 + "1",
        "x = a" + ".a" * 90_000,
        "if 0: pass\n" + "elif 0: pass\n" * 10_000,
        "x = 1\0",
        "x = '\ud800'",
        "\n".join(f"%nothing{i}" for i in range(1_200)),
        "x = 1\n" * 60_000,
    ],
    ids=["no Python", "signs", "attributes", "branches", "zero byte", "half a character", "magics", "long"],
)
def test_what_cannot_be_read_is_none_and_soon(source):
    began = time.process_time()
    assert student_code.tree(source) is None
    assert time.process_time() - began < 5
