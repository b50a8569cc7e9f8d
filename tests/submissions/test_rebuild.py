"""Test that the honest answer in a damaged notebook is kept, and that no notebook can replace a test."""

import copy
import json
import math
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.submissions import rebuild as rebuilding
from autograder.submissions.rebuild import Unreadable, read, rebuild
from autograder.texts import text
from tests.conftest import FIXTURES

ANSWER = "def double(x):\n    return x + x"


@pytest.fixture(scope="module")
def released(two_exercises) -> dict:
    """Return the student's notebook: stubs, and test cells without their hidden part."""
    notebook = text.read(FIXTURES / "two_exercises.md")
    stubs = {e.name: e.stub for e in two_exercises.exercises}
    visible = {f"test_{e.name}": e.visible for e in two_exercises.exercises}
    for cell in notebook.cells:
        cell.source = (stubs | visible).get(cell.id, cell.source)
    return json.loads(nbformat.writes(notebook))


def cell_of(notebook: dict, cell_id: str) -> dict:
    return next(c for c in notebook["cells"] if c["id"] == cell_id)


def own_cell(source: str | list[str]) -> dict:
    return {"cell_type": "code", "id": "mine", "metadata": {}, "source": source}


@pytest.fixture
def answered(released) -> dict:
    notebook = copy.deepcopy(released)
    cell_of(notebook, "double")["source"] = ANSWER
    return notebook


def sources(plan, kind):
    return [c.source for c in plan.cells if c.kind == kind]


def assert_honest(plan, chapter):
    """Assert that the answer is in its own cell and every test is the instructor's."""
    assert next(c.source for c in plan.cells if c.id == "double") == ANSWER
    assert sources(plan, "hidden") == [c.source for c in chapter.cells if c.kind == "hidden"]
    assert sources(plan, "visible") == [c.source for c in chapter.cells if c.kind == "visible"]


def test_untouched_notebook_is_reported_as_untouched(released, two_exercises):
    plan = rebuild(two_exercises, released)
    assert plan.untouched == {"double", "learn"}
    assert plan.missing == frozenset()
    assert sources(plan, "own") == []


def test_own_cells_stay_in_place(answered, two_exercises):
    where = answered["cells"].index(cell_of(answered, "double"))
    answered["cells"].insert(where, own_cell("before = 1"))
    answered["cells"].insert(where + 2, own_cell(["after = 1\n", "2"]))
    plan = rebuild(two_exercises, answered)
    at = [c.id for c in plan.cells].index("double")
    assert [plan.cells[at - 1].source, plan.cells[at + 1].source] == ["before = 1", "after = 1\n2"]
    assert_honest(plan, two_exercises)


def test_edited_provided_cell_runs_after_the_original(answered, two_exercises):
    first = next(c for c in answered["cells"] if c["cell_type"] == "code")
    first["source"] += "\nmine = 1"
    plan = rebuild(two_exercises, answered)
    assert [c.kind for c in plan.cells[:2]] == ["provided", "own"]
    assert "mine = 1" in plan.cells[1].source


def test_last_edited_answer_counts_and_others_are_noted(answered, two_exercises):
    stub = cell_of(answered, "double") | {"source": two_exercises.exercise("double").stub, "id": "copied"}
    answered["cells"] = [c for c in answered["cells"] if c["id"] != "learn"] + [stub]
    plan = rebuild(two_exercises, answered)
    assert_honest(plan, two_exercises)
    assert any("2 answer cells" in note for note in plan.notes)
    assert plan.missing == {"learn"}
    assert "the answer cell of learn is not in the notebook" in plan.notes


def without_id(cell: dict) -> dict:
    return {key: value for key, value in cell.items() if key != "id"}


def with_wrong_points(cell: dict) -> dict:
    wrong = {"points": 1000, "grade": False, "locked": False}
    marks = {key: value | wrong if key == "nbgrader" else value for key, value in cell["metadata"].items()}
    return cell | {"metadata": marks}


def graded_in(cells: list[dict]) -> list[dict]:
    return [cell for cell in cells if "test_" in str(cell.get("id"))]


