"""Test what is not computed in advance: edited cells and dragged points, and values between two positions of a slider.

In 60 random trials, the page computes the same values as torch; in JupyterLab, Python computes the values.
"""

import math
import random
import re
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest
import torch
from explorers import PAGES, executed, explorer, number
from test_explorer_page import collapse, table
from torch import nn
from torch.nn import functional as F

DRAWS = 60
_, MOVED = executed("moved")
IMAGE, KERNEL = MOVED["image"], MOVED["kernel"]


def move(page, name: str, **setting) -> None:
    parts = ",".join(f"{key}:{value}" for key, value in setting.items())
    page.evaluate("hash => { location.hash = hash; }", f"{name}={parts}")
    page.wait_for_function(
        "([name, setting]) => Object.entries(setting).every(([key, value]) => "
        "document.querySelector(`[data-explorer=${name}] .set`).textContent.includes(`${key} ${value}`))",
        arg=[name, {key: value for key, value in setting.items() if key != "position"}],
    )


def put(root, key: str, value: float) -> None:
    """Click a cell and type a value into it."""
    root.evaluate(
        "(root, key) => [...root.querySelectorAll(`[data-edit='${key}']`)].at(-1)"
        ".dispatchEvent(new MouseEvent('click', { bubbles: true }))",
        key,
    )
    root.locator("input.field").fill(str(value))


def output(root) -> np.ndarray:
    """Return the values in the second table, which shows the output."""
    rows = root.locator("table").nth(1).locator("tbody tr")
    return np.array(
        rows.evaluate_all(
            "rows => rows.map(r => [...r.cells].slice(1).map(c => Number(c.textContent.replace('−', '-'))))"
        )
    )


def test_convolution_with_edited_cells_matches_torch(opened):
    page, draw = opened("moved.html").page, random.Random(1)
    root, image, kernel = explorer(page, "lamp"), IMAGE.clone(), KERNEL.clone()
    for _ in range(DRAWS):
        stride, padding, dilation = draw.randint(1, 2), draw.randint(0, 2), draw.randint(1, 2)
        move(page, "lamp", stride=stride, padding=padding, dilation=dilation, position=62)
        r, c, i, j = draw.randrange(5), draw.randrange(7), draw.randrange(3), draw.randrange(3)
        image[r, c], kernel[i, j] = round(draw.uniform(-9, 9), 2), round(draw.uniform(-4, 4), 1)
        put(root, f"input {r} {c}", image[r, c].item())
        put(root, f"weights {i} {j}", kernel[i, j].item())
        expected = F.conv2d(image[None, None], kernel[None, None], None, stride, padding, dilation)[0, 0]
        np.testing.assert_allclose(output(root), expected, rtol=6e-4, atol=1e-4)
        assert number(root.locator("[data-number]").inner_text()) == pytest.approx(
            expected[-1, -1].item(), rel=6e-4, abs=1e-4
        )


