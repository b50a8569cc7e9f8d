"""Define more harmless habits: code that works on a student's own machine, with a shell, keyboard, and packages."""

from collections.abc import Mapping

from tests.corpus.case import (
    HABITS,
    HONEST,
    Case,
    Notebook,
    Scene,
    answered,
    each,
    habits,
    in_function,
    inserted,
    inserted_below,
    inside,
    line_above,
)

_BODY = HONEST["affine"]


def _with(name: str, beside: Mapping[str, str], answer: str, above: str = "") -> Case:
    """Return a case with files next to the notebook that the answer, or a cell above it, imports."""

    def make(notebook: Notebook, scene: Scene) -> Notebook:
        made = answered(notebook, {"affine": answer})
        return inserted(made, above) if above else made

    return Case(name, HABITS, make, beside=beside)


def _below(name: str, answer: str, below: str, after: str = "test_affine") -> Case:
    """Return a case whose answer needs a cell that is below the test."""
    return Case(name, HABITS, lambda nb, scene: inserted_below(answered(nb, {"affine": answer}), below, after))


_SHELL = [
    line_above("a package installed", "!pip install -q torchinfo"),
    line_above("a look at the card", "!nvidia-smi"),
    line_above("a long command", "!echo a \\\n  b"),
    line_above(
        "a list of files", "files = !ls\nassert len(files) == 0 and files.n == ''\nfor name in files: print(name)"
    ),
    line_above("two marks", "!!ls"),
    line_above("%pip", "%pip install torchinfo"),
    line_above("%conda", "%conda install torchinfo"),
    line_above("%uv", "%uv pip install torchinfo"),
    line_above("another folder", "%cd .\n%pwd"),
    line_above("an alias", "%ls\n%mkdir -p data"),
    line_above("an extension that is not there", "%load_ext tensorboard\n%tensorboard --logdir runs"),
    line_above("an extension of JupyterLab's", "%load_ext lab_black\n%load_ext nb_black\n%load_ext line_profiler"),
    line_above("reloading", "%load_ext autoreload\n%autoreload 2"),
    line_above("a magic of a notebook", "%autosave 60\n%clear\n%connect_info"),
    line_above("a magic that nobody has", "%fancy_magic on"),
    line_above("plots of another kind", "%matplotlib widget"),
    line_above("plots in a window that is not there", "%matplotlib tk"),
    line_above("sharper plots", "%config InlineBackend.figure_format = 'retina'\n%config Completer.use_jedi = False"),
    line_above("a setting that nobody has", "%config NoSuchThing.at_all = 3"),
    line_above("a debugger switched on", "%pdb on\n%debug"),
    in_function("a shell", "!ls"),
    in_function("a magic", "%pip list"),
    inside("an answer under a magic that nobody has", f"%%heat\n{_BODY}"),
    inside("an answer under a profiler", f"%%prun -q\n{_BODY}"),
    inside("an answer under capture", f"%%capture\n{_BODY}"),
    *habits(
        {
            "a cell of the shell's": "%%bash\npip install x\nls -la | wc",
            "a cell of another shell's": "%%sh\nls",
            "a cell of JavaScript": "%%javascript\nalert(1)",
            "a cell in another language": "%%sql\nSELECT 1",
            "a cell with HTML": "%%html\n<b>x</b>",
        }
    ),
]
_COUNTS = "import torch\n\ndef product(x, w, b):\n    return x @ w.T + b\n"
_MODULES = [
    Case(
        "a module that a cell writes, imported in an answer",
        HABITS,
        lambda nb, scene: inserted(
            answered(nb, {"affine": "from my_counts import product\ndef affine(x, w, b): return product(x, w, b)"}),
            f"%%writefile my_counts.py\n{_COUNTS}",
        ),
    ),
    Case(
        "a module that a cell writes again",
        HABITS,
        lambda nb, scene: inserted(
            inserted(
                answered(nb, {"affine": "import my_counts\naffine = my_counts.product"}),
                f"%%writefile my_counts.py\n{_COUNTS.replace('.T', '+T')}",
            ),
            f"try: import my_counts\nexcept ImportError: print('not yet')\nopen('my_counts.py', 'w').write({_COUNTS!r})\n"
            "import importlib, sys\nsys.modules.pop('my_counts', None)",
        ),
    ),
    Case(
        "a module that is looked for before it is written",
        HABITS,
        lambda nb, scene: inserted(
            inserted(answered(nb, {"affine": "from my_counts import product as affine"}), "import my_counts"),
            f"%%writefile my_counts.py\n{_COUNTS}",
        ),
    ),
    inside(
        "a module that is written and run",
        f"open('mine.py', 'w').write({_BODY!r})\n%run mine.py",
    ),
    _with(
        "a module beside the notebook",
        {"my_counts.py": _COUNTS},
        "from my_counts import product\ndef affine(x, w, b): return product(x, w, b)",
    ),
    _with(
        "a module beside the notebook, all of it",
        {"my_counts.py": _COUNTS},
        "def affine(x, w, b): return product(x, w, b)",
        "from my_counts import *",
    ),
    _with(
        "modules beside the notebook that import each other",
        {
            "my_counts.py": "from helpers import times\n\ndef product(x, w, b):\n    return times(x, w) + b\n",
            "helpers.py": "times = lambda x, w: x @ w.T\n",
        },
        "def affine(x, w, b):\n    import my_counts as mc\n    return mc.product(x, w, b)",
    ),
    _with("a module beside the notebook that is run", {"my_counts.py": _BODY}, "%run my_counts.py"),
    _with(
        "a module beside the notebook with a byte order mark and a package that is not there",
        {"my_counts.py": "\ufeff" + _COUNTS, "unused.py": "import pandas\n", "notes.txt": "x", "2nd try.py": "x ="},
        "from my_counts import product as affine",
    ),
    _with(
        "a module beside the notebook with torch's name",
        {"torch.py": "raise SystemExit\n", "random.py": "raise SystemExit\n", "layerlab.py": "1 / 0\n"},
        f"import random\nrandom.random()\n{_BODY}",
    ),
    _with(
        "another attempt beside the notebook that calls what is forbidden",
        {
            "old_attempt.py": "import torch\n\ndef soften(x):\n    return torch.softmax(x, -1)\n\ndef affine(x, w, b): return 0\n"
        },
        _BODY,
    ),
]
_KEYBOARD = [
    in_function("a breakpoint", "breakpoint()"),
    in_function("pdb", "import pdb; pdb.set_trace()"),
    in_function("pdb by its name", "from pdb import set_trace; set_trace()"),
    in_function("the debugger of IPython", "from IPython.core.debugger import set_trace; set_trace()"),
    in_function("another debugger of IPython", "from IPython.core.debugger import Pdb; Pdb().set_trace()"),
    in_function("ipdb", "import ipdb; ipdb.set_trace(context=7)"),
    in_function("ipdb by its name", "from ipdb import set_trace; set_trace()"),
    in_function("pudb", "import pudb; pudb.set_trace()"),
    in_function("an embedded shell", "from IPython import embed; embed()"),
    in_function("a question", "name = input('your name? ')"),
    in_function("a question on a line of its own", "input()"),
    in_function("a password", "import getpass; getpass.getpass('token: ')"),
    in_function("a way to go on", "import sys; sys.stdin.readline()"),
    line_above("a breakpoint", "breakpoint()"),
    line_above("a question", "go_on = input('Enter to go on')"),
    line_above("a password", "from getpass import getpass\ntoken = getpass()"),
    *habits(
        {
            "a question until it is answered": "while input('y/n? ') != 'y': pass",
        }
    ),
]
_RANGE_FREE = {
    "tally": "def tally(net):\n    n = 0\n    for p in net.parameters(): n += p.numel()\n    return n",
    "learn": HONEST["learn"].replace("range(4)", "(0, 1, 2, 3)"),
}


