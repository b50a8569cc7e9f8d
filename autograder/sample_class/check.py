"""Compare the grades of a sample class with the points and states that its submissions must get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from autograder.classroom import known_points
from autograder.classroom.batch_file import open_batch
from autograder.grading.grader import Grader
from autograder.grading.mistake_observations import known_mistakes
from autograder.model import Chapter, ExerciseResult, Result, State
from autograder.recording.class_report import report_folder
from autograder.recording.gradebook import course_directory, open_gradebook, step_folder
from autograder.recording.results import read_results
from autograder.recording.totals import TEST
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters

SAMPLE_FILE = "sample.json"


def sampled(root: Path) -> list[str]:
    """Return the chapters that have a sample class."""
    return sorted(path.parent.name for path in (root / "reports").glob(f"*/{SAMPLE_FILE}"))


def check(root: Path, chapter_name: str) -> list[str]:
    """Return a sentence for each wrong result of a graded sample class; an empty list means success.

    For a wrong variant, the grade is compared with the result of an independent run: the variant runs alone, from the
    state just before its exercise and under the batch's seed, and must earn the same points. If these points were saved
    while the class was graded, this function reads them and does not run the variant again.

    Raises:
        ChapterNotFound: if there is no such chapter.
    """
    chapter = chapters.load(chapter_name, root)
    folder = report_folder(root, chapter.name)
    sample = folder / SAMPLE_FILE
    graded = folder / "results.jsonl"
    if not sample.exists():
        return [f"there is no sample class of {chapter.name}: make one with `python -m autograder sample`"]
    if not graded.exists():
        return [f"{chapter.name} was not graded: run `python -m autograder grade {chapter.name}`"]
    students = json.loads(sample.read_text(encoding="utf-8"))["students"]
    results = {result.student: result for result in read_results(graded)}
    expected = [(name, must) for student in students for name, must in student["expected"].items()]
    alone = variants_alone(chapter, root, {(name, must["variant"]) for name, must in expected if "variant" in must})
    with open_gradebook(course_directory(root)) as book:
        return [
            f"{student['student']} ({student['what']}): {miss}"
            for student in students
            for miss in _misses(student, results.get(student["student"]), alone, book, root)
        ]


def variants_alone(chapter: Chapter, root: Path, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Run each wrong variant in ``wanted`` alone under the class's batch, and return the points of each.

    The keys of the result are pairs of an exercise and a title. Titles that are no longer in the variants file are
    omitted. Variants whose points were saved while the class was graded do not run again.
    """
    folder = report_folder(root, chapter.name)
    batch = open_batch(folder)
    known = known_points.read(folder, known_points.key(chapter, batch))
    missing = [e for e in chapter.exercises if e.name not in known and any(e.name == name for name, _ in wanted)]
    if missing:  # graded by a cluster's workers, or by another version of the grader
        with Runner() as runner:
            grader = Grader(chapter, batch, runner, known_mistakes(runner, chapter, batch, folder))
            known |= {exercise.name: grader.points_of_mistakes(exercise) for exercise in missing}
    points = {(name, title): earned for name, titles in known.items() for title, earned in titles.items()}
    return {pair: points[pair] for pair in wanted if pair in points}


def _misses(
    student: dict, result: Result | None, alone: dict[tuple[str, str], int], book: Gradebook, root: Path
) -> Iterator[str]:
    if result is None:
        yield "it has no result"
        return
    if result.state != student["state"]:
        yield f"its state must be {student['state']!r}, it is {result.state.value!r} ({result.sentence})"
    if student["why"] and not any(student["why"] in text for text in (result.sentence, *result.notes)):
        yield f"nothing says {student['why']!r}: {[result.sentence, *result.notes]}"
    if result.state is not State.PASSED and not result.sentence:
        yield "no sentence says why"
    earned = {exercise.name: exercise.earned for exercise in result.exercises}
    for name, must in student["expected"].items():
        yield from _wrong_points(name, must, earned.get(name, 0), alone)
        yield from _wrong_state(must, result.part(name))
    if sum(earned.values()) != result.earned:
        yield f"its exercises sum to {sum(earned.values())}, not {result.earned}"
    yield from _not_recorded(result, earned, book, root)


def _wrong_points(name: str, must: dict, got: int, alone: dict[tuple[str, str], int]) -> Iterator[str]:
    if "exactly" in must:
        if got != must["exactly"]:
            yield f"{name} must get {must['exactly']} points, it got {got}"
        return
    title = must["variant"]
    if got >= must["less_than"]:
        yield f"{name} holds the mistake {title!r} and must lose points, it got all {got}"
    elif (exact := alone.get((name, title))) != got:
        yield f"{name} holds the mistake {title!r}, which alone gets {exact} points, and got {got}"


def _wrong_state(must: dict, got: ExerciseResult | None) -> Iterator[str]:
    if got is None:
        yield "an exercise has no result"
        return
    if "states" in must and got.state not in must["states"]:
        yield f"{got.name} must be {' or '.join(must['states'])}, it is {got.state.value}"
    if not got.is_solved and not got.sentence:
        yield f"{got.name} lost points, and no sentence says why"


def _not_recorded(result: Result, earned: dict[str, int], book: Gradebook, root: Path) -> Iterator[str]:
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
    for name, points in earned.items():
        if rows.get(name) != points:
            yield f"the gradebook has {rows.get(name)} points for {name}, the result {points}"
