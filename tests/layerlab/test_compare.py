"""Test what ``lab.compare`` reports, raises, and records, and that it does not crash."""

import math
import sys
from collections import OrderedDict

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from IPython.core.interactiveshell import InteractiveShell
from torch import nn

from layerlab import compare, unfinished
from layerlab.checks.compare import CheckFailed
from tests.layerlab.test_observation import channel as channel  # a fixture


def failure(*args, **options) -> str:
    with pytest.raises(CheckFailed) as caught:
        compare(*args, **options)
    return str(caught.value)


X = torch.randn(3, 4)


# -- passing comparisons ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yours", "expected", "said"),
    [
        (torch.ones(4, 2), torch.ones(4, 2), "shape (4, 2)"),
        (torch.tensor(2.0), torch.tensor(2.0), "shape ()"),
        (torch.empty(0, 3), torch.empty(0, 3), "shape (0, 3)"),
        (torch.tensor([math.nan, math.inf]), torch.tensor([math.nan, math.inf]), "shape (2,)"),
        (torch.tensor([1 + 2j]), torch.tensor([1 + 2j]), "shape (1,)"),
        (torch.tensor([True]), torch.tensor([True]), "shape (1,)"),
        (torch.tensor([2**62], dtype=torch.uint64), torch.tensor([2**62], dtype=torch.uint64), "shape (1,)"),
        (torch.eye(2).to_sparse(), torch.eye(2).to_sparse(), "shape (2, 2)"),
        (np.ones(3), np.ones(3), "shape (3,)"),
        (torch.Size([4, 2]), (4, 2), "(4, 2)"),
        ([4, 2], torch.Size([4, 2]), "(4, 2)"),
        (np.int64(3), 3, "3"),
        (torch.tensor(3), 3, "3"),
        (torch.tensor(0.1), 0.1, "0.1"),
        (math.nan, math.nan, "nan"),
        (math.inf, math.inf, "inf"),
        (np.bool_(True), True, "True"),
        (None, None, "None"),
        ("relu", "relu", "'relu'"),
        ("ValueError", "ValueError", "'ValueError'"),
        (torch.float32, torch.float32, "torch.float32"),
        ((torch.ones(2), [1.0, None]), (torch.ones(2), [1.0, None]), "2 items"),
        (OrderedDict(b=1, a=torch.ones(2)), {"a": torch.ones(2), "b": 1}, "2 entries"),
        ({}, {}, "0 entries"),
        (lambda: X.clamp(min=0), lambda: F.relu(X), "shape (3, 4)"),
    ],
)
def test_equal_values_pass(yours, expected, said, capsys):
    assert compare(yours, expected, "result") is True
    assert capsys.readouterr().out == f"result: as expected, {said}\n"


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128]
)
def test_default_tolerance_matches_torch_testing(dtype):
    expected = torch.randn(50, generator=torch.Generator().manual_seed(0), dtype=torch.float64).add(3).to(dtype)
    resolution = torch.finfo(dtype).resolution
    near = expected * (1 + resolution / 10)
    torch.testing.assert_close(near, expected)
    assert compare(near, expected)
    rtol, _ = {torch.float16: (1e-3, 0), torch.bfloat16: (1.6e-2, 0), torch.float64: (1e-7, 0)}.get(dtype, (1.3e-6, 0))
    assert "largest absolute error" in failure(expected * (1 + 100 * rtol) + 1e-2, expected)


def test_custom_tolerance_is_applied():
    assert compare(torch.tensor([1.0, 2.0]), torch.tensor([1.01, 2.01]), atol=0.1)
    assert compare(1.0, 1.01, rtol=0.1)
    failure(1.0, 1.01, rtol=1e-3)
    failure(torch.tensor([1.0]), torch.tensor([1.0 + 1e-6]), rtol=0, atol=0)


# -- failure messages -------------------------------------------------------------------------------------------------


