"""Test that feedback on a lost claim names the student's line or the tested case, and never only an exception."""

from dataclasses import replace

import pytest
from made_results import HALVE

from autograder import reasons
from autograder.grading.grader import Grader
from autograder.model import Batch, Bullet, CellRun, ExerciseResult, State, Told, Verdict
from autograder.plain import in_terminal, without_markdown
from layerlab.judging import error_sentence
from layerlab.judging.claim_model import ClaimRun, Observed
from tests.changed_answers import notebook

ANSWER = "class Own:\n    def step(self):\n        self.state['_p'] += 1\n"
EXPECTED = ClaimRun("own", "momentum", 1, [Observed(label, "close", (1,), {}) for label in ("a step", "two steps")])


def claim(kind: str, message: str, *lines: tuple[int, str], shown: int = 1) -> ClaimRun:
    sent = EXPECTED.observed[:shown]
    return ClaimRun("own", "momentum", 1, sent, raised=f"{kind}: {message}", raised_type=kind, lines=lines)


def stopped(*given, **more) -> tuple[str, Told]:
    return error_sentence.claim_stopped(claim(*given, **more), EXPECTED, ANSWER)


def test_feedback_names_the_student_line_case_and_cause():
    own = (3, "self.state['_p'] += 1")
    said, kind = stopped("KeyError", "'_p'", (1, "the test's own line"), own)
    assert said == "for “two steps”, line 3 of your answer (`self.state['_p'] += 1`) stops with KeyError: '_p'"
    assert kind == Told.LINE
    assert stopped("AssertionError", "", own)[0].endswith("stops with AssertionError")
    assert stopped("KeyError", "1", own, shown=2)[0].startswith("for “momentum”, line 3")
    said, _ = stopped("AttributeError", "'Own' object has no attribute 'weight'")
    assert "the Own has no attribute `weight` (AttributeError)" in said
    assert "Likely cause: __init__ does not set this name" in said


@pytest.mark.parametrize("line", [(3, "hidden = secret"), (2, "self.state['_p'] += 1"), (99, "x"), (0, ""), (3, "")])
def test_lines_outside_the_answer_are_omitted(line):
    said, kind = stopped("KeyError", "'_p'", line)
    assert kind == Told.CASE
    assert said == (
        "for “two steps”, what your answer returns cannot be used as the statement says: the dict has no key '_p' "
        "(KeyError)"
    )


def test_failing_answer_cell_is_reported_with_its_line():
    cell = CellRun("own", "own", "solution", error="KeyError: '_p'", lines=((3, "self.state['_p'] += 1"),))
    said, kind = error_sentence.answer_stopped(cell.error or "", cell.lines, ANSWER)
    assert said == "the answer cell stops with KeyError: '_p', in line 3 of your answer (`self.state['_p'] += 1`)"
    assert kind == Told.LINE
    assert error_sentence.answer_stopped(cell.error or "", cell.lines, "")[1] == Told.CASE


@pytest.fixture(scope="module")
def grader(two_exercises, runner) -> Grader:
    """Return a grader for two exercises, without known mistakes."""
    return Grader(two_exercises, Batch(5, 6), runner)


def graded(grader: Grader, answer: str) -> ExerciseResult:
    return grader.grade(notebook(double=answer), "ada").exercises[0]


def test_lines_come_from_the_student_cell(grader):
    found = graded(grader, "def double(x):\n    y = x\n    return y.two()")
    whys = [cause.why for cause in reasons.causes(None, found)]
    assert whys
    for why in whys:
        assert "line 3 of your answer (`return y.two()`) stops with AttributeError" in why
        assert why.startswith("For “")
    found = graded(grader, "def double(x):\n    return 2 *")
    (cause,) = reasons.causes(None, found)
    assert cause.why.startswith("The answer cell stops with SyntaxError: ")
    assert cause.why.endswith(", in line 2 of your answer (`return 2 *`)")
    assert len(cause.lost) == len(found.verdicts)


def test_every_lost_claim_has_a_classified_sentence(grader):
    for answer in ("def double(x):\n    return 3 * x", "import os\nos._exit(1)", "def double(x):\n    return None"):
        found = graded(grader, answer)
        lost = [verdict for verdict in found.verdicts if verdict.earned < verdict.points]
        assert lost
        assert all(verdict.why and verdict.told not in (None, Told.OTHER) for verdict in lost), answer


def wrong(name: str, why: str, **more) -> Verdict:
    return Verdict("halve", name, 1, 0, State.WRONG, why, **more)


