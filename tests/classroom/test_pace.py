"""Test the progress line of a batch."""

from __future__ import annotations

import itertools

import pytest

from autograder.classroom.pace import LAST, Pace, duration, steps
from autograder.model import Result, State


def result(state: State = State.PASSED) -> Result:
    return Result("s", "c", state, 1, 1, [])


def paced(times, states=None) -> Pace:
    clock = iter(times)
    pace = Pace(lambda: next(clock))
    for state in states or [State.PASSED] * len(times):
        pace.add(result(state))
    return pace


def test_progress_line_is_empty_without_enough_results():
    assert Pace().words(10) == ""
    assert paced([0.0]).words(10) == ""
    assert paced([0.0, 0.1]).words(10) == ""  # A worker delivers its first results all at once.


def test_progress_line_shows_speed_and_time_left():
    assert paced([0.0, 0.5, 1.0, 1.5, 2.0]).words(100) == "2.0 a second, 50 s left"
    assert paced([0.0, 2.0]).words(0) == "0.5 a second"


def test_progress_line_counts_faults():
    states = [State.INFRASTRUCTURE, State.CRASHED, State.PASSED]
    assert paced([0.0, 1.0, 2.0], states).words(1) == "1.0 a second, 1 s left, 1 fault"
    assert paced([0.0, 0.0], [State.INFRASTRUCTURE] * 2).words(1) == "2 faults"


def test_speed_uses_only_recent_results():
    slow_then_fast = [float(n) for n in range(50)] + [49 + n / 10 for n in range(1, LAST + 1)]
    assert paced(slow_then_fast).speed == pytest.approx(10.0)
    assert paced(itertools.islice(itertools.count(), 3), [State.PASSED] * 3).speed == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (40.4, "40 s"), (99.4, "99 s"), (100, "2 min"), (600, "10 min"), (3600, "1 h 00 min")],
)
def test_durations_are_rounded_to_readable_units(seconds, words):
    assert duration(seconds) == words


def test_step_shows_chapter_position_and_total_progress() -> None:
    first, second = steps(["linear", "pooling"])
    assert first.words() == "chapter 1 of 2, linear [  0%]"
    assert second.words("12 of 24 graded", 0.5) == "chapter 2 of 2, pooling: 12 of 24 graded [ 75%]"
