"""Test that a regrade's changes in points are listed by exercise, as the ledger records them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder.classroom import ledger
from autograder.review.changed_points import Change, changes
from tests.made_results import CHAPTER, partly, reference, solved, unreadable
from tests.recorded import publish, record
from tests.typed import typed


def test_only_changed_exercises_are_listed() -> None:
    found = changes([partly("ada"), solved("bo"), solved("ada"), solved("bo")])
    exercises = Change("halve", "2/3", "3/3"), Change("double", "0/2", "2/2")
    assert found == (2, [Change("ada", "2/5", "5/5", exercises)])


def test_points_that_an_exercise_is_worth_count_as_changed() -> None:
    before = solved("ada")
    after = replace(before, points=6, exercises=[replace(before.exercises[0], points=4), before.exercises[1]])
    _, (one,) = changes([before, after])
    assert one.exercises == (Change("halve", "3/3", "3/4"),)


def test_first_grading_changes_nothing() -> None:
    assert changes([]) == changes([partly("ada"), solved("bo")]) == (0, [])


def test_interrupted_regrade_is_one_round_and_older_ones_are_left_out() -> None:
    first = [partly("ada"), partly("bo"), partly("cy")]
    second = [solved("ada"), solved("bo"), solved("cy")]
    third = [solved("cy"), partly("ada"), solved("bo")]
    assert [one.name for one in changes([*first, *second, *third])[1]] == ["ada"]


def test_unreadable_result_has_no_exercises() -> None:
    _, (one,) = changes([solved("ada"), unreadable("ada")])
    assert one.exercises[0].after == "–"


def test_command_prints_the_table(tmp_path: Path) -> None:
    publish(tmp_path)
    folder = tmp_path / "reports" / "numbers"
    folder.mkdir(parents=True)
    asked = ("changes", "numbers", "--root", tmp_path)
    typed(*asked, status=2)
    for result in (partly("ada"), solved("ada")):
        record(result, CHAPTER, tmp_path, None, reference())
        ledger.append(folder / ledger.LEDGER, result)
    said = typed(*asked)
    assert "1 graded again, 1 student has different points" in said
    assert "2/3" in said
