"""Compute the points that count, which include nbgrader's late penalties and changes made in formgrader.

A person can replace a score, give extra credit, and comment on an answer; a late submission can lose points. nbgrader's
gradebook computes totals that include all of these changes. Reports and feedback read the totals from this module, so a
student's total is the same everywhere.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Any, cast

from nbgrader.api import BaseCell, Comment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties

from autograder.class_file.class_settings import ClassSettings
from autograder.model import Chapter, Result, State

DAY = 24 * 60 * 60  # seconds; a day that has begun counts as one
TEST = "test_"  # begins the grade_id of an exercise's test cell
_SILENT = logging.Logger("late submissions", logging.CRITICAL)  # nbgrader's plugin reports every call


@dataclass
class Mark:
    """One student's points in a chapter, as nbgrader's exporters report them."""

    raw: float = 0.0  # points before the penalty
    penalty: float = 0.0  # points subtracted for a late submission
    is_late: bool = False
    changed: dict[str, float] = field(default_factory=dict)  # exercise: points after a person changed them
    comments: dict[str, str] = field(default_factory=dict)  # exercise: what a person wrote
    automatic: dict[str, float | None] = field(default_factory=dict)  # exercise: points before any change
    waiting: set[str] = field(default_factory=set)  # exercises that nbgrader asks a person to grade, perhaps again

    @property
    def score(self) -> float:
        """The points that count."""
        return max(0.0, self.raw - self.penalty)

    @property
    def is_graded(self) -> bool:
        """Whether every exercise has points, from the grader or from a person."""
        return all(points is not None or exercise in self.changed for exercise, points in self.automatic.items())

    @property
    def is_plain(self) -> bool:
        """Whether all points are the grader's, and the submission was in time."""
        return not (self.is_late or self.penalty or self.changed or self.comments)

    @property
    def outgrown(self) -> dict[str, float]:
        """The grader's points of exercises with a lower score by hand, which a person gave to an earlier answer."""
        return {
            exercise: points
            for exercise, points in self.automatic.items()
            if points is not None and exercise in self.waiting and points > self.changed.get(exercise, points)
        }

    def is_of(self, result: Result) -> bool:
        """Return whether the mark belongs to this result; nbgrader may have graded the submission later."""
        earned = {part.name: None if part.state is State.BY_HAND else float(part.earned) for part in result.exercises}
        return bool(earned) and self.automatic == earned


def marks(book: Gradebook, chapter: str, students: Sequence[str] | None = None) -> dict[str, Mark]:
    """Return the mark of each student (or of each of ``students``) who submitted the chapter."""
    penalties = _rows(book, chapter, students, SubmittedNotebook.late_submission_penalty, SubmittedAssignment)
    found = {
        student: Mark(penalty=penalty or 0.0, is_late=submission.total_seconds_late > 0)
        for student, penalty, submission in penalties
    }
    columns = Grade.score, Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade
    rows = _rows(book, chapter, students, BaseCell.name, *columns, of=Grade)
    for student, name, score, auto, manual, extra, is_waiting in rows:
        mark, exercise = found[student], name.removeprefix(TEST)
        mark.raw += score or 0.0
        mark.automatic[exercise] = auto
        if manual is not None or extra:
            mark.changed[exercise] = score or 0.0
        if is_waiting:
            mark.waiting.add(exercise)
    for student, exercise, said in _rows(book, chapter, students, BaseCell.name, Comment.manual_comment, of=Comment):
        if said and said.strip():
            found[student].comments[exercise] = said
    return found


def outgrown(chapter: str, marks: Mapping[str, Mark]) -> list[str]:
    """Return a sentence for each hand score that counts although the student's newer answer earns more."""
    return [
        f"{student}: {exercise} has {mark.changed[exercise]:g} points by hand, given to an earlier answer; this one "
        f"earns {points:g}. To count that, run `python -m autograder grade {quote(chapter)} --accept {quote(student)}`"
        for student, mark in sorted(marks.items())
        for exercise, points in mark.outgrown.items()
    ]


def with_hand_scores(result: Result, chapter: Chapter, mark: Mark | None) -> Result:
    """Return a result in which exercises have the points that people gave so far.

    An answer that changed after it was graded keeps its points and waits for a person to grade it again.
    """
    by_hand = {exercise.name for exercise in chapter.exercises if exercise.by_hand}
    parts = list(result.exercises)
    for at, part in enumerate(parts):
        if mark and part.name in mark.changed:
            is_by_hand = part.name in by_hand
            score = cast(int, mark.changed[part.name])  # a person may give a fraction, which only pages show
            state, sentence = part.state, "" if is_by_hand else part.sentence
            if score >= part.points:
                state = State.PASSED
            elif is_by_hand or state is State.PASSED:
                state = State.WRONG
            if part.name in mark.outgrown or (is_by_hand and part.name in mark.waiting):
                state, sentence = State.BY_HAND, "a person graded an earlier answer and will grade this one"
            is_untouched = part.is_untouched and not is_by_hand
            parts[at] = replace(part, earned=score, state=state, sentence=sentence, is_untouched=is_untouched)
    return replace(result, exercises=parts)


def absent(book: Gradebook, chapter: str) -> list[str]:
    """Return the students in the gradebook who submitted nothing for the chapter."""
    submitted = {student for (student,) in _rows(book, chapter)}
    return sorted(student.id for student in book.students if student.id not in submitted)


def _rows(
    book: Gradebook, chapter: str, students: Sequence[str] | None = None, *columns: Any, of: Any = None
) -> Iterator[Any]:
    """Yield rows for students who submitted; each has the student and columns of the notebook or its rows in ``of``."""
    rows = book.db.query(SubmittedAssignment.student_id, *columns).select_from(SubmittedAssignment)
    rows = rows.join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    if of is not None:
        rows = rows.join(of, of.notebook_id == SubmittedNotebook.id).join(BaseCell, BaseCell.id == of.cell_id)
    if students is not None:
        rows = rows.filter(SubmittedAssignment.student_id.in_(students))
    return iter(rows.filter(SubmittedAssignment.assignment_id == book.find_assignment(chapter).id))


class LatePolicy:
    """What late submissions lose: as the class file says, or otherwise as nbgrader is configured."""

    def __init__(self, course: CourseDirectory, settings: ClassSettings) -> None:
        self._settings = settings
        preprocessor = AssignLatePenalties(config=course.config, log=_SILENT)
        self._plugin = preprocessor.plugin_class(parent=preprocessor)

    def apply(self, book: Gradebook, chapter: str, student: str) -> bool:
        """Set a recorded submission's penalty from the points that count, and return whether it was late."""
        submission = book.find_submission(chapter, student)
        if chapter in self._settings.due:
            submission.extension = self._settings.extension(student, chapter)
        seconds = submission.total_seconds_late
        for part in submission.notebooks:
            book.db.flush()
            book.db.refresh(part, ["score"])
            penalty = self._penalty(student, part.score, seconds) if seconds > 0 else None
            part.late_submission_penalty = None if penalty is None else min(max(penalty, 0.0), part.score)
        return bool(seconds > 0)

    def _penalty(self, student: str, score: float, seconds: float) -> float | None:
        late = self._settings.late
        if late is None:
            return self._plugin.late_submission_penalty(student, score, seconds)
        if isinstance(late, int):
            return score * min(1.0, late / 100 * math.ceil(seconds / DAY))
        return score if late == "zero" else None
