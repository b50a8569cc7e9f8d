"""Make a student notebook from a reference notebook, with nbgrader's preprocessors and the course's own.

`nbgrader_config.py` passes `PREPROCESSORS` to ``nbgrader generate_assignment``: formgrader makes the same release.
"""

from __future__ import annotations

import copy
import textwrap
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
)
from nbgrader.preprocessors import SaveCells as SaveEveryCell

from autograder import practicing
from autograder.class_file import class_reader
from autograder.class_file.class_settings import ClassFileError
from autograder.class_file.counting import counted
from autograder.texts import chapter as chapters
from autograder.texts.regions import BEGIN_HIDDEN, STARTER, STUB, starter_line

ROOT = Path(__file__).resolve().parents[2]
INSTALL_ID = "install-layerlab"
MAY_RAISE = "raises-exception"

# A wheel can be imported directly: this needs no installation, no connection, and no pip. The version is read without
# importing layerlab, so that another version can still be imported. A newer version is accepted, because one hub serves
# old and new notebooks.
FIRST_CELL = """\
import re, sys
from importlib.util import find_spec
from pathlib import Path

def layerlab_version():
    spec = find_spec("layerlab")
    source = spec.loader.get_source("layerlab") if spec and spec.origin else ""
    found = re.search(r'__version__ = "([0-9.]+)"', source)
    return [int(part) for part in found[1].split(".")] if found else []

if layerlab_version() < {needed}:
    wheels = [wheel for folder in (".", "..") for wheel in Path(folder).resolve().glob("layerlab-*.whl")]
    sys.path[:0] = [str(wheel) for wheel in sorted(wheels, key=lambda wheel: wheel.name, reverse=True)]
"""
FROM_ADDRESS = """\
if layerlab_version() < {needed}:
    %pip install --quiet "{address}"
"""
MISSING = """\
if layerlab_version() < {needed}:
    found = ".".join(map(str, layerlab_version())) or "none"
    raise ModuleNotFoundError(f"{sentence}")"""
COMMENT: dict[str, Any] = {"initial_indent": "# ", "subsequent_indent": "# ", "break_on_hyphens": False}
MISTAKE_ID = "report-a-mistake"
MISTAKE = "Is something wrong or unclear in this notebook? [Report a mistake]({address})."
DUE_ID = "due-date"
POINTS_ID = "points-so-far"
POINTS = """\
# Your points so far, why others are lost, and what is next.
lab.points("{chapter}")"""
CLAIMS = 'lab.claims("{exercise}", "{release}")'  # the last line of a check cell

Passed = tuple[NotebookNode, ResourcesDict]  # what a preprocessor passes to the next


class PrepareCells(NbGraderPreprocessor):
    """Prepares the cells of exercises and clears their outputs; other outputs stay, to show students what to get."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Passed:
        """Return the notebook; the last visible line of each test judges the exercise in the student's notebook."""
        releases = {one.name: chapters.release(one) for one in chapters.load(nb).tested}
        for cell in filter(utils.is_grade, nb.cells):
            if (name := cell.metadata.get("layerlab", {}).get("exercise", "")) in releases and not utils.is_solution(
                cell
            ):
                visible, mark, hidden = cell.source.partition(BEGIN_HIDDEN)
                line = CLAIMS.format(exercise=name, release=releases[name])
                cell.source = f"{visible.rstrip()}\n{line}\n{mark}{hidden}".lstrip()
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: NotebookNode, resources: ResourcesDict, cell_index: int) -> Passed:
        """Return the cell; raise ValueError if a solution differs from `layerlab.released`, which a reset restores."""
        is_answer, metadata = utils.is_solution(cell), cell.metadata.get("layerlab", {})
        if is_answer:
            cell.source = _started(cell.source)
            if "released" not in metadata:
                raise ValueError(
                    f"{cell.metadata.nbgrader.grade_id}: this answer cell is not from the chapter's text.md"
                )
            if cell.source != metadata.released:
                raise ValueError(f"{cell.id}: the released source differs from the one recorded for a reset")
        metadata.pop("bullets", None)
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [] if is_answer or utils.is_grade(cell) else cell.outputs
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = None
        return cell, resources


def _started(source: str) -> str:
    lines: list[str] = []
    for line in source.split("\n"):
        if line.lstrip().startswith(STARTER) and [row.strip() for row in lines[-len(STUB) :]] == list(STUB):
            del lines[-len(STUB) :]
        lines.append(starter_line(line))
    return "\n".join(lines)


