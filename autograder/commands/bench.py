"""`autograder bench`: measure how fast the grader is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from autograder.benchmark import bench_report, capacity, capacity_data, classes
from autograder.classroom.pace import steps
from autograder.commands.say import ROOT, console, say, tell
from autograder.texts import chapter as chapters


@click.command("bench")
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option(
    "--classes",
    "asked",
    default="24:2",
    show_default=True,
    help="Submissions:number graded at a time, such as 24:2.",
)
@click.option(
    "--nbgrader",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many of them stock nbgrader also grades.",
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("benchmarks"), show_default=True)
@click.option(
    "--show", is_flag=True, help="Show where a submission's time went in the last measurement, without measuring again."
)
@click.option(
    "--capacity", metavar="N", type=click.IntRange(100), help="Grade N submissions once, of the first CHAPTER only."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("../capacity"),
    show_default=True,
    help="With --capacity: where the class is. A run that was stopped continues there.",
)
@ROOT
def command(names: tuple[str, ...], asked: str, nbgrader: int, out: Path, root: Path, **instead: Any) -> None:
    """Time the grader on each CHAPTER (default: all), and compare it with stock nbgrader and with the cells' own cost.

    The results are saved in --out, together with earlier results for other chapters.
    """
    if instead["capacity"]:
        measured = capacity.measure((names or chapters.names(root))[0], root, instead["capacity"], instead["folder"])
        say(str(capacity_data.write(measured, out)))
        return
    for step in () if instead["show"] else steps(names or tuple(chapters.names(root))):
        tell(step.words())
        for figures in classes.bench(step.chapter, root, _classes(asked), nbgrader):
            say(bench_report.last_step(figures))
        bench_report.write([figures], out)  # only when complete: an interrupted run keeps earlier results
    found = bench_report.read(out)
    console.print(bench_report.where([found[name] for name in names or found if name in found]))
    say(str(out / bench_report.DATA))


def _classes(text: str) -> list[tuple[int, int]]:
    try:
        return [(int(students), int(workers)) for students, workers in (part.split(":") for part in text.split(","))]
    except ValueError:
        raise click.UsageError(f"{text!r} is not a list of classes such as 24:2,100:1") from None
