"""Define cells whose explorers ask for a prediction or can be edited."""

from functools import cache
from pathlib import Path

import explorers

FUNCTIONS = """
from layerlab.explorers.code import functions
makers = {name: getattr(nn, name) for name in functions() if name != "Swish"}
shaped = {"LeakyReLU", "ELU", "CELU", "Softplus", "Hardshrink", "Softshrink"}
made = {"PReLU": lambda a: nn.PReLU(init=a), "RReLU": lambda a: nn.RReLU(0, 2 * a).eval(),
    "Threshold": lambda a: nn.Threshold(a, 0.0), "Hardtanh": lambda a: nn.Hardtanh(-a, a),
    "Swish": lambda a: lambda x: x * torch.sigmoid(a * x)}
plain = lambda make: lambda argument: make()
made |= {name: make if name in shaped else plain(make) for name, make in makers.items() if name not in made}
wide = torch.linspace(-4, 4, 33)

def with_gradient(function, x):
    x = x.clone().requires_grad_()
    y = function(x)
    return y.detach(), torch.autograd.grad(y.sum(), x)[0]

def several(argument):
    pairs = {name: with_gradient(made[name](argument), wide) for name in functions()}
    values, slopes = ({name: pair[i] for name, pair in pairs.items()} for i in (0, 1))
    return lab.Curves(wide, values, gradients=slopes, y_range=(-4, 4.5), gradient_range=(-0.5, 2.2), 
        pick=["ELU", "CELU"], probe=-1.0, argument=argument)

lab.explorer("functions", "Where do they differ?", {"argument": lab.slider(0.5, 2, 0.5, start=2)}, several,
    alt="Activations and their gradients")
"""

CELLS = {
    "first": explorers.FIRST,
    "asked": """
t = torch.arange(7.0)

def line(slope):
    return lab.Curves(t, {"line": slope * t}, numbers={"at 6": 6.0 * slope})

lab.explorer("asked", "How steep is it?", {"slope": lab.slider(0, 3, 1)}, line, alt="A line",
    answer="As the slope says.",
    predict=lab.predict("With a slope of 1, where is the line at 6?", "at 6", {"slope": 1}, within=0.5))
""",
    "chosen": """
lab.explorer("chosen", "Which line is high?", {"slope": lab.slider(0, 3, 1), "sign": lab.choice(["+", "-"])},
    lambda slope, sign: lab.Curves(t, {"line": t}, numbers={"height": min(slope, 2) * (1 if sign == "+" else -1)}),
    alt="A line",
    predict=lab.predict("Which slope gives the largest height?", "height",
        choices={f"slope {k}": {"slope": k} for k in range(4)}))
""",
    "lamp": """
image = torch.tensor([[0.0, 1, 2, 0, 1, 3, 0], [1, 0, 2, 2, 0, 1, 1], [0, 3, 1, 0, 2, 0, 1], [2, 0, 1, 1, 0, 2, 0],
    [1, 1, 0, 2, 3, 0, 1]])
kernel = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])

def lamp(stride, padding, dilation, position):
    layer = nn.Conv2d(1, 1, 3, stride, padding, dilation, bias=False)
    layer.weight.data[0, 0] = kernel
    return lab.Window(image, layer, position, edits=True)

lab.explorer("lamp", "What does the kernel find?",
    {"stride": lab.slider(1, 2, 1), "padding": lab.slider(0, 2, 1), "dilation": lab.slider(1, 2, 1),
     "position": lab.steps(62)}, lamp, alt="A window on its way over an image")
""",
    "means": """
row = torch.tensor([6.0, 1, 0, 2, 9, 4, 3, 3, 0, 8])

def means(kernel_size, stride, padding, border, position):
    ceil, counted = "ceil" in border, "not counted" not in border
    return lab.Window(row, nn.AvgPool1d(kernel_size, stride, padding, ceil, counted), position, edits=True)

lab.explorer("means", "What is divided by?",
    {"kernel_size": lab.slider(2, 4, 1), "stride": lab.slider(1, 4, 1), "padding": lab.slider(0, 1, 1),
     "border": lab.choice(["default", "ceil", "not counted", "ceil, not counted"]), "position": lab.steps(10)}, means,
    alt="A window on its way over a row")
""",
    "largest": """
def largest(kernel_size, stride, position):
    return lab.Window(image, nn.MaxPool2d(kernel_size, stride, padding=1, ceil_mode=True), position, edits=True)

lab.explorer("largest", "Which cells win?",
    {"kernel_size": lab.slider(2, 3, 1), "stride": lab.slider(1, 3, 1), "position": lab.steps(62)}, largest,
    alt="A window on its way over an image")
""",
    "map": """
ends = torch.linspace(-1.5, 1.5, 5)
upright = torch.stack(torch.meshgrid(ends, ends, indexing="ij"), dim=-1)
grid = torch.cat([upright, upright.flip(-1)])

def linear_map(squeeze, between):
    layer = nn.Linear(2, 2)
    layer.load_state_dict({"weight": torch.tensor([[1.0, 0.5], [0.0, squeeze]]), "bias": torch.tensor([0.25, -0.5])})
    before = grid.relu() if between == "ReLU" else grid
    return lab.Plane(ground=grid, reach=3.0, layer=layer, before=before)

lab.explorer("map", "What does the layer do to the plane?",
    {"squeeze": lab.slider(0, 1, 0.5, start=1), "between": lab.choice(["nothing", "ReLU"])}, linear_map,
    alt="A grid and its image")
""",
    "functions": FUNCTIONS,
}


@cache
def site() -> Path:
    return explorers.built(CELLS)
