"""Build the graded notebook that nbgrader's formgrader opens: ``autograded/<student>/<chapter>/<chapter>.ipynb``.

The graded notebook is the reference notebook with the student's code in it. Below each test, an output shows the
outcome of the test's claims, and nbgrader's own scoring reads the same points from this output. Instructors open the
notebook for manual grading, and ``nbgrader generate_feedback`` turns it into a page, so nothing that a student's
process sent is passed on as markup or script.
"""

from __future__ import annotations

import base64
import copy
import functools
import io
import json
import os
import re
import sys
import warnings
from collections.abc import Collection
from typing import Any

import nbformat
from markupsafe import escape
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader import utils
from PIL import Image

from autograder import reasons
from autograder.model import Cell, Chapter, ExerciseResult, Plan, Result, State
from autograder.plain import as_answer
from autograder.recording.page_parts import rendered, sentence

# text/html, image/svg+xml, text/markdown and application/javascript would run in the instructor's browser.
SAFE_TYPES = ("text/plain", "image/png", "image/jpeg")
# Python's paths on this machine, longest first: warnings and tracebacks reveal them, and feedback may be public.
PLACES = sorted(
    {p for prefix in (sys.prefix, sys.base_prefix) for p in (prefix, os.path.realpath(prefix)) if len(p) > len("/usr")},
    key=len,
    reverse=True,
)
MAX_OUTPUTS = 200  # per cell
MAX_OUTPUT_CHARACTERS = 20_000
MAX_PIXELS = 20_000_000  # per image: a browser decodes it to four bytes per pixel
MAX_IMAGE_CHARACTERS = 1_000_000
SUMMARY = "outcome"  # the id of the first cell
LEFT_OUT = "left_out"  # where nbgrader's metadata is kept in a cell that does not count in the class
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")  # checked, because a page puts an image's data between quotes


def build(result: Result, chapter: Chapter, reference: NotebookNode, plan: Plan | None) -> NotebookNode:
    """Return the graded notebook, which shares its text cells with the reference; no plan means released cells."""
    notebook = nbformat.v4.new_notebook()
    kept = ("kernelspec", "language_info")
    notebook.metadata.update({name: value for name, value in copy.deepcopy(reference.metadata).items() if name in kept})
    ran = plan.cells if plan else ()
    answers = {cell.exercise: cell.source for cell in ran if cell.kind == "solution"}
    if plan:
        answers |= {name: as_answer(text) for name, text in plan.texts.items()}
        for exercise in chapter.exercises:  # keep it exactly as released; otherwise, nbgrader asks a person to grade it
            if exercise.by_hand and exercise.name in plan.untouched:
                answers[exercise.name] = exercise.stub
    own = _own_cells(ran, result)
    notebook.cells = [_summary(result), *own.pop("", [])]
    for cell in reference.cells:
        made = cell
        if cell.cell_type == "code":
            made = _without_outputs(cell)
            made.outputs = safe_outputs(result.outputs.get(cell.id, []))
        elif utils.is_solution(cell):
            made = NotebookNode(cell, metadata=copy.deepcopy(cell.metadata))
        if utils.is_solution(made):
            _answer(made, chapter, answers)
        elif utils.is_grade(made):
            _outcome(made, result)
        notebook.cells += [made, *own.pop(cell.id, [])]
    return notebook


def count(notebook: NotebookNode, result: Result, chapter: Chapter) -> None:
    """Change a graded notebook so that nbgrader sees only the cells and points that count; see `counting`."""
    points = {exercise.name: exercise.points for exercise in chapter.exercises}
    for cell in notebook.cells:
        known = cell.metadata.get("layerlab", {})
        if known.get("exercise") in points and LEFT_OUT in known:
            cell.metadata["nbgrader"] = known.pop(LEFT_OUT)
        elif known.get("exercise") not in points and "nbgrader" in cell.metadata and "exercise" in known:
            known[LEFT_OUT] = cell.metadata.pop("nbgrader")
        if cell.id == SUMMARY:
            cell.source = _summary(result).source
        elif utils.is_grade(cell):
            cell.metadata.nbgrader["points"] = points[known["exercise"]]
            if utils.is_solution(cell):
                _answer(cell, chapter, {known["exercise"]: cell.source})
            else:
                _outcome(cell, result)


def answers(notebook: NotebookNode, exercises: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return each exercise's answer in a graded notebook: the source of the cell, and its outputs as JSON."""
    return {
        cell.id: (cell.source, json.dumps(cell.get("outputs", []), sort_keys=True))
        for cell in notebook.cells
        if cell.id in exercises
    }


def _without_outputs(cell: NotebookNode) -> NotebookNode:
    """Return a modifiable copy of a cell, without the outputs of the instructor's run."""
    made = NotebookNode({key: value for key, value in cell.items() if key not in ("outputs", "metadata")})
    made.metadata, made.execution_count = copy.deepcopy(cell.metadata), None
    return made


def _summary(result: Result) -> NotebookNode:
    lines = [f"**{result.earned} of {result.points} points** by the autograder."]
    if waiting := sum(part.points for part in result.exercises if part.state is State.BY_HAND):
        lines[0] += f" A person gives {waiting} of them."
    lines += [sentence(text) for text in (result.sentence, *result.notes) if text]
    # A sentence may quote output of a student's process, which Markdown would treat as markup.
    return new_markdown_cell("\n\n".join([lines[0], *map(_as_markdown, lines[1:])]), id=SUMMARY)


def _as_markdown(text: str) -> str:
    return re.sub(r"[\\\[\]!*_`<>$#|]", r"\\\g<0>", str(escape(text)))


def _answer(cell: NotebookNode, chapter: Chapter, answers: dict[str, str]) -> None:
    exercise = chapter.exercise(cell.metadata.nbgrader.grade_id)
    cell.source = exercise.stub
    cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)  # of the released cell, as in nbgrader
    cell.source = answers.get(exercise.name, exercise.stub)


