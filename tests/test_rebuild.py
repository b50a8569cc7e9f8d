"""However a notebook was mangled on the way, an honest answer is found and a test cannot be replaced."""

from __future__ import annotations

import copy
import json

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring import text
from autograder.rebuild import Unreadable, read, rebuild
from tests.conftest import FIXTURES

ANSWER = "def double(x):\n    return x + x"


@pytest.fixture(scope="module")
def released(two_exercises) -> dict:
    """The student's notebook: stubs, and test cells without their hidden part."""
    notebook = text.read(FIXTURES / "two_exercises.md")
    stubs = {e.name: e.stub for e in two_exercises.exercises}
    visible = {f"test_{e.name}": e.visible for e in two_exercises.exercises}
    for cell in notebook.cells:
        cell.source = (stubs | visible).get(cell.id, cell.source)
    return json.loads(nbformat.writes(notebook))


def cell_of(notebook: dict, cell_id: str) -> dict:
    return next(c for c in notebook["cells"] if c["id"] == cell_id)


@pytest.fixture
def answered(released) -> dict:
    notebook = copy.deepcopy(released)
    cell_of(notebook, "double")["source"] = ANSWER
    return notebook


def sources(plan, kind):
    return [c.source for c in plan.cells if c.kind == kind]


def assert_honest(plan, chapter):
    """The answer is where it belongs, and every test is the instructor's."""
    assert next(c.source for c in plan.cells if c.id == "double") == ANSWER
    assert sources(plan, "hidden") == [c.source for c in chapter.cells if c.kind == "hidden"]
    assert sources(plan, "visible") == [c.source for c in chapter.cells if c.kind == "visible"]


def test_an_untouched_notebook_says_so(released, two_exercises):
    plan = rebuild(two_exercises, released)
    assert plan.untouched == {"double", "learn"}
    assert plan.missing == frozenset()
    assert sources(plan, "own") == []


def test_own_cells_stay_in_place(answered, two_exercises):
    where = [c["id"] for c in answered["cells"]].index("double")
    answered["cells"].insert(where, {"cell_type": "code", "id": "a", "metadata": {}, "source": "before = 1"})
    answered["cells"].insert(
        where + 2, {"cell_type": "code", "id": "b", "metadata": {}, "source": ["after = 1\n", "2"]}
    )
    plan = rebuild(two_exercises, answered)
    ids = [c.id for c in plan.cells]
    at = ids.index("double")
    assert [plan.cells[at - 1].source, plan.cells[at + 1].source] == ["before = 1", "after = 1\n2"]
    assert_honest(plan, two_exercises)


def test_an_edited_test_cell_is_replaced(answered, two_exercises):
    cell_of(answered, "test_double")["source"] = "print('passed')"
    assert_honest(rebuild(two_exercises, answered), two_exercises)


def test_an_edited_provided_cell_runs_after_ours(answered, two_exercises):
    first = next(c for c in answered["cells"] if c["cell_type"] == "code")
    first["source"] += "\nmine = 1"
    plan = rebuild(two_exercises, answered)
    assert [c.kind for c in plan.cells[:2]] == ["provided", "own"]
    assert "mine = 1" in plan.cells[1].source


def test_of_two_answers_the_last_edited_counts_and_it_is_noted(answered, two_exercises):
    stub = copy.deepcopy(cell_of(answered, "double"))
    stub["source"], stub["id"] = two_exercises.exercise("double").stub, "copied"
    answered["cells"].append(stub)
    plan = rebuild(two_exercises, answered)
    assert_honest(plan, two_exercises)
    assert any("2 answer cells" in note for note in plan.notes)


def test_a_missing_answer_is_named(answered, two_exercises):
    answered["cells"] = [c for c in answered["cells"] if c["id"] != "learn"]
    plan = rebuild(two_exercises, answered)
    assert plan.missing == {"learn"}
    assert "the answer cell of learn is not in the notebook" in plan.notes


