"""Compare explorer frames with torch: windows, shared means, paths, and spread."""

import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F

import layerlab as lab
from layerlab.explorers import code
from layerlab.explorers.frames import padded
from tests.root import ROOT

DRAW = torch.Generator().manual_seed(5)
IMAGE, LINE = torch.randn(6, 7, generator=DRAW), torch.randn(9, generator=DRAW)

WINDOWS = {
    "valid": (IMAGE, nn.Conv2d(1, 1, (2, 3))),
    "stride, padding, dilation": (IMAGE, nn.Conv2d(1, 1, 3, stride=(2, 1), padding=(1, 2), dilation=(1, 2))),
    "same, dilation": (IMAGE, nn.Conv2d(1, 1, 3, padding="same", dilation=2)),
    "reflect": (IMAGE, nn.Conv2d(1, 1, 3, padding=2, padding_mode="reflect", bias=False)),
    "circular": (LINE, nn.Conv1d(1, 1, 3, padding=1, padding_mode="circular")),
    "one axis": (LINE, nn.Conv1d(1, 1, 4, stride=2, padding=1)),
    "max": (IMAGE, nn.MaxPool2d(3, 2, padding=1)),
    "max, ceil": (IMAGE, nn.MaxPool2d((2, 3), ceil_mode=True)),
    "max, dilation, one axis": (LINE, nn.MaxPool1d(2, 3, dilation=3, ceil_mode=True)),
    "average": (IMAGE, nn.AvgPool2d(3, 2, padding=1)),
    "average without padding": (IMAGE, nn.AvgPool2d((3, 2), padding=1, count_include_pad=False)),
    "average, one axis": (LINE, nn.AvgPool1d(3, 2, padding=1)),
    "average, ceil": (IMAGE, nn.AvgPool2d((3, 4), (2, 3), padding=(1, 2), ceil_mode=True)),
    "average, ceil, without padding": (IMAGE, nn.AvgPool2d(4, 3, padding=2, ceil_mode=True, count_include_pad=False)),
    "average, ceil, one axis": (LINE, nn.AvgPool1d(4, 3, padding=2, ceil_mode=True)),
    "max, padding, ceil": (IMAGE, nn.MaxPool2d((4, 2), (3, 2), padding=(2, 1), ceil_mode=True, return_indices=True)),
    "average, adaptive": (IMAGE, nn.AdaptiveAvgPool2d((4, 3))),
    "average, adaptive, larger than the input": (IMAGE, nn.AdaptiveAvgPool2d((9, None))),
    "average, adaptive, one axis": (LINE, nn.AdaptiveAvgPool1d(5)),
    "max, adaptive": (IMAGE, nn.AdaptiveMaxPool2d((5, 4), return_indices=True)),
    "max, adaptive, one axis": (LINE, nn.AdaptiveMaxPool1d(4)),
}


def under(frame: lab.Window) -> tuple[np.ndarray, list[str]]:
    """Return the values under the window and the kind of each cell; both are read from the table."""
    rows = frame.tables()[0].rows
    return np.array([row[2] for row in rows], dtype=float), [row[1] for row in rows]


@pytest.mark.parametrize("name", WINDOWS)
def test_window_values_give_the_output_at_every_position(name):
    x, layer = WINDOWS[name]
    expected = layer(x[None, None])
    expected = (expected[0] if isinstance(expected, tuple) else expected)[0, 0].detach().reshape(-1).numpy()
    assert len(expected) > 2
    assert lab.Window(x, layer, 10**6).position == len(expected) - 1
    for position, want in enumerate(expected):
        frame = lab.Window(x, layer, position)
        values, _ = under(frame)
        if name.startswith("max"):
            got = np.nanmax(values)
        elif name.startswith("average"):
            got = np.nanmean(values)
        else:
            bias = 0.0 if layer.bias is None else layer.bias.item()
            got = values @ layer.weight.detach().reshape(-1).numpy() + bias
        assert got == pytest.approx(want, abs=1e-5), position
        assert frame.numbers["output here"] == pytest.approx(want, abs=1e-6)


def inputs_under(frame: lab.Window) -> set[tuple[int, ...]]:
    """Return the row and column of each input cell under the window, as the table gives them."""
    rows = [row for row in frame.tables()[0].rows if row[1] == "input"]
    return {tuple(int(word) for word in re.findall(r"-?\d+", row[0])) for row in rows}