class SaveCells(SaveEveryCell):
    """Saves in the gradebook only the cells that count in the class, with their points; the release doesn't change."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Passed:
        """Return the notebook unchanged.

        Raise ClassFileError if the chapter is not part of the class, or the class file has mistakes.
        """
        root = Path.cwd()  # nbgrader's working folder is the course's root while it converts
        name, settings = resources["nbgrader"]["assignment"], class_reader.of_course(root)
        if not settings.has(name):
            raise ClassFileError(f"{name} is not part of the class: add it to `chapters:` in class.yml to release it")
        saved = copy.deepcopy(nb)
        if settings.is_written:
            points = {one.name: one.points for one in counted(chapters.load(name, root), settings).exercises}
            for cell in saved.cells:
                exercise = cell.metadata.get("layerlab", {}).get("exercise")
                if exercise and exercise not in points:
                    cell.metadata.pop("nbgrader", None)
                elif utils.is_grade(cell):
                    cell.metadata.nbgrader["points"] = points[exercise]
        super().preprocess(saved, resources)
        return nb, resources


class AddCells(NbGraderPreprocessor):
    """Adds cells that the book does not show: to find layerlab, to report mistakes, and to see the points so far."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Passed:
        """Return the notebook with the new cells, and with the tag that lets *Run All* continue past open exercises.

        The tag is on every code cell from the first exercise on: exercises and cells that need them may fail.
        """
        name, addresses, hidden = nb.metadata.layerlab.chapter, practicing.addresses(ROOT), {"tags": ["remove-cell"]}
        has_exercises = any(map(utils.is_solution, nb.cells))
        if address := addresses.report(f"notebooks/{name}/{name}"):
            words = MISTAKE.format(address=address)
            nb.cells.append(nbformat.v4.new_markdown_cell(words, id=MISTAKE_ID, metadata=hidden))
        if has_exercises:
            nb.cells.append(nbformat.v4.new_code_cell(POINTS.format(chapter=name), id=POINTS_ID, metadata=hidden))
        may_raise = False
        for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
            may_raise = may_raise or utils.is_solution(cell)
            if may_raise:
                cell.metadata.tags = [*cell.metadata.get("tags", []), MAY_RAISE]
        source = first_cell(name if has_exercises else "", addresses)
        first = next(index for index, cell in enumerate(nb.cells) if cell.cell_type == "code")
        nb.cells.insert(first, nbformat.v4.new_code_cell(source, id=INSTALL_ID, metadata=hidden))
        return nb, resources


class AddDueDate(NbGraderPreprocessor):
    """Adds when the chapter is due, except in the repository's own release, which a `git pull` replaces."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Passed:
        """Return the notebook with the date that the class file gives the chapter, if it gives one."""
        if Path.cwd() != ROOT:
            add_due_date(nb, class_reader.of_course(Path.cwd()).due.get(resources["nbgrader"]["assignment"]))
        return nb, resources


def add_due_date(notebook: NotebookNode, due: datetime | None) -> None:
    """Add a cell below the title that says when the notebook is due."""
    if due:
        words = f"Due: **{due:%A}, {due.day} {due:%B %Y, %H:%M}** ({due.tzinfo})."
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(words, id=DUE_ID))


def first_cell(chapter: str, where: practicing.Addresses) -> str:
    """Return code that finds the version of layerlab that the notebook was made for, or a newer one.

    It looks for an installed layerlab, then for a wheel next to the notebook or one folder up, then at the course's
    address, if there is one. ``chapter`` is for the comment about points; "" for a notebook without exercises.
    """
    version = practicing.version()
    needed = [int(part) for part in version.split(".")]
    sentence = (
        f"This notebook needs the course's package, layerlab {version} or newer; found here: {{found}}. Put "
        f"{practicing.wheel_name()} beside this notebook, restart the kernel, and run this cell again."
    )
    if where.book:
        sentence += f" It is at {where.book}/book/practice.html."
    elif not where.repository:
        sentence += " The book's page Practice hands it out."
    words = [
        f"Finds the course's package, layerlab {version} or newer: installed, or its wheel beside this notebook or one "
        "folder up."
    ]
    words += [practicing.points(chapter)] if chapter else []
    comment = "".join(f"{line}\n" for text in words for line in textwrap.wrap(text, 110, **COMMENT))
    install = FROM_ADDRESS.format(needed=needed, address=where.layerlab) if where.layerlab else ""
    return comment + FIRST_CELL.format(needed=needed) + install + MISSING.format(needed=needed, sentence=sentence)


class TriedFirst(NotebookExporter):
    """Tries a release before nbgrader deletes the earlier release, because ``--force`` and formgrader delete first."""

    def __init__(self, parent: Any = None, **kwargs: Any) -> None:
        """Try to release all notebooks that ``parent``, nbgrader's converter, has found, or raise ValueError."""
        super().__init__(parent=parent, **kwargs)
        for path in sorted(path for paths in getattr(parent, "assignments", {}).values() for path in paths):
            release(nbformat.read(path, as_version=4))


# ClearHiddenTests comes after SaveCells, which keeps the test cells in the gradebook for nbgrader's autograde.
PREPROCESSORS = [
    LockCells,
    ClearSolutions,
    PrepareCells,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    AddCells,
    AddDueDate,
    ComputeChecksums,
    CheckCellMetadata,
]


def release(reference: NotebookNode) -> NotebookNode:
    """Return the student notebook for a reference notebook, which is not modified; see `PrepareCells` for errors."""
    notebook, resources = copy.deepcopy(reference), ResourcesDict()
    for step in PREPROCESSORS:
        if step not in (SaveCells, AddDueDate):  # they read the class file
            notebook, resources = step().preprocess(notebook, resources)
    return notebook
