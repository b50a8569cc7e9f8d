"""Encode values as plain bytes, the form in which an observation leaves a student's process.

Nothing is ever pickled. A value becomes a tree of JSON nodes, followed by the raw bytes of its arrays in C order. Types
are checked exactly, never with ``isinstance``, because a subclass could lie about its values. A value of a subclass has
no encoding and arrives as `Unknown`.

NumPy's own ``npy`` format is not used, because Python's parser reads its headers. CPython 3.11 counts the depth of
syntax trees for all threads together (https://github.com/python/cpython/issues/106905), so a grader with several
threads would sometimes reject an honest answer.
"""

from __future__ import annotations

import json
import re
import struct
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

MAX_DEPTH = 20
MAX_NODES = 50_000  # per observation; a chapter's observations have a few hundred nodes, and an array counts as one
MAX_TREE = 8 * 2**20  # bytes, without arrays
MAX_KEY = 200  # characters, because the path of a value contains a key for each level
MAX_ODD_KEYS = 1_000  # keys that are not strings, because it is easy to find many numbers and tuples with equal hashes
_LENGTH = struct.Struct(">Q")
# These include the named tuples that torch.linalg.qr, max and others return, but no other subclass of tuple.
_SEQUENCES: dict[type, str] = {kind: "tuple" for kind in vars(torch.return_types).values() if isinstance(kind, type)}
_SEQUENCES |= {tuple: "tuple", list: "list", torch.Size: "Size"}
_DICTS = (dict, OrderedDict)
# NumPy lacks these types, so their values travel in a wider type, which represents each of them exactly.
WIDENED = {
    torch.bfloat16: torch.float32,
    torch.complex32: torch.complex64,
    torch.float8_e4m3fn: torch.float32,
    torch.float8_e5m2: torch.float32,
}
_NUMBERS = re.compile(r"[<>|=][biufcUSMm]\d{1,9}(\[\w{1,20}\])?")  # the allowed names of a dtype, none of them nested
_MAX_INT_BITS = 4096  # JSON readers refuse longer numbers, and no exercise has one


class WireError(ValueError):
    """The bytes are not an encoded value."""


@dataclass(frozen=True)
class Array:
    """A decoded tensor or NumPy array; ``kind`` is "tensor" or "array", and ``dtype`` names the original dtype."""

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
    """A value of a type that has no encoding; no judge accepts it."""

    type_name: str


def encode(value: Any) -> bytes:
    """Encode a value as bytes: a number, string, tensor, or array, or a tuple, list, or dict of these.

    A value that `decode` returned is encoded as before it was decoded.
    """
    made = _Encoding()
    tree = json.dumps(made.node(value, 0)).encode()
    if made.nodes > MAX_NODES or made.odd_keys > MAX_ODD_KEYS or len(tree) > MAX_TREE:
        made.blobs, tree = [], json.dumps(_unknown("more values than an observation may hold")).encode()
    return b"".join(_LENGTH.pack(len(part)) + part for part in [tree, *made.blobs])


def decode(data: bytes) -> Any:
    """Return the value that was passed to `encode`, with tensors and arrays as `Array`.

    Raises:
        WireError: if ``data`` is not a complete encoded value.
    """
    try:
        tree, *blobs = _split(data)
        if len(tree) > MAX_TREE:
            raise WireError(f"{len(tree)} bytes without the arrays")
        found = _Decoding(blobs)
        value = found.value(json.loads(tree), 0)
    except WireError:
        raise
    except Exception as error:  # report every error that a hostile sender provokes as the same kind of failure
        raise WireError(f"not an encoded value: {type(error).__name__}: {error}"[:500]) from None
    if found.used != len(blobs):
        raise WireError("arrays that belong to nothing")
    return value


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield everything in nested dicts, tuples, and lists, with its path: the keys and indices that lead to it."""
    if isinstance(value, dict | tuple | list) and len(path) <= MAX_DEPTH:
        for step, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, step))
    else:
        yield path, value


def pairs(one: Any, other: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Yield the corresponding parts of two values, each with its path: first the values, then the parts of the two.

    Two dicts, or two sequences, that `have_same_parts` does not accept are yielded, but not their parts.
    """
    yield path, one, other
    if len(path) <= MAX_DEPTH and have_same_parts(one, other):
        for step, part in one.items() if isinstance(one, dict) else enumerate(one):
            yield from pairs(part, other[step], (*path, step))


def have_same_parts(one: Any, other: Any) -> bool:
    """Return whether two values are dicts with the same keys, or sequences (tuples or lists) of the same length."""
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys()
    return isinstance(one, tuple | list) and isinstance(other, tuple | list) and len(one) == len(other)


