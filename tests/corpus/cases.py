"""Collect all cases, in the order of the table."""

from importlib import import_module

from tests.corpus.case import Case

_NAMES = (
    "patches", "lies", "reading", "channel", "ends", "files", "listed", "driver", "strangers",
)  # fmt: skip
ALL: list[Case] = [case for name in _NAMES for case in import_module(f"tests.corpus.cases_{name}").CASES]
