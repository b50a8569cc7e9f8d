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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograder.model import Cell, Chapter, Exercise, Plan
from autograder.submissions import student_code
from autograder.submissions.answer_parts import defined
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


@dataclass(frozen=True)
class _Notebook:
    """A submission: its cells, and the chapter and the fingerprint of the release that it was made from."""

    cells: list[_Given]
    chapter: str
    fingerprint: str
    is_in_order: bool  # its execution counts increase by 1 from cell to cell


def rebuild(chapter: Chapter, submission: Path | bytes | Mapping[str, Any]) -> Plan:
    """Return the plan for a submission: a path, the bytes of a file, or a notebook's content; or raise Unreadable."""
    notebook = _notebook(submission) if isinstance(submission, Mapping) else _notebook_of(submission)
    exercises = {exercise.name: exercise for exercise in chapter.exercises}
    written, given = _texts(chapter, notebook.cells)
    chapter = replace(chapter, exercises=tuple(e for e in chapter.exercises if not e.is_text))
    reference = {cell.id: index for index, cell in enumerate(chapter.cells)}
    notes: list[str] = []
    given = _rejoined(chapter, given)
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
    notes += _release_notes(chapter, notebook, exercises.keys(), missing)
    return Plan(chapter.name, tuple(cells), tuple(notes), untouched, missing, texts, notebook.is_in_order)


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


def _notebook_of(file: Path | bytes) -> _Notebook:
    """Return what is needed from a file; the rest of its content is not kept in memory."""
    is_large = isinstance(file, Path) or len(file) > _LARGE
    with _ONE_LARGE if is_large else contextlib.nullcontext():
        return _notebook(read(file))


def _decode(data: bytes) -> str:
    encoding = json.detect_encoding(data)  # by its byte order mark, or by the positions of zero bytes
    text = data.decode(encoding, errors="replace")
    lost = text.count("\ufffd") if encoding == "utf-8" else 0
    if lost and 2 * lost > len(text) - len(text.encode("ascii", errors="ignore")):
        # Most non-English letters are lost: an editor set to Western European writes each of them in one byte.
        return data.decode("cp1252", errors="replace")
    return text


def _notebook(content: Mapping[str, Any]) -> _Notebook:
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
    metadata = content.get("metadata")
    chapter, fingerprint = (_name(_entry(metadata, "layerlab", key)) for key in ("chapter", "fingerprint"))
    counts = [cell.get("execution_count") for cell in cells if isinstance(cell, Mapping)]
    run = [count for count in counts if isinstance(count, int)]
    return _Notebook(given, chapter, fingerprint, all(later - count == 1 for count, later in pairwise(run)))


def _given(cell: Mapping[str, Any]) -> _Given:
    metadata = cell.get("metadata")
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


def _entry(metadata: Any, key: str, name: str) -> Any:
    inner = metadata.get(key) if isinstance(metadata, Mapping) else None
    return inner.get(name, "") if isinstance(inner, Mapping) else ""


