"""Test that reading a text four times as long takes about four times the work.

Each pass reads texts that make it work hard, and then texts of the same kind that are four times as long. Work is the
CPU time of this thread. Every text is different, so no cache contains it.
"""

import gc
import itertools
import json
import time
from collections.abc import Callable

import nbformat
import pytest

from authoring.notebooks import release
from autograder.model import Cell, ClaimRun, Run
from autograder.recording import autograded
from autograder.sandbox.driver import events
from autograder.sandbox.inside import messages
from autograder.submissions import (
    answer_parts,
    beside,
    bounded_cache,
    budget,
    late_definitions,
    rebuild,
    rules,
    student_code,
)
from autograder.submissions.needed_cells import names_of, needed
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
    "magics": lambda n: "%time 1\n" * min(n, 45) + "y = [\n" + "1,\n" * (20 * n) + "]",
    "cell magics": lambda n: "%%time\n" * (10 * n) + "x = 1",
    "questions": lambda n: "x?\n" * n,
    "magics in a call": lambda n: "%time 1\nf(\n" + "%time 1\n" * min(n, 45) + "1,\n" * (20 * n) + ")",
    "shell commands that go on": lambda n: "!ls \\\n" * n + "x",
    "links": lambda n: "\n".join("x" + ".a" * 60 + " = y" for _ in range(n // 4)),
    "long chains": lambda n: "x" + ".a" * min(n * 2, 900) + "\n" + "\n".join("x" + ".a(1)" * 40 for _ in range(n // 4)),
    "comparisons": lambda n: "y = " + "(" * 80 + f"[{'1, ' * (n * 4)}]" + " == a)" * 80,
    "types in types": lambda n: "y = " + "isinstance(x, " * 60 + f"({'a, ' * (n * 4)})" + ")" * 60,
    "classes in classes": lambda n: "".join(f"{' ' * i}class A{i}:\n" for i in range(60)) + f"{' ' * 60}x = 1\n" * n,
    "pieces of a name": lambda n: "\n".join(f"getattr(F, {' + '.join(['chr(1)'] * 60)})" for _ in range(n // 10)),
    "stars": lambda n: "from torch import *\n" * n,
    "strings": lambda n: "x = '''" + "%d items\n" * n + "'''\n%ls",
    "branches": lambda n: "if a:\n    x = 1\nelse:\n    x = 2\n" * n,
    "texts of modules": lambda n: "\n".join(f"open('m{i}.py').write('x = {i}')" for i in range(n)),
    "imports of a module": lambda n: "import mine\n" * n + "\n".join(f"mine.x{i}" for i in range(n)),
    "all of a module": lambda n: "from mine import *\n" * n,
    "runs of a module": lambda n: "%run mine.py\n" * n,
    "one long line": lambda n: "x = " + " + ".join(["a"] * min(n, 900)) + "; y = [" + "1, " * (n * 10) + "]",
}  # fmt: skip


def mine(n: int) -> str:
    return "\n".join(f"x{i} = torch.softmax" for i in range(n))


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    path = tmp_path_factory.mktemp("growth") / "surfaces.ipynb"
    nbformat.write(text.read(TEXTS / "surfaces.md"), path)
    return chapters.load(path)


@pytest.fixture(scope="module")
def released():
    return honest(json.loads(json.dumps(release.release(text.read(TEXTS / "surfaces.md")))))


def forget() -> None:
    """Clear the two caches whose keys depend on more than the text; no other cache contains a new text."""
    for cache in (rules._parts_of, rules.aliases.of):
        cache.cache_clear()


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


_numbers = itertools.count()


def unique(source: str) -> str:
    """Return the source with a new line, so that no cache contains it."""
    line = f"unique_{next(_numbers)} = 0"
    return f"{source}\n{line}" if source.startswith("%%") else f"{line}\n{source}"


def as_plan(chapter, sources: list[str]) -> list[Cell]:
    """Return the chapter's cells with a student's own cells inserted before the answer that has rules."""
    at = next(i for i, cell in enumerate(chapter.cells) if cell.id == "soften")
    own = [Cell(f"own-{number}", "own", source) for number, source in enumerate(sources)]
    return [*chapter.cells[:at], *own, *chapter.cells[at:]]


def missing() -> Run:
    run = Run(seed=0, claims=[ClaimRun("soften", "values", 1)])
    run.claims[0].raised, run.claims[0].raised_type = "NameError: name 'f5' is not defined", "NameError"
    return run


_USES = "import mine\ndef soften(x): return f0(mine.x0, a1, x, y)"
PASSES: dict[str, Callable] = {
    "read as Python": lambda chapter, source, n: lambda: student_code.as_python(source),
    "names": lambda chapter, source, n: lambda: names_of(source),
    "statements": lambda chapter, source, n: lambda: answer_parts.statements(source),
    "rules": lambda chapter, source, n: lambda: rules.broken(
        chapter.exercises, as_plan(chapter, [source, _USES]), [("mine", unique(mine(n)))]
    ),
    "lines of an answer": lambda chapter, source, n: lambda: rules.with_reached(
        chapter.exercises, as_plan(chapter, [source])
    ),
    "what is needed": lambda chapter, source, n: lambda: needed(as_plan(chapter, [source])),
    "definitions below": lambda chapter, source, n: lambda: late_definitions.with_definitions(
        [*chapter.cells, Cell("own-1", "own", source)], late_definitions.missed(missing())
    ),
    "modules": lambda chapter, source, n: lambda: beside.imported(
        beside.Beside((("mine", unique(mine(n))), ("other", source))), as_plan(chapter, [source])
    ),
}  # fmt: skip


@pytest.mark.serial
@pytest.mark.parametrize("shape", CELLS)
def test_reading_a_cell_takes_less_than_quadratic_time(chapter, shape):
    for name, make in PASSES.items():

        def run(n: int, make=make) -> Callable[[], object]:
            forget()
            return make(chapter, unique(CELLS[shape](n))[:LONGEST], n)

        assert not is_steep(run), f"{name} of {shape}"


_STUB = "def affine(x, w, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
NOTEBOOKS: dict[str, Callable] = {
    "cells": lambda nb, n: [f"x{i} = {i}" for i in range(n)],
    "cells that change one name": lambda nb, n: ["x = 1", *["x = x + 1"] * n],
    "cells that use all above": lambda nb, n: [f"def f{i}(): return f{i - 1}()" for i in range(n)],
    "cells with imports": lambda nb, n: ["import mine\nmine.x1"] * n,
    "cells that write a module": lambda nb, n: [f"%%writefile m{i % 30}.py\nx = {i}" for i in range(n)],
    "drafts of an answer": lambda nb, n: [f"def soften(x): return {i}" for i in range(n)],
}


@pytest.mark.serial
@pytest.mark.parametrize("shape", NOTEBOOKS)
def test_reading_a_notebook_takes_less_than_quadratic_time(chapter, released, shape):
    def handed(n: int) -> dict:
        made = answered(released, {"affine": _STUB})
        ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in made["cells"]]
        at, written = ids.index("soften"), enumerate(NOTEBOOKS[shape](made, n))
        made["cells"][at:at] = [nbformat.v4.new_code_cell(unique(source), id=f"m{i}") for i, source in written]
        return made

    def run(n: int) -> Callable[[], object]:
        forget()
        content = json.dumps(handed(n)).encode()

        def read() -> None:
            plan = rebuild.rebuild(chapter, content)
            rules.broken(chapter.exercises, plan.cells, [("mine", "x1 = 1")])
            rules.with_reached(chapter.exercises, plan.cells)
            needed(plan.cells)
            late_definitions.with_definitions(plan.cells, {"nothing": "soften"})

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


def test_quadratic_work_is_detected():
    def square(n: int) -> Callable[[], object]:
        return lambda: [sum(range(20 * n)) for _ in range(n)]

    assert is_steep(square)


def test_every_pass_respects_the_budget(chapter):
    source = CELLS["functions"](3000)
    for name, make in PASSES.items():
        forget()
        with pytest.raises(budget.TooLong), budget.Budget(0.0).reading():
            make(chapter, unique(source), 100)()
        make(chapter, "x = 1", 1)()
        assert name
    assert bounded_cache.CHARACTERS >= rebuild.MAX_TEXT


def test_submission_over_its_budget_is_not_graded(chapter, released, monkeypatch, runner):
    from autograder.grading import grader
    from autograder.model import Batch, State

    monkeypatch.setattr(grader, "Budget", lambda: budget.Budget(0.05))
    grader = grader.Grader(chapter, Batch(1, 2), runner)
    long = inserted(released, CELLS["functions"](4000), "soften")
    result = grader.grade(json.dumps(long).encode(), "ada")
    assert (result.state, result.earned) == (State.SKIPPED, 0)
    assert "takes too long to read" in result.sentence
