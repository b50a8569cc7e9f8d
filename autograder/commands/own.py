"""`autograder grade --mine`: show the points of your own notebook so far, once or after each save."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from autograder import reasons
from autograder.commands.say import FAULT, USAGE, console, in_a_table, say, stop
from autograder.commands.stopping import status_of
from autograder.model import Chapter, Exercise, ExerciseResult
from autograder.plain import in_terminal
from autograder.sandbox.driver.run import Runner
from autograder.texts.facts import CORE
from layerlab.judging.claim_model import State

if TYPE_CHECKING:
    from autograder.classroom.own_notebook import Graded
    from autograder.commands.grade import GradeOptions

EVERY = 0.1  # seconds between two checks of a watched notebook
MOST_CHECKS = 2  # failed visible checks shown for an exercise; the notebook shows all of them


def grade(notebook: Path, asked: GradeOptions, runner: Runner) -> None:
    """Show a notebook's points so far and what to do next; save the points next to the notebook and nowhere else."""
    if not notebook.exists():
        stop(f"there is no file {notebook}", USAGE)
    with closing(runner):
        from autograder.classroom.own_notebook import OwnNotebook
        from autograder.texts import chapter as chapters

        try:
            name = asked.names[0] if asked.names else notebook.stem
            chapter = chapters.load(name, asked.root)
            exercises = tuple(_exercise(name, chapter) for name in asked.exercises)
            own = OwnNotebook(notebook, chapter, runner)
            for _ in _saves(notebook) if asked.watch else [0]:
                began = time.monotonic()
                graded = own.grade(exercises)
                if asked.as_json:
                    click.echo(json.dumps(_plain(graded, chapter)))
                else:
                    _show(graded, chapter, time.monotonic() - began, own.kept)
        except chapters.ChapterNotFound as error:
            stop(f"{error}. Name its chapter: --mine {notebook} CHAPTER", USAGE)
        except _faults() as error:
            stop(str(error), FAULT)
        except OSError as error:
            stop(f"{notebook} cannot be read: {error.strerror}", USAGE)
        except KeyboardInterrupt as error:
            if not asked.watch:
                stop("stopped", status_of(error))
            say("")


def _faults() -> tuple[type[Exception], ...]:
    """Return the errors that stop grading. Call this only after an error, because it imports torch."""
    from autograder.grading.grader import ReferenceFailed
    from autograder.sandbox.driver.server_process import ServerFault
    from autograder.texts.variants import VariantError

    return ReferenceFailed, VariantError, ServerFault


def _exercise(asked: str, chapter: Chapter) -> str:
    """Return the name of an exercise, given its name or title; if there is no such exercise, exit with a suggestion."""
    names = {exercise.title.casefold(): exercise.name for exercise in chapter.exercises}
    names |= {name: name for name in names.values()}
    if asked.casefold() in names:
        return names[asked.casefold()]
    near = get_close_matches(asked.casefold(), names, 1)
    hint = f"; did you mean {names[near[0]]}?" if near else f": {', '.join(dict.fromkeys(names.values()))}"
    return stop(f"{chapter.name} has no exercise {asked!r}{hint}", USAGE)


def _saves(notebook: Path) -> Iterator[int]:
    """Yield immediately, and again each time the file has changed since the last check."""
    seen = None
    while True:
        now = _stamp(notebook)
        if now != seen and now is not None:
            seen = now
            yield 0
            say(f"Watching {notebook}; press control-C to stop.")
        time.sleep(EVERY)


def _stamp(notebook: Path) -> tuple[int, int] | None:
    try:
        found = notebook.stat()
    except FileNotFoundError:  # it is being replaced
        return None
    return found.st_mtime_ns, found.st_size


def _show(graded: Graded, chapter: Chapter, seconds: float, kept: Path) -> None:
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
    unchanged = len(result.exercises) - len(graded.fresh)
    now = f"{len(graded.fresh)} graded now" + (f", {unchanged} unchanged" if unchanged else "")
    where = f", kept in {kept.name}" if kept.exists() else ""
    say(f"\n{result.earned} of {result.points} points so far. ({now}, {seconds:.1f} s{where})")
    if result.state is not State.PASSED:
        say(f"{reasons.WORDS[result.state]}: {in_terminal(result.sentence)}")
    say(_way(graded, chapter))


def _titled(exercise: Exercise | ExerciseResult) -> str:
    return f"{exercise.title} ({exercise.name})"


def _way(graded: Graded, chapter: Chapter) -> str:
    """Say how much of the core is done, and name the next exercise: core before others, begun ones first."""
    solved = {exercise.name for exercise in graded.result.exercises if exercise.is_solved}
    asked = {exercise.name for exercise in graded.result.exercises}
    asked |= {exercise.name for exercise in graded.untouched}
    of_all = [exercise for exercise in chapter.exercises if exercise.name in asked]
    if not of_all:
        return ""
    core = [exercise for exercise in of_all if exercise.tier == CORE]
    done = sum(exercise.name in solved for exercise in core)
    words = f"Core: {done} of {len(core)} exercises solved. " if len(of_all) == len(chapter.exercises) else ""
    begun = {exercise.name: reasons.WORDS[exercise.state] for exercise in graded.result.exercises}
    waiting = {exercise.name for exercise in graded.result.exercises if exercise.state is State.BY_HAND}
    left = [exercise for exercise in of_all if exercise.name not in solved | waiting]
    left.sort(key=lambda exercise: (exercise.tier != CORE, exercise.name not in begun))
    if not left:
        done_so = "is solved or waits for a person to grade it" if waiting else "is solved"
        return f"{words}Every exercise {'of this chapter' if words else 'you asked for'} {done_so}."
    return f"{words}Next: {_titled(left[0])}, {begun.get(left[0].name, 'not started')}."


def _plain(graded: Graded, chapter: Chapter) -> dict[str, Any]:
    """Return, as JSON types for `lab.points()`, the content that `_show` prints."""
    result = graded.result
    exercises = [
        {"name": e.name, "title": e.title, "earned": e.earned, "points": e.points, "state": reasons.WORDS[e.state]}
        | {"lines": [] if e.is_solved else _lines(e, chapter)}
        for e in result.exercises
    ]
    return {
        "chapter": result.chapter,
        "earned": result.earned,
        "points": result.points,
        "exercises": exercises,
        "untouched": [exercise.title for exercise in graded.untouched],
        "notes": result.notes,
        "sentence": result.sentence,
        "way": _way(graded, chapter),
    }


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
