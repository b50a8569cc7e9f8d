"""Stock ``nbgrader autograde`` and ``nbgrader generate_feedback``, and formgrader's buttons, with our scores.

Put into ``nbgrader_config.py``:

    from autograder import preprocessor

    c.Autograde.sanitize_preprocessors = preprocessor.SANITIZE_PREPROCESSORS
    c.Autograde.autograde_preprocessors = preprocessor.AUTOGRADE_PREPROCESSORS
    c.GenerateFeedback.preprocessors = preprocessor.FEEDBACK_PREPROCESSORS

Nbgrader then hands each submission to `JudgeObservations` in the place of its own kernel. What it grades is what
``python -m autograder grade`` grades, with the same inputs; but one notebook after the other, without the retries, the
class report and the feedback pages, and a file that is no notebook or has another name gets no score from nbgrader.
"""

from __future__ import annotations

import atexit
from functools import lru_cache
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    GetGrades,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

from autograder.classroom.batch_file import open_batch
from autograder.grading.grader import Grader
from autograder.grading.mistake_observations import known_mistakes
from autograder.model import State
from autograder.recording import autograded
from autograder.recording.class_report import report_folder
from autograder.recording.gradebook import course_directory, step_folder
from autograder.sandbox.driver.run import Runner
from autograder.submissions.beside import beside_of
from autograder.submissions.rebuild import Unreadable, rebuild
from autograder.texts import chapter as chapters


class NotGraded(RuntimeError):
    """A submission could not be graded by a fault of ours: nbgrader says so and goes on with the next."""


class JudgeObservations(NbGraderPreprocessor):
    """Runs a submission under our grader and puts the outcome of its claims under its test cells."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the graded notebook, from which nbgrader's SaveAutoGrades reads the points.

        Raises:
            NotGraded: if it could not be run for reasons that are ours.
        """
        root = Path.cwd()  # nbgrader works in the course's root while it converts
        path = chapters.find(resources["nbgrader"]["notebook"], root)
        grader = _grader(path, path.stat().st_mtime_ns, root)
        student, assignment = (resources["nbgrader"][name] for name in ("student", "assignment"))
        handed_in = step_folder(course_directory(root), "submitted", student, assignment)  # nbgrader's copy is no proof
        result = grader.grade(nb, student, beside=beside_of(handed_in / path.name))
        if result.state is State.INFRASTRUCTURE:
            raise NotGraded(result.sentence)
        try:
            plan = rebuild(grader.chapter, nb)
        except Unreadable:
            plan = None
        self.log.info("%s: %s of %s points", result.student, result.earned, result.points)
        return autograded.build(result, grader.chapter, nbformat.read(path, as_version=4), plan), resources


@lru_cache(maxsize=1)
def _grader(path: Path, modified: int, root: Path) -> Grader:
    """Return the grader of a chapter, started once for all submissions; ``modified`` renews it with its file."""
    chapter = chapters.load(path)
    runner = Runner()
    runner.__enter__()
    atexit.register(runner.__exit__)
    folder = report_folder(root, chapter.name)
    batch = open_batch(folder)
    return Grader(chapter, batch, runner, known_mistakes(runner, chapter, batch, folder))


# A copied cell stops nbgrader's own DeduplicateIds and OverwriteCells; ours rebuilds from the instructor's notebook.
SANITIZE_PREPROCESSORS = [ClearOutput]
AUTOGRADE_PREPROCESSORS = [JudgeObservations, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
# The graded notebook holds the hidden tests, for the instructor; nbgrader's own feedback page would publish them.
FEEDBACK_PREPROCESSORS = [GetGrades, ClearHiddenTests, CSSHTMLHeaderPreprocessor]
