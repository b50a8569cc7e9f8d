"""Build the cells to run from a submission and the instructor's copy.

The instructor's copy provides the test cells, their order, and their points. The submission provides the text of the
solution cells, and also the student's own cells, which keep their positions. A notebook may arrive mangled (cells
copied, deleted, reordered, retyped, split, or stripped of metadata or ids). A mangled notebook must not cost an honest
student any points.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.model import Cell, Chapter, Exercise, Plan
from autograder.submissions import student_code
from autograder.submissions.student_files import read_regular

MAX_BYTES = 128 * 2**20  # of a submission's file
MAX_CELLS = 5_000
MAX_BRACKETS = 1_500_000  # lists and objects in the file, because each takes about fifty times its size in memory
MAX_TEXT = 1_000_000  # characters of code

_LARGE = 8 * 2**20  # bytes; larger files are read one at a time, because reading takes several times their memory
_ONE_LARGE = threading.Lock()


class Unreadable(ValueError):
    """A submission that is not a notebook; the message is a sentence for the student."""


@dataclass(frozen=True)
class _Given:
    """One cell of the submission."""

    id: str
    grade_id: str
    exercise: str
    source: str
    is_code: bool
    words: str  # its source, with whitespace normalized


def rebuild(chapter: Chapter, submission: Path | bytes | Mapping[str, Any]) -> Plan:
    """Return the plan for a submission: a path, the bytes of a file, or a notebook's content; or raise Unreadable."""
    given = _cells(submission) if isinstance(submission, Mapping) else _cells_of(submission)
    exercises = {exercise.name: exercise for exercise in chapter.exercises}
    written, given = _texts(chapter, given)
    chapter = replace(chapter, exercises=tuple(e for e in chapter.exercises if not e.is_text))
    reference = {cell.id: index for index, cell in enumerate(chapter.cells)}
    notes: list[str] = []
    answers = _answers(chapter, given, notes)
    own: dict[int, list[Cell]] = {}
    at = -1
    for number, cell in enumerate(given):
        place = _place(cell, chapter, reference, answers)
        if place is not None:
            at = place
        if _is_students(cell, chapter, reference, answers):
            own.setdefault(at, []).append(Cell(f"own-{number}", "own", cell.source))
    cells = list(own.get(-1, []))
    for index, asked in enumerate(chapter.cells):
        if asked.kind != "solution":
            cells.append(asked)
        elif asked.exercise in answers:
            cells.append(replace(asked, source=answers[asked.exercise].source))
        cells += own.get(index, [])
    found = answers | written
    missing = frozenset(name for name in exercises if name not in found)
    untouched = frozenset(name for name in found if _is_stub(exercises[name], found[name]))
    texts = {name: cell.source for name, cell in written.items()}
    notes += [f"the answer cell of {name} is not in the notebook" for name in sorted(missing)]
    return Plan(chapter.name, tuple(cells), tuple(notes), untouched, missing, texts)


def content_of(path: Path) -> bytes:
    """Return up to `MAX_BYTES` + 1 bytes of a submission's file, so that callers notice a file that is too large."""
    return read_regular(path, MAX_BYTES + 1)


