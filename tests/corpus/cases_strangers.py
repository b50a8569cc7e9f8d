"""Attacks of strangers."""

from __future__ import annotations

from tests.corpus.model import Case

CASES: list[Case] = []
