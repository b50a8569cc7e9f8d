"""Reading code in several threads at once, and code that no parser should be asked to read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from autograder.needed import names_of
from autograder.student_code import as_python, tree


def test_threads_that_parse_at_once_do_not_disturb_each_other():
    nested = "x = " + "(" * 60 + "1" + ")" * 60
    sources = [f"{nested}\ndef f{i}(a):\n    return [[a + {i} for b in c] for c in a]\n" * 30 for i in range(150)]
    with ThreadPoolExecutor(4) as pool:
        assert all(found is not None for found in pool.map(lambda s: (tree(s), names_of(s))[0], sources))


def test_what_cannot_be_read_is_none():
    assert tree("def f(:") is None
    assert tree("(" * 100_000) is None
    assert tree("x = 1\n" * 100_000) is None
    assert as_python("%matplotlib inline\nx = 1").endswith("x = 1\n")
