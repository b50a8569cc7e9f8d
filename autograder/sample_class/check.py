"""Compare the grades of a sample class with the points and states that its submissions must get."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

from autograder.classroom.batch_file import open_batch
from autograder.grading.grader import Grader
from autograder.model import ExerciseResult, Result, State
from autograder.recording.class_report import report_folder
from autograder.recording.gradebook import course_directory, open_gradebook, step_folder
from autograder.recording.results import read_results
from autograder.recording.totals import TEST
from autograder.sample_class.honest_habits import place_of
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters

SAMPLE_FILE = "sample.json"

Alone = Callable[[str, str], int]  # the points of a wrong answer, from its exercise and code


def sampled(root: Path) -> list[str]:
    """Return the chapters that have a sample class."""
    return sorted(path.parent.name for path in (root / "reports").glob(f"*/{SAMPLE_FILE}"))


def check(root: Path, name: str) -> list[str]:
    """Return a sentence for each wrong result of a graded sample class, or raise ChapterNotFound.

    A mistake must get the points that `validate` recorded for it. The inputs of this class can reveal more or less of
    it, so for any other result, the reference with only this mistake in it is graded under the seed of the class.
    """
    reference = chapters.notebook(chapters.find(name, root))
    folder = report_folder(root, name)
    if not (folder / SAMPLE_FILE).exists():
        return [f"there is no sample class of {name}: make one with `python -m autograder sample`"]
    if not (folder / "results.jsonl").exists():
        return [f"{name} was not graded: run `python -m autograder grade {name}`"]
    students = json.loads((folder / SAMPLE_FILE).read_text(encoding="utf-8"))["students"]
    results = {result.student: result for result in read_results(folder / "results.jsonl")}
    with closing(Runner()) as runner, open_gradebook(course_directory(root)) as book:
        alone = _alone(name, reference, runner, folder)
        return [
            f"{student['student']} ({student['what']}): {miss}"
            for student in students
            for miss in _misses(student, results.get(student["student"]), alone, book, root)
        ]


def _alone(name: str, reference: NotebookNode, runner: Runner, folder: Path) -> Alone:
    """Return a function that grades the reference with one wrong answer in it; its first call starts the runner."""
    grader = cache(lambda: Grader(chapters.from_notebook(reference, name), open_batch(folder), runner.ready()))

    @cache
    def points(exercise: str, source: str) -> int:
        notebook = copy.deepcopy(reference)
        notebook.cells[place_of(notebook, exercise)].source = source
        part = grader().grade(notebook, "").part(exercise)
        return part.earned if part else 0

    return points


def _misses(student: dict, result: Result | None, alone: Alone, book: Gradebook, root: Path) -> Iterator[str]:
    if result is None:
        yield "it has no result"
        return
    if result.state != student["state"]:
        yield f"its state must be {student['state']!r}, it is {result.state.value!r} ({result.sentence})"
    if student["why"] and not any(student["why"] in text for text in (result.sentence, *result.notes)):
        yield f"nothing says {student['why']!r}: {[result.sentence, *result.notes]}"
    if result.state is not State.PASSED and not result.sentence:
        yield "no sentence says why"
    for name, must in student["expected"].items():
        part = result.part(name)
        yield from [f"{name} has no result"] if part is None else _wrong_part(must, part, alone)
    if (total := sum(exercise.earned for exercise in result.exercises)) != result.earned:
        yield f"its exercises sum to {total}, not {result.earned}"
    yield from _not_recorded(result, book, root)


def _wrong_part(must: dict, got: ExerciseResult, alone: Alone) -> Iterator[str]:
    points = must["exactly"]
    if "mistake" in must and got.earned != points:
        points = alone(got.name, must["source"])
    if got.earned != points or ("mistake" in must and got.earned == got.points):
        mistake = f" for the mistake {must['mistake']!r}" if "mistake" in must else ""
        yield f"{got.name} must get {points} points{mistake}, it got {got.earned}"
    if "states" in must and got.state not in must["states"]:
        yield f"{got.name} must be {' or '.join(must['states'])}, it is {got.state.value}"
    if not got.is_solved and not got.sentence:
        yield f"{got.name} lost points, and no sentence says why"


def _not_recorded(result: Result, book: Gradebook, root: Path) -> Iterator[str]:
    course = course_directory(root)
    for step, ending in (("autograded", "ipynb"), ("feedback", "html"), ("feedback", "txt")):
        path = step_folder(course, step, result.student, result.chapter) / f"{result.chapter}.{ending}"
        if not path.is_file():
            yield f"{path} is missing"
    try:
        submitted = book.find_submission_notebook(result.chapter, result.chapter, result.student)
    except MissingEntry:
        yield "it has no row in the gradebook"
        return
    rows = {grade.name.removeprefix(TEST): grade.auto_score for grade in submitted.grades}
    for exercise in result.exercises:
        if rows.get(exercise.name) != exercise.earned:
            recorded = rows.get(exercise.name)
            yield f"the gradebook has {recorded} points for {exercise.name}, the result {exercise.earned}"
