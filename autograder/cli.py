"""Define the command line that instructors use, ``python -m autograder``: grade, explain, collect, marks, and more."""

from __future__ import annotations

import ast
import atexit
import gc
import io
import sys
from importlib import import_module
from pathlib import Path

import click

from autograder.commands import stopping

# The module of each command, so that running a command imports only what that command uses.
COMMANDS = {
    "answers": "autograder.review.exported_answers",
    "changes": "autograder.review.changed_points",
    "class": "autograder.commands.class_commands",
    "classroom": "autograder.hub.classroom_command",
    "collect": "autograder.exchange.collect",
    "explain": "autograder.commands.explain",
    "grade": "autograder.commands.grade",
    "marks": "autograder.exchange.marks_file",
    "sample": "autograder.commands.sample",
    "validate": "autograder.commands.validate",
}


def about(name: str) -> str:
    """Return the first line of a command's help; read it from the module's text, without importing the module."""
    path = Path(__file__).parents[1].joinpath(*COMMANDS[name].split(".")).with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "command")
    return (ast.get_docstring(function) or "").partition("\n")[0]


class Commands(click.Group):
    """A click group that imports a command only to run it or to show that command's help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the named command, or return None if no command has that name."""
        return import_module(COMMANDS[cmd_name]).command if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the first line of each command's help, without importing the command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about(name)) for name in COMMANDS])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="layer-by-layer", prog_name="autograder")
def main() -> None:
    """Grade the notebooks of Layer by Layer, and test the tests that grade them."""
    stopping.on_signals()
    gc.set_threshold(50_000, 20, 100)  # importing torch makes many objects and no garbage: saves a quarter of its time
    atexit.register(gc.freeze)  # otherwise, exit would search all objects once more, which takes 0.8 s
    for stream in (sys.stdout, sys.stderr):  # a student's text may contain what no terminal can show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
