"""Test that a small exercise of each kind passes every row of the table of `validate`."""

from functools import cache

import pytest

from autograder.commands.validate import validate
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.validation.cache import Cache
from tests.root import KINDS

NAMES = sorted(path.parent.name for path in KINDS.glob("*/answers.md"))
ROWS = (
    "reference",
    "oracle",
    "released, untouched",
    "right variants",
    "wrong variants",
    "mutants",
    "replay",
    "zeros, input, random",
    "parameters",
    "after reassigned names",
)


@pytest.fixture(scope="module")
def start():
    """Yield a function that starts two fork servers when first called, because cached tables need none."""
    started: list[Runner] = []

    @cache
    def make() -> Runner:
        started.append(Runner(workers=2).__enter__())
        return started[0]

    yield make
    for runner in started:
        runner.__exit__(None, None, None)


def test_each_kind_has_one_fixture_exercise():
    assert {path.parent.name for path in KINDS.glob("*/text.md")} == {*NAMES, "by_hand"}
    assert len(NAMES) == 14


@pytest.mark.parametrize("name", NAMES)
def test_fixture_exercise_passes_every_validation_row(name, start):
    path = KINDS / name / "text.md"
    chapter = chapters.load(path)
    variants = variant_file.load(chapter, variant_file.path_of(path))
    found = validate(chapter, variants, start, Cache())
    assert found.all_misses == []
    (table,) = found.exercises
    assert set(ROWS) <= {row.graded for row in table.rows}, "a row that is not in the table cannot miss"
    assert table.tried.wrong >= 3
    assert table.tried.subtle >= 2
    assert table.tried.killed > 0


def test_debug_this_has_one_claim_and_faulty_start():
    chapter = chapters.load(KINDS / "debug_this" / "text.md")
    (exercise,) = chapter.exercises
    assert len(exercise.claims) == 1
    variants = variant_file.load(chapter, variant_file.path_of(KINDS / "debug_this" / "text.md"))
    assert variants.faulty_start(exercise.name) is not None
    assert "NotImplementedError" not in exercise.stub
