"""Imitate what students do to a notebook besides solving exercises: harmless habits, and ways to break the notebook.

Each habit or breakage changes a notebook, or the bytes of its file, in a way that the grader must handle.
"""

from __future__ import annotations

import codecs
import copy
from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.model import State

# Harmless code that students add. It goes between an answer and its test, where it could do the most harm.
HABITS = {
    "tries something in a scratch cell": "scratch = torch.randn(3, 4)\nscratch.mean(0)",
    "prints": "for step in range(3):\n    print('step', step)",
    "reuses names": "inputs = 3\nx = y = None\nF = 'force'\ndraw = [1, 2]\nlayer = compare = 'mine'",
    "leaves a cell that fails": "undefined_name + 1",
    "warns and logs": "import logging, warnings\nwarnings.warn('careful')\nlogging.error('only a note to myself')",
    "changes the seed": "torch.manual_seed(12345)\nnp.random.seed(12345)",
    "changes the default dtype": "torch.set_default_dtype(torch.float64)",
    "turns gradients off": "torch.set_grad_enabled(False)",
    "leaves a figure open": "plt.plot([1, 4, 9])\nplt.title('mine')",
    "uses a magic": "%time sum(range(1000))",
}
NOTE = "My notes: I worked this out on paper first. `nn.Linear` keeps $W$ as (out, in)."


def place_of(notebook: NotebookNode, grade_id: str) -> int:
    """Return the index of the cell with this nbgrader ``grade_id``."""
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells].index(grade_id)


@dataclass(frozen=True)
class Breakage:
    """One way to break a submission, and the outcome it must have."""

    what: str
    state: State  # of the submission: PASSED if it is graded as if nothing had happened, SKIPPED if it cannot be read
    why: str = ""  # what the result's sentence or one of its notes must contain
    spoils: tuple[State, ...] = ()  # the states allowed for one randomly chosen exercise, which earns nothing
    in_answer: str = ""  # code inserted before the answer to that exercise
    in_scratch: str = ""  # code for a scratch cell
    change: Callable[[NotebookNode, str], None] | None = None  # changes the notebook, given the exercise's name
    encode: Callable[[bytes], bytes] = lambda content: content  # changes the bytes of the file
    file_name: str = "{chapter}.ipynb"


def _delete_cells(notebook: NotebookNode, exercise: str) -> None:
    del notebook.cells[place_of(notebook, exercise)]
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]


def _copy_cells(notebook: NotebookNode, exercise: str) -> None:
    counted = ((cell, 2 if "nbgrader" in cell.metadata else 1) for cell in notebook.cells)
    notebook.cells = [copy.deepcopy(cell) for cell, count in counted for _ in range(count)]


def _merge_conflict(content: bytes) -> bytes:
    half = content.index(b"\n", len(content) // 2) + 1
    ours = b"<<<<<<< HEAD\n" + content[half : half + 200] + b"\n=======\n"
    return content[:half] + ours + content[half:] + b"\n>>>>>>> my-laptop\n"


_FOREVER = "while True:\n    pass"
BREAKAGES = (
    Breakage("a file that is not JSON", State.SKIPPED, "not JSON", encode=lambda content: content[: len(content) // 2]),
    Breakage("an empty file", State.SKIPPED, "empty", encode=lambda content: b""),
    Breakage("conflict markers of a merge", State.SKIPPED, "conflict markers", encode=_merge_conflict),
    Breakage("saved as text", State.SKIPPED, "{chapter}.ipynb.txt", file_name="{chapter}.ipynb.txt"),
    Breakage("another file name", State.PASSED, "{chapter} (2).ipynb", file_name="{chapter} (2).ipynb"),
    Breakage("a byte order mark", State.PASSED, encode=lambda content: codecs.BOM_UTF8 + content),
    Breakage(
        "test cells and one answer deleted", State.PASSED, "not in the notebook", (State.SKIPPED,), change=_delete_cells
    ),
    Breakage("every answer and test copied", State.PASSED, change=_copy_cells),
    Breakage("an answer that never ends", State.TIMED_OUT, "time limit", (State.TIMED_OUT,), _FOREVER),
    Breakage("a scratch cell that never ends", State.TIMED_OUT, "time limit", in_scratch=_FOREVER),
    Breakage(
        "an answer that crashes Python", State.CRASHED, "process", (State.CRASHED,),
        "import ctypes\nctypes.string_at(0)",
    ),
    Breakage("a scratch cell that calls os._exit(0)", State.CRASHED, "process", in_scratch="import os\nos._exit(0)"),
    Breakage("an answer that calls sys.exit()", State.PASSED, "", (State.RAISED,), "import sys\nsys.exit()"),
    Breakage(  # torch reports it as a RuntimeError
        "an answer with a tensor of 2 GB", State.PASSED, "", (State.OUT_OF_MEMORY, State.RAISED),
        "too_big = torch.ones(2**29)",
    ),
)  # fmt: skip
