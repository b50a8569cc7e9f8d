"""Use this grader's scores in standard ``nbgrader autograde``, ``nbgrader generate_feedback``, and formgrader.

With the settings in `nbgrader_config.py`, nbgrader passes each submission to `JudgeObservations` instead of running it
in its own kernel. This class grades the same exercises as ``python -m autograder grade``, with the same inputs, but one
notebook at a time, and without retries, the class report, or feedback pages. A file gets no score from nbgrader if it
is not a notebook or does not have the expected name.
"""

from __future__ import annotations

import atexit
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    GetGrades,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

from autograder.class_file import class_reader
from autograder.class_file.counting import counted, counted_result
from autograder.classroom.batch_file import open_batch
from autograder.classroom.ledger import LEDGER
from autograder.classroom.ledger import read as ledger_read
from autograder.grading.grader import Grader
from autograder.model import Chapter, Result, State
from autograder.recording import autograded, feedback, totals
from autograder.recording.class_report import report_folder
from autograder.recording.gradebook import course_directory, open_gradebook, step_folder
from autograder.sandbox.driver.run import Runner
from autograder.submissions.beside import beside_of
from autograder.texts import chapter as chapters


class NotGraded(RuntimeError):
    """A submission could not be graded, through no fault of the student; nbgrader reports this and continues."""


class JudgeObservations(NbGraderPreprocessor):
    """A preprocessor that grades a submission with this grader, and adds each claim's outcome below its test cell."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the graded notebook, from which nbgrader's SaveAutoGrades reads the points, or raise NotGraded."""
        root = Path.cwd()  # nbgrader's working folder is the course's root while it converts
        name, student, assignment = (resources["nbgrader"][key] for key in ("notebook", "student", "assignment"))
        reference = chapters.notebook(chapters.find(name, root))
        grader = _grader(chapters.from_notebook(reference, name))
        handed_in = step_folder(course_directory(root), "submitted", student, assignment)  # not nbgrader's own copy
        result = grader.grade(nb, student, beside=beside_of(handed_in / f"{name}.ipynb"))
        if result.state is State.INFRASTRUCTURE:
            raise NotGraded(result.sentence)
        self.log.info("%s: %s of %s points", result.student, result.earned, result.points)
        graded = autograded.build(result, grader.chapter, reference, result.plan)
        settings = class_reader.of_course(root)
        if settings.is_written:
            counts = counted(grader.chapter, settings)
            autograded.count(graded, counted_result(result, counts), counts)
        return graded, resources


class LatePenalties(NbGraderPreprocessor):
    """A preprocessor that subtracts what the class file of the course says, as `autograder grade` does."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the graded notebook as it is, or raise ClassFileError."""
        course, names = course_directory(Path.cwd()), resources["nbgrader"]
        late = totals.LatePolicy(course, class_reader.of_course(Path.cwd()))
        with open_gradebook(course) as book:
            late.apply(book, names["assignment"], names["student"])
            book.db.commit()
        return nb, resources


class FeedbackPage(HTMLExporter):
    """Makes nbgrader generate the page of ``autograder grade``, if that graded last, with the current points."""

    def from_notebook_node(  # type: ignore[override]  # nbconvert declares the base class's text as a notebook
        self, nb: NotebookNode, resources: Any = None, **kwargs: Any
    ) -> tuple[str, Any]:
        """Return the page as HTML, and the resources of the conversion."""
        page, resources = super().from_notebook_node(nb, resources, **kwargs)
        names = resources["nbgrader"]
        return _page(Path.cwd(), names["notebook"], names["student"]) or page, resources


def _page(root: Path, name: str, student: str) -> str | None:
    """Return our feedback page for a student, or None if `autograder grade` was not the last to grade the work."""
    path = report_folder(root, name) / LEDGER
    if not path.exists():
        return None
    result = _results(path, path.stat().st_mtime_ns).get(student)
    try:
        chapter = counted(chapters.load(name, root), class_reader.of_course(root))
    except (chapters.ChapterNotFound, chapters.ChapterError):  # the folder of private chapters was moved or edited
        return None
    result = result and counted_result(result, chapter)
    with open_gradebook(course_directory(root)) as book:
        mark = totals.marks(book, name, [student]).get(student)
    if result is None or mark is None or not mark.is_of(result):
        return None
    return feedback.html(result, chapter, mark)


@lru_cache(maxsize=1)
def _results(path: Path, modified: int) -> dict[str, Result]:
    """Return the results in a ledger; the file is read again only if ``modified`` changes."""
    return ledger_read(path)


@lru_cache(maxsize=1)
def _grader(chapter: Chapter) -> Grader:
    """Return the grader for a chapter, which is created only once."""
    batch = open_batch(report_folder(Path.cwd(), chapter.name))
    return Grader(chapter, batch, _runner())


@lru_cache(maxsize=1)
def _runner() -> Runner:
    runner = Runner()
    runner.__enter__()
    atexit.register(runner.__exit__)
    return runner


# nbgrader's DeduplicateIds and OverwriteCells stop at a copied cell; `rebuild` starts from the instructor's notebook.
SANITIZE_PREPROCESSORS = [ClearOutput]
AUTOGRADE_PREPROCESSORS = [JudgeObservations, SaveAutoGrades, LatePenalties, CheckCellMetadata]
# The graded notebook contains hidden tests for the instructor, which nbgrader's feedback page would publish.
FEEDBACK_PREPROCESSORS = [GetGrades, ClearHiddenTests, CSSHTMLHeaderPreprocessor]
