"""Test that each kind of explorer shows the values that torch computes now, at several settings."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

import explorers
import numpy as np
import pytest
import torch
from explorers import number
from torch import nn
from torch.nn import functional as F

FRAME = 1000 / 60  # ms
CLOSE = 1e-3  # Half a step of 16 bits over these ranges, plus half a unit of the last of four digits.

# Follow an address on the page the way a link does.
GO = """hash => new Promise(done => {
    if (location.hash === hash) return done();
    addEventListener('hashchange', () => setTimeout(done), { once: true });
    location.hash = hash;
})"""


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """Open the explorer page once for all tests in this module, which choose settings through the page's URL."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.goto((explorers.site() / "explorers.html").as_uri())
    page.wait_for_function(f"document.querySelectorAll('.lab-explorer').length === {len(explorers.NAMES)}")
    yield page
    assert complaints == []
    context.close()


def at(page: Any, name: str, **setting: Any) -> list[list[list[str]]]:
    """Set an explorer's controls through the page's URL, and return the explorer's tables as rows of text."""
    page.evaluate(GO, f"#{name}=" + ",".join(f"{key}:{value}" for key, value in setting.items()))
    return page.locator(f'[data-explorer="{name}"] table').evaluate_all(
        "tables => tables.map(t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent)))"
    )


def numbers(rows: list[list[str]]) -> np.ndarray:
    return np.array([[number(cell) for cell in row[1:]] for row in rows])


def readout(page: Any, name: str) -> dict[str, float]:
    found = page.locator(f'[data-explorer="{name}"] [data-number]').evaluate_all(
        "all => all.map(e => [e.dataset.number, e.textContent])"
    )
    return {key: number(words) for key, words in found}


def drawn() -> dict[str, torch.Tensor]:
    """Sample the random tensors of the cells in the same order as the cells do."""
    draw = torch.Generator().manual_seed(7)
    shapes = {"image": (5, 6), "kernel": (3, 3), "line": (10,), "batch": (2, 4, 3), "pair": (2, 5, 4)}
    found = {name: torch.randn(*shape, generator=draw) for name, shape in shapes.items()}
    found["weights"] = torch.randn(20, 32, 32, generator=draw) / 32**0.5
    return found | {"start": torch.randn(50, 32, generator=draw)}


GIVEN = drawn()


@pytest.mark.parametrize("slope", [0.0, 0.1, 0.4, 0.7, 1.0])
def test_functions_and_gradients_match_torch(page, slope):
    (rows,) = at(page, "leaky", slope=slope)
    x = torch.linspace(-3, 3, 31)[np.linspace(0, 30, 9).round().astype(int)]
    left, zero = x < 0, x == 0
    leaky, elu = torch.where(left, slope * x, x), torch.where(left, slope * (x.exp() - 1), x)
    of_leaky, of_elu = torch.where(left, slope, 1.0), torch.where(left, slope * x.exp(), 1.0)
    of_leaky[zero], of_elu[zero] = slope, slope  # torch uses the left derivative at the kink.
    np.testing.assert_allclose(numbers(rows), torch.stack([leaky, elu, of_leaky, of_elu], 1), atol=CLOSE)
    lines = page.locator('[data-explorer="leaky"] path[data-series]')
    assert lines.evaluate_all("lines => lines.map(line => line.dataset.series)") == [
        "leaky", "elu", "gradient of leaky", "gradient of elu",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stride", "padding", "dilation", "position"),
    [(1, 0, 1, 0), (1, 1, 1, 13), (2, 2, 1, 5), (1, 2, 2, 29), (2, 1, 2, 3)],
)
def test_convolution_matches_torch(page, stride, padding, dilation, position):
    window, output = at(page, "slide", stride=stride, padding=padding, dilation=dilation, position=position)
    image, kernel = GIVEN["image"], GIVEN["kernel"]
    expected = F.conv2d(image[None, None], kernel[None, None], None, stride, padding, dilation)[0, 0]
    assert [len(output), len(output[0]) - 1] == list(expected.shape)
    shown = [cell for row in output for cell in row[1:]]
    done = [number(cell) for cell in shown[: position + 1]]
    np.testing.assert_allclose(done, expected.reshape(-1)[: position + 1], atol=CLOSE)
    assert set(shown[position + 1 :]) <= {"not yet"}
    assert readout(page, "slide")["output here"] == pytest.approx(expected.reshape(-1)[position].item(), abs=CLOSE)
    columns = F.unfold(image[None, None], 3, dilation, padding, stride)[0, :, position]  # torch's own windows.
    values, weights = np.array([[number(row[2]), number(row[3])] for row in window]).T
    np.testing.assert_allclose(values, columns, atol=CLOSE)
    np.testing.assert_allclose(weights, kernel.reshape(-1), atol=CLOSE)