MANGLES = {
    "edit tests": lambda cells: [
        cell | {"source": "print('passed')"} if cell in graded_in(cells) else cell for cell in cells
    ],
    "strip metadata": lambda cells: [cell | {"metadata": {}} for cell in cells],
    "strip ids": lambda cells: [cell | {"id": f"x{number}"} for number, cell in enumerate(cells)],
    "strip both": lambda cells: [without_id(cell) | {"metadata": {}} for cell in cells],
    "retype": lambda cells: [cell | {"cell_type": "raw"} if cell["source"] == ANSWER else cell for cell in cells],
    "wrong points": lambda cells: [with_wrong_points(cell) for cell in cells],
    "copy tests": lambda cells: [*cells, *graded_in(cells)],
    "delete tests": lambda cells: [cell for cell in cells if cell not in graded_in(cells)],
    "reverse": lambda cells: cells[::-1],
    "delete prose": lambda cells: [cell for cell in cells if cell["cell_type"] != "markdown"],
    "copy answer": lambda cells: [*cells, next(cell for cell in cells if cell["source"] == ANSWER)],
}


@pytest.mark.parametrize("mangle", MANGLES)
def test_honest_answer_survives_one_mangle(mangle, answered, two_exercises):
    answered["cells"] = MANGLES[mangle](answered["cells"])
    assert_honest(rebuild(two_exercises, answered), two_exercises)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(sorted(MANGLES.keys() - {"retype", "strip both"})), count=st.integers(1, 5))
def test_honest_answer_survives_several_mangles(order, count, answered, two_exercises):
    cells = answered["cells"]
    for mangle in order[:count]:
        if mangle != "strip ids" or "strip metadata" not in order[:count]:
            cells = MANGLES[mangle](cells)
    assert_honest(rebuild(two_exercises, answered | {"cells": cells}), two_exercises)


def rebuilt(chapter, content):
    """Return the plan, or the error message if the notebook is unreadable."""
    try:
        return rebuild(chapter, content)
    except Unreadable as error:
        return str(error)


def assert_harmless(chapter, content):
    """Assert that the notebook is either unreadable, for a reason, or leaves every hidden test the instructor's."""
    found = rebuilt(chapter, content)
    hidden = [c.source for c in chapter.cells if c.kind == "hidden"]
    assert found if isinstance(found, str) else sources(found, "hidden") == hidden


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
def test_any_json_gives_plan_or_unreadable(content, two_exercises):
    assert_harmless(two_exercises, content)


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
def test_non_notebook_file_gets_an_explanation(tmp_path, two_exercises, data, sentence):
    (tmp_path / "two_exercises.ipynb").write_bytes(data)
    with pytest.raises(Unreadable, match=sentence):
        rebuild(two_exercises, tmp_path / "two_exercises.ipynb")


UTF = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


MINE = "größe = 'für mich'  # na?ve"


@pytest.mark.parametrize(("mark", "end"), [("", ""), ("\ufeff", "\n}}garbage")], ids=["plain", "marked"])
@pytest.mark.parametrize("encoding", [*UTF, "cp1252"])
def test_letters_are_read_in_every_encoding(answered, two_exercises, encoding, mark, end):
    answered["cells"].append(own_cell(MINE))
    text = json.dumps(answered, ensure_ascii=False)
    plan = rebuild(two_exercises, (text if encoding == "cp1252" else f"{mark}{text}{end}").encode(encoding))
    assert_honest(plan, two_exercises)
    assert sources(plan, "own") == [MINE]


def test_one_broken_byte_loses_one_letter(answered, two_exercises):
    answered["cells"].append(own_cell(MINE))
    data = json.dumps(answered, ensure_ascii=False).encode().replace(b"na?ve", b"na\xefve")
    assert sources(rebuild(two_exercises, data), "own") == [MINE.replace("?", "\ufffd")]


@pytest.mark.parametrize("minor", range(6))
def test_every_nbformat_4_minor_version_is_read(answered, two_exercises, minor):
    content = answered | {"nbformat": 4, "nbformat_minor": minor}
    if minor < 5:  # Cells have had ids only since version 4.5.
        content["cells"] = [without_id(cell) for cell in content["cells"]]
    if minor == 0:
        content["metadata"] = {"signature": "", "kernel_info": {"name": "python2"}, "orig_nbformat": 3}
    assert_honest(rebuild(two_exercises, content), two_exercises)


@pytest.mark.parametrize("sheets", [1, 3])
def test_nbformat_3_is_read(answered, two_exercises, sheets):
    old = json.loads(nbformat.writes(nbformat.reads(json.dumps(answered), as_version=4), version=3))
    (whole,) = old["worksheets"]
    old["worksheets"] = [{"cells": whole["cells"][at::sheets]} for at in range(sheets)]
    assert_honest(rebuild(two_exercises, json.dumps(old).encode()), two_exercises)


