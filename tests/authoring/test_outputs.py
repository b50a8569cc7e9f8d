"""Test the comparison of cell outputs, and which outputs are kept: rounding passes, and what a reader notices fails."""

from __future__ import annotations

import base64
import copy
import io
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from authoring.notebooks import keep_outputs
from authoring.outputs.cells import model_id, outputs_difference, widget_states
from authoring.outputs.markup import drawing_difference, markup_difference, raster_difference
from authoring.outputs.tolerance import are_close, text_difference
from tests.root import ROOT


@pytest.mark.parametrize(
    ("kept", "new"),
    [
        ("loss −0.9986", "loss −0.9987"),
        ("1.234e-05", "1.235e-05"),
        ("1", "0.9999"),
        ("tensor([ 0.0000, 1.5000])", "tensor([-0.0000, 1.5000])"),
        ("tensor([1., 2.])", "tensor([1.0000, 2.0000])"),
        ("  9.99 |", " 10.00 |"),
        ("12,345.67", "12,345.68"),
    ],
)
def test_last_digit_may_differ(kept: str, new: str) -> None:
    assert text_difference(kept, new) == text_difference(new, kept) == ""


@pytest.mark.parametrize(
    ("kept", "new"),
    [
        ("loss 0.9986", "loss 1.0036"),
        ("0.1200", "0.1206"),
        ("1.234e-05", "1.241e-05"),
        ("3.1e-07", "0"),
        ("0.5", "-0.5"),
        ("[1000., 2.]", "[1001., 2.]"),
        ("torch 2.13.0", "torch 2.13.1"),
        ("0.5 of them", "0.5 of all"),
        ("0.5 0.25", "0.5"),
        ("0.5\n0.25", "0.5 0.25"),
        ("inf", "-inf"),
        ("", "0.5"),
    ],
)
def test_visible_text_changes_are_differences(kept: str, new: str) -> None:
    assert text_difference(kept, new)
    assert text_difference(new, kept)
    assert text_difference("the loss is 0.500 now", "the loss is 0.600 now") == (
        "'the loss is 0.500' became 'the loss is 0.600'"
    )


def test_close_arrays_agree_in_shape_gaps_and_values() -> None:
    values = np.array([0.0, 1.0, np.nan, -250.0])
    assert are_close(values, values * (1 + 9e-4))
    for other in (values * 1.005, np.nan_to_num(values), values[:3]):
        assert not are_close(values, other)
    small = np.array([1.0, 1e-7, 0.0])
    assert are_close(small, small + 9e-5, step=1e-5)
    assert not are_close(small, small + 2e-3, step=1e-5)
    assert not are_close(small, np.array([1.0, 2e-7, 0.0]))


def png(points: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(points.astype(np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def striped(at: float, shade: float = 0.0) -> np.ndarray:
    """Return a white image with a dark bar that is two pixels wide, begins at ``at``, and has soft edges."""
    columns = np.arange(40.0)
    covered = np.clip(np.minimum(columns + 1, at + 2) - np.maximum(columns, at), 0, 1)
    return np.repeat(np.repeat((255 - covered * (255 - shade))[None, :, None], 20, axis=0), 3, axis=2)


DRAWING = f"""<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 374.15 143.75">
<defs><path id="m5d5a9a35c3" d="M 0 0 L 0 3.5" style="stroke: #d5dae0; stroke-width: 0.8"/></defs>
<g id="line2d_1"><path d="M 40.78 143.07 L 371.27 146.03" style="fill: none; stroke: #0a56b8"/></g>
<g id="line2d_2"><path d="M 40.78 14.3 L 371.27 14.6" clip-path="url(#p17916e676e)" style="fill: none"/></g>
<use xlink:href="#m5d5a9a35c3" x="62.96" y="108.87" style="fill: #d5dae0"/>
<image width="40" xlink:href="data:image/png;base64,{png(striped(1.0))}"/>
<g style="fill: #59636e" transform="translate(321.91 159.37) scale(0.1 -0.1)"><text x="1">loss</text></g>
</svg><table><caption>shares</caption><tr><th>0</th><td>−0.9986</td><td>12</td></tr></table>"""


@pytest.mark.parametrize(
    ("kept", "new", "holds"),
    [
        ("146.03", "146.12", True),
        ('x="62.96"', 'x="63.05"', True),
        ("translate(321.91", "translate(321.99", True),
        ("#d5dae0", "#d5dbe0", True),
        ("m5d5a9a35c3", "m0123456789", True),
        ("374.15", "374.2", True),
        ("−0.9986", "−0.9987", True),
        (png(striped(1.0)), png(striped(1.0, shade=1)), True),
        (png(striped(1.0)), png(striped(1.0, shade=2)), False),
        ("14.3 L 371.27 14.6", "14.5 L 371.27 14.8", False),  # a curve moved
        ("L 371.27 146.03", "L 371.27 146.03 L 380 146.03", False),
        ("L 371.27 146.03", "M 371.27 146.03", False),
        ("#d5dae0", "#d5dce0", False),
        ("fill: none; stroke: #0a56b8", "fill: none", False),
        ("stroke-width: 0.8", "stroke-width: 0.9", False),
        ("scale(0.1 -0.1)", "scale(0.1005 -0.1)", False),
        (">loss<", ">losses<", False),
        ('<text x="1">loss</text>', "", False),
        ('xlink:href="#m5d5a9a35c3"', 'xlink:href="#m0123456789"', False),  # the link has no target
        ("line2d_1", "line2d_9", False),
        ("</svg>", "<rect/></svg>", False),
        (DRAWING, "", False),
        ("−0.9986", "−0.9936", False),
        ("<td>12</td>", "<td>13</td>", False),
        ("<td>12</td>", "<th>12</th>", False),
        ("shares", "portions", False),
    ],
)
def test_only_small_changes_of_drawings_and_tables_agree(kept: str, new: str, holds: bool) -> None:
    assert kept in DRAWING
    changed = DRAWING.replace(kept, new)
    assert (markup_difference(DRAWING, changed) == "") is (markup_difference(changed, DRAWING) == "") is holds


def test_drawn_line_may_shift_by_a_subpixel() -> None:
    line = png(striped(10.0))
    assert drawing_difference(line, png(striped(10.1))) == ""
    for other in (striped(12.0), striped(10.0, shade=90), striped(10.0)[:, :39], np.full_like(striped(0.0), 255)):
        assert drawing_difference(line, png(other))
        assert drawing_difference(png(other), line)
    assert raster_difference(line, png(striped(10.1)))


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
        ([shown(image_png=png(striped(1)))], [shown(image_png=png(striped(9)))], False),
    ],
)
def test_cell_outputs_are_compared_within_tolerance(kept: list, new: list, holds: bool) -> None:
    assert (outputs_difference(kept, new, {}, {}) == "") is holds


@pytest.fixture
def explorers() -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "solutions" / "explorers" / "explorers.ipynb", as_version=4)


