"""How long the grader reads what one submission holds: its own time of processor, not the clock's.

Every pass over a submission's text grows no faster than the text (`tests/test_growth.py`), and the text is bounded.
This is for what nobody thought of: whoever reads looks at the budget now and then, and a submission past it is not
graded.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Iterator

SECONDS = 30.0  # what may be handed in at most, a megabyte of code in 5,000 cells, takes a quarter of it
_here = threading.local()


class TooLong(ValueError):
    """A submission that takes too long to read; the message is a sentence for the student."""


class Budget:
    """What is left of the time for reading one submission, over all of its passes."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._left = seconds

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Read within what is left; what is read once it is used up raises `TooLong`."""
        began = time.thread_time()
        _here.until = began + self._left
        try:
            yield
        finally:
            _here.until = math.inf
            self._left -= time.thread_time() - began


def look() -> None:
    """Go on only while the budget of this thread, if it has one, is not used up.

    Raises:
        TooLong: if it is.
    """
    until = getattr(_here, "until", math.inf)
    if until is not math.inf and time.thread_time() > until:
        raise TooLong("the notebook's code takes too long to read: is there a very long line or a very long cell?")
