"""What the commands share: where they print, how they stop, and their exit codes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console

from autograder.plain import plain

MISSED, FAULT, USAGE = 1, 3, 2  # exit codes: something asked for did not hold; we failed; what was asked cannot be
console = Console()
problems = Console(stderr=True)

ROOT = click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), default=Path.cwd, help="The course's folder."
)


def say(sentence: str, to: Console = console) -> None:
    """Print a sentence as it is: whoever pastes a path or searches a log needs it in one piece."""
    to.print(plain(sentence), highlight=False, markup=False, soft_wrap=True)


def tell(line: str) -> None:
    """Say how far it is where a bar shows nothing: `make course` shows the latest line."""
    if not console.is_terminal:
        say(line)


def in_a_table(text: str) -> str:
    """Return a text as rich shows it in a table: plain, its brackets no markup."""
    return plain(text).replace("[", r"\[")


def stop(message: str, status: int) -> NoReturn:
    """Say what is wrong and end with an exit code."""
    say(f"autograder: {message}", problems)
    sys.exit(status)
