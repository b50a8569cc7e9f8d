"""Test that cells that nothing refers to are skipped, and that everything that an answer may need is run."""

import ast
from pathlib import Path

import pytest

from autograder.model import Cell
from autograder.sandbox import inside
from autograder.submissions.needed_cells import SUPPLIED, bound_by, names_of, needed

IMPORTS = Cell("imports", "provided", "import torch\nfrom torch import nn")


def kept(*cells: Cell) -> list[str]:
    return [cell.id for cell in needed([IMPORTS, *cells]) if cell is not IMPORTS]


def provided(name: str, source: str) -> Cell:
    return Cell(name, "provided", source)


# Cells of a notebook; those whose id begins with a minus are to be skipped.
CASES = {
    "unreferenced demonstration is skipped": [provided("-demo", "layer = nn.Linear(2, 3)\nlayer(torch.ones(2))")],
    "dependencies of an answer are run transitively": [
        provided("a", "base = 2"),
        provided("b", "def helper(x): return base * x"),
        provided("-c", "other = 3"),
        Cell("own", "solution", "def own(x):\n    other = 1\n    return helper(x) + other", "own"),
    ],
    "cell modifying a needed object is run": [
        provided("made", "table = {}"),
        provided("filled", "table['a'] = torch.ones(2)"),
        provided("called", "table.clear()"),
        provided("-shown", "print(torch.ones(2))"),
        Cell("own-1", "own", "print(table)"),
    ],
    "test cell owns the names that it binds": [
        provided("-demo", "x = 1"),
        Cell("t", "hidden", "x = 2\nprint(x)", "own"),
    ],
    "student cell may read a name and rebind it": [provided("demo", "x = 1"), Cell("o", "own", "x = x + 1")],
    "student cell may read a name before binding it": [provided("demo", "x = 1"), Cell("o", "own", "print(x)\nx = 2")],
    "name refers to its last binding": [
        provided("-first", "x = torch.ones(2)"),
        provided("-second", "x = torch.ones(3)\nnet = nn.Linear(3, 1)"),
        provided("-third", "net(x)"),
        provided("anew", "x = 4"),
        Cell("own", "own", "print(x)"),
        provided("-below", "x = 5"),
    ],
    "cell rebinding from itself needs the earlier binding": [
        provided("first", "x = [1]"),
        provided("grown", "x = x + [2]"),
        provided("inside", "if x:\n    x = [3]"),
        Cell("own", "own", "print(x)"),
    ],
    "function uses the bindings at call time": [
        provided("gain", "gain = 2"),
        Cell("own", "solution", "def own(x): return gain * x", "own"),
        provided("other gain", "gain = 3"),
        Cell("calls", "own", "print(own(1))"),
        provided("-unseen", "gain = 4"),
    ],
    "calling a function does not modify it": [
        provided("helper", "def helper(x): return x\nclass Net(nn.Module): pass"),
        provided("-shown", "helper(Net())"),
        provided("written", "Net.forward = helper"),
        Cell("own", "own", "print(Net())"),
    ],
    "name bound within a cell needs no other": [
        provided("-demo", "x = 1"),
        provided("used", "x = 2\ny = x"),
        Cell("own", "own", "print(y)"),
    ],
    "supplied imports need no demonstration": [
        Cell("own-1", "own", "F = 'force'"),
        provided("-shown", "y = F.relu(x)"),
        Cell("own", "solution", "def own(x):\n    return F.relu(x)", "own"),
        Cell("test", "hidden", "lab.observe('y', F.relu(own(1)))", "own"),
    ],
}


@pytest.mark.parametrize("cells", CASES.values(), ids=CASES)
def test_cells_that_an_answer_may_need_are_run(cells):
    assert kept(*cells) == [cell.id for cell in cells if not cell.id.startswith("-")]


def test_invalid_python_answer_needs_no_demonstration():
    assert kept(provided("demo", "x = 1"), Cell("own", "solution", "def own(x:", "own")) == ["own"]
    assert names_of("def own(x:") is None


def test_magics_are_parsed():
    assert names_of("%matplotlib inline\nx = y").used >= {"y"}
    assert bound_by([Cell("a", "own", "%time z = 1\nw = 2")]) >= {"w"}


def test_cell_binding_a_missed_name_runs_with_dependencies():
    cells = [
        IMPORTS,
        provided("a", "base = 2"),
        provided("b", "table = {base: 1}"),
        provided("c", "other = 3"),
        Cell("own-1", "own", "globals()['tab' + 'le']"),
    ]
    assert [cell.id for cell in needed(cells)] == ["own-1"]
    assert [cell.id for cell in needed(cells, {"table"})] == ["a", "b", "own-1"]


def test_supplied_names_match_the_process_running_answers():
    source = (Path(inside.__file__).parent / "steps.py").read_text()
    found = next(node for node in ast.parse(source).body if ast.unparse(node).startswith("_SUPPLIED"))
    assert {ast.literal_eval(key) for key in found.value.keys} == SUPPLIED
