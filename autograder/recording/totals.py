"""The points that count: the grader's, changed by people in formgrader and by nbgrader's policy for late submissions.

A person may replace a score, give extra credit, and comment on an answer; a late submission may lose points. nbgrader's
gradebook adds all of this up. Reports and feedback read it here, so every total of a student is the same number.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

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

from autograder.model import Result

TEST = "test_"  # begins the grade_id of an exercise's test cell
_SILENT = logging.Logger("late submissions", logging.CRITICAL)  # nbgrader's plugin reports every call


@dataclass(frozen=True)
class Mark:
    """One student's points in a chapter, as nbgrader's exporters report them."""

    score: float = 0.0  # points that count, after the penalty
    penalty: float = 0.0  # points subtracted for a late submission
    changed: dict[str, float] = field(default_factory=dict)  # exercise: points after a person changed them
    comments: dict[str, str] = field(default_factory=dict)  # exercise: what a person wrote
    automatic: dict[str, float | None] = field(default_factory=dict)  # exercise: points before any change

    @property
    def is_plain(self) -> bool:
        """Whether the points are the grader's alone."""
        return not (self.penalty or self.changed or self.comments)


def is_of(mark: Mark, result: Result) -> bool:
    """Return whether a mark is about this result; nbgrader's own autograde may have graded the submission since."""
    earned: dict[str, float | None] = {exercise.name: float(exercise.earned) for exercise in result.exercises}
    return bool(earned) and mark.automatic == earned


def marks(book: Gradebook, chapter: str, students: Iterable[str] | None = None) -> dict[str, Mark]:
    """Return the mark of each student who submitted the chapter, or of these students."""
    scores: dict[str, float] = {}
    penalties: dict[str, float] = {}
    changed: dict[str, dict[str, float]] = {}
    comments: dict[str, dict[str, str]] = {}
    automatic: dict[str, dict[str, float | None]] = {}
    assignment = book.find_assignment(chapter)
    parts = (
        book.db.query(SubmittedAssignment.student_id, SubmittedNotebook.id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .filter(SubmittedAssignment.assignment_id == assignment.id)
    )
    if students is not None:
        parts = parts.filter(SubmittedAssignment.student_id.in_(list(students)))
    owner = {}
    for student, part, penalty in parts:
        owner[part] = student
        scores.setdefault(student, 0.0)
        penalties[student] = penalties.get(student, 0.0) + (penalty or 0.0)
    columns = Grade.score, Grade.auto_score, Grade.manual_score, Grade.extra_credit
    graded = book.db.query(Grade.notebook_id, BaseCell.name, *columns)
    for part, name, score, auto, manual, extra in _of(graded, Grade, owner, students):
        automatic.setdefault(owner[part], {})[name.removeprefix(TEST)] = auto
        scores[owner[part]] += score or 0.0
        if manual is not None or extra:
            changed.setdefault(owner[part], {})[name.removeprefix(TEST)] = score or 0.0
    said = book.db.query(Comment.notebook_id, BaseCell.name, Comment.manual_comment)
    for part, name, comment in _of(said.filter(Comment.manual_comment.isnot(None)), Comment, owner, students):
        if comment.strip():
            comments.setdefault(owner[part], {})[name.removeprefix(TEST)] = comment
    return {
        student: Mark(
            score=max(0.0, scores[student] - penalties[student]),
            penalty=penalties[student],
            changed=changed.get(student, {}),
            comments=comments.get(student, {}),
            automatic=automatic.get(student, {}),
        )
        for student in scores
    }


def _of(query, kind, owner, students):  # type: ignore[no-untyped-def]  # SQLAlchemy's queries have no useful types here
    """Yield a query's rows that belong to the submitted notebooks in ``owner``."""
    rows = query.join(BaseCell, BaseCell.id == kind.cell_id)
    if students is not None:
        rows = rows.filter(kind.notebook_id.in_(list(owner)))
    return (row for row in rows if row[0] in owner)


def absent(book: Gradebook, chapter: str) -> list[str]:
    """Return the students in the gradebook who submitted nothing for the chapter."""
    submitted = {student for (student,) in _submitters(book, chapter)}
    return sorted(student.id for student in book.students if student.id not in submitted)


def _submitters(book: Gradebook, chapter: str):  # type: ignore[no-untyped-def]
    assignment = book.find_assignment(chapter)
    return book.db.query(SubmittedAssignment.student_id).filter_by(assignment_id=assignment.id)


class LatePolicy:
    """nbgrader's policy for late submissions, as the course configures it; nbgrader's autograde applies the same."""

    def __init__(self, course: CourseDirectory) -> None:
        preprocessor = AssignLatePenalties(config=course.config, log=_SILENT)
        self._plugin = preprocessor.plugin_class(parent=preprocessor)

    def apply(self, book: Gradebook, result: Result) -> bool:
        """Set the penalty of a recorded submission, and return whether it has one.

        The points it applies to are those that count: a person's score instead of the grader's.
        """
        submission = book.find_submission(result.chapter, result.student)
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
