"""Test that submissions in an LMS archive reach the right students, and that nothing else changes."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from time import time

import pytest

from autograder.classroom.handed_in import find_submissions
from autograder.exchange import archives, collecting, roster
from autograder.exchange.systems import SYSTEMS
from tests.exchange.downloads import BLACKBOARD_GRADES, CANVAS_GRADES, MOODLE_WORKSHEET, notebook, register, zipped
from tests.graded_class import NAME, make_course
from tests.typed import typed

FILE = f"{NAME}.ipynb"
GRADESCOPE_GRADES = "First Name,Last Name,SID,Email\nZoë,Núñez,s-17,zoe@example.org\nBo,Example,s-18,bo@example.org\n"
GRADESCOPE_METADATA = """---
submission_77:
  :submitters:
  - :name: Zoë Núñez
    :sid: s-17
    :email: zoe@example.org
  - :name: Bo Example
  :created_at: 2026-03-02 10:00:00.000000000 -05:00
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course", students=0)


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


def test_canvas_names_give_student_chapter_and_newest_file(root: Path) -> None:
    files = {
        f"nunezzoe_1234_70_{FILE}": b"old",
        f"nunezzoe_1234_700_{NAME}-1.ipynb": notebook(),
        f"examplebo_1235_81_{FILE}": notebook("bo"),
        "examplebo_1235_82_notes.html": b"",
    }
    found = collect(root, "canvas", files, CANVAS_GRADES)
    assert submitted(root, "zoe") == notebook()
    assert submitted(root, "bo") == notebook("bo")
    assert found.older == [f"nunezzoe_1234_70_{FILE}"]
    assert [(name, why[:14]) for name, why in found.left] == [("examplebo_1235_82_notes.html", "only notebooks")]
    assert [one.student for one in find_submissions(root, NAME)] == ["bo", "zoe"]
    assert not (root / "submitted" / "zoe" / NAME / "timestamp.txt").exists()  # Canvas does not say when


def test_canvas_late_counts_one_second_after_due_date(root: Path) -> None:
    files = {f"nunezzoe_LATE_1234_70_{FILE}": notebook()}
    (without,) = collect(root, "canvas", files, CANVAS_GRADES).placed
    assert "no due date" in without.late
    register(root, due=datetime(2026, 3, 1, 12))
    (again,) = collect(root, "canvas", files, CANVAS_GRADES).placed
    assert again.outcome == "unchanged"
    assert timestamp(root, "zoe") == "2026-03-01 12:00:01.000000 UTC\n"
    collect(root, "canvas", {f"nunezzoe_1234_70_{FILE}": notebook("in time")}, CANVAS_GRADES)
    assert not (root / "submitted" / "zoe" / NAME / "timestamp.txt").exists()


@pytest.mark.parametrize("end", ["_file_/", "_file/", "_file_"])
@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("Tuesday, 3 March 2026, 2:30 PM", "2026-03-03 14:30:00.000000 UTC\n"),
        ("Tuesday, March 3, 2026, 2:30 PM", "2026-03-03 14:30:00.000000 UTC\n"),
        ("Tuesday, 3 March 2026, 14:30", "2026-03-03 14:30:00.000000 UTC\n"),
        ("Dienstag, 5.03.2026, 14:30", ""),
    ],
)
def test_moodle_folder_gives_student_and_worksheet_the_time_in_english(
    root: Path, end: str, said: str, time: str
) -> None:
    worksheet = MOODLE_WORKSHEET.replace("Tuesday, 3 March 2026, 2:30 PM", said)
    (one,) = collect(root, "moodle", {f"Zoë Núñez_501_assignsubmission{end}{FILE}": notebook()}, worksheet).placed
    assert (one.student, bool(one.late)) == ("zoe@example.org", not time)
    if time:
        assert timestamp(root, "zoe@example.org") == time


def test_blackboard_newest_attempt_counts_with_time_in_zone(root: Path) -> None:
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


def test_gradebook_is_the_roster_without_an_export(root: Path) -> None:
    register(root, students=("bo",))
    bo, eve = (f"a_{name}_attempt_2026-03-01-10-00-00_{FILE}" for name in ("bo", "eve"))
    found = collect(root, "blackboard", {bo: notebook(), eve: b""})
    assert [one.student for one in found.placed] == ["bo"]
    assert found.left == [(eve, "no student on the roster is called 'eve'")]