def read(file: Path | bytes) -> Mapping[str, Any]:
    """Return the content of a notebook file, given its path or its bytes, or raise Unreadable with what is wrong."""
    try:
        data = content_of(file) if isinstance(file, Path) else file
    except OSError as error:
        raise Unreadable(f"the file cannot be opened: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise Unreadable(f"the file is larger than {MAX_BYTES >> 20} MiB: clear its outputs and save it again")
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("the file is empty: it was probably saved or uploaded before Jupyter had written it")
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        raise Unreadable("the file contains more than a notebook does: clear its outputs and save it again")
    text = _decode(data)
    if "\n<<<<<<< " in text or text.startswith("<<<<<<< "):
        raise Unreadable("the file contains the conflict markers of a merge (<<<<<<<): resolve them and save it again")
    try:
        content, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the file is not a notebook: it is not JSON ({error})"[:300]) from None
    if not isinstance(content, dict):
        raise Unreadable("the file is JSON, but not a notebook")
    return content


def _cells_of(file: Path | bytes) -> list[_Given]:
    """Return the cells of a file; the rest of its content is not kept in memory."""
    is_large = isinstance(file, Path) or len(file) > _LARGE
    with _ONE_LARGE if is_large else contextlib.nullcontext():
        return _cells(read(file))


def _decode(data: bytes) -> str:
    encoding = json.detect_encoding(data)  # by its byte order mark, or by the positions of zero bytes
    text = data.decode(encoding, errors="replace")
    lost = text.count("\ufffd") if encoding == "utf-8" else 0
    if lost and 2 * lost > len(text) - len(text.encode("ascii", errors="ignore")):
        # Most non-English letters are lost: an editor set to Western European writes each of them in one byte.
        return data.decode("cp1252", errors="replace")
    return text


def _cells(content: Mapping[str, Any]) -> list[_Given]:
    cells = content.get("cells")
    if cells is None:  # nbformat 3 stores them in worksheets
        worksheets = content.get("worksheets")
        sheets = worksheets if isinstance(worksheets, list) else []
        inside = [sheet.get("cells") for sheet in sheets if isinstance(sheet, Mapping)]
        cells = [cell for some in inside if isinstance(some, list) for cell in some]
    if not isinstance(cells, list) or not any(isinstance(cell, Mapping) for cell in cells):
        raise Unreadable("the file is JSON, but it has no cells")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"the notebook has {len(cells):,} cells; {MAX_CELLS:,} can be graded")
    given = [_given(cell) for cell in cells if isinstance(cell, Mapping)]
    if sum(len(cell.source) for cell in given if cell.is_code) > MAX_TEXT:
        raise Unreadable(f"the notebook has more than {MAX_TEXT:,} characters of code")
    return given


def _given(cell: Mapping[str, Any]) -> _Given:
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = source if isinstance(source, str) else ""
    return _Given(
        id=_name(cell.get("id")),
        grade_id=_name(_entry(metadata, "nbgrader", "grade_id")),
        exercise=_name(_entry(metadata, "layerlab", "exercise")),
        source=source,
        is_code=cell.get("cell_type") == "code",
        words=_words(source),
    )


def _entry(metadata: Mapping[str, Any], key: str, name: str) -> Any:
    inner = metadata.get(key)
    return inner.get(name, "") if isinstance(inner, Mapping) else ""


