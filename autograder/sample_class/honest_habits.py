"""Imitate what students do to a notebook besides solving exercises: harmless habits, and ways to break the notebook.

Each habit or breakage changes a notebook, or the bytes of its file, in a way that the grader must handle.
"""

from __future__ import annotations

import codecs
import copy
from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

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


def add_habit(notebook: NotebookNode, habit: str, exercise: str) -> None:
    """Insert a cell with the code of a habit right after the answer cell of ``exercise``."""
    cell = new_code_cell(HABITS[habit], id=f"my-{habit.replace(' ', '-')}")
    notebook.cells.insert(place_of(notebook, exercise) + 1, cell)


def add_note(notebook: NotebookNode, exercise: str) -> None:
    """Insert a Markdown cell with a student's note right before the answer cell of ``exercise``."""
    notebook.cells.insert(place_of(notebook, exercise), new_markdown_cell(NOTE, id="my-notes"))


def place_of(notebook: NotebookNode, grade_id: str) -> int:
    """Return the index of the cell with this nbgrader ``grade_id``.

    Raises:
        ValueError: if there is no such cell.
    """
    for index, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return index
    raise ValueError(f"no cell {grade_id!r} in the notebook")


@dataclass(frozen=True)
class Breakage:
    """One way to break a submission, and the outcome it must have.

    Attributes:
        what: a description.
        state: the state the submission must get: ``PASSED`` if it is graded as if nothing had happened, ``SKIPPED`` if
            it cannot be read and no exercise earns anything.
        why: text that the result's sentence or one of its notes must contain; empty if none is needed.
        spoils: the states that are allowed for one randomly chosen exercise, which earns nothing; empty if all
            exercises can earn points.
        in_answer: code inserted before the answer to the spoiled exercise.
        in_scratch: code for a scratch cell.
        change: a function that changes the notebook, given the name of the spoiled exercise.
        encode: a function that changes the bytes of the file.
        file_name: a template for the file's name, filled with the chapter's name.
    """

    what: str
    state: State
    why: str = ""
    spoils: tuple[State, ...] = ()
    in_answer: str = ""
    in_scratch: str = ""
    change: Callable[[NotebookNode, str], None] | None = None
    encode: Callable[[bytes], bytes] | None = None
    file_name: str = "{chapter}.ipynb"


def _delete_cells(notebook: NotebookNode, exercise: str) -> None:
    del notebook.cells[place_of(notebook, exercise)]
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]


def _copy_cells(notebook: NotebookNode, exercise: str) -> None:
    doubled = []
    for cell in notebook.cells:
        doubled.append(cell)
        if "nbgrader" in cell.metadata:
            doubled.append(copy.deepcopy(cell))
    notebook.cells = doubled


def _merge_conflict(content: bytes) -> bytes:
    half = content.index(b"\n", len(content) // 2) + 1
    ours = b"<<<<<<< HEAD\n" + content[half : half + 200] + b"\n=======\n"
    return content[:half] + ours + content[half:] + b"\n>>>>>>> my-laptop\n"


BREAKAGES = (
    Breakage("a file that is not JSON", State.SKIPPED, "not JSON", encode=lambda content: content[: len(content) // 2]),
    Breakage("an empty file", State.SKIPPED, "empty", encode=lambda content: b""),
    Breakage("conflict markers of a merge", State.SKIPPED, "conflict markers", encode=_merge_conflict),
    Breakage("saved as text", State.SKIPPED, "{chapter}.ipynb.txt", file_name="{chapter}.ipynb.txt"),
    Breakage("another file name", State.PASSED, "{chapter} (2).ipynb", file_name="{chapter} (2).ipynb"),
    Breakage("a byte order mark", State.PASSED, encode=lambda content: codecs.BOM_UTF8 + content),
    Breakage(
        "test cells and one answer deleted",
        State.PASSED,
        "not in the notebook",
        spoils=(State.SKIPPED,),
        change=_delete_cells,
    ),
    Breakage("every answer and test copied", State.PASSED, change=_copy_cells),
    Breakage(
        "an answer that never ends",
        State.TIMED_OUT,
        "time limit",
        spoils=(State.TIMED_OUT,),
        in_answer="while True:\n    pass",
    ),
    Breakage("a scratch cell that never ends", State.TIMED_OUT, "time limit", in_scratch="while True:\n    pass"),
    Breakage(
        "an answer that crashes Python",
        State.CRASHED,
        "process",
        spoils=(State.CRASHED,),
        in_answer="import ctypes\nctypes.string_at(0)",
    ),
    Breakage("a scratch cell that calls os._exit(0)", State.CRASHED, "process", in_scratch="import os\nos._exit(0)"),
    Breakage(
        "an answer that calls sys.exit()", State.PASSED, spoils=(State.RAISED,), in_answer="import sys\nsys.exit()"
    ),
    Breakage(
        "an answer with a tensor of 2 GB",
        State.PASSED,
        spoils=(State.OUT_OF_MEMORY, State.RAISED),  # torch reports this as a RuntimeError
        in_answer="too_big = torch.ones(2**29)",
    ),
)