def test_name_of_two_students_is_reported(root: Path) -> None:
    worksheet = MOODLE_WORKSHEET.replace("Bo Example", "Zoë Núñez")
    found = collect(root, "moodle", {f"Zoë Núñez_9_assignsubmission_file_{FILE}": notebook()}, worksheet)
    assert "more than one student is called 'Zoë Núñez': bo@example.org, zoe@example.org" in found.left[0][1]


def test_unknown_student_and_chapter_are_reported(root: Path) -> None:
    files = {
        f"who_9_70_{FILE}": notebook(),
        "examplebo_1235_71_essay.ipynb": b"{}",
        "nunezzoe_1234_72_My homework.ipynb": notebook(),
        "readme.ipynb": b"",
    }
    found = collect(root, "canvas", files, CANVAS_GRADES)
    assert [(one.student, one.chapter) for one in found.placed] == [("zoe", NAME)]  # named inside the notebook
    assert {name for name, _ in found.left} == {*files} - {"nunezzoe_1234_72_My homework.ipynb"}
    assert [path.name for path in (root / "submitted").iterdir()] == ["zoe"]


def test_replaced_submission_is_kept_and_older_one_refused(root: Path) -> None:
    name = "a_bo_attempt_2026-03-0{}-10-00-00_" + FILE
    collect(root, "blackboard", {name.format(2): b"second"})
    collect(root, "blackboard", {name.format(3): notebook()})
    assert submitted(root, "bo") == notebook()
    assert [path.read_bytes() for path in (root / "downloaded").rglob("*.ipynb")] == [b"second"]
    found = collect(root, "blackboard", {name.format(1): b"first"})
    assert submitted(root, "bo") == notebook()
    assert "has a newer one" in found.left[0][1]
    assert [one.outcome for one in collect(root, "blackboard", {name.format(3): notebook()}).placed] == ["unchanged"]


def test_hostile_entries_are_reported_and_write_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    for name in ("nunezzoe_1", "nunezzoe_2", "a_5"):
        assert "out of the archive" in why[name]
    assert "larger than" in why["bomb_3"]
    assert "a link" in why["link_4"]
    assert [one.student for one in found.placed] == ["6"]
    new = [path.relative_to(root).parts[0] for path in sorted(tmp_path.rglob("*")) if path not in before]
    assert set(new) == {"download.zip", "submitted", "gradebook.db"}


def test_unpacked_total_is_limited(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TOTAL", len(notebook()) + 10)
    found = collect(root, "canvas", {f"a_1_1_{FILE}": notebook(), f"b_2_2_{FILE}": notebook()})
    assert [one.student for one in found.placed] == ["1"]
    assert "already have" in found.left[0][1]


@pytest.mark.parametrize(
    ("name", "start", "grades"),
    [
        ("canvas", "nunezzoe_1234_{}_", CANVAS_GRADES),
        ("moodle", "Zoë Núñez_501_assignsubmission_file/", MOODLE_WORKSHEET),
        ("moodle", "Zoë Núñez_501_assignsubmission_file/work/", MOODLE_WORKSHEET),
        ("blackboard", "First_zoe_n_attempt_2026-03-01-10-00-00_", BLACKBOARD_GRADES),
        ("gradescope", "assignment_9_export/submission_77/", GRADESCOPE_GRADES),
    ],
)
@pytest.mark.parametrize("is_zip", [False, True])
def test_modules_and_data_come_with_the_notebook(
    root: Path, tmp_path: Path, name: str, start: str, grades: str, is_zip: bool
) -> None:
    given = {FILE: notebook(), "helpers.py": b"TWO = 2", "data.csv": b"1"}
    inner = zipped(tmp_path / "inner.zip", {f"work/{file}": content for file, content in given.items()})
    uploads = {"work.zip": inner.read_bytes()} if is_zip else given
    files = {start.format(number) + file: content for number, (file, content) in enumerate(uploads.items())}
    metadata = {"assignment_9_export/submission_metadata.yml": GRADESCOPE_METADATA.encode()}
    found = collect(root, name, {**files, **metadata}, grades)
    assert found.left == []
    for one in found.placed:
        folder = root / "submitted" / one.student / NAME
        assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "timestamp.txt"} == given
    if name == "gradescope":
        assert [one.student for one in found.placed] == ["bo@example.org", "zoe@example.org"]
        assert timestamp(root, "bo@example.org") == "2026-03-02 15:00:00.000000 UTC\n"