def lost(*verdicts: Verdict) -> ExerciseResult:
    return ExerciseResult("halve", "Half", len(verdicts), 0, State.WRONG, list(verdicts))


def test_feedback_lines_list_passed_and_lost_claims():
    verdicts = [
        Verdict("halve", "any whole number", 2, 2, State.PASSED),
        Verdict("halve", "negative numbers", 1, 0, State.WRONG, "got 3, off by about 1"),
    ]
    asked = Bullet("Negative ones **too**, as [said](#here);", ("negative numbers",))
    found = ExerciseResult("halve", "Half", 3, 2, State.WRONG, verdicts)
    lines = ["✓ any whole number", "× Got 3, off by about 1.", "  Costs 1 point: negative numbers."]
    assert reasons.in_lines(None, found) == lines
    assert reasons.in_lines(replace(HALVE, bullets=(asked,)), found) == [*lines, "  Asked: Negative ones too, as said"]
    assert reasons.in_lines(None, replace(found, is_untouched=True)) == []
    assert reasons.in_lines(None, replace(found, state=State.SKIPPED, sentence="It is lost.")) == ["It is lost."]


EPS = Bullet(r"$y = x / \sqrt{v + \varepsilon}$, with `eps` added inside the root.", ("values", "gradient"))
NAMES = Bullet("The `state_dict` has torch's names.", ("torch's layer",))
SHAPE = Bullet("The result has the shape of `x`.", ("values",))
NORM = replace(HALVE, bullets=(EPS, SHAPE, NAMES))


def test_known_mistake_is_reported_once_with_its_bullet():
    slip = {"mistake": "You add `eps` outside the root."}
    found = lost(*(wrong(name, "off", **slip) for name in ("values", "gradient", "torch's layer")))
    assert reasons.in_lines(NORM, found) == [
        "× You add `eps` outside the root.",
        "  Costs 3 points: values (1); gradient (1); torch's layer (1).",
        "  Asked: y = x / √(v + ε), with `eps` added inside the root.",
    ]


def asked(exercise, *verdicts: Verdict) -> list[str]:
    return [cause.asked for cause in reasons.causes(exercise, lost(*verdicts))]


def test_unknown_mistake_quotes_first_claim_bullet():
    values = {"told": Told.VALUES}
    named = wrong("gradient", "gradient: got 3", **values), wrong("torch's layer", "y: got 4", **values)
    assert asked(NORM, *named) == [EPS.text, ""]
    shape = wrong("values", "result: expected shape (2,), got (3,)")
    assert asked(NORM, shape, wrong("torch's layer", "there is no key `a`")) == [SHAPE.text, NAMES.text]
    assert asked(NORM, wrong("values", "y: got 3", **values)) == [""], "it may be either"


def test_effect_selects_bullets_by_reason_not_claim_names():
    shapes = Bullet("Shapes that look alike, or hold equally many numbers, are different shapes.", ("shapes alike",))
    swapped = replace(HALVE, bullets=(Bullet("`missing` and `loaded`.", ("report", "shapes alike")), shapes))
    names = ("report", "shapes alike")
    assert asked(swapped, *(wrong(name, "the order is reversed.", told=Told.EFFECT) for name in names)) == [""]


def test_same_exception_in_different_cases_is_merged():
    whys = [f"for “{case}”, line 2 of your answer (`x.two()`) stops with AttributeError" for case in ("a", "b")]
    (cause,) = reasons.causes(None, lost(*(wrong(f"claim {why[5]}", why) for why in whys)))
    assert cause.why == f"F{whys[0][1:]}."
    assert cause.costs == "Costs 2 points: claim a (1); claim b (1)."


def test_capital_keeps_leading_names_unchanged():
    shown = {"p 1: off": "p 1: off", "a step is off": "A step is off", "weight: off": "weight: off", "yes": "Yes"}
    assert {text: reasons.capital(text) for text in shown} == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Never** change `x * y`, and *not* `x`", "Never change x * y, and not x"),
        ("a [link](#b) to `a_b`", "a link to a_b"),
        ("$x_i$ times 3 * 4 * 5", "x_i times 3 * 4 * 5"),
        ("exactly, **even if the branch gives `nan` there**", "exactly, even if the branch gives nan there"),
        ("**A new `Net` is frozen**, `(*, n)` to `(*, m)`", "A new Net is frozen, (*, n) to (*, m)"),
        ("**`x * y`** and *a* `b*`", "x * y and a b*"),
    ],
)
def test_terminal_text_has_no_markdown_markup(text, shown):
    assert in_terminal(without_markdown(text)) == shown
