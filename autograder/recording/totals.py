"""The points that count: the grader's, changed by people in formgrader and by nbgrader's policy for late submissions.

A person may replace a score, give extra credit, and comment on an answer; a late submission may lose points. nbgrader's
gradebook adds all of this up. Reports and feedback read it here, so every total of a student is the same number.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties

from autograder.class_file.class_settings import ClassSettings
from autograder.model import Result

TEST = "test_"  # begins the grade_id of an exercise's test cell
_SILENT = logging.Logger("late submissions", logging.CRITICAL)  # nbgrader's plugin reports every call


@dataclass
class Mark:
    """One student's points in a chapter, as nbgrader's exporters report them."""

    raw: float = 0.0  # points before the penalty
    penalty: float = 0.0  # points subtracted for a late submission
    changed: dict[str, float] = field(default_factory=dict)  # exercise: points after a person changed them
    comments: dict[str, str] = field(default_factory=dict)  # exercise: what a person wrote
    automatic: dict[str, float | None] = field(default_factory=dict)  # exercise: points before any change

    @property
    def score(self) -> float:
        """The points that count."""
        return max(0.0, self.raw - self.penalty)

    @property
    def is_graded(self) -> bool:
        """Whether every exercise has points, of the grader or of a person."""
        return all(points is not None or exercise in self.changed for exercise, points in self.automatic.items())

    @property
    def is_plain(self) -> bool:
        """Whether the points are the grader's alone."""
        return not (self.penalty or self.changed or self.comments)

    def is_of(self, result: Result) -> bool:
        """Return whether it is about this result; nbgrader's own autograde may have graded the submission since."""
        earned: dict[str, float | None] = {exercise.name: float(exercise.earned) for exercise in result.exercises}
        return bool(earned) and self.automatic == earned


def marks(book: Gradebook, chapter: str, students: Sequence[str] | None = None) -> dict[str, Mark]:
    """Return the mark of each student who submitted the chapter, or of these students."""
    penalties = _rows(book, chapter, students, SubmittedNotebook.late_submission_penalty)
    found = {student: Mark(penalty=penalty or 0.0) for student, penalty in penalties}
    columns = Grade.score, Grade.auto_score, Grade.manual_score, Grade.extra_credit
    for student, name, score, auto, manual, extra in _rows(book, chapter, students, BaseCell.name, *columns, of=Grade):
        mark, exercise = found[student], name.removeprefix(TEST)
        mark.raw += score or 0.0
        mark.automatic[exercise] = auto
        if manual is not None or extra:
            mark.changed[exercise] = score or 0.0
    for student, exercise, said in _rows(book, chapter, students, BaseCell.name, Comment.manual_comment, of=Comment):
        if said and said.strip():
            found[student].comments[exercise] = said
    return found


def absent(book: Gradebook, chapter: str) -> list[str]:
    """Return the students in the gradebook who submitted nothing for the chapter."""
    submitted = {student for (student,) in _rows(book, chapter)}
    return sorted(student.id for student in book.students if student.id not in submitted)


def _rows(
    book: Gradebook, chapter: str, students: Sequence[str] | None = None, *columns: Any, of: Any = None
) -> Iterator[Any]:
    """Yield each submitter's name and columns of their notebook, or of each of its rows in the table ``of``."""
    rows = book.db.query(SubmittedAssignment.student_id, *columns).select_from(SubmittedAssignment)
    rows = rows.join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    if of is not None:
        rows = rows.join(of, of.notebook_id == SubmittedNotebook.id).join(BaseCell, BaseCell.id == of.cell_id)
    if students is not None:
        rows = rows.filter(SubmittedAssignment.student_id.in_(students))
    return iter(rows.filter(SubmittedAssignment.assignment_id == book.find_assignment(chapter).id))


def extend(submission: SubmittedAssignment, settings: ClassSettings) -> None:
    """Give a submission its student's extension, or none, if the class file has the chapter's due date."""
    if submission.assignment.name in settings.due:
        submission.extension = settings.extension(submission.student_id, submission.assignment.name)


class LatePolicy:
    """nbgrader's policy for late submissions, as the course configures it; nbgrader's autograde applies the same."""

    def __init__(self, course: CourseDirectory, settings: ClassSettings | None = None) -> None:
        self._settings = settings or ClassSettings()
        preprocessor = AssignLatePenalties(config=course.config, log=_SILENT)
        self._plugin = preprocessor.plugin_class(parent=preprocessor)

    def apply(self, book: Gradebook, result: Result) -> bool:
        """Set the penalty of a recorded submission, and return whether it has one.

        The points it applies to are those that count: a person's score instead of the grader's.
        """
        submission = book.find_submission(result.chapter, result.student)
        extend(submission, self._settings)
        seconds = submission.total_seconds_late
        found = False
        for part in submission.notebooks:
            book.db.flush()
            book.db.refresh(part, ["score"])
            penalty = None
            if seconds > 0:
                penalty = self._plugin.late_submission_penalty(result.student, part.score, seconds)
            part.late_submission_penalty = None if penalty is None else min(max(penalty, 0.0), part.score)
            found = found or bool(part.late_submission_penalty)
        return found
