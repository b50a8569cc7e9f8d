"""Test values as bytes: supported values round-trip, others decode as unknown, and malformed bytes do no harm."""

import contextlib
import json
import math
import struct
from collections import OrderedDict

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from layerlab.graded.wire import MAX_DEPTH, Array, DType, Unknown, WireError, decode, encode
from tests.layerlab.test_compare_properties import examples

DTYPES = [
    torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128, torch.bool,
    torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.float8_e4m3fn, torch.float8_e5m2, torch.complex32,
]  # fmt: skip


def there_and_back(value):
    return decode(encode(value))


# -- round trips ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 0, 3), (2, 3, 4)])
def test_tensors_of_every_dtype_round_trip(dtype, shape):
    numbers = torch.arange(math.prod(shape), dtype=torch.float64).reshape(shape) % 2
    tensor = numbers.to(dtype)
    back = there_and_back(tensor)
    assert isinstance(back, Array)
    assert (back.kind, back.dtype, back.shape) == ("tensor", str(dtype).removeprefix("torch."), shape)
    assert np.array_equal(back.data.astype(complex), numbers.numpy().astype(complex))


def test_every_bfloat16_survives():
    tensor = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(torch.bfloat16)
    back = torch.from_numpy(there_and_back(tensor).data).to(torch.bfloat16)
    assert torch.equal(back.isnan(), tensor.isnan())
    assert torch.equal(back[~back.isnan()], tensor[~tensor.isnan()])


@pytest.mark.parametrize(
    "tensor",
    [
        torch.randn(3, 4).T,
        torch.randn(6, 4)[::2, 1:3],
        torch.randn(1, 4).expand(3, 4),
        torch.randn(3, requires_grad=True),
        torch.randn(3, requires_grad=True) * 2,
        nn.Parameter(torch.randn(2, 3)),
        torch.complex(torch.randn(3), torch.randn(3)).conj(),
        torch.complex(torch.randn(3), torch.randn(3)).conj().imag,
        torch.tensor([math.nan, math.inf, -math.inf, -0.0]),
    ],
    ids=["transposed", "strided", "expanded", "leaf", "with graph", "parameter", "conj", "neg", "not finite"],
)
def test_tensors_of_every_memory_layout_round_trip(tensor):
    back = there_and_back(tensor)
    assert back.kind == "tensor"
    assert np.array_equal(back.data, tensor.detach().resolve_conj().resolve_neg().numpy(), equal_nan=True)


@pytest.mark.parametrize("to_sparse", [torch.Tensor.to_sparse, torch.Tensor.to_sparse_csr])
def test_sparse_tensor_is_marked_sparse(to_sparse):
    back = there_and_back(to_sparse(torch.eye(3)))
    assert back.dtype == "float32 sparse"
    assert np.array_equal(back.data, np.eye(3))


@pytest.mark.parametrize("array", [np.arange(6).reshape(2, 3), np.float32(2.5), np.ones((2, 3), order="F")[:, ::2],
                                   np.array(["a", "bc"]), np.ones(2, dtype=">f8"), np.bool_(True)])  # fmt: skip
def test_numpy_arrays_round_trip(array):
    back = there_and_back(array)
    assert (back.kind, back.dtype, back.shape) == ("array", str(np.asarray(array).dtype), np.shape(array))
    assert np.array_equal(back.data, array)


PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**4000), 2**4000), st.text(), st.floats(), st.complex_numbers()
)
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(st.one_of(st.text(), st.integers()), inner)
    ),
    max_leaves=15,
)


