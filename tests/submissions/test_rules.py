"""Test that forbidden calls are detected in every spelling, and that allowed calls are accepted."""

from dataclasses import replace

import pytest

from autograder.model import Cell
from autograder.submissions.rules import Answers, check, with_reached
from tests.changed_answers import with_answer
from tests.corpus import cases_listed

RULES = ("nn.Linear", "F.linear", "torch.softmax")
SPELLED = cases_listed.spelled("seen in the text")


def found(source: str, *others: str, rules=RULES, stub: str = "") -> str | None:
    cells = [Cell(f"own-{i}", "own", other) for i, other in enumerate(others)]
    return check("own", rules, [*cells, Cell("own", "solution", source, "own")], stub)


@pytest.mark.parametrize(
    "source",
    [
        "from torch.nn.modules.linear import Linear\ndef f(x): return Linear(2, 3)(x)",
        "a = torch\nb = a.nn\nc = b.Linear\ndef f(x): return c(2, 3)(x)",
        "def f(x, w): return torch.ops.aten.linear.default(x, w)",
        "import importlib\nfrom importlib import import_module\ndef f(x): return import_module('torch')",
        "%matplotlib inline\ndef f(x, w): return F.linear(x, w)",
        "def f(x):\n    import torch.nn as tn\n    made = tn.Linear\n    return made(2, 3)(x)",
    ],
)
def test_every_spelling_of_a_forbidden_call_is_detected(source):
    assert "solve this exercise without nn.Linear" in found(source)


@pytest.mark.parametrize("name", SPELLED)
def test_listed_spelling_is_detected(name):
    assert "solve this exercise without F.softmax" in found(SPELLED[name], rules=("F.softmax",))


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
        "from math import *\ndef f(x): return x * log(2)",
        "from torch.nn import *\ndef f(x): return Bilinear(2, 2, 2)(x, x)",
        "def f(x): return isinstance(x, nn.Linear) or type(x) is nn.Linear or type(x) in (nn.Linear, nn.Bilinear)",
        "def f(x: nn.Linear) -> nn.Linear:\n    match x:\n        case nn.Linear(): return x",
        "def f(x, name='float32'): return x.to(getattr(torch, name))",
        "def compile(x): return x\ndef vars(x): return compile(x)\ndef f(x, globals): return vars(globals(x))",
        "class f(nn.Module):\n    def softmax(self, x): return x\n    def forward(self, x): return self.softmax(x)",
        "from torch.nn.functional import *\ndef linear(x, w): return x @ w\ndef f(x, w): return linear(x, w)",
        "def f(x): return nn.Tanh()(torch.logsumexp(x, -1))",
    ],
)
def test_allowed_answer_is_accepted(source):
    assert found(source) is None


def test_helper_used_by_the_answer_counts():
    said = found("def f(x): return helper(x)", "def helper(x): return nn.Linear(2, 3)(x)")
    assert "a cell that the answer uses" in said
    assert found("def f(x): return one(x)", "def two(x): return F.linear(x, x)", "def one(x): return two(x)")
    assert found("def f(x): return MADE(x)", "MADE = nn.Linear(2, 3)")


@pytest.mark.parametrize(
    "scratch",
    [
        "x = torch.randn(4, 3)\ny = nn.Linear(3, 2)(x)",
        "for y in [nn.Linear(3, 2)]: print(y)",
        "(x,) = torch.softmax(torch.ones(1, 2), -1)",
        "x = nn.Linear",
        "helper = nn.Linear(3, 2)",
        "def other(x): return nn.Linear(2, 3)(x)",
        "nn.Linear(2, 3)",
    ],
)
def test_scratch_cell_does_not_count_even_if_it_shares_names(scratch):
    answer = "def f(x, w):\n    y = x @ w.mT\n    helper = y\n    return x.shape, helper"
    assert found(answer, scratch) is None


STUB = "def f(x, w):\n    raise NotImplementedError()"
BELOW = """def f(x, w): return x @ w.mT
x = torch.ones(2, 3, requires_grad=True)
"""


