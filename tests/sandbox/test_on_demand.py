"""Test that visible checks run only for lost claims, after all claims are final."""

import pytest

from autograder.grading.grader import Grader
from autograder.model import Batch, Cell, Run
from autograder.sandbox.driver.events import EventReader
from autograder.sandbox.driver.link import Hearing
from tests.changed_answers import notebook

KINDS = {"double": ("solution", "double"), "claims": ("hidden", "double"), "checks": ("visible", "double")}
CLAIM = {"kind": "claim", "exercise": "double", "claim": "values", "points": 2}


@pytest.fixture(scope="module")
def grader(two_exercises, runner):
    return Grader(two_exercises, Batch(3, 4), runner)


def grade(grader, double: str):
    return grader.grade(notebook(double=double), "ada").exercises[0]


@pytest.fixture
def reader():
    """Return an event reader for a submission whose answer cell has begun."""
    made = EventReader(Run(seed=0), KINDS)
    made.add({"kind": "cell", "id": "double"}, b"", 0.0)
    return made


def test_correct_answer_runs_no_visible_checks(grader):
    found = grade(grader, "def double(x):\n    return x + x")
    assert (found.earned, found.checks) == (3, [])


@pytest.mark.parametrize(
    "answer", ["def double(x):\n    return 3 * x", "def double(x):\n    return x.nothing", "def double(x:"]
)
def test_wrong_answer_reports_its_visible_checks(grader, answer):
    (check,) = grade(grader, answer).checks
    assert (check.what, check.passed) == ("double(2)", False)
    assert check.message


def test_one_lost_claim_triggers_checks(grader):
    found = grade(grader, "def double(x):\n    return 2 * x if isinstance(x, int) else x")
    assert found.earned == 1
    assert [check.passed for check in found.checks] == [True]  # The check passes an int, which the answer handles.


def test_claims_run_before_visible_checks(grader):
    counting = "calls = 0\ndef double(x):\n    global calls\n    calls += 1\n    return 2 * x + (calls > 1)"
    found = grade(grader, counting)
    assert [verdict.earned for verdict in found.verdicts] == [2, 0]
    assert not found.checks[0].passed  # By now it is the third call.


def test_answer_cannot_query_lost_claims(grader):
    asking = """
from layerlab.graded import observation
def double(x):
    told = observation.ask({"what": "lost"})
    return 2 * x if told == b"[]" else x
"""
    assert grade(grader, asking).earned == 3


def test_checks_see_same_names_as_claims(runner, two_exercises):
    cells = [
        Cell("a", "solution", "name = 'first'\ndef tell():\n    return name", "double"),
        Cell("b", "visible", "lab.compare('the name', tell(), 'never')", "double"),
        Cell("c", "hidden", "pass", "double"),
        Cell("d", "own", "name = 'second'"),
        Cell("e", "visible", "lab.compare('nobody reads it', 1, 2)", "total"),
    ]
    run = runner.run(cells, Batch(3, 4), hearing=Hearing(lambda _, exercise: exercise == "double"))
    (check,) = run.checks
    assert "first" in check.message
    assert "second" not in check.message


def test_exercise_claims_end_with_their_cell(reader):
    assert not reader.is_over("double")
    reader.add({"kind": "cell_end", "id": "double"}, b"[]", 1.0)
    assert not reader.is_over("double")
    reader.add({"kind": "cell", "id": "claims"}, b"", 2.0)
    reader.add(CLAIM, b"", 3.0)
    assert not reader.is_over("double")
    assert not reader.is_over()
    reader.add({"kind": "cell_end", "id": "claims"}, b"[]", 4.0)
    assert reader.is_over("double")
    assert reader.is_over()


def test_all_claims_end_after_the_last_exercise():
    kinds = KINDS | {"others": ("hidden", "total")}
    reader = EventReader(Run(seed=0), kinds)
    for number, cell in enumerate(("double", "claims")):
        reader.add({"kind": "cell", "id": cell}, b"", float(number))
        reader.add({"kind": "cell_end", "id": cell}, b"[]", number + 0.5)
    assert reader.is_over("double")
    assert not reader.is_over("total")
    assert not reader.is_over()


def test_loss_in_earlier_attempt_triggers_checks(grader):
    found = grade(grader, "import os\ndef double(x):\n    return os._exit(3) if hasattr(x, 'shape') else 3 * x")
    assert not any(verdict.earned for verdict in found.verdicts)
    assert [check.passed for check in found.checks] == [False]
