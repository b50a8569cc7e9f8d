"""Test that Python and IPython code is parsed, and that parsing invalid code stops quickly."""

import ast
import time

import pytest

from autograder.submissions import student_code


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
        "x = a" + ".a" * 90_000,
        "if 0: pass\n" + "elif 0: pass\n" * 10_000,
        "x = 1\0",
        "x = '\ud800'",
        "x = 1\n" * 60_000,
    ],
    ids=["no Python", "signs", "attributes", "branches", "zero byte", "half a character", "long"],
)
def test_unreadable_code_gives_none_quickly(source):
    began = time.process_time()
    assert student_code.tree(source) is None
    assert time.process_time() - began < 5
