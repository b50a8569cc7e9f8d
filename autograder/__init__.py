"""What an instructor runs: grades submissions of the course's notebooks.

From a Python prompt::

    import autograder
    result = autograder.grade_notebook("linear.ipynb")
    print(result.earned, "of", result.points)
"""

import sys
from typing import Any

# jsonschema imports it for a format that no notebook has, and it compiles its grammar then: 1.3 s of each command that
# reads one. https://github.com/python-jsonschema/jsonschema takes it for not installed.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # how the import system says "not there"

__all__ = ["ExerciseResult", "Result", "State", "Verdict", "grade_notebook"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: whoever wants one module, `keys` before anything is installed, needs no other.
    if name == "grade_notebook":
        from autograder.grading.grader import grade_notebook

        return grade_notebook
    if name in __all__:
        from autograder import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
