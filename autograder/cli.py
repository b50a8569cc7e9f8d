"""The commands that instructors type: ``python -m autograder collect|grade|explain|marks|…``."""

from __future__ import annotations

import atexit
import gc
import io
import sys
from importlib import import_module

import click

from autograder.commands import stopping

# name -> its module and its line in `--help`: running a command imports only what that command uses
COMMANDS = {
    "bench": (
        "autograder.commands.bench",
        "Time the grader on each CHAPTER (default: all) against stock nbgrader, and against what the cells cost.",
    ),
    "changes": (
        "autograder.regrade.regrade_changes",
        "Show what grading CHAPTER again changed: students, exercises, and points before and after.",
    ),
    "class": (
        "autograder.commands.class_commands",
        "Check class.yml, which says what the class is, or write it into the gradebook.",
    ),
    "collect": (
        "autograder.exchange.collect",
        "Put the submissions in ZIP_OR_FOLDER into submitted/<student>/<chapter>/, where `grade` looks for them.",
    ),
    "edges": (
        "autograder.commands.edges",
        "Draw edge cases of each exercise and compare its right answers in them.",
    ),
    "explain": (
        "autograder.commands.explain",
        "Show why EXERCISE of one submission earned the points it did: for instructors, with expected values.",
    ),
    "grade": (
        "autograder.commands.grade",
        "Grade submitted/<student>/<chapter>/<chapter>.ipynb of each CHAPTER (default: all that were submitted).",
    ),
    "marks": (
        "autograder.exchange.marks_file",
        "Write the marks of each CHAPTER (default: all that were graded) for Canvas, Moodle, or Blackboard.",
    ),
    "sample": (
        "autograder.commands.sample",
        "Make a class of submissions for each CHAPTER out of right, wrong and broken answers (default: all chapters).",
    ),
    "similar": (
        "autograder.similarity.similar",
        "List answers in CHAPTER that copy a published solution, and pairs of students whose answers are alike.",
    ),
    "validate": (
        "autograder.commands.validate",
        "Test the tests of each exercise: what is right gets full marks, what is wrong loses.",
    ),
}


class Commands(click.Group):
    """A group that imports a command only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the named command, or return None if there is none."""
        return import_module(COMMANDS[cmd_name][0]).command if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does, without importing it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="layer-by-layer", prog_name="autograder")
def main() -> None:
    """Grade the notebooks of Layer by Layer, and test the tests that grade them."""
    stopping.on_signals()
    gc.set_threshold(50_000, 20, 100)  # importing torch makes many objects and no garbage: saves a quarter of its time
    atexit.register(gc.freeze)  # exit would search all objects once more: saves 0.8 s
    for stream in (sys.stdout, sys.stderr):  # a student's text may contain what no terminal can show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
