"""Test that cells that no exercise uses are skipped, and that a missing name is found in other cells."""

from dataclasses import replace

import pytest

from autograder.grading.grader import Grader
from autograder.model import Batch, Cell
from autograder.submissions.needed_cells import SUPPLIED, needed
from layerlab.scoring import kernel_state
from tests.changed_answers import notebook

# Cells of a chapter as (id, source); those whose id begins with a minus are to be skipped.
CASES = {
    "demonstration": [("-demo", "layer = nn.Linear(2, 3)\nlayer(torch.ones(2))"), ("own", "def own(x): return x")],
    "helper of a helper": [
        ("a", "base = 2"),
        ("b", "def helper(x): return base * x"),
        ("-c", "other = 3"),
        ("own", "def own(x):\n    other = 1\n    return helper(x) + other"),
    ],
    "changed object": [
        ("made", "table = {}"),
        ("filled", "table['a'] = torch.ones(2)"),
        ("called", "table.clear()"),
        ("-shown", "print(torch.ones(2))"),
        ("own", "def own(): return table"),
    ],
    "module's functions": [("io", "import io"), ("-shown", "io.StringIO()"), ("own", "def own(): return io.open")],
    "names of the answer": [("-demo", "def own(x): pass"), ("own", "def own(x): return own(x - 1)")],
    "supplied names": [("-imports", "import torch.nn.functional as F"), ("own", "def own(x): return F.relu(x)")],
}


@pytest.mark.parametrize("cells", CASES.values(), ids=CASES)
def test_cells_that_an_exercise_uses_are_run(cells):
    made = [Cell(name, "solution" if name == "own" else "provided", source, "own") for name, source in cells]
    made += [Cell("test", "hidden", "value = own(1)", "own")]
    assert [c.id for c in needed(made)] == [name for name, _ in cells if name[0] != "-"] + ["test"]


def test_one_exercise_runs_without_other_answers_unless_it_uses_them():
    cells = [Cell(name, "solution", f"def {name}(x): return {called}(x)", name) for name, called in ["ab", "bc", "ca"]]
    cells += [Cell("t", "hidden", "c(1)", "c"), Cell("d", "solution", "d = 1", "d"), Cell("u", "hidden", "d", "d")]
    assert [c.id for c in needed(cells, of={"c"})] == ["a", "b", "c", "t"]
    assert [c.id for c in needed(cells, of={"d"})] == ["d", "u"]


def test_supplied_names_match_those_that_answers_run_with():
    assert set(kernel_state.SUPPLIED) == SUPPLIED


@pytest.fixture(scope="module")
def grader(runner, two_exercises):
    demo = Cell("demo", "provided", "two = 2")
    return Grader(replace(two_exercises, cells=(demo, *two_exercises.cells)), Batch(5, 77), runner)


@pytest.fixture
def runs(grader, monkeypatch):
    """List the runs of a submission under the batch's seed; one that loses points also runs under the public seed."""
    made, run = [], grader.runner.run

    def counted(cells, batch, **more):
        made.extend([cells] if batch is grader.batch else [])
        return run(cells, batch, **more)

    monkeypatch.setattr(grader.runner, "run", counted)
    return made


TIMES = "def double(x): return times(x)"
FOUND = {
    "in a skipped cell": ("def double(x): return two * x", "pass"),
    "in a skipped cell, by a name that is assembled": ("def double(x): return eval('tw' + 'o') * x", "pass"),
    "below": (TIMES, "print('ran')\ndef times(x): return FACTOR * x\nFACTOR = 2"),
    "below, in a cell with an error": (TIMES, "times = lambda x: 2 * x\n1 / 0"),
    "below, after an error": (TIMES, "1 / 0\ndef times(x): return 2 * x"),
    "below, with a long sum": (TIMES, f"1 / 0\n@torch.no_grad()\ndef times(x): return 2 * x{900 * ' + 0'}"),
    "below, beside a missing name": (TIMES, "def times(x): return two * x\nprint(nowhere)"),
}


@pytest.mark.parametrize(("answer", "below"), FOUND.values(), ids=FOUND)
def test_missing_name_is_found(grader, runs, answer, below):
    result = grader.grade(notebook(double=answer, below=below), "ada")
    assert (result.earned, len(runs)) == (result.points, 2)
    assert not any(name.startswith("first/") for name in result.outputs)


@pytest.mark.parametrize(
    "answer",
    ["def double(x): return 2 * x", "def double(x): return nowhere(x)", "1 / 0\ndef double(x): return 2 * x"],
    ids=["none", "bound nowhere", "bound after an error"],
)
def test_submission_without_a_name_to_find_runs_once(grader, runs, answer):
    grader.grade(notebook(double=answer, below="def times(x): return 2 * x"), "ada")
    assert len(runs) == 1


def test_answer_that_failed_for_another_reason_defines_nothing(grader, runs):
    answers = {"double": "raise SystemExit\ndef double(x): return 2 * x", "below": "print(two)"}
    result = grader.grade(notebook(**answers), "ada")
    assert (result.exercises[0].earned, len(runs)) == (0, 2)


def test_second_run_keeps_claims_that_no_missing_name_stopped(grader):
    answer = "calls = 1\ndef double(x):\n    global calls\n    if isinstance(x, int): return times(x)\n    return 3 * x"
    found = grader.grade(notebook(double=answer, below="def times(x): return 2 * x"), "ada").exercises[0]
    assert [verdict.earned for verdict in found.verdicts] == [0, 1]
