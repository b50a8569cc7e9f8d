"""The grader that instructors run on submissions of the course's notebooks.

From a Python prompt::

    import autograder
    result = autograder.grade_notebook("linear.ipynb")
    print(result.earned, "of", result.points)
"""

from typing import Any

__all__ = ["grade_notebook"]


def __getattr__(name: str) -> Any:
    # Load on first use: importing one module, such as `keys` before anything is installed, must not need the others.
    if name == "grade_notebook":
        from autograder.grading.grader import grade_notebook

        return grade_notebook
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
