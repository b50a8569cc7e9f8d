"""Test that `validate` detects parameters that have no test or no effect."""

import pytest
import torch
from torch import nn

from autograder.sandbox.inside import passed_arguments
from autograder.validation.parameters import Parameter, parameters
from tests.validation.test_validate import CLAIM, VARIANTS, chapter, checked
from tests.validation.test_validate import runner as runner  # a fixture

KEYWORD = 'def scaled(x, factor=2.0, *, shift=1.0):\n    """Return it."""\n    return x * factor + shift'
ALWAYS_THREE = """\
with lab.claim("values", points=2):
    draw = lab.inputs()
    x = draw.randn(*draw.sizes(2, 2, 9))
    lab.observe("a factor of three", scaled(x, 3.0))
"""
BOTH_PASSED = ALWAYS_THREE.replace("3.0", "draw.uniform(3, 4), draw.uniform(3, 4)")


def row(report):
    (found,) = [row for row in report.rows if row.graded == "parameters"]
    return found


def test_released_signature_parameters_are_all_listed():
    stub = (
        "class Layer:\n    def __init__(self, n, *sizes, bias=True, **rest): ...\n    @staticmethod\n    def of(x): ..."
    )
    helper = "\n\ndef helper(unseen):\n    return unseen"
    (exercise,) = chapter(solution=stub + helper, stub=stub).exercises
    own = [("n", ""), ("bias", "True"), ("sizes", ""), ("rest", "")]
    wanted = [Parameter("Layer.__init__", *one) for one in own] + [Parameter("Layer.of", "x", "")]
    assert parameters(exercise) == wanted


NEVER_PASSED = "always takes 1.0 for `shift`", "### equivalent: `scaled(shift=1.0)`"
ALWAYS_THE_SAME = "passes the same `factor`", "### equivalent: `scaled(factor)`"


@pytest.mark.parametrize(
    ("solution", "hidden", "got", "sentences"),
    [
        (KEYWORD, CLAIM, "2 of 3", NEVER_PASSED),
        ("def scaled(x, factor=2.0, shift=1.0):\n    return x * factor + 1", BOTH_PASSED, "2 of 3", ["`shift`"]),
        ("def scaled(x, factor):\n    return x * factor + 1", ALWAYS_THREE, "1 of 2", ALWAYS_THE_SAME),
    ],
)
def test_untested_parameter_is_a_miss(runner, solution, hidden, got, sentences):
    report = row(checked(runner, solution=solution, stub=solution, hidden=hidden))
    (miss,) = report.misses
    assert report.got == got
    assert all(sentence in miss for sentence in sentences)


def test_parameter_listed_as_equivalent_is_not_a_miss(runner):
    taken = "def scaled(x, factor=2.0, out=None):\n    return x * factor + 1"
    listed = VARIANTS + "### equivalent: `scaled(out=None)`\nThe statement says that out is ignored.\n"
    report = checked(runner, listed, solution=taken, stub=taken)
    assert row(report).misses == []
    assert not [miss for miss in report.misses if "out" in miss]


def test_listed_equivalent_parameter_is_stale_when_tested(runner):
    listed = VARIANTS + "### equivalent: `scaled(factor=2.0)`\nIt is ignored.\n"
    (miss,) = row(checked(runner, listed)).misses
    assert miss.startswith("stale: `scaled(factor=2.0)`")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (nn.Linear(2, 2), nn.Linear(2, 2), False),
        (nn.Parameter(torch.ones(2)), nn.Parameter(torch.zeros(2)), False),
        (nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2)), True),
        ([1, {"a": nn.ReLU()}], [1, {"a": nn.Tanh()}], False),
        ([1, {"a": nn.ReLU()}], [1, {"a": nn.ReLU()}], True),
        (torch.eye(2).to_sparse(), torch.zeros(2, 2).to_sparse(), False),
        *[(lambda x, n=n: x + n, lambda x, n=m: x + n, n == m) for n, m in ((1, 1), (1, 2))],
        (torch.relu, torch.relu, True),
        (nn.ReLU, nn.Tanh, False),
        (b"one", b"other", False),
        (b"one", b"one", True),
        (torch.Generator().manual_seed(1), torch.Generator().manual_seed(2), False),
    ],
)
def test_digest_distinguishes_values(one, other, is_same):
    assert (
        passed_arguments._digest(one, passed_arguments.DEPTH) == passed_arguments._digest(other, passed_arguments.DEPTH)
    ) is is_same
