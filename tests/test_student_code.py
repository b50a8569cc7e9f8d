"""Reading code in several threads at once, and code that no parser should be asked to read."""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor

from autograder.needed import names_of
from autograder.student_code import as_python, tree


def let_others_run(*_: object) -> None:
    time.sleep(0)


def test_threads_that_parse_at_once_do_not_disturb_each_other():
    """A collection of garbage in the middle of a parse hands over to another thread: made to happen often here."""
    nested = "x = " + "(" * 60 + "1" + ")" * 60
    sources = [f"{nested}\ndef f{i}(a):\n    return [[a + {i} for b in c] for c in a]\n" * 30 for i in range(40)]
    before = gc.get_threshold()
    gc.callbacks.append(let_others_run)
    gc.set_threshold(50)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda source: (tree(source), names_of(source)), sources))
    finally:
        gc.callbacks.remove(let_others_run)
        gc.set_threshold(*before)
    assert all(parsed is not None and names is not None for parsed, names in found)


def test_what_cannot_be_read_is_none():
    assert tree("def f(:") is None
    assert tree("(" * 100_000) is None
    assert tree("x = 1\n" * 100_000) is None
    assert as_python("%matplotlib inline\nx = 1").endswith("x = 1\n")
