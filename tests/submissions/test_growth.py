"""Test that reading a text four times as long takes about four times the work, and that a budget ends it.

Each text makes a pass work hard. Work is the CPU time of this thread.
"""

import gc
import json
import time
from collections.abc import Callable

import nbformat
import pytest

from authoring.notebooks import release
from autograder.grading.grader import Grader
from autograder.model import Batch, Cell, State
from autograder.recording import autograded
from autograder.sandbox.driver import events
from autograder.sandbox.inside import messages
from autograder.submissions import budget, rebuild, rules, student_code
from autograder.submissions.needed_cells import needed
from autograder.texts import chapter as chapters
from autograder.texts import text
from tests.corpus.case import answered, honest, inserted
from tests.corpus.play import TEXTS

FEW, MANY = 250, 1000  # units of each shape
MOST = 9.0  # times the work for four times the text; quadratic growth gives sixteen times
LEAST = 0.2  # seconds for the longer text; anything shorter is noise and does no harm
LONGEST = 200_000  # characters that are read in a cell

# The source of one cell, as a function of its number of units.
CELLS: dict[str, Callable[[int], str]] = {
    "assignments": lambda n: "\n".join(["a0 = torch.nn", *(f"a{i + 1} = a{i}" for i in range(n))]),
    "aliases that grow": lambda n: "\n".join(["a0 = torch.nn", *(f"a{i + 1} = a{i}.x" for i in range(n))]),
    "functions": lambda n: "\n".join(f"def f{i}(x): return f{i + 1}(x) + f{i // 2}(x)" for i in range(n)),
    "one name": lambda n: "x = 1\n" + "x = x + 1\n" * n,
    "one line": lambda n: "x = 1; " * (n * 10),
    "magics": lambda n: "%time 1\n" * min(n, 45) + "y = [\n" + "1,\n" * (20 * n) + "]",
    "cell magics": lambda n: "%%time\n" * (10 * n) + "x = 1",
    "magics in a call": lambda n: "%time 1\nf(\n" + "%time 1\n" * min(n, 45) + "1,\n" * (20 * n) + ")",
    "long chains": lambda n: "x" + ".a" * min(n * 2, 900) + "\n" + "\n".join("x" + ".a(1)" * 40 for _ in range(n // 4)),
    "comparisons": lambda n: "y = " + "(" * 80 + f"[{'1, ' * (n * 4)}]" + " == a)" * 80,
    "types in types": lambda n: "y = " + "isinstance(x, " * 60 + f"({'a, ' * (n * 4)})" + ")" * 60,
    "classes in classes": lambda n: "".join(f"{' ' * i}class A{i}:\n" for i in range(60)) + f"{' ' * 60}x = 1\n" * n,
    "stars": lambda n: "from torch import *\n" * n + "y = [" + ", ".join(f"a{i}" for i in range(n)) + "]",
}  # fmt: skip
# The sources of a notebook's own cells.
NOTEBOOKS: dict[str, Callable[[int], list[str]]] = {
    "cells": lambda n: [f"x{i} = {i}" for i in range(n)],
    "cells that change one name": lambda n: ["x = 1", *["x = x + 1"] * n],
    "cells that use all above": lambda n: [f"def f{i}(): return f{i - 1}()" for i in range(n)],
    "drafts of an answer": lambda n: [f"def soften(x): return {i}" for i in range(n)],
}


def sources(shape: str, n: int) -> list[str]:
    if shape in NOTEBOOKS:
        return NOTEBOOKS[shape](n)
    return [CELLS[shape](n)[:LONGEST], "def soften(x): return f0(a1, x, y)"]


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    path = tmp_path_factory.mktemp("growth") / "surfaces.ipynb"
    nbformat.write(text.read(TEXTS / "surfaces.md"), path)
    return chapters.load(path)


@pytest.fixture(autouse=True)
def cached_nowhere(monkeypatch):
    """Measure short and long cells alike; statements of short ones are read once and kept."""
    monkeypatch.setattr(student_code, "MAX_CACHED", 0)


@pytest.fixture(scope="module")
def released():
    return honest(json.loads(json.dumps(release.release(text.read(TEXTS / "surfaces.md")))))


def work(run: Callable[[], object]) -> float:
    gc.disable()  # Garbage collection is not part of the work of a pass.
    try:
        began = time.thread_time()
        run()
        return time.thread_time() - began
    finally:
        gc.enable()


def is_steep(run: Callable[[int], Callable[[], object]]) -> str:
    """Return both times as text if work grows faster than the text in both measurements; otherwise, return ""."""
    for _ in range(2):
        large = work(run(MANY))
        small = work(run(FEW)) if large > LEAST else large
        if large <= MOST * small:
            return ""
    return f"{small:.2f} s, then {large:.2f} s"


_STUB = "def affine(x, w, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


@pytest.mark.serial
@pytest.mark.parametrize("shape", [*CELLS, *NOTEBOOKS])
def test_reading_a_notebook_takes_less_than_quadratic_time(chapter, released, shape):
    def run(n: int) -> Callable[[], object]:
        made = answered(released, {"affine": _STUB})
        ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in made["cells"]]
        own = [nbformat.v4.new_code_cell(source, id=f"m{i}") for i, source in enumerate(sources(shape, n))]
        made["cells"][ids.index("soften") : ids.index("soften")] = own
        content = json.dumps(made).encode()

        def read() -> None:
            plan = rebuild.rebuild(chapter, content)
            answers = rules.Answers(plan.cells)
            rules.broken(chapter.exercises, answers)
            rules.with_reached(chapter.exercises, answers)
            needed(plan.cells, missed={"nothing"})

        return read

    assert not is_steep(run)


OUTPUTS: dict[str, Callable[[int], list]] = {
    "texts": lambda n: [{"output_type": "stream", "name": "stdout", "text": "x\n" * (50 * n)}],
    "many": lambda n: [{"output_type": "stream", "name": "stdout", "text": "x"}] * n,
    "lines of a traceback": lambda n: [
        {"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["line"] * n}
    ],
    "nested": lambda n: [{"output_type": "display_data", "data": {"a": [[[[1]]]] * n}}],
    "pictures": lambda n: [{"output_type": "display_data", "data": {"image/png": "A" * (50 * n)}}],
}


@pytest.mark.serial
@pytest.mark.parametrize("shape", OUTPUTS)
def test_reading_outputs_takes_less_than_quadratic_time(shape):
    def run(n: int) -> Callable[[], object]:
        payload = json.dumps(OUTPUTS[shape](n)).encode()
        packed = messages.pack({"kind": "cell_end", "id": "x"}, payload)

        def read() -> None:
            for _, body in messages.read_all(packed):
                autograded.safe_outputs(events._outputs(body))

        return read

    assert not is_steep(run)


@pytest.mark.serial
def test_quadratic_work_is_detected():
    def square(n: int) -> Callable[[], object]:
        return lambda: [sum(range(40 * n)) for _ in range(n)]  # above `LEAST` in Python 3.14, too

    assert is_steep(square)


def test_every_pass_respects_the_budget(monkeypatch):
    monkeypatch.setattr(budget, "SECONDS", 0.0)
    cells = [Cell("own", "own", CELLS["functions"](1000))]
    for read in (rules.Answers, needed):
        with pytest.raises(budget.TooLong), budget.reading():
            read(cells)
        read(cells)


def test_submission_over_its_budget_is_not_graded(chapter, released, monkeypatch, runner):
    grader = Grader(chapter, Batch(1, 2), runner)
    monkeypatch.setattr(budget, "SECONDS", 0.05)
    long = inserted(released, CELLS["functions"](4000), "soften")
    result = grader.grade(json.dumps(long).encode(), "ada")
    assert (result.state, result.earned) == (State.SKIPPED, 0)
    assert "takes too long to read" in result.sentence
