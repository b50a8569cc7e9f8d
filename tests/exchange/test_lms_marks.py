"""Test that marks have the format that each system's documentation and source code describe."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from autograder.exchange import lms_marks, roster
from autograder.exchange.systems import SYSTEMS
from autograder.recording import class_report
from autograder.recording.totals import Mark
from tests.exchange.downloads import BLACKBOARD_GRADES, CANVAS_GRADES, MOODLE_WORKSHEET
from tests.made_results import CHAPTER, partly, reference
from tests.recorded import publish, record
from tests.typed import typed

GRADED = {"double": 1.0}
MOODLE_EXPORT = (
    '"First name",Surname,"ID number",Institution,Department,"Email address","Assignment: Two exercises (Real)",'
    '"Course total (Real)","Last downloaded from this course"\n'
    "Zoë,Núñez,s-17,,,zoe@example.org,-,-,1772547600\n"
    "Bo,Example,s-18,,,bo@example.org,1.00,-,1772547600\n"
)


def sheet(tmp_path: Path, name: str, grades: str, marks: dict[str, Mark], encoding: str = "utf-8") -> lms_marks.Sheet:
    (tmp_path / "export.csv").write_bytes(grades.encode(encoding))
    asked = [lms_marks.ChapterMarks("two_exercises", "Two exercises", 4, marks)]
    return lms_marks.sheet(SYSTEMS[name], roster.read(tmp_path / "export.csv", SYSTEMS[name]), asked)


def table(made: lms_marks.Sheet, encoding: str = "utf-8", delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.content.decode(encoding), newline=""), delimiter=delimiter))


def test_canvas_header_points_and_ids_are_its_own(tmp_path: Path) -> None:
    made = sheet(tmp_path, "canvas", CANVAS_GRADES, {"zoe": Mark(3.5, automatic=GRADED)})
    assert table(made) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Two exercises (987)"],
        ["    Points Possible", "", "", "", "", "4"],
        ["Núñez, Zoë", "1234", "s-17", "zoe", "Lab 1", "3.5"],
        ["Example, Bo", "1235", "s-18", "bo", 'Lab 1 and "Lab 2"', "1"],  # no mark: the earlier value stays
        ['\'=HYPERLINK("http://x")', "1236", "s-19", "cy", "Lab 1", ""],
    ]
    assert made.filled == 1
    assert made.notes == []
    grown = Mark(0.5, changed={"double": 0.5}, automatic=GRADED, waiting={"double"})
    (note,) = sheet(tmp_path, "canvas", CANVAS_GRADES, {"zoe": grown}).notes
    assert note.startswith("two_exercises: zoe: double has 0.5 points by hand, given to an earlier answer")


def test_canvas_names_in_two_columns_are_kept(tmp_path: Path) -> None:
    grades = CANVAS_GRADES.replace("Student,", "LastName,FirstName,").replace("Possible,", "Possible,,")
    grades = grades.replace('"Núñez, Zoë"', "Núñez,Zoë").replace('"Example, Bo"', "Example,Bo")
    rows = table(sheet(tmp_path, "canvas", grades.replace('"=HYPER', 'x,"=HYPER'), {"zoe": Mark(3, automatic=GRADED)}))
    assert rows[0][:3] == ["LastName", "FirstName", "ID"]
    assert (rows[1][0], rows[1][1], rows[1][-1]) == ("    Points Possible", "", "4")
    assert (rows[2][0], rows[2][1], rows[2][-1]) == ("Núñez", "Zoë", "3")


def test_canvas_new_column_and_other_points_are_told(tmp_path: Path) -> None:
    made = sheet(tmp_path, "canvas", CANVAS_GRADES.replace("Two exercises (987)", "Other (987)"), {})
    assert table(made)[:2] == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Two exercises"],
        ["    Points Possible", "", "", "", "", "4"],
    ]
    assert "makes a new column" in made.notes[0]
    made = sheet(tmp_path, "canvas", CANVAS_GRADES.replace(",4,10,", ",100,10,"), {})
    assert "has 100 points there" in made.notes[0]


def test_moodle_export_keeps_its_header_and_names(tmp_path: Path) -> None:
    made = sheet(tmp_path, "moodle", MOODLE_EXPORT, {"s-18": Mark(2, automatic=GRADED)})
    assert table(made) == [
        [
            "First name", "Surname", "ID number", "Institution", "Department", "Email address",
            "Assignment: Two exercises (Real)",
        ],
        ["Zoë", "Núñez", "s-17", "", "", "zoe@example.org", "-"],
        ["Bo", "Example", "s-18", "", "", "bo@example.org", "2"],
    ]  # fmt: skip


def test_moodle_worksheet_keeps_all_columns(tmp_path: Path) -> None:
    made = sheet(tmp_path, "moodle", MOODLE_WORKSHEET, {"zoe@example.org": Mark(3, automatic=GRADED)})
    assert made.content.startswith(b"\xef\xbb\xbfIdentifier,Full name,")
    header, zoe, bo = table(made, "utf-8-sig")
    assert header == MOODLE_WORKSHEET.lstrip("\ufeff").splitlines()[0].split(",")
    assert (zoe[0], zoe[1], zoe[4], zoe[8]) == ("Participant 501", "Zoë Núñez", "3", "-")
    assert bo[4] == ""


def test_blackboard_is_written_as_it_was_exported(tmp_path: Path) -> None:
    made = sheet(tmp_path, "blackboard", BLACKBOARD_GRADES, {"zoe_n": Mark(4, automatic=GRADED)}, "utf-16")
    assert made.suffix == ".xls"
    assert made.content[:2] == b"\xff\xfe"
    assert made.content.decode("utf-16").splitlines() == [
        '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Two exercises [Total Pts: 4 Score] |534283"',
        '"Núñez"\t"Zoë"\t"zoe_n"\t"007"\t"4"',
        '"Example"\t"Bo"\t"bo"\t"008"\t"2"',
    ]
    commas = sheet(tmp_path, "blackboard", "\ufeff" + BLACKBOARD_GRADES.replace("\t", ","), {})
    assert commas.suffix == ".csv"
    assert commas.content.decode("utf-8-sig").splitlines()[2] == '"Example","Bo","bo","008","2"'


def test_ungraded_and_unknown_students_are_told_not_zero(tmp_path: Path) -> None:
    marks = {"bo": Mark(0, automatic={"double": None}), "eve": Mark(2, automatic=GRADED)}
    made = sheet(tmp_path, "canvas", CANVAS_GRADES, marks)
    assert table(made)[3][-1] == "1"
    assert [note.partition(": ")[2] for note in made.notes] == [
        "not in the export, so not in this file: eve",
        "not fully graded, so left as they were: bo",
    ]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"Username\n\xff\n"])
def test_file_that_is_no_export_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(roster.RosterError):
        roster.read(tmp_path / "x.csv", SYSTEMS["blackboard"])


def test_command_writes_marks_that_count_and_pseudonyms(tmp_path: Path) -> None:
    publish(tmp_path)
    results = [partly("bo"), partly("zoe")]
    for result in results:
        record(result, CHAPTER, tmp_path, None, reference())
    class_report.write(CHAPTER, results, tmp_path)
    (tmp_path / "canvas.csv").write_text(CANVAS_GRADES)
    asked = ("marks", "--root", tmp_path, "--for")
    typed(*asked, "canvas", "--roster", tmp_path / "canvas.csv")
    assert ',bo,"Lab 1 and ""Lab 2""",2\r\n' in (tmp_path / "reports" / "marks-canvas.csv").read_bytes().decode()
    for _ in range(2):
        typed(*asked, "anonymous")
        written = (tmp_path / "reports" / "marks-anonymous.csv").read_text()
        assert len({line.partition(",")[0] for line in written.splitlines()[1:]}) == 2
        assert "bo" not in written.replace("double", "")
    assert (tmp_path / "reports" / "pseudonyms.key").stat().st_mode & 0o777 == 0o600
    typed(*asked, "canvas", status=2)