def _strip_metadata(cells):
    for cell in cells:
        cell["metadata"] = {}


def _strip_ids(cells):
    for number, cell in enumerate(cells):
        cell["id"] = f"x{number}"


def _strip_both(cells):
    for cell in cells:
        cell.pop("id")
        cell["metadata"] = {}


def _retype(cells):
    next(c for c in cells if c["source"] == ANSWER)["cell_type"] = "raw"


def _wrong_points(cells):
    for cell in cells:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 1000, "grade": False, "locked": False}


def _copy_tests(cells):
    cells += [copy.deepcopy(c) for c in cells if "test_" in str(c.get("id"))]


def _delete_tests(cells):
    cells[:] = [c for c in cells if "test_" not in str(c.get("id"))]


def _reverse(cells):
    cells.reverse()


def _delete_prose(cells):
    cells[:] = [c for c in cells if c["cell_type"] != "markdown"]


def _copy_answer(cells):
    cells.append(copy.deepcopy(next(c for c in cells if c["source"] == ANSWER)))


MANGLES = [
    _strip_metadata, _strip_ids, _strip_both, _retype, _wrong_points, _copy_tests, _delete_tests, _reverse,
    _delete_prose, _copy_answer,
]  # fmt: skip


@pytest.mark.parametrize("mangle", MANGLES, ids=lambda m: m.__name__.strip("_"))
def test_an_honest_answer_survives(mangle, answered, two_exercises):
    mangle(answered["cells"])
    assert_honest(rebuild(two_exercises, answered), two_exercises)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([m for m in MANGLES if m not in (_retype, _strip_both)]), count=st.integers(1, 5))
def test_an_honest_answer_survives_any_few_mangles(order, count, answered, two_exercises):
    notebook = copy.deepcopy(answered)
    chosen = order[:count]
    if _strip_ids in chosen and _strip_metadata in chosen:
        chosen.remove(_strip_ids)
    for mangle in chosen:
        mangle(notebook["cells"])
    assert_honest(rebuild(two_exercises, notebook), two_exercises)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
cells_of_any_kind = st.dictionaries(st.sampled_from(["id", "cell_type", "metadata", "source", "input"]), json_values)


@settings(max_examples=150, deadline=None)
@given(
    content=st.dictionaries(
        st.sampled_from(["cells", "worksheets", "metadata"]), json_values | st.lists(cells_of_any_kind)
    )
)
def test_any_json_is_a_plan_or_unreadable(content, two_exercises):
    try:
        hidden = sources(rebuild(two_exercises, content), "hidden")
    except Unreadable:
        hidden = None
    assert hidden in (None, [c.source for c in two_exercises.cells if c.kind == "hidden"])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"\x00\x00\x00", "empty"),
        (b"not json", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"[1, 2]", "not a notebook"),
        (b'{"cells": []}', "no cells"),
        (b'{"cells": 3}', "no cells"),
        (b'{"a": 1\n<<<<<<< HEAD\n}', "conflict markers"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_file_that_is_no_notebook_gets_a_sentence(tmp_path, two_exercises, data, sentence):
    path = tmp_path / "two_exercises.ipynb"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=sentence):
        rebuild(two_exercises, path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings_and_trailing_garbage_cost_nothing(tmp_path, answered, two_exercises, encoding):
    path = tmp_path / "two_exercises.ipynb"
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    path.write_bytes((mark + json.dumps(answered) + "\n}}garbage").encode(encoding))
    assert_honest(rebuild(two_exercises, path), two_exercises)


def test_nbformat_3_is_read(answered, two_exercises):
    old = [{"cell_type": c["cell_type"], "input": c["source"], "metadata": c["metadata"]} for c in answered["cells"]]
    assert_honest(rebuild(two_exercises, {"nbformat": 3, "worksheets": [{"cells": old}]}), two_exercises)


def test_a_missing_file_gets_a_sentence(tmp_path):
    with pytest.raises(Unreadable, match="cannot be opened"):
        read(tmp_path / "none.ipynb")
