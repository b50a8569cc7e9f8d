"""Test that the class file is read correctly, and that each mistake is reported with its line and a fix."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
from made_results import DOUBLE, HALVE

from autograder.class_file import due_dates
from autograder.class_file.class_reader import ClassFileError, of_course, read
from autograder.class_file.class_settings import ClassSettings, Enrolled
from tests.recorded import publish
from tests.root import ROOT
from tests.typed import typed


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a course with the chapters `numbers` and `words`, which have the same exercises."""
    for name in ("numbers", "words"):
        publish(tmp_path, name)
    (tmp_path / "roster.csv").write_text("id,first name,last name,email\nada,A,L,ada@localhost\ngrace,,,\n")
    return tmp_path


def settings(course: Path, text: str) -> ClassSettings:
    (course / "class.yml").write_text(text)
    return of_course(course)


def mistakes(course: Path, text: str) -> list[str]:
    with pytest.raises(ClassFileError) as raised:
        settings(course, text)
    return str(raised.value).splitlines()


def test_course_has_the_defaults_until_its_class_file_changes(course: Path) -> None:
    assert of_course(course) == ClassSettings()
    assert not of_course(course).key("numbers")
    assert of_course(course).has("numbers")
    assert settings(course, "late: none").late == "none"
    keys = {settings(course, f"late: zero\n{due}").key("numbers") for due in ("", "due: {numbers: none}")}
    assert len(keys) == 2, "a date that is taken back changes points"
    assert settings(course, "late: 25% per day").late == 25, "a changed file is read again"


def test_everything_is_read(course: Path) -> None:
    found = settings(
        course,
        """
roster: roster.csv
chapters: [numbers]
core_only: true
exercises: {numbers: [double]}
points: {numbers: {halve: 6}}
time_zone: Europe/Berlin
due: {numbers: 2026-10-12 23:59}
late: 10% per day
extensions: {ada: {numbers: "2026-10-15 23:59 +00:00"}}
solutions: false
""",
    )
    assert found.roster == (Enrolled("ada", "A", "L", "ada@localhost"), Enrolled("grace"))
    assert (found.has("numbers"), found.has("words")) == (True, False)
    assert [found.counts("numbers", one) for one in (HALVE, DOUBLE)] == [False, True]
    assert [found.counts("words", one) for one in (HALVE, DOUBLE)] == [True, False]
    assert found.points == {"numbers": {"halve": 6}}
    assert found.due["numbers"] == datetime(2026, 10, 12, 21, 59, tzinfo=UTC)
    assert found.extensions["ada"]["numbers"] == datetime(2026, 10, 15, 23, 59, tzinfo=UTC)
    assert (found.late, found.solutions) == (10, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chapters: [nunbers]", "line 1: there is no chapter 'nunbers'; near it: numbers"),
        ("chapters: [zzz]", "line 1: there is no chapter 'zzz'; there are: numbers, words"),
        ("chapters: numbers", "line 1: a list belongs here; write [linear, convolution]"),
        ("chapter: [numbers]", "line 1: there is no setting 'chapter' here; near it: chapters"),
        ("solutions: maybe", "line 1: 'maybe' is neither true nor false; write one of them"),
        ("exercises:\n  numbers: [halv]", "line 2: numbers has no exercise 'halv'; near it: halve"),
        ("points: {numbers: {halve: 2.5}}", "line 1: '2.5' points are not a whole number; write 3, for example"),
        ("points: {numbers: {halve: 1}}", "line 1: 1 points are too few: halve tests 2 things"),
        ("due:\n  numbers: 2026-10-12 23:59", "line 2: '2026-10-12 23:59' has no time zone; write 2026-10-12 23:59"),
        ("due: {numbers: 2026-10-12}", "line 1: '2026-10-12' is not a date with a time; write 2026-10-12 23:59 Eu"),
        ("due: {numbers: 2026-02-30 23:59 Z}", "line 1: '2026-02-30 23:59 Z' is not in the calendar: day is out of"),
        ("time_zone: Europe/Berln", "line 1: there is no time zone 'Europe/Berln'; near it: Europe/Berlin"),
        ("late: 10%", "line 1: '10%' is no rule for late submissions; write none, zero, or 10% per day"),
        ("late: 120% per day", "line 1: '120% per day' is no rule for late submissions"),
        ("extensions: {ada: {numbers: 2026-10-12 23:59 Z}}", "line 1: numbers has no due date to extend; add it und"),
        ("due: {numbers: none}\nextensions: {ada: {numbers: 2026-10-12 23:59 Z}}", "line 2: numbers has no due"),
        (
            "due: {numbers: 2026-10-12 23:59 Z}\nextensions: {ada: {numbers: 2026-10-11 23:59 Z}}",
            "line 2: the extension ends before numbers is due, 2026-10-12 23:59:00+00:00; write a later date",
        ),
        (
            "roster: roster.csv\ndue: {words: 2026-10-12 23:59 Z}\nextensions:\n  adda: {words: 2026-10-13 23:59 Z}",
            "line 4: no student 'adda' is on the roster; near it: ada",
        ),
        ("chapters: [words]\ndue: {numbers: 2026-10-12 23:59 Z}", "line 2: numbers is not among the `chapters:`"),
        ("roster: students.csv", "line 1: there is no file students.csv next to the class file"),
        ("late: none\nlate: zero", "line 2: 'late' appears twice; keep one"),
        ("chapters: [numbers", "line 1: is not YAML"),
        ("- numbers", "line 1: names with values belong here"),
        ("points: {numbers: 5}", "line 1: names with values belong here; write own_linear: 6"),
    ],
)
def test_each_mistake_has_its_line_and_what_would_be_right(course: Path, text: str, said: str) -> None:
    (found,) = mistakes(course, text)
    assert found.startswith(f"class.yml, {said}")


