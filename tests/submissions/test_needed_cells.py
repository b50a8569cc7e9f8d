"""Test that cells that nothing refers to are skipped, and that everything that an answer may need is run."""

import ast
from pathlib import Path

from autograder.model import Cell
from autograder.sandbox import inside
from autograder.submissions.needed_cells import SUPPLIED, bound_by, names_of, needed

IMPORTS = Cell("imports", "provided", "import torch\nfrom torch import nn")


def kept(*cells: Cell) -> list[str]:
    return [cell.id for cell in needed([IMPORTS, *cells]) if cell is not IMPORTS]


def provided(name: str, source: str) -> Cell:
    return Cell(name, "provided", source)


def test_unreferenced_demonstration_is_skipped():
    assert kept(provided("demo", "layer = nn.Linear(2, 3)\nlayer(torch.ones(2))")) == []


def test_dependencies_of_an_answer_are_run_transitively():
    cells = [
        provided("a", "base = 2"),
        provided("b", "def helper(x): return base * x"),
        provided("c", "other = 3"),
        Cell("own", "solution", "def own(x):\n    other = 1\n    return helper(x) + other", "own"),
    ]
    assert kept(*cells) == ["a", "b", "own"]


def test_cell_modifying_a_needed_object_is_run():
    cells = [
        provided("made", "table = {}"),
        provided("filled", "table['a'] = torch.ones(2)"),
        provided("called", "table.clear()"),
        provided("shown", "print(torch.ones(2))"),
        Cell("own-1", "own", "print(table)"),
    ]
    assert kept(*cells) == ["made", "filled", "called", "own-1"]


def test_test_cell_owns_bound_names_unlike_student_cell():
    demo = provided("demo", "x = 1")
    assert kept(demo, Cell("t", "hidden", "x = 2\nprint(x)", "own")) == ["t"]
    assert kept(demo, Cell("o", "own", "x = x + 1")) == ["demo", "o"]
    assert kept(demo, Cell("o", "own", "print(x)\nx = 2")) == ["demo", "o"]


def test_invalid_python_answer_needs_no_demonstration():
    assert kept(provided("demo", "x = 1"), Cell("own", "solution", "def own(x:", "own")) == ["own"]
    assert names_of("def own(x:") is None


def test_magics_are_parsed():
    assert names_of("%matplotlib inline\nx = y").used >= {"y"}
    assert bound_by([Cell("a", "own", "%time z = 1\nw = 2")]) >= {"w"}


def test_name_refers_to_its_last_binding():
    cells = [
        provided("first", "x = torch.ones(2)"),
        provided("second", "x = torch.ones(3)\nnet = nn.Linear(3, 1)"),
        provided("third", "net(x)"),
        provided("anew", "x = 4"),
        Cell("own", "own", "print(x)"),
        provided("below", "x = 5"),
    ]
    assert kept(*cells) == ["anew", "own"]


def test_cell_rebinding_from_itself_needs_the_earlier_binding():
    cells = [
        provided("first", "x = [1]"),
        provided("grown", "x = x + [2]"),
        provided("inside", "if x:\n    x = [3]"),
        Cell("own", "own", "print(x)"),
    ]
    assert kept(*cells) == ["first", "grown", "inside", "own"]


def test_function_uses_the_bindings_at_call_time():
    cells = [
        provided("gain", "gain = 2"),
        Cell("own", "solution", "def own(x): return gain * x", "own"),
        provided("other gain", "gain = 3"),
        Cell("calls", "own", "print(own(1))"),
        provided("unseen", "gain = 4"),
    ]
    assert kept(*cells) == ["gain", "own", "other gain", "calls"]


def test_calling_a_function_does_not_modify_it():
    cells = [
        provided("helper", "def helper(x): return x\nclass Net(nn.Module): pass"),
        provided("shown", "helper(Net())"),
        provided("written", "Net.forward = helper"),
        Cell("own", "own", "print(Net())"),
    ]
    assert kept(*cells) == ["helper", "written", "own"]


def test_name_bound_within_a_cell_needs_no_other():
    cells = [provided("demo", "x = 1"), provided("used", "x = 2\ny = x"), Cell("own", "own", "print(y)")]
    assert kept(*cells) == ["used", "own"]


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


def test_supplied_imports_need_no_demonstration():
    cells = [
        Cell("own-1", "own", "F = 'force'"),
        provided("shown", "y = F.relu(x)"),
        Cell("own", "solution", "def own(x):\n    return F.relu(x)", "own"),
        Cell("test", "hidden", "lab.observe('y', F.relu(own(1)))", "own"),
    ]
    assert kept(*cells) == ["own-1", "own", "test"]


def test_supplied_names_match_the_process_running_answers():
    source = (Path(inside.__file__).parent / "steps.py").read_text()
    found = next(node for node in ast.parse(source).body if ast.unparse(node).startswith("_SUPPLIED"))
    assert {ast.literal_eval(key) for key in found.value.keys} == SUPPLIED
