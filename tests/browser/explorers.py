"""Three explorers, one of each kind, as notebook cells; the tests compute the same numbers again with torch."""

import shutil
import sys
from pathlib import Path

import nbclient
import nbformat
from sphinx.cmd.build import main as sphinx_build

HYDRATOR = Path(__file__).parents[2] / "book" / "_static" / "hydrate.mjs"

# What the book's own configuration says of explorers, around the smallest theme.
CONF = """
extensions = ["myst_nb"]
root_doc = "explorers"
nb_execution_mode = "off"
html_theme = "basic"
html_static_path = ["_static"]
nb_ipywidgets_js = {"hydrate.mjs": {"defer": "defer"}}
nb_mime_priority_overrides = [("html", "text/html", 0)]
"""

FIRST = """
import torch
from torch import nn
import layerlab as lab
lab.style()
x = torch.linspace(-3, 3, 31)
"""

CURVES = """
def collapse(weight, bias, activation):
    f = torch.relu if activation == "relu" else lambda v: v
    one = weight * x + bias
    two = 0.8 * f(one) - 0.5
    return lab.Curves(x, {"one layer": one, "two layers": two}, y_range=(-6, 6), numbers={"largest": two.max()})

lab.explorer("collapse", "With no activation, can two layers draw anything but a straight line?",
    {"weight": lab.slider(-2, 2, 0.5, start=1), "bias": lab.slider(-1, 1, 0.5, start=0),
     "activation": lab.choice(["none", "relu"])}, collapse,
    alt="Output of one and of two layers over the input", caption="Output of one and of two layers over x.")
"""

HEAT = """
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
"""

PLANE = """
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
"""


def notebook() -> nbformat.NotebookNode:
    """The cells, not yet executed."""
    cells = [nbformat.v4.new_markdown_cell("# Explorers", id="title")]
    for name, source in (("first", FIRST), ("curves", CURVES), ("heat", HEAT), ("plane", PLANE)):
        cells.append(nbformat.v4.new_code_cell(source.strip(), id=name))
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def execute(folder: Path) -> Path:
    """Execute the cells and write ``explorers.ipynb`` with the state of its widgets into ``folder``."""
    book = notebook()
    nbclient.NotebookClient(book, record_timing=False, store_widget_state=True, timeout=60).execute()
    path = folder / "explorers.ipynb"
    nbformat.write(book, path)
    return path


def build(folder: Path) -> None:
    """Build a site of one page out of the executed notebook: ``folder/html/explorers.html``."""
    source = folder / "source"
    static = source / "_static"
    static.mkdir(parents=True)
    execute(source)
    shutil.copy(HYDRATOR, static)
    (source / "conf.py").write_text(CONF)
    if sphinx_build(["-q", "-W", "-b", "html", str(source), str(folder / "html")]):
        raise SystemExit("the page of explorers could not be built")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