@pytest.mark.parametrize("error", [ZoneInfoNotFoundError, PermissionError])
def test_unreadable_time_zone_gives_the_remedy(
    course: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(name: str) -> None:
        raise error(name)

    monkeypatch.setattr(due_dates, "ZoneInfo", fail)
    (found,) = mistakes(course, "time_zone: Pacific/Chatham")  # no other test has put this zone into the cache
    assert found.endswith("this machine has no time zone 'Pacific/Chatham'; write an offset such as +02:00")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nada\n", "roster.csv, line 1: there is no column id"),
        ("id,mail\nada,x\n", "roster.csv, line 1: 'mail' is not a column of a roster"),
        ("id\nada\nada\n", "roster.csv, line 3: 'ada' appears twice"),
        ("id,email\n,x\n", "roster.csv, line 2: has no id that can name a folder"),
        ("id,email\nada,x,y\n", "roster.csv, line 2: has 3 values for 2 columns"),
    ],
)
def test_each_mistake_in_the_roster_has_its_line(course: Path, text: str, said: str) -> None:
    (course / "roster.csv").write_text(text)
    (found,) = mistakes(course, "roster: roster.csv")
    assert found.startswith(f"class.yml, line 1: {said}")


def test_all_mistakes_are_told_at_once(course: Path) -> None:
    text = "chapters: [nunbers]\nlate: 5\ndue:\n  words: soon\npoints:\n  words: {halve: x, third: 3}\n"
    found = mistakes(course, text)
    assert [said.partition(":")[0] for said in found] == [f"class.yml, line {line}" for line in (1, 2, 4, 6, 6)]


def test_commands_say_all_mistakes_and_fail(course: Path) -> None:
    assert "copy class.example.yml" in typed("class", "apply", "--root", course, status=2)
    (course / "class.yml").write_text("late: 5\nsolutions: 7\n")
    said = typed("class", "check", "--root", course, status=2)
    assert "class.yml, line 1: '5' is no rule" in said
    assert "class.yml, line 2: '7' is neither true nor false" in said
    (course / "class.yml").write_text("late: none\n")
    typed("class", "check", "--root", course)


def test_example_is_right(tmp_path: Path) -> None:
    (tmp_path / "class.yml").write_text((ROOT / "class.example.yml").read_text())
    (tmp_path / "roster.csv").write_text("id\nstudent7\n")
    found = read(tmp_path / "class.yml", ROOT)
    assert found.core_only
    assert found.late == 10
    assert found.extension("student7", "linear") is not None
