"""Define explorers of every kind as notebook cells; tests compute the same values again with torch."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import nbclient
import nbformat
from axe_playwright_python.sync_playwright import Axe
from own_lab import new_notebook

HYDRATOR = Path(__file__).parents[2] / "book" / "_static" / "hydrate.mjs"

# The book's own settings for explorers, with the smallest theme.
CONF = """
extensions = ["myst_nb"]
root_doc = "explorers"
nb_execution_mode = "off"
html_theme = "basic"
html_static_path = ["_static"]
nb_ipywidgets_js = {"hydrate.mjs": {"defer": "defer"}}
nb_mime_priority_overrides = [("html", "text/html", 0)]
"""

OTHER_PAGE = """---
orphan: true
---

# Links

<a id="setting" href="explorers.html#collapse=weight:0.5&shear=shear:-1">a setting</a>
<a id="place" href="explorers.html#explorer-race">an explorer</a>
"""

FIRST = """
import torch
from torch import nn
import layerlab as lab
lab.style()
x = torch.linspace(-3, 3, 31)
draw = torch.Generator().manual_seed(7)
"""

CELLS = {
    "first": FIRST,
    "collapse": """
def collapse(weight, bias, activation):
    f = torch.relu if activation == "relu" else lambda v: v
    one = weight * x + bias
    two = 0.8 * f(one) - 0.5
    return lab.Curves(x, {"one layer": one, "two layers": two}, y_range=(-6, 6), numbers={"largest": two.max()})

lab.explorer("collapse", "With no activation, can two layers draw anything but a straight line?",
    {"weight": lab.slider(-2, 2, 0.5, start=1), "bias": lab.slider(-1, 1, 0.5, start=0),
     "activation": lab.choice(["none", "relu"])}, collapse,
    alt="Output of one and of two layers over the input", caption="Output of one and of two layers over x.",
    answer="No: without one, `two layers` stay straight.")
""",
    "product": """
W = torch.tensor([[1.0, -2.0, 0.5], [0.25, 1.5, -1.0]])
b = torch.tensor([0.5, -0.5])

def product(angle, bias):
    v = torch.tensor([torch.cos(torch.tensor(angle)), torch.sin(torch.tensor(angle)), 1.0])
    y = W @ v + (b if bias == "on" else 0 * b)
    return lab.Heat({"W": W, "x": v, "b": b if bias == "on" else 0 * b, "y": y}, signs=["@", "+", "="],
        rows=["out 0", "out 1"], columns=["in 0", "in 1", "in 2"])

lab.explorer("product", "Which weight does most for the first output?",
    {"angle": lab.slider(0, 3, 0.25), "bias": lab.choice(["on", "off"])}, product,
    alt="A weight matrix times an input vector plus a bias gives the output")
""",
    "shear": """
t = torch.linspace(-2, 2, 9)
ends = torch.tensor([-2.0, 2.0])
grid = torch.stack([torch.stack([torch.stack([v.expand(2), ends], -1) for v in t]),
                    torch.stack([torch.stack([ends, v.expand(2)], -1) for v in t])]).reshape(18, 2, 2)

def shear(shear, scale, shift):
    weight, bias = torch.tensor([[scale, shear], [0.0, 1.0]]), torch.tensor([shift, 0.0])
    ends = torch.stack([bias + weight[:, 0], bias + weight[:, 1]])
    return lab.Plane({"grid after the layer": grid @ weight.T + bias}, ground=grid, reach=4.5,
        arrows={"first column": torch.stack([bias, ends[0]]), "second column": torch.stack([bias, ends[1]])},
        numbers={"determinant": torch.det(weight)})

lab.explorer("shear", "Which setting makes the layer lose a dimension?",
    {"shear": lab.slider(-2, 2, 0.5, start=0.5), "scale": lab.slider(-1, 1, 0.5, start=1),
     "shift": lab.slider(-1, 1, 1, start=0)}, shear,
    alt="A square grid and its image under a two by two weight and a bias")
""",
    "leaky": """
def leaky(slope):
    at = x.clone().requires_grad_()
    y = {"leaky": nn.functional.leaky_relu(at, slope), "elu": nn.functional.elu(at, slope)}
    slopes = {name: torch.autograd.grad(v.sum(), at)[0] for name, v in y.items()}
    return lab.Curves(x, y, gradients=slopes, y_label="f(x)")

lab.explorer("leaky", "Where do gradients vanish?", {"slope": lab.slider(0, 1, 0.1)}, leaky, alt="Two rectifiers")
""",
    "slide": """
image = torch.randn(5, 6, generator=draw)
kernel = torch.randn(3, 3, generator=draw)

def slide(stride, padding, dilation, position):
    layer = nn.Conv2d(1, 1, 3, stride, padding, dilation, bias=False)
    layer.weight.data[0, 0] = kernel
    return lab.Window(image, layer, position)

lab.explorer("slide", "How large is the output?",
    {"stride": lab.slider(1, 2, 1), "padding": lab.slider(0, 2, 1), "dilation": lab.slider(1, 2, 1),
     "position": lab.steps(55)}, slide, alt="A window on its way over an image")
""",
    "pool": """
line = torch.randn(10, generator=draw)

def pool(kernel_size, stride, ceil_mode, position):
    return lab.Window(line, nn.MaxPool1d(kernel_size, stride, ceil_mode=ceil_mode == "True"), position)

lab.explorer("pool", "Which values are lost?",
    {"kernel_size": lab.slider(2, 4, 1), "stride": lab.slider(1, 3, 1, start=2),
     "ceil_mode": lab.choice(["False", "True"]), "position": lab.steps(8)}, pool, alt="A window on its way over a line")
