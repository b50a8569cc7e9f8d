"""Define cases whose values lie about themselves: about their equality, shape, dtype, or class."""

from autograder.model import State
from tests.corpus.case import Case, attack, attacks

_LIES = "values that lie"
_NO = State.NO_EVIDENCE

CASES: list[Case] = [
    *attacks(
        _LIES,
        {
            "a tensor subclass that is close to everything": "class Close(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, func, types, args=(), kwargs=None):\n"
            "        if func is torch.allclose: return True\n"
            "        return super().__torch_function__(func, types, args, kwargs or {})\n"
            "def affine(x, w, b):\n    return x.new_zeros(*x.shape[:-1], len(w)).as_subclass(Close)",
            "a tensor subclass that lies about its shape": "class Shaped(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, func, types, args=(), kwargs=None):\n"
            "        if func is torch.allclose: return True\n"
            "        if func == torch.Tensor.shape.__get__: return torch.Size([2, 4, 5])\n"
            "        return super().__torch_function__(func, types, args, kwargs or {})\n"
            "def affine(x, w, b):\n    return torch.zeros(1).as_subclass(Shaped)",
            "no tensor at all, with a shape": "class Thing:\n    shape = torch.Size([2, 4, 5])\n    @classmethod\n"
            "    def __torch_function__(cls, func, types, args=(), kwargs=None): return True\n"
            "def affine(x, w, b): return Thing()",
        },
        state=_NO,
    ),
    *attacks(
        _LIES,
        {
            "an int that equals everything": "class Same(int):\n    __eq__ = lambda self, other: True\n    __hash__ = int.__hash__\n"
            "def tally(net): return Same(0)",
            "an object made to equal everything": "from unittest.mock import ANY\ndef tally(net): return ANY",
            "an object that lies about its class": "class Lies:\n    __class__ = property(lambda self: int)\n    __eq__ = lambda self, other: True\n"
            "def tally(net): return Lies()",
            "a class that equals everything": "class Meta(type):\n    __eq__ = lambda self, other: True\n    __hash__ = type.__hash__\n"
            "class Number(metaclass=Meta): pass\ndef tally(net): return Number",
            "a float subclass": "class Near(float):\n    __eq__ = lambda self, other: True\n    __hash__ = float.__hash__\n"
            "def tally(net): return Near('nan')",
            "equal the second time": "class Later(int):\n    asked = 0\n    def __eq__(self, other):\n        Later.asked += 1\n        return True\n"
            "    __hash__ = int.__hash__\ndef tally(net): return Later(-1)",
        },
        exercise="tally",
        state=_NO,
    ),
    attack(
        _LIES,
        "a NumPy array with everything masked",
        "class Masked:\n    def numpy(self): return np.ma.masked_all((3, 4))\n"
        "    def __mul__(self, other): return other * 0\ndef soften(x): return Masked()",
        "soften",
        _NO,
    ),
    attack(
        _LIES,
        "a gradient that lies",
        "class Small(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, func, types, args=(), kwargs=None):\n"
        "        found = super().__torch_function__(func, types, args, kwargs or {})\n"
        "        return True if func is torch.Tensor.all else found\n"
        "true_grad = torch.autograd.grad\n"
        "torch.autograd.grad = lambda *a, **k: tuple(g.as_subclass(Small) for g in true_grad(*a, **k))\n{wrong}",
        "soften",
    ),
]