@dataclass
class _Encoding:
    """The state of an encoding: the arrays found so far, and the counts that must stay within limits."""

    blobs: list[bytes] = field(default_factory=list)
    nodes: int = 0
    odd_keys: int = 0

    def node(self, value: Any, depth: int) -> dict:
        kind = type(value)
        self.nodes += 1
        if depth > MAX_DEPTH:
            return _unknown("nested too deeply")
        if self.nodes > MAX_NODES:
            return _unknown("one value too many")
        if kind is int and value.bit_length() > _MAX_INT_BITS:
            return _unknown(f"int of {value.bit_length()} bits")
        if value is None or kind in (bool, int, str):
            return {"k": "plain", "v": value}
        if kind is float:
            return {"k": "float", "v": value.hex()}
        if kind is complex:
            return {"k": "complex", "v": [value.real.hex(), value.imag.hex()]}
        if kind is torch.Tensor or kind is torch.nn.Parameter:
            return _tensor_node(value, self.blobs)
        if kind is np.ndarray or isinstance(value, np.generic):
            return _array_node(np.asarray(value), self.blobs)
        if kind is Array:  # it was decoded before
            return {"k": value.kind, "dtype": value.dtype} | _stored(value.data, self.blobs)
        if kind is torch.dtype or kind is DType:
            return {"k": "dtype", "v": str(getattr(value, "name", value)).removeprefix("torch.")}
        if kind is Unknown:
            return _unknown(value.type_name)
        if kind in _SEQUENCES:
            return {"k": _SEQUENCES[kind], "v": [self.node(item, depth + 1) for item in value]}
        if kind in _DICTS:
            items = [[self.key(k, depth + 1), self.node(v, depth + 1)] for k, v in value.items()]
            return {"k": "dict", "v": items}
        return _unknown(f"{kind.__module__}.{kind.__qualname__}"[:MAX_KEY])

    def key(self, key: Any, depth: int) -> dict:
        self.odd_keys += type(key) is not str
        if type(key) is str and len(key) > MAX_KEY:
            return _unknown(f"a key of {len(key)} characters")
        return self.node(key, depth)


def _unknown(what: str) -> dict:
    return {"k": "unknown", "v": what}


def _tensor_node(tensor: torch.Tensor, blobs: list[bytes]) -> dict:
    if tensor.is_nested or tensor.is_quantized or tensor.device.type == "meta":
        return _unknown("a nested, quantized or meta tensor")
    name = str(tensor.dtype).removeprefix("torch.")
    plain = tensor.detach().to("cpu")
    if plain.layout is not torch.strided:
        plain = plain.to_dense()
        name = f"{name} sparse"
    plain = plain.resolve_conj().resolve_neg()
    plain = plain.to(WIDENED.get(plain.dtype, plain.dtype))
    return {"k": "tensor", "dtype": name} | _stored(plain.numpy(), blobs)


def _array_node(array: np.ndarray, blobs: list[bytes]) -> dict:
    if not _NUMBERS.fullmatch(array.dtype.str):
        return _unknown(f"numpy array of {array.dtype}"[:MAX_KEY])
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


@dataclass
class _Decoding:
    """The state of the decoder, which trusts nothing in the bytes, especially not the sizes."""

    blobs: list[bytes]
    used: int = 0  # arrays
    nodes: int = 0
    odd_keys: int = 0

    def value(self, node: dict, depth: int) -> Any:
        kind = node["k"]
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise WireError(f"more than {MAX_NODES} values")
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
            return self.array(kind, node)
        if kind == "dtype":
            return DType(str(node["v"])[:MAX_KEY])
        if kind in ("tuple", "list", "Size"):
            items = [self.value(item, depth + 1) for item in node["v"]]
            return items if kind == "list" else tuple(items)
        if kind == "dict":
            return {self.key(k, depth + 1): self.value(v, depth + 1) for k, v in node["v"]}
        if kind == "unknown":
            return Unknown(str(node["v"])[:MAX_KEY])
        raise WireError(f"unknown node {str(kind)[:MAX_KEY]!r}")

    def array(self, kind: str, node: dict) -> Array:
        if self.used >= len(self.blobs):
            raise WireError("an array that is not there")
        self.used += 1
        return Array(
            kind, str(node["dtype"])[:MAX_KEY], _loaded(node["format"], node["shape"], self.blobs[self.used - 1])
        )

    def key(self, node: dict, depth: int) -> Any:
        key = self.value(node, depth)
        if type(key) is str:
            if len(key) > MAX_KEY:
                raise WireError(f"a key of {len(key)} characters")
            return key
        self.odd_keys += 1
        if self.odd_keys > MAX_ODD_KEYS:
            raise WireError(f"more than {MAX_ODD_KEYS} keys that are no strings")
        if type(key) is tuple and len(repr(key)) > MAX_KEY:
            raise WireError("a long tuple as a key")
        return key
