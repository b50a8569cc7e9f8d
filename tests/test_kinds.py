"""The contract, proven small: one fixture exercise of each kind passes the whole table of validate."""

from functools import cache
from pathlib import Path

import pytest

from autograder.chapters import chapter as chapters
from autograder.chapters import variants as variant_file
from autograder.running.run import Runner
from autograder.validation.cache import Cache
from autograder.validation.command import validate

KINDS = Path(__file__).parent / "kinds"
NAMES = (
    "implement",
    "state_that_moves",
    "init",
    "dropout",
    "optimiser",
    "hook",
    "own_backward",
    "debug_this",
    "predict",
    "measure_and_decide",
    "free_factors",
    "open",
    "trained",
    "several_processes",
)
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
    """A function that starts two fork servers the first time it is called: tables that are kept need none."""
    started: list[Runner] = []

    @cache
    def make() -> Runner:
        started.append(Runner(workers=2).__enter__())
        return started[0]

    yield make
    for runner in started:
        runner.__exit__(None, None, None)


def test_there_is_one_exercise_of_each_kind():
    assert {path.stem for path in KINDS.glob("*.md")} == set(NAMES)
    assert {path.stem for path in (KINDS / "variants").glob("*.md")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_table_of_validate(name, start):
    path = KINDS / f"{name}.md"
    chapter = chapters.load(path)
    variants = variant_file.load(chapter, variant_file.path_of(path))
    found = validate(chapter, variants, start, Cache())
    assert found.all_misses == []
    (table,) = found.exercises
    assert set(ROWS) <= {row.graded for row in table.rows}, "a row that is not in the table cannot miss"
    assert table.wrong >= 3
    assert table.subtle >= 2
    assert table.mutants.killed > 0


def test_a_debug_this_exercise_is_one_claim_and_its_start_is_a_wrong_variant():
    chapter = chapters.load(KINDS / "debug_this.md")
    (exercise,) = chapter.exercises
    assert len(exercise.claims) == 1
    variants = variant_file.load(chapter, variant_file.path_of(KINDS / "debug_this.md"))
    assert variants.faulty_start(exercise.name) is not None
    assert "NotImplementedError" not in exercise.stub
