"""`autograder grade`: grade a class, or your own notebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from autograder.classroom.grading import Grading
from autograder.commands.say import PRIVATE, ROOT, problems, say
from autograder.sandbox.driver.run import Runner


@click.command("grade")
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option("--mine", type=click.Path(path_type=Path), help="Grade this one notebook and show the points so far.")
@click.option("--student", "students", multiple=True, help="Only this student (may be repeated).")
@click.option(
    "--accept",
    multiple=True,
    metavar="STUDENT",
    help="Only this student (may be repeated); a newer answer's points replace a lower score by hand for an older one.",
)
@click.option("--new-seed", is_flag=True, help="Draw new inputs, so that every submission is graded again.")
@click.option(
    "--unsandboxed", is_flag=True, help="Run submissions with your own privileges, if isolation is impossible."
)
@click.option(
    "--workers", type=click.IntRange(1), help="Submissions at a time on this machine.  [default: one per processor]"
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Grade on the workers of this Dask scheduler instead: tcp://host:8786"
)
@PRIVATE
@ROOT
def command(
    names: tuple[str, ...], mine: Path | None, root: Path, unsandboxed: bool, workers: int | None, **how: Any
) -> None:
    """Grade submitted/<student>/<chapter>/<chapter>.ipynb for each CHAPTER (default: all that were submitted).

    Scores go to nbgrader's gradebook, graded notebooks to autograded/, feedback pages for students to feedback/, and
    the class report to reports/. Results of unchanged submissions are kept, even from an interrupted run.

    To grade a large class on several machines, run `dask scheduler` on one of them. On each of them, run `dask worker
    tcp://host:8786 --nthreads 1`, with `--nworkers N` to grade N at a time. Then pass --scheduler here. Workers need
    the course's packages, but not its folder.

    Exit status: 0 graded; 1 a submission could not be graded because of a fault of the grader; 2 nothing to grade; 3
    the grader, the disk, the database, or the scheduler failed.
    """
    if workers and how["scheduler"]:
        raise click.UsageError("--workers is for this machine; with --scheduler its workers decide")
    runner = Runner(1 if mine else workers or os.cpu_count() or 1, sandbox=not unsandboxed)
    if mine is not None:
        from autograder.commands import own

        own.grade(mine, names, root, runner)
        return
    if unsandboxed:
        say("autograder: --unsandboxed: submissions run with your own privileges.", problems)
    from autograder.commands import submitted

    how["students"] += how["accept"]
    submitted.grade(names, root, Grading(runner=runner, sandbox=not unsandboxed, **how), runner)
