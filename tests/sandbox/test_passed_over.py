"""Test that code meant only for the student's own machine is skipped with a note and costs no points."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.classroom.grade_class import grade_class
from autograder.classroom.handed_in import find_submissions
from autograder.grading.grader import Grader
from autograder.grading.result_key import result_key
from autograder.model import Batch, Cell, CellRun, Run, State
from autograder.sandbox.driver import notes
from autograder.sandbox.driver.events import EventReader
from autograder.submissions.beside import MAX_BYTES, MAX_MODULES, Beside, beside_of
from tests.changed_answers import notebook
from tests.graded_class import hand_in, make_course

DOUBLE = "def double(x):\n    return x + x"
TIMES = "def times(x):\n    return x + x\n"


@pytest.fixture(scope="module")
def grader(runner, two_exercises):
    return Grader(two_exercises, Batch(5, 77), runner)


# --- notes ------------------------------------------------------------------------------------------------------------


def test_result_names_skipped_lines_and_packages(grader):
    answer = f"!nvidia-smi\nimport pandas as pd\n{DOUBLE.replace('return', 'breakpoint(); return')}"
    result = grader.grade(notebook(double=answer), "ada")
    assert result.earned == result.points
    assert result.notes == [
        "line 1 of the answer to double (`!nvidia-smi`) was skipped: there is no shell here",
        "pandas is not installed where answers are graded; the course uses torch, numpy and matplotlib",
        "line 4 of what the test of double calls (`breakpoint()`) did nothing: no one is here to debug",
    ]
    assert "passed over: !nvidia-smi" in json.dumps(result.outputs["double"])


def test_missing_package_is_named_with_allowed_ones(grader):
    used = grader.grade(notebook(double="import pandas as pd\ndef double(x):\n    return pd.Series(x) * 2"), "ada")
    assert "pandas is not installed where answers are graded; the course uses torch" in used.exercises[0].sentence
    missing = grader.grade(notebook(double=f"from torch import nothing_like_it\n{DOUBLE}"), "ada")
    assert "cannot import name 'nothing_like_it'" in missing.exercises[0].sentence


@pytest.mark.parametrize(
    "note",
    [
        {},
        {"what": "shell"},
        {"what": "shell", "text": ["!ls"], "line": 1},
        {"what": ["shell"], "text": "!ls", "line": 1},
        {"what": "praise", "text": "full marks", "line": 1},
        {"what": "package", "text": "pandas is fine, and so is everything else", "line": 1},
        {"what": "package", "text": "p" * 1000, "line": 1},
    ],
)
def test_malformed_note_is_dropped(note):
    assert notes.sentence(note, CellRun("double", "double", "solution")) is None


def test_note_is_short_and_printable():
    wild = {"what": "shell", "text": "!\x1b[2J`<script>\n\u202e" + "x" * 10_000, "line": 10**30}
    said = notes.sentence(wild, CellRun("double", "double", "solution"))
    assert said.startswith("a line of the answer to double (`! [2J <script> xx")
    assert len(said) < 200
    assert said.isprintable()
    assert notes.sentence(wild, None) is None


def test_notes_are_limited_and_distinct():
    run = Run(seed=0)
    reader = EventReader(run, {"own-1": ("own", "")})
    reader.add({"kind": "cell", "id": "own-1"}, b"", 0.0)
    for line in [*range(1, 1000), 1, 1]:
        reader.add({"kind": "note", "what": "shell", "text": "!ls", "line": line}, b"", 0.0)
    assert len(run.notes) == notes.MAX_NOTES == len(set(run.notes))


# --- modules beside the notebook --------------------------------------------------------------------------------------


def course(root: Path, **files: str) -> Path:
    """Create a course with one submission and its modules; return the submission's folder."""
    make_course(root, students=0)
    folder = hand_in(root, "ada", "from counts import times as double").parent
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content)
    return folder


def test_changed_module_beside_notebook_triggers_regrade(tmp_path):
    folder = course(tmp_path, counts=TIMES)
    first = grade_class("two_exercises", tmp_path)
    assert [(result.earned, result.state) for result in first.results] == [(4, State.PASSED)]
    assert grade_class("two_exercises", tmp_path).kept == 1
    (folder / "counts.py").write_text(TIMES.replace("x + x", "3 * x"))
    again = grade_class("two_exercises", tmp_path)
    assert (again.kept, again.results[0].earned) == (0, 1)


