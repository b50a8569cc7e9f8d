"""Test, for any values, that unrelated ones have no cause, right ones pass, and no unexpected exception is raised."""

import contextlib
import math

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from layerlab import Inputs, compare
from layerlab.checks.causes import likely as causes
from layerlab.checks.compare import CheckFailed


def examples(count: int) -> settings:
    """Return settings for this many fixed examples, without a deadline because the machine may be busy."""
    return settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


SHAPES = st.lists(st.integers(1, 6), max_size=4).map(tuple)
FLOATS = st.sampled_from([torch.float32, torch.float64])
COARSE = st.sampled_from([torch.float16, torch.bfloat16, torch.int64, torch.bool])


@examples(250)
@given(SHAPES, st.integers(0, 2**31), st.one_of(FLOATS, COARSE))
def test_unrelated_tensors_get_no_cause(shape, seed, dtype):
    draw = Inputs(seed)
    drawn = [3 * draw.randn(*shape, dtype=dtype if dtype == torch.float64 else torch.float32) for _ in range(2)]
    expected, yours = (x > 0 if dtype == torch.bool else x.to(dtype) for x in drawn)
    if not torch.equal(expected, yours):
        found = causes.find_cause(expected, yours, causes.context_for(expected, yours))
        assert found is None, found


@examples(60)
@given(st.integers(1, 40), st.integers(1, 300), st.integers(1, 20), st.integers(0, 2**31), FLOATS)
def test_right_answer_never_fails(rows, inner, columns, seed, dtype):
    draw = Inputs(seed)
    x, w, b = (draw.randn(*shape, dtype=dtype) for shape in ((rows, inner), (columns, inner), (columns,)))
    assert compare(lambda: torch.einsum("ni,oi->no", x, w) + b, lambda: F.linear(x, w, b), inputs=(x, w, b))
    assert compare(lambda: (x[:, None] * w).sum(-1) + b, lambda: F.linear(x, w, b))
    assert compare(lambda: x.exp() / x.exp().sum(1, keepdim=True), lambda: x.softmax(1))


class _Evil:
    def _fail(self, *_):
        raise RuntimeError("evil")

    __repr__ = __str__ = __eq__ = __len__ = __iter__ = __bool__ = __float__ = __array__ = __getattr__ = _fail
    __hash__ = object.__hash__


class _EvilTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs):
        raise RuntimeError("evil")

    def __repr__(self):
        return "a tensor that fails when it is used"


def _cycle():
    items = []
    items.append(items)
    return items


OBJECTS = [nn.ReLU, nn.Linear(2, 3), len, torch.float16, np.float32, Ellipsis, slice(3), {1, 2}, object()]
DTYPES = [torch.bool, torch.uint8, torch.uint16, torch.bfloat16, torch.complex64, torch.complex32, torch.float8_e4m3fn]
ODD_TENSORS = [
    torch.eye(3).to_sparse(),
    torch.full((3,), math.nan),
    torch.tensor([math.inf, 1]),
    torch.zeros(2, 0),
    torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
    torch.ones(2).as_subclass(_EvilTensor),
    torch.ones(2, 3, device="meta"),
    torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged),
    nn.UninitializedParameter(),
]
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.text(max_size=5))
LEAVES = st.one_of(
    PLAIN,
    st.binary(max_size=5),
    st.sampled_from(OBJECTS),
    st.sampled_from(ODD_TENSORS),
    st.builds(_Evil),
    st.builds(_cycle),
    st.builds(lambda shape, seed: Inputs(seed).randn(*shape), SHAPES, st.integers(0, 99)),
    st.builds(lambda shape, dtype: torch.ones(shape).to(dtype), SHAPES, st.sampled_from(DTYPES)),
    st.builds(lambda shape, dtype: np.ones(shape, dtype=dtype), SHAPES, st.sampled_from(["U3", ">f4", "O", "M8[s]"])),
)
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
    ),
    max_leaves=5,
)


@examples(400)
@given(JUNK, JUNK, JUNK)
def test_junk_raises_only_check_failed(yours, expected, given_in):
    expected = expected if not callable(expected) or isinstance(expected, nn.Module | type | torch.Tensor) else 3
    with contextlib.suppress(CheckFailed):
        assert compare(yours, expected, inputs=given_in) is True