def test_invalid_but_common_json_is_read(answered, two_exercises):
    """Accept NaN in outputs, a duplicate key, a newline inside a string, and Windows line endings."""
    cell_of(answered, "double")["outputs"] = [{"output_type": "display_data", "data": {"x": math.nan}}]
    text = json.dumps(answered).replace('"cells":', '"cells": [], "cells":', 1)
    assert "NaN" in text
    note = '{"cell_type": "markdown", "metadata": {}, "source": "two\nlines"}, '
    text = text.replace('"cells": [{', f'"cells": [{note}{{', 1).replace("\n", "\r\n")
    assert_honest(rebuild(two_exercises, text.encode()), two_exercises)


@pytest.mark.parametrize("where", ["{answer}\n\n{checks}", "{checks}\n{answer}", "{answer}"])
def test_answer_in_cell_of_its_checks_is_found(released, two_exercises, where):
    notebook = copy.deepcopy(released)
    checks = cell_of(notebook, "test_double")
    source = f"{''.join(checks['source'])}\nlab.claims('double', '1')"
    checks["source"] = where.format(answer=ANSWER, checks=source)
    plan = rebuild(two_exercises, notebook)
    assert plan.untouched == {"learn"}
    assert plan.notes == ("the answer to double was found in the cell of its checks",)
    answer = next(cell.source for cell in plan.cells if cell.id == "double")
    above = where.partition("{answer}")[0].format(checks=source)
    assert answer == "\n" * above.count("\n") + ANSWER, "lines keep their numbers"


@pytest.mark.parametrize(("left", "said"), [([], "is the notebook of 'lazy'"), (["double"], "learn is not in the")])
def test_notebook_of_another_chapter_gets_one_sentence(answered, two_exercises, left, said):
    answered["metadata"]["layerlab"] = {"chapter": "lazy"}
    kept = [cell for cell in answered["cells"] if cell["id"] in left]
    found = rebuilt(two_exercises, answered | {"cells": [*kept, own_cell("x = 1")]})
    assert said in (found if isinstance(found, str) else " ".join(found.notes))


def test_earlier_release_gets_one_note(answered, two_exercises):
    answered["metadata"]["layerlab"] = {"fingerprint": "old"}
    cell_of(answered, "learn")["metadata"] = {"layerlab": {"exercise": "learned"}}
    cell_of(answered, "learn")["id"] = "learned"
    early = "this notebook is from an earlier release of the chapter: no exercise is called learned now"
    by_names = "the answer to learn was found by the names it defines: its cell has the id learned"
    assert rebuild(replace(two_exercises, fingerprint="new"), answered).notes == (by_names, early)
    assert rebuild(replace(two_exercises, fingerprint="old"), answered).notes == (by_names,)


HALVES = [
    (["def double(x):\n    twice = x + x", "    return twice"], True),
    (["import math\n", "def double(x):\n    return math.fsum([x, x])", "print(double(2))"], True),
    (["def double(x):\n    return x", ANSWER], False),
]


@pytest.mark.parametrize(("sources", "is_split"), HALVES)
def test_parts_of_split_answer_are_one_answer(answered, two_exercises, sources, is_split):
    whole = cell_of(answered, "double")
    at = answered["cells"].index(whole)
    answered["cells"][at : at + 1] = [whole | {"source": text, "id": f"x{n}"} for n, text in enumerate(sources)]
    plan = rebuild(two_exercises, answered)
    assert next(c.source for c in plan.cells if c.id == "double") == ("\n".join(sources[:2]) if is_split else ANSWER)
    assert plan.notes == (() if is_split else ("double has 2 answer cells: the last one that was edited counts",))
    assert [c.source for c in plan.cells if c.kind == "own"] == (sources[2:] if is_split else sources[:1])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("marks", [{}, {"metadata": {}}], ids=["the same marks", "marks of its own"])
def test_answer_split_into_two_cells_runs_in_order(answered, two_exercises, end, marks):
    """Cover both splits: JupyterLab copies the metadata to each half, while a cell added by hand has none."""
    whole = cell_of(answered, "double")
    second = f"def double(x):{end}    return math.fsum([x, x]){end}"
    answered["cells"].insert(answered["cells"].index(whole) + 1, whole | {"source": second, "id": "made"} | marks)
    whole["source"] = f"import math{end}"
    assert ran(rebuild(two_exercises, answered))["double"](3) == 6


