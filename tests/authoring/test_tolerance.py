"""Test the tolerances for numbers, text, markup, and images.

A change in the last bits is ignored; a change that a reader could notice is reported.
"""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from authoring.outputs.markup import markup_difference
from authoring.outputs.picture import drawing_difference, raster_difference
from authoring.outputs.tolerance import are_close, coordinate_difference, text_difference


@pytest.mark.parametrize(
    ("kept", "new"),
    [
        ("loss 0.9986", "loss 0.9987"),
        ("loss −0.9986", "loss −0.9987"),
        ("1.234e-05", "1.235e-05"),
        ("1", "0.9999"),
        ("0.5", "0.4999"),
        ("tensor([ 0.0000, 1.5000])", "tensor([-0.0000, 1.5000])"),
        ("[0.0012, 0.5000]", "[0.0013, 0.5000]"),
        ("tensor([1., 2.])", "tensor([1.0000, 2.0000])"),
        ("  9.99 |", " 10.00 |"),
        ("12,345.67", "12,345.68"),
        ("nan and inf", "nan and inf"),
    ],
)
def test_last_digit_may_differ(kept: str, new: str) -> None:
    assert text_difference(kept, new) == ""
    assert text_difference(new, kept) == ""


@pytest.mark.parametrize(
    ("kept", "new"),
    [
        ("loss 0.9986", "loss 1.0036"),
        ("loss 0.9986", "loss 0.9936"),
        ("0.25", "0.26"),
        ("1.00", "1.01"),
        ("0.1200", "0.1206"),
        ("1.234e-05", "1.241e-05"),
        ("1.234e-05", "1.234e-06"),
        ("3.1e-07", "0"),
        ("0.5", "-0.5"),
        ("1000 rows", "1001 rows"),
        ("1,000 rows", "1,001 rows"),
        ("[1000., 2.]", "[1001., 2.]"),
        ("torch 2.13.0", "torch 2.13.1"),
        ("Conv2d", "Conv3d"),
        ("float32", "float64"),
        ("0.5 of them", "0.5 of all"),
        ("0.5 0.25", "0.5"),
        ("1 2", "12"),
        ("0.5\n0.25", "0.5 0.25"),
        ("nan", "0.5"),
        ("inf", "-inf"),
        ("True", "False"),
        ("", "0.5"),
    ],
)
def test_visible_text_changes_are_differences(kept: str, new: str) -> None:
    assert text_difference(kept, new)
    assert text_difference(new, kept)


def test_text_difference_is_shown_with_context() -> None:
    assert text_difference("the loss is 0.500 now", "the loss is 0.600 now") == (
        "'the loss is 0.500 now' became 'the loss is 0.600 now'"
    )
    assert text_difference("0.5 apples", "0.5 pears") == "' # apples' became ' # pears'"


def test_coordinates_may_move_a_tenth_of_a_pixel() -> None:
    assert coordinate_difference("M 146 0.01 L 3 4", "M 146.1 0 L 2.9 4.1") == ""
    assert "146.11" in coordinate_difference("M 146 0.01 L 3 4", "M 146.11 0 L 3 4")
    assert coordinate_difference("M 1 2 L 3 4", "M 1 2 L 3 4 L 5 6")
    assert coordinate_difference("M 1 2 L 3 4", "M 1 2 M 3 4")


def test_close_arrays_agree_in_shape_gaps_and_values() -> None:
    values = np.array([0.0, 1.0, np.nan, -250.0])
    assert are_close(values, values * (1 + 9e-4))
    assert not are_close(values, values * 1.005)
    assert not are_close(values, np.nan_to_num(values))
    assert not are_close(values, values[:3])
    small = np.array([1.0, 1e-7, 0.0])
    assert are_close(small, small + 9e-5, step=1e-5)
    assert not are_close(small, small + 2e-3, step=1e-5)
    assert not are_close(small, np.array([1.0, 2e-7, 0.0]))


DRAWING = """<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 374.15 143.75">
<defs><path id="m5d5a9a35c3" d="M 0 0 L 0 3.5" style="stroke: #d5dae0; stroke-width: 0.8"/></defs>
<style type="text/css">*{stroke-linejoin: round}</style><!-- a line -->
<g id="line2d_1"><path d="M 40.78 143.07 L 371.27 146.03" style="fill: none; stroke: #0a56b8"/></g>
<g id="line2d_2"><path d="M 40.78 14.3 L 371.27 14.6" clip-path="url(#p17916e676e)" style="fill: none"/></g>
<use xlink:href="#m5d5a9a35c3" x="62.96" y="108.87" style="fill: #d5dae0"/>
<g style="fill: #59636e" transform="translate(321.91 159.37) scale(0.1 -0.1)"><text x="1">loss</text></g>
</svg>"""


