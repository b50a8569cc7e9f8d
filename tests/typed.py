"""Type a command of the grader, for the tests of what it prints and how it ends."""

from __future__ import annotations

from click.testing import CliRunner

from autograder.cli import main


def typed(*asked: object, status: int = 0) -> str:
    """Run a command, require its exit status, and return what it printed as words with single spaces between them."""
    done = CliRunner().invoke(main, [str(part) for part in asked], env={"COLUMNS": "500"})
    assert done.exit_code == status, done.output
    return " ".join(done.output.split())
