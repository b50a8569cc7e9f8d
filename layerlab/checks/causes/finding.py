"""Define `Finding`: what is wrong with a value, as data; tables put it into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """A difference between two values, or the likely cause of one.

    Args:
        kind: what is wrong, such as "shift"; after a dot, which form of it, as in "shift.index". This is the key in the
            tables of words (`layerlab/judging/{notebook,feedback}_words.py`).
        data: factors, dimensions, sizes, and names, as the words need them.
        path: the keys and indices that lead to the part of a nested value.
        expected: for a difference, the expected part.
        got: the part that the code returned.
    """

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    path: tuple[Any, ...] = ()
    expected: Any = None
    got: Any = None

    @property
    def name(self) -> str:
        """The kind without its form; for a cause, the name of the function that detects it."""
        return self.kind.partition(".")[0]

    @property
    def form(self) -> str:
        """What follows the name in the kind."""
        return self.kind.partition(".")[2]


def finding(kind: str, **data: Any) -> Finding:
    """Return a finding of a kind, with its data."""
    return Finding(kind, data)
