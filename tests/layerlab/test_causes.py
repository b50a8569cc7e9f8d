"""Test that every likely cause is named when it applies, and only then."""

import pytest
import torch

from layerlab import Inputs
from layerlab.checks.causes import likely as causes
from layerlab.checks.causes.likely import CAUSES, context_for, find_cause
from layerlab.judging import feedback_words, notebook_words
from layerlab.judging.words import put
from tests.layerlab.causes_named import NAMED
from tests.layerlab.causes_near import NEAR

NAMES = [cause.name for cause in CAUSES]


def find(pair: tuple):
    expected, yours, *rest = pair
    return find_cause(expected, yours, context_for(expected, yours, **(rest[0] if rest else {})))


def pairs(table: dict) -> list:
    return [pytest.param(name, build, id=f"{name}-{title}") for name in NAMES for title, build in table[name].items()]


@pytest.mark.parametrize(("name", "build"), pairs(NAMED))
def test_cause_is_named_when_it_applies(name, build):
    for seed in range(4):
        found = find(build(Inputs(seed)))
        assert found is not None, f"seed {seed}: no cause is named"
        assert found.name == name, f"seed {seed}: {found.kind}"
        said = put(notebook_words.WORDS, found)
        assert said.endswith((".", "?"))
        assert "\n" not in said
        assert "{" not in put(feedback_words.WORDS, found)


@pytest.mark.parametrize(("name", "build"), pairs(NEAR))
def test_cause_is_not_named_when_inapplicable(name, build, monkeypatch):
    monkeypatch.setattr(causes, "CAUSES", tuple(cause for cause in CAUSES if cause.name == name))
    for seed in range(4):
        found = find(build(Inputs(seed)))
        assert found is None, f"seed {seed}: {found.kind}"


@pytest.mark.parametrize(
    ("expected", "yours"),
    [
        (92, 93),
        (92, 91),
        (18, torch.tensor(17)),
        (3, 2.56),
        (3, 3.5),
        (19, 19.01),
        (3, 2.045),
        (3.0, 2.56),
        (3.0, 2.045),
        (19.0, 19.01),
    ],
)
def test_single_number_gets_no_cause(expected, yours):
    assert find((expected, yours)) is None
    for shape in ((), (1,), (1, 1)) if isinstance(yours, type(expected)) else ():
        assert find((torch.full(shape, expected), torch.full(shape, yours))) is None, shape


COUNTS, X = (
    torch.tensor([4, 9, 17, 23, 2, 31, 12, 8, 41]),
    torch.randn(2, 5, generator=torch.Generator().manual_seed(0)),
)
TRACKED = X.clone().requires_grad_()


@pytest.mark.parametrize(
    ("expected", "yours", "kind"),
    [
        (COUNTS, COUNTS + 1, "shift.index"),
        (TRACKED.exp(), TRACKED.exp().detach().numpy(), "array_for_tensor"),
        (TRACKED.exp(), X.exp(), "detached"),
        (X, X.flatten(), "flattened.batch"),
    ],
)
def test_form_of_the_cause_fits(expected, yours, kind):
    assert find((expected, yours)).kind == kind


def test_every_cause_has_matching_and_near_miss_cases():
    assert [name for name in NAMES if len(NEAR[name]) < 2] == []
    assert set(NAMED) == set(NAMES)
    assert set(NEAR) == set(NAMES)