def test_answer_merged_with_its_test_still_counts(answered, two_exercises):
    cell_of(answered, "double")["source"] += "\n\nassert double(2) == 4"
    answered["cells"].remove(cell_of(answered, "test_double"))
    assert ran(rebuild(two_exercises, answered))["double"](3) == 6
    assert_harmless(two_exercises, answered)


def ran(plan) -> dict:
    """Run the student's own cells and the first exercise's answer, and return the names they define."""
    names: dict = {}
    for cell in plan.cells:
        if cell.kind == "own" or cell.id == "double":
            exec(cell.source, names)
    return names


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_bytes_give_plan_or_unreadable(data, two_exercises, released):
    """Cover files that are truncated, overwritten in the middle, or filled with other bytes."""
    whole = json.dumps(released).encode(data.draw(st.sampled_from(UTF)))
    cut, upto = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    content = whole[:cut] + data.draw(st.binary(max_size=20)) + whole[upto:]
    assert_harmless(two_exercises, content)


PLACES = ["cells", "worksheets", "id", "metadata", "source", "cell_type", "nbgrader", "grade_id"]


@pytest.mark.parametrize("strange", [3, None, [3], {"a": 1}, [[1]], 1e400, True])
@pytest.mark.parametrize("key", PLACES)
def test_unexpected_value_types_raise_no_error(answered, two_exercises, key, strange):
    cell = cell_of(answered, "learn")
    places = {"cells": answered, "worksheets": answered, "nbgrader": cell["metadata"]}
    places["grade_id"] = cell["metadata"]["nbgrader"]
    places.get(key, cell)[key] = strange
    if key == "worksheets":
        del answered["cells"]
        answered["worksheets"] = [{"cells": strange}, strange]
    found = rebuilt(two_exercises, answered)
    if key in ("cells", "worksheets"):
        assert found == "the file is JSON, but it has no cells"
    else:
        assert_honest(found, two_exercises)


def test_deeply_nested_values_raise_no_error(answered, two_exercises):
    deep = "[" * 900 + "]" * 900
    cell = f'{{"id": {deep}, "source": [{deep}], "metadata": {deep}}}'
    text = json.dumps(answered).replace('"cells": [', f'"cells": [{cell}, ', 1)
    assert_honest(rebuild(two_exercises, text.encode()), two_exercises)


def test_too_large_or_missing_file_gets_an_explanation(tmp_path, two_exercises, monkeypatch):
    monkeypatch.setattr(rebuilding, "MAX_BYTES", 1 << 20)
    path = tmp_path / "two_exercises.ipynb"
    path.write_bytes(b" " * (2 << 20))
    assert len(rebuilding.content_of(path)) == (1 << 20) + 1
    with pytest.raises(Unreadable, match="larger than 1 MiB: clear its outputs"):
        rebuild(two_exercises, path)
    with pytest.raises(Unreadable, match="cannot be opened"):
        read(tmp_path / "none.ipynb")


MEASURE = """
import json, resource, sys, time
from pathlib import Path
from autograder.texts import chapter as chapters
from autograder.submissions.rebuild import rebuild

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

chapter = chapters.load(sys.argv[1])
before, began = peak(), time.monotonic()
plan = rebuild(chapter, Path(sys.argv[2]))
answers = [cell.source for cell in plan.cells if cell.id == "double"]
print(json.dumps([(peak() - before) / 1024, time.monotonic() - began, answers]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak of a process in KiB")
def test_100_mb_of_outputs_stay_within_resource_limits(tmp_path, answered):
    cell_of(answered, "double")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["x" * 99 + "\n"] * 500_000},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBOR" * 10_000_000}},
    ]
    path = tmp_path / "two_exercises.ipynb"
    path.write_text(json.dumps(answered))
    assert path.stat().st_size > 100e6
    command = [sys.executable, "-c", MEASURE, str(FIXTURES / "two_exercises.md"), str(path)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=FIXTURES.parents[1])
    mib, seconds, (answer,) = json.loads(done.stdout)
    assert answer == ANSWER
    assert mib < 5 * 100  # The limit covers the bytes, the decoded text, and the parsed notebook.
    assert seconds < 30
