"""Test that a class's folder is complete, and that a class that cannot run is rejected with a reason."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path

import pytest

from autograder.class_file import class_reader
from autograder.classroom.grade_class import grade_class
from autograder.hub import classroom_services as services
from autograder.hub.classroom_folder import STUDENTS, Classroom, ClassroomError, students, write
from autograder.recording.gradebook import course_directory
from tests.graded_class import ANSWERS, NAME, hand_in, make_course
from tests.nbgraders import autograde_again, exported, nbgrader
from tests.root import COURSE, ROOT
from tests.typed import typed


@pytest.fixture
def classroom(tmp_path: Path) -> Classroom:
    return Classroom(tmp_path / "class", ROOT, 8000)


def roster(folder: Path, *ids: str) -> Path:
    path = folder / "students.csv"
    path.write_text("\n".join(["id,first_name", *(f"{name},Someone" for name in ids), ""]))
    return path


def test_every_file_is_valid(classroom: Classroom) -> None:
    write(classroom, ["lazy"], None, "sqlite://")
    files = [path for path in classroom.folder.rglob("*") if path.is_file()]
    for path in files:
        text = path.read_text()
        assert "$" not in text or path.suffix == ".ipynb", path
        if path.suffix == ".py":
            compile(text, path, "exec")
        elif path.suffix == ".json":
            json.loads(text)
    assert len(files) > 10


def test_course_is_the_instructors_with_our_graders_settings(classroom: Classroom) -> None:
    write(classroom, ["lazy"], None, "postgresql+psycopg://someone@127.0.0.1:1/x")
    directory = course_directory(classroom.course)
    assert directory.db_url == "postgresql+psycopg://someone@127.0.0.1:1/x"
    assert (directory.root, directory.release_directory) == (str(classroom.course), "notebooks")
    copied = classroom.course / "solutions" / "lazy" / "lazy.ipynb"
    assert copied.read_bytes() == COURSE.reference("lazy").read_bytes()
    settings = class_reader.of_course(classroom.course)
    assert settings.chapters == ("lazy",)
    assert [one.id for one in settings.roster] == list(STUDENTS)


def test_release_follows_the_class_file_of_the_course(classroom: Classroom) -> None:
    write(classroom, ["lazy", "linear"], None, f"sqlite:///{classroom.folder / 'gradebook.db'}")
    (classroom.course / "class.yml").write_text("chapters: [linear]\ndue: {linear: 2026-10-12 12:00 Z}\n")
    done = nbgrader(classroom.course, "generate_assignment", "lazy")
    assert done.returncode != 0
    assert "lazy is not part of the class" in done.stderr
    done = nbgrader(classroom.course, "generate_assignment", "linear")
    released = (classroom.course / "notebooks" / "linear" / "linear.ipynb").read_text()
    assert "Due: **Monday, 12 October 2026, 12:00** (UTC)." in released, done.stderr


def test_late_rule_of_the_class_file_is_also_nbgraders(tmp_path: Path) -> None:
    repository = make_course(tmp_path / "repository", students=0)
    (repository / "nbgrader_config.py").symlink_to(ROOT / "nbgrader_config.py")
    classroom = Classroom(tmp_path / "class", repository, 8000)
    write(classroom, [NAME], None, f"sqlite:///{classroom.folder / 'gradebook.db'}")
    (classroom.course / "class.yml").write_text(f"late: 50% per day\ndue: {{{NAME}: 2026-10-12 12:00 Z}}\n")
    hand_in(classroom.course, "student1", ANSWERS[0]).with_name("timestamp.txt").write_text("2026-10-12 15:00:00 UTC")
    for grade in (grade_class, lambda name, course: autograde_again(course, name)):
        grade(NAME, classroom.course)
        row = exported(classroom.course)["student1"]
        assert (row["raw_score"], row["score"]) == ("4.0", "2.0")


def test_second_start_keeps_work_class_file_and_passwords(classroom: Classroom, tmp_path: Path) -> None:
    write(classroom, ["lazy"], None, "sqlite://")
    work, settings = classroom.folder / "homes" / "student1" / "mine.ipynb", classroom.course / "class.yml"
    work.write_text("work")
    settings.write_text("core_only: true")
    passwords = [classroom.password(who) for who in ("instructor", "students")]
    write(classroom, ["lazy", "linear"], roster(tmp_path, "eve"), "sqlite://")
    assert (work.read_text(), settings.read_text()) == ("work", "core_only: true")
    assert [classroom.password(who) for who in ("instructor", "students")] == passwords
    assert (classroom.folder / "homes" / "eve").is_dir()
    assert '"eve"' in (classroom.folder / "hub" / "jupyterhub_config.py").read_text().replace("'", '"')


def test_passwords_differ_and_are_private(classroom: Classroom) -> None:
    write(classroom, ["lazy"], None, "sqlite://")
    assert classroom.password("instructor") != classroom.password("students")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in classroom.folder.glob("*.password")]
    modes.append(stat.S_IMODE((classroom.folder / "hub" / "jupyterhub_config.py").stat().st_mode))
    assert modes == [0o600] * 3


@pytest.mark.parametrize(
    ("ids", "said"),
    [(["Ada"], "'Ada' cannot be a user"), (["instructor"], "'instructor' cannot be"), (["a b"], "'a b'"), ([], "no")],
)
def test_roster_that_a_hub_cannot_take_is_refused(tmp_path: Path, ids: list[str], said: str) -> None:
    with pytest.raises(ClassroomError, match=said):
        students(roster(tmp_path, *ids))


def test_unknown_chapter_is_refused_before_anything_is_written(classroom: Classroom) -> None:
    with pytest.raises(ClassroomError, match="is not a course with lasy"):
        write(classroom, ["lasy"], None, "sqlite://")
    assert not classroom.folder.exists()


def test_used_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        port = used.getsockname()[1]
        assert f"port {port} is in use" in typed("classroom", tmp_path / "class", "--port", port - 3, status=2)
    assert not (tmp_path / "class").exists()


def test_missing_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch, classroom: Classroom) -> None:
    monkeypatch.setattr(services.shutil, "which", lambda name: None)
    monkeypatch.setattr(services.Path, "glob", lambda *_: iter(()))
    with pytest.raises(ClassroomError, match=r"apt install postgresql"), services.database(classroom):
        pass
