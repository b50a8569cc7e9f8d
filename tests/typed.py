"""Run a command of the grader as if typed, for tests of its output and exit status."""

from __future__ import annotations

from click.testing import CliRunner

from autograder.cli import main


def typed(*asked: object, status: int = 0) -> str:
    """Run a command, require this exit status, and return the output with runs of white space replaced by one space."""
    done = CliRunner().invoke(main, [str(part) for part in asked], env={"COLUMNS": "500"})
    assert done.exit_code == status, done.output
    return " ".join(done.output.split())
