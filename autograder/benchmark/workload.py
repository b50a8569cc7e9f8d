"""Time a fixed amount of work, so that times from different machines, and from busy ones, can be compared.

It uses only the standard library and old syntax, because `make test` also runs it under the system's Python.
"""

from __future__ import annotations

import time

SQUARES = 13_500_000  # to add up: 1 s on two quiet cores of the faster kind


def seconds() -> float:
    """Return how long the work takes on this machine now."""
    begin = time.monotonic()
    sum(number * number for number in range(SQUARES))
    return time.monotonic() - begin