@pytest.mark.parametrize(
    "looked",
    [
        "assert torch.allclose(f(x, x), F.linear(x, x))",
        "expected = torch.softmax(x, -1)\nprint(expected)",
        "for layer in [nn.Linear(3, 2)]:\n    y = layer(x)\n    assert y.shape",
        "with torch.no_grad():\n    y = nn.Linear(3, 2)(x)",
        "def check(): return F.linear(x, x) - f(x, x)\ncheck()",
        "print(eval('F.linear(x, x)'))",
        "nn.Linear",
        "torch.softmax(f(x, x), -1).sum().backward()",
    ],
)
def test_code_only_checking_the_answer_does_not_count(looked):
    assert found(BELOW + looked, stub=STUB) is None
    assert found(BELOW, looked, stub=STUB) is None


@pytest.mark.parametrize(
    "made",
    [
        "call = nn.Linear(3, 2)\ndef f(x): return call(x)",
        "calls = {}\ncalls['f'] = F.linear\ndef f(x, w): return calls['f'](x, w)",
        "calls = []\nfor call in (F.linear,):\n    calls.append(call)\ndef f(x, w): return calls[0](x, w)",
        "if True:\n    from torch.nn.functional import linear as product\ndef f(x, w): return product(x, w)",
        "def f(x, w): return x @ w.mT\nf = F.linear",
        "class f(nn.Module):\n    def forward(self, x): return x\nf.forward = lambda self, x: x.softmax(-1)",
        "def f(x, w): return x @ w.mT\nsetattr(f, '__code__', (lambda x, w: F.linear(x, w)).__code__)",
        "def f(x, w): return x @ w.mT\nglobals()['f'] = F.linear",
        "def f(x, w): return x @ w.mT\nexec('f = F.linear')",
        "def made(call):\n    return lambda x, w: call(x, w)\nf = made(F.linear)",
        "F.relu = F.linear\ndef f(x, w): return F.relu(x, w)",
    ],
)
def test_code_building_the_answer_counts(made):
    assert found(made, stub=STUB)


def test_replaced_draft_does_not_count():
    assert found("def f(x, w): return F.linear(x, w)\ndef f(x, w): return x @ w.mT") is None
    assert found("def f(x, w): return x @ w.mT", "def f(x, w): return F.linear(x, w)") is None


def test_later_cell_replacing_the_answer_counts_before_test():
    answer, below = Cell("own", "solution", BELOW, "own"), Cell("own-1", "own", "f = F.linear")
    test = Cell("test", "hidden", "f(1)", "own")
    assert check("own", RULES, [answer, below, test])
    assert check("own", RULES, [answer, test, below]) is None


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("torch.masked.softmax(x, -1)", "line 1 uses torch.masked.softmax"),
        ("torch.ops.aten._softmax.out(x, -1, False, out=x)", "torch.ops.aten._softmax (torch.softmax by another name)"),
        ("torch._C._nn.linear(x, x)", "F.linear"),
        ("torch._refs.nn.functional.linear(x, x)", "F.linear"),
        ("nn.modules.linear.NonDynamicallyQuantizableLinear(2, 3)(x)", "NonDynamicallyQuantizableLinear (nn.Linear by"),
        ("torch.ao.nn.qat.Linear(2, 3)(x)", "nn.Linear"),
        ("nn.LazyLinear(3)(x)", "torch.nn.LazyLinear (nn.Linear by another name)"),
    ],
)
def test_aliases_of_forbidden_calls_are_detected_and_named(call, said):
    assert said in found(f"def f(x): return {call}")


def test_gradient_calls_are_detected_under_any_name():
    rules = ("torch.autograd.grad", "torch.Tensor.backward")
    calls = ["torch.ops.aten.linear_backward(x, x, x, [1, 1, 1])", "x.grad_fn(x)", "x.sum().backward()"]
    calls += ["torch.func.vjp(f, x)", "torch.autograd.functional.vjp(f, x)", "torch.nn.grad.conv2d_input(x, x, x)"]
    for call in calls:
        assert found(f"def f(x): return {call}", rules=rules), call
    own = "class f(torch.autograd.Function):\n    @staticmethod\n"
    own += "    def forward(ctx, x): ctx.save_for_backward(x); return x\n"
    assert found(own + "    @staticmethod\n    def backward(ctx, g): return f.backward(ctx, g)", rules=rules) is None


@pytest.mark.parametrize("module", ["torch.optim.sgd", "nn.init", "nn.utils.prune"])
def test_rule_naming_a_module_or_nothing_is_an_error(module):
    with pytest.raises(ValueError, match=rf"'{module}' names a module: write what in it is not allowed, {module}\.\w+"):
        found("x = 1", rules=(module,))
    with pytest.raises(ValueError, match=r"nn\.Liner"):
        found("x = 1", rules=("nn.Liner",))


