"""Values as plain bytes: how an observation leaves a student's process.

Nothing is ever pickled. A value becomes a tree of JSON nodes; the numbers of its arrays lie behind it, row by row, as
they stood in memory. Types are checked exactly, never by ``isinstance``: a subclass that lies about its values has no
encoding and arrives as `Unknown`.

NumPy's own ``npy`` format would do, but its headers are read by Python's parser, and CPython 3.11 counts the depth of
syntax trees for all threads together (https://github.com/python/cpython/issues/106905): a grader with several threads
would now and then refuse an honest answer.
"""

from __future__ import annotations

import json
import re
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

MAX_DEPTH = 20
_LENGTH = struct.Struct(">Q")
_SEQUENCES = {tuple: "tuple", list: "list", torch.Size: "Size"}
# What torch.linalg.qr, max and the like return: tuples with names. Exact types still, so no subclass passes for one.
_NAMED_TUPLES = frozenset(kind for kind in vars(torch.return_types).values() if isinstance(kind, type))
_DICTS = (dict, OrderedDict)
# NumPy has no such types: their values travel as float32, which holds each of them exactly.
_WIDENED = {
    torch.bfloat16: torch.float32,
    torch.complex32: torch.complex64,
    torch.float8_e4m3fn: torch.float32,
    torch.float8_e5m2: torch.float32,
}
_NUMBERS = re.compile(r"[<>|=][biufcUSMm]\d{1,9}(\[\w{1,20}\])?")  # what may stand for a dtype: nothing that nests
_MAX_INT_BITS = 4096  # JSON readers refuse longer numbers, and no exercise has one


class WireError(ValueError):
    """Bytes that are not an encoded value."""


@dataclass(frozen=True)
class Array:
    """A decoded tensor or NumPy array: ``kind`` is "tensor" or "array", ``dtype`` the original's name."""

    kind: str
    dtype: str
    data: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape


@dataclass(frozen=True)
class DType:
    """A decoded ``torch.dtype``, by name ("float32")."""

    name: str


@dataclass(frozen=True)
class Unknown:
    """A value of a type that does not travel; no judge accepts one."""

    type_name: str


def encode(value: Any) -> bytes:
    """Return ``value`` as bytes: numbers, strings, tensors, arrays, and tuples, lists and dicts of these."""
    blobs: list[bytes] = []
    tree = json.dumps(_node(value, blobs, 0)).encode()
    parts = [tree, *blobs]
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def decode(data: bytes) -> Any:
    """Return the value that `encode` was given, tensors and arrays as `Array`.

    Raises:
        WireError: if ``data`` is not a whole encoded value.
    """
    try:
        tree, *blobs = _split(data)
        used = [0]
        value = _value(json.loads(tree), blobs, 0, used)
    except WireError:
        raise
    except Exception as error:  # whatever a hostile sender provokes is one kind of failure to us
        raise WireError(f"not an encoded value: {type(error).__name__}: {error}") from None
    if used[0] != len(blobs):
        raise WireError("arrays that belong to nothing")
    return value


def _node(value: Any, blobs: list[bytes], depth: int) -> dict:
    kind = type(value)
    if depth > MAX_DEPTH:
        return {"k": "unknown", "v": "nested too deeply"}
    if kind is int and value.bit_length() > _MAX_INT_BITS:
        return {"k": "unknown", "v": f"int of {value.bit_length()} bits"}
    if value is None or kind in (bool, int, str):
        return {"k": "plain", "v": value}
    if kind is float:
        return {"k": "float", "v": value.hex()}
    if kind is complex:
        return {"k": "complex", "v": [value.real.hex(), value.imag.hex()]}
    if kind is torch.Tensor or kind is torch.nn.Parameter:
        return _tensor_node(value, blobs)
    if kind is np.ndarray or isinstance(value, np.generic):
        return _array_node(np.asarray(value), blobs)
    if kind is torch.dtype:
        return {"k": "dtype", "v": str(value).removeprefix("torch.")}
    if kind in _NAMED_TUPLES:
        return {"k": "tuple", "v": [_node(item, blobs, depth + 1) for item in value]}
    if kind in _SEQUENCES:
        return {"k": _SEQUENCES[kind], "v": [_node(item, blobs, depth + 1) for item in value]}
    if kind in _DICTS:
        items = [[_node(k, blobs, depth + 1), _node(v, blobs, depth + 1)] for k, v in value.items()]
        return {"k": "dict", "v": items}
    return {"k": "unknown", "v": f"{kind.__module__}.{kind.__qualname__}"}