""",
    "mean": """
def mean(padding, ceil_mode, count_include_pad, position):
    layer = nn.AvgPool1d(4, 3, padding, ceil_mode == "True", count_include_pad == "True")
    return lab.Window(line, layer, position)

lab.explorer("mean", "What is divided by?",
    {"padding": lab.slider(0, 2, 1), "ceil_mode": lab.choice(["False", "True"]),
     "count_include_pad": lab.choice(["True", "False"]), "position": lab.slider(0, 3, 1)}, mean,
    alt="A window on its way over a line")
""",
    "adapt": """
def adapt(rows, columns, position):
    return lab.Window(image, nn.AdaptiveMaxPool2d((rows, columns)), position)

lab.explorer("adapt", "Which cells are looked at twice?",
    {"rows": lab.slider(1, 7, 2, start=3), "columns": lab.slider(1, 5, 1, start=4), "position": lab.slider(0, 34, 1)},
    adapt, alt="Windows of several sizes on an image")
""",
    "norm": """
batch = torch.randn(2, 4, 3, generator=draw)
norms = {"batch": nn.BatchNorm1d(4), "layer": nn.LayerNorm([4, 3]), "instance": nn.InstanceNorm1d(4),
         "group": nn.GroupNorm(2, 4)}

def norm(layer, sample, channel):
    return lab.SharedMean(batch, norms[layer], (sample, channel, 1))

lab.explorer("norm", "Who shares a mean?",
    {"layer": lab.choice(list(norms)), "sample": lab.choice([0, 1]), "channel": lab.slider(0, 3, 1)}, norm,
    alt="Two blocks of cells")
""",
    "attend": """
query, key = torch.randn(2, 5, 4, generator=draw)

def attend(mask, temperature):
    later = torch.ones(5, 5).triu(1).bool() & (mask == "causal")
    weights = (query @ key.T / temperature).masked_fill(later, -torch.inf).softmax(-1)
    return lab.Heat({"weights": weights}, rows=list("abcde"), columns=list("abcde"), limit=1,
        masks={"weights": later}, sums=["weights"])

lab.explorer("attend", "What does the first row attend to?",
    {"mask": lab.choice(["none", "causal"]), "temperature": lab.slider(0.2, 2, 0.2, start=1)}, attend,
    alt="Attention weights")
""",
    "race": """
def bowl(p):
    return (p * p) @ torch.tensor([0.5, 6.0])

def path(make):
    p = torch.tensor([-1.8, 0.7], requires_grad=True)
    optimizer, points = make([p]), [p.tolist()]
    for _ in range(12):
        optimizer.zero_grad()
        bowl(p).backward()
        optimizer.step()
        points.append(p.tolist())
    return torch.tensor(points)

def race(lr, step):
    paths = {"SGD": path(lambda p: torch.optim.SGD(p, lr)), "Adam": path(lambda p: torch.optim.Adam(p, lr))}
    return lab.Paths(bowl, paths, step, y_range=(-1, 1), minimum=(0, 0))

lab.explorer("race", "Who arrives first?", {"lr": lab.slider(0.05, 0.3, 0.05), "step": lab.steps(12)}, race,
    alt="Two paths in a valley")
""",
    "spread": """
weights = torch.randn(20, 32, 32, generator=draw) / 32**0.5
start = torch.randn(50, 32, generator=draw)

def spread(gain, nonlinearity):
    f, layers = {"none": nn.Identity(), "tanh": nn.Tanh(), "relu": nn.ReLU()}[nonlinearity], [start]
    for weight in weights:
        layers.append(f(layers[-1] @ (gain * weight).T))
    return lab.Depth(layers, first=0)

lab.explorer("spread", "Which gain keeps the spread?",
    {"gain": lab.slider(0.5, 2, 0.5, start=1), "nonlinearity": lab.choice(["none", "tanh", "relu"])}, spread,
    alt="Boxes of activations over depth")
""",
}
NAMES = [name for name in CELLS if name != "first"]


def explorer(page: Any, name: str) -> Any:
    return page.locator(f'[data-explorer="{name}"]')


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def notebook(sources: dict[str, str] = CELLS) -> nbformat.NotebookNode:
    """Return an unexecuted notebook with these cells."""
    cells = [nbformat.v4.new_code_cell(source.strip(), id=name) for name, source in sources.items()]
    return new_notebook(nbformat.v4.new_markdown_cell("# Explorers", id="title"), *cells)


def alive(page: Any) -> None:
    """Wait until every explorer of the page has its controls."""
    page.wait_for_function("document.querySelector('.lab-explorer') && !document.querySelector('[data-lab-model]')")


def violations(page: Any) -> list[tuple[str, str]]:
    """Return what axe finds in the explorers of a page."""
    found = Axe().run(page, context=".lab-explorer").response["violations"]
    return [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]]


@cache
def site() -> Path:
    """Execute the cells and build a site from them, once for all tests; return the folder of ``explorers.html``."""
    return built(CELLS)


def built(sources: dict[str, str]) -> Path:
    """Execute the cells, build a site from them, and return its folder."""
    folder = Path(tempfile.mkdtemp(prefix="explorers-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source = folder / "source"
    (source / "_static").mkdir(parents=True)
    book = notebook(sources)
    nbclient.NotebookClient(book, record_timing=False, store_widget_state=True, timeout=120).execute()
    nbformat.write(book, source / "explorers.ipynb")
    shutil.copy(HYDRATOR, source / "_static")
    (source / "conf.py").write_text(CONF)
    (source / "links.md").write_text(OTHER_PAGE)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(source), str(folder / "html")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"
