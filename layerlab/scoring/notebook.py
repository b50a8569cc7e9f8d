"""Implement `lab.claims` and `lab.points`: in a notebook, judge one exercise, or all of them."""

from __future__ import annotations

import os

from IPython import get_ipython
from IPython.display import display

from layerlab.scoring import exercise_file, shown
from layerlab.scoring.result import Scored, Stage, result
from layerlab.scoring.run_claims import run

ELSEWHERE = "your instructor's tests judge this exercise"
OTHER_RELEASE = (
    "{}: this notebook and layerlab are of different releases, so the exercise cannot be judged here. Get both from "
    "the same place, restart the kernel, and run this cell again."
)


class ClaimsLost(AssertionError):
    """An exercise lost points. IPython shows only the message, without a traceback through this package."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Stopped(KeyboardInterrupt):
    """The learner stopped the claims of an exercise."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def judge(exercise: str, release: str = "") -> None:
    """Judge one exercise, and show what holds and what is lost.

    Raises:
        ClaimsLost: if a claim is lost, or if nbgrader validates a notebook in which the exercise is not begun.
        Stopped: if the learner interrupts it.
    """
    scored = _scored(exercise, release)
    if scored.stage is Stage.STOPPED:
        raise Stopped(f"{scored.title}: stopped")
    if scored.stage is Stage.OTHER_RELEASE:
        print(OTHER_RELEASE.format(exercise))
    elif scored.stage is Stage.ELSEWHERE:
        print(f"{exercise}: {scored.stage}")
    else:
        show(shown.exercise(scored))
    failing = [Stage.LOST, Stage.FORBIDDEN]
    if os.environ.get("NBGRADER_EXECUTION") == "validate":  # Run All goes on here, but Validate must not say "Success!"
        failing += [Stage.STUB, Stage.START, Stage.UNDEFINED]
    if scored.stage in failing:
        raise ClaimsLost(f"{scored.earned} of {scored.points} points")


def results(chapter: str) -> list[Scored]:
    """Return the result of each exercise of a chapter, in order; an interrupt stops one exercise, and others go on."""
    return [_scored(name) for name in exercise_file.names(chapter)]


def show(what: shown.Shown) -> None:
    """Display a result in Jupyter, and print it elsewhere."""
    display(what) if get_ipython() else print(what)


def _scored(name: str, release: str = "") -> Scored:
    try:
        exercise = exercise_file.read(name, release)
    except exercise_file.NoClaims:
        return Scored(name, name, Stage.ELSEWHERE)
    except exercise_file.OtherRelease:
        return Scored(name, name, Stage.OTHER_RELEASE)
    try:
        return result(exercise, run(exercise))
    except KeyboardInterrupt:
        return Scored(name, exercise.title, Stage.STOPPED, 0, exercise.points, exercise.tier, exercise.claims)
