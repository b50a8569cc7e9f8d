"""Test that gradebook, export, CSV file, class report, and feedback all follow the class file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import nbformat
import pytest
from made_results import CHAPTER, partly, reference, solved
from recorded import publish, record_one

from autograder.class_file.class_settings import ClassSettings
from autograder.class_file.counting import counted
from autograder.model import Result
from autograder.recording.faults import RecordError
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.recording.record import Recorder
from tests.recording.test_totals import DUE, change, exported, feedback, reported, submit
from tests.typed import typed

DUE_LINE = f"due: {{numbers: {DUE:%Y-%m-%d %H:%M} Z}}\n"


def say(root: Path, text: str) -> None:
    """Write a course's reference notebook and its class file."""
    publish(root)
    (root / "class.yml").write_text(text)


def totals(root: Path, result: Result) -> dict[str, str]:
    """Return a student's points in the export and the CSV file, after checking feedback, class page, and notebook."""
    rows, page = reported(root, result)
    row = rows[result.student]
    with open_gradebook(course_directory(root)) as book:
        most = book.find_assignment("numbers").max_score
    graded = nbformat.read(root / "autograded" / result.student / "numbers" / "numbers.ipynb", as_version=4)
    score = float(row["earned"])
    assert f"{score:g} of {most:g} points" in feedback(root, result.student)
    assert f"{score:.1f} mean of {most:g} points" in page.words
    assert f"of {most:g} points**" in graded.cells[0].source
    return {"export": f"{exported(root)[result.student]:g} of {most:g}", "csv": f"{score:g} of {row['points']}"}


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ("late: none\n", "2 of 5"),
        ("core_only: true\n", "2 of 3"),
        ("exercises: {numbers: [double]}\n", "0 of 2"),
        ("points: {numbers: {halve: 9}}\n", "6 of 11"),
        ("points: {numbers: {halve: 2, double: 4}}\n", "1 of 6"),
    ],
)
def test_what_counts_is_the_same_on_every_route(root: Path, said: str, total: str) -> None:
    say(root, said)
    record_one(root, partly("ada"))
    assert set(totals(root, partly("ada")).values()) == {total}


def test_points_are_counted_again_when_the_file_changes(root: Path) -> None:
    say(root, "late: none\n")
    record_one(root, partly("ada"))
    before = (root / "autograded" / "ada" / "numbers" / "numbers.ipynb").read_bytes()
    for said, total in [("core_only: true\n", "2 of 3"), ("late: none\n", "2 of 5")]:
        say(root, said)
        with Recorder(root) as recorder:
            recorder.count_again(partly("ada"), CHAPTER, reference())
        assert set(totals(root, partly("ada")).values()) == {total}
    assert (root / "autograded" / "ada" / "numbers" / "numbers.ipynb").read_bytes() == before


def test_result_of_an_earlier_chapter_is_not_counted_again(root: Path) -> None:
    record_one(root, partly("ada"))
    earlier = replace(solved("ada"), exercises=solved("ada").exercises[:1])
    with Recorder(root) as recorder:
        recorder.count_again(earlier, CHAPTER, reference())
    assert exported(root)["ada"] == 2.0


def test_cell_that_does_not_count_is_none_of_nbgraders(root: Path) -> None:
    say(root, "core_only: true\n")
    record_one(root, solved("ada"))
    graded = nbformat.read(root / "autograded" / "ada" / "numbers" / "numbers.ipynb", as_version=4)
    marked = {cell.metadata.nbgrader.grade_id for cell in graded.cells if "nbgrader" in cell.metadata}
    assert marked == {"halve", "test_halve"}
    with open_gradebook(course_directory(root)) as book:
        assert [cell.name for cell in book.find_notebook("numbers", "numbers").grade_cells] == ["test_halve"]


@pytest.mark.parametrize(
    ("late", "days", "total"),
    [("10% per day", 0.5, 1.8), ("10% per day", 1.5, 1.6), ("10% per day", 20, 0), ("zero", 1, 0), ("none", 9, 2)],
)
def test_late_submission_loses_what_the_file_says(root: Path, late: str, days: float, total: float) -> None:
    say(root, f"{DUE_LINE}late: {late}\n")
    submit(root, "ada", DUE + timedelta(days=days))
    record_one(root, partly("ada"))
    assert exported(root)["ada"] == pytest.approx(total)
    assert totals(root, partly("ada"))["csv"] == f"{total:g} of 5"


def test_submission_within_its_extension_loses_nothing(root: Path) -> None:
    until = DUE + timedelta(days=3)
    say(root, f"{DUE_LINE}late: zero\nextensions: {{ada: {{numbers: {until:%Y-%m-%d %H:%M} Z}}}}\n")
    for student in ("ada", "grace"):
        submit(root, student, DUE + timedelta(days=2))
        record_one(root, partly(student))
    assert exported(root) == {"ada": 2.0, "grace": 0.0}
    assert totals(root, partly("ada"))["csv"] == "2 of 5"
    assert "late" not in feedback(root)
    told = "2 points were subtracted because the submission was late"
    for said, points in ((f"{DUE_LINE}late: zero\n", 0.0), ("due: {numbers: none}\nlate: zero\n", 2.0)):
        say(root, said)
        with Recorder(root) as recorder:
            recorder.count_again(partly("ada"), CHAPTER, reference())
        assert exported(root)["ada"] == points
        assert (told in feedback(root)) == (points == 0.0)


def test_apply_writes_assignments_due_dates_and_the_roster(root: Path) -> None:
    (root / "roster.csv").write_text("id,first name,last name,email\nada,A,L,ada@localhost\ngrace,,,\n")
    say(root, f"roster: roster.csv\ncore_only: true\n{DUE_LINE}")
    assert "1 assignments and 2 students" in typed("class", "apply", "--root", root)
    with open_gradebook(course_directory(root)) as book:
        assert book.find_assignment("numbers").max_score == 3
        assert book.find_assignment("numbers").duedate.replace(tzinfo=UTC) == DUE
        student = book.find_student("ada")
        assert (student.first_name, student.last_name, student.email) == ("A", "L", "ada@localhost")
    record_one(root, solved("ada"))
    with Recorder(root) as recorder:
        assert recorder.absent(CHAPTER) == ["grace"]


def test_points_given_by_hand_are_not_dropped(root: Path) -> None:
    record_one(root, partly("ada"))
    change(root, points=1.0)
    say(root, "exercises: {numbers: [double]}\n")
    with Recorder(root) as recorder, pytest.raises(RecordError, match="leaves out halve of numbers"):
        recorder.register(CHAPTER, reference())
    assert exported(root)["ada"] == 1.0


@pytest.mark.parametrize("points", [2, 3, 4, 7, 100])
def test_claims_share_the_points_of_their_exercise(points: int) -> None:
    made = counted(CHAPTER, ClassSettings(points={"numbers": {"halve": points}})).exercise("halve")
    assert made.points == points
    first, second = (claim.points for claim in made.claims)
    assert first >= second >= 1
