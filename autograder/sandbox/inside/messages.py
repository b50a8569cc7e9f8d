"""Read and write messages on a pipe: two lengths, a JSON header, and a payload. Uses only the standard library."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from typing import Any

_LENGTHS = struct.Struct(">IQ")
MAX_HEADER = 100_000


class FrameError(ValueError):
    """Bytes that cannot be the start of a message."""


class TooLarge(FrameError):
    """A message whose payload is larger than allowed."""


def pack(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """Return one message as bytes."""
    head = json.dumps(header).encode()
    return _LENGTHS.pack(len(head), len(payload)) + head + payload


def write(fd: int, header: dict[str, Any], payload: bytes = b"") -> None:
    """Write one whole message to a file descriptor."""
    view = memoryview(pack(header, payload))
    while view:
        view = view[os.write(fd, view) :]


class Reader:
    """A buffer that collects bytes and yields whole messages."""

    def __init__(self, max_payload: int) -> None:
        self._buffer = bytearray()
        self._max_payload = max_payload

    def feed(self, data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Add bytes and yield every message they complete; raise FrameError, or TooLarge if the next payload is."""
        self._buffer += data
        while len(self._buffer) >= _LENGTHS.size:
            head_length, payload_length = _LENGTHS.unpack_from(self._buffer)
            if head_length > MAX_HEADER:
                raise FrameError(f"a header of {head_length} bytes is none")
            if payload_length > self._max_payload:
                raise TooLarge(f"a message of {payload_length} bytes is too large")
            end = _LENGTHS.size + head_length + payload_length
            if len(self._buffer) < end:
                return
            head = bytes(self._buffer[_LENGTHS.size : _LENGTHS.size + head_length])
            payload = bytes(self._buffer[_LENGTHS.size + head_length : end])
            del self._buffer[:end]
            yield _header(head), payload


def read_all(data: bytes, max_payload: int = 2**31) -> list[tuple[dict[str, Any], bytes]]:
    """Return the complete messages in ``data``; ignore an incomplete message at the end."""
    return list(Reader(max_payload).feed(data))


def read_one(fd: int) -> tuple[dict[str, Any], bytes]:
    """Read exactly one message from a file descriptor; raise EOFError if the other end closed first."""
    head_length, payload_length = _LENGTHS.unpack(_read_exactly(fd, _LENGTHS.size))
    return _header(_read_exactly(fd, head_length)), _read_exactly(fd, payload_length)


def _read_exactly(fd: int, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        data = os.read(fd, min(count - len(parts), 1 << 20))
        if not data:
            raise EOFError("the other end closed the pipe")
        parts += data
    return bytes(parts)


def _header(data: bytes) -> dict[str, Any]:
    try:
        header = json.loads(data.decode())  # given bytes, `json.loads` would first detect their encoding
    except (ValueError, RecursionError) as error:  # RecursionError: nested too deeply
        raise FrameError(f"a message header is not JSON: {error}") from None
    if not isinstance(header, dict) or not isinstance(header.get("kind"), str):
        raise FrameError("a message header is an object with a kind")
    return header
