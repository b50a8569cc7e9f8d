"""`autograder grade --mine`: the points so far of a notebook of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from autograder.commands.say import FAULT, USAGE, console, in_a_table, say, stop
from autograder.model import State
from autograder.running.run import Runner

if TYPE_CHECKING:
    from autograder.model import Result


def grade(notebook: Path, name: str | None, root: Path, runner: Runner) -> None:
    """Show the points of a notebook so far, and what to do next; nothing is recorded."""
    if not notebook.exists():
        stop(f"there is no file {notebook}", USAGE)
    runner.start()  # it imports torch while we do
    from autograder.chapters import chapter as chapters
    from autograder.chapters.variants import VariantError
    from autograder.grading.grade import ReferenceFailed, grade_notebook
    from autograder.running.link import ServerFault

    try:
        result = grade_notebook(notebook, name, root=root, runner=runner)
    except chapters.ChapterNotFound as error:
        stop(f"{error}. Say which chapter it is: --mine {notebook} CHAPTER", USAGE)
    except (ReferenceFailed, VariantError, ServerFault) as error:
        stop(str(error), FAULT)
    if not result.exercises:
        say(f"{result.chapter} has no exercises: there is nothing to grade.")
        return
    console.print(_own_table(result))
    for note in result.notes:
        say(f"note: {note}")
    say(f"\n{result.earned} of {result.points} points so far.")
    todo = next((exercise for exercise in result.exercises if not exercise.is_solved), None)
    if result.state is not State.PASSED:
        say(f"{result.state}: {result.sentence}")
    if todo is None:
        say("Every exercise of this chapter is solved.")
    else:
        say(f"Next: {todo.title} ({todo.state}). {todo.sentence}")


def _own_table(result: Result) -> Table:
    table = Table(title=f"{result.chapter}", show_lines=True)
    for heading in ("exercise", "points", "state", "what to look at"):
        table.add_column(heading, justify="right" if heading == "points" else "left")
    for exercise in result.exercises:
        checks = [check.message for check in exercise.checks if not check.passed]
        look_at = "\n".join(dict.fromkeys(filter(None, [exercise.sentence, *checks[:2]])))
        row = (exercise.title, f"{exercise.earned}/{exercise.points}", exercise.state.value, look_at)
        table.add_row(*(in_a_table(text) for text in row))
    return table
