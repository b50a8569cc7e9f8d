"""Test that pipe messages arrive whole and that malformed messages are rejected."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.inside import messages

headers = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20), max_size=4)


@given(st.lists(st.tuples(headers, st.binary(max_size=300)), max_size=6), st.integers(1, 64))
def test_messages_survive_any_splitting(all_of_them, step):
    sent = [(header | {"kind": "k"}, payload) for header, payload in all_of_them]
    data = b"".join(messages.pack(*message) for message in sent)
    reader = messages.Reader(max_payload=1000)
    found = [m for at in range(0, len(data), step) for m in reader.feed(data[at : at + step])]
    assert found == sent


def test_truncated_last_message_is_dropped():
    whole = messages.pack({"kind": "a"}, b"1")
    assert messages.read_all(whole + whole[:-1]) == [({"kind": "a"}, b"1")]


def test_oversized_payload_is_rejected_before_reading():
    data = messages.pack({"kind": "a"}, b"x" * 2000)
    with pytest.raises(messages.FrameError, match="too large"):
        list(messages.Reader(max_payload=1000).feed(data[:20]))


@pytest.mark.parametrize("head", [b"nonsense", b"[1]", b'{"no": "kind"}', b'{"kind": 3}'])
def test_invalid_header_is_rejected(head):
    data = messages._LENGTHS.pack(len(head), 0) + head
    with pytest.raises(messages.FrameError):
        list(messages.Reader(max_payload=10).feed(data))


@given(st.binary(max_size=200))
def test_any_bytes_give_messages_or_a_frame_error(data):
    try:
        found = messages.read_all(data)
    except messages.FrameError:
        found = []
    assert all(isinstance(header["kind"], str) for header, _ in found)


def test_one_message_is_read_from_a_pipe():
    read, write = os.pipe()
    messages.write(write, {"kind": "job"}, b"abc")
    os.close(write)
    assert messages.read_one(read) == ({"kind": "job"}, b"abc")
    with pytest.raises(EOFError):
        messages.read_one(read)
    os.close(read)
