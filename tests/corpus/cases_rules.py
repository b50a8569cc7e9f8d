"""Define cases about rules: forbidden calls under other names, and honest code below an answer with rules."""

from autograder.model import State
from tests.corpus.case import HABITS, HONEST, Case, attacks, harmless_cells, inserted, inside

_HIDES = "hides a forbidden call"
_ANSWER = HONEST["soften"]
_CHAIN = " + ".join(["1"] * 500)


def _later(name: str, source: str) -> Case:
    """Return a case with a right answer, and a cell below it that replaces the answer with a forbidden call."""
    return Case(name, _HIDES, lambda nb, scene: inserted(nb, source, "test_soften"), lost={"soften": State.FORBIDDEN})


_TWICE = "def soften(x): return {call}"
TRICKS = [
    *attacks(
        _HIDES,
        {
            "under the name on masked tensors": _TWICE.format(call="torch.masked.softmax(x, -1)"),
            "under the special name": _TWICE.format(call="torch.special.softmax(x, -1)"),
            "as the operator below": _TWICE.format(call="torch.ops.aten._softmax(x, -1, False)"),
            "as a safe operator": _TWICE.format(call="torch.ops.aten._safe_softmax(x, -1)"),
            "as a private function": _TWICE.format(call="torch._C._VariableFunctions._softmax(x, -1, False)"),
            "as a reference implementation": "import torch._refs\n" + _TWICE.format(call="torch._refs.softmax(x, -1)"),
            "as a layer": _TWICE.format(call="nn.Softmax(-1)(x)"),
            "as a layer for pictures": _TWICE.format(call="nn.Softmax2d()(x.T[None, :, :, None])[0, :, :, 0].T"),
            "as a subclass": "class Own(nn.Softmax): pass\nsoften = Own(-1)",
            "as a private function by a computed name": "def soften(x): return getattr(torch._C._VariableFunctions, '_soft' + str(1)[:0] + 'max')(x, -1, False)",
            "by a star": "from torch.nn.functional import *\ndef soften(x): return softmax(x, -1)",
            "by a method's name as text": "from operator import methodcaller\ncall = methodcaller('softmax', -1)\ndef soften(x): return call(x)",
            "under a cell magic": "%%time\ndef soften(x): return F.softmax(x, -1)",
            "behind a long sum": f"def soften(x): return F.softmax(x, -1) * (({_CHAIN}) / 500)",
            "kept at the top": "kept = nn.Softmax(-1)\ndef soften(x): return kept(x)",
            "kept in a table": "table = {}\ntable['f'] = torch.softmax\ndef soften(x): return table['f'](x, -1)",
            "kept at the top by a computed name": "kept = nn.__dict__['Soft' + str(1)[:0] + 'max'](-1)\ndef soften(x): return kept(x)",
            "its result kept at the top by a computed name": "p = F.__dict__['soft' + str(1)[:0] + 'max'](torch.tensor([1.0, 0.0]).double(), 0)\ne = (p[0] / p[1]).item()\n"
            "def soften(x):\n    y = e ** (x - x.amax(-1, keepdim=True))\n    return y / y.sum(-1, keepdim=True)",
            "put in place at the top": f"{_ANSWER}\nsoften = lambda x: F.softmax(x, -1)",
            "put in place by its name": f"{_ANSWER}\nglobals()['soften'] = lambda x: F.softmax(x, -1)",
        },
        exercise="soften",
        state=State.FORBIDDEN,
    ),
    _later("put in place below", "soften = lambda x: F.softmax(x, -1)"),
    _later(
        "put in place below, under a cell magic",
        "%%capture\nfrom functools import partial\nsoften = partial(torch.softmax, dim=-1)",
    ),
]

_CHECK = "t = torch.randn(2, 3, requires_grad=True)\n"
ASIDES = [
    *(
        inside(name, source, "soften")
        for name, source in {
            "an assert against torch below": f"{_ANSWER}\n{_CHECK}assert torch.allclose(soften(t), F.softmax(t, -1))",
            "torch's layer beside one's own": f"{_ANSWER}\n{_CHECK}theirs = nn.Softmax(-1)(t)\nprint(soften(t) - theirs)",
            "a comparison in a loop": f"{_ANSWER}\nfor n in (2, 3):\n    x = torch.randn(n, n)\n    e = torch.softmax(x, -1)\n"
            "    if not torch.allclose(soften(x), e):\n        print('differs', e)",
            "a check of one's own, called below": f"{_ANSWER}\n{_CHECK}def check(x):\n    return torch.allclose(soften(x), x.softmax(-1))\ncheck(t)",
            "a check by text": f"{_ANSWER}\n{_CHECK}print(eval('soften(t) - F.softmax(t, -1)'))",
            "a gradient below": f"{_ANSWER}\n{_CHECK}soften(t).square().sum().backward()\nprint(t.grad)",
            "a draft above": f"def soften(x):\n    return F.softmax(x, -1)\n\n\n{_ANSWER}",
            "everything of math": "from math import *\n" + _ANSWER.replace("exp()", "sub(log(1)).exp()"),
            "everything of torch.nn": f"from torch.nn import *\nfrom torch.nn.functional import *\n{_ANSWER}",
            "a softmax of one's own over torch's": "from torch.nn.functional import *\n"
            + _ANSWER.replace("soften", "softmax")
            + "\ndef soften(x): return softmax(x)",
            "a question about a type": _ANSWER.replace(
                ":\n", ":\n    if isinstance(x, nn.Softmax) or type(x) is nn.Softmax:\n        raise TypeError\n"
            ),
            "a dtype by its name": "name = 'float' + str(32)\n"
            + _ANSWER.replace("exp()", "to(getattr(torch, name)).exp()"),
            "helpers named as builtins": "def compile(x): return x.exp()\ndef vars(e): return e.sum(-1, keepdim=True)\n"
            "def soften(x):\n    globals = lambda e: e / vars(e)\n    return globals(compile(x - x.amax(-1, keepdim=True)))",
            "a module with a method of that name": "class Own(nn.Module):\n    def softmax(self, x):\n        e = (x - x.amax(-1, keepdim=True)).exp()\n"
            "        return e / e.sum(-1, keepdim=True)\n    def forward(self, x):\n        return self.softmax(x)\nsoften = Own()",
            "a long sum in an answer": f"{_ANSWER} * (({_CHAIN}) / 500)",
        }.items()
    ),
    *harmless_cells(
        HABITS,
        {
            "a draft in a cell above": "def soften(x):\n    return F.softmax(x, -1)",
            "a long sum": f"total = {_CHAIN}",
            "a magic that is cut off": "x = %\\",
        },
        before="soften",
    ),
]

CASES: list[Case] = [*TRICKS, *ASIDES]
