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


def test_many_values_off_by_one_are_explained():
    counts = torch.tensor([4, 9, 17, 23, 2, 31, 12, 8, 41])
    found = find((counts, counts + 1))
    assert found.kind == "shift.index"
    assert "one too large" in put(notebook_words.WORDS, found)


def test_numpy_is_blamed_only_for_an_array():
    x = torch.randn(3, 4, requires_grad=True)
    assert find((x.exp(), x.exp().detach().numpy())).name == "array_for_tensor"
    cut = find((x.exp(), x.detach().exp()))
    assert cut.name == "detached"


def test_flattened_batch_of_two_is_explained():
    x = torch.randn(2, 5, generator=torch.Generator().manual_seed(0))
    assert find((x, x.flatten())).kind == "flattened.batch"


def test_every_cause_has_matching_and_near_miss_cases():
    assert [name for name in NAMES if len(NEAR[name]) < 2] == []
    assert set(NAMED) == set(NAMES)
    assert set(NEAR) == set(NAMES)
