"""Demonstrations that nothing refers to are left out; whatever an answer could depend on is run."""

from __future__ import annotations

from autograder.model import Cell
from autograder.submissions.needed import bound_by, names_of, needed

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
