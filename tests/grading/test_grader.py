"""Test grading one submission: its `Result`, its visible checks, and what the reference's observations save."""

import json
from dataclasses import replace

import pytest
import torch

import autograder
from autograder.grading.grader import Grader, ReferenceFailed, new_batch
from autograder.model import Batch, Cell, Limits, State
from autograder.sample_class.honest_habits import place_of
from autograder.sandbox.driver.events import MAX_SEEN, Seen
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters
from autograder.texts import text
from layerlab.graded import wire
from tests.changed_answers import notebook, with_answer
from tests.root import FIXTURES, ROOT

BATCH = Batch(3, 4)


@pytest.fixture(scope="module")
def grader(two_exercises):
    with Runner(limits=Limits(cell_seconds=1.5, total_seconds=20)) as runner:
        yield Grader(two_exercises, BATCH, runner)


FORGED = """
from layerlab.graded import observation, wire
def double(x):
    observation._session.send("observe", {"label": "y", "judge": "alive"}, wire.encode({"values": (1,), "options": {}}))
    observation._session.send("held", {"count": 1})
    raise KeyboardInterrupt
"""
SELFLESS = "class Double:\n    two = 2\n    def __call__(self, x): return self.two and two * x\ndouble = Double()"
UNTRAINED = "return nn.Sequential(nn.Flatten(), nn.Linear(64, 4))"


@pytest.mark.parametrize(
    ("answer", "earned", "state", "cause"),
    [
        ("def double(x):\n    return 3 * x", 0, State.WRONG, "y"),
        ("def double(x):\n    return 2 * x if isinstance(x, int) else x", 1, State.WRONG, "y"),
        ("def double(x):\n    raise NotImplementedError()", 0, State.NOT_IMPLEMENTED, ""),
        ("def double(x):\n    return x.two()", 0, State.RAISED, "AttributeError"),
        ("def double(x:", 0, State.RAISED, "the answer cell stops with SyntaxError"),
        ("def double(x):\n    return prod(x)", 0, State.RAISED, "cause: no cell of this notebook defines this name"),
        ("%%timeit -n 1 -r 1\ndef double(x):\n    return 2 * x", 0, State.RAISED, "%%timeit, which keeps no names"),
        (SELFLESS, 0, State.RAISED, "Likely cause: it needs self. before it: self.two"),
        ("def double(x):\n    while True: pass", 0, State.TIMED_OUT, "time limit"),
        ("import os; os._exit(0)", 0, State.CRASHED, "ended the whole Python process"),
        ("def double(x):\n    return torch.zeros(2**29)", 0, State.OUT_OF_MEMORY, ""),
        ("def double(x):\n    class Lies(torch.Tensor): pass\n    return Lies([1.0])", 0, State.NO_EVIDENCE, "Lies"),
        (None, 0, State.SKIPPED, "is not in the notebook"),
        (FORGED, 0, State.WRONG, ""),
        (f"def learn(x, y):\n    F.elu(x)\n    {UNTRAINED}", 0, State.FORBIDDEN, "line 2 uses F.elu"),
        (f"def learn(x, y):\n    {UNTRAINED}", 0, State.WRONG, "held-out"),
    ],
)
def test_answer_earns_expected_points(grader, answer, earned, state, cause):
    name = "learn" if answer and "def learn" in answer else "double"
    found, other = grader.grade(notebook(**{name: answer}), "ada").exercises[:: 1 if name == "double" else -1]
    assert (found.earned, found.state) == (earned, state)
    assert cause in found.sentence
    assert other.earned == other.points  # The other exercise is unaffected.


def test_crash_is_named_where_ranks_call_the_answer(runner):
    read = text.read(ROOT / "tests" / "kinds" / "several_processes" / "text.md")
    grader = Grader(chapters.from_notebook(read, "ranks"), BATCH, runner)
    read.cells[place_of(read, "share_gradients")].source = "import os; os._exit(0)"
    assert grader.grade(read, "ada").part("share_gradients").state is State.CRASHED


def test_points_are_reported_before_mistakes_are_named(grader, monkeypatch):
    order = []
    explaining = grader.mistakes.explaining
    monkeypatch.setattr(grader.mistakes, "explaining", lambda *asked: order.append("named") or explaining(*asked))
    content = notebook(double="def double(x):\n    return 3 * x")
    result = grader.grade(content, "ada", judged=lambda result: order.append(result.earned))
    assert order == [result.earned, "named"]