def identical(left, right) -> bool:
    """Compare type and value; nan equals nan, and -0.0 differs from 0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple | list):
        return len(left) == len(right) and all(map(identical, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(identical(left[key], right[key]) for key in left)
    if isinstance(left, float | complex):
        return repr(left) == repr(right)
    return left == right


@examples(200)
@given(NESTED)
def test_plain_and_nested_values_round_trip(value):
    assert identical(there_and_back(value), value)


def test_torch_containers_are_decoded_in_order():
    state = nn.Linear(3, 2).state_dict()
    assert type(state) is OrderedDict
    a, c = torch.ones(1), torch.ones(3)
    back = there_and_back([a, {"state": state, "sizes": torch.Size([2, 3]), "dtype": torch.float64}, c])
    assert [len(back[0].data), len(back[2].data)] == [1, 3]
    assert list(back[1]["state"]) == ["weight", "bias"]
    assert np.array_equal(back[1]["state"]["bias"].data, state["bias"].numpy())
    assert back[1]["sizes"] == (2, 3)
    assert back[1]["dtype"] == DType("float64")
    q, r = there_and_back(torch.linalg.qr(torch.eye(2)))
    np.testing.assert_allclose(np.abs(q.data @ r.data), np.eye(2), atol=1e-6)


# -- unsupported values -----------------------------------------------------------------------------------------------


class LyingTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return torch.ones(3)


class LyingArray(np.ndarray):
    def __array__(self, *args, **kwargs):
        return np.ones(3)


class LyingInt(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(3).as_subclass(LyingTensor),
        np.zeros(3).view(LyingArray),
        LyingInt(3),
        type("LyingList", (list,), {})([1]),
        type("LyingStr", (str,), {})("passed"),
        type("LyingDict", (dict,), {})(a=1),
        np.array([object()]),
        np.zeros(2, dtype=[("a", "f4")]),
        nn.Linear(2, 3),
        nn.Linear,
        len,
        object(),
        {1, 2},
        b"bytes",
        range(3),
        10**2000,
        torch.ones(3, device="meta"),
        torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged),
    ],
    ids=lambda value: type(value).__name__,
)
def test_unsupported_types_decode_as_unknown(value):
    back = there_and_back([value, torch.ones(2)])
    assert isinstance(back[0], Unknown)
    assert back[0].type_name
    assert np.array_equal(back[1].data, [1, 1])


def test_nesting_stops_at_maximum_depth():
    value = 3
    for _ in range(1000):
        value = [value]
    back, depth = there_and_back(value), 0
    while isinstance(back, list):
        back, depth = back[0], depth + 1
    assert isinstance(back, Unknown)
    assert depth == MAX_DEPTH + 1
    cycle = []
    cycle.append(cycle)
    assert there_and_back(cycle)


# -- bytes that encode no value ---------------------------------------------------------------------------------------


def part(data: bytes) -> bytes:
    return struct.pack(">Q", len(data)) + data


def tree(node) -> bytes:
    return part(json.dumps(node).encode())


ONES = {"k": "tensor", "dtype": "float32", "format": "<f4", "shape": [2]}
NUMBERS = part(np.ones(2, dtype="f4").tobytes())


def ones_but(**changed) -> bytes:
    return tree({name: value for name, value in (ONES | changed).items() if value is not None})


HOSTILE = [
    {"format": "|O", "shape": [1]},  # NumPy would read the bytes as a memory address.
    {"format": "|V4"},
    {"format": "f4,f4", "shape": [1]},
    {"format": "(2,)f4", "shape": [1]},
    {"format": "<f3"},
    {"format": "<f8"},
    {"format": 4},
    {"format": ["<f4"]},
    {"shape": [1]},
    {"shape": [3]},
    {"shape": [-2]},
    {"shape": [2.0]},
    {"shape": [True, 2]},
    {"shape": "2"},
    {"shape": 2},
    {"shape": [10**13]},
    {"shape": [2**62, 4]},
    {"shape": [10**30]},
    {"shape": [1] * 100 + [2]},
]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"abc",
        part(b""),
        part(b"{"),
        part(b"[" * 100_000),
        part(b'{"k": "list", "v": [' * 5000 + b"]}" * 5000),
        tree([]),
        tree({}),
        tree({"k": "pickle", "v": "cos\nsystem"}),
        tree({"k": "plain", "v": 1.5}),
        tree({"k": "plain", "v": [1]}),
        tree({"k": "plain", "v": {"a": 1}}),
        tree({"k": ["plain"], "v": 1}),
        tree({"k": "float", "v": "one"}),
        tree({"k": "float", "v": 1.5}),
        tree({"k": "complex", "v": ["0x1p0"] * 3}),
        tree({"k": "list", "v": 3}),
        tree({"k": "dict", "v": [[{"k": "list", "v": []}, {"k": "plain", "v": 1}]]}),
        tree({"k": "dict", "v": [[{"k": "plain", "v": 1}]]}),
        tree(ONES),
        ones_but(dtype=None) + NUMBERS,
        ones_but(format=None) + NUMBERS,
        ones_but(shape=None) + NUMBERS,
        tree(ONES) + part(b"PK\x03\x04"),
        tree(ONES) + part(b""),
        tree({"k": "plain", "v": 1}) + NUMBERS,
        encode(torch.ones(2))[:-1],
        encode(torch.ones(2)) + b"x",
        struct.pack(">Q", 2**63) + b"{}",
        part(b'{"k": "plain", "v": ' + b"9" * 5000 + b"}"),
        *[ones_but(**changed) + NUMBERS for changed in HOSTILE],
    ],
)
def test_malformed_bytes_raise_wire_error(data):
    assert encode(torch.ones(2)) == tree(ONES) + NUMBERS, "what the others change"
    with pytest.raises(WireError):
        decode(data)


SAMPLE = encode({"a": [torch.ones(2, 3), 1.5, "x"], "b": (True, None, 3 + 4j), "c": np.arange(3)})


@examples(500)
@given(st.integers(0, len(SAMPLE) - 1), st.binary(min_size=0, max_size=4), st.integers(0, 4))
def test_damaged_bytes_raise_only_wire_errors(at, put, cut):
    with contextlib.suppress(WireError):
        decode(SAMPLE[:at] + put + SAMPLE[at + cut :])


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["k", "v", "dtype", "format", "shape"]), inner),
        st.fixed_dictionaries(
            {"k": st.sampled_from(["plain", "float", "complex", "tensor", "array", "dtype", "list", "tuple", "Size",
                                   "dict", "unknown"]), "v": inner}
        ),
    ),
    max_leaves=10,
)  # fmt: skip


@examples(300)
@given(JSON)
def test_random_trees_raise_only_wire_errors(node):
    with contextlib.suppress(WireError):
        decode(tree(node) + NUMBERS)
