"""Test which figures fail a build.

A figure fails if it has no alternative text, or if its colors are not in the palette or are too similar.
"""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest

import layerlab as lab
from coursebook.checks import colors, figure_checks
from layerlab.style import GRID, INK, PALETTE, QUIET, SIGNED, svg
from tests.root import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))


def test_checked_palette_is_the_drawing_palette():
    read = colors.palette()
    assert read.lines == {name: (shade.light, shade.dark) for name, shade in PALETTE.items()}
    assert read.neutrals["ink"] == (INK.light, INK.dark)
    assert read.light >= {QUIET.light, GRID.light}


# --- color difference -------------------------------------------------------------------------------------------------

# Sharma, Wu, and Dalal (2005), table 1: pairs that expose wrong implementations, keyed by their numbers there.
SHARMA = {
    1: ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    4: ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
    7: ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    9: ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    11: ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    17: ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    20: ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    25: ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    34: ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
}


@pytest.mark.parametrize("pair", SHARMA)
def test_color_differences_match_the_paper(pair):
    one, other, expected = SHARMA[pair]
    assert colors.difference(one, other) == pytest.approx(expected, abs=5e-5)
    assert colors.difference(other, one) == pytest.approx(expected, abs=5e-5)


def test_simulated_eyes_preserve_gray_and_lose_contrast():
    for eyes in colors.EYES:
        _, a, b = colors.seen_as_lab("#808080", eyes)
        assert abs(a) < 0.1, eyes
        assert abs(b) < 0.1, eyes
    assert colors.seen_as_lab("#ff0000") == pytest.approx((53.24, 80.09, 67.20), abs=0.02)  # CIE, D65
    red, green = "#c23b00", "#5a7a00"
    apart = {eyes: colors.difference(*(colors.seen_as_lab(c, eyes) for c in (red, green))) for eyes in colors.EYES}
    assert apart["no green cones"] < 0.5 * apart["all cones"]


def test_palette_lines_are_distinguishable_to_all_eyes():
    assert list(colors.too_close(colors.palette())) == []


def test_indistinguishable_palette_colors_are_reported():
    given = colors.Palette({"red": ("#c23b00", "#e8803f"), "olive": ("#7a6a00", "#63ead3")}, {})
    found = list(colors.too_close(given))
    assert found
    assert all("red and olive (light)" in sentence for sentence in found)
    assert any("no green cones" in sentence for sentence in found)


# --- figures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn():
    """Return a function that draws on new axes and returns the SVG that a notebook would store."""
    lab.style()

    def draw(paint) -> str:
        figure, axes = plt.subplots()
        paint(axes)
        return svg(figure)

    yield draw
    plt.close("all")


@pytest.mark.parametrize(
    "paint",
    [
        lambda axes: axes.plot([1, 2], [2, 1]),
        lambda axes: axes.bar([1, 2], [2, 1], color=PALETTE["pink"].light, alpha=0.4),
        lambda axes: axes.imshow(np.linspace(-1, 1, 12).reshape(3, 4), cmap=SIGNED, vmin=-1, vmax=1),
        lambda axes: axes.text(0.5, 0.5, "words", color=QUIET.light),
    ],
)
def test_course_style_uses_only_palette_colors(drawn, paint):
    assert colors.strange_colors(drawn(paint), colors.palette()) == []


@pytest.mark.parametrize(
    ("paint", "strange"),
    [
        (lambda axes: axes.plot([1, 2], [2, 1], color="red"), "#ff0000"),
        (lambda axes: axes.bar([1, 2], [2, 1], color="tab:olive"), "#bcbd22"),
        (lambda axes: axes.text(0.5, 0.5, "words", color="green"), "#008000"),
        (lambda axes: axes.imshow(np.ones((3, 4)), cmap="viridis"), "#440154"),
        (lambda axes: axes.scatter([1, 2], [2, 1], color="black"), "#000000"),
    ],
)
def test_color_off_the_palette_is_reported(drawn, paint, strange):
    assert colors.strange_colors(drawn(paint), colors.palette()) == [strange]


def test_attributes_and_short_forms_are_read():
    figure = (
        '<svg xmlns="http://www.w3.org/2000/svg"><style>x{fill:#123456}</style><path fill="#FFF" stroke="#f00"/>'
        '<g style="fill:none;stroke: url(#a)"><stop style="stop-color: #0A56B8"/></g></svg>'
    )
    assert colors.strange_colors(figure, colors.palette()) == ["#ff0000"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_chapter_figure_is_svg_with_palette_colors(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert figure_checks.strange_figures(notebook) == []
    shown = [output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert [data for data in shown if "image/png" in data and "image/svg+xml" not in data] == []


def test_figure_off_the_palette_is_found_in_notebook(drawn):
    figure = drawn(lambda axes: axes.plot([1, 2], color="red"))
    cell = {"id": "drawing", "outputs": [{"data": {"image/svg+xml": figure.splitlines(keepends=True)}}]}
    assert figure_checks.strange_figures({"cells": [cell, {"id": "none"}]}) == [("drawing", ["#ff0000"])]


# --- images without alternative text ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<p><img src="a.png" alt="a line"></p>', 0),
        ('<img src="a.png">', 1),
        ('<IMG SRC="a.png" ALT=" "/><img alt src="b.png">', 2),
        ("<img src='a.png' alt=\"it's a > b\">", 0),
        ("<!-- <img src='a.png'> -->", 0),
    ],
)
def test_images_without_alternative_text_are_found(html, count):
    assert len(figure_checks.silent_images(html)) == count


def test_data_images_may_have_any_color(drawn):
    figure = drawn(lambda axes: axes.imshow([[(255, 0, 0), (0, 200, 90)]])).splitlines(keepends=True)
    cell = {"id": "drawing", "outputs": [{"data": {"image/svg+xml": figure}}]}
    assert figure_checks.strange_figures({"cells": [cell]})
    assert figure_checks.strange_figures({"cells": [cell | {"metadata": {"tags": [figure_checks.PICTURES]}}]}) == []
    line = drawn(lambda axes: axes.plot([1, 2], color="red")).splitlines(keepends=True)
    tagged = {
        "id": "line",
        "outputs": [{"data": {"image/svg+xml": line}}],
        "metadata": {"tags": [figure_checks.PICTURES]},
    }
    assert figure_checks.strange_figures({"cells": [tagged]}) == [("line", ["#ff0000"])]