def _tensor_node(tensor: torch.Tensor, blobs: list[bytes]) -> dict:
    if tensor.is_nested or tensor.is_quantized or tensor.device.type == "meta":
        return {"k": "unknown", "v": "a nested, quantized or meta tensor"}
    name = str(tensor.dtype).removeprefix("torch.")
    plain = tensor.detach().to("cpu")
    if plain.layout is not torch.strided:
        plain = plain.to_dense()
        name = f"{name} sparse"
    plain = plain.resolve_conj().resolve_neg()
    plain = plain.to(_WIDENED.get(plain.dtype, plain.dtype))
    return {"k": "tensor", "dtype": name} | _stored(plain.numpy(), blobs)


def _array_node(array: np.ndarray, blobs: list[bytes]) -> dict:
    if not _NUMBERS.fullmatch(array.dtype.str):
        return {"k": "unknown", "v": f"numpy array of {array.dtype}"}
    return {"k": "array", "dtype": str(array.dtype)} | _stored(array, blobs)


def _stored(array: np.ndarray, blobs: list[bytes]) -> dict:
    blobs.append(array.tobytes())
    return {"format": array.dtype.str, "shape": list(array.shape)}


def _loaded(format: str, shape: list[int], blob: bytes) -> np.ndarray:
    if type(format) is not str or not _NUMBERS.fullmatch(format):
        raise WireError(f"no numbers are of the type {format!r}")
    if not all(type(size) is int for size in shape):
        raise WireError("a shape is a list of whole numbers")
    array = np.ndarray(tuple(shape), np.dtype(format), buffer=bytearray(blob))
    if array.nbytes != len(blob):
        raise WireError("more numbers than the shape has room for")
    return array


def _split(data: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(data):
        if at + _LENGTH.size > len(data):
            raise WireError("cut off in a length")
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if at + length > len(data):
            raise WireError("cut off in a part")
        parts.append(data[at : at + length])
        at += length
    if not parts:
        raise WireError("empty")
    return parts


def _value(node: dict, blobs: list[bytes], depth: int, counter: list[int]) -> Any:
    kind = node["k"]
    if depth > MAX_DEPTH + 1:
        raise WireError("nested too deeply")
    if kind == "plain":
        if node["v"] is not None and type(node["v"]) not in (bool, int, str):
            raise WireError("a plain node holds a number, a string, a bool or null")
        return node["v"]
    if kind == "float":
        return float.fromhex(node["v"])
    if kind == "complex":
        return complex(*(float.fromhex(part) for part in node["v"]))
    if kind in ("tensor", "array"):
        blob = blobs[counter[0]]
        counter[0] += 1
        return Array(kind, str(node["dtype"]), _loaded(node["format"], node["shape"], blob))
    if kind == "dtype":
        return DType(str(node["v"]))
    if kind in ("tuple", "list", "Size"):
        items = [_value(item, blobs, depth + 1, counter) for item in node["v"]]
        return items if kind == "list" else tuple(items)
    if kind == "dict":
        return {_value(k, blobs, depth + 1, counter): _value(v, blobs, depth + 1, counter) for k, v in node["v"]}
    if kind == "unknown":
        return Unknown(str(node["v"]))
    raise WireError(f"unknown node {kind!r}")