@pytest.mark.parametrize("name", [name for name in WINDOWS if name.startswith(("average", "max"))])
def test_window_contains_the_cells_with_a_gradient(name):
    """An average has a gradient in every cell of the window, and a maximum only in one of them."""
    x, layer = WINDOWS[name]
    x = x.clone().requires_grad_()
    output = layer(x[None, None])
    for position, value in enumerate((output[0] if isinstance(output, tuple) else output).reshape(-1)):
        (gradient,) = torch.autograd.grad(value, x, retain_graph=True)
        found, window = {tuple(at) for at in gradient.nonzero().tolist()}, inputs_under(lab.Window(x, layer, position))
        assert found == window if name.startswith("average") else found and found <= window, position


def test_output_so_far_ends_at_window_position():
    rows = lab.Window(IMAGE, nn.MaxPool2d(2), 4).tables()[1].rows
    cells = [cell for row in rows for cell in row[1:]]
    assert [isinstance(cell, float) for cell in cells] == [True] * 5 + [False] * 4
    np.testing.assert_allclose(cells[:5], F.max_pool2d(IMAGE[None], 2).reshape(-1)[:5])


class Own(nn.Module):
    """A reader's own layer."""

    def forward(self, x):
        return x - x.mean(0)


NORMS = {
    "batch": (nn.BatchNorm1d(4), {(n, 1, k) for n in range(3) for k in range(5)}),
    "batch, eval": (nn.BatchNorm1d(4).eval(), {(2, 1, 3)}),
    "layer": (nn.LayerNorm([4, 5]), {(2, c, k) for c in range(4) for k in range(5)}),
    "last axis": (nn.LayerNorm(5), {(2, 1, k) for k in range(5)}),
    "rms": (nn.RMSNorm([4, 5]), {(2, c, k) for c in range(4) for k in range(5)}),
    "instance": (nn.InstanceNorm1d(4), {(2, 1, k) for k in range(5)}),
    "group": (nn.GroupNorm(2, 4), {(2, c, k) for c in (0, 1) for k in range(5)}),
    "own": (Own(), {(n, 1, 3) for n in range(3)}),
}


@pytest.mark.parametrize("name", NORMS)
def test_marked_cells_share_one_mean(name):
    layer, expected = NORMS[name]
    x = torch.randn(3, 4, 5, generator=DRAW)
    before = {key: value.clone() for key, value in layer.state_dict().items()}
    frame = lab.SharedMean(x, layer, (2, 1, 3))
    marked = frame.series()["shared"].reshape(x.shape)
    assert {tuple(map(int, index)) for index in np.argwhere(marked)} == expected
    members = torch.tensor([x[index] for index in expected])
    assert frame.numbers["their mean"] == pytest.approx(members.mean().item(), abs=1e-6)
    assert frame.numbers["their standard deviation"] == pytest.approx(members.std(correction=0).item(), abs=1e-6)
    assert frame.numbers["cells that share one mean"] == len(expected)
    assert all(torch.equal(value, layer.state_dict()[key]) for key, value in before.items()), "the layer was changed"


def test_image_cells_are_marked():
    x = torch.randn(2, 4, 2, 3, generator=DRAW)
    frame = lab.SharedMean(x, nn.BatchNorm2d(4), (0, 3, 1, 1))
    assert np.argwhere(frame.series()["shared"].reshape(x.shape))[:, 1].tolist() == [3] * 12
    assert frame.tables()[0].rows[-1][0] == "sample 1, channel 3, row 1"


def test_plane_draws_lines_and_lists_their_ends():
    lines, figure = torch.arange(20.0).reshape(2, 5, 2), Figure()
    frame = lab.Plane({"grid": lines})
    frame.draw(figure, {"grid": (0.0, 19.0)})
    np.testing.assert_array_equal([line.get_xydata() for line in figure.axes[0].lines], lines)
    assert frame.tables()[0].rows == [["grid, first point", 0.0, 1.0], ["grid, last point", 18.0, 19.0]]


def test_curves_draw_picked_lines_and_their_gradients():
    x, figure = torch.linspace(-1, 1, 5), Figure()
    frame = lab.Curves(x, {"relu": x.relu(), "tanh": x.tanh()}, gradients={"tanh": 1 - x.tanh() ** 2}, pick=["tanh"])
    frame.draw(figure, {"tanh": (-1.0, 1.0), "gradient of tanh": (0.0, 1.0)})
    for axes, values in zip(figure.axes, (x.tanh(), 1 - x.tanh() ** 2), strict=True):
        np.testing.assert_allclose([line.get_xydata() for line in axes.lines], torch.stack([x, values], 1)[None])


