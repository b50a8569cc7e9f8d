"""Limit the CPU time that the grader's thread spends on reading one submission.

The cost of every pass over a submission's text grows at most linearly (`tests/submissions/test_growth.py`), and the
length of the text is limited. The budget is for unforeseen cases. Code that reads a submission calls `look`
regularly, and a submission that exceeds the budget is not graded.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Iterator

SECONDS = 30.0  # the largest possible submission, a megabyte of code in 5,000 cells, takes a quarter of this
_here = threading.local()


class TooLong(ValueError):
    """A submission that takes too long to read; the message is a sentence for the student."""


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Limit what this thread reads in the block; once the time is used up, `look` raises `TooLong`."""
    _here.until = time.thread_time() + SECONDS
    try:
        yield
    finally:
        _here.until = math.inf


def look() -> None:
    """Raise TooLong if this thread has a budget and has used it up."""
    until = getattr(_here, "until", math.inf)
    if until is not math.inf and time.thread_time() > until:
        raise TooLong("the notebook's code takes too long to read: is there a very long line or a very long cell?")