def test_failure_reports_shape_dtype_index_and_error():
    expected = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    yours = torch.tensor([[1.0, 2.5], [3.0, 14.0]])
    said = failure(yours, expected, "output")
    assert said.startswith("output: shape (2, 2) and float32 as expected, but 2 of 4 values differ")
    assert "the first at [0, 1]: expected 2, got 2.5" in said
    assert "largest absolute error 10" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("yours", "expected", "said"),
    [
        (None, torch.ones(2), "expected a tensor of shape (2,) float32, got None"),
        (torch.ones(2), None, "expected None, got a tensor of shape (2,) float32"),
        (nn.ReLU(), torch.ones(2), "got a ReLU layer"),
        (nn.ReLU, torch.ones(2), "got the class ReLU"),
        ("4", 4, "expected 4, got '4'"),
        (1, True, "expected True, got 1"),
        (True, 1, "expected 1, got True"),
        (4.5, 4, "expected 4, got 4.5"),
        (1j, 1.0, "expected 1.0, got 1j"),
        (10**400, 1.0, "expected 1.0, got 1000"),
        (10**30, 1, "expected 1, got 1000"),
        (torch.tensor(5), 4, "expected 4, got 5"),
        (torch.ones(3), 4, "expected 4, got a tensor of shape (3,) float32"),
        (torch.tensor([math.nan, 1]), torch.tensor([1.0, math.nan]), "all values differ"),
        (torch.tensor([math.inf]), torch.tensor([-math.inf]), "expected -inf, got inf"),
        (torch.empty(0, 3), torch.empty(0, 4), "expected shape (0, 4)"),
        (torch.tensor(1.5), torch.tensor(1.0), "expected 1, got 1.5"),
        (torch.tensor([2**62 + 1]), torch.tensor([2**62]), "expected 4611686018427387904, got 4611686018427387905"),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), "the first at [1]: expected 3, got 2"),
        (torch.tensor([True]), torch.tensor([False]), "expected False, got True"),
        (torch.tensor([1j]), torch.tensor([2j]), "expected 2j, got 1j"),
        (np.ones(2), torch.ones(2), "got a NumPy array of shape (2,) float64"),
        ((1, 2), (1, 3), "expected (1, 3), got (1, 2)"),
        ((torch.ones(2),), (torch.ones(2), None), "expected 2 items, got 1"),
        ((1.0, torch.ones(2)), (1.0, torch.zeros(2)), "item 1: shape (2,) and float32 as expected, but all"),
        ({"a": {"b": 2.0}}, {"a": {"b": 3.0}}, "a['b']: expected 3, got 2"),
        ((1.0, 2.0), (1.0,), "expected 1 item, got 2"),
        ({"w": 1}, {"weight": 1}, "the keys differ: missing 'weight'; not expected 'w'"),
        (3, {"weight": 1}, "expected a dict with the keys 'weight', got 3"),
        (torch.float64, torch.float32, "expected torch.float32, got torch.float64"),
        (torch.ones(3, 4).double(), torch.ones(2, 3), "expected shape (2, 3) float32, got shape (3, 4) float64"),
        (torch.ones(2, 3).double(), torch.ones(2, 3), "expected float32, got float64"),
        (torch.eye(2).to_sparse(), torch.eye(2), "got one of torch.sparse_coo"),
        (torch.tensor([0.33326]), torch.tensor([0.33334]), "expected 0.33334, got 0.33326"),
        (torch.tensor([0.3331]), torch.tensor([0.3334]), "expected 0.3334, got 0.3331"),
        ("no error", "ValueError", "output: expected a ValueError to be raised, got 'no error'"),
        ("TypeError", "IndexError", "expected an IndexError to be raised, got a TypeError"),
        (TypeError("bad"), ValueError, "expected a ValueError to be raised, got a TypeError"),
        (torch.ones(2), "ValueError", "expected a ValueError to be raised, got a tensor of shape (2,)"),
        ("sparse", "dense", "expected 'dense', got 'sparse'"),
        ("sparse", "print", "expected 'print', got 'sparse'"),
        ("ValueError", "dense", "expected 'dense', got 'ValueError'"),
    ],
)
def test_mismatch_message_names_expected_and_actual(yours, expected, said):
    assert said in failure(yours, expected)


def test_gradient_and_parameter_type_are_compared():
    w = nn.Parameter(torch.randn(3, 2))
    assert "no gradient can flow" in failure(lambda: w.detach().exp(), lambda: w.exp())
    assert "plain tensor, not an nn.Parameter" in failure(w.detach().clone(), w)
    assert compare(w.detach().clone(), w.detach())
    assert compare(lambda: w.exp(), w.exp().detach())


def test_in_place_change_is_detected_despite_correct_values():
    x = torch.tensor([-1.0, 2.0])
    said = failure(lambda: x.relu_(), lambda: x.relu(), inputs=x)
    assert "as expected, shape (2,), but your code changed what it was given" in said
    assert "at [0] it was -1 and is 0" in said
    x, state = torch.ones(2), {"h": torch.ones(3)}
    assert "the input 'h'" in failure(lambda: state["h"].zero_().sum(), torch.tensor(0.0), inputs=state)
    assert "input 1: its shape was (2,)" in failure(lambda: x.unsqueeze_(0) * 2, 2 * torch.ones(1, 2), inputs=(3, x))
    x = torch.tensor([math.nan, 1.0])
    assert compare(lambda: x + 1, x + 1, inputs=x)


def test_largest_error_and_hints_are_left_out_when_they_say_nothing():
    said = failure(torch.tensor([1.0, math.nan]), torch.tensor([1.0, 2.0]))
    assert "got nan" in said
    assert "largest absolute error" not in said
    x = torch.linspace(-3, 3, 40)
    assert "if there is dropout" in failure(1.25 * x, x)
    assert "variance" not in failure(0.8 * x, x)


