"""A forbidden call is found however it is spelt, and an allowed one is not taken for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.model import Cell
from autograder.submissions.rules import check

RULES = ("nn.Linear", "F.linear", "torch.softmax")


def found(source: str, *others: str, rules=RULES) -> str | None:
    cells = [Cell(f"own-{i}", "own", other) for i, other in enumerate(others)]
    return check("own", rules, [*cells, Cell("own", "solution", source, "own")])


@pytest.mark.parametrize(
    "source",
    [
        "def f(x): return nn.Linear(2, 3)(x)",
        "class Own(nn.Linear): pass",
        "import torch.nn as tn\ndef f(x): return tn.Linear(2, 3)(x)",
        "from torch.nn import Linear as L\ndef f(x): return L(2, 3)(x)",
        "from torch.nn.modules.linear import Linear\ndef f(x): return Linear(2, 3)(x)",
        "layer = nn.Linear\ndef f(x): return layer(2, 3)(x)",
        "a = torch\nb = a.nn\nc = b.Linear\ndef f(x): return c(2, 3)(x)",
        "def f(x, w): return torch.nn.functional.linear(x, w)",
        "def f(x, w): return torch._C._nn.linear(x, w)",
        "def f(x, w): return torch.ops.aten.linear(x, w)",
        "def f(x, w): return torch.ops.aten.linear.default(x, w)",
        "def f(x, w): return getattr(F, 'linear')(x, w)",
        "def f(x, w): return getattr(F, 'lin' + 'ear')(x, w)",
        "def f(x, w): return eval('F.linear')(x, w)",
        "def f(x): return x.softmax(-1)",
        "def f(x): return torch.softmax(x, -1)",
        "from torch.nn.functional import *\ndef f(x, w): return linear(x, w)",
        "import importlib\nfrom importlib import import_module\ndef f(x): return import_module('torch')",
        "%matplotlib inline\ndef f(x, w): return F.linear(x, w)",
    ],
)
def test_every_spelling_is_found(source):
    assert "this exercise is to be solved without nn.Linear" in found(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x, w, b): return x @ w.mT + b",
        "class Linear(nn.Module):\n    def forward(self, x): return self.linear(x)",
        "def linear(x, w): return x @ w\ndef f(x, w): return linear(x, w)",
        "def f(x): return nn.Bilinear(2, 2, 2)(x, x)",
        "def f(x, name): return getattr(x, name)",
        "# F.linear would do this\ndef f(x): return 'nn.Linear'",
        "def f(x: nn.Module): return nn.Parameter(x)",
        "this is not python",
    ],
)
def test_an_allowed_answer_is_left_alone(source):
    assert found(source) is None


def test_a_helper_that_the_answer_uses_counts():
    assert found("def f(x): return helper(x)", "def helper(x): return nn.Linear(2, 3)(x)")
    assert found("def f(x): return one(x)", "def two(x): return F.linear(x, x)", "def one(x): return two(x)")
    assert found("def f(x): return MADE(x)", "MADE = nn.Linear(2, 3)")


def test_what_the_answer_does_not_use_does_not_count():
    assert found("def f(x): return x", "def other(x): return nn.Linear(2, 3)(x)", "nn.Linear(2, 3)") is None


@pytest.mark.parametrize(
    "scratch",
    [
        "x = torch.randn(4, 3)\ny = nn.Linear(3, 2)(x)",
        "for y in [nn.Linear(3, 2)]: print(y)",
        "(x,) = torch.softmax(torch.ones(1, 2), -1)",
        "x = nn.Linear",
        "helper = nn.Linear(3, 2)",
    ],
)
def test_a_scratch_cell_with_the_same_variable_names_costs_nothing(scratch):
    answer = "def f(x, w):\n    y = x @ w.mT\n    helper = y\n    return x.shape, helper"
    assert found(answer, scratch) is None


def test_a_local_alias_is_followed():
    assert found("def f(x):\n    import torch.nn as tn\n    made = tn.Linear\n    return made(2, 3)(x)")
    assert "a cell that the answer uses" in found("def f(x): return one(x)", "def one(x): return F.linear(x, x)")


def test_the_sentence_names_line_and_rule():
    assert found("y = 1\ndef f(x, w): return F.linear(x, w)").startswith("line 2 uses F.linear;")


def test_a_rule_that_names_nothing_is_an_error():
    with pytest.raises(ValueError, match=r"nn\.Liner"):
        found("x = 1", rules=("nn.Liner",))


ESCAPES = {
    "built name": "getattr(nn, 'Lin' + 'ear')(64, 4)",
    "module's dict": "nn.__dict__['Line' 'ar'](64, 4)",
    "type of a built layer": 'type(nn.LazyLinear.cls_to_become)("L", (nn.LazyLinear.cls_to_become,), {})(64, 4)',
    "through a list": "[layer for name, layer in nn.__dict__.items() if name.startswith('Linear')][0](64, 4)",
}


@pytest.mark.parametrize("made", ESCAPES.values(), ids=ESCAPES)
def test_a_call_that_the_text_hides_is_seen_while_it_runs(runner, two_exercises, batch, made):
    answer = f"def learn(x, y):\n    return nn.Sequential(nn.Flatten(), {made})"
    assert broken(runner, two_exercises, batch, answer, ("nn.Linear",)) == {"learn": "nn.Linear"}


def test_operators_and_methods_are_seen_while_they_run(runner, two_exercises, batch):
    for call in ("torch.ops.aten.relu(x)", "x.__getattribute__('re' + 'lu')()", "vars(torch)['relu'](x)"):
        answer = f"def learn(x, y):\n    {call}\n    return nn.Sequential(nn.Flatten(), nn.Linear(64, 4))"
        assert broken(runner, two_exercises, batch, answer, ("torch.relu",)) == {"learn": "torch.relu"}


def test_a_forbidden_layer_inside_an_allowed_one_is_no_forbidden_call(runner, two_exercises, batch):
    answer = "def learn(x, y):\n    nn.TransformerEncoderLayer(4, 2, 8)(torch.zeros(1, 3, 4))\n"
    answer += "    return lambda images: images.flatten(1)[:, :4]"
    assert broken(runner, two_exercises, batch, answer, ("F.linear", "F.relu")) == {}


def broken(runner, chapter, batch, answer, rules):
    cells = [replace(c, rules=rules) if c.exercise == "learn" else c for c in chapter.cells]
    return runner.run([replace(c, source=answer) if c.id == "learn" else c for c in cells], batch).broken_rules
