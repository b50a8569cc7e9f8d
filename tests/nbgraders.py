"""Run nbgrader's own commands in a course and read its scores, for tests that compare our results with them."""

import csv
import os
import subprocess
import sys
from pathlib import Path

from nbgrader.plugins import CsvExportPlugin

from autograder.recording.gradebook import course_directory, open_gradebook

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "layer-by-layer"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""
OURS = """
from autograder import preprocessor
c.Autograde.sanitize_preprocessors = preprocessor.SANITIZE_PREPROCESSORS
c.Autograde.autograde_preprocessors = preprocessor.AUTOGRADE_PREPROCESSORS
c.GenerateFeedback.preprocessors = preprocessor.FEEDBACK_PREPROCESSORS
"""


def configure(root: Path, lines: str) -> None:
    """Add lines to the configuration of a course."""
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"{lines}\n")


def nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of nbgrader in a course."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def succeed(root: Path, *arguments: str) -> None:
    """Run a command of nbgrader, and require that it succeeds."""
    done = nbgrader(root, *arguments)
    assert done.returncode == 0, done.stderr


def generated(root: Path, chapter: str, student: str = "ada") -> str:
    """Run `nbgrader generate_feedback`, as formgrader's button does, and return the page that it writes."""
    succeed(root, "generate_feedback", chapter, "--force")
    return (root / "feedback" / student / chapter / f"{chapter}.html").read_text()


def scores(root: Path, chapter: str) -> dict[str, dict[str, float | None]]:
    """Return the automatic scores in the gradebook, by student and test cell."""
    with open_gradebook(course_directory(root)) as book:
        return {
            submitted.student.id: {grade.name: grade.auto_score for grade in submitted.grades}
            for submitted in book.notebook_submissions(chapter, chapter)
        }


def autograde_again(root: Path, chapter: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Clear every score, and let nbgrader grade the submissions again, so that all scores are its own."""
    with open_gradebook(course_directory(root)) as book:
        for submitted in book.notebook_submissions(chapter, chapter):
            for grade in submitted.grades:
                grade.auto_score = None
        book.db.commit()
    return nbgrader(root, "autograde", chapter, "--force", *options)


def sheet(path: Path) -> dict[str, dict[str, str]]:
    """Return the rows of a CSV file, ours or nbgrader's, by student."""
    with path.open(newline="") as file:
        return {row.get("student") or row["student_id"]: row for row in csv.DictReader(file)}


def exported(root: Path) -> dict[str, dict[str, str]]:
    """Return the rows of nbgrader's own export of a course with one chapter, by student."""
    with open_gradebook(course_directory(root)) as book:
        CsvExportPlugin(to=str(root / "exported.csv")).export(book)
    return sheet(root / "exported.csv")
