"""Test that visible checks run after all claims, and that only an exercise with a lost claim reports them."""

import pytest

from autograder.grading.grader import Grader
from autograder.model import Batch, Cell
from tests.changed_answers import notebook


@pytest.fixture(scope="module")
def grader(two_exercises, runner):
    return Grader(two_exercises, Batch(3, 4), runner)


def grade(grader, double: str):
    return grader.grade(notebook(double=double), "ada").exercises[0]


def test_correct_answer_reports_no_visible_checks(grader):
    found = grade(grader, "def double(x):\n    return x + x")
    assert (found.earned, found.checks) == (3, [])


@pytest.mark.parametrize(
    "answer", ["def double(x):\n    return 3 * x", "def double(x):\n    return x.nothing", "def double(x:"]
)
def test_wrong_answer_reports_its_visible_checks(grader, answer):
    (check,) = grade(grader, answer).checks
    assert (check.what, check.passed) == ("double(2)", False)
    assert check.message


def test_claims_run_before_visible_checks(grader):
    counting = "calls = 0\ndef double(x):\n    global calls\n    calls += 1\n    return 2 * x + (calls > 1)"
    found = grade(grader, counting)
    assert [verdict.earned for verdict in found.verdicts] == [2, 0]
    assert not found.checks[0].passed  # By now it is the third call.


def test_checks_see_same_names_as_claims(runner, two_exercises):
    cells = [
        Cell("a", "solution", "name = 'first'\ndef tell():\n    return name", "double"),
        Cell("b", "visible", "lab.compare('the name', tell(), 'never')", "double"),
        Cell("c", "hidden", "pass", "double"),
        Cell("d", "own", "name = 'second'"),
    ]
    (check,) = runner.run(cells, Batch(3, 4)).checks
    assert "first" in check.message
    assert "second" not in check.message
