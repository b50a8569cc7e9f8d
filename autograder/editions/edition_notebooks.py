"""Make an edition of a chapter: its reference notebook with different values for the personal constants.

The grader treats an edition like any other chapter. The reference runs once for each edition.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder import constants
from autograder.course import name_of
from autograder.model import Chapter
from autograder.submissions.rebuild import Unreadable, read
from autograder.texts import chapter as chapters
from autograder.texts.headings import sections


def every(reference: NotebookNode, name: str) -> Iterator[tuple[str, Chapter]]:
    """Yield each edition of each exercise: the exercise's name, and the chapter with only that exercise changed."""
    for exercise, count in counts_of(chapters.from_notebook(reference, name)).items():
        for edition in range(count):
            yield exercise, chapters.from_notebook(notebook_in(reference, {exercise: edition}), name)


def notebook_in(reference: NotebookNode, chosen: Mapping[str, int]) -> NotebookNode:
    """Return a copy of a reference notebook with the chosen edition of some exercises.

    The metadata of their solution cells records the edition.

    Args:
        chosen: the index of the edition, by exercise.
    """
    notebook = copy.deepcopy(reference)
    places = sections(notebook)
    for exercise, edition in chosen.items():
        solution = next(cell for cell in notebook.cells if cell.id == exercise)
        known = constants.kept(solution.metadata.layerlab.personal)
        for index, where in places[exercise].items():
            lines = notebook.cells[index].source.split("\n")
            lines[where] = [constants.put_in(line, known, edition) for line in lines[where]]
            notebook.cells[index].source = "\n".join(lines)
        layerlab = solution.metadata.layerlab
        layerlab.released = constants.put_in(layerlab.released, known, edition)
        layerlab.edition = edition
    return notebook


def counts_of(chapter: Chapter) -> dict[str, int]:
    """Return the number of editions of each exercise that has personal constants."""
    return {one.name: len(one.personal[0].values) for one in chapter.exercises if one.personal}


def of_notebook(source: str | Path, root: Path, own: Path) -> Chapter:
    """Return a chapter in the edition that a student's own notebook records in its metadata.

    Args:
        source: the name or path of the chapter.
        root: the course's folder.
        own: the path of the student's notebook.

    Raises:
        ChapterNotFound: if there is no such chapter.
    """
    path = chapters.find(source, root)
    reference = chapters.notebook(path)
    chapter = chapters.from_notebook(reference, name_of(path))
    told = _told(own, counts_of(chapter)) if counts_of(chapter) else {}
    return chapters.from_notebook(notebook_in(reference, told), chapter.name) if told else chapter


def _told(own: Path, counts: Mapping[str, int]) -> dict[str, int]:
    """Return each exercise's edition in a student's notebook; skip invalid ones, because the content is not trusted."""
    try:
        cells = read(own).get("cells")
    except Unreadable:
        return {}
    found: dict[str, int] = {}
    for layerlab in map(_layerlab, cells if isinstance(cells, list) else []):
        exercise, edition = layerlab.get("exercise"), layerlab.get("edition")
        if isinstance(exercise, str) and isinstance(edition, int) and edition in range(counts.get(exercise, 0)):
            found[exercise] = edition
    return found


def _layerlab(cell: Any) -> Mapping[str, Any]:
    metadata = cell.get("metadata") if isinstance(cell, Mapping) else None
    found = metadata.get("layerlab") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}
