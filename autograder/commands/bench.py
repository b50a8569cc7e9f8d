"""`autograder bench`: how fast the grader is."""

from __future__ import annotations

from pathlib import Path

import click

from autograder import bench as benches
from autograder.commands.say import ROOT, say


@click.command("bench")
@click.argument("name", metavar="CHAPTER", default="linear")
@click.option("--sizes", default="10,100,1000", show_default=True, help="How many submissions, separated by commas.")
@click.option("--workers", default="1,2,4", show_default=True, help="How many at a time, separated by commas.")
@click.option("--nbgrader", default=8, show_default=True, help="How many of them stock nbgrader grades too.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("benchmarks"), show_default=True)
@ROOT
def command(name: str, sizes: str, workers: str, nbgrader: int, out: Path, root: Path) -> None:
    """Time the grader on CHAPTER against stock nbgrader, and against what the cells themselves take."""
    figures = None
    for figures in benches.bench(name, root, _numbers(sizes), _numbers(workers), nbgrader):
        say(benches.last_step(figures))
        written = benches.write(figures, out)  # after each step: a run that is stopped leaves what it found
    for path in written:
        say(str(path))


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise click.UsageError(f"{text!r} is not a list of whole numbers such as 10,100") from None
