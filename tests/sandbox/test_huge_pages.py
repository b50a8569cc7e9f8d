"""Test that the fork server's memory is collected into huge pages."""

import ctypes
import mmap
import sys
from types import SimpleNamespace

import pytest

from autograder.sandbox.inside import huge_pages

SIZE = 2 * 2**20  # bytes of a huge page


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has huge pages of this kind")
def test_every_huge_page_of_memory_is_collapsed(monkeypatch):
    memory = mmap.mmap(-1, 4 * SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    begin = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    inside = range(-(-begin // SIZE) * SIZE, begin + 3 * SIZE + 1, SIZE)
    asked = []

    def madvise(*arguments):
        asked.append(arguments)
        return 0 if arguments[0] in inside else -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *args, **options: SimpleNamespace(madvise=madvise))
    assert huge_pages.collapse() == len(inside)
    collapse = 25  # MADV_COLLAPSE in Linux's headers
    assert {(at, SIZE, collapse) for at in inside} <= set(asked)
    assert all(at % SIZE == 0 for at, *_ in asked)