def _name(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _answers(chapter: Chapter, given: list[_Given], notes: list[str]) -> dict[str, _Given]:
    """Find each answer: the cell with the exercise's id or else the cell that defines the exercise's names."""
    answers: dict[str, _Given] = {}
    for exercise in chapter.exercises:
        found = _marked(exercise, given)
        if len(found) > 1:
            notes.append(f"{exercise.name} has {len(found)} answer cells: the last one that was edited counts")
        edited = [c for c in found if not _is_stub(exercise, c)]
        if found:
            answers[exercise.name] = (edited or found)[-1]
    _found_by_names(chapter, given, answers, notes)
    return answers


def _marked(exercise: Exercise, given: Sequence[_Given]) -> list[_Given]:
    """Return the cells with an exercise's id or else its metadata; omit those that only try out what others define."""
    others = [cell for cell in given if not _has_checks(exercise, cell)]
    found = [cell for cell in others if exercise.name in (cell.grade_id, cell.id)]
    found = found or [cell for cell in others if cell.exercise == exercise.name]
    names = defined(exercise.stub)
    return [cell for cell in found if not _only_uses(cell.source, names)] or found


def _has_checks(exercise: Exercise, cell: _Given) -> bool:
    return f"test_{exercise.name}" in (cell.grade_id, cell.id)


def _only_uses(source: str, names: Collection[str]) -> bool:
    """Return whether a cell's own lines use some names at once, but define none of them."""
    found = student_code.statements(source)
    return any(one.now.intersection(names) for one in found) and not any(one.binds.intersection(names) for one in found)


def _rejoined(chapter: Chapter, given: list[_Given]) -> list[_Given]:
    """Join the parts of each answer cell that was split, because each part keeps the metadata of the whole.

    Cells that define the same name are not parts but versions of an answer.
    """
    for exercise in chapter.exercises:
        parts = [cell for cell in _marked(exercise, given) if cell.is_code and not _is_stub(exercise, cell)]
        names = [name for part in parts for name in student_code.bound(part.source) & defined(exercise.stub)]
        whole = "\n".join(part.source for part in parts)
        if len(parts) > 1 and len(names) == len(set(names)) and student_code.tree(whole) is not None:
            joined = replace(parts[-1], source=whole, words=_words(whole))
            taken = {id(part) for part in parts[:-1]}
            given = [joined if cell is parts[-1] else cell for cell in given if id(cell) not in taken]
    return given


def _release_notes(
    chapter: Chapter, notebook: _Notebook, exercises: Collection[str], missing: Collection[str]
) -> list[str]:
    """Say which answers are missing, in one note if the notebook is another chapter's or from an earlier release.

    Raise Unreadable if it is another chapter's and has no answers. A fingerprint alone says little, because it also
    changes with layerlab and the pinned packages.
    """
    marks = {mark for cell in notebook.cells for mark in (cell.id, cell.grade_id, cell.exercise)}
    if notebook.chapter not in ("", chapter.name) and marks.isdisjoint(exercises):
        other = f"this is the notebook of {notebook.chapter[:40]!r}; submit the notebook of {chapter.name!r}"
        if len(missing) == len(exercises):
            raise Unreadable(other)
        return [other]
    gone = {cell.exercise[:60] for cell in notebook.cells if cell.exercise.isidentifier()} - set(exercises)
    if notebook.fingerprint and chapter.fingerprint not in ("", notebook.fingerprint) and (gone or missing):
        said = [f"it has no answer cell for {', '.join(sorted(missing))}"] if missing else []
        said += [f"no exercise is called {', '.join(sorted(gone)[:5])} now"] if gone else []
        return [f"this notebook is from an earlier release of the chapter: {', and '.join(said)}"]
    return [f"the answer cell of {name} is not in the notebook" for name in sorted(missing)]


def _texts(chapter: Chapter, given: list[_Given]) -> tuple[dict[str, _Given], list[_Given]]:
    """Return the answer to each exercise that is answered in Markdown, by cell ids, and the cells that are none."""
    found: dict[str, _Given] = {}
    taken: set[int] = set()
    for exercise in (one for one in chapter.exercises if one.is_text):
        cells = _marked(exercise, given)
        edited = [cell for cell in cells if not _is_stub(exercise, cell)]
        if cells:
            found[exercise.name] = (edited or cells)[-1]
        taken |= {id(cell) for cell in cells}
    return found, [cell for cell in given if id(cell) not in taken]


def _found_by_names(chapter: Chapter, given: list[_Given], answers: dict[str, _Given], notes: list[str]) -> None:
    """If an answer cell lost its id or is unchanged since release, find the answer by the names that it defines."""
    defining: list[tuple[_Given, set[str]]] = []
    for exercise in chapter.exercises:
        left = answers.get(exercise.name)
        if left is not None and not _is_stub(exercise, left):
            continue
        defining = defining or [(c, _defined(c.source)) for c in given if c.is_code]
        taken = {id(cell) for cell in answers.values()}
        if left is None:
            names = _defined(exercise.stub)
            named = [c for c, found in defining if names and names <= found and not _has_checks(exercise, c)]
            found = [c for c in named if id(c) not in taken] or named
            known = found[-1].exercise or found[-1].grade_id if found else ""
            why = f"its cell has the id {known[:60]}" if known else "its cell lost its id"
        else:
            others = [c for c in given if id(c) not in taken and _is_own(c, chapter)]
            found = _together(others, _defined(exercise.stub))
            why = "the cell that was released for it is unchanged"
        if found:
            answers[exercise.name] = found[-1]
            notes.append(f"the answer to {exercise.name} was found by the names it defines: {why}")
        elif found := _among_checks(exercise, given):
            answers[exercise.name] = found[-1]
            notes.append(f"the answer to {exercise.name} was found in the cell of its checks")


def _among_checks(exercise: Exercise, given: Sequence[_Given]) -> list[_Given]:
    """Return an exercise's check cells, without the checks, in which a student defined what the exercise asks for."""
    sources = [_without_checks(exercise, cell.source) for cell in given if _has_checks(exercise, cell)]
    names = _defined(exercise.stub)
    own = [_given({"source": source}) for source in sources if names and names <= _defined(source)]
    return [cell for cell in own if not _is_stub(exercise, cell)]


def _without_checks(exercise: Exercise, source: str) -> str:
    """Return a check cell with empty lines in place of the checks, so that other lines keep their numbers."""
    checks = exercise.visible.strip()
    text = student_code.as_python(source.replace(checks, "\n" * checks.count("\n"))) or ""
    lines = text.split("\n")
    for statement in student_code.statements(text):  # checks that a student changed, and the line that shows points
        at = slice(statement.lines[0] - 1, statement.lines[1])
        if lines[at.start].startswith(("lab.", "@lab.")):
            lines[at] = [""] * len(lines[at])
    return "\n".join(lines).rstrip()


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
