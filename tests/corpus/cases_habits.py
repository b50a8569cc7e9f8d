"""Harmless habits: what students do besides answering. None of it may cost anything."""

from __future__ import annotations

from tests.corpus.case import HONEST, Case, Notebook, Scene, answered, harmless, inserted

_HABITS = "harmless: habits"


def _habit(name: str, source: str, before: str = "affine") -> Case:
    return harmless(_HABITS, name, source, before)


def _inside(name: str, source: str, exercise: str = "affine") -> Case:
    """Return a case with something harmless in an answer."""

    def make(notebook: Notebook, scene: Scene) -> Notebook:
        return answered(notebook, {exercise: source})

    return Case(name, _HABITS, make)


_PRODUCT = "x @ w.T + b"
CASES: list[Case] = [
    _habit("warnings", "import warnings\nwarnings.warn('old')\nwarnings.simplefilter('error')"),
    _inside(
        "a warning in the answer",
        f"import warnings\ndef affine(x, w, b):\n    warnings.warn('slow')\n    return {_PRODUCT}",
    ),
    _habit(
        "logging", "import logging\nlogging.basicConfig(level=0)\nlogging.error('x')\nlogging.getLogger().setLevel(0)"
    ),
    _inside(
        "a progress bar",
        f"import sys\ndef affine(x, w, b):\n    for i in range(100): print(f'\\r{{i}}%', end='', file=sys.stderr, flush=True)\n    return {_PRODUCT}",
    ),
    _inside("prints", f"def affine(x, w, b):\n    print('x is', x, '3 points')\n    return {_PRODUCT}\nprint(1)\n7"),
    _habit("a cell that fails", "1 / 0"),
    _habit("a cell that is no Python", "def broken(:\n  x ="),
    _habit("notes in a code cell", "TODO: ask about the bias?\n- item one"),
    _habit("a cell that fails between answer and test", "undefined_name + 1", "test_affine"),
    _habit("input", "name = input('your name? ')"),
    _habit("a password", "import getpass\ngetpass.getpass()"),
    _habit("another seed", "torch.manual_seed(7)\nnp.random.seed(7)\nimport random\nrandom.seed(7)"),
    _habit("another default dtype", "torch.set_default_dtype(torch.float64)"),
    Case(
        "another default dtype, and an answer that uses it",
        _HABITS,
        lambda nb, scene: inserted(
            answered(nb, {"affine": f"def affine(x, w, b):\n    return torch.zeros(len(w)) + {_PRODUCT}"}),
            "torch.set_default_dtype(torch.float64)",
        ),
    ),
    _habit("no gradients", "torch.set_grad_enabled(False)"),
    _habit("inference mode", "mode = torch.inference_mode()\nmode.__enter__()"),
    _habit("anomaly detection", "torch.autograd.set_detect_anomaly(True)"),
    _habit("deterministic algorithms", "torch.use_deterministic_algorithms(True)"),
    _habit("threads", "torch.set_num_threads(2)"),
    _habit("a random generator's state", "torch.set_rng_state(torch.get_rng_state() * 0 + 1)"),
    _habit("print options", "torch.set_printoptions(precision=2, sci_mode=False)\nnp.set_printoptions(precision=2)"),
    _habit("errors of NumPy", "np.seterr(all='raise')"),
    _habit("another working folder", "import os\nos.makedirs('work', exist_ok=True)\nos.chdir('work')"),
    _habit(
        "a folder that is gone",
        "import os, shutil\nos.makedirs('gone', exist_ok=True)\nos.chdir('gone')\nshutil.rmtree('../gone')",
    ),
    _habit("plots left open", "for _ in range(4): plt.figure(); plt.plot([1, 2])"),
    _habit("another backend", "import matplotlib\nmatplotlib.use('agg')\nplt.style.use('dark_background')"),
    _habit("interactive plots", "plt.ion(); plt.plot([1]); plt.show(block=False)"),
    _habit("widgets", "import ipywidgets\nipywidgets.interact(lambda n: n, n=(0, 3))"),
    _habit("display", "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'), {'a': 1})"),
    _habit("names of the imports", "lab = F = np = plt = math = nn = 3", "test_affine"),
    _habit("names of builtins", "list = dict = len = print = abs = max = 3", "test_affine"),
    _habit("names that tests use", "draw = x = w = b = n = m = task = net = y = weight = 'mine'", "test_affine"),
    _habit("a name of another exercise", "tally = learn = None"),
    _habit("timing", "%%time\nx = 1"),
    _inside("an answer under a cell magic", f"%%time\n{HONEST['affine']}"),
    _habit("timing a line", "%timeit -n1 -r1 1 + 1"),
    _habit("plots in the notebook", "%matplotlib inline"),
    _habit("plots in a window", "%matplotlib qt"),
    _habit("another magic for plots", "%matplotlib notebook\nplt.plot([1])"),
    _habit("installing", "!pip install torch\n%pip list"),
    _habit("reloading", "%load_ext autoreload\n%autoreload 2"),
    _habit("a shell command", "!ls\nfiles = !ls\n!cat nothing"),
    _habit("writing a file", "%%writefile helper.py\nfactor = 2"),
    _habit("capturing", "%%capture kept\nprint(1)"),
    _habit("names deleted", "%reset -f in out"),
    _habit("waiting", "import asyncio\nawait asyncio.sleep(0.01)"),
    _habit(
        "a task on the loop",
        "import asyncio\nasync def later(): await asyncio.sleep(0.01)\ntask = asyncio.ensure_future(later())",
    ),
    _habit(
        "a loop of its own", "import asyncio\nasync def f(): return 1\ntry: asyncio.run(f())\nexcept RuntimeError: pass"
    ),
    _habit("a debugger", "%pdb on\nimport pdb"),
    _habit("a breakpoint", "breakpoint()"),
    _habit("help", "torch.nn.Linear?\nhelp(len)"),
    _habit(
        "data from the net", "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/data.csv', timeout=0.5)"
    ),
    _habit("a missing file", "data = open('data.csv').read()"),
    _habit("a missing package", "import pandas_that_nobody_has"),
    _habit("typing and dataclasses", "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int = 0"),
    _habit("pickles", "import pickle\npickle.dump({'a': 1}, open('a.pkl', 'wb'))\ntorch.save(torch.ones(2), 'a.pt')"),
    _habit("workers", "from torch.utils.data import DataLoader\nlist(DataLoader(list(range(8)), num_workers=1))"),
    _habit("the collector is off", "import gc\ngc.disable()"),
    _habit("a deeper stack", "import sys\nsys.setrecursionlimit(5000)"),
    _habit("a device that is not there", "torch.ones(1).to('cuda')"),
    _habit("compiled", "fast = torch.compile(lambda x: x + 1, backend='eager')\nfast(torch.ones(1))"),
    _inside(
        "an answer in another precision inside",
        f"def affine(x, w, b):\n    x, w, b = x.double(), w.double(), b.double()\n    return ({_PRODUCT}).float()",
    ),
    _inside(
        "an answer with a nested function",
        f"def affine(x, w, b):\n    def inner(x): return {_PRODUCT}\n    return inner(x)",
    ),
    _inside("an answer as a lambda", f"affine = lambda x, w, b: {_PRODUCT}"),
    _inside(
        "an answer imported again",
        f"import torch\nfrom torch import nn\nimport torch.nn.functional as F\ndef affine(x, w, b): return {_PRODUCT}",
    ),
    _inside("an answer that is a parameter", f"def affine(x, w, b):\n    return nn.Parameter({_PRODUCT})"),
    _inside(
        "an answer as a NumPy number",
        "def tally(net):\n    return np.int64(sum(p.numel() for p in net.parameters()))",
        "tally",
    ),
    _inside(
        "an answer as a tensor's number",
        "def tally(net):\n    return torch.tensor(sum(p.numel() for p in net.parameters()))",
        "tally",
    ),
    _inside(
        "an answer with tests of its own",
        f"{HONEST['affine']}\nassert affine(torch.ones(1, 2), torch.ones(3, 2), torch.zeros(3)).shape == (1, 3)",
    ),
    _inside("an answer that fails after its definition", f"{HONEST['affine']}\naffine(1, 2, 3)"),
]
