"""Test that reading submitted/ leaves out no student, and that no name or file stops the grading."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.classroom.grade_class import grade_class
from autograder.classroom.handed_in import MAX_NAME, NothingSubmitted, find_submissions, submitted_chapters
from autograder.model import State
from autograder.recording import feedback, record
from autograder.submissions.student_files import read_regular
from tests.graded_class import NAME, make_course, write

CHAPTER = "linear"


def handed_in(root: Path, student: str | bytes, name: str = f"{CHAPTER}.ipynb", content: str = "{}") -> Path:
    return write(root / "submitted" / os.fsdecode(student) / CHAPTER / name, content)


@pytest.mark.parametrize("ends", [[b"\xc8", b"\xc9", b"\xca"], [b"\x1b", b"\x07"]])
@pytest.mark.parametrize("start", [b"\xff" * 100, b"a"], ids=["too long", "short"])
def test_shown_names_are_short_and_still_unique(tmp_path, start, ends):
    for end in ends:
        handed_in(tmp_path, start + end)
    students = [submission.student for submission in find_submissions(tmp_path, CHAPTER)]
    assert len(set(students)) == len(ends)
    assert all(len(student.encode()) <= MAX_NAME for student in students)
    assert not any("\x1b" in student or "\x07" in student for student in students)


@pytest.mark.parametrize("closed", ["ada", f"ada/{CHAPTER}"])
def test_inaccessible_folder_is_still_found_as_submission(tmp_path, monkeypatch, closed):
    handed_in(tmp_path, "ada")
    handed_in(tmp_path, "bob")
    folder = tmp_path / "submitted" / closed
    for name in ("is_dir", "iterdir", "is_file", "resolve"):
        monkeypatch.setattr(Path, name, refusing(getattr(Path, name), folder))
    found = {submission.student: submission for submission in find_submissions(tmp_path, CHAPTER)}
    assert set(found) == {"ada", "bob"}
    assert found["ada"].path is not None, "grading meets the refusal and says so"


def refusing(method, folder: Path):
    def asked(self, *args, **options):
        inside = folder in self.parents or (self == folder and method.__name__ == "iterdir")
        if inside:
            raise PermissionError(13, "Permission denied", str(self))
        return method(self, *args, **options)

    return asked


def test_pipe_is_not_accepted_as_notebook(tmp_path):
    path = handed_in(tmp_path, "ada")
    path.unlink()
    os.mkfifo(path)
    (found,) = find_submissions(tmp_path, CHAPTER)
    assert found.path is None
    assert found.notes == (f"'{CHAPTER}.ipynb' is not a regular file",)
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(path, 10)


def test_link_inside_own_folder_is_followed_once(tmp_path):
    path = handed_in(tmp_path, "ada", "second_try.ipynb", "mine")
    (path.parent / f"{CHAPTER}.ipynb").symlink_to("second_try.ipynb")
    (found,) = find_submissions(tmp_path, CHAPTER)
    assert read_regular(found.path, 10) == b"mine"
    with pytest.raises(OSError, match="symbolic links"):
        read_regular(path.parent / f"{CHAPTER}.ipynb", 10)


COPIES = [f"{CHAPTER}.ipynb", f"{CHAPTER} (1).ipynb", f"{CHAPTER}(2).ipynb"]


@pytest.mark.parametrize(("times", "newest"), [((3, 1, 2), 0), ((1, 3, 2), 1), ((5, 5, 5), 2)])
def test_newest_copy_counts(tmp_path, times, newest):
    for name, time in zip(COPIES, times, strict=True):
        os.utime(handed_in(tmp_path, "ada", name), (time, time))
    (found,) = find_submissions(tmp_path, CHAPTER)
    assert found.path.name == COPIES[newest]
    assert found.notes[0].startswith(f"graded {COPIES[newest]!r}, the newest of '{CHAPTER} (1).ipynb', ")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("ada/linear.ipynb", "linear.ipynb is one folder too high: move it into 'ada/linear'"),
        ("linear/ada/linear.ipynb", "two folders are swapped: move 'linear/ada' to 'ada/linear'"),
        ("ada/Linear/linear.ipynb", "a folder has the wrong name: rename 'ada/Linear' to 'ada/linear'"),
        ("ada/linear/linear/linear.ipynb", "graded 'linear/linear.ipynb', which is one folder too deep"),
        ("ada/linear/all/x.md", "there is no 'linear.ipynb' in the submission; the nearest is 'all'"),
        ("ada/linear/.hidden", "there is no 'linear.ipynb' in the submission; the nearest is '.hidden'"),
    ],
)
def test_misplaced_notebook_is_read_or_reported(tmp_path, path, said):
    write(tmp_path / "submitted" / path, "{}")
    assert submitted_chapters(tmp_path, ["lazy", CHAPTER]) == (CHAPTER,)
    (found,) = find_submissions(tmp_path, CHAPTER)
    assert (found.student, found.notes) == ("ada", (said,))
    assert (found.path is not None) == said.startswith("graded")


def test_missing_submissions_raise_nothing_submitted(tmp_path):
    with pytest.raises(NothingSubmitted):
        find_submissions(tmp_path, CHAPTER)


@settings(deadline=None, max_examples=200)
@given(
    content=st.one_of(st.binary(max_size=120), st.text(alphabet="0123456789-: TZUCeE+./W", max_size=80).map(str.encode))
)
def test_timestamp_content_never_raises(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("date", numbered=True)
    (folder / "timestamp.txt").write_bytes(content)
    record.submitted_at(folder)


def test_unrecordable_result_affects_no_other_student(tmp_path, monkeypatch):
    course = make_course(tmp_path)
    students = sorted(path.name for path in (course / "submitted").iterdir())
    true_write = feedback.write

    def failing(result, chapter, folder, mark=None):
        if result.student == students[1] and result.state is not State.INFRASTRUCTURE:
            raise KeyError("something that nobody thought of")
        return true_write(result, chapter, folder, mark)

    monkeypatch.setattr(feedback, "write", failing)
    outcome = grade_class(NAME, course)
    states = {result.student: result.state for result in outcome.results}
    assert sorted(states) == students
    assert [student for student in students if states[student] is State.INFRASTRUCTURE] == [students[1]]
    (lost,) = [result for result in outcome.results if result.student == students[1]]
    assert lost.sentence == "its result could not be recorded: KeyError: 'something that nobody thought of'"
    monkeypatch.undo()
    assert grade_class(NAME, course).faults == 0, "the next run continues"
