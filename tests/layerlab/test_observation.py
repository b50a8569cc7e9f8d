"""Test what a claim sends to the grader, what an error costs, and what sampled values depend on."""

import numpy as np
import pytest
import torch
from torch import nn

import layerlab as lab
from layerlab.graded import observation
from layerlab.graded.wire import decode


class FakeChannel:
    """A channel that records everything that a claim would send to a grader."""

    def __init__(self):
        self.sent = []

    def send(self, kind, header, payload=b""):
        self.sent.append((kind, header, payload))

    def ask(self, header):
        return f"asked by {header['exercise']}".encode()

    def kinds(self):
        return [kind for kind, _, _ in self.sent]


@pytest.fixture
def channel():
    fake = FakeChannel()
    observation.listen(fake, seed=7)
    observation.enter("own_linear")
    yield fake
    observation.listen(None)
    observation.enter("")


@pytest.fixture
def notebook(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    observation.listen(None)
    observation.enter("")
    yield
    observation.listen(None)


# -- in a plain notebook --------------------------------------------------------------------------------------------


def test_claims_print_one_line_each_and_reraise_errors_in_a_notebook(notebook, capsys):
    with lab.claim("bias is optional", points=2):
        lab.observe("output", torch.ones(2))
        lab.observe("shape", (2,))
    with pytest.raises(NotImplementedError), lab.claim("not implemented"):
        raise NotImplementedError
    with lab.claim("another"):  # the count starts again
        lab.observe("output", 1)
    assert capsys.readouterr().out == "claim: bias is optional (2 observed)\nclaim: another (1 observed)\n"


def test_plain_nbgrader_autograde_is_rejected(notebook, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(RuntimeError, match=r"autograder\.preprocessor\.JudgeObservations"), lab.claim("output"):
        lab.observe("output", 1)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")  # another of nbgrader's steps
    with lab.claim("output"):
        lab.observe("output", 1)


@pytest.mark.parametrize("graded", [True, False])
def test_observe_requires_an_open_claim(graded, notebook):
    observation.listen(FakeChannel() if graded else None)
    with pytest.raises(RuntimeError, match=r"inside a `with lab\.claim"):
        lab.observe("output", 1)
    with lab.claim("output"):
        pass
    with pytest.raises(RuntimeError, match=r"inside a `with lab\.claim"):
        lab.observe("output", 1)


# -- under the grader -----------------------------------------------------------------------------------------------


def test_claim_sends_its_observations_to_the_grader(channel, capsys, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")  # Without a listener, this is rejected.
    with lab.claim("output", points=3):
        lab.observe("values", torch.ones(2), 5, judge="equal", axis=1, rtol=1e-3)
    kinds, headers, payloads = zip(*channel.sent, strict=True)
    assert kinds == ("claim", "observe", "held")
    assert all(header["exercise"] == "own_linear" and header["claim"] == "output" for header in headers)
    assert headers[0]["points"] == 3
    assert (headers[1]["label"], headers[1]["judge"], headers[1]["count"]) == ("values", "equal", 2)
    assert headers[2]["count"] == 1
    sent = decode(payloads[1])
    assert np.array_equal(sent["values"][0].data, [1, 1])
    assert sent["values"][1] == 5
    assert sent["options"] == {"axis": 1, "rtol": 1e-3}
    assert capsys.readouterr().out == ""


def test_observed_values_are_snapshots(channel):
    x = torch.zeros(2)
    with lab.claim("output"):
        lab.observe("before", x)
        x += 1
        lab.observe("after", x)
    before, after = (decode(payload)["values"][0].data for kind, _, payload in channel.sent if kind == "observe")
    assert before.tolist() == [0, 0]
    assert after.tolist() == [1, 1]


class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no text")


@pytest.mark.parametrize(
    ("error", "name", "text"),
    [
        (NotImplementedError(), "NotImplementedError", ""),
        (ValueError("shapes differ"), "ValueError", "shapes differ"),
        (SystemExit(3), "SystemExit", "3"),
        (MemoryError(), "MemoryError", ""),
        (RecursionError("too deep"), "RecursionError", "too deep"),
        (AssertionError("x" * 9000), "AssertionError", "x" * 500),
        (Unprintable(), "Unprintable", "its own text cannot be shown (ValueError)"),
    ],
)
def test_exception_costs_only_its_claim(channel, error, name, text):
    with lab.claim("first"):
        lab.observe("before", 1)
        raise error
    with lab.claim("second"):
        lab.observe("output", 2)
    assert channel.kinds() == ["claim", "observe", "raised", "claim", "observe", "held"]
    raised = channel.sent[2][1]
    assert (raised["claim"], raised["error"], raised["message"]) == ("first", name, text)
    assert channel.sent[4][1]["claim"] == "second"


def test_keyboard_interrupt_is_not_swallowed(channel):
    with pytest.raises(KeyboardInterrupt), lab.claim("first"):
        raise KeyboardInterrupt
    assert "held" not in channel.kinds()
    with pytest.raises(RuntimeError):
        lab.observe("output", 1)


def test_checks_and_questions_carry_their_exercise(channel):
    observation.record_check("shape", False, "output: wrong")
    assert channel.sent[-1][:2] == (
        "check",
        {"exercise": "own_linear", "claim": None, "what": "shape", "passed": False, "message": "output: wrong"},
    )
    assert observation.ask({"what": "task"}) == b"asked by own_linear"
    assert observation.is_graded()
    observation.listen(None)
    assert not observation.is_graded()
    assert observation.ask({"what": "task"}) is None


# -- draws ----------------------------------------------------------------------------------------------------------


def drawn(claim: str = "output", exercise: str = "own_linear", number: int = 1) -> list[float]:
    """Return the first values drawn by the ``number``-th generator of a claim."""
    observation.enter(exercise)
    with lab.claim(claim):
        for _ in range(number):
            draw = lab.inputs()
        return draw.randn(4).tolist()


def test_draws_ignore_global_random_state_and_dtype(channel):
    first = drawn()
    torch.manual_seed(3)
    torch.randn(1000)
    np.random.seed(3)
    torch.set_default_dtype(torch.float64)
    try:
        assert drawn() == first
    finally:
        torch.set_default_dtype(torch.float32)


def test_draws_leave_global_random_state_unchanged(channel):
    torch.manual_seed(3)
    expected = torch.randn(4)
    torch.manual_seed(3)
    drawn()
    draw = lab.inputs()
    draw.fill(nn_with_parameters := nn.ParameterList([torch.zeros(3)]))
    draw.permutation(5), draw.size(1, 4), draw.rand(3), draw.uniform(0, 1)
    assert torch.equal(torch.randn(4), expected)
    assert nn_with_parameters[0].abs().sum() > 0


def test_draws_differ_by_claim_exercise_number_and_seed(channel):
    variants = [drawn(), drawn("bias"), drawn(exercise="own_relu"), drawn(number=2)]
    observation.listen(channel, seed=8)
    variants.append(drawn())
    observation.listen(None)
    variants.append(drawn())
    assert len({tuple(v) for v in variants}) == len(variants)
    drawn("another", number=3)  # It does not affect the claim that follows.
    assert drawn() == variants[-1]


def test_inputs_respect_shapes_dtypes_and_ranges_with_different_sizes():
    draw = lab.Inputs(0)
    assert draw.randn().shape == draw.rand().shape == ()
    assert draw.randn(2, 3).dtype == torch.float32
    assert draw.randn(2, dtype=torch.float64).dtype == torch.float64
    values = draw.rand(1000, low=2.0, high=3.0)
    assert values.min() >= 2
    assert values.max() < 3
    whole = draw.integers(2, 4, 1000)
    assert whole.dtype == torch.int64
    assert set(whole.tolist()) == {2, 3, 4}
    assert {draw.size(2, 4) for _ in range(100)} == {2, 3, 4}
    assert sorted(draw.permutation(5).tolist()) == [0, 1, 2, 3, 4]
    assert {draw.choice("ab") for _ in range(50)} == {"a", "b"}
    assert 0 <= draw.uniform(0, 1) <= 1
    for _ in range(50):
        sizes = draw.sizes(3, 2, 5)
        assert len(set(sizes)) == 3
        assert all(2 <= size <= 5 for size in sizes)
    with pytest.raises(ValueError, match="fewer than 5"):
        draw.sizes(5, 2, 5)


def test_fill_depends_on_parameter_names_not_order_or_dtype():
    zeros = {"weight": torch.zeros(2, 3), "bias": torch.zeros(2)}
    one = lab.Inputs(5).fill(nn.ParameterDict(zeros))
    other = lab.Inputs(5).fill(nn.ParameterDict({name: zeros[name].double() for name in ("bias", "weight")}))
    assert [name for name, _ in other.named_parameters()] == ["bias", "weight"]
    assert all(torch.equal(value, other[name].float()) for name, value in one.items())
    assert one.weight.requires_grad
    assert one.weight.grad_fn is None
    assert len(one.weight.unique()) == 6


def test_draws_are_recorded_when_asked(channel):
    observation.listen(channel, record_draws=True)
    with lab.claim("output"):
        x = lab.inputs().randn(3)
    assert channel.kinds() == ["claim", "drawn", "held"]
    assert np.array_equal(decode(channel.sent[1][2]).data, x.numpy())
