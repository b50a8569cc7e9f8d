"""Test that known mistakes run only once, and that the reference's observations are decoded only once."""

import pytest
import torch

from autograder.grading.grader import Grader
from autograder.model import Batch, State
from autograder.sandbox.driver.events import MAX_SEEN, Seen
from layerlab.graded import wire
from tests.changed_answers import notebook

BATCH = Batch(3, 4)


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
