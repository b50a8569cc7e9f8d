"""`autograder sample`: make a sample class to try the grader on, and check the class's grades."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.classroom.pace import steps
from autograder.commands.say import MISSED, ROOT, USAGE, problems, say, stop, tell
from autograder.sample_class import check as checking
from autograder.sample_class import make_class
from autograder.texts import chapter as chapters


@click.command("sample")
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option("--students", default=24, show_default=True, type=click.IntRange(20), help="How many students to make.")
@click.option("--seed", default=1, show_default=True, help="The seed that decides the class.")
@click.option("--check", is_flag=True, help="Compare the grades of an earlier sample with what they must be.")
@ROOT
def command(names: tuple[str, ...], students: int, seed: int, check: bool, root: Path) -> None:
    """Make a class of submissions with right, wrong, and broken answers for each CHAPTER (default: all chapters).

    With --check, compare the class's recorded grades with the expected grades (default: every chapter with a sample).
    """
    names = names or tuple(checking.sampled(root) if check else chapters.names(root))
    if not names:
        stop("there is no sample class to check: make one with `python -m autograder sample`", USAGE)
    for step in steps(names):
        tell(step.words())
        if check:
            misses = checking.check(root, step.chapter)
            for miss in misses:
                say(miss, problems)
            if misses:
                stop(f"{step.chapter}: {len(misses)} grades are not as expected", MISSED)
            say(f"{step.chapter}: every grade of the sample is as expected")
        else:
            made = make_class.make(step.chapter, root, students=students, seed=seed)
            say(f"{step.chapter}: {len(made)} submissions in {root / 'submitted'}")
