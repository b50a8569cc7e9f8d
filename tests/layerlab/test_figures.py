"""Test figures: deterministic bytes, both themes, readable colors, and panels for an unsolved stub."""

import io
import itertools
import re

import matplotlib.image
import matplotlib.pyplot as plt
import nbclient
import nbformat
import numpy as np
import pytest
import torch
from torch import nn

import layerlab as lab
from layerlab.style import GRID, INK, PALETTE, QUIET, STRONGEST, WIDTH, png, svg


@pytest.fixture(autouse=True)
def _closed():
    lab.style()
    yield
    plt.close("all")


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10))


FIGURES = {
    "function": lambda: lab.function_and_gradient(torch.tanh, -4, 4, "tanh"),
    "heat": lambda: lab.heat(torch.arange(6.0).reshape(2, 3) - 2, "weight", rows=["a", "b"], columns="input"),
    "difference": lambda: lab.target_yours_difference(torch.ones(4, 3), torch.eye(4)[:, :3], "output"),
    "shapes": lambda: lab.shapes_through(net(), torch.ones(5, 1, 8, 8)),
    "equation": lambda: lab.shape_equation(("y", 4, 2), "=", ("x", 4, 3), "@", ("Wᵀ", 3, 2, "learned")),
}


def texts(figure) -> list[str]:
    return [text.get_text() for axis in figure.axes for text in axis.texts] + [a.get_title("left") for a in figure.axes]


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_deterministic_small_and_fit_a_phone(name):
    first, second = FIGURES[name](), FIGURES[name]()
    drawn = svg(first)
    assert drawn == svg(second)
    assert png(first) == png(second)
    width = float(re.search(r'<svg [^>]*width="([\d.]+)pt"', drawn)[1]) / 72
    assert width <= WIDTH + 0.15
    sizes = [float(size) * (96 / 72) * 358 / (width * 96) for size in re.findall(r"font-size: ([\d.]+)px", drawn)]
    assert sizes
    assert min(sizes) >= 9  # In pixels, on a phone with a column of 358 pixels.
    assert len(drawn) < 40_000
    assert len(png(first)) < 40_000
    assert "\n" not in drawn, "each line of an output takes a line of its own in the notebook"


def test_svg_supports_both_themes_and_png_is_white():
    figure = FIGURES["heat"]()
    drawn = svg(figure)
    assert "@media (prefers-color-scheme:dark)" in drawn
    assert re.search(r"<dc:date>", drawn) is None
    assert re.search(r'<g id="patch_1">\s*<path[^>]*style="fill: none"', drawn), "the ground is not transparent"
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawn)) - {"#ffffff"}
    known = {shade.light for shade in [*PALETTE.values(), INK, QUIET, GRID]}
    assert used, "the figure has colours"
    assert used <= known, "a colour without a dark twin"
    corner = matplotlib.image.imread(io.BytesIO(png(figure)))[0, 0]
    np.testing.assert_allclose(corner[:3], 1.0)


def test_svg_text_matches_figure_values():
    figure = lab.target_yours_difference(torch.zeros(2, 2), torch.full((2, 2), 0.4857))
    assert "largest 0.486</text>" in svg(figure)
    assert ">−0.0321</text>" in svg(lab.heat([[1.0, -0.0321]], columns=["x", "−0.0321"]))


