"""Run the students' commands: ``python -m layerlab reset NOTEBOOK EXERCISE``."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from layerlab import __version__
from layerlab.reset import ResetError, exercises, reset


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m layerlab", description="Layer by Layer: commands for working on a notebook."
    )
    parser.add_argument("--version", action="version", version=f"layerlab {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    command = commands.add_parser(
        "reset",
        help="restore an exercise to its released text",
        description="Restore exercises to their released text. Save the notebook first, and reload it "
        "afterward. What you wrote is saved in a .py file next to the notebook, which overwrites no earlier file.",
    )
    command.add_argument("notebook", type=Path, help="the notebook you work on, such as linear.ipynb")
    command.add_argument("exercise", nargs="*", help="names or titles of exercises, such as own_linear")
    command.add_argument("--all", action="store_true", help="every exercise of the notebook")
    command.add_argument("--list", action="store_true", help="show the exercises and change nothing")
    options = parser.parse_args(arguments)

    if options.command is None:
        parser.print_help()
        return 0
    try:
        return _list(options.notebook) if options.list else _reset(options.notebook, options.exercise, options.all)
    except ResetError as error:
        print(error, file=sys.stderr)
        return 1


def _list(notebook: Path) -> int:
    for exercise in exercises(notebook):
        state = "as released" if exercise.is_released else "changed by you"
        print(f"{exercise.name:<28} {state:<15} {exercise.title}".rstrip())
    return 0


def _reset(notebook: Path, names: list[str], everything: bool) -> int:
    known = [exercise.name for exercise in exercises(notebook)]
    if not (names or everything):
        raise ResetError(f"Name an exercise, or use --all. {notebook} has: {', '.join(known)}.")
    done = reset(notebook, known if everything else names)
    for one in done:
        print(f"{one.name}: reset; your text is in {one.kept}" if one.kept else f"{one.name}: already as released")
    if any(one.kept for one in done):
        print("If the notebook is open in Jupyter: File > Reload Notebook from Disk.")
    return 0


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # not on Windows
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends the command quietly
    sys.exit(main())
