"""Demonstrations that nothing refers to are left out; whatever an answer could depend on is run."""

from __future__ import annotations

import ast
from pathlib import Path

from autograder import inside
from autograder.model import Cell
from autograder.submissions.needed import SUPPLIED, bound_by, names_of, needed

IMPORTS = Cell("imports", "provided", "import torch\nfrom torch import nn")


def kept(*cells: Cell) -> list[str]:
    return [cell.id for cell in needed([IMPORTS, *cells]) if cell is not IMPORTS]


def provided(name: str, source: str) -> Cell:
    return Cell(name, "provided", source)


def test_a_demonstration_alone_is_left_out():
    assert kept(provided("demo", "layer = nn.Linear(2, 3)\nlayer(torch.ones(2))")) == []


def test_what_an_answer_uses_is_run_with_all_it_uses_itself():
    cells = [
        provided("a", "base = 2"),
        provided("b", "def helper(x): return base * x"),
        provided("c", "other = 3"),
        Cell("own", "solution", "def own(x):\n    other = 1\n    return helper(x) + other", "own"),
    ]
    assert kept(*cells) == ["a", "b", "own"]


def test_a_cell_that_changes_a_needed_object_is_run():
    cells = [
        provided("made", "table = {}"),
        provided("filled", "table['a'] = torch.ones(2)"),
        provided("called", "table.clear()"),
        provided("shown", "print(torch.ones(2))"),
        Cell("own-1", "own", "print(table)"),
    ]
    assert kept(*cells) == ["made", "filled", "called", "own-1"]


def test_a_test_cell_owns_what_it_binds_and_a_student_does_not():
    demo = provided("demo", "x = 1")
    assert kept(demo, Cell("t", "hidden", "x = 2\nprint(x)", "own")) == ["t"]
    assert kept(demo, Cell("o", "own", "x = x + 1")) == ["demo", "o"]


def test_an_answer_that_is_not_python_keeps_the_rest_running():
    assert kept(provided("demo", "x = 1"), Cell("own", "solution", "def own(x:", "own")) == ["own"]
    assert names_of("def own(x:") is None


def test_magics_are_understood():
    assert names_of("%matplotlib inline\nx = y").used >= {"y"}
    assert bound_by([Cell("a", "own", "%time z = 1\nw = 2")]) >= {"w"}


def test_a_name_means_what_it_was_bound_to_last():
    cells = [
        provided("first", "x = torch.ones(2)"),
        provided("second", "x = torch.ones(3)\nnet = nn.Linear(3, 1)"),
        provided("third", "net(x)"),
        provided("anew", "x = 4"),
        Cell("own", "own", "print(x)"),
        provided("below", "x = 5"),
    ]
    assert kept(*cells) == ["anew", "own"]


def test_a_cell_that_changes_what_it_binds_needs_what_was_there():
    cells = [
        provided("first", "x = [1]"),
        provided("grown", "x = x + [2]"),
        provided("inside", "if x:\n    x = [3]"),
        Cell("own", "own", "print(x)"),
    ]
    assert kept(*cells) == ["first", "grown", "inside", "own"]


def test_a_function_refers_to_what_is_there_when_it_is_called():
    cells = [
        provided("gain", "gain = 2"),
        Cell("own", "solution", "def own(x): return gain * x", "own"),
        provided("other gain", "gain = 3"),
        Cell("calls", "own", "print(own(1))"),
        provided("unseen", "gain = 4"),
    ]
    assert kept(*cells) == ["gain", "own", "other gain", "calls"]


def test_to_call_a_function_does_not_change_it():
    cells = [
        provided("helper", "def helper(x): return x\nclass Net(nn.Module): pass"),
        provided("shown", "helper(Net())"),
        provided("written", "Net.forward = helper"),
        Cell("own", "own", "print(Net())"),
    ]
    assert kept(*cells) == ["helper", "written", "own"]


def test_what_a_cell_binds_itself_is_nobody_elses():
    cells = [provided("demo", "x = 1"), provided("used", "x = 2\ny = x"), Cell("own", "own", "print(y)")]
    assert kept(*cells) == ["used", "own"]


def test_what_binds_a_missed_name_is_run_with_what_it_uses():
    cells = [
        IMPORTS,
        provided("a", "base = 2"),
        provided("b", "table = {base: 1}"),
        provided("c", "other = 3"),
        Cell("own-1", "own", "globals()['tab' + 'le']"),
    ]
    assert [cell.id for cell in needed(cells)] == ["own-1"]
    assert [cell.id for cell in needed(cells, {"table"})] == ["a", "b", "own-1"]


def test_names_that_an_answer_finds_as_they_were_imported_need_no_demonstration():
    cells = [
        Cell("own-1", "own", "F = 'force'"),
        provided("shown", "y = F.relu(x)"),
        Cell("own", "solution", "def own(x):\n    return F.relu(x)", "own"),
        Cell("test", "hidden", "lab.observe('y', F.relu(own(1)))", "own"),
    ]
    assert kept(*cells) == ["own-1", "own", "test"]


def test_the_supplied_names_are_those_of_the_process_that_runs_answers():
    source = (Path(inside.__file__).parent / "steps.py").read_text()
    found = next(node for node in ast.parse(source).body if ast.unparse(node).startswith("_SUPPLIED"))
    assert {ast.literal_eval(key) for key in found.value.keys} == SUPPLIED