def _name(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _answers(chapter: Chapter, given: list[_Given], notes: list[str]) -> dict[str, _Given]:
    """Find each answer: the cell with the exercise's id or else the cell that defines the exercise's names."""
    answers: dict[str, _Given] = {}
    for exercise in chapter.exercises:
        tests = {f"test_{exercise.name}"}
        found = [c for c in given if exercise.name in (c.grade_id, c.id) and not {c.grade_id, c.id} & tests]
        found = found or [c for c in given if c.exercise == exercise.name and not {c.grade_id, c.id} & tests]
        if len(found) > 1:
            notes.append(f"{exercise.name} has {len(found)} answer cells: the last one that was edited counts")
        edited = [c for c in found if not _is_stub(exercise, c)]
        if found:
            answers[exercise.name] = (edited or found)[-1]
    _found_by_names(chapter, given, answers, notes)
    return answers


def _texts(chapter: Chapter, given: list[_Given]) -> tuple[dict[str, _Given], list[_Given]]:
    """Return the answer to each exercise that is answered in Markdown, by cell ids, and the cells that are none."""
    found: dict[str, _Given] = {}
    taken: set[int] = set()
    for exercise in (one for one in chapter.exercises if one.is_text):
        cells = [cell for cell in given if exercise.name in (cell.grade_id, cell.id)]
        cells = cells or [cell for cell in given if cell.exercise == exercise.name]
        edited = [cell for cell in cells if not _is_stub(exercise, cell)]
        if cells:
            found[exercise.name] = (edited or cells)[-1]
        taken |= {id(cell) for cell in cells}
    return found, [cell for cell in given if id(cell) not in taken]


def _found_by_names(chapter: Chapter, given: list[_Given], answers: dict[str, _Given], notes: list[str]) -> None:
    """If an answer cell lost its id or is unchanged since release, find the answer by the names that it defines."""
    defined: list[tuple[_Given, set[str]]] = []
    for exercise in chapter.exercises:
        left = answers.get(exercise.name)
        if left is not None and not _is_stub(exercise, left):
            continue
        defined = defined or [(c, _defined(c.source)) for c in given if c.is_code]
        taken = {id(cell) for cell in answers.values()}
        if left is None:
            names = _defined(exercise.stub)
            named = [c for c, found in defined if names and names <= found]
            found = [c for c in named if id(c) not in taken] or named
            why = "its cell lost its id"
        else:
            others = [c for c in given if id(c) not in taken and _is_own(c, chapter)]
            found = _together(others, _defined(exercise.stub))
            why = "the cell that was released for it is unchanged"
        if found:
            answers[exercise.name] = found[-1]
            notes.append(f"the answer to {exercise.name} was found by the names it defines: {why}")


def _together(others: list[_Given], names: set[str]) -> list[_Given]:
    """If the cells together bind all ``names``, return those that bind any of them; otherwise, return an empty list."""
    bound = [(cell, names & student_code.bound(cell.source)) for cell in others if names]
    is_whole = bool(names) and names <= frozenset().union(*(some for _, some in bound))
    return [cell for cell, some in bound if some] if is_whole else []


def _is_own(cell: _Given, chapter: Chapter) -> bool:
    """Return whether a cell is code that is not the instructor's and does not have the id of a test or an answer."""
    graded = {e.name for e in chapter.exercises} | {f"test_{e.name}" for e in chapter.exercises}
    if {cell.id, cell.grade_id, cell.exercise} & graded or not cell.is_code:
        return False
    return not any(_chapters_words(known.source) == cell.words for known in chapter.cells) and not any(
        _is_stub(exercise, cell) for exercise in chapter.exercises
    )


def _place(cell: _Given, chapter: Chapter, reference: Mapping[str, int], answers: Mapping[str, _Given]) -> int | None:
    """Return the index of the instructor's cell that a submitted cell corresponds to, or None."""
    for exercise, answer in answers.items():
        if cell is answer:
            return reference[exercise]
    for key in (cell.id, cell.grade_id):
        if key in reference and key not in answers:
            return reference[key]
        if f"{key}/hidden" in reference:
            return reference[f"{key}/hidden"]
    if cell.is_code and not cell.id:
        for index, known in enumerate(chapter.cells):
            if _chapters_words(known.source) == cell.words:
                return index + (known.kind == "visible")
    return None


def _is_students(cell: _Given, chapter: Chapter, reference: Mapping[str, int], answers: Mapping[str, _Given]) -> bool:
    """Return whether a cell is code that is not already in the instructor's copy and is not a test."""
    if not cell.is_code or not cell.source.strip() or any(cell is answer for answer in answers.values()):
        return False
    if any(_is_stub(exercise, cell) for exercise in chapter.exercises):
        return False  # a stub that was left below an answer would overwrite the answer
    if any(f"{key}/hidden" in reference for key in (cell.id, cell.grade_id)):
        return False
    if cell.id in reference:
        return _chapters_words(chapter.cells[reference[cell.id]].source) != cell.words
    return not any(_chapters_words(known.source) == cell.words for known in chapter.cells if known.kind != "solution")


def _is_stub(exercise: Exercise, cell: _Given) -> bool:
    return _chapters_words(exercise.stub) == cell.words


def _words(source: str) -> str:
    """Return a text with single spaces between its words, so that cells that differ only in whitespace are equal."""
    return " ".join(source.split())


_chapters_words = functools.lru_cache(maxsize=4096)(_words)


def _defined(source: str) -> set[str]:
    """Return the functions and classes that a cell defines at its top level."""
    tree = student_code.tree(source)
    body = tree.body if tree is not None else []
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
