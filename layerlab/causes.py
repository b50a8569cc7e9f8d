"""Likely causes of a difference, most specific first.

Each cause is a small function on (expected, yours, context) that returns a sentence or None. It may speak only if the
evidence is complete: what it claims must account for every element within tolerance, and for so many that chance is
ruled out (`enough` in ``cause_tools.py``). Several mistakes at once are not guessed at.
"""

from __future__ import annotations

IN_PLACE = ""


def context_for(*a, **k):
    return None


def likely_cause(*a):
    return None