@pytest.mark.parametrize(
    ("kernel_size", "stride", "ceil_mode", "position"),
    [(2, 2, "False", 0), (3, 2, "True", 4), (4, 3, "False", 2), (2, 3, "True", 3), (3, 1, "False", 6)],
)
def test_pooling_matches_torch(page, kernel_size, stride, ceil_mode, position):
    window, output = at(page, "pool", kernel_size=kernel_size, stride=stride, ceil_mode=ceil_mode, position=position)
    line = GIVEN["line"]
    expected = F.max_pool1d(line[None], kernel_size, stride, ceil_mode=ceil_mode == "True")[0]
    assert len(output[0]) - 1 == len(expected)
    done = [number(cell) for cell in output[0][1 : position + 2]]
    np.testing.assert_allclose(done, expected[: position + 1], atol=CLOSE)
    begin = position * stride
    values = line[begin : begin + kernel_size]
    np.testing.assert_allclose([number(r[2]) for r in window if r[1] == "input"], values, atol=CLOSE)
    assert [row[1] for row in window] == ["input"] * len(values) + ["beyond"] * (kernel_size - len(values))


@pytest.mark.parametrize(
    ("padding", "ceil_mode", "counted", "position"),
    [
        (0, "False", "True", 1),
        (1, "True", "True", 3),
        (1, "True", "False", 3),
        (2, "False", "True", 0),
        (2, "True", "False", 0),
    ],
)
def test_average_pooling_at_borders_matches_torch(page, padding, ceil_mode, counted, position):
    setting = {"padding": padding, "ceil_mode": ceil_mode, "count_include_pad": counted}
    window, output = at(page, "mean", **setting, position=position)
    expected = nn.AvgPool1d(4, 3, padding, ceil_mode == "True", counted == "True")(GIVEN["line"][None])[0]
    assert len(output[0]) - 1 == len(expected)
    assert number(output[0][position + 1]) == pytest.approx(expected[position].item(), abs=CLOSE)
    values = [number(row[2]) for row in window if row[2] != "not counted"]
    assert np.mean(values) == pytest.approx(expected[position].item(), abs=CLOSE)
    begin = 3 * position - padding
    kinds = ["input" if 0 <= i < 10 else "padding" if i < 10 + padding else "beyond" for i in range(begin, begin + 4)]
    assert [row[1] for row in window] == kinds
    assert len(values) == kinds.count("input") + (counted == "True") * kinds.count("padding")
    legend = page.locator('[data-explorer="mean"] .legend li').all_text_contents()
    assert legend == ["padding", "beyond", "under the window", "computed now"]


