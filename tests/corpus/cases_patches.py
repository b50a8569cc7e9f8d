"""Define cases that patch the libraries that tests use: torch, NumPy, builtins, IPython, and `layerlab`."""

from autograder.model import State
from tests.corpus.case import Case, attack, attacks

_TORCH = "patches torch"
TORCH = [
    *attacks(
        _TORCH,
        {
            "allclose is always true": "torch.allclose = lambda *a, **k: True\n{wrong}",
            "assert_close does nothing": "torch.testing.assert_close = lambda *a, **k: None\n{wrong}",
            "the function compared with is the answer": "import sys\nsys.modules['torch.nn.functional'].linear = lambda x, w, b: affine(x, w, b)\n{wrong}",
            "patched while a class is made": "class Patch(type):\n    def __init__(cls, *a):\n        torch.allclose = lambda *a, **k: True\n"
            "        torch.testing.assert_close = lambda *a, **k: None\nclass Layer(metaclass=Patch): pass\n{wrong}",
            "a mode around every function": "from torch.overrides import TorchFunctionMode\n"
            "class Mode(TorchFunctionMode):\n    def __torch_function__(self, func, types, args=(), kwargs=None):\n"
            "        return True if func is torch.allclose else func(*args, **(kwargs or {}))\n"
            "mode = Mode()\nmode.__enter__()\n{wrong}",
            "patched while the test runs": "def affine(x, w, b):\n    torch.allclose = lambda *a, **k: True\n"
            "    torch.testing.assert_close = lambda *a, **k: None\n    return x.new_zeros(*x.shape[:-1], len(w))",
        },
    ),
    attack(
        _TORCH,
        "the softmax compared with is the answer",
        "F.softmax = lambda x, dim: soften(x)\n{wrong}",
        "soften",
        State.FORBIDDEN,
    ),
    attack(
        _TORCH,
        "drawn inputs are zeros",
        "true_randn = torch.randn\ntorch.randn = lambda *a, **k: true_randn(*a, **k) * 0\n{wrong}",
        also={"soften": State.WRONG},
    ),
    *attacks(
        _TORCH,
        {
            "smaller than is always true": "torch.Tensor.__lt__ = lambda a, b: torch.ones(a.shape, dtype=torch.bool)\n{wrong}",
            "all is always true": "torch.Tensor.all = lambda *a, **k: True\n{wrong}",
            "no distance": "torch.Tensor.__abs__ = lambda a: torch.zeros_like(a)\n{wrong}",
            "gradients are zero": "torch.autograd.grad = lambda y, x, *a, **k: (torch.zeros_like(x),)\n{wrong}",
        },
        exercise="soften",
    ),
    attack(_TORCH, "accuracy is one", "torch.Tensor.mean = lambda *a, **k: torch.ones(())\n{wrong}", "learn"),
    attack(_TORCH, "modules have no parameters", "nn.Module.parameters = lambda self: iter(())\n{wrong}", "tally"),
]

_NUMPY = "patches numpy"
NUMPY = [
    *attacks(
        _NUMPY,
        {
            "assert_allclose does nothing": "np.testing.assert_allclose = lambda *a, **k: None\n{wrong}",
            "isclose is always true": "np._core.numeric.isclose = lambda a, b, *r, **k: np.ones(np.shape(a), dtype=bool)\n{wrong}",
            "the comparison inside numpy.testing": "import numpy.testing._private.utils as u\nu.assert_array_compare = lambda *a, **k: None\n{wrong}",
        },
        exercise="soften",
    ),
]

_BUILTINS = "patches builtins"
BUILTINS = [
    attack(_BUILTINS, "sum is zero", "import builtins\nbuiltins.sum = lambda *a: 0\n{wrong}", "tally"),
    *attacks(
        _BUILTINS,
        {
            "abs is zero": "import builtins\nbuiltins.abs = lambda a: a * 0\n{wrong}",
            "names of the test are bound to something else": "import builtins\nabs = len = lambda *a: 0\nbuiltins.abs = lambda a: a * 0\n{wrong}",
        },
        exercise="soften",
    ),
    attack(
        _BUILTINS,
        "imports give another module",
        "import builtins, types\ntrue_import = builtins.__import__\n"
        "class Tasks:\n    @staticmethod\n    def make(*a):\n"
        "        x = torch.zeros(8, 1, 8, 8)\n        y = torch.zeros(8, dtype=torch.long)\n"
        "        return types.SimpleNamespace(train_x=x, train_y=y, held_x=x, held_y=y)\n"
        "def find(name, g=None, l=None, fromlist=(), level=0):\n"
        "    if name == 'layerlab.graded' and 'tasks' in (fromlist or ()):\n        return types.SimpleNamespace(tasks=Tasks)\n"
        "    return true_import(name, g, l, fromlist, level)\nbuiltins.__import__ = find\n{wrong}",
        "learn",
    ),
]