@pytest.mark.parametrize(
    ("kept", "new"),
    [
        ("146.03", "146.04"),
        ("146.03", "146.12"),
        ('x="62.96"', 'x="63.05"'),
        ("translate(321.91", "translate(321.99"),
        ("#d5dae0", "#d5dbe0"),
        ("m5d5a9a35c3", "m0123456789"),
        ("374.15", "374.2"),
    ],
)
def test_drawing_tolerates_subpixel_moves_and_one_color_level(kept: str, new: str) -> None:
    assert kept in DRAWING
    assert markup_difference(DRAWING, DRAWING.replace(kept, new)) == ""


@pytest.mark.parametrize(
    ("kept", "new", "where"),
    [
        ("14.3 L 371.27 14.6", "14.5 L 371.27 14.8", "svg g path: d:"),  # A curve moved.
        ("L 371.27 146.03", "L 371.27 146.03 L 380 146.03", "svg g path: d:"),
        ("#d5dae0", "#d5dce0", "style"),
        ("fill: none; stroke: #0a56b8", "fill: none", "style"),
        ("stroke-width: 0.8", "stroke-width: 0.9", "style"),
        ("scale(0.1 -0.1)", "scale(0.1005 -0.1)", "transform"),
        ("scale(0.1 -0.1)", "", "transform"),
        (">loss<", ">losses<", "svg g text"),
        ("round", "bevel", "svg style"),
        ("<!-- a line -->", "<!-- a curve -->", "became"),
        ('<text x="1">loss</text>', "", "became"),
        ('<path d="M 40.78 143.07 L 371.27 146.03" style="fill: none; stroke: #0a56b8"/>', "", "became"),
        ('xlink:href="#m5d5a9a35c3"', 'xlink:href="#m0123456789"', "xlink:href"),  # The link has no target.
        ('clip-path="url(#p17916e676e)" ', "", "became"),
        ("line2d_1", "line2d_9", "id"),
        ("</svg>", "<rect/></svg>", "became"),
        (DRAWING, "", "became"),
    ],
)
def test_changed_drawing_is_a_difference(kept: str, new: str, where: str) -> None:
    assert kept in DRAWING
    changed = DRAWING.replace(kept, new)
    assert where in markup_difference(DRAWING, changed)
    assert markup_difference(changed, DRAWING)


TABLE = "<table><caption>shares</caption><tr><th>0</th><td>−0.9986</td><td>12</td></tr></table><p>Step 3</p>"


@pytest.mark.parametrize(
    ("kept", "new", "holds"),
    [
        ("−0.9986", "−0.9987", True),
        ("−0.9986", "−0.9936", False),
        ("<td>12</td>", "<td>13</td>", False),
        ("<td>12</td>", "", False),
        ("shares", "portions", False),
        ("<caption>shares</caption>", "", False),
        ("<td>12</td>", "<th>12</th>", False),
        ("<p>Step 3</p>", "<div><p>Step 3</p></div>", False),
    ],
)
def test_table_changes_are_differences_except_rounding(kept: str, new: str, holds: bool) -> None:
    assert (markup_difference(TABLE, TABLE.replace(kept, new)) == "") is holds


def png(points: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(points.astype(np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def striped(at: float, shade: float = 0.0) -> np.ndarray:
    """Return a white image with a dark bar that is two pixels wide, begins at ``at``, and has soft edges."""
    columns = np.arange(40.0)
    covered = np.clip(np.minimum(columns + 1, at + 2) - np.maximum(columns, at), 0, 1)
    row = 255 - covered * (255 - shade)
    return np.repeat(np.repeat(row[None, :, None], 20, axis=0), 3, axis=2)


def test_drawn_line_may_shift_by_a_subpixel() -> None:
    assert drawing_difference(png(striped(10.0)), png(striped(10.1))) == ""
    assert "255" in drawing_difference(png(striped(10.0)), png(striped(12.0)))
    assert drawing_difference(png(striped(10.0)), png(striped(10.0, shade=90)))
    assert "40 by 20" in drawing_difference(png(striped(10.0)), png(striped(10.0)[:, :39]))
    without = np.full_like(striped(0.0), 255)
    assert drawing_difference(png(striped(10.0)), png(without))
    assert drawing_difference(png(without), png(striped(10.0)))


def test_raster_colors_may_differ_by_one_level() -> None:
    table = np.random.default_rng(0).integers(0, 255, (5, 4, 4))
    table[..., 3] = 255
    assert raster_difference(png(table), png(np.minimum(table + 1, 255))) == ""
    other = table.copy()
    other[2, 1, 0] ^= 2
    assert "2 of 255" in raster_difference(png(table), png(other))
    clear, tinted = np.zeros((2, 2, 4)), np.zeros((2, 2, 4))
    tinted[..., 0] = 200
    assert raster_difference(png(clear), png(tinted)) == ""  # Transparent pixels have no visible color.