# -- the student's code -----------------------------------------------------------------------------------------------


def test_stub_is_reported_without_raising(capsys):
    def own_linear(x):
        ### BEGIN SOLUTION
        raise NotImplementedError

    assert not compare(lambda: own_linear(1), torch.ones(2), "output of own_linear")
    assert capsys.readouterr().out == "output of own_linear: not implemented yet\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise NotImplementedError()", "not implemented yet: this cell needs own_linear\n"),
        ("raise ValueError('no')", "ValueError"),
        ("torch.empty(2, device='meta').to('cpu')", "NotImplementedError"),
    ],
)
def test_cell_calling_a_stub_shows_no_traceback(line, said, capsys):
    shell = InteractiveShell()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unfinished, "get_ipython", lambda: shell)
        unfinished.say_unfinished()
    shell.run_cell(f"import torch\ndef own_linear(x):\n    {line}")
    capsys.readouterr()
    assert not shell.run_cell("own_linear(1)").success
    printed = capsys.readouterr().out
    assert printed == said if said.endswith("\n") else said in printed and "Traceback" in printed


def test_exception_message_quotes_student_line():
    class Own(nn.Module):
        def forward(self, x):
            return F.linear(x, self.weight)

    said = failure(lambda: Own()(torch.ones(2)), torch.ones(2))
    assert said.startswith("output: AttributeError: 'Own' object has no attribute 'weight', in line ")
    assert "of `forward`: `return F.linear(x, self.weight)`" in said
    assert "__getattr__" not in said
    assert "\n" not in said


class Odd(Exception):
    def __str__(self):
        raise ValueError


def raising(error: BaseException):
    raise error


def endless(x):
    return endless(x)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: (lambda x, y: x)(1), "missing 1 required positional argument: 'y', when the check called your code"),
        (lambda: torch.empty(2, device="meta").to("cpu"), "NotImplementedError"),
        (lambda: F.pad(torch.ones(1, 2), (1, 1), mode="zeros"), "NotImplementedError: "),
        (lambda: sys.exit(3), "SystemExit"),
        (lambda: raising(Odd()), "Odd: its own text cannot be shown"),
        (lambda: raising(ValueError("x" * 300)), f"ValueError: {'x' * 239}…, in line "),
        (lambda: endless(1), "RecursionError"),
    ],
)
def test_exception_of_the_code_is_reported(call, said):
    assert said in failure(call, 1)


# -- the notebook and the grader --------------------------------------------------------------------------------------


def test_ipython_shows_only_the_message_with_the_cell_line(capsys):
    shell = InteractiveShell.instance()
    shell.run_cell("import layerlab as lab, torch\nlab.compare(lambda: torch.ones(2, 3), torch.ones(3, 2))")
    shown = capsys.readouterr().out
    assert "output: expected shape (3, 2) float32, got shape (2, 3) float32" in shown
    assert "Traceback" not in shown
    assert len(shown.strip().splitlines()) == 1
    shell.run_cell("def own(x):\n    y = x\n    return y / 0")
    shell.run_cell("lab.compare(lambda: own(3), 1)")
    assert "ZeroDivisionError: division by zero, in line 3 of `own`: `return y / 0`" in capsys.readouterr().out
    shell.run_cell("own = 1\n@lab.examples\ndef _():\n    own = 2\n    lab.compare(lambda: own, 3, 'size')")
    InteractiveShell.clear_instance()
    shown = capsys.readouterr().out.strip()
    assert shown.startswith("size: expected 3, got 2")
    assert len(shown.splitlines()) == 1
    assert (shell.user_ns["own"], shell.user_ns["_"]) == (1, "")


def test_compare_records_and_continues_under_grader(channel):
    assert compare(torch.ones(2), torch.zeros(2), "output") is False
    assert compare(lambda: 1 / 0, 1, "ratio") is False
    assert compare(3, 3, "size") is True
    assert channel.kinds() == ["check"] * 3
    checked = [(header["what"], header["passed"]) for _, header, _ in channel.sent]
    assert checked == [("output", False), ("ratio", False), ("size", True)]
    assert channel.sent[0][1]["message"].startswith("output: shape (2,) and float32 as expected")
    assert channel.sent[0][1]["exercise"] == "own_linear"


def test_picture_is_drawn_and_its_failure_changes_no_result(monkeypatch, capsys):
    import matplotlib.pyplot as plt

    plt.close("all")
    x = torch.randn(5, 7)
    assert compare(x, x, picture=True)
    assert len(plt.get_fignums()) == 1
    failure(x.T, x, picture=True)
    assert len(plt.get_fignums()) == 2
    failure(None, x, picture=True)
    plt.close("all")
    monkeypatch.setattr("layerlab.figures.target_yours_difference", None)
    assert compare(torch.ones(2), torch.ones(2), "ones", picture=True)
    assert "ones: no figure (TypeError: " in capsys.readouterr().out
