"""Test explorers without a browser: the packed data is exact, and the bytes are reproducible."""

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
import torch
from torch import nn

import layerlab as lab
from layerlab.explorers import code as explorer_code
from layerlab.explorers.code import joined
from layerlab.explorers.pack import MAX_BYTES, numbers_of, pack, settings, unpack
from tests.layerlab.test_observation import channel as channel  # a fixture

WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
X = torch.linspace(-3, 3, 31)
CONTROLS = {"slope": lab.slider(-2, 2, 0.5, start=1), "shape": lab.choice(["line", "relu"])}


def curves(slope: float, shape: str) -> lab.Curves:
    y = slope * X
    return lab.Curves(X, {"output": y.relu() if shape == "relu" else y}, numbers={"mean": y.mean()})


def heat(slope: float, shape: str) -> lab.Heat:
    matrix = slope * torch.tensor([[1.0, -2.0, 0.0], [0.5, 3.0, 1e-3]])
    return lab.Heat({"W": matrix, "x": torch.ones(3), "y": matrix @ torch.ones(3)}, signs=["@", "="])


def plane(slope: float, shape: str) -> lab.Plane:
    weight = torch.tensor([[slope, 1.0], [0.0, 1.0]])
    lines = torch.stack([torch.stack([X, X], -1), torch.stack([X, -X], -1)])
    return lab.Plane({"image": lines @ weight.T}, {"first": torch.stack([torch.zeros(2), weight[:, 0]])}, ground=lines)


def window(slope: float, shape: str) -> lab.Window:
    layer = nn.MaxPool2d(2, 1 + (slope > 0)) if shape == "relu" else nn.AvgPool2d(3, padding=1)
    return lab.Window(X[:30].reshape(5, 6) * slope, layer, position=3)


def shared(slope: float, shape: str) -> lab.SharedMean:
    x = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0)) + slope
    return lab.SharedMean(x, nn.GroupNorm(2, 4) if shape == "line" else nn.BatchNorm1d(4), (0, 1, 2))


def paths(slope: float, shape: str) -> lab.Paths:
    path = torch.stack([torch.linspace(-2, slope, 9), torch.linspace(1, 0, 9) ** (2 if shape == "line" else 1)], 1)
    return lab.Paths(lambda p: (p * p).sum(-1), {"one": path, "two": path / 2}, step=5, minimum=(0, 0))


def depth(slope: float, shape: str) -> lab.Depth:
    return lab.Depth([X * 10.0 ** (slope * i) for i in range(5)], first=0, label=shape[:0] + "values")


EXPLORERS = Path(lab.__file__).parent / "explorers"
MODULES = sorted(EXPLORERS.rglob("*.mjs"))
DRAWN = explorer_code.kinds()

KINDS = {make.__name__: make for make in (curves, heat, plane, window, shared, paths, depth)}


def test_every_kind_has_a_frame_here():
    assert set(KINDS) == set(DRAWN), "every kind that layerlab/explorers/page/kinds.mjs lists has a frame in KINDS here"
    assert all(make(1.0, "line").kind == kind for kind, make in KINDS.items())


def controls_of(kind):
    """Return the controls for a kind of explorer; a window's `shape` has one value, as the layer decides the plan."""
    return {**CONTROLS, "shape": lab.choice(["relu"])} if kind == "window" else CONTROLS


@pytest.mark.parametrize("kind", KINDS)
def test_unpacked_frames_match_values_from_torch(kind):
    controls = controls_of(kind)
    packed = pack(kind, controls, KINDS[kind])
    unpacked = unpack(packed.plan, packed.data)
    grid = settings(controls)
    assert len(unpacked) == len(grid)
    entries = {entry["name"]: entry for entry in packed.plan["series"]}
    for setting, got in zip(grid, unpacked, strict=True):
        for name, expected in numbers_of(KINDS[kind](**setting)).items():
            known = got[name][: len(expected)]
            tolerance = (
                {"rtol": 5e-4} if entries[name].get("log") else {"rtol": 0, "atol": 0.5001 * entries[name]["step"]}
            )
            np.testing.assert_allclose(known, expected, **tolerance, err_msg=name)
            assert np.isnan(got[name][len(expected) :]).all(), "a shorter series ends in nan"
    for entry in entries.values():
        low, high = entry["range"]
        widest = 25 if entry.get("log") else 2.51 * max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-9)
        assert entry["step"] <= widest / 65_000