def test_modules_are_part_of_result_key(two_exercises, tmp_path):
    folder, batch = course(tmp_path, counts=TIMES), Batch(1, 2)
    path = folder / "two_exercises.ipynb"
    was = result_key(two_exercises, batch, path)
    assert result_key(two_exercises, batch, path.read_bytes(), beside_of(path)) == was
    assert result_key(two_exercises, batch, path.read_bytes()) != was
    (folder / "more.py").write_text("")
    assert result_key(two_exercises, batch, path) != was


def test_module_is_regular_file_of_bounded_size(tmp_path):
    folder = course(tmp_path, counts=TIMES, large="#" * (MAX_BYTES + 1), limit="#" * (MAX_BYTES - len(TIMES)))
    secret = tmp_path / "solutions" / "secret.py"
    secret.write_text("answer = 42")
    (folder / "linked.py").symlink_to(secret)
    (folder / "endless.py").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.py")
    (folder / "folder.py").mkdir()
    (folder / "closed.py").write_text("")
    (folder / "closed.py").chmod(0)
    found = beside_of(folder / "two_exercises.ipynb")
    names = {name for name, _ in found.modules}
    assert names - {"closed"} == {"counts", "limit"}  # Root can read files that are closed to other users.
    left_out = {note.split(".py")[0] for note in found.notes}
    assert left_out - {"closed"} == {"large", "linked", "endless", "pipe", "folder"}
    left_out = "it is not a regular file, or the modules have more than 200 kB together"
    assert all(left_out in note for note in found.notes)


def test_module_cannot_shadow_python_or_package_names(tmp_path):
    names = ("random", "torch", "layerlab", "autograder", "inside", "tqdm", "helpers")
    folder = course(tmp_path, **dict.fromkeys(names, "1 / 0"), **{"2nd": "", "class": "", "größe": "", "a-b": ""})
    found = beside_of(folder / "two_exercises.ipynb")
    assert [name for name, _ in found.modules] == ["helpers"]
    assert len(found.notes) == 6


def test_module_count_is_limited_and_linked_folder_ignored(tmp_path):
    folder = course(tmp_path, **{f"m{n:03}": "" for n in range(MAX_MODULES + 5)})
    found = beside_of(folder / "two_exercises.ipynb")
    assert len(found.modules) == MAX_MODULES
    said = f"of {MAX_MODULES + 5} modules beside the notebook, only the first {MAX_MODULES} were taken"
    assert found.notes == (said,)
    (tmp_path / "elsewhere").symlink_to(folder)
    assert beside_of(tmp_path / "elsewhere" / "two_exercises.ipynb") == Beside()
    assert beside_of(tmp_path / "nowhere" / "x.ipynb") == beside_of(None) == beside_of(b"{}") == Beside()


def test_submission_with_module_named_like_notebook_is_found(tmp_path):
    course(tmp_path, two_exercises=TIMES)
    (found,) = find_submissions(tmp_path, "two_exercises")
    assert found.path.name == "two_exercises.ipynb"


# --- star imports -----------------------------------------------------------------------------------------------------


def test_chapter_cells_find_builtins_after_star_import(runner, two_exercises, batch):
    cells = list(two_exercises.cells)
    at = [cell.id for cell in cells].index("double")
    given = "sizes = [sum(i for i in range(3)), max(1, 2), round(0.123, 1)]\nabs = 'ours'"
    cells[at:at] = [Cell("own-1", "own", "from torch import *"), Cell("given", "provided", given)]
    cells[at + 2] = replace(cells[at + 2], source="def double(x): return sum(x + x, 0) if False else x + x\nt = sum")
    cells.append(Cell("own-2", "own", "assert sum is torch.sum and abs == 'ours' and sizes == [3, 2, 0.1]"))
    run = runner.run(cells, batch)
    assert [(cell.id, cell.error) for cell in run.cells if cell.error] == []