def _outcome(cell: NotebookNode, result: Result) -> None:
    """Write the only output of a test cell: a table for people, and the earned points as text for nbgrader.

    ``nbgrader.utils.determine_grade`` uses the number in the first ``execute_result`` as the cell's score. If there is
    no verdict, the output is an error, which scores 0 until the cell is graded.
    """
    name = cell.metadata.nbgrader.grade_id.removeprefix("test_")
    exercise = result.part(name)
    if exercise is None and result.state is not State.INFRASTRUCTURE:
        points = int(cell.metadata.nbgrader.points)
        exercise = ExerciseResult(name, name, points, 0, State.SKIPPED, [], sentence=result.sentence)
    if exercise is None or exercise.state is State.INFRASTRUCTURE:
        words = sentence(result.sentence) or "This exercise was not graded because of a fault in the grader."
        cell.outputs = [_output("error", ename="NotGraded", evalue=words, traceback=[words])]
    else:
        table = rendered("claims.html", exercise=exercise, told=reasons)
        data = {"text/html": table, "text/plain": str(exercise.earned)}
        cell.outputs = [_output("execute_result", data=data, metadata={}, execution_count=None)]
    cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)


def _own_cells(ran: tuple[Cell, ...], result: Result) -> dict[str, list[NotebookNode]]:
    """Return the student's own code cells, keyed by the id of the reference cell before them ("" at the start)."""
    found: dict[str, list[NotebookNode]] = {}
    after = ""
    for cell in ran:
        if cell.kind == "own":
            made = new_code_cell(cell.source, id=cell.id)
            made.outputs = safe_outputs(result.outputs.get(cell.id, []))
            found.setdefault(after, []).append(made)
        else:
            after = f"test_{cell.exercise}" if cell.kind in ("visible", "hidden") else cell.id
    return found


def safe_outputs(outputs: list[dict[str, Any]]) -> list[NotebookNode]:
    """Return the student's outputs that are safe in the instructor's browser, with long outputs truncated."""
    made = [one for output in outputs[:MAX_OUTPUTS] if (one := _safe_output(output)) is not None]
    if len(outputs) > MAX_OUTPUTS:
        made.append(_output("stream", name="stdout", text=f"… {len(outputs) - MAX_OUTPUTS:,} more outputs"))
    return made


def _safe_output(output: dict[str, Any]) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return _output("stream", name=name, text=_text(output.get("text", "")))
    if kind == "error":
        raised = output.get("traceback")
        lines = [_text(line) for line in raised[-50:]] if isinstance(raised, list) else []
        name, words = _text(output.get("ename", "")), _text(output.get("evalue", ""))
        return _output("error", ename=name, evalue=words, traceback=lines)
    if kind in ("display_data", "execute_result"):
        data = output.get("data")
        kept = {kind: _data(kind, data[kind]) for kind in SAFE_TYPES if isinstance(data, dict) and kind in data}
        kept = {kind: value for kind, value in kept.items() if value}
        return _output("display_data", data=kept, metadata={}) if kept else None
    return None


def _output(kind: str, **fields: Any) -> NotebookNode:
    """Return an output without validating it, because nbformat's own function takes a millisecond to do so."""
    return nbformat.from_dict({"output_type": kind, **fields})


def _data(kind: str, value: Any) -> str:
    if kind == "text/plain":
        return _text(value)
    image = value if isinstance(value, str) else ""
    is_sane = len(image) <= MAX_IMAGE_CHARACTERS and BASE64.fullmatch(image) and 0 < _pixels(image) <= MAX_PIXELS
    return image if is_sane else ""


def _pixels(image: str) -> int:
    """Return the number of pixels in a base64 image, or 0 if it is not an image; only its header is read."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(base64.b64decode(image))) as opened:
            return opened.width * opened.height if opened.format in ("PNG", "JPEG") else 0
    except Exception:  # a header can be broken in many ways
        return 0


def _text(value: Any) -> str:
    text = "".join(map(str, value)) if isinstance(value, list) else str(value)
    for place in PLACES:
        text = text.replace(place, "…")
    if len(text) <= MAX_OUTPUT_CHARACTERS:
        return text
    return f"{text[:MAX_OUTPUT_CHARACTERS]}\n… {len(text) - MAX_OUTPUT_CHARACTERS:,} more characters"


def dumps(notebook: NotebookNode) -> str:
    """Return the notebook as JSON with one line per cell, because indented JSON takes five times as long to write."""
    write = functools.partial(json.dumps, ensure_ascii=False, sort_keys=True)
    cells = ",\n".join(map(write, notebook.cells))
    others = write({key: value for key, value in notebook.items() if key != "cells"})
    return f'{{"cells": [\n{cells}\n],\n{others[1:]}\n'