def test_pooling_with_edited_cells_matches_torch(opened):
    page, draw = opened("moved.html").page, random.Random(2)
    row, image = MOVED["row"].clone(), IMAGE.clone()
    for _ in range(DRAWS // 2):
        size, stride, padding = draw.randint(2, 4), draw.randint(1, 4), draw.randint(0, 1)
        border = draw.choice(["default", "ceil", "not counted", "ceil, not counted"])
        root = explorer(page, "means")
        root.get_by_role("radio", name=border, exact=True).check(force=True)
        move(page, "means", kernel_size=size, stride=stride, padding=padding, position=10)
        i = draw.randrange(10)
        row[i] = round(draw.uniform(-9, 9), 2)
        put(root, f"input 0 {i}", row[i].item())
        layer = nn.AvgPool1d(size, stride, padding, "ceil" in border, "not counted" not in border)
        np.testing.assert_allclose(output(root), layer(row[None]), rtol=6e-4, atol=1e-4)

        root, size, stride = explorer(page, "largest"), draw.randint(2, 3), draw.randint(1, 3)
        move(page, "largest", kernel_size=size, stride=stride, position=62)
        r, c = draw.randrange(5), draw.randrange(7)
        image[r, c] = round(draw.uniform(-9, 9), 2)
        put(root, f"input {r} {c}", image[r, c].item())
        layer = nn.MaxPool2d(size, stride, padding=1, ceil_mode=True)
        np.testing.assert_allclose(output(root), layer(image[None])[0], rtol=6e-4, atol=1e-4)


def test_keyboard_and_click_edit_cells_and_undo_restores_them(opened):
    page = opened("moved.html", width=390).page
    root = explorer(page, "lamp")
    field = root.locator("input.field")
    move(page, "lamp", stride=1, padding=0, dilation=1, position=62)
    before = output(root)
    field.focus()
    assert field.get_attribute("aria-label") == "input, row 0, column 0"
    for key in ("ArrowRight", "PageDown", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert field.get_attribute("aria-label") == "input, row 1, column 1"
    assert field.get_attribute("aria-valuenow") == "2"
    page.keyboard.type("-7.5")
    page.keyboard.press("Enter")
    changed = IMAGE.clone()
    changed[1, 1] = -7.5
    np.testing.assert_allclose(output(root), F.conv2d(changed[None, None], KERNEL[None, None])[0, 0], atol=1e-3)
    assert root.get_by_role("status").inner_text().startswith("Changed by you, computed in this page.")
    root.get_by_role("button", name="Undo changes").click()
    np.testing.assert_allclose(output(root), before)
    root.locator("[data-edit='weights 1 0']").last.click()
    page.keyboard.type("5")
    kernel = KERNEL.clone()
    kernel[1, 0] = 5
    np.testing.assert_allclose(output(root), F.conv2d(IMAGE[None, None], kernel[None, None])[0, 0], atol=1e-3)


# -- points ------------------------------------------------------------------------------------------------------------


def handle(root, key):
    return root.locator(f"[data-handle='{key}']")


def place_of(root, key) -> list[float]:
    said = handle(root, key).get_attribute("aria-label")
    return [number(part) for part in re.search(r", at (.*); ", said)[1].split(", ")]


def drag(page, root, key, dx, dy) -> None:
    box = handle(root, key).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def check_map(root, between: str) -> None:
    """Check the table's first and last output points and the determinant; torch computes them from the arrows."""
    rows = root.locator("tbody tr").evaluate_all("rows => rows.map(r => [...r.cells].map(c => c.textContent))")
    found = {row[0]: torch.tensor([number(cell) for cell in row[1:]]) for row in rows}
    begin = found["column 0, begins"]
    layer = nn.Linear(2, 2)
    columns = [found[f"column {i}, ends"] - begin for i in (0, 1)]
    layer.load_state_dict({"weight": torch.stack(columns, dim=1), "bias": begin})
    ends = torch.tensor([[-1.5, -1.5], [1.5, 1.5]])
    expected = layer(ends.relu() if between == "ReLU" else ends).detach()
    got = torch.stack([found["output, first point"], found["output, last point"]])
    torch.testing.assert_close(got, expected, rtol=1e-3, atol=2e-3)
    determinant = torch.det(layer.weight.detach()).item()
    assert number(root.locator("[data-number]").inner_text()) == pytest.approx(determinant, rel=1e-3, abs=2e-3)


def test_linear_layer_with_dragged_columns_matches_torch(opened):
    page, draw = opened("moved.html").page, random.Random(3)
    root = explorer(page, "map")
    root.scroll_into_view_if_needed()
    for turn in range(DRAWS):
        between = draw.choice(["nothing", "ReLU"])
        root.get_by_role("radio", name=between).check(force=True)
        key = f"column {turn % 2}"
        now, other = place_of(root, key), place_of(root, f"column {1 - turn % 2}")
        target = [draw.uniform(-2.5, 2.5) for _ in range(2)]
        while math.dist(target, other) < 0.6:  # otherwise one handle would cover the other
            target = [draw.uniform(-2.5, 2.5) for _ in range(2)]
        drag(page, root, key, *(60 * (b - a) * sign for a, b, sign in zip(now, target, (1, -1), strict=True)))
        assert place_of(root, key) != now
        check_map(root, between)


def test_arrow_keys_and_slider_both_move_a_point(opened):
    page = opened("moved.html").page
    root = explorer(page, "map")
    for key, place in (("ArrowRight", [0.85, 0.5]), ("ArrowUp", [0.85, 0.6]), ("ArrowLeft", [0.75, 0.6])):
        handle(root, "column 1").press(key)
        assert place_of(root, "column 1") == pytest.approx(place)
    check_map(root, "nothing")
    root.get_by_role("slider", name="squeeze").press("Home")
    assert place_of(root, "column 1") == pytest.approx([0.75, -0.5]), "squeeze moves this column, and that counts now"
    check_map(root, "nothing")


def test_points_can_be_dragged_by_touch(opened):
    page = opened("moved.html", width=390, has_touch=True).page
    root = explorer(page, "map")
    handle(root, "column 0").scroll_into_view_if_needed()
    box = handle(root, "column 0").bounding_box()
    x, y = box["x"] + 14, box["y"] + 14
    session = page.context.new_cdp_session(page)
    for kind, points in (("Start", [(x, y)]), ("Move", [(x - 30, y - 30)]), ("Move", [(x - 60, y - 40)]), ("End", [])):
        touches = [{"x": a, "y": b} for a, b in points]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": touches})
    assert place_of(root, "column 0")[0] < 1.0
    assert place_of(root, "column 0")[1] > 0
    check_map(root, "nothing")


def test_activation_values_and_gradients_match_torch(opened):
    page, draw, made = opened("moved.html").page, random.Random(4), MOVED["made"]
    root = explorer(page, "functions")
    root.scroll_into_view_if_needed()
    seen = set()
    for turn in range(DRAWS):
        argument = draw.choice([0.5, 1, 1.5, 2])
        if turn % 10 == 0:
            move(page, "functions", argument=argument)
            root.scroll_into_view_if_needed()
            at = argument
        names = draw.sample(list(made), 3)
        for i, name in enumerate(names):
            root.get_by_label(f"shown, {i + 1} of 3").select_option(name)
        now = place_of(root, "x")[0]
        drag(page, root, "x", 33 * (draw.uniform(-3.8, 3.8) - now), 0)
        found = root.locator(".numbers span").all_inner_texts()
        x = torch.tensor([place_of(root, "x")[0]], dtype=torch.float64, requires_grad=True)
        assert found[0] == f"x {found[0].split()[1]}"
        assert sorted(words.split()[0] for words in found[1:]) == sorted(names)
        for words in found[1:]:
            name, value, slope = re.fullmatch(r"(\w+) (\S+), gradient (\S+)", words).groups()
            function = made[name](at)
            function = function.double() if isinstance(function, nn.Module) else function
            y = function(x)
            (gradient,) = torch.autograd.grad(y.sum(), x)
            assert number(value) == pytest.approx(y.item(), rel=6e-4, abs=1e-7), (name, x.item(), at)
            assert number(slope) == pytest.approx(gradient.item(), rel=6e-4, abs=1e-7), (name, x.item(), at)
            seen.add(name)
    assert seen == set(made)


# -- in JupyterLab -----------------------------------------------------------------------------------------------------

# Links an ipywidgets control in the same way as the explorers page.
KNOB = """
from ipywidgets import FloatText, link
knob = FloatText(1.0, step=0.5, description="knob")
there, back = (lambda weight: {"weight": weight}), (lambda setting: setting["weight"])
link((knob, "value"), (last, "setting"), transform=(there, back))
knob
"""


def check_values(root: Any, weight: float) -> None:
    np.testing.assert_allclose(table(root), collapse(weight, 0.0, "none")[0], atol=6e-4)


def test_python_answers_and_moves_the_controls_in_jupyterlab(lab, watch):
    book = jupytext.read(PAGES["explorers"], fmt="md:myst")
    more = [nbformat.v4.new_code_cell(source) for source in ("last = _\nprint(last, last.setting)", KNOB, "")]
    book.cells = [*book.cells[:3], *more]  # the title, the imports, and "collapse"
    nbformat.write(book, lab.folder / "explorers.ipynb")
    watched = watch()
    page = watched.page
    page.goto(f"{lab.address}/lab/workspaces/explorers/tree/explorers.ipynb")
    page.get_by_text("| Idle").wait_for(timeout=40_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    root = explorer(page, "collapse")
    root.wait_for(timeout=40_000)
    check_values(root, 1.0)

    weight, status = root.get_by_role("slider", name="weight"), root.get_by_role("status")
    weight.focus()
    weight.press("PageUp")  # to the next computed position
    check_values(root, 1.5)
    weight.press("ArrowLeft")  # a tenth of the way back, which only Python can compute
    status.get_by_text("weight 1.45, bias 0, activation none, computed just now by Python.").wait_for()
    check_values(root, 1.45)
    assert weight.get_attribute("aria-valuetext") == "1.45"

    assert "#" not in page.url  # the address is JupyterLab's, not ours
    assert watched.strangers(lab.address, lab.address.replace("http", "ws")) == []

    page.get_by_text("Explorer('collapse') {'weight': 1.0,").wait_for()
    page.locator(".jp-CodeCell .cm-content").last.fill("last.setting = {'weight': -0.7}")
    page.keyboard.press("Shift+Enter")
    root.get_by_role("status").get_by_text("weight −0.7, bias 0, activation none, computed").wait_for()
    check_values(root, -0.7)

    # The two are linked: the ipywidgets control follows the explorer and moves it, even between its positions.
    knob = page.get_by_label("knob")
    page.wait_for_function("document.querySelector('input[type=number]')?.value === '-0.7'")
    knob.fill("0.3")
    knob.press("Enter")
    root.get_by_role("status").get_by_text("weight 0.3, bias 0, activation none, computed").wait_for()
    check_values(root, 0.3)
    root.get_by_role("slider", name="weight").press("End")
    page.wait_for_function("document.querySelector('input[type=number]').value === '2'")
