"""Every likely cause is named when it is so, and is silent when it is not."""

from __future__ import annotations

import causes_near_shapes  # noqa: F401  (registers its cases)
import causes_near_values  # noqa: F401
import pytest
from causes_named import NAMED
from causes_near import NEAR

from layerlab import Inputs, causes
from layerlab.causes import CAUSES, context_for, find_cause

NAMES = [cause.name for cause in CAUSES]


def find(pair: tuple):
    expected, yours, *rest = pair
    return find_cause(expected, yours, context_for(expected, yours, **(rest[0] if rest else {})))


def pairs(table: dict) -> list:
    return [pytest.param(name, build, id=f"{name}-{build.__name__}") for name in NAMES for build in table.get(name, ())]


@pytest.mark.parametrize(("name", "build"), pairs(NAMED))
def test_named_when_it_is_so(name, build):
    for seed in range(4):
        found = find(build(Inputs(seed)))
        assert found is not None, f"seed {seed}: no cause is named"
        assert found.name == name, f"seed {seed}: {found.sentence}"
        assert found.sentence.endswith((".", "?"))
        assert "\n" not in found.sentence


@pytest.mark.parametrize(("name", "build"), pairs(NEAR))
def test_not_named_when_it_is_not(name, build, monkeypatch):
    monkeypatch.setattr(causes, "CAUSES", tuple(cause for cause in CAUSES if cause.name == name))
    for seed in range(4):
        found = find(build(Inputs(seed)))
        assert found is None, f"seed {seed}: {found.sentence}"


def test_every_cause_has_both():
    assert [name for name in NAMES if len(NAMED.get(name, ())) < 1] == []
    assert [name for name in NAMES if len(NEAR.get(name, ())) < 2] == []
    assert set(NAMED) == set(NAMES)
    assert set(NEAR) == set(NAMES)
