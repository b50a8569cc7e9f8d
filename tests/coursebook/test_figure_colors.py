"""Test that figures use only the palette's colors; `tests/layerlab/test_figures.py` tests the palette itself.

Only SVG figures are checked, because smoothing mixes the colors of a PNG; `lab.style()` stores each figure in both
formats. The static images of explorers are drawn by the course's own code with the same palette.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

import layerlab as lab
from layerlab.style import GRID, INK, PALETTE, QUIET, SIGNED, svg
from tests.root import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
PICTURES = "pictures"  # the tag of a cell whose images are data
ALLOWED = {shade.light for shade in (*PALETTE.values(), INK, QUIET, GRID)} | {"#ffffff"}
_PAINT = re.compile(r"(?:^|;)\s*(fill|stroke|stop-color)\s*:\s*([^;]+)")
_EMBEDDED = re.compile(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)")


def strange_colors(svg: str, with_pictures: bool = True) -> list[str]:
    """Return the colors of an SVG figure, including images inside it, that are not in the palette.

    Strokes, fills, and gradients are compared as written. An embedded image (a heat map) is checked pixel by pixel, and
    may use the palette's colors at any opacity. Without ``with_pictures``, embedded images count as data and are not
    checked.
    """
    found: dict[str, None] = {}
    for element in ElementTree.fromstring(svg).iter():
        for color in _paints(element):
            if color not in ALLOWED:
                found[color] = None
        for key, value in element.attrib.items():
            match = _EMBEDDED.match(value) if with_pictures and key.endswith("href") else None
            if match:
                found |= dict.fromkeys(_strange_pixels(base64.b64decode(match[1])))
    return list(found)


def _paints(element: ElementTree.Element) -> Iterator[str]:
    written = [(key, element.get(key, "")) for key in ("fill", "stroke", "stop-color")]
    for _, value in [*written, *_PAINT.findall(element.get("style", ""))]:
        value = value.strip().lower()
        if value in ("", "none", "inherit", "currentcolor", "transparent") or value.startswith("url("):
            continue
        yield "#" + "".join(2 * digit for digit in value[1:]) if re.fullmatch("#[0-9a-f]{3}", value) else value


def _strange_pixels(png: bytes) -> Iterator[str]:
    """Yield the first color outside the palette, if there is one; ignore nearly transparent pixels."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    allowed = [tuple(int(color[n : n + 2], 16) for n in (1, 3, 5)) for color in ALLOWED]
    counted = image.getcolors(image.width * image.height) or []
    for _, (*rgb, alpha) in counted:
        if alpha >= 16 and not any(max(map(abs, map(int.__sub__, rgb, one))) <= 3 for one in allowed):
            yield "#" + "".join(f"{value:02x}" for value in rgb)
            return


def strange_figures(notebook: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """For each cell with an SVG in colors outside the palette, return the cell's id and those colors.

    In a cell with the tag `PICTURES`, images are data, so their pixels are not checked.
    """
    found = []
    for cell in notebook["cells"]:
        are_data = PICTURES in cell.get("metadata", {}).get("tags", [])
        for output in cell.get("outputs", []):
            svg = "".join(output.get("data", {}).get("image/svg+xml", ""))
            if svg and (strange := strange_colors(svg, not are_data)):
                found.append((cell.get("id", ""), strange))
    return found


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
    assert strange_colors(drawn(paint)) == []


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
    assert strange_colors(drawn(paint)) == [strange]


def test_attributes_and_short_forms_are_read():
    figure = (
        '<svg xmlns="http://www.w3.org/2000/svg"><style>x{fill:#123456}</style><path fill="#FFF" stroke="#f00"/>'
        '<g style="fill:none;stroke: url(#a)"><stop style="stop-color: #0A56B8"/></g></svg>'
    )
    assert strange_colors(figure) == ["#ff0000"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_chapter_figure_is_svg_with_palette_colors(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert strange_figures(notebook) == []
    shown = [output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert [data for data in shown if "image/png" in data and "image/svg+xml" not in data] == []


def test_data_images_may_have_any_color(drawn):
    figure = drawn(lambda axes: axes.imshow([[(255, 0, 0), (0, 200, 90)]])).splitlines(keepends=True)
    cell = {"id": "drawing", "outputs": [{"data": {"image/svg+xml": figure}}]}
    assert strange_figures({"cells": [cell]})
    assert strange_figures({"cells": [cell | {"metadata": {"tags": [PICTURES]}}]}) == []
    line = drawn(lambda axes: axes.plot([1, 2], color="red")).splitlines(keepends=True)
    tagged = {"id": "line", "outputs": [{"data": {"image/svg+xml": line}}], "metadata": {"tags": [PICTURES]}}
    assert strange_figures({"cells": [tagged, {"id": "none"}]}) == [("line", ["#ff0000"])]