@pytest.mark.parametrize(
    ("rows", "columns", "position"), [(3, 4, 0), (3, 4, 6), (7, 5, 34), (1, 1, 0), (7, 1, 3), (5, 3, 14)]
)
def test_adaptive_windows_match_torch(page, rows, columns, position):
    window, output = at(page, "adapt", rows=rows, columns=columns, position=position)
    image = GIVEN["image"].clone().requires_grad_()
    expected = F.adaptive_max_pool2d(image[None], (rows, columns))[0]
    assert [len(output), len(output[0]) - 1] == [rows, columns]
    shown = [cell for row in output for cell in row[1:]]
    done = [number(cell) for cell in shown[: position + 1]]
    np.testing.assert_allclose(done, expected.detach().reshape(-1)[: position + 1], atol=CLOSE)
    mean = F.adaptive_avg_pool2d(image[None], (rows, columns)).reshape(-1)[position]
    (under,) = torch.autograd.grad(mean, image)  # nonzero inside the window
    said = [[int(word.split()[1]) for word in row[0].split(", ")] for row in window]
    assert said == under.nonzero().tolist()
    np.testing.assert_allclose([number(row[2]) for row in window], GIVEN["image"][under != 0], atol=CLOSE)
    drawn = page.locator('[data-explorer="adapt"] .picture > svg .tap')
    assert drawn.count() == len(said)
    assert page.locator('[data-explorer="adapt"] .picture > svg .winner').count() == 1


