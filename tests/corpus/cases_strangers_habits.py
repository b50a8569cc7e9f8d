"""Define harmless habits that cost outside testers points: an answer's position, annotations, and displayed output."""

from tests.corpus.case import (
    HABITS,
    HONEST,
    Case,
    Notebook,
    Scene,
    answered,
    cell,
    habits,
    in_function,
    inserted,
    inside,
    line_above,
)

_BODY = HONEST["affine"]
_PRODUCT = "x @ w.T + b"


def _stub(exercise: str) -> str:
    head = HONEST[exercise].partition("\n")[0]
    return f"{head}\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def _elsewhere(name: str, *cells: str, before: str = "test_affine", beside: dict[str, str] | None = None) -> Case:
    """Return a case in which the student's own cells contain the answer and the released cell is unchanged."""

    def make(notebook: Notebook, scene: Scene) -> Notebook:
        made = answered(notebook, {"affine": _stub("affine")})
        for number, source in enumerate(cells):
            made = inserted(made, source, before)
            cells_of = made["cells"]
            cells_of[cells_of.index(cell(made, before)) - 1]["id"] = f"mine-{number}"
        return made

    return Case(f"the released cell left in place, {name}", HABITS, make, beside=beside or {})


_PLACES = [
    _elsewhere("the answer below it", _BODY),
    _elsewhere("the answer above it", _BODY, before="affine"),
    _elsewhere("the answer far below", _BODY, before="test_learn"),
    _elsewhere(
        "an answer of two cells", "def product(x, w): return x @ w.T", "def affine(x, w, b): return product(x, w) + b"
    ),
    _elsewhere(
        "an answer of two cells, the helper last",
        "def affine(x, w, b): return product(x, w) + b",
        "def product(x, w): return x @ w.T",
    ),
    _elsewhere("a lambda below it", f"affine = lambda x, w, b: {_PRODUCT}"),
    _elsewhere("a draft and the answer below it", "def affine(x, w, b):\n    return x", _BODY),
    _elsewhere("an answer in a condition", f"if True:\n    {_BODY.replace(chr(10), chr(10) + '    ')}"),
    _elsewhere("the answer in a module beside", "from mine import affine", beside={"mine.py": _BODY}),
    _elsewhere("the answer in a module that a cell writes", f"%%writefile mine.py\n{_BODY}", "from mine import affine"),
    _elsewhere("the answer under a cell magic", f"%%time\n{_BODY}"),
]
_ANNOTATED = "def affine(x: Float[Tensor, 'n d'], w: Float[Tensor, 'm d'], b: Float[Tensor, ' m'] | None) -> Float[Tensor, 'n m']:\n    return x @ w.T + b"
_TYPED = [
    inside("jaxtyping", f"from torch import Tensor\nfrom jaxtyping import Float\n{_ANNOTATED}"),
    inside("jaxtyping, with a checker", f"from torch import Tensor\nfrom jaxtyping import Float, jaxtyped\nfrom beartype import beartype as typechecker\n@jaxtyped(typechecker=typechecker)\n{_ANNOTATED}"),
    inside("a checker of types", f"from beartype import beartype\n@beartype\n{_BODY}"),
    inside("a checker of types by its module", f"import typeguard\n@typeguard.typechecked\n{_BODY}"),
    inside("a compiler that is not there", f"import numba as nb\n@nb.njit(cache=True, parallel=False)\n{_BODY}"),
    inside("sizes in a type", "import torchtyping as tt\ndef affine(x: tt.TensorType['n', 3:4, ...], w: 'tt.TensorType', b) -> tt.TensorType[-1] | None:\n    return x @ w.T + b"),
    inside("a type that is called", "from typing import Annotated, Optional\nimport pydantic\ndef affine(x: Annotated[torch.Tensor, pydantic.Field(gt=0)], w: Optional[pydantic.conlist(float)], b: list[pydantic.BaseModel]):\n    y: pydantic.confloat(gt=0) = x @ w.T\n    return y + b"),
    inside("a data class with such a type", f"from dataclasses import dataclass\nfrom jaxtyping import Int\n@dataclass\nclass Sizes:\n    n: Int[torch.Tensor, ''] = 0\n    m: 'Int' = 1\nassert Sizes(3).n == 3\n{_BODY}"),
    inside("annotations as text", f"from __future__ import annotations\nfrom jaxtyping import Float\n{_ANNOTATED.replace('Tensor', 'torch.Tensor')}"),
    inside("a test of one's own that is marked", f"import pytest\n{_BODY}\n@pytest.mark.parametrize('n', [1, 2])\ndef test_affine(n): assert affine(torch.ones(n, 2), torch.ones(3, 2), torch.zeros(3)).shape == (n, 3)"),
    inside("decorators that are there", f"import functools\n@torch.no_grad()\n@functools.wraps(print)\n{_BODY.replace(_PRODUCT, '(' + _PRODUCT + ')')}"),
    inside("a method with such types", "from jaxtyping import Float\nclass Affine:\n    scale: Float = 1\n    def __call__(self, x: Float[torch.Tensor, 'n d'], w, b) -> Float[torch.Tensor, '...']:\n        return x @ w.T + b\naffine = Affine()"),
]  # fmt: skip
_SHOWN = [
    line_above("what shows itself as JSON with a pair as key", "class Table:\n    def _repr_json_(self): return {(1, 2): 3}\ndisplay(Table())"),
    line_above("what shows itself as JSON that holds itself", "class Table:\n    def _repr_json_(self):\n        table = {}\n        table['self'] = table\n        return table\ndisplay(Table())"),
    line_above("what shows itself with an object", "class Part:\n    def __str__(self): raise ValueError\nclass Table:\n    def _repr_json_(self): return {'a': Part()}\ndisplay(Table())\ndisplay({'application/x': Part(), ('a',): 1}, raw=True)"),
    line_above("what shows itself deeply", "class Table:\n    def _repr_json_(self):\n        table = []\n        for n in range(5000): table = [table]\n        return {'a': table}\ndisplay(Table())"),
    line_above("what cannot show itself", "class Part:\n    def __repr__(self): raise RuntimeError('no')\ndisplay(Part())"),
    inside("an exception without a text, after its definition", f"class Odd(Exception):\n    def __str__(self): raise ValueError\n{_BODY}\nraise Odd()"),
    inside("an exception with a text of its own class, after its definition", f"class Text(str):\n    def split(self): raise ValueError\n    def __len__(self): return -1\nclass Odd(Exception):\n    def __str__(self): return Text('x')\n{_BODY}\nraise Odd()"),
    inside("lines that nobody has read yet", f"import traceback\ndef deep(): return traceback.StackSummary.extract(traceback.walk_stack(None), lookup_lines=False)\ndeep()\nimport linecache\nlinecache.cache['<mine>'] = (lambda: '',)\nexec(compile('def fails(): raise ValueError', '<mine>', 'exec'))\n{_BODY}\nfails()"),
]  # fmt: skip
_MEASURED = [
    in_function("time by resource", "import resource", "assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0", "resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime"),
    in_function("memory by psutil", "import psutil", "assert psutil.Process().memory_info().rss > 0", "psutil.virtual_memory()", "psutil.cpu_count()"),
    in_function("memory by /proc", "open('/proc/self/status').read()", "open('/proc/meminfo').read()", "open('/proc/cpuinfo').read()"),
    line_above("time by magics", "%time 1 + 1\n%timeit -n1 -r1 1 + 1"),
    in_function("another process", "import subprocess, sys", "assert subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True, text=True).stdout == '1\\n'"),
    in_function("a pool of processes", "import multiprocessing", "with multiprocessing.get_context('fork').Pool(1) as pool: assert pool.map(abs, [-1]) == [1]"),
    in_function("workers of a loader", "from torch.utils.data import DataLoader", "assert len(list(DataLoader([1, 2], num_workers=1))) == 2"),
    in_function("a pool of threads", "from concurrent.futures import ThreadPoolExecutor", "with ThreadPoolExecutor(2) as pool: assert list(pool.map(abs, [-1])) == [1]"),
    in_function("a lock on a file", "import fcntl", "with open('lock', 'w') as file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)"),
    in_function("a short sleep", "import time", "time.sleep(0.1)"),
]  # fmt: skip
_RANKS = "import time, threading\ndef affine(x, w, b):\n    def work(rank):\n        {0}\n        return x @ w.T + b\n    return lab.ranks(work)[0] if x.dim() == 2 and len(x) > 1 else x @ w.T + b"
_SLEEPING = [
    inside("ranks that sleep", _RANKS.format("time.sleep(1.4)")),
    inside("ranks that wait for a moment", _RANKS.format("threading.Event().wait(1.4)")),
    inside("a rank that sleeps while the other waits for it", _RANKS.format("import torch.distributed as dist; time.sleep(1.4 * rank); dist.barrier()")),
]  # fmt: skip
_OTHERS = [
    inside("letters of Greece", "def affine(x, w, b):\n    σ = 1.0\n    return σ * (x @ w.T) + b"),
    inside("a match", "def affine(x, w, b):\n    match x.dim():\n        case 2 | 3: return x @ w.T + b\n        case _: raise ValueError"),
    inside("lines that end as on Windows", _BODY.replace("\n", "\r\n")),
    inside("tabs and a form feed", _BODY.replace("    ", "\t") + "\n\x0c\n"),
    inside("a cached helper", "from functools import cache\n@cache\ndef ones(n): return torch.ones(n)\ndef affine(x, w, b): return (x @ w.T) * ones(len(w)) + b"),
    inside("a module with buffers", "class Affine(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.register_buffer('one', torch.ones(()))\n    def forward(self, x, w, b): return self.one * (x @ w.T) + b\naffine = Affine()"),
    inside("a script", f"@torch.jit.script\ndef affine(x, w, b):\n    return {_PRODUCT}"),
    inside("a compiled answer", f"@torch.compile(backend='eager')\ndef affine(x, w, b):\n    return {_PRODUCT}"),
    *habits({
        "a device for everything": "torch.set_default_device('cpu')",
        "an alarm": "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\nsignal.alarm(1)",
        "output sent elsewhere": "import io, sys\nsys.stdout = io.StringIO()\nsys.stderr = sys.stdout",
        "a hook for exceptions": "import sys\nsys.excepthook = lambda *a: None\nget_ipython().set_custom_exc((Exception,), lambda *a, **k: None)",
        "a seed from outside": "import os\nos.environ['PYTHONHASHSEED'] = '0'\nos.environ['CUDA_VISIBLE_DEVICES'] = ''",
        "a matplotlib style": "plt.rcParams.update({'figure.dpi': 72})\nwith plt.xkcd(): plt.plot([1, 2]); plt.title('x')",
    }),
]  # fmt: skip
FOUND: list[Case] = [*_PLACES, *_TYPED, *_SHOWN]
# Cases that cost nothing in this grader even before the other cases led to changes in it.
CONTROLS = (
    "annotations as text",
    "a test of one's own that is marked",
    "decorators that are there",
    "what cannot show itself, above an answer",
    "an exception without a text, after its definition",
)
CASES: list[Case] = [*_PLACES, *_TYPED, *_SHOWN, *_MEASURED, *_SLEEPING, *_OTHERS]
