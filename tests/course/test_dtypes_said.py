"""Test that a hidden test uses dtypes other than float32 only if the statement mentions dtypes."""

import re

import pytest

from tests.course.exercise_texts import CHAPTERS, Asked, asked

pytestmark = pytest.mark.course

HIDDEN = "### BEGIN HIDDEN TESTS"
USED = re.compile(r"\b(float64|float16|bfloat16)\b|\.(double|half)\(\)")
# These tests convert only returned values or their own data, so no answer receives the dtype.
CONVERTED = {
    "attending_net": "scores and weights",
    "deep_start": "the size of a hidden state",
    "init_policy": "parts of a filled parameter",
    "own_plateau": "numbers made into a list",
    "picture_files": "what the test's own transform returns",
    "read_batch": "means of images",
    "slim_net": "the share of zeros",
    "tiny_module": "a buffer of the test's own module",
}
SAID = re.compile(r"dtype|float|double|half|precision")


def unsaid(exercises: list[Asked]) -> list[str]:
    """Return exercises whose hidden test uses a dtype other than float32 although their statement names no dtype."""
    used = [one for one in exercises if USED.search(one.test.partition(HIDDEN)[2]) and one.name not in CONVERTED]
    return [one.name for one in used if not SAID.search(one.statement)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_statement_names_the_dtypes_of_its_hidden_test(chapter: str) -> None:
    assert unsaid(asked(chapter)) == []


def test_unnamed_dtype_is_detected() -> None:
    test = f"{HIDDEN}\nlab.observe('output', f(draw.randn(3).double()))"
    silent = Asked("f", "Write `f(x)`.", "", test, ())
    outspoken = Asked("g", "Write `g(x)`; the result has the same dtype as `x`.", "", test, ())
    assert unsaid([silent, outspoken]) == ["f"]
