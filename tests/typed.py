"""Run a command of the grader, or of `authoring`, as if typed, for tests of its output and exit status."""

from functools import partial

import click
from click.testing import CliRunner

from authoring.author_commands import main as author
from autograder.cli import main as grader


def _typed(main: click.Group, *asked: object, status: int = 0) -> str:
    """Run a command, require this exit status, and return the output with runs of white space replaced by one space."""
    done = CliRunner().invoke(main, [str(part) for part in asked], env={"COLUMNS": "500"})
    assert done.exit_code == status, done.output
    return " ".join(done.output.split())


typed, authored = partial(_typed, grader), partial(_typed, author)
