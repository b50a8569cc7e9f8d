"""Write results to nbgrader's own gradebook, so that formgrader, its exporters, and LMS plugins keep working.

Each chapter is an assignment with one notebook of the same name. An exercise ``own_linear`` consists of its solution
cell ``own_linear`` and its grade cell ``test_own_linear``, whose maximum score is the total of the claims' points. The
rows are those that ``nbgrader generate_assignment`` and ``nbgrader autograde`` write, including the checksums.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from alembic.script import ScriptDirectory
from jupyter_core.paths import jupyter_config_path
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.utils import parse_utc
from sqlalchemy import Connection, NullPool, create_engine, insert, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from autograder import reasons
from autograder.class_file.class_settings import Enrolled
from autograder.model import Chapter, Exercise, ExerciseResult, Result, State
from autograder.plain import as_comment
from autograder.recording.faults import RecordError
from autograder.recording.page_parts import WORDS, sentence
from autograder.recording.totals import TEST, LatePolicy, marks
from autograder.texts.regions import nbgrader_entry

CONFIG = "nbgrader_config"


def grade_cell_name(exercise: str) -> str:
    """Return the grade_id of an exercise's test cell."""
    return f"{TEST}{exercise}"


def _grade_cell(exercise: Exercise) -> str:
    """Return the grade_id of the cell that earns an exercise's points: its test, or the answer that a person grades."""
    return exercise.name if exercise.by_hand else grade_cell_name(exercise.name)


def course_directory(root: Path) -> CourseDirectory:
    """Return nbgrader's `CourseDirectory` for the course at ``root``, with its ``db_url`` and its folders.

    As in nbgrader, ``nbgrader_config`` at the root of the course overrides that in Jupyter's configuration folders.
    """
    config = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        for loader in (JSONFileConfigLoader(f"{CONFIG}.json", folder), PyFileConfigLoader(f"{CONFIG}.py", folder)):
            try:
                config.merge(loader.load_config())
            except ConfigFileNotFound:
                continue
    config.CourseDirectory.root = str(root.resolve())
    return CourseDirectory(config=config)


def step_folder(course: CourseDirectory, step: str, student: str, chapter: str) -> Path:
    """Return a student's folder for one of nbgrader's steps, such as "autograded", as the course configures it."""
    directory = getattr(course, f"{step}_directory")
    return Path(course.format_path(directory, student, chapter))


def shown_url(course: CourseDirectory) -> str:
    """Return the gradebook's URL without its password."""
    return make_url(course.db_url).render_as_string(hide_password=True)


def open_gradebook(course: CourseDirectory) -> Gradebook:
    """Open the course's database, creating its tables if it is new; use the result as a context manager."""
    # If Ctrl-C interrupts a query, SQLAlchemy rolls it back, but then logs that the query's cursor could not be closed.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    with create_engine(course.db_url, poolclass=NullPool).begin() as database:
        if not inspect(database).get_table_names():
            _write_version(database)
    return Gradebook(course.db_url, course.course_id or "default_course")