def test_series_are_stored_once_for_controls_without_effect():
    still = torch.arange(5.0)

    def frame(a, b):
        return lab.Curves(torch.arange(5), {"y": a * still, "base": still}, numbers={"b": b})

    packed = pack("once", {"a": lab.slider(0, 9, 1), "b": lab.slider(0, 6, 1)}, frame)
    assert {entry["name"]: entry["over"] for entry in packed.plan["series"]} == {"y": [0], "base": [], "number:b": [1]}
    assert len(packed.data) == 4 * np.ceil((10 * 5 + 5 + 7) * 2 / 3)
    assert [frame["y"][1] * 10 + frame["number:b"][0] for frame in unpack(packed.plan, packed.data)] == [
        10 * a + b for a in range(10) for b in range(7)
    ]


def there_and_back(last: int, y: Callable[[int], torch.Tensor]) -> list[dict[str, np.ndarray]]:
    """Return the frames of an explorer, one for each ``k`` up to ``last``, after packing."""

    def frame(k: int) -> lab.Curves:
        return lab.Curves(torch.arange(len(y(k))), {"y": y(k)}, numbers={"last": y(k)[-1]})

    packed = pack("one", {"k": lab.steps(last)}, frame)
    return unpack(packed.plan, packed.data)


def test_numbers_over_many_decades_keep_three_digits():
    values = torch.tensor([0.0, 3e-13, 1.234e-5, 0.5, 77.7, 4.2e9])
    got = [frame["number:last"][0] for frame in there_and_back(5, lambda k: values[k : k + 1])]
    np.testing.assert_allclose(got, values, rtol=5e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_still_image_of_every_kind_has_its_tables(kind):
    widget = lab.explorer(
        f"still_{kind}", "?", controls_of(kind), KINDS[kind], alt="A picture", answer="A `b` <c>.\n\nD"
    )
    page = widget._repr_mimebundle_()[0]["text/html"]
    frame = KINDS[kind](**widget.setting)
    rows = [row for table in frame.tables() for row in [table.columns, *table.rows]]
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    for written, row in zip(cells, rows, strict=True):
        for words, value in zip(written, row, strict=True):
            plain = words.replace("−", "-")
            assert float(plain) == pytest.approx(value, rel=6e-4) if isinstance(value, float) else plain == value
    assert page.count("<img ") == 1
    assert page.endswith("<p>A <code>b</code> &lt;c&gt;.</p><p>D</p></details>\n</div>")
    assert f'id="explorer-still_{kind}"' in page


@pytest.mark.parametrize("scale", [1e-7, 0.013, 1.0, 700.0, 3e8])
@pytest.mark.parametrize("shift", [0.0, -5.0, 1e4])
def test_any_range_fits_into_sixteen_bits(scale, shift):
    values = torch.linspace(-1, 1, 101, dtype=torch.float64)
    for k, got in enumerate(there_and_back(3, lambda k: scale * k * values + shift)):
        spread = max(6 * scale, 1e-3 * (abs(shift) + 3 * scale))
        np.testing.assert_allclose(got["y"], scale * k * values + shift, atol=2.6 * spread / 65_000)


def test_round_numbers_zero_and_nan_come_back_exactly():
    values = torch.tensor([-2.5, -1.0, 0.0, 0.125, float("nan"), 3.0])
    for k, got in enumerate(there_and_back(2, lambda k: values * k)):
        np.testing.assert_allclose(got["y"], values * k, rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="y is infinite at some setting"):
        there_and_back(1, lambda k: torch.tensor([1.0, float("inf"), 2.0]))


def test_too_large_explorer_is_rejected_with_its_sizes():
    fine = {"a": lab.slider(0, 1, 0.01), "b": lab.slider(0, 1, 0.1)}
    with pytest.raises(ValueError, match=rf"big: 34,441 numbers \(output: 1,111 of 31\).*{MAX_BYTES:,}"):
        pack("big", fine, lambda a, b: lab.Curves(X, {"output": a * X + b}))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: pack("odd", {"k": lab.slider(1, 3, 1)}, lambda k: lab.Curves(X[: 10 * k], {"y": X[: 10 * k]})),
            "differs from the first one",
        ),
        (lambda: lab.Heat({"a": X, "b": X}, signs=["@", "="]).plan(), "2 parts need 1 signs"),
        (lambda: lab.Plane({"a": torch.zeros(1, 2, 2)}, {"a": torch.zeros(2, 2)}).series(), "the same name"),
        (lambda: lab.Curves(X, {"a": X}, gradients={"b": X}).plan(), "no line 'b'"),
        (lambda: lab.Heat({"a": X}, masks={"b": X}).plan(), "no part 'b' to mask"),
        (lambda: lab.Window(torch.zeros(3), nn.Conv2d(1, 1, 3)), "needs 2 axes"),
        (lambda: lab.Window(torch.zeros(3, 3), nn.Conv2d(1, 2, 3)), "one channel in and one out"),
        (lambda: lab.SharedMean(torch.zeros(2, 3, 4), nn.LayerNorm(4), (0, 0)), "an index of it"),
        (lambda: lab.Paths(sum, {"a": torch.zeros(3, 2), "b": torch.zeros(4, 2)}), "all of one shape"),
        (lambda: lab.Curves(X, {"y": X[1:]}).series(), r"y: shape \(30,\), expected \(31,\)"),
        (lambda: lab.slider(0, 1, 0.3, start=0.5), "start=0.5 is no position"),
        (lambda: lab.slider(1, 0, 0.1), "low < high"),
        (lambda: lab.choice(["a", "b"], start="c"), "start='c' is not among"),
        (lambda: lab.steps(3, start=4), "0 <= start <= last"),
        (lambda: lab.explorer("Two words", "?", CONTROLS, curves, alt="a"), "lower case letters"),
        (lambda: lab.explorer("silent", "?", CONTROLS, curves, alt=" "), "say in alt"),
        (lambda: lab.Window(torch.zeros(3, 3), nn.Linear(3, 3)), "not for Linear"),
        (lambda: lab.Window(torch.zeros(3, 3), nn.Conv2d(1, 1, 3), edits=True), "cannot compute"),
        (lambda: lab.Plane(layer=nn.Linear(3, 2), before=torch.zeros(1, 2, 3)), "the layer is an nn"),
        (lambda: lab.Curves(X, {"y": X}, probe=1.0).plan(), "cannot compute 'y'"),
        (lambda: lab.Curves(X, {"y": X}, pick=["z"]).plan(), "no line 'z' to pick"),
    ],
)
def test_author_mistakes_are_reported(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()


def test_integer_sliders_have_integer_values():
    assert lab.slider(1, 4, 1).values == (1, 2, 3, 4)
    assert all(isinstance(value, int) for value in lab.slider(1, 4, 1).values)
    assert lab.slider(0, 1, 0.1).values == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


# -- the widget -------------------------------------------------------------------------------------------------------


def test_repr_has_no_address_and_fallback_is_complete():
    widget = lab.explorer("slopes", "Is <it> a line?", CONTROLS, curves, alt='A "line"', caption="Output over x")
    assert repr(widget) == "Explorer('slopes')"
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    page = data["text/html"]
    assert f'data-lab-model="{widget.model_id}"' in page
    assert "Is &lt;it&gt; a line?" in page
    assert 'alt="A &quot;line&quot;"' in page
    assert "slope = 1.0, shape = line" in page
    assert "data:image/png;base64," in page
    assert '<tr><th scope="row">3</th><td>3</td></tr>' in page
    assert "<script" not in page
    assert "<svg" not in page


def test_python_answers_off_grid_and_reports_failures():
    def brittle(slope: float, shape: str) -> lab.Curves:
        if slope == 0.3:
            raise ArithmeticError("not there")
        return curves(slope, shape)

    widget = lab.explorer("asked", "What lies between?", CONTROLS, brittle, alt="A line")
    assert widget.reply == {}
    widget.setting = {"slope": 1.5}
    assert widget.reply == {}, "this frame is in the page"
    widget.setting = {"slope": 0.7}
    assert widget.setting == {"slope": 0.7, "shape": "line"}
    assert widget.reply["setting"] == widget.setting
    np.testing.assert_allclose(widget.reply["series"]["output"], (0.7 * X).numpy(), rtol=1e-6)
    widget.setting = {"slope": 0.3}
    assert widget.reply == {"setting": {"slope": 0.3, "shape": "line"}, "error": "ArithmeticError: not there"}


@pytest.mark.parametrize("bad", [{"nobody": 1}, {"slope": 7.0}, {"shape": "circle"}])
def test_nonexistent_setting_is_rejected(bad):
    from traitlets import TraitError

    widget = lab.explorer("strict", "?", CONTROLS, curves, alt="A line")
    with pytest.raises(TraitError):
        widget.setting = bad
    assert widget.setting == {"slope": 1.0, "shape": "line"}


def test_explorer_computes_nothing_under_a_grader(channel):
    def never(**setting):
        raise AssertionError("computed under a grader")

    assert lab.explorer("unseen", "?", CONTROLS, never, alt="nothing") is None


def test_executions_are_reproducible_and_code_is_stored_once():
    cell = (
        "lab.explorer('{0}', 'Where does it bend?', {{'slope': lab.slider(0, 2, 0.5)}},"
        " lambda slope: lab.Curves(x, {{'y': slope * x}}), alt='A line')"
    )
    sources = ["import torch, layerlab as lab\nx = torch.arange(5.)", cell.format("one"), cell.format("two")]
    books = []
    for _ in range(2):
        cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
        books.append(nbformat.v4.new_notebook(cells=cells))
        nbclient.NotebookClient(books[-1], record_timing=False, store_widget_state=True, timeout=60).execute()
    first, second = map(nbformat.writes, books)
    assert first == second
    code = joined(["curves"])
    assert first.count(explorer_code.packed(["curves"])) == 1
    state = json.loads(first)["metadata"]["widgets"][WIDGET_STATE]["state"]
    assert "curves" in code
    assert "window: (" not in code, "a kind that no explorer of the notebook is of"
    names = sorted(entry["model_name"] for entry in state.values())
    assert names == ["AnyModel", "AnyModel", "LayoutModel", "WidgetModel"]
    sizes = [len(json.dumps(entry)) for entry in state.values() if entry["model_name"] == "AnyModel"]
    assert max(sizes) < MAX_BYTES


def without(*modules: str, code: str) -> str:
    """Run ``code`` in a Python that cannot import ``modules``, and return the output."""
    block = "import sys\n" + "".join(f"sys.modules[{name!r}] = None\n" for name in modules)
    environment = os.environ | {"MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, "-c", block + code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_still_image_remains_without_widget_libraries():
    code = """
import torch, layerlab as lab
lab.style()
x = torch.arange(4.)
k = lab.slider(0, 2, 1, start=2)
made = lab.explorer("plain", "A line?", {"k": k}, lambda k: lab.Curves(x, {"y": k * x}), alt="l")
print(repr(made)); print(made._repr_html_())
"""
    printed = without("anywidget", "ipywidgets", "autograder", "nbformat", "nbclient", "jupytext", code=code)
    assert printed.startswith("StillExplorer('plain')\n")
    assert "data-lab-model" not in printed
    assert re.findall(r"<td>(.*?)</td>", printed) == ["0", "2", "4", "6"]


# -- the code ---------------------------------------------------------------------------------------------------------

MAX_CODE = 75_000  # bytes of the joined code with every kind
MAX_CODE_GZIP = 23_500


def test_explorer_code_stays_small():
    whole = joined(DRAWN).encode()
    assert len(whole) <= MAX_CODE
    assert len(gzip.compress(whole, 6)) <= MAX_CODE_GZIP


def test_code_modules_are_short():
    lines = {path.name: len(path.read_text().splitlines()) for path in MODULES}
    assert len(lines) > 10
    assert {name: count for name, count in lines.items() if count >= 400} == {}


@pytest.mark.parametrize("kinds", [*([kind] for kind in DRAWN), list(DRAWN)], ids=lambda kinds: "+".join(kinds))
def test_joined_code_contains_every_import_and_imports_nothing(kinds):
    code = joined(kinds)
    assert not re.search(r"^\s*(import|export (?!default \{ render \};))", code, re.MULTILINE)
    top = re.findall(
        r"^(?:async )?(?:function|const|let) (\w+)",
        re.sub(r"\(\(\) => \{\n.*?^\}\)\(\)", "", code, flags=re.M | re.S),
        re.M,
    )
    assert "render" in top
    for module in MODULES:
        for names in re.findall(r"^import \{([^}]*)\}", module.read_text(), re.MULTILINE):
            assert {name.strip() for name in names.split(",") if name.strip()} <= {*top, "KINDS"}, module.name


def test_importing_layerlab_loads_no_widget_library():
    printed = without(code="import layerlab\nprint(sorted({'anywidget', 'ipywidgets'} & set(sys.modules)))")
    assert printed == "[]\n"
