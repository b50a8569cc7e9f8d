"""Test that exported answers have the layout that tools for finding copies read."""

from __future__ import annotations

from pathlib import Path

from tests.graded_class import NAME, hand_in, make_course, write
from tests.typed import typed


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.py")}


def test_answers_are_written_beside_released_and_published_code(tmp_path: Path) -> None:
    course, folder = make_course(tmp_path / "course", students=0), tmp_path / "answers"
    hand_in(course, "ada", "def double(x):\n    return x + x  # \u202e")
    hand_in(course, "bo", "def double(x:")
    write(course / "submitted" / "cy" / NAME / f"{NAME}.ipynb", "not a notebook")
    (course / "submitted" / "di" / NAME).mkdir(parents=True)
    before = sorted(course.rglob("*"))
    assert f"{NAME}: 4 answers in" in typed("answers", folder, "--root", course)
    found = files(folder / NAME)
    assert found["students/ada/double.py"] == "def double(x):\n    return x + x  # \u202e\n"
    assert found["students/bo/double.py"] == "def double(x:\n"
    assert "NotImplementedError" in found["released/double.py"]
    solution = found["published/solution/double.py"]
    assert "SOLUTION" not in solution
    assert "NotImplementedError" not in solution
    assert {path.split("/")[1] for path in found if path.startswith("students")} == {"ada", "bo"}
    assert sorted(course.rglob("*")) == before


def test_unchanged_answers_are_left_out(tmp_path: Path) -> None:
    course, folder = make_course(tmp_path / "course", students=1), tmp_path / "answers"
    typed("answers", folder, NAME, "--root", course)
    released = files(folder / NAME)["released/double.py"]
    hand_in(course, "student-00", released)
    typed("answers", tmp_path / "again", NAME, "--root", course)
    assert "students/student-00/double.py" in files(folder / NAME)
    assert "students/student-00/double.py" not in files(tmp_path / "again" / NAME)


def test_existing_folder_and_empty_class_are_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course", students=1)
    assert "name a new folder" in typed("answers", course, "--root", course, status=2)
    assert "nothing was submitted" in typed("answers", tmp_path / "new", "--root", tmp_path, status=2)
    typed("answers", tmp_path / "new", "nothing", "--root", course, status=2)
    assert not (tmp_path / "new").exists()
