"""Cache results up to a total text length, because `functools.lru_cache` limits only the number of entries."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from autograder.submissions.budget import look

_T = TypeVar("_T")
CHARACTERS = 1_000_000  # in all texts of one cache, as in one notebook; each character takes 300 bytes of syntax tree


def kept(function: Callable[[str], _T]) -> Callable[[str], _T]:
    """Return a version of ``function`` that caches its results for the most recently used texts."""
    found: OrderedDict[str, _T] = OrderedDict()
    lock = threading.Lock()
    length = 0

    @functools.wraps(function)
    def remembered(text: str) -> _T:
        nonlocal length
        with lock:
            if text in found:
                found.move_to_end(text)
                return found[text]
        look()
        made = function(text)
        with lock:
            if text not in found and len(text) <= CHARACTERS:
                found[text] = made
                length += len(text)
            while length > CHARACTERS:
                length -= len(found.popitem(last=False)[0])
        return made

    return remembered