@pytest.mark.parametrize(
    ("layer", "sample", "channel"),
    [("batch", 0, 2), ("layer", 1, 0), ("instance", 1, 3), ("group", 0, 1), ("group", 1, 2)],
)
def test_normalization_groups_match_torch(page, layer, sample, channel):
    (rows,) = at(page, "norm", layer=layer, sample=sample, channel=channel)
    groups = {
        "batch": [(n, channel) for n in range(2)],
        "layer": [(sample, c) for c in range(4)],
        "instance": [(sample, channel)],
        "group": [(sample, c) for c in range(2 * (channel // 2), 2 * (channel // 2) + 2)],
    }
    said = {tuple(int(w.split()[1]) for w in row[0].split(", ")) for row in rows if all("shares" in c for c in row[1:])}
    assert said == set(groups[layer])
    assert sum("shares" in cell for row in rows for cell in row[1:]) == 3 * len(said)
    values = numbers([[cell.removesuffix(" shares") for cell in row] for row in rows])
    np.testing.assert_allclose(values, GIVEN["batch"].reshape(8, 3), atol=CLOSE)
    # The layer subtracts the same mean, so undo the normalization of its output.
    norms = {
        "batch": nn.BatchNorm1d(4, eps=1e-12),
        "layer": nn.LayerNorm([4, 3], eps=1e-12),
        "instance": nn.InstanceNorm1d(4, eps=1e-12),
        "group": nn.GroupNorm(2, 4, eps=1e-12),
    }
    found, x = readout(page, "norm"), GIVEN["batch"]
    back = norms[layer](x)[sample, channel] * found["their standard deviation"] + found["their mean"]
    np.testing.assert_allclose(back.detach(), x[sample, channel], atol=2e-3)
    marked = page.locator('[data-explorer="norm"] [data-shared="1"]').count()
    assert marked == found["cells that share one mean"] == 3 * len(said)


@pytest.mark.parametrize(
    ("mask", "temperature"), [("none", 1), ("none", 0.2), ("causal", 0.2), ("causal", 1), ("causal", 2)]
)
def test_attention_matches_torch(page, mask, temperature):
    (rows,) = at(page, "attend", mask=mask, temperature=temperature)
    query, key = GIVEN["pair"]
    bias = torch.full((5, 5), -torch.inf).triu(1) if mask == "causal" else torch.zeros(5, 5)
    expected = F.scaled_dot_product_attention(query, key, torch.eye(5), bias, scale=1 / temperature)
    for i, row in enumerate(rows):
        keep = i + 1 if mask == "causal" else 5
        np.testing.assert_allclose([number(cell) for cell in row[1 : keep + 1]], expected[i, :keep], atol=CLOSE)
        assert row[keep + 1 : 6] == ["masked"] * (5 - keep)
        assert number(row[6]) == pytest.approx(1, abs=1e-3)
    hatched = page.locator('[data-explorer="attend"] .picture > svg .hatch').count()
    assert hatched == (10 if mask == "causal" else 0)


@pytest.mark.parametrize(("lr", "step"), [(0.05, 0), (0.05, 12), (0.15, 4), (0.25, 2), (0.3, 1)])
def test_optimizer_paths_match_their_formulas(page, lr, step):
    (rows,) = at(page, "race", lr=lr, step=step)
    steep = torch.tensor([1.0, 12.0])
    sgd, adam = torch.tensor([-1.8, 0.7]), torch.tensor([-1.8, 0.7])
    first, second = torch.zeros(2), torch.zeros(2)
    for t in range(1, step + 1):
        sgd = sgd - lr * steep * sgd
        gradient = steep * adam
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        adam = adam - lr * (first / (1 - 0.9**t)) / ((second / (1 - 0.999**t)).sqrt() + 1e-8)
    for row, p in zip(rows, (sgd, adam), strict=True):
        np.testing.assert_allclose([number(cell) for cell in row[1:3]], p, atol=CLOSE)
        assert number(row[3]) == pytest.approx((0.5 * steep * p * p).sum().item(), rel=1e-2, abs=CLOSE)
    points = page.locator('[data-explorer="race"] path[data-series="SGD"]').get_attribute("d")
    assert points.count("M") + points.count("L") == step + 1


@pytest.mark.parametrize(
    ("gain", "nonlinearity"), [(1, "none"), (0.5, "relu"), (1.5, "relu"), (2, "none"), (2, "tanh")]
)
def test_spread_through_depth_matches_torch(page, gain, nonlinearity):
    (rows,) = at(page, "spread", gain=gain, nonlinearity=nonlinearity)
    f = {"none": lambda v: v, "relu": lambda v: v.clamp(min=0), "tanh": torch.tanh}[nonlinearity]
    x, expected = GIVEN["start"], []
    for weight in (None, *GIVEN["weights"]):
        x = x if weight is None else f(F.linear(x, gain * weight))
        shares = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95])
        expected.append([x.std(correction=0).item(), *x.reshape(-1).quantile(shares).tolist()])
    got, expected = numbers(rows), np.array(expected)
    # Half a unit of the last of three digits, plus 16-bit rounding of a quantile in standard deviations.
    assert (np.abs(got - expected) <= 6e-3 * np.abs(expected) + 1e-3 * expected[:, :1]).all()


def test_step_slider_ends_at_the_last_output(page):
    """Require fewer slider positions than the 56 in the grid, because a stride of 2 gives fewer outputs."""
    at(page, "slide", stride=1, padding=2, dilation=1, position=55)
    root = page.locator('[data-explorer="slide"]')
    position = root.get_by_role("slider", name="position")
    assert position.get_attribute("aria-valuetext") == "55 of 55"
    root.get_by_role("slider", name="stride").press("End")
    assert position.get_attribute("aria-valuetext") == "15 of 15"
    assert page.evaluate("location.hash").endswith("position:15")
    assert root.get_by_role("status").inner_text().startswith("stride 2, padding 2, dilation 1, position 15.")


@pytest.mark.serial
def test_every_figure_is_painted_within_two_frames(page):
    """Measure the time from an input event to the end of the next paint; take the median of 20 times."""
    took = {}
    for name in explorers.NAMES:
        input_ = page.locator(f'[data-explorer="{name}"] input[type=range]').first
        measured = input_.evaluate("""async input => {
            const found = [];
            input.scrollIntoView({ block: 'center' });
            for (let i = 0; i < 20; i++) {
                await new Promise(requestAnimationFrame);
                const begin = performance.now();
                input.value = Number(input.value) < Number(input.max) ? Number(input.value) + 1 : 0;
                input.dispatchEvent(new Event('input'));
                const script = performance.now() - begin;
                await new Promise(requestAnimationFrame);
                await new Promise(done => {
                    const after = new MessageChannel();
                    after.port1.onmessage = done;
                    after.port2.postMessage(0);
                });
                found.push([script, performance.now() - begin]);
            }
            input.dispatchEvent(new Event('change'));
            return found;
        }""")
        script, painted = (statistics.median(times) for times in zip(*measured, strict=True))
        took[name] = painted
        print(f"{name:9} {script:5.1f} ms of script, painted after {painted:5.1f} ms: {painted / FRAME:.1f} frames")
    assert max(took.values()) <= 2 * FRAME, took
