"""Time a fixed amount of work, to compare times from different machines, or from a busy and a quiet machine.

This module uses only the standard library and old syntax, because `make test` also runs it with the system's Python.
"""

from __future__ import annotations

import time

SQUARES = 13_500_000  # how many squares to sum: 1 s on two quiet, fast cores


def seconds() -> float:
    """Return how many seconds the work takes on this machine now."""
    begin = time.monotonic()
    sum(number * number for number in range(SQUARES))
    return time.monotonic() - begin
