"""What an instructor runs: grades submissions of the course's notebooks.

From a Python prompt::

    import autograder
    result = autograder.grade_notebook("linear.ipynb")
    print(result.earned, "of", result.points)
"""

from typing import Any

from autograder.model import ExerciseResult, Result, State, Verdict

__all__ = ["ExerciseResult", "Result", "State", "Verdict", "grade_notebook"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: `inside/` and the notebooks' own process never need the grader's driver.
    if name == "grade_notebook":
        from autograder.grade import grade_notebook

        return grade_notebook
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