def test_notebook_shows_each_figure_once_in_both_formats():
    sources = [
        "import torch, layerlab as lab, matplotlib.pyplot as plt\nlab.style()",
        "lab.function_and_gradient(torch.tanh, -3, 3)",
        "figure = lab.heat(torch.eye(3))\nprint('after')",
        "fig, axis = plt.subplots()\naxis.plot([1, 2])\nfig",
        "lab.heat(torch.eye(2)), lab.heat(torch.eye(3))\nplt.show()",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbclient.NotebookClient(book, record_timing=False, timeout=60).execute()
    shown = [[o.data for o in cell.outputs if "image/svg+xml" in o.get("data", {})] for cell in book.cells]
    assert [len(figures) for figures in shown] == [0, 1, 1, 1, 2]
    assert all("image/png" in data for figures in shown for data in figures)


def test_function_and_gradient_matches_torch():
    axes = FIGURES["function"]().axes
    x, y = axes[0].lines[-1].get_data()
    np.testing.assert_allclose(y, np.tanh(x), atol=1e-6)
    np.testing.assert_allclose(axes[1].lines[-1].get_ydata(), 1 - np.tanh(x) ** 2, atol=1e-6)


def test_shapes_and_parameter_counts_match_the_network():
    model = net()
    written = texts(lab.shapes_through(model, torch.ones(5, 1, 8, 8)))
    assert [text for text in written if text.startswith("(")] == [
        "(5, 1, 8, 8)", "(5, 64)", "(5, 32)", "(5, 32)", "(5, 32)", "(5, 10)",
    ]  # fmt: skip
    assert "Linear 64 → 32" in written
    assert any(f"{64 * 32 + 32:,} parameters" in text for text in written)
    assert any(f"{64 * 32 + 32 + 32 * 10 + 10:,} parameters in all" in text for text in written)
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("shape", [(7,), (4, 3), (6, 1, 8, 8), ()])
def test_target_yours_difference_shares_one_scale(shape):
    target = torch.linspace(-2, 1, int(np.prod(shape))).reshape(shape)
    figure = lab.target_yours_difference(target, target + 0.5, "y")
    assert "largest 0.5" in texts(figure)[-1]
    scales = {image.get_clim() for axis in figure.axes for image in axis.images} or {a.get_ylim() for a in figure.axes}
    assert len(scales) == 1


@pytest.mark.parametrize(
    ("yours", "said"),
    [
        (None, "nothing yet"),
        (lambda: None, "nothing yet"),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (torch.ones(3, 4), "shape (3, 4)\ninstead of (4, 3)"),
        ("words", "ValueError"),
    ],
)
def test_panel_reports_undrawable_values(yours, said):
    assert any(said in text for text in texts(lab.target_yours_difference(torch.ones(4, 3), yours)))


def test_nan_and_zero_are_drawn_without_warnings(recwarn):
    values = torch.tensor([[float("nan"), 0.0], [0.0, float("inf")]])
    svg(lab.heat(values))
    svg(lab.target_yours_difference(torch.zeros(2, 2), values))
    assert [str(w.message) for w in recwarn] == []


def test_heat_requires_one_label_per_row():
    with pytest.raises(ValueError, match="3 labels for 2"):
        lab.heat(torch.zeros(2, 2), rows=["a", "b", "c"])


# -- colors -----------------------------------------------------------------------------------------------------------

# Machado, Oliveira, and Fernandes (2009): full protanopia, deuteranopia, and tritanopia on linear RGB.
BLINDNESS = {
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Convert colors to Oklab, Björn Ottosson's perceptual space (https://bottosson.github.io/posts/oklab/)."""
    cone = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005]]  # fmt: skip
    mix = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
           [0.0259040371, 0.7827717662, -0.8086757660]]  # fmt: skip
    return np.array(mix) @ np.cbrt(np.array(cone) @ np.clip(rgb, 0, 1))


@pytest.mark.parametrize("eyes", BLINDNESS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_palette_is_distinguishable_with_color_blindness(eyes, theme):
    seen = {name: oklab(np.array(BLINDNESS[eyes]) @ linear(getattr(shade, theme))) for name, shade in PALETTE.items()}
    close = {
        (a, b): round(float(np.linalg.norm(seen[a] - seen[b])), 3)
        for a, b in itertools.combinations(seen, 2)
        if np.linalg.norm(seen[a] - seen[b]) < 0.09
    }
    assert close == {}


@pytest.mark.parametrize(("theme", "page"), [("light", "#ffffff"), ("dark", "#121212")])
def test_lines_text_and_values_contrast_with_what_is_below(theme, page):
    def channels(colour):
        return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])

    for name, shade in PALETTE.items():
        assert contrast(getattr(shade, theme), page) >= 3, name
    assert contrast(getattr(INK, theme), page) >= 7
    assert contrast(getattr(QUIET, theme), page) >= 4.5
    for sign in ("blue", "orange"):  # the full color of a value, below its number
        over = STRONGEST * channels(getattr(PALETTE[sign], theme)) + (1 - STRONGEST) * channels(page)
        mixed = "#" + "".join(f"{round(value):02x}" for value in over)
        assert contrast(getattr(INK, theme), mixed) >= 4.5, sign
