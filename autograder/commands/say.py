"""Print, stop, and exit in the same way in all commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console

from autograder.plain import plain

MISSED, FAULT, USAGE = 1, 3, 2  # exit codes: a requested result failed; the grader failed; the request is invalid
console = Console()
problems = Console(stderr=True)

# --root is eager, because `_keep_private` reads it.
_FOLDER = click.Path(file_okay=False, path_type=Path)
ROOT = click.option("--root", type=_FOLDER, default=Path.cwd, is_eager=True, help="The course's folder.")


def say(sentence: str, to: Console = console) -> None:
    """Print a sentence without wrapping it, so that paths can be pasted and logs searched."""
    to.print(plain(sentence), highlight=False, markup=False, soft_wrap=True)


def tell(line: str) -> None:
    """Print a progress line if no progress bar can be shown; `make course` shows the latest line."""
    if not console.is_terminal:
        say(line)


def in_a_table(text: str) -> str:
    """Return plain text for a rich table, with brackets escaped so that they are not markup."""
    return plain(text).replace("[", r"\[")


def stop(message: str, status: int) -> NoReturn:
    """Print an error message and exit with this status."""
    say(f"autograder: {message}", problems)
    sys.exit(status)


def _keep_private(context: click.Context, _: click.Parameter, folder: Path | None) -> None:
    from autograder.texts import chapter as chapters

    try:
        if folder is not None:
            chapters.keep_private(folder, context.params["root"])
    except OSError as error:
        stop(f"--private {folder} cannot be used: {error}", USAGE)


PRIVATE = click.option(
    "--private",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    expose_value=False,
    callback=_keep_private,
    help="A folder of unpublished chapters, <chapter>/text.md. Later commands find them without this option, too.",
)