def test_path_leaving_the_plot_is_labeled_outside():
    path = torch.tensor([[0.0, 0.0], [1.0, 1.0], [30.0, 1.0], [float("inf"), 0.0]])
    frames = [lab.Paths(lambda p: (p * p).sum(-1), {"runs": path}, step) for step in range(5)]
    rows = [frame.tables()[0].rows[0] for frame in frames]
    assert rows[1] == ["runs", 1.0, 1.0, 2.0]
    assert np.isnan(rows[2][1:3]).all()
    assert rows[2][3] == 901.0
    assert np.isnan(rows[3][1:]).all()
    assert rows[4][0] == rows[3][0]  # Past the end of the path, the last step is repeated.
    assert frames[0].plan()["nan"] == "outside"


def test_contours_follow_their_levels():
    (levels,) = [lab.Paths(lambda p: (p * p).sum(-1), {"a": torch.zeros(2, 2)}, levels=6).plan()["contours"]]
    assert len(levels) == 6
    radii = [np.hypot(*np.concatenate([np.array(line) for line in lines]).T) for lines in levels]
    for radius in radii:
        np.testing.assert_allclose(radius, radius.mean(), rtol=0.02)
    assert all(a.mean() < b.mean() for a, b in pairwise(radii))


def test_depth_shows_the_deviation_and_the_quantiles():
    x = torch.randn(3, 50, generator=DRAW)
    ((_, *shown),) = lab.Depth([x]).tables()[0].rows
    quantiles = x.reshape(-1).quantile(torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95])).tolist()
    assert shown == pytest.approx([x.std(correction=0).item(), *quantiles], abs=1e-6)


def test_masked_cells_have_no_number_but_rows_have_sums():
    weights, later = torch.randn(3, 3, generator=DRAW), torch.ones(3, 3).triu(1).bool()
    frame = lab.Heat({"weights": weights}, masks={"weights": later}, sums=["weights"])
    shown = torch.tensor([row[1:] for row in frame.tables()[0].rows])
    assert shown[:, :3].isnan().equal(later)
    assert shown[:, :3][~later].equal(weights[~later])
    torch.testing.assert_close(shown[:, 3], weights.sum(1))
    assert frame.plan()["nan"] == "masked"


@pytest.mark.parametrize("written", [True, False])
def test_image_has_no_numbers_in_its_cells_but_in_the_table(written):
    image, figure = torch.eye(3), Figure()
    frame = lab.Heat({"image": image}, written=written)
    frame.draw(figure, {"image": (0.0, 1.0)})
    assert len(figure.axes[0].texts) == (9 if written else 0)
    assert frame.plan()["written"] == written
    assert [row[1:] for row in frame.tables()[0].rows] == image.tolist()


@pytest.mark.parametrize(("limit", "most", "full"), [(None, 4.0, 4.0), (2.0, 4.0, 2.0), (None, 0.0, 1.0)])
def test_full_color_is_the_limit_or_largest_value(limit, most, full):
    figure = Figure()
    lab.Heat({"matrix": torch.zeros(2, 2)}, limit=limit).draw(figure, {"matrix": (-most, most / 2)})
    assert figure.axes[0].images[0].get_clim() == (-full, full)


# -- examples in CONTRIBUTING.md ---------------------------------------------------------------------------------------

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_author_example_runs_and_is_short():
    code = re.search(r"<!-- example: explorer -->\n```python\n(.*?)```", PAGE, re.DOTALL)[1]
    assert len([line for line in code.splitlines() if line.strip()]) < 15
    names = {"lab": lab, "torch": torch}
    exec(code.replace("lab.explorer(", "made = lab.explorer(", 1), names)
    assert repr(names["made"]) == "Explorer('sigmoid')"


def test_every_kind_has_one_line_author_example():
    shown = re.findall(r"^\| .* \| `(lab\.\w+\(.*\))` \|$", PAGE, re.MULTILINE)
    given = {
        "x": torch.arange(3.0), "y": torch.zeros(3), "slope": torch.ones(3), "weights": torch.eye(3),
        "later": torch.ones(3, 3).triu(1), "grid": torch.rand(4, 5, 2), "weight": torch.eye(2),
        "arrow": torch.rand(2, 2), "image": IMAGE, "stride": 2, "padding": 1, "position": 3,
        "batch": torch.randn(2, 4, 3), "sample": 1, "channel": 2, "loss": lambda p: (p * p).sum(-1),
        "path": torch.rand(5, 2), "step": 2, "layers": [torch.randn(9) for _ in range(4)],
    }  # fmt: skip
    frames = [eval(line, {"lab": lab, "nn": nn} | given) for line in shown]
    assert {frame.kind for frame in frames} == set(code.kinds())
    assert all(frame.tables() and frame.series() and frame.plan() is not None for frame in frames)


def test_axis_limits_leave_room_at_both_ends():
    assert padded([(0.0, 1.0), (-1.0, 0.5)]) == pytest.approx((-1.1, 1.1))
    assert padded([(3.0, 3.0)]) == (2.0, 4.0)
