"""Test the progress line of a batch."""

from __future__ import annotations

import pytest
from rich.progress import Progress

from autograder.classroom.pace import duration, steps
from autograder.commands import submitted


@pytest.mark.parametrize(
    ("times", "left", "faults", "words"),
    [
        ([0.0], 10, 0, ""),
        ([0.0, 0.1], 10, 0, ""),
        ([0.0, 0.5, 1.0, 1.5, 2.0], 100, 0, "2.0 a second, 50 s left"),
        ([0.0, 2.0], 0, 0, "0.5 a second"),
        ([0.0, 1.0, 2.0], 1, 1, "1.0 a second, 1 s left, 1 fault"),
        ([0.0, 0.0], 1, 2, "2 faults"),
        ([float(n) for n in range(20)] + [500 + n / 10 for n in range(100)], 0, 0, "10.0 a second"),
    ],
)
def test_progress_line_shows_speed_time_left_and_faults(times, left, faults, words):
    now = [0.0]
    bar = Progress(get_time=lambda: now[0], speed_estimate_period=300)
    task = bar.add_task("", start=False, total=None, faults=faults)
    for done, now[0] in enumerate(times, start=1):
        bar.start_task(task)
        bar.update(task, completed=done, total=len(times) + left)
    assert submitted.pace(bar.tasks[task]) == words


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
