"""Test grading one submission: its `Result`, its visible checks, and what the reference's observations save."""

import json
from dataclasses import replace

import pytest
import torch

import autograder
from autograder.grading.grader import Grader, ReferenceFailed, new_batch
from autograder.model import Batch, Cell, Limits, State
from autograder.sandbox.driver.events import MAX_SEEN, Seen
from autograder.sandbox.driver.run import Runner
from layerlab.graded import wire
from tests.changed_answers import notebook, with_answer
from tests.root import FIXTURES

BATCH = Batch(3, 4)


@pytest.fixture(scope="module")
def grader(two_exercises):
    with Runner(limits=Limits(cell_seconds=1.5, total_seconds=20)) as runner:
        yield Grader(two_exercises, BATCH, runner)


def test_reference_earns_full_points(grader):
    result = grader.grade(notebook(), "ada")
    assert (result.state, result.earned, result.points, result.sentence) == (State.PASSED, 4, 4, "")
    assert all(v.state is State.PASSED for e in result.exercises for v in e.verdicts)


@pytest.mark.parametrize(
    ("answer", "earned", "state", "cause"),
    [
        ("def double(x):\n    return 3 * x", 0, State.WRONG, "y"),
        ("def double(x):\n    return 2 * x if isinstance(x, int) else x", 1, State.WRONG, "y"),
        ("def double(x):\n    raise NotImplementedError()", 0, State.NOT_IMPLEMENTED, ""),
        ("def double(x):\n    return x.two()", 0, State.RAISED, "AttributeError"),
        ("def double(x:", 0, State.RAISED, "the answer cell stops with SyntaxError"),
        ("def double(x):\n    while True: pass", 0, State.TIMED_OUT, "time limit"),
        ("import os; os._exit(0)", 0, State.CRASHED, "ended the whole Python process"),
        ("def double(x):\n    return torch.zeros(2**29)", 0, State.OUT_OF_MEMORY, ""),
        ("def double(x):\n    class Lies(torch.Tensor): pass\n    return Lies([1.0])", 0, State.NO_EVIDENCE, "Lies"),
        (None, 0, State.SKIPPED, "is not in the notebook"),
    ],
    ids=["wrong", "half", "stub", "raises", "syntax", "hang", "exit", "memory", "subclass", "missing"],
)
def test_answer_earns_expected_points(grader, answer, earned, state, cause):
    result = grader.grade(notebook(double=answer), "ada")
    found = result.exercises[0]
    assert (found.earned, found.state) == (earned, state)
    assert cause in found.sentence
    assert result.exercises[1].earned == 1  # The other exercise is unaffected.


def test_points_are_reported_before_mistakes_are_named(grader, monkeypatch):
    order = []
    explaining = grader.mistakes.explaining
    monkeypatch.setattr(grader.mistakes, "explaining", lambda *asked: order.append("named") or explaining(*asked))
    content = notebook(double="def double(x):\n    return 3 * x")
    result = grader.grade(content, "ada", judged=lambda result: order.append(result.earned))
    assert order == [result.earned, "named"]


def test_forbidden_call_earns_nothing_and_is_named(grader):
    answer = "def learn(x, y):\n    F.elu(x)\n    return nn.Sequential(nn.Flatten(), nn.Linear(64, 4))"
    found = grader.grade(notebook(learn=answer), "ada").exercises[1]
    assert (found.earned, found.state) == (0, State.FORBIDDEN)
    assert "line 2 uses F.elu" in found.sentence


def test_untrained_network_earns_nothing(grader):
    answer = "def learn(x, y):\n    return nn.Sequential(nn.Flatten(), nn.Linear(64, 4))"
    assert grader.grade(notebook(learn=answer), "ada").exercises[1].earned == 0


def test_forged_channel_messages_earn_nothing(grader):
    answer = """
from layerlab.graded import observation, wire
def double(x):
    observation._session.send("observe", {"label": "y", "judge": "alive"}, wire.encode({"values": (1,), "options": {}}))
    observation._session.send("held", {"count": 1})
    raise KeyboardInterrupt
"""
    assert grader.grade(notebook(double=answer), "ada").exercises[0].earned == 0


def test_invalid_notebook_gives_a_skipped_result(grader, tmp_path):
    path = tmp_path / "two_exercises.ipynb"
    path.write_text("{")
    result = grader.grade(path, "ada")
    assert (result.state, result.earned, result.points) == (State.SKIPPED, 0, 4)
    assert "not JSON" in result.sentence


def test_dynamically_looked_up_name_is_found(grader):
    content = notebook(double="def double(x):\n    return eval('tw' + 'o') * x")
    chapter_cells = [*grader.chapter.cells[:1], Cell("demo", "provided", "two = 2"), *grader.chapter.cells[1:]]
    with_demo = Grader(replace(grader.chapter, cells=tuple(chapter_cells)), grader.batch, grader.runner)
    content["cells"].insert(3, {"cell_type": "code", "id": "demo", "metadata": {}, "source": "two = 2"})
    assert with_demo.grade(content, "ada").exercises[0].earned == 3


def test_test_cell_outputs_stay_in_the_grader(grader):
    answer = "def double(x):\n    print('seen', x)\n    return 2 * x\nprint('mine')"
    result = grader.grade(notebook(double=answer), "ada")
    texts = {cell: "".join(o.get("text", "") for o in outputs) for cell, outputs in result.outputs.items()}
    assert texts["double"] == "mine\n"
    assert "seen" not in "".join(texts.values())


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
    (check,) = runner.run(cells, BATCH).checks
    assert "first" in check.message
    assert "second" not in check.message


# -- the reference's observations are decoded only once


def sent(*values) -> bytes:
    return wire.encode({"values": values, "options": {}})


def test_identical_bytes_are_decoded_once():
    seen = Seen()
    first = seen.read(sent(torch.ones(3), "ones"))
    assert seen.read(sent(torch.ones(3), "ones")) is first
    assert seen.read(sent(torch.ones(3, 1), "ones")) is not first


def test_large_or_late_observations_are_not_cached():
    seen, large = Seen(), sent(torch.ones(MAX_SEEN))
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