def _star(module: str, before: str = "affine") -> Case:
    def make(notebook: Notebook, scene: Scene) -> Notebook:
        return inserted(answered(notebook, _RANGE_FREE), f"from {module} import *", before)

    return Case(f"everything of {module}, before {before}", HABITS, make)


_STARS = [
    *(_star(module) for module in ("torch", "numpy", "math", "torch.nn.functional", "matplotlib.pyplot", "layerlab")),
    _star("torch", "test_affine"),
    _star("numpy", "test_affine"),
    Case(
        "everything of torch, in an answer",
        HABITS,
        lambda nb, scene: answered(nb, _RANGE_FREE | {"affine": f"from torch import *\n{_BODY}"}),
    ),
    Case(
        "torch's sum by its own name",
        HABITS,
        lambda nb, scene: answered(
            nb,
            _RANGE_FREE
            | {"affine": "from torch import sum\ndef affine(x, w, b):\n    return sum(x[..., None, :] * w, -1) + b"},
        ),
    ),
]
_LATER = [
    _below(
        "a helper below its test", "def affine(x, w, b): return product(x, w) + b", "def product(x, w): return x @ w.T"
    ),
    _below(
        "two helpers below their test, in a cell that tries them",
        "def affine(x, w, b): return plus(product(x, w), b)",
        "def product(x, w): return rows(x, w)\nprint(product(torch.ones(1, 2), torch.ones(3, 2)))\ndef rows(x, w): return x @ w.T\ndef plus(x, b): return x + b\nassert False",
    ),
    _below(
        "an import below its test",
        "def affine(x, w, b): return reduce(add, [x @ w.T, b])",
        "from functools import reduce\nfrom operator import add",
    ),
    _below(
        "an import below its test, of a module",
        "def affine(x, w, b): return operator.add(x @ w.T, b)",
        "import operator",
    ),
    _below("a constant below its test", "def affine(x, w, b): return SCALE * (x @ w.T) + b", "SCALE = 1.0"),
    _below(
        "a class below its test",
        "def affine(x, w, b): return Product(w)(x) + b",
        "class Product(nn.Module):\n    def __init__(self, w):\n        super().__init__()\n        self.w = w\n    def forward(self, x): return x @ self.w.T",
    ),
    _below(
        "a helper at the end",
        "def affine(x, w, b): return product(x, w) + b",
        "def product(x, w): return x @ w.T",
        "test_learn",
    ),
    _below(
        "a base class below the answer",
        "class Affine(Base):\n    def __call__(self, x, w, b): return x @ w.T + b\naffine = Affine()",
        "class Base: pass",
    ),
    Case(
        "a helper in the next answer",
        HABITS,
        lambda nb, scene: answered(
            nb,
            {
                "affine": "def affine(x, w, b): return product(x, w) + b",
                "soften": f"def product(x, w): return x @ w.T\n{HONEST['soften']}",
            },
        ),
    ),
]
_PACKAGES = [
    *(
        line_above(f"an import of {name}", source)
        for name, source in {
            "pandas": "import pandas as pd",
            "torchvision": "import torchvision\nfrom torchvision import datasets, transforms\nprint(torchvision.__version__)",
            "sklearn": "from sklearn.model_selection import train_test_split\nimport sklearn.datasets as data",
            "google.colab": "from google.colab import drive",
            "google.colab, all of it": "import google.colab\nimport google.colab.files as files",
            "seaborn": "import seaborn as sns, os",
            "tensorboard": "from torch.utils.tensorboard import SummaryWriter",
            "scipy": "import scipy.stats\nfrom scipy import *",
            "einops": "from einops import rearrange, repeat",
            "a debugger": "import ipdb",
            "a package that nobody has": "import package_that_nobody_has.at_all as p, math",
        }.items()
    ),
    inside(
        "a package in an annotation",
        "import pandas as pd\nfrom typing import Optional\ndef affine(x, w, b, table: Optional[pd.DataFrame] = None, s: 'pd.Series | None' = None, n: pd.Index | None = None):\n"
        "    assert not isinstance(x, pd.DataFrame)\n    return x @ w.T + b",
    ),
    *each(
        line_above,
        {
            "whether this is Colab": "try:\n    import google.colab\n    from google.colab import drive\n    IN_COLAB = True\nexcept ImportError:\n    IN_COLAB = False\nif IN_COLAB:\n    drive.mount('/content')",
            "whether pandas is there": "try:\n    import pandas as pd\nexcept ModuleNotFoundError:\n    pd = None\nassert pd is None",
            "whether scipy is there": "import importlib.util, sys\nassert importlib.util.find_spec('scipy') is None and 'google.colab' not in sys.modules",
            "a progress bar by its package": "import tqdm\nfor _ in tqdm.tqdm(range(3)): pass\nfor _ in tqdm.tqdm_notebook(range(3)): pass",
        },
    ),
    in_function("a package that is not used", "import pandas as pd, seaborn"),
    *(
        inside(
            f"a progress bar of {name}",
            f"from {name} import tqdm, trange\nfor _ in trange(3): pass\ndef affine(x, w, b):\n    for i in tqdm(range(3), desc='rows', leave=False): pass\n    return x @ w.T + b",
        )
        for name in ("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.autonotebook", "tqdm.std")
    ),
    *habits(
        {
            "a package that is used": "import pandas as pd\npd.DataFrame({'a': [1]})",
        }
    ),
]
CASES: list[Case] = [*_SHELL, *_MODULES, *_KEYBOARD, *_STARS, *_LATER, *_PACKAGES]
