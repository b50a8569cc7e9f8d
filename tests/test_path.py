"""The way through the book: what an exercise needs was taught before it, or stands under "You need first"."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache

import pytest
import yaml

from authoring.course import Course
from coursebook.pages import parts, places
from tests.exercise_texts import CHAPTERS, Asked, asked
from tests.root import ROOT

CLASS = re.compile(r"\bnn\.([A-Z]\w+)")
FIRST = re.compile(r"^\*\*You need first\*\*.*$", re.MULTILINE)
ORDER = [chapter.name for part in parts.plan() for chapter in part.chapters]


@cache
def taught() -> Mapping[str, Collection[str]]:
    """Return for each class of torch.nn the chapters of the plan that teach it."""
    entries, _ = places.entries_of(yaml.safe_load((ROOT / "book" / places.WORDS).read_text(encoding="utf-8")))
    return {entry.name: entry.chapters for entry in entries if entry.namespace == "nn"}


def needed(exercise: Asked) -> set[str]:
    """Return the classes that a reader has to know: of the statement, the visible checks and the reference's answer."""
    forbidden = {name.removeprefix("nn.") for name in exercise.rules}
    visible = exercise.test.partition("### BEGIN HIDDEN TESTS")[0]
    return set(CLASS.findall(exercise.statement + exercise.solution + visible)) & taught().keys() - forbidden


def unprepared(chapter: str, first: str, needs: Collection[str], written: Collection[str]) -> list[str]:
    """Return the classes that are taught in no chapter up to this one and not named in ``first``."""
    so_far = {name for name in ORDER[: ORDER.index(chapter) + 1] if name in written}
    return sorted(name for name in needs if not so_far & {*taught()[name]} and f"`nn.{name}`" not in first)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_exercises_need_was_taught_or_stands_under_you_need_first(chapter):
    first = FIRST.search(Course(ROOT).text(chapter).read_text(encoding="utf-8"))
    assert first, "a chapter says what one needs first"
    needs = {name for exercise in asked(chapter) for name in needed(exercise)}
    assert unprepared(chapter, first[0], needs, CHAPTERS) == []


def test_a_class_of_a_later_chapter_is_missed_unless_it_is_named():
    assert unprepared("linear", "**You need first** tensors.", {"Linear", "Conv2d"}, CHAPTERS) == ["Conv2d"]
    assert unprepared("linear", "**You need first** tensors and `nn.Conv2d`.", {"Linear", "Conv2d"}, CHAPTERS) == []
    assert unprepared("pooling", "**You need first** tensors.", {"Conv2d"}, set(CHAPTERS) - {"convolution"}) == [
        "Conv2d"
    ]