def test_number_of_a_copy_is_removed_from_modules_and_replaced_files_are_kept(root: Path) -> None:
    files = {f"a_1_1_{FILE}": notebook(), "a_1_2_helpers-1.py": b"TWO = 2", "a_1_3_x-1.csv": b"1", "a_1_4_old.py": b""}
    collect(root, "canvas", {**files, "a_1_5_timestamp.txt": b"2020-01-01"})
    folder = root / "submitted" / "1" / NAME
    assert {path.name for path in folder.iterdir()} == {FILE, "helpers.py", "x-1.csv", "old.py"}
    later = {f"a_1_6_{NAME}-1.ipynb": notebook(), "a_1_7_helpers-2.py": b"TWO = 3", "a_1_8_x-1.csv": b"1"}
    assert [one.outcome for one in collect(root, "canvas", later).placed] == ["newer attempt"]
    assert {path.name for path in folder.iterdir()} == {FILE, "helpers.py", "x.csv"}
    assert {path.read_bytes() for path in (root / "downloaded").rglob("*.py")} == {b"TWO = 2", b""}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({FILE: b" " * 1_000_000}, "100 times the zip's size"),
        ({f"{number}.py": b"" for number in range(600)}, "600 files"),
        ({FILE: notebook()}, "a link"),
        ({"../helpers.py": b"", FILE: notebook()}, "out of the archive"),
        ({"/helpers.py": b"", FILE: notebook()}, "out of the archive"),
        ({"more.zip": b"", FILE: notebook()}, "not from a zip within a zip"),
        ({"helpers.py": b""}, "no notebook"),
        ({}, "only notebooks"),
        (None, "cannot be opened"),
    ],
)
def test_zip_within_the_zip_is_limited(root: Path, tmp_path: Path, files: dict[str, bytes] | None, said: str) -> None:
    inner = zipped(tmp_path / "inner.zip", files or {}, link="helpers.py" if said == "a link" else "").read_bytes()
    ((name, why),) = collect(root, "canvas", {"a_1_1_work.zip": b"PK" if files is None else inner}).left
    assert name.startswith("a_1_1_work.zip")
    assert said in why


@pytest.mark.parametrize("numbers", [("", " (1)"), (" (1)", " (2)"), (" (2)", " (10)")])
@pytest.mark.parametrize("hours", [0, 1])
def test_newest_copy_in_a_moodle_folder_counts(root: Path, numbers: tuple[str, str], hours: int) -> None:
    folder = root / "download" / "Zoë Núñez_501_assignsubmission_file"
    folder.mkdir(parents=True)
    for number, content in zip(numbers, (b"low", b"high"), strict=True):
        (folder / f"{NAME}{number}.ipynb").write_bytes(content)
    os.utime(folder / f"{NAME}{numbers[0]}.ipynb", (time() + 3600 * hours,) * 2)
    (root / "w.csv").write_text(MOODLE_WORKSHEET)
    printed = typed("collect", folder.parent, "--root", root, "--from", "moodle", "--roster", root / "w.csv")
    assert submitted(root, "zoe@example.org") == (b"low" if hours else b"high")
    assert f"{NAME}{numbers[hours]}.ipynb" in printed.partition("newer file")[2].replace("\n", " ")


def test_link_in_a_folder_is_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "download").mkdir()
    (tmp_path / "secret").write_bytes(notebook())
    (tmp_path / "download" / f"a_1_1_{FILE}").symlink_to(tmp_path / "secret")
    found = collecting.collect(tmp_path / "download", SYSTEMS["canvas"], root)
    assert found.placed == []
    assert "cannot be read" in found.left[0][1]


@pytest.mark.parametrize("student", ["../../etc", ".hidden", "a/b"])
def test_student_name_that_is_no_folder_is_refused(root: Path, student: str) -> None:
    grades = CANVAS_GRADES.replace(",zoe,", f",{student},")
    found = collect(root, "canvas", {f"nunezzoe_1234_1_{FILE}": notebook()}, grades)
    assert found.placed == []
    assert "cannot be the name of a folder" in found.left[0][1]


def test_command_lists_what_it_did_and_exits_with_one(root: Path) -> None:
    (root / "grades.csv").write_text(CANVAS_GRADES)
    archive = zipped(root / "d.zip", {f"nunezzoe_LATE_1234_1_{FILE}": notebook(), f"[red]_9_1_{FILE}": b"\x1b["})
    asked = ("collect", archive, "--root", root, "--from")
    printed = typed(*asked, "canvas", "--roster", root / "grades.csv", status=1)
    for said in (f"{NAME}: new: 1", "late in Canvas", "[red]_9_1"):
        assert said in printed
    typed(*asked, "moodle", status=2)
    (root / "d.zip").write_bytes(b"PK no zip")
    typed(*asked, "canvas", status=2)
