"""Submissions come out of a system's archive under the right student, and nothing else happens."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.classroom.handed_in import find_submissions
from autograder.cli import main
from autograder.exchange import archives, collecting, roster
from autograder.exchange.systems import SYSTEMS
from tests.exchange.downloads import (
    BLACKBOARD_GRADES,
    CANVAS_GRADES,
    MOODLE_WORKSHEET,
    course,
    notebook,
    register,
    zipped,
)
from tests.graded_class import NAME

FILE = f"{NAME}.ipynb"


def collect(root: Path, name: str, files: dict[str, bytes], grades: str = "", link: str = "") -> collecting.Collected:
    archive = zipped(root / "download.zip", files, link)
    table = None
    if grades:
        (root / "export.csv").write_text(grades, encoding="utf-8")
        table = roster.read(root / "export.csv", SYSTEMS[name])
    return collecting.collect(archive, SYSTEMS[name], root, table)


def submitted(root: Path, student: str) -> bytes:
    return (root / "submitted" / student / NAME / FILE).read_bytes()


def timestamp(root: Path, student: str) -> str:
    return (root / "submitted" / student / NAME / "timestamp.txt").read_text()


def test_canvas_names_give_student_chapter_and_newest_file(tmp_path: Path) -> None:
    root = course(tmp_path)
    files = {
        f"nunezzoe_1234_70_{FILE}": b"old",
        f"nunezzoe_1234_700_{NAME}-1.ipynb": notebook(),
        f"examplebo_1235_81_{FILE}": notebook("bo"),
        "examplebo_1235_82_notes.txt": b"",
    }
    found = collect(root, "canvas", files, CANVAS_GRADES)
    assert submitted(root, "zoe") == notebook()
    assert submitted(root, "bo") == notebook("bo")
    assert found.older == [f"nunezzoe_1234_70_{FILE}"]
    assert found.left == [("examplebo_1235_82_notes.txt", "only notebooks are collected")]
    assert [one.student for one in find_submissions(root, NAME)] == ["bo", "zoe"]
    assert not (root / "submitted" / "zoe" / NAME / "timestamp.txt").exists()  # Canvas does not say when


def test_canvas_late_counts_one_second_after_due_date(tmp_path: Path) -> None:
    root = course(tmp_path)
    files = {f"nunezzoe_LATE_1234_70_{FILE}": notebook()}
    (without,) = collect(root, "canvas", files, CANVAS_GRADES).placed
    assert "no due date" in without.late
    register(root, due=datetime(2026, 3, 1, 12))
    (again,) = collect(root, "canvas", files, CANVAS_GRADES).placed
    assert again.outcome == "unchanged"
    assert timestamp(root, "zoe") == "2026-03-01 12:00:01.000000 UTC\n"
    collect(root, "canvas", {f"nunezzoe_1234_70_{FILE}": notebook("in time")}, CANVAS_GRADES)
    assert not (root / "submitted" / "zoe" / NAME / "timestamp.txt").exists()


@pytest.mark.parametrize("folder", ["_501_assignsubmission_file_/", "_501_assignsubmission_file/", None])
def test_moodle_folder_gives_student_and_worksheet_the_time(tmp_path: Path, folder: str | None) -> None:
    root = course(tmp_path)
    inside = f"Zoë Núñez{folder}{FILE}" if folder else f"Zoë Núñez_501_assignsubmission_file_{FILE}"
    found = collect(root, "moodle", {inside: notebook()}, MOODLE_WORKSHEET)
    assert [one.student for one in found.placed] == ["zoe@example.org"]
    assert timestamp(root, "zoe@example.org") == "2026-03-03 14:30:00.000000 UTC\n"


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("Tuesday, March 3, 2026, 2:30 PM", "2026-03-03 14:30:00.000000 UTC\n"),
        ("Tuesday, 3 March 2026, 14:30", "2026-03-03 14:30:00.000000 UTC\n"),
        ("Dienstag, 5.03.2026, 14:30", ""),
    ],
)
def test_moodle_time_is_read_in_english_and_never_guessed(tmp_path: Path, said: str, time: str) -> None:
    root = course(tmp_path)
    worksheet = MOODLE_WORKSHEET.replace("Tuesday, 3 March 2026, 2:30 PM", said)
    (one,) = collect(root, "moodle", {f"Zoë Núñez_501_assignsubmission_file/{FILE}": notebook()}, worksheet).placed
    assert bool(one.late) == (not time)
    if time:
        assert timestamp(root, "zoe@example.org") == time


def test_blackboard_newest_attempt_counts_with_time_in_zone(tmp_path: Path) -> None:
    root = course(tmp_path)
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.Exchange.timezone = 'America/New_York'\n")
    start = "My_first_assignment_zoe_n_attempt_2026-03-0"
    files = {
        f"{start}1-10-00-00_{FILE}": b"old",
        f"{start}2-10-00-00_{FILE}": notebook(),
        f"{start}2-10-00-00.txt": b"Name: ...",
    }
    found = collect(root, "blackboard", files, BLACKBOARD_GRADES)
    assert submitted(root, "zoe_n") == notebook()
    assert timestamp(root, "zoe_n") == "2026-03-02 15:00:00.000000 UTC\n"
    assert found.left == []


def test_gradebook_is_the_roster_without_an_export(tmp_path: Path) -> None:
    root = course(tmp_path)
    register(root, students=("bo",))
    files = {f"a_bo_attempt_2026-03-01-10-00-00_{FILE}": notebook(), f"a_eve_attempt_2026-03-01-10-00-00_{FILE}": b""}
    found = collect(root, "blackboard", files)
    assert [one.student for one in found.placed] == ["bo"]
    assert found.left == [
        (f"a_eve_attempt_2026-03-01-10-00-00_{FILE}", "no student on the roster is called 'eve'"),
    ]


def test_unknown_student_and_chapter_are_reported(tmp_path: Path) -> None:
    root = course(tmp_path)
    files = {
        f"who_9_70_{FILE}": notebook(),
        "examplebo_1235_71_essay.ipynb": b"{}",
        "nunezzoe_1234_72_My homework.ipynb": notebook(),
        "readme.ipynb": b"",
    }
    found = collect(root, "canvas", files, CANVAS_GRADES)
    assert [(one.student, one.chapter) for one in found.placed] == [("zoe", NAME)]  # named inside the notebook
    assert sorted(name for name, _ in found.left) == [
        "examplebo_1235_71_essay.ipynb",
        "readme.ipynb",
        f"who_9_70_{FILE}",
    ]
    assert [path.name for path in (root / "submitted").iterdir()] == ["zoe"]


def test_replaced_submission_is_kept_and_older_one_refused(tmp_path: Path) -> None:
    root = course(tmp_path)
    name = "a_bo_attempt_2026-03-0{}-10-00-00_" + FILE
    collect(root, "blackboard", {name.format(2): b"second"})
    collect(root, "blackboard", {name.format(3): notebook()})
    assert submitted(root, "bo") == notebook()
    assert [path.read_bytes() for path in (root / "downloaded").rglob("*.ipynb")] == [b"second"]
    found = collect(root, "blackboard", {name.format(1): b"first"})
    assert submitted(root, "bo") == notebook()
    assert "has a newer one" in found.left[0][1]
    assert [one.outcome for one in collect(root, "blackboard", {name.format(3): notebook()}).placed] == ["unchanged"]


def test_hostile_entries_are_reported_and_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = course(tmp_path / "course")
    monkeypatch.setattr(archives, "MAX_BYTES", 100_000)
    end = f"_70_{FILE}"
    files = {
        f"../../nunezzoe_1{end}": notebook(),
        f"/tmp/nunezzoe_2{end}": notebook(),
        f"bomb_3{end}": b"\0" * 50_000_000,
        f"..\\..\\a_5{end}": notebook(),
        f"fine_6{end}": notebook(),
    }
    before = sorted(tmp_path.rglob("*"))
    found = collect(root, "canvas", files, link=f"link_4{end}")
    why = {name.rpartition("/")[2].partition(end)[0]: said for name, said in found.left}
    assert "out of the archive" in why["nunezzoe_1"]
    assert "out of the archive" in why["nunezzoe_2"]
    assert "larger than" in why["bomb_3"]
    assert "a link" in why["link_4"]
    assert "out of the archive" in why["a_5"]
    assert [one.student for one in found.placed] == ["6"]
    new = [path.relative_to(root).parts[0] for path in sorted(tmp_path.rglob("*")) if path not in before]
    assert set(new) == {"download.zip", "submitted", "gradebook.db"}


def test_unpacked_total_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = course(tmp_path)
    monkeypatch.setattr(archives, "MAX_TOTAL", len(notebook()) + 10)
    found = collect(root, "canvas", {f"a_1_1_{FILE}": notebook(), f"b_2_2_{FILE}": notebook()})
    assert [one.student for one in found.placed] == ["1"]
    assert "already have" in found.left[0][1]


def test_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    root = course(tmp_path / "course")
    (tmp_path / "download").mkdir()
    (tmp_path / "secret").write_bytes(notebook())
    (tmp_path / "download" / f"a_1_1_{FILE}").symlink_to(tmp_path / "secret")
    found = collecting.collect(tmp_path / "download", SYSTEMS["canvas"], root)
    assert found.placed == []
    assert "cannot be read" in found.left[0][1]


@pytest.mark.parametrize("student", ["../../etc", ".hidden", "a/b"])
def test_student_name_that_is_no_folder_is_refused(tmp_path: Path, student: str) -> None:
    root = course(tmp_path)
    grades = CANVAS_GRADES.replace(",zoe,", f",{student},")
    found = collect(root, "canvas", {f"nunezzoe_1234_1_{FILE}": notebook()}, grades)
    assert found.placed == []
    assert "cannot be the name of a folder" in found.left[0][1]


def test_command_lists_what_it_did_and_exits_with_one(tmp_path: Path) -> None:
    root = course(tmp_path)
    (root / "grades.csv").write_text(CANVAS_GRADES)
    archive = zipped(root / "d.zip", {f"nunezzoe_LATE_1234_1_{FILE}": notebook(), f"[red]_9_1_{FILE}": b"\x1b["})
    asked = ["collect", str(archive), "--from", "canvas", "--root", str(root)]
    done = CliRunner().invoke(main, [*asked, "--roster", str(root / "grades.csv")])
    assert done.exit_code == 1
    assert f"{NAME}: new: 1" in done.output
    assert "late in Canvas" in done.output
    assert "[red]_9_1" in done.output
    assert CliRunner().invoke(main, [*asked[:2], "--from", "moodle"]).exit_code == 2
    (root / "d.zip").write_bytes(b"PK no zip")
    assert CliRunner().invoke(main, asked).exit_code == 2