def _write_version(database: Connection) -> None:
    """Write the version of nbgrader's tables into a new database; nbgrader would need a process and 2.5 s for this."""
    version = ScriptDirectory(ALEMBIC_DIR).get_current_head() or ""
    database.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    database.execute(text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": version})


def register(book: Gradebook, chapter: Chapter, reference: NotebookNode) -> None:
    """Make a chapter's cells, points, and checksums in the gradebook match the reference.

    Cells that are gone are deleted with their scores; submissions graded earlier get the new ones without a score.
    """
    book.update_or_create_assignment(chapter.name)
    kernelspec = json.dumps(reference.metadata.get("kernelspec", {}))
    book.update_or_create_notebook(chapter.name, chapter.name, kernelspec=kernelspec)
    where = {"notebook": chapter.name, "assignment": chapter.name}
    tests = {cell.metadata.nbgrader.grade_id: cell for cell in reference.cells if utils.is_grade(cell)}
    for exercise in chapter.exercises:
        name, answer = _grade_cell(exercise), released_solution(exercise)
        points = {"max_score": float(exercise.points), "cell_type": answer.cell_type}
        book.update_or_create_grade_cell(name, **where, **points)
        book.update_or_create_solution_cell(exercise.name, **where)
        for cell in [answer] if exercise.by_hand else [answer, tests[name]]:
            book.update_or_create_source_cell(
                cell.metadata.nbgrader.grade_id,
                **where,
                cell_type=cell.cell_type,
                locked=utils.is_locked(cell),
                source=cell.source,
                checksum=utils.compute_checksum(cell),
            )
    _drop_stale(book, chapter)
    notebook = book.find_notebook(chapter.name, chapter.name)
    for submitted in notebook.submissions:
        _add_missing_rows(submitted, notebook)
    book.db.commit()


def enroll(book: Gradebook, roster: Sequence[Enrolled]) -> None:
    """Add the students of a roster to the gradebook, or update their names; keep students not on the roster."""
    known = {student.id: student for student in book.db.query(Student)}
    for one in roster:
        student = known.get(one.id) or Student(id=one.id)
        student.first_name, student.last_name, student.email = one.first_name, one.last_name, one.email
        book.db.add(student)
    book.db.commit()


def refuse_to_drop_hand_scores(book: Gradebook, chapter: Chapter, counts: Chapter) -> None:
    """Raise RecordError if people gave points or comments for exercises that do not count (are not in ``counts``)."""
    gone = {one.name for one in chapter.exercises} - {one.name for one in counts.exercises}
    if not gone:
        return
    names = [*gone, *map(grade_cell_name, gone)]
    rows = book.db.query(BaseCell.name).join(Notebook, Notebook.id == BaseCell.notebook_id)
    rows = rows.filter(Notebook.name == chapter.name, BaseCell.name.in_(names))
    graded = rows.join(Grade, Grade.cell_id == BaseCell.id)
    graded = graded.filter((Grade.manual_score.isnot(None)) | (Grade.extra_credit.isnot(None)))
    told = rows.join(Comment, Comment.cell_id == BaseCell.id).filter(Comment.manual_comment.isnot(None))
    if by_hand := sorted({name.removeprefix(TEST) for (name,) in [*graded, *told]}):
        raise RecordError(
            f"class.yml leaves out {', '.join(by_hand)} of {chapter.name}, but the gradebook has points or comments "
            "that were entered by hand, and they would be lost. Clear them in formgrader, or let the exercise count."
        )


def released_solution(exercise: Exercise) -> NotebookNode:
    """Return an exercise's solution cell as students get it, with nbgrader's metadata."""
    make = nbformat.v4.new_markdown_cell if exercise.is_text else nbformat.v4.new_code_cell
    cell = make(exercise.stub, id=exercise.name, metadata={"solution": exercise.name})
    entry = nbgrader_entry(cell, exercise.name, points=exercise.points if exercise.by_hand else None)
    cell.metadata = nbformat.from_dict({"nbgrader": entry})
    return cell


def _drop_stale(book: Gradebook, chapter: Chapter) -> None:
    solutions = {exercise.name for exercise in chapter.exercises}
    grades = set(map(_grade_cell, chapter.exercises))
    kept = {GradeCell: grades, SolutionCell: solutions}
    notebook = book.find_notebook(chapter.name, chapter.name)
    for cell in [*notebook.grade_cells, *notebook.solution_cells, *notebook.source_cells]:
        if cell.name in kept.get(type(cell), solutions | grades):
            continue
        if isinstance(cell, BaseCell):
            for row in [*cell.grades, *cell.comments]:
                book.db.delete(row)
        book.db.delete(cell)
    book.db.commit()


def write(
    book: Gradebook, result: Result, timestamp: datetime | None, late: LatePolicy, changed: Collection[str]
) -> bool:
    """Put a result into the gradebook, and return whether a person or a late penalty may have changed its points.

    The result completely replaces the grader's earlier result for the same submission.

    Points and comments that a person gave are kept, and those points count instead of the grader's. If the grader's
    points changed for an answer that a person scored, nbgrader's ``needs_manual_grade`` is set, so that the person
    checks the answer again. An exercise that could not be graded because of a fault in the grader has no score (never
    0) and needs a manual grade. So does an answer that a person grades, until it has a score, and again whenever it
    changed (is in ``changed``). Formgrader needs the ``timestamp`` of the submission.
    """
    is_known = not _add(book, result, timestamp)
    if is_known:
        _replace(book, result, timestamp, changed)
    has_due_date = book.find_assignment(result.chapter).duedate is not None
    is_late = (is_known or has_due_date) and late.apply(book, result.chapter, result.student)
    book.db.commit()
    return is_known or is_late


def _add(book: Gradebook, result: Result, timestamp: datetime | None) -> bool:
    """Add the rows of a submission that is not in the gradebook, and return whether they were added.

    They are not if the assignment has several notebooks. Plain SQL takes a quarter of the time of nbgrader's objects.
    """
    notebook = book.find_notebook(result.chapter, result.chapter)
    whose = {"assignment_id": notebook.assignment_id, "student_id": result.student}
    is_known = book.db.query(SubmittedAssignment).filter_by(**whose).first() is not None
    if is_known or len(notebook.assignment.notebooks) > 1:
        return False
    if book.db.get(Student, result.student) is None:
        _insert(book, Student, [{"id": result.student}])
    submission, part = new_uuid(), new_uuid()
    _insert(book, SubmittedAssignment, [{"id": submission, "timestamp": parse_utc(timestamp)} | whose])
    _insert(book, SubmittedNotebook, [{"id": part, "assignment_id": submission, "notebook_id": notebook.id}])
    outcomes = {exercise.name: exercise for exercise in result.exercises}
    cells = book.db.query(BaseCell.id, BaseCell.name, BaseCell.type).filter_by(notebook_id=notebook.id).all()
    grades, comments = [], []
    for cell, name, kind in cells:
        where = {"notebook_id": part, "cell_id": cell}
        if kind == GradeCell.__name__:
            points = _points(result, outcomes.get(name.removeprefix(TEST)))
            grades.append(where | {"auto_score": points, "needs_manual_grade": points is None})
        elif kind == SolutionCell.__name__:
            comments.append(where | {"auto_comment": _auto_comment(result, outcomes.get(name))})
    _insert(book, Grade, grades)
    _insert(book, Comment, comments)
    return True


def _insert(book: Gradebook, kind: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        book.db.execute(insert(kind.__table__), rows)


def _replace(book: Gradebook, result: Result, timestamp: datetime | None, changed: Collection[str]) -> None:
    with _in_one_transaction(book), warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # caused by how nbgrader adds a submission, not by the caller
        book.update_or_create_student(result.student)
        submission = book.update_or_create_submission(result.chapter, result.student, timestamp=timestamp)
    notebook = book.find_notebook(result.chapter, result.chapter)
    submitted = next(part for part in submission.notebooks if part.notebook_id == notebook.id)
    outcomes = {exercise.name: exercise for exercise in result.exercises}
    names = {cell.id: cell.name for cell in [*notebook.grade_cells, *notebook.solution_cells]}
    for grade in submitted.grades:
        outcome = outcomes.get(names[grade.cell_id].removeprefix(TEST))
        is_same = outcome is not None and outcome.state is State.BY_HAND and outcome.name not in changed
        if not is_same or grade.manual_score is None or grade.auto_score is not None:
            _score(grade, _points(result, outcome))
    for comment in submitted.comments:
        comment.auto_comment = _auto_comment(result, outcomes.get(names[comment.cell_id]))


def accept(book: Gradebook, result: Result, late: LatePolicy) -> None:
    """Let the grader's points count for a submission instead of the hand scores that its answers have outgrown."""
    outgrown = marks(book, result.chapter, [result.student])[result.student].outgrown
    for grade in book.find_submission_notebook(result.chapter, result.chapter, result.student).grades:
        if grade.name.removeprefix(TEST) in outgrown:
            grade.manual_score, grade.needs_manual_grade = None, False
    late.apply(book, result.chapter, result.student)
    book.db.commit()


@contextmanager
def _in_one_transaction(book: Gradebook) -> Iterator[None]:
    """Flush instead of committing in this block; the caller commits once, because each commit waits for the disk."""
    book.db.commit = book.db.flush
    try:
        yield
    finally:
        del book.db.commit


def _add_missing_rows(submitted: SubmittedNotebook, notebook: Notebook) -> None:
    rows = (Grade, submitted.grades, notebook.grade_cells), (Comment, submitted.comments, notebook.solution_cells)
    for kind, there, cells in rows:
        known = {row.cell_id for row in there}
        there.extend(kind(cell_id=cell.id) for cell in cells if cell.id not in known)


def _points(result: Result, outcome: ExerciseResult | None) -> float | None:
    """Return the points to record, or None if the grader failed or a person grades the exercise."""
    has_none = (State.INFRASTRUCTURE, State.BY_HAND)
    if result.state is State.INFRASTRUCTURE or (outcome and outcome.state in has_none):
        return None
    return float(outcome.earned) if outcome else 0.0


def _score(grade: Grade, points: float | None) -> None:
    changed = grade.auto_score != points
    grade.auto_score = points
    if points is None:
        grade.needs_manual_grade = True
    elif grade.manual_score is None:
        grade.needs_manual_grade = False
    elif changed:
        grade.needs_manual_grade = True


def _auto_comment(result: Result, outcome: ExerciseResult | None) -> str | None:
    if outcome is None:
        return as_comment(sentence(result.sentence) or "This exercise was not graded.")
    if outcome.is_solved or outcome.state is State.BY_HAND:
        return None
    lines = "\n".join(reasons.in_lines(None, outcome)).replace("\n  ", " ")
    said = lines.replace("\n", "\n\n")  # read as Markdown, too
    return as_comment(said or sentence(WORDS[outcome.state]))
