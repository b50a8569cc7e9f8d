"""A hidden test may use a dtype only if the statement says what holds for it."""

from __future__ import annotations

import re

import pytest

from tests.exercise_texts import CHAPTERS, Asked, asked

HIDDEN = "### BEGIN HIDDEN TESTS"
USED = re.compile(r"\b(float64|float16|bfloat16)\b|\.(double|half)\(\)")
# Here the test converts what came back, or what it keeps itself: no answer sees the dtype.
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
    """Return the exercises whose hidden test uses another dtype than float32 while the statement names none."""
    used = [one for one in exercises if USED.search(one.test.partition(HIDDEN)[2]) and one.name not in CONVERTED]
    return [one.name for one in used if not SAID.search(one.statement)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_statement_names_the_dtypes_of_its_hidden_test(chapter: str) -> None:
    assert unsaid(asked(chapter)) == []


def test_an_unnamed_dtype_is_noticed() -> None:
    test = f"{HIDDEN}\nlab.observe('output', f(draw.randn(3).double()))"
    silent = Asked("f", "f", "Write `f(x)`.", "", test, "", ())
    outspoken = Asked("g", "g", "Write `g(x)`; the result has the same dtype as `x`.", "", test, "", ())
    assert unsaid([silent, outspoken]) == ["f"]
