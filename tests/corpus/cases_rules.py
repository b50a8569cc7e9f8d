"""Cases about rules: the same call under other names, and what honest people write below an answer with rules."""

from __future__ import annotations

from autograder.model import State
from tests.corpus.case import HONEST, Case, Notebook, Scene, answered, attack, harmless, inserted

_HIDES = "hides a forbidden call"
_HABITS = "harmless: habits"
_ANSWER = HONEST["soften"]
_CHAIN = " + ".join(["1"] * 500)


def _hidden(name: str, source: str) -> Case:
    return attack(_HIDES, name, source, "soften", State.FORBIDDEN)


def _later(name: str, source: str) -> Case:
    """Return a case with a right answer, and a cell below it that puts a forbidden call in its place."""
    return Case(name, _HIDES, lambda nb, scene: inserted(nb, source, "test_soften"), lost={"soften": State.FORBIDDEN})


def _answer(name: str, source: str) -> Case:
    def make(notebook: Notebook, scene: Scene) -> Notebook:
        return answered(notebook, {"soften": source})

    return Case(name, _HABITS, make)


_TWICE = "def soften(x): return {call}"
TRICKS = [
    _hidden("under the name on masked tensors", _TWICE.format(call="torch.masked.softmax(x, -1)")),
    _hidden("under the special name", _TWICE.format(call="torch.special.softmax(x, -1)")),
    _hidden("as the operator below", _TWICE.format(call="torch.ops.aten._softmax(x, -1, False)")),
    _hidden("as a safe operator", _TWICE.format(call="torch.ops.aten._safe_softmax(x, -1)")),
    _hidden("as a private function", _TWICE.format(call="torch._C._VariableFunctions._softmax(x, -1, False)")),
    _hidden("as a reference implementation", "import torch._refs\n" + _TWICE.format(call="torch._refs.softmax(x, -1)")),
    _hidden("as a layer", _TWICE.format(call="nn.Softmax(-1)(x)")),
    _hidden("as a layer for pictures", _TWICE.format(call="nn.Softmax2d()(x.T[None, :, :, None])[0, :, :, 0].T")),
    _hidden("as a subclass", "class Own(nn.Softmax): pass\nsoften = Own(-1)"),
    _hidden(
        "as a private function by a computed name",
        "def soften(x): return getattr(torch._C._VariableFunctions, '_soft' + str(1)[:0] + 'max')(x, -1, False)",
    ),
    _hidden("by a star", "from torch.nn.functional import *\ndef soften(x): return softmax(x, -1)"),
    _hidden(
        "by a method's name as text",
        "from operator import methodcaller\ncall = methodcaller('softmax', -1)\ndef soften(x): return call(x)",
    ),
    _hidden("under a cell magic", "%%time\ndef soften(x): return F.softmax(x, -1)"),
    _hidden("behind a long sum", f"def soften(x): return F.softmax(x, -1) * (({_CHAIN}) / 500)"),
    _hidden("kept at the top", "kept = nn.Softmax(-1)\ndef soften(x): return kept(x)"),
    _hidden("kept in a table", "table = {}\ntable['f'] = torch.softmax\ndef soften(x): return table['f'](x, -1)"),
    _hidden(
        "kept at the top by a computed name",
        "kept = nn.__dict__['Soft' + str(1)[:0] + 'max'](-1)\ndef soften(x): return kept(x)",
    ),
    _hidden(
        "its result kept at the top by a computed name",
        "p = F.__dict__['soft' + str(1)[:0] + 'max'](torch.tensor([1.0, 0.0]).double(), 0)\ne = (p[0] / p[1]).item()\n"
        "def soften(x):\n    y = e ** (x - x.amax(-1, keepdim=True))\n    return y / y.sum(-1, keepdim=True)",
    ),
    _hidden("put in place at the top", f"{_ANSWER}\nsoften = lambda x: F.softmax(x, -1)"),
    _hidden("put in place by its name", f"{_ANSWER}\nglobals()['soften'] = lambda x: F.softmax(x, -1)"),
    _later("put in place below", "soften = lambda x: F.softmax(x, -1)"),
    _later("put in place below, under a cell magic", "%%capture\nfrom functools import partial\n"
           "soften = partial(torch.softmax, dim=-1)"),
]  # fmt: skip

_CHECK = "t = torch.randn(2, 3, requires_grad=True)\n"
HABITS = [
    _answer("an assert against torch below", f"{_ANSWER}\n{_CHECK}assert torch.allclose(soften(t), F.softmax(t, -1))"),
    _answer("torch's layer beside one's own", f"{_ANSWER}\n{_CHECK}theirs = nn.Softmax(-1)(t)\nprint(soften(t) - theirs)"),
    _answer(
        "a comparison in a loop",
        f"{_ANSWER}\nfor n in (2, 3):\n    x = torch.randn(n, n)\n    e = torch.softmax(x, -1)\n"
        "    if not torch.allclose(soften(x), e):\n        print('differs', e)",
    ),
    _answer(
        "a check of one's own, called below",
        f"{_ANSWER}\n{_CHECK}def check(x):\n    return torch.allclose(soften(x), x.softmax(-1))\ncheck(t)",
    ),
    _answer("a check by text", f"{_ANSWER}\n{_CHECK}print(eval('soften(t) - F.softmax(t, -1)'))"),
    _answer("a gradient below", f"{_ANSWER}\n{_CHECK}soften(t).square().sum().backward()\nprint(t.grad)"),
    _answer("a draft above", f"def soften(x):\n    return F.softmax(x, -1)\n\n\n{_ANSWER}"),
    harmless(_HABITS, "a draft in a cell above", "def soften(x):\n    return F.softmax(x, -1)", "soften"),
    _answer("everything of math", "from math import *\n" + _ANSWER.replace("exp()", "sub(log(1)).exp()")),
    _answer("everything of torch.nn", f"from torch.nn import *\nfrom torch.nn.functional import *\n{_ANSWER}"),
    _answer(
        "a softmax of one's own over torch's",
        "from torch.nn.functional import *\n" + _ANSWER.replace("soften", "softmax") + "\ndef soften(x): return softmax(x)",
    ),
    _answer(
        "a question about a type",
        _ANSWER.replace(":\n", ":\n    if isinstance(x, nn.Softmax) or type(x) is nn.Softmax:\n        raise TypeError\n"),
    ),
    _answer(
        "a dtype by its name",
        "name = 'float' + str(32)\n" + _ANSWER.replace("exp()", "to(getattr(torch, name)).exp()"),
    ),
    _answer(
        "helpers named as builtins",
        "def compile(x): return x.exp()\ndef vars(e): return e.sum(-1, keepdim=True)\n"
        "def soften(x):\n    globals = lambda e: e / vars(e)\n    return globals(compile(x - x.amax(-1, keepdim=True)))",
    ),
    _answer(
        "a module with a method of that name",
        "class Own(nn.Module):\n    def softmax(self, x):\n        e = (x - x.amax(-1, keepdim=True)).exp()\n"
        "        return e / e.sum(-1, keepdim=True)\n    def forward(self, x):\n        return self.softmax(x)\nsoften = Own()",
    ),
    _answer("a long sum in an answer", f"{_ANSWER} * (({_CHAIN}) / 500)"),
    harmless(_HABITS, "a long sum", f"total = {_CHAIN}", "soften"),
    harmless(_HABITS, "a magic that is cut off", "x = %\\", "soften"),
]  # fmt: skip

CASES: list[Case] = [*TRICKS, *HABITS]
