"""Values as bytes: everything that travels comes back, nothing else does, and no bytes do harm."""

from __future__ import annotations

import contextlib
import json
import math
import struct
from collections import OrderedDict

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from layerlab.wire import MAX_DEPTH, Array, DType, Unknown, WireError, decode, encode

DTYPES = [
    torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128, torch.bool,
    torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.float8_e4m3fn, torch.float8_e5m2, torch.complex32,
]  # fmt: skip


def examples(count: int) -> settings:
    return settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def there_and_back(value):
    return decode(encode(value))


# -- round trips ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 0, 3), (2, 3, 4)])
def test_tensors_of_every_dtype(dtype, shape):
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
def test_tensors_of_every_form(tensor):
    back = there_and_back(tensor)
    assert back.kind == "tensor"
    assert np.array_equal(back.data, tensor.detach().resolve_conj().resolve_neg().numpy(), equal_nan=True)


@pytest.mark.parametrize("to_sparse", [torch.Tensor.to_sparse, torch.Tensor.to_sparse_csr])
def test_sparse_tensors_say_so(to_sparse):
    back = there_and_back(to_sparse(torch.eye(3)))
    assert back.dtype == "float32 sparse"
    assert np.array_equal(back.data, np.eye(3))


@pytest.mark.parametrize("array", [np.arange(6).reshape(2, 3), np.float32(2.5), np.ones((2, 3), order="F")[:, ::2],
                                   np.array(["a", "bc"]), np.ones(2, dtype=">f8"), np.bool_(True)])  # fmt: skip
def test_arrays(array):
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
    """Equal in type and value, where nan is nan and -0.0 is not 0.0."""
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
def test_plain_and_nested_values(value):
    assert identical(there_and_back(value), value)


def test_containers_of_torch():
    state = nn.Linear(3, 2).state_dict()
    assert type(state) is OrderedDict
    back = there_and_back({"state": state, "sizes": torch.Size([2, 3]), "dtype": torch.float64})
    assert list(back["state"]) == ["weight", "bias"]
    assert np.array_equal(back["state"]["bias"].data, state["bias"].numpy())
    assert back["sizes"] == (2, 3)
    assert back["dtype"] == DType("float64")


def test_arrays_keep_their_places_among_others():
    a, b, c = (torch.full((i,), float(i)) for i in (1, 2, 3))
    back = there_and_back([a, {"b": (b, 1)}, c])
    assert [len(x.data) for x in (back[0], back[1]["b"][0], back[2])] == [1, 2, 3]


# -- what does not travel ---------------------------------------------------------------------------------------------


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


class LyingList(list):
    pass


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(3).as_subclass(LyingTensor),
        np.zeros(3).view(LyingArray),
        LyingInt(3),
        LyingList([1]),
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
def test_other_types_arrive_as_unknown(value):
    back = there_and_back([value, torch.ones(2)])
    assert isinstance(back[0], Unknown)
    assert back[0].type_name
    assert np.array_equal(back[1].data, [1, 1])


def test_nesting_ends():
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


# -- bytes that are no value ------------------------------------------------------------------------------------------


def part(data: bytes) -> bytes:
    return struct.pack(">Q", len(data)) + data


def tree(node) -> bytes:
    return part(json.dumps(node).encode())


NPY = encode(torch.ones(2))[len(tree({"k": "tensor", "dtype": "float32"})) :]


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
        tree({"k": "tensor", "dtype": "float32"}),
        tree({"k": "tensor"}) + NPY,
        tree({"k": "tensor", "dtype": "float32"}) + part(b"PK\x03\x04"),
        tree({"k": "tensor", "dtype": "float32"}) + part(b""),
        tree({"k": "plain", "v": 1}) + NPY,
        encode(torch.ones(2))[:-1],
        encode(torch.ones(2)) + b"x",
        struct.pack(">Q", 2**63) + b"{}",
        part(b'{"k": "plain", "v": ' + b"9" * 5000 + b"}"),
    ],
)
def test_malformed_bytes(data):
    with pytest.raises(WireError):
        decode(data)


def npy(header: str, body: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",  # would be unpickled
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
        "__import__('os').getcwd()",
        "{" * 200,
    ],
)
def test_hostile_arrays(header):
    with pytest.raises(WireError):
        decode(tree({"k": "tensor", "dtype": "float64"}) + part(npy(header, b"\x80\x04cos\nsystem\n.")))


SAMPLE = encode({"a": [torch.ones(2, 3), 1.5, "x"], "b": (True, None, 3 + 4j), "c": np.arange(3)})


@examples(300)
@given(st.binary(max_size=200))
def test_random_bytes(data):
    for whole in (data, part(data), tree({"k": "tensor", "dtype": "float32"}) + part(data)):
        with contextlib.suppress(WireError):
            decode(whole)


@examples(500)
@given(st.integers(0, len(SAMPLE) - 1), st.binary(min_size=0, max_size=4), st.integers(0, 4))
def test_damaged_bytes(at, put, cut):
    with contextlib.suppress(WireError):
        decode(SAMPLE[:at] + put + SAMPLE[at + cut :])


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["k", "v", "dtype"]), inner),
        st.fixed_dictionaries(
            {"k": st.sampled_from(["plain", "float", "complex", "tensor", "array", "dtype", "list", "tuple", "Size",
                                   "dict", "unknown"]), "v": inner}
        ),
    ),
    max_leaves=10,
)  # fmt: skip


@examples(300)
@given(JSON)
def test_random_trees(node):
    with contextlib.suppress(WireError):
        decode(tree(node) + NPY)


def test_what_torch_returns_under_names_is_a_tuple():
    q, r = decode(encode(torch.linalg.qr(torch.eye(2))))
    np.testing.assert_allclose(np.abs(q.data @ r.data), np.eye(2), atol=1e-6)