def test_only_lost_claims_run_once_more(grader, monkeypatch):
    runs, run = [], grader.runner.run
    monkeypatch.setattr(grader.runner, "run", lambda *args, **options: runs.append(run(*args, **options)) or runs[-1])
    grader.grade(notebook(double="def double(x):\n    return (2 if isinstance(x, int) else 3) * x"), "ada")
    assert [claim.name for claim in runs[1].claims] == ["values"]


def test_test_cell_outputs_stay_in_the_grader(grader):
    answer = (
        "import sys\ndef double(x):\n    print('seen', x)\n    print('seen', file=sys.stderr)\n    display('seen')\n"
        "    return 2 * x\nprint('mine')"
    )
    result = grader.grade(notebook(double=answer), "ada")
    texts = {cell: "".join(o.get("text", "") for o in outputs) for cell, outputs in result.outputs.items()}
    assert texts["double"] == "mine\n"
    assert "seen" not in str(result.outputs)


def test_failing_reference_stops_grading(two_exercises, runner):
    cells = tuple(with_answer(two_exercises, "double", "def double(x): return x.two()"))
    with pytest.raises(ReferenceFailed, match="double, claim 'values': AttributeError"):
        Grader(replace(two_exercises, cells=cells), BATCH, runner)


def test_grade_notebook_grades_one_file(tmp_path):
    path = tmp_path / "two_exercises.ipynb"
    path.write_text(json.dumps(notebook(double="def double(x):\n    return x + x")))
    result = autograder.grade_notebook(path, FIXTURES / "two_exercises.md")
    assert (result.earned, result.points) == (4, 4)


def test_new_batches_differ_in_seed_and_secret():
    batches = [new_batch() for _ in range(65)]
    assert len({batch.seed for batch in batches}) == len({batch.secret for batch in batches}) == 65


# -- visible checks run after all claims, and only an exercise with a lost claim reports them


@pytest.mark.parametrize(
    ("answer", "checks"),
    [
        ("def double(x):\n    return x + x", []),
        ("def double(x):\n    return 3 * x", [("double(2)", False)]),
        ("def double(x):\n    return x.nothing", [("double(2)", False)]),
        ("def double(x:", [("double(2)", False)]),
    ],
)
def test_only_wrong_answer_reports_its_visible_checks(grader, answer, checks):
    found = grader.grade(notebook(double=answer), "ada").exercises[0]
    assert [(check.what, check.passed) for check in found.checks] == checks
    assert all(check.message for check in found.checks)


def test_claims_run_before_visible_checks(grader):
    counting = "calls = 0\ndef double(x):\n    global calls\n    calls += 1\n    return 2 * x + (calls > 1)"
    found = grader.grade(notebook(double=counting), "ada").exercises[0]
    assert [verdict.earned for verdict in found.verdicts] == [2, 0]
    assert not found.checks[0].passed  # By now it is the third call.


def test_checks_see_same_names_as_claims(runner, two_exercises):
    cells = [
        Cell("a", "solution", "name = 'first'\ndef tell():\n    return name", "double"),
        Cell("b", "visible", "lab.compare('the name', tell(), 'never')", "double"),
        Cell("c", "hidden", "pass", "double"),
        Cell("d", "own", "name = 'second'"),
    ]
    (check,) = runner.run(cells, BATCH).checks
    assert "first" in check.message
    assert "second" not in check.message


# -- the reference's observations are decoded only once


def sent(*values) -> bytes:
    return wire.encode({"values": values, "options": {}})


def test_only_early_small_observations_are_decoded_once():
    seen, large = Seen(), sent(torch.ones(MAX_SEEN))
    first = seen.read(sent(torch.ones(3), "ones"))
    assert seen.read(sent(torch.ones(3), "ones")) is first
    assert seen.read(sent(torch.ones(3, 1), "ones")) is not first
    assert seen.read(large) is not seen.read(large)
    seen.is_closed = True
    assert seen.read(sent(2)) is not seen.read(sent(2))
    with pytest.raises(wire.WireError):
        seen.read(b"no observation")


def test_verdicts_do_not_depend_on_the_cache(runner, two_exercises, monkeypatch):
    answers = ["def double(x):\n    return x + x", "def double(x):\n    return 3 * x"]

    def verdicts() -> list:
        grader = Grader(two_exercises, BATCH, runner)
        results = [grader.grade(notebook(double=answer), "ada") for answer in answers]
        return [[(v.state, v.cause, v.detail, v.told) for e in r.exercises for v in e.verdicts] for r in results]

    found = verdicts()
    assert {state for one in found for state, *_ in one} == {State.PASSED, State.WRONG}
    monkeypatch.setattr(Seen, "read", lambda self, payload: wire.decode(payload))
    assert verdicts() == found
