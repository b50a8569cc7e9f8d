"""Test `python -m layerlab reset`: the released text comes back, and no student work is lost."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from layerlab import reset as module
from layerlab.__main__ import main
from tests.house.test_house import imports
from tests.root import ROOT

STUB = "class OwnLinear(nn.Module):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
MINE = "class OwnLinear(nn.Module):\n    'mine: naïve, but mine'\n    pass\n"


def solution(name: str, source: str, released: str = STUB, title: str = "") -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id=name, execution_count=3)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="old\n")]
    facts = {"facts": {"title": title}} if title else {}
    cell.metadata["layerlab"] = {"exercise": name, "released": released} | facts
    return cell


@pytest.fixture
def path(tmp_path: Path) -> Path:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# Linear", id="top"),
        solution("own_linear", MINE, title="Linear layer from scratch"),
        solution("own_bilinear", STUB),
        nbformat.v4.new_code_cell("print('a cell of my own')", id="my-own"),
        solution("count_parameters", "def count(): return 1", "def count(): ..."),
    ]
    file = tmp_path / "linear.ipynb"
    nbformat.write(notebook, file)
    return file


def cells(path: Path) -> dict[str, Any]:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return {cell.id: cell for cell in notebook.cells}


def test_one_exercise_is_reset_and_others_stay(path: Path) -> None:
    before, text = cells(path), path.read_text(encoding="utf-8")
    (done,) = module.reset(path, ["linear layer from Scratch"])  # its title
    after = cells(path)
    assert done.name == "own_linear"
    assert path.read_text(encoding="utf-8").endswith(text[text.index('   "id": "own_bilinear",') :])
    assert after["own_linear"].source == STUB
    assert after["own_linear"].outputs == []
    assert after["own_linear"].execution_count is None
    assert done.kept is not None
    assert done.kept.read_text(encoding="utf-8") == MINE
    others = set(before) - {"own_linear"}
    assert {name: before[name] for name in others} == {name: after[name] for name in others}


def test_earlier_copy_is_never_overwritten(path: Path) -> None:
    (first,) = module.reset(path, ["own_linear"])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "second try"
    nbformat.write(notebook, path)
    (second,) = module.reset(path, ["own_linear"])
    assert first.kept != second.kept
    assert first.kept.read_text(encoding="utf-8") == MINE
    assert second.kept.read_text(encoding="utf-8") == "second try\n"


def test_untouched_exercise_or_wrong_name_leaves_everything_unchanged(path: Path) -> None:
    before = path.read_bytes()
    assert module.reset(path, ["own_bilinear"]) == [module.Reset("own_bilinear", None)]
    with pytest.raises(module.ResetError, match="Did you mean own_bilinear"):
        module.reset(path, ["own_linear", "own_bilinaer"])
    with pytest.raises(module.ResetError, match="Did you mean own_linear"):
        module.reset(path, ["Linear layer from scrap"])
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_copied_cell_is_not_reset_and_other_forms_are_read(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(1, solution("own_linear", "my experiment") | {"id": "copied"})
    path.write_text("\ufeff" + json.dumps(notebook), encoding="utf-8")  # Each source is a single string.
    module.reset(path, ["own_linear"])
    assert cells(path)["own_linear"].source == STUB
    assert cells(path)["copied"].source == "my experiment"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "not a notebook"),
        ("half a {", "not a notebook"),
        ("[1, 2]", "no list of cells"),
        ('{"worksheets": []}', "no list of cells"),
        ('{"cells": []}', "not a student notebook of this course"),
        ('{"cells": [{"cell_type": "code", "source": "x", "metadata": {}}]}', "not a student notebook of this course"),
        (None, "There is no file"),
    ],
)
def test_foreign_or_missing_notebook_gets_an_explanation(tmp_path: Path, content: str | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "x.ipynb").write_text(content)
    with pytest.raises(module.ResetError, match=sentence):
        module.exercises(tmp_path / "x.ipynb")
    with pytest.raises(module.ResetError, match="is a folder"):
        module.exercises(tmp_path)


def test_list_ends_quietly_when_its_reader_does(path: Path) -> None:
    command = [sys.executable, "-m", "layerlab", "reset", str(path), "--list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as listing:
        listing.stdout.close()
        assert (listing.stderr.read(), listing.wait()) == (b"", -signal.SIGPIPE)


def test_command_lists_resets_and_names_the_copy(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reset", str(path), "--list"]) == 0
    listed = [re.split(r"  +", line) for line in capsys.readouterr().out.splitlines()]
    assert listed == [
        ["own_linear", "changed by you", "Linear layer from scratch"],
        ["own_bilinear", "as released"],
        ["count_parameters", "changed by you"],
    ]
    assert main(["reset", str(path), "--all"]) == 0
    said = capsys.readouterr().out
    assert "linear.own_linear.before-reset-1.py" in said
    assert "own_bilinear: already as released" in said
    assert "Reload Notebook" in said
    assert all(exercise.is_released for exercise in module.exercises(path))


def test_command_explains_errors_and_itself(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reset", str(path)]) == 1
    assert "Name an exercise" in capsys.readouterr().err
    assert main(["reset", str(path), "zzz"]) == 1
    assert "It has: own_linear, own_bilinear, count_parameters." in capsys.readouterr().err
    assert main([]) == 0
    assert "reset" in capsys.readouterr().out


def test_reset_imports_only_the_standard_library() -> None:
    assert imports(Path(module.__file__)) <= sys.stdlib_module_names
