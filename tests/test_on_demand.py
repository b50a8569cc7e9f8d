"""Visible checks are run where a claim was lost: after an exercise's claims, when nothing can change them any more."""

from __future__ import annotations

import json

import nbformat
import pytest

from autograder.chapters import text
from autograder.grading.grade import Grader
from autograder.model import Batch, Run
from autograder.running.events import EventReader
from tests.conftest import FIXTURES

KINDS = {"double": ("solution", "double"), "claims": ("hidden", "double"), "checks": ("visible", "double")}
CLAIM = {"kind": "claim", "exercise": "double", "claim": "values", "points": 2}


@pytest.fixture(scope="module")
def grader(two_exercises, runner):
    return Grader(two_exercises, Batch(3, 4), runner)


def grade(grader, double: str):
    content = text.read(FIXTURES / "two_exercises.md")
    next(cell for cell in content.cells if cell.id == "double").source = double
    return grader.grade(json.loads(nbformat.writes(content)), "ada").exercises[0]


@pytest.fixture
def reader():
    """What listens to a submission whose answer cell has begun."""
    made = EventReader(Run(seed=0), KINDS)
    made.add({"kind": "cell", "id": "double"}, b"", 0.0)
    return made


def test_nobody_reads_the_checks_of_what_is_right(grader):
    found = grade(grader, "def double(x):\n    return x + x")
    assert (found.earned, found.checks) == (3, [])


@pytest.mark.parametrize(
    "answer", ["def double(x):\n    return 3 * x", "def double(x):\n    return x.nothing", "def double(x:"]
)
def test_what_is_lost_is_told_by_its_checks(grader, answer):
    (check,) = grade(grader, answer).checks
    assert (check.what, check.passed) == ("double(2)", False)
    assert check.message


def test_one_lost_claim_is_enough(grader):
    found = grade(grader, "def double(x):\n    return 2 * x if isinstance(x, int) else x")
    assert found.earned == 1
    assert [check.passed for check in found.checks] == [True]  # the check is of an int


def test_the_claims_meet_what_no_check_has_moved(grader):
    counting = "calls = 0\ndef double(x):\n    global calls\n    calls += 1\n    return 2 * x + (calls > 1)"
    found = grade(grader, counting)
    assert [verdict.earned for verdict in found.verdicts] == [2, 0]
    assert not found.checks[0].passed  # it is the third call now


def test_an_answer_that_asks_for_itself_is_told_nothing(grader):
    asking = """
from layerlab.graded import observation
def double(x):
    told = observation.ask({"what": "lost"})
    return 2 * x if told == b"" else x
"""
    assert grade(grader, asking).earned == 3


def test_an_exercise_is_over_once_and_not_before_its_claims(reader):
    assert not reader.is_over("double")
    reader.add({"kind": "cell_end", "id": "double"}, b"[]", 1.0)
    assert not reader.is_over("double")
    reader.add({"kind": "cell", "id": "claims"}, b"", 2.0)
    reader.add(CLAIM, b"", 3.0)
    assert not reader.is_over("double")
    reader.add({"kind": "cell_end", "id": "claims"}, b"[]", 4.0)
    assert [reader.is_over("double"), reader.is_over("double")] == [True, False]


def test_an_exercise_that_is_not_in_the_plan_is_never_over(reader):
    assert not reader.is_over("another")
    assert not EventReader(Run(seed=0), {"claims": ("hidden", "double")}).is_over("double")
