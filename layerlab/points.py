"""Provide `lab.claims` and `lab.points`, which load the judges only when they are called."""

from __future__ import annotations

import os

from layerlab.graded import observation


def claims(exercise: str, release: str = "") -> None:
    """Run the hidden claims of an exercise on your answer, and show which hold, what is lost, and why.

    The claims draw their inputs under a public seed, and the grader draws other inputs; both use the same judges.
    Nothing in the notebook changes. Under a grader, do nothing.

    Args:
        exercise: the exercise's name, as in the last line of its check cell.
        release: the release of the test that the notebook was made for.

    Raises:
        ClaimsLost: if points are lost.
    """
    if not _is_graded():
        from layerlab.scoring import notebook

        notebook.judge(exercise, release)


def points(chapter: str) -> None:
    """Run the claims of all exercises of a chapter on your answers, and show your points and what is next.

    Args:
        chapter: the chapter's name, such as "linear".
    """
    if not _is_graded():
        from layerlab.scoring import notebook, shown

        results = notebook.results(chapter)
        if results:
            notebook.show(shown.points(results))
        else:
            print(f"{chapter}: {notebook.ELSEWHERE}")


def _is_graded() -> bool:
    return observation.is_graded() or os.environ.get("NBGRADER_EXECUTION") == "autograde"
