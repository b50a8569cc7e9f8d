"""What a student is told of a lost claim: the own line and the case, never an exception alone."""

from __future__ import annotations

import json
from dataclasses import replace

import nbformat
import pytest
from made_results import HALVE

from autograder import told
from autograder.chapters import chapter as chapters
from autograder.chapters import text
from autograder.grading import raised
from autograder.grading.grade import Grader
from autograder.model import Batch, Bullet, CellRun, ClaimRun, ExerciseResult, Observed, State, Told, Verdict
from tests.conftest import FIXTURES

ANSWER = "class Own:\n    def step(self):\n        self.state['_p'] += 1\n"
EXPECTED = ClaimRun("own", "momentum", 1, [Observed(label, "close", (1,), {}) for label in ("a step", "two steps")])


def claim(kind: str, message: str, *lines: tuple[int, str], shown: int = 1) -> ClaimRun:
    sent = EXPECTED.observed[:shown]
    return ClaimRun("own", "momentum", 1, sent, raised=f"{kind}: {message}", raised_type=kind, lines=lines)


def stopped(*given, **more) -> tuple[str, Told]:
    return raised.claim_stopped(claim(*given, **more), EXPECTED, ANSWER)


def test_the_own_line_and_the_case_are_told():
    own = (3, "self.state['_p'] += 1")
    said, kind = stopped("KeyError", "'_p'", (1, "the test's own line"), own)
    assert said == "for “two steps”, line 3 of your answer (`self.state['_p'] += 1`) stops with KeyError: '_p'"
    assert kind is Told.LINE
    assert stopped("AssertionError", "", own)[0].endswith("stops with AssertionError")
    assert stopped("KeyError", "1", own, shown=2)[0].startswith("for “momentum”, line 3")


@pytest.mark.parametrize("line", [(3, "hidden = secret"), (2, "self.state['_p'] += 1"), (99, "x"), (0, ""), (3, "")])
def test_a_line_that_does_not_stand_in_the_answer_is_not_told(line):
    said, kind = stopped("KeyError", "'_p'", line)
    assert kind is Told.CASE
    assert said == (
        "for “two steps”, what your answer gives cannot be used as the statement says: there is no key '_p' in it "
        "(KeyError)"
    )


def test_the_likely_cause_is_told_too():
    message = "'Own' object has no attribute 'weight'"
    assert "the Own has no attribute `weight` (AttributeError)" in stopped("AttributeError", message)[0]
    assert "Likely cause: __init__ does not set this name" in stopped("AttributeError", message)[0]


def test_an_answer_cell_that_stops_is_told_with_its_line():
    cell = CellRun("own", "own", "solution", error="KeyError: '_p'", lines=((3, "self.state['_p'] += 1"),))
    said, kind = raised.answer_stopped(cell, ANSWER)
    assert said == "the answer cell stops with KeyError: '_p', in line 3 of your answer (`self.state['_p'] += 1`)"
    assert kind is Told.LINE
    assert raised.answer_stopped(cell, "")[1] is Told.CASE


@pytest.fixture(scope="module")
def grader(runner) -> Grader:
    """A grader of two exercises, without known mistakes."""
    content = text.read(FIXTURES / "two_exercises.md")
    return Grader(chapters.from_notebook(content, "two_exercises"), Batch(5, 6), runner)


def graded(grader: Grader, answer: str) -> ExerciseResult:
    content = text.read(FIXTURES / "two_exercises.md")
    for cell in content.cells:
        cell.source = answer if cell.id == "double" else cell.source
    return grader.grade(json.loads(nbformat.writes(content)), "ada").exercises[0]


def test_lines_come_from_the_students_own_cell(grader):
    found = graded(grader, "def double(x):\n    y = x\n    return y.two()")
    whys = [claim.why for claim in told.lost_claims(None, found)]
    assert whys
    for why in whys:
        assert "line 3 of your answer (`return y.two()`) stops with AttributeError" in why
        assert why.startswith("for “")


def test_a_cell_with_a_slip_of_syntax_names_its_line(grader):
    found = graded(grader, "def double(x):\n    return 2 *")
    assert {claim.why for claim in told.lost_claims(None, found)} == {told.AS_ABOVE}
    assert told.named(found).startswith("the answer cell stops with SyntaxError: ")
    assert told.named(found).endswith(", in line 2 of your answer (`return 2 *`)")


def test_every_lost_claim_of_an_answer_has_a_sentence_of_a_known_kind(grader):
    for answer in ("def double(x):\n    return 3 * x", "import os\nos._exit(1)", "def double(x):\n    return None"):
        found = graded(grader, answer)
        lost = [verdict for verdict in found.verdicts if verdict.earned < verdict.points]
        assert lost
        assert all(verdict.why and verdict.told not in (None, Told.OTHER) for verdict in lost), answer


def test_what_is_told_in_lines():
    verdicts = [
        Verdict("halve", "any whole number", 2, 2, State.PASSED),
        Verdict("halve", "negative numbers", 1, 0, State.WRONG, "the value is off by about 1"),
    ]
    asked = Bullet("Negative ones **too**, as [said](#here);", ("negative numbers",))
    found = ExerciseResult("halve", "Half", 3, 2, State.WRONG, verdicts, sentence="the value is off by about 1")
    lines = ["✓ any whole number", "× negative numbers (1 point)", "  The value is off by about 1."]
    assert told.in_lines(None, found) == lines
    lines[2:2] = ["  Asked: Negative ones too, as said"]
    assert told.in_lines(replace(HALVE, bullets=(asked,)), found) == lines
    verdicts[1].mistake = found.sentence = "It rounds."
    assert told.in_lines(None, found) == ["It rounds.", *lines[:2], f"  {told.AS_ABOVE}"]
    assert told.in_lines(None, replace(found, is_untouched=True)) == []
    assert told.in_lines(None, replace(found, state=State.SKIPPED)) == ["It rounds."]


def test_a_demand_that_several_claims_test_is_shown_once_its_formula_in_letters():
    verdicts = [Verdict("halve", name, 1, 0, State.WRONG, f"{name} is off") for name in ("one", "two")]
    asked = Bullet(r"$\frac{x_{i+1}}{2}$ for $x \le \texttt{most}$", ("one", "two"))
    lines = told.in_lines(
        replace(HALVE, bullets=(asked,)), ExerciseResult("halve", "Half", 2, 0, State.WRONG, verdicts)
    )
    assert lines == [
        "× one (1 point)",
        "  Asked: x_(i+1)/2 for x ≤ most",
        "  One is off.",
        "× two (1 point)",
        "  Two is off.",
    ]
