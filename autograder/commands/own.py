"""`autograder grade --mine`: the points so far of a notebook of one's own, once or after each save."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from autograder.commands.say import FAULT, USAGE, console, in_a_table, say, stop
from autograder.model import Chapter, State
from autograder.running.run import Runner

if TYPE_CHECKING:
    from autograder.classroom.own_notebook import Graded

EVERY = 0.1  # seconds between two looks at a notebook that is watched


def grade(
    notebook: Path, name: str | None, root: Path, runner: Runner, *, exercises: tuple[str, ...] = (), watch: bool
) -> None:
    """Show the points of a notebook so far, and what to do next; they are kept beside it and recorded nowhere."""
    if not notebook.exists():
        stop(f"there is no file {notebook}", USAGE)
    with closing(runner):
        runner.start()  # it imports torch while we do
        from autograder.chapters import chapter as chapters
        from autograder.chapters.variants import VariantError
        from autograder.classroom.own_notebook import OwnNotebook
        from autograder.grading.grade import ReferenceFailed
        from autograder.running.link import ServerFault

        try:
            chapter = chapters.load(name or notebook.stem, root)
            _check(exercises, chapter)
            own = OwnNotebook(notebook, chapter, runner)
            for _ in _saves(notebook) if watch else [0]:
                began = time.monotonic()
                _show(own.grade(exercises), time.monotonic() - began)
        except chapters.ChapterNotFound as error:
            stop(f"{error}. Say which chapter it is: --mine {notebook} CHAPTER", USAGE)
        except (ReferenceFailed, VariantError, ServerFault) as error:
            stop(str(error), FAULT)
        except OSError as error:
            stop(f"{notebook} cannot be read: {error.strerror}", USAGE)
        except KeyboardInterrupt:
            say("")


def _check(asked: Collection[str], chapter: Chapter) -> None:
    known = [exercise.name for exercise in chapter.exercises]
    for name in asked:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f": {', '.join(known)}"
            stop(f"{chapter.name} has no exercise {name!r}{hint}", USAGE)


def _saves(notebook: Path) -> Iterator[int]:
    """Yield at once, and after each save: a change of the file that is over when we look again."""
    seen = None
    while True:
        now = _stamp(notebook)
        if now != seen and now is not None:
            seen = now
            yield 0
            say(f"{notebook} is watched; control-C ends it.")
        time.sleep(EVERY)


def _stamp(notebook: Path) -> tuple[int, int] | None:
    try:
        found = notebook.stat()
    except FileNotFoundError:  # it is being replaced
        return None
    return found.st_mtime_ns, found.st_size


def _show(graded: Graded, seconds: float) -> None:
    result = graded.result
    if not result.points:
        say(f"{result.chapter} has no exercises: there is nothing to grade.")
        return
    if result.exercises:
        console.print(_table(graded))
    if graded.untouched:
        say(f"not begun: {', '.join(exercise.title for exercise in graded.untouched)}")
    for note in result.notes:
        say(f"note: {note}")
    say(f"\n{result.earned} of {result.points} points so far. ({_now(graded)}, {seconds:.1f} s)")
    if result.state is not State.PASSED:
        say(f"{result.state}: {result.sentence}")
    todo = next((exercise for exercise in result.exercises if not exercise.is_solved), None)
    if todo is not None:
        say(f"Next: {todo.title} ({todo.state}). {todo.sentence}")
    elif graded.untouched:
        say(f"Next: {graded.untouched[0].title}.")
    elif result.earned == result.points:
        say("Every exercise of this chapter is solved.")


def _now(graded: Graded) -> str:
    unchanged = len(graded.result.exercises) - len(graded.fresh)
    return f"{len(graded.fresh)} graded now" + (f", {unchanged} unchanged" if unchanged else "")


def _table(graded: Graded) -> Table:
    table = Table(title=f"{graded.result.chapter}", show_lines=True)
    for heading in ("exercise", "points", "state", "what to look at"):
        table.add_column(heading, justify="right" if heading == "points" else "left")
    for exercise in graded.result.exercises:
        checks = [check.message for check in exercise.checks if not check.passed]
        look_at = "\n".join(dict.fromkeys(filter(None, [exercise.sentence, *checks[:2]])))
        row = (exercise.title, f"{exercise.earned}/{exercise.points}", exercise.state.value, look_at)
        table.add_row(*(in_a_table(text) for text in row))
    return table