def explorer_cell(found: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return next(cell for cell in found.cells if any(map(model_id, cell.get("outputs", []))))


def frames_scaled(state: dict, by: float) -> None:
    plan = json.loads(state["plan"])
    for entry in plan["series"]:
        entry["step"] *= by
    state["plan"] = json.dumps(plan)


def changed(state: dict, key: str, old: str, new: str) -> None:
    assert old in state[key]
    state[key] = state[key].replace(old, new, 1)


def prediction_scaled(state: dict, by: float) -> None:
    prediction = json.loads(state["prediction"])
    assert any(prediction["torch"])
    state["prediction"] = json.dumps(prediction | {"torch": [number * by for number in prediction["torch"]]})


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        (lambda state: prediction_scaled(state, 1.0005), True),
        (lambda state: prediction_scaled(state, 1.005), False),
        (lambda state: changed(state, "prediction", '"question": "', '"question": "Not '), False),
        (lambda state: state.update(prediction=""), False),
        (lambda state: frames_scaled(state, 1.0005), True),
        (lambda state: frames_scaled(state, 1.005), False),
        (lambda state: state.update(question="Another?"), False),
        (lambda state: state.update(controls=[dict(reversed(one.items())) for one in state["controls"]]), True),
        (lambda state: state.update(controls=[]), False),
        (lambda state: changed(state, "plan", '"x": [-4.0', '"x": [-4.001'), True),
        (lambda state: changed(state, "plan", '"x": [-4.0', '"x": [-4.1'), False),
    ],
)
def test_explorer_state_is_compared_within_tolerance(explorers: nbformat.NotebookNode, change, holds: bool) -> None:
    outputs = explorer_cell(explorers).outputs
    kept, new = widget_states(copy.deepcopy(explorers)), widget_states(explorers)
    change(new[model_id(outputs[0])])
    assert (outputs_difference(outputs, outputs, kept, new) == "") is holds


def two_cells(text: str, prose: str) -> nbformat.NotebookNode:
    code = nbformat.v4.new_code_cell("print(x)", id="code", execution_count=3, outputs=[stream(text)])
    return nbformat.v4.new_notebook(cells=[code, nbformat.v4.new_markdown_cell(prose, id="prose")])


STORED = "The loss is 0.5000 of 1,000 rows, at a rate of 0.1."


@pytest.mark.parametrize(
    ("text", "prose", "is_kept"),
    [
        ("0.5001", STORED.replace("0.5000", "0.5001"), (True, True)),
        ("0.5100", STORED.replace("0.5000", "0.5001"), (False, True)),
        ("0.5001", STORED.replace("0.5000", "0.5100"), (True, False)),
        ("0.5001", STORED.replace("1,000", "1,001"), (True, False)),
        ("0.5001", STORED.replace("0.1.", "0.1001."), (True, False)),  # typed by the author
    ],
)
def test_only_values_within_tolerance_are_kept(text: str, prose: str, is_kept: tuple[bool, bool]) -> None:
    kept, new = two_cells("0.5000", STORED), two_cells(text, prose)
    rate = prose.partition("rate of ")[2]
    template = two_cells("", f"The loss is {{{{ loss }}}} of {{{{ rows }}}} rows, at a rate of {rate}")
    keep_outputs.keep_what_holds(new, kept, template)
    assert (new.cells[0].outputs[0].text == "0.5000", new.cells[1].source == STORED) == is_kept


def test_kept_explorer_keeps_frames_with_new_code(explorers: nbformat.NotebookNode) -> None:
    kept, template = copy.deepcopy(explorers), copy.deepcopy(explorers)
    cell = explorer_cell(explorers)
    state = widget_states(explorers)[model_id(cell.outputs[0])]
    frames_scaled(state, 1.0001)
    state["_esm"] = "new code"
    cell.execution_count = cell.outputs[0].execution_count = 99
    keep_outputs.keep_what_holds(explorers, kept, template)
    assert state == widget_states(kept)[model_id(cell.outputs[0])] | {"_esm": "new code"}
    assert cell.outputs[0].execution_count == 99


def test_nbval_uses_the_tolerance(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_code_cell("print(0.5)", execution_count=i, outputs=[stream(text)])
        for i, text in enumerate(("0.5\n", "0.5001\n", "0.51\n"), 1)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "made.ipynb")
    command = ["pytest", "-p", "authoring.outputs.nbval_plugin", "--nbval", "--nbval-current-env", "-q", str(tmp_path)]
    ran = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "'0.51' became '0.5'" in ran.stdout.replace("\\n", "")
    assert "1 failed, 2 passed" in ran.stdout
