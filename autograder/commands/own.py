"""`autograder grade --mine`: show the points of a notebook so far, as an instructor's machine sees it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from autograder import reasons
from autograder.commands.say import FAULT, USAGE, console, in_a_table, say, stop
from autograder.commands.stopping import status_of
from autograder.model import Chapter, Exercise, ExerciseResult, Result, State
from autograder.plain import in_terminal
from autograder.sandbox.driver.run import Runner
from autograder.submissions.beside import beside_of
from autograder.submissions.budget import TooLong, reading
from autograder.submissions.rebuild import Unreadable, content_of, rebuild
from autograder.texts import chapter as chapters

MOST_CHECKS = 2  # failed visible checks shown for an exercise; the notebook shows all of them


@dataclass(frozen=True)
class Graded:
    """A notebook's points so far."""

    result: Result  # of the exercises that were begun; its ``points`` are those of the whole chapter
    untouched: tuple[Exercise, ...]  # their answer is still the released stub, so they are not reported


def grade(notebook: Path, names: Sequence[str], root: Path, runner: Runner) -> None:
    """Grade a notebook under a new batch, and show its points.

    ``names`` has the chapter's name, or nothing if the notebook is named after its chapter. No file is written.
    """
    if not notebook.exists():
        stop(f"there is no file {notebook}", USAGE)
    with closing(runner):
        try:
            chapter = chapters.load(names[0] if names else notebook.stem, root)
            _show(_graded(notebook, chapter, runner), chapter)
        except chapters.ChapterNotFound as error:
            stop(f"{error}. Name its chapter: --mine {notebook} CHAPTER", USAGE)
        except _faults() as error:
            stop(str(error), FAULT)
        except OSError as error:
            stop(f"{notebook} cannot be read: {error.strerror}", USAGE)
        except KeyboardInterrupt as error:
            stop("stopped", status_of(error))


def _graded(notebook: Path, chapter: Chapter, runner: Runner) -> Graded:
    """Grade the exercises that were begun."""
    notebook = notebook.resolve()
    content = content_of(notebook)
    try:
        with reading():
            stubs = rebuild(chapter, content).untouched
    except (Unreadable, TooLong):
        stubs = frozenset()  # the grader says what is wrong
    begun = [exercise.name for exercise in chapter.exercises if exercise.name not in stubs]
    runner.start()  # start it first, so that it imports torch while this process does
    from autograder.grading.grader import Grader, new_batch

    grader = Grader(chapter, new_batch(), runner.ready())
    result = grader.grade(content, "", beside=beside_of(notebook), only=begun)
    return Graded(result, tuple(exercise for exercise in chapter.exercises if exercise.name in stubs))


def _faults() -> tuple[type[Exception], ...]:
    """Return the errors that stop grading. Call this only after an error, because it imports torch."""
    from autograder.grading.grader import ReferenceFailed
    from autograder.sandbox.driver.server_process import ServerFault
    from autograder.texts.variants import VariantError

    return ReferenceFailed, VariantError, ServerFault


def _show(graded: Graded, chapter: Chapter) -> None:
    result = graded.result
    if not result.points:
        say(f"{result.chapter} has no exercises: there is nothing to grade.")
        return
    if result.exercises:
        console.print(_table(graded))
    for exercise in result.exercises:
        if not exercise.is_solved and exercise.sentence != result.sentence:
            _show_lost(exercise, chapter)
    if graded.untouched:
        say(f"not started: {'; '.join(map(_titled, graded.untouched))}")
    for note in result.notes:
        say(f"note: {in_terminal(note)}")
    say(f"\n{result.earned} of {result.points} points so far.")
    if result.state is not State.PASSED:
        say(f"{reasons.WORDS[result.state]}: {in_terminal(result.sentence)}")


def _titled(exercise: Exercise | ExerciseResult) -> str:
    return f"{exercise.title} ({exercise.name})"


def _lines(result: ExerciseResult, chapter: Chapter) -> list[str]:
    lines = reasons.in_lines(chapter.exercise(result.name), result)
    failed = [f"Visible check: {check.message}" for check in result.checks if not check.passed]
    return lines if reasons.is_stopped(result) else lines + failed[:MOST_CHECKS]


def _show_lost(result: ExerciseResult, chapter: Chapter) -> None:
    say(f"\n{result.title}")
    for line in _lines(result, chapter):
        indent = 2 + len(line) - len(line.lstrip())
        console.print(Padding(Text(in_terminal(line.strip())), (0, 0, 0, indent)))


def _table(graded: Graded) -> Table:
    table = Table("exercise", Column("points", justify="right"), "state", "lost", title=graded.result.chapter)
    for exercise in graded.result.exercises:
        lost = len(exercise.verdicts) - len(reasons.held(exercise))
        claims = f"{lost} of {len(exercise.verdicts)} claims" if lost else ""
        row = (_titled(exercise), f"{exercise.earned}/{exercise.points}", reasons.WORDS[exercise.state], claims)
        table.add_row(*(in_a_table(text) for text in row))
    return table