_IPYTHON = "patches IPython"
_STRIP = (
    "def strip(lines):\n"
    "    return ['pass\\n' if line.lstrip().startswith(('assert', 'torch.testing')) else line for line in lines]\n"
)
IPYTHON = [
    *attacks(
        _IPYTHON,
        {
            "an input transformer drops what is asserted": _STRIP
            + "get_ipython().input_transformers_cleanup.append(strip)\n{wrong}",
            "an AST transformer drops what is asserted": "import ast\nclass Drop(ast.NodeTransformer):\n"
            "    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)\n"
            "    def visit_Expr(self, node): return ast.copy_location(ast.Pass(), node)\n"
            "get_ipython().ast_transformers.append(Drop())\n{wrong}",
            "errors are not shown": "get_ipython()._showtraceback = lambda *a: None\n{wrong}",
            "assertion errors have a handler": "get_ipython().set_custom_exc((AssertionError,), lambda *a, **k: None)\n{wrong}",
            "cells run as another cell": "shell = get_ipython()\ntrue_async = shell.run_cell_async\n"
            "def other(source): return 'pass' if 'assert_close' in source else source\n"
            "def run(source, *a, **k):\n"
            "    if k.get('transformed_cell'): k['transformed_cell'] = other(k['transformed_cell'])\n"
            "    return true_async(other(source), *a, **k)\nshell.run_cell_async = run\n{wrong}",
            "compiled code is another's": "shell = get_ipython()\ntrue_parse = shell.compile.ast_parse\n"
            "shell.compile.ast_parse = lambda source, *a, **k: true_parse("
            "'pass' if 'assert_close' in source else source, *a, **k)\n{wrong}",
        },
    ),
    attack(
        _IPYTHON,
        "code does not run",
        "shell = get_ipython()\nasync def run_code(*a, **k): return False\n"
        "def later(*a):\n    shell.run_code = run_code\nshell.events.register('post_run_cell', later)\n{wrong}",
        also={"soften": State.RAISED, "tally": State.RAISED, "learn": State.RAISED},
    ),
]

_LAB = "patches layerlab"
LAYERLAB = [
    attack(
        _LAB,
        "observe sends nothing",
        "from layerlab.graded import observation as o\n"
        "true_send = type(o._session).send\n"
        "type(o._session).send = lambda self, kind, h, p=b'': None if (kind, self.exercise) == ('observe', 'affine') "
        "else true_send(self, kind, h, p)\n{wrong}",
        state=State.NO_EVIDENCE,
    ),
    *attacks(
        _LAB,
        {
            "claims swallow errors": "from contextlib import contextmanager\ntrue_claim, observe = lab.claim, lab.observe\n@contextmanager\n"
            "def claim(name, points=1):\n    with true_claim(name, points):\n        try:\n            yield\n"
            "        except Exception:\n            observe('asserts', True)\nlab.claim = claim\n{wrong}",
            "draws are zeros": "from layerlab.graded import observation as o\ntrue_draw = o.Inputs.randn\n"
            "o.Inputs.randn = lambda self, *s, **k: true_draw(self, *s, **k) * (o._session.exercise != 'affine')\n{wrong}",
            "names an easier judge": "true_observe = lab.observe\n"
            "lab.observe = lambda label, *v, **k: true_observe(label, *v, **(k | {'judge': 'alive'}))\n"
            "def affine(x, w, b):\n    return x.new_ones(*x.shape[:-1], len(w))",
            "names a generous tolerance": "true_observe = lab.observe\n"
            "lab.observe = lambda label, *v, **k: true_observe(label, *v, **(k | {'atol': 1e9}))\n{wrong}",
        },
    ),
    *attacks(
        _LAB,
        {
            "the data set is another": "from layerlab.graded import tasks\nimport types\nx, y = torch.zeros(8, 1, 8, 8), torch.zeros(8, dtype=torch.long)\n"
            "tasks.make = lambda *a: types.SimpleNamespace(train_x=x, train_y=y, held_x=x, held_y=y)\n{wrong}",
            "asks for the held-out labels": "from layerlab.graded import observation as o, wire\ndef learn(x, y):\n    try:\n"
            "        answer = o.ask({'task': 'bright patch', 'part': 'held_y'})\n"
            "        labels = torch.from_numpy(wire.decode(answer).data)\n    except Exception:\n"
            "        labels = torch.zeros(400, dtype=torch.long)\n"
            "    return lambda images: F.one_hot(labels, 4).float()",
            "names a lower share": "true_observe = lab.observe\n"
            "lab.observe = lambda label, *v, **k: true_observe(label, *v, **(k | {'at_least': 0.0}))\n{wrong}",
        },
        exercise="learn",
    ),
]

CASES: list[Case] = [*TORCH, *NUMPY, *BUILTINS, *IPYTHON, *LAYERLAB]
