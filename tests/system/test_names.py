"""Test that students and files may have any name that a file system accepts."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from urllib.parse import unquote_to_bytes

import nbformat
import pytest

from autograder.classroom.grade_class import grade_class
from autograder.classroom.handed_in import find_submissions
from autograder.model import State
from autograder.plain import named
from autograder.recording import class_report
from autograder.recording import results as results_json
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.recording.record import Recorder
from autograder.texts import text
from tests.graded_class import NAME, write
from tests.made_results import CHAPTER, partly, reference, solved
from tests.nbgraders import sheet
from tests.root import FIXTURES
from tests.typed import typed

COMPOSED, APART = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
NAMES = [
    "two words", " spaces ", COMPOSED, APART, "o'quote", 'double"quote', "-rf", "--help", "学生", "😀", "a+b@c.d",
    "100%", "#1", "a;b", "$HOME", "{x}", "..dots", "back\\slash", "tab\there", "line\nend", "<b>bold", "=1+1",
    "x" * 200, "per%20cent", "[a]*?", os.fsdecode(b"\xff" * 20), os.fsdecode(b"caf\xe9"),
]  # fmt: skip
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not take all of these names")


@linux
def test_every_student_has_a_gradebook_row_and_page(tmp_path):
    for name in NAMES:
        write(tmp_path / "submitted" / name / "numbers" / "numbers.ipynb", nbformat.writes(reference()))
    found = find_submissions(tmp_path, "numbers")
    spelled = sorted([*map(named, NAMES[:-1]), "caf\\udce9"])
    assert sorted(submission.student for submission in found) == spelled
    results = [solved(submission.student) for submission in found]
    with Recorder(tmp_path) as recorder:
        for result, submission in zip(results, found, strict=True):
            assert not recorder.has(result.student, CHAPTER)
            recorder.record(result, CHAPTER, submission.path, reference())
            recorder.record(result, CHAPTER, submission.path, reference())
            assert recorder.has(result.student, CHAPTER)
    reports = class_report.write(CHAPTER, results, tmp_path)
    with open_gradebook(course_directory(tmp_path)) as book:
        assert {s.score for s in book.assignment_submissions("numbers")} == {5.0}
        assert len(book.assignment_submissions("numbers")) == len(NAMES)
    assert [r.student for r in results_json.read_results(reports["jsonl"])] == spelled
    students = sheet(reports["csv"])
    assert len(students) == len(NAMES)
    assert not [student for student in students if student.startswith(("=", "-", "+", "@"))]
    links = [html.unescape(link) for link in re.findall(r'href="([^"#]+)"', reports["html"].read_text())]
    pages = {reports["html"].parent / os.fsdecode(unquote_to_bytes(link)) for link in links}
    assert len(pages) == len(NAMES)
    assert all(page.is_file() for page in pages)


FILES = {
    "downloaded twice": f"{NAME} (1).ipynb",
    APART: f"{NAME} von mir – endgültig.ipynb",
    "-rf": "--help.ipynb",
    "CAPITALS": f"{NAME.upper()}.IPYNB",
    "long": f"{'x' * 240}.ipynb",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Return a course with right answers in misnamed files, next to files that a file manager leaves behind."""
    root = tmp_path_factory.mktemp("course")
    content = nbformat.writes(text.read(FIXTURES / f"{NAME}.md"))
    write(root / "solutions" / NAME / f"{NAME}.ipynb", content)
    for student, name in FILES.items():
        folder = root / "submitted" / student / NAME
        (folder / ".ipynb_checkpoints").mkdir(parents=True)
        (folder / name).write_text(content)
        (folder / f"._{name}"[:255]).write_bytes(b"\0\5\x16\7")
        (folder / ".ipynb_checkpoints" / f"{NAME}-checkpoint.ipynb").write_text("{}")
    for student, names in {"text": [f"{NAME}.ipynb.txt", "notes.md"], "two": ["a.ipynb", f"{NAME}s.ipynb"]}.items():
        for name in names:
            write(root / "submitted" / student / NAME / name, content)
    return root


@linux
def test_misnamed_file_is_graded_or_nearest_name_reported(course):
    outcome = grade_class(NAME, course)
    results = {result.student: result for result in outcome.results}
    for student, name in FILES.items():
        assert (results[student].earned, results[student].state) == (4, State.PASSED), student
        assert results[student].notes == [f"graded {name!r}, because there is no '{NAME}.ipynb'"]
    for student, nearest in (("text", f"{NAME}.ipynb.txt"), ("two", f"{NAME}s.ipynb")):
        assert (results[student].earned, results[student].state) == (0, State.SKIPPED)
        assert results[student].sentence == f"there is no '{NAME}.ipynb' in the submission; the nearest is {nearest!r}"
    said = typed("grade", NAME, "--root", course, "--workers", "1", "--student=-rf", "--student", APART)
    assert f"{NAME}: 2 submissions, 0 graded now, 2 unchanged" in said
    assert "Double: passed, 3 of 3 points" in typed("explain", "--root", course, "--", "-rf", NAME, "double")


def test_lone_surrogate_in_messages_stops_nothing(tmp_path):
    result = partly("ada")
    exercise = result.exercises[0]
    result.sentence = exercise.sentence = exercise.checks[0].message = exercise.verdicts[1].mistake = "half: \ud83d"
    result.notes = ["\ud83d"]
    with Recorder(tmp_path) as recorder:
        recorder.record(result, CHAPTER, None, reference())
    class_report.write(CHAPTER, [result], tmp_path)
    with open_gradebook(course_directory(tmp_path)) as book:
        comment = book.find_comment("halve", "numbers", "numbers", "ada")
        assert r"× half: \ud83d. Costs 1 point" in comment.auto_comment
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    say = "from autograder import cli; cli.main(['grade', '--root', '/no/such\\udce9'])"
    done = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert r"nothing was submitted: /no/such\udce9" in done.stderr