@pytest.mark.parametrize(
    "answer",
    [
        "def f(x): return torch.nn.utils.prune.l1_unstructured(x, 'weight', 1)",
        "from torch.nn.utils import prune\ndef f(x): return prune.l1_unstructured(x, 'weight', 1)",
        "import torch.nn.utils.prune as p\ndef f(x): return p.l1_unstructured(x, 'weight', 1)",
        "from torch.nn.utils.prune import *\ndef f(x): return l1_unstructured(x, 'weight', 1)",
    ],
)
def test_rule_may_name_a_module_not_imported_automatically(answer):
    rules = ("torch.nn.utils.prune.l1_unstructured",)
    assert "prune.l1_unstructured" in found(answer, rules=rules)
    assert found("from torch.nn.utils import prune\ndef f(x): return prune.identity(x, 'weight')", rules=rules) is None


PRUNE = "torch.nn.utils.prune"  # not imported by torch itself
LATE_PRUNE = (
    "from torch.nn.utils import prune\n    getattr(prune, 'l1_' + str('unstructured'))(nn.Linear(64, 4), 'weight', 1)"
)
RUNS = [
    ("nn.Linear", 'type(nn.LazyLinear.cls_to_become)("L", (nn.LazyLinear.cls_to_become,), {})(64, 4)', "nn.Linear"),
    ("nn.Linear", "[one for name, one in nn.__dict__.items() if name.startswith('Linear')][0](64, 4)", "nn.Linear"),
    ("torch.relu", "torch.ops.aten.relu(x)", "torch.relu"),
    ("torch.relu", "getattr(torch, 'rel' + str('u_'))(x)", "relu_ (torch.relu by another name)"),
    ("torch.relu", "getattr(x, 'rel' + str('u_'))()", "relu_ (torch.relu by another name)"),
    ("torch.relu", "getattr(nn, 'Re' + str('LU'))()(x)", "ReLU (torch.relu by another name)"),
    ("torch.relu", "getattr(torch.ops.aten, 'rel' + str('u_'))(x)", "relu_ (torch.relu by another name)"),
    (f"{PRUNE}.l1_unstructured", "pass", ""),
    (f"{PRUNE}.l1_unstructured", LATE_PRUNE, f"{PRUNE}.l1_unstructured"),
    # These share code with what the rule forbids.
    ("nn.Tanhshrink", "nn.Tanh()(x)", ""),
    ("nn.LogSigmoid", "nn.Sigmoid()(x)", ""),
    ("nn.Softmax2d", "type('Own', (nn.Module,), {})()", ""),
    ("F.fractional_max_pool2d", "F.max_pool2d(x, 2)", ""),
    # An allowed layer may use a forbidden call.
    ("F.linear F.relu", "nn.TransformerEncoderLayer(4, 2, 8)(torch.zeros(1, 3, 4))", ""),
]


@pytest.mark.parametrize(("rules", "call", "seen"), RUNS)
def test_call_is_judged_at_runtime(runner, two_exercises, batch, rules, call, seen):
    answer = f"def learn(x, y):\n    {call}\n    return lambda images: images.flatten(1)[:, :4]"
    cells = with_answer(two_exercises, "learn", answer, rules=tuple(rules.split()))
    assert runner.run(cells, batch).broken_rules == ({"learn": seen} if seen else {})


def test_only_lines_of_the_answer_count_at_runtime(runner, two_exercises, batch):
    made = "kept = getattr(nn, 'Lin' + str('ear'))(64, 4)\ndef learn(x, y): return nn.Sequential(nn.Flatten(), kept)"
    looked = "def learn(x, y): return lambda images: images.flatten(1)[:, :4]\n"
    looked += "other = getattr(nn, 'Lin' + str('ear'))(64, 4)"
    for answer, seen in ((made, {"learn": "nn.Linear"}), (looked, {})):
        cells = with_answer(two_exercises, "learn", answer, rules=("nn.Linear",))
        exercises = [replace(e, rules=("nn.Linear",)) for e in two_exercises.exercises if e.name == "learn"]
        assert runner.run(with_reached(exercises, Answers(cells)), batch).broken_rules == seen
