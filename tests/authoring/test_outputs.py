"""Test the comparison of cell outputs, and which outputs are kept.

The tests change numbers in the course's own outputs: a rounding error must pass, and a change of 0.5% must not.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.notebooks import keep_outputs
from authoring.outputs.cells import model_id, outputs_difference, widget_states
from authoring.outputs.tolerance import FLOOR, NUMBER, RELATIVE, text_difference
from tests.root import ROOT

NOTEBOOKS = sorted((ROOT / "solutions").glob("*/*.ipynb"))


@cache
def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def data(kind: str) -> list[str]:
    """Return all stored outputs of one kind: "text", "text/html", or "image/svg+xml"."""
    outputs = [output for path in NOTEBOOKS for cell in notebook(path).cells for output in cell.get("outputs", [])]
    return [found for output in outputs if (found := output.get(kind) or output.get("data", {}).get(kind))]


def values(text: str) -> list[re.Match[str]]:
    """Return the nonzero numbers in a text that have a fractional part or an exponent."""
    found = [m for m in NUMBER.finditer(text) if len(m["fraction"] or "") > 1 or m["power"]]
    return [m for m in found if plain(m) != 0]


def plain(found: re.Match[str]) -> Decimal:
    return Decimal(found["number"].replace("−", "-").replace(",", ""))


def replaced(text: str, found: re.Match[str], value: Decimal) -> str:
    return text[: found.start("number")] + str(value) + text[found.end("number") :]


TEXTS = [text for text in data("text") + data("text/plain") if values(text)]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_last_digit_may_differ_but_half_percent_not(draw: st.DataObject) -> None:
    text = draw.draw(st.sampled_from(TEXTS))
    found = draw.draw(st.sampled_from(values(text)))
    value, sign = plain(found), draw.draw(st.sampled_from((-1, 1)))
    unit = Decimal(1).scaleb(value.as_tuple().exponent)
    if unit <= max(FLOOR, RELATIVE * (abs(value) - unit)):
        assert text_difference(text, replaced(text, found, value + sign * unit)) == ""
    assert text_difference(text, replaced(text, found, value * (1 + sign * Decimal("0.005"))))


def test_every_real_output_equals_itself() -> None:
    for path in NOTEBOOKS:
        found, states = notebook(path), widget_states(notebook(path))
        for cell in found.cells:
            assert (
                outputs_difference(cell.get("outputs", []), copy.deepcopy(cell.get("outputs", [])), states, states)
                == ""
            )


def test_coordinates_of_real_drawings_are_read_as_numbers() -> None:
    for drawing in data("image/svg+xml"):
        for path in BeautifulSoup(drawing, "html.parser").find_all("path"):
            assert not re.search(r"\d", NUMBER.sub("", path["d"])), path["d"]


def stream(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def shown(**data: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", {key.replace("_", "/"): value for key, value in data.items()})


@pytest.mark.parametrize(
    ("kept", "new", "holds"),
    [
        ([stream("0.5000")], [stream("0.5001")], True),
        ([stream("0.5000")], [stream("0.5100")], False),
        ([stream("0.5")], [], False),
        ([stream("0.5")], [shown(text_plain="0.5")], False),
        ([stream("a"), shown(text_plain="b")], [shown(text_plain="b"), stream("a")], False),
        ([shown(text_plain="0.5", text_html="<p>1</p>")], [shown(text_plain="0.5")], False),
        ([shown(text_html="<p>0.5000</p>")], [shown(text_html="<p>0.5001</p>")], True),
        ([shown(text_html="<p>0.5</p>")], [shown(text_html="<b>0.5</b>")], False),
    ],
)
def test_cell_outputs_are_compared_within_tolerance(kept: list, new: list, holds: bool) -> None:
    assert (outputs_difference(kept, new, {}, {}) == "") is holds


@pytest.fixture
def explorers() -> nbformat.NotebookNode:
    return copy.deepcopy(notebook(ROOT / "solutions" / "explorers" / "explorers.ipynb"))


def explorer_cell(found: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return next(c for c in found.cells if any(model_id(o) for o in c.get("outputs", [])))


def plan_changed(state: dict, old: str, new: str) -> None:
    assert old in state["plan"]
    state["plan"] = state["plan"].replace(old, new, 1)


def frames_scaled(state: dict, by: float) -> None:
    plan = json.loads(state["plan"])
    for entry in plan["series"]:
        entry["step"] *= by
    state["plan"] = json.dumps(plan)


def prediction_scaled(state: dict, by: float) -> None:
    prediction = json.loads(state["prediction"])
    assert any(prediction["torch"])
    prediction["torch"] = [number * by for number in prediction["torch"]]
    state["prediction"] = json.dumps(prediction)


def prediction_changed(state: dict, **to: object) -> None:
    state["prediction"] = json.dumps(json.loads(state["prediction"]) | to)


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        (lambda state: prediction_scaled(state, 1.0005), True),
        (lambda state: prediction_scaled(state, 1.005), False),
        (lambda state: prediction_changed(state, question="Another?"), False),
        (lambda state: state.update(prediction=""), False),
        (lambda state: frames_scaled(state, 1.0005), True),
        (lambda state: frames_scaled(state, 1.005), False),
        (lambda state: state.update(question="Another?"), False),
        (lambda state: plan_changed(state, '"x": [-4.0', '"x": [-4.001'), True),
        (lambda state: plan_changed(state, '"x": [-4.0', '"x": [-4.1'), False),
    ],
)
def test_explorer_state_is_compared_within_tolerance(explorers: nbformat.NotebookNode, change, holds: bool) -> None:
    cell = explorer_cell(explorers)
    kept = widget_states(copy.deepcopy(explorers))
    new = widget_states(explorers)
    change(new[model_id(cell.outputs[0])])
    assert (outputs_difference(cell.outputs, cell.outputs, kept, new) == "") is holds


def two_cells(text: str, prose: str) -> nbformat.NotebookNode:
    code = nbformat.v4.new_code_cell("print(x)", id="code", execution_count=3, outputs=[stream(text)])
    return nbformat.v4.new_notebook(cells=[code, nbformat.v4.new_markdown_cell(prose, id="prose")])


TEMPLATE = two_cells("", "The loss is {{ loss }} of {{ rows }} rows, at a rate of 0.1.")


@pytest.mark.parametrize(
    ("text", "prose", "is_kept"),
    [
        ("0.5001", "The loss is 0.5001 of 1,000 rows, at a rate of 0.1.", (True, True)),
        ("0.5100", "The loss is 0.5001 of 1,000 rows, at a rate of 0.1.", (False, True)),
        ("0.5001", "The loss is 0.5100 of 1,000 rows, at a rate of 0.1.", (True, False)),
        ("0.5001", "The loss is 0.5001 of 1,001 rows, at a rate of 0.1.", (True, False)),
    ],
)
def test_only_values_within_tolerance_are_kept(text: str, prose: str, is_kept: tuple[bool, bool]) -> None:
    kept, new = two_cells("0.5000", "The loss is 0.5000 of 1,000 rows, at a rate of 0.1."), two_cells(text, prose)
    keep_outputs.keep_what_holds(new, kept, TEMPLATE)
    assert (new.cells[0].outputs[0].text == "0.5000", new.cells[1].source == kept.cells[1].source) == is_kept


def test_author_typed_number_is_never_kept() -> None:
    kept = two_cells("0.5", "The loss is 0.5000 of 1,000 rows, at a rate of 0.1.")
    new = two_cells("0.5", "The loss is 0.5001 of 1,000 rows, at a rate of 0.1001.")
    template = two_cells("", "The loss is {{ loss }} of {{ rows }} rows, at a rate of 0.1001.")
    keep_outputs.keep_what_holds(new, kept, template)
    assert new.cells[1].source == "The loss is 0.5001 of 1,000 rows, at a rate of 0.1001."


def test_kept_explorer_keeps_frames_with_new_code(explorers: nbformat.NotebookNode) -> None:
    kept, template = copy.deepcopy(explorers), copy.deepcopy(explorers)
    cell = explorer_cell(explorers)
    state = widget_states(explorers)[model_id(cell.outputs[0])]
    frames_scaled(state, 1.0001)
    state["_esm"] = "new code"
    cell.execution_count = cell.outputs[0].execution_count = 99
    keep_outputs.keep_what_holds(explorers, kept, template)
    before = widget_states(kept)[model_id(cell.outputs[0])]
    assert state == before | {"_esm": "new code"}
    assert cell.outputs[0].execution_count == 99


def test_nbval_uses_tolerance_and_counts_outputs(tmp_path: Path) -> None:
    stored = ["0.5\n", "0.5001\n", "0.5001\n", "0.51\n"]
    cells = [("print(0.5)", text) for text in stored]
    made = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(c, execution_count=i, outputs=[stream(o)]) for i, (c, o) in enumerate(cells, 1)
        ]
    )
    nbformat.write(made, tmp_path / "made.ipynb")
    command = ["pytest", "-p", "authoring.outputs.nbval_plugin", "--nbval", "--nbval-current-env", "-q", str(tmp_path)]
    ran = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "'0.51' became '0.5'" in ran.stdout.replace("\\n", "")
    assert "outputs: 1 the same bytes, 2 within the tolerance, 1 beyond it" in ran.stdout
    assert "1 failed, 3 passed" in ran.stdout
