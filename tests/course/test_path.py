"""Test that exercises need only classes that were taught or are listed under "What you need first"."""

import re
from collections.abc import Collection, Mapping
from functools import cache

import pytest

from coursebook.pages import layer_places, parts
from tests.course.exercise_texts import CHAPTERS, Asked, asked
from tests.root import COURSE

pytestmark = pytest.mark.course

CLASS = re.compile(r"\bnn\.([A-Z]\w+)")
FIRST = re.compile(r"^\*\*What you need first\*\*: .*$", re.MULTILINE)
ORDER = [chapter.name for part in parts.plan() for chapter in part.chapters]


@cache
def taught() -> Mapping[str, Collection[str]]:
    """Map each class of torch.nn to the planned chapters that teach it."""
    entries, _ = layer_places.entries_of(layer_places.read(COURSE))
    return {entry.name: entry.chapters for entry in entries if entry.namespace == "nn"}


def needed(exercise: Asked) -> set[str]:
    """Return the classes in an exercise's statement, visible checks, and reference answer."""
    forbidden = {name.removeprefix("nn.") for name in exercise.rules}
    visible = exercise.test.partition("### BEGIN HIDDEN TESTS")[0]
    return set(CLASS.findall(exercise.statement + exercise.solution + visible)) & taught().keys() - forbidden


def unprepared(chapter: str, first: str, needs: Collection[str], written: Collection[str]) -> list[str]:
    """Return the needed classes that no written chapter up to this one teaches and that ``first`` does not list."""
    so_far = {name for name in ORDER[: ORDER.index(chapter) + 1] if name in written}
    return sorted(name for name in needs if not so_far & {*taught()[name]} and f"`nn.{name}`" not in first)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exercise_needs_only_taught_or_listed_classes(chapter):
    first = FIRST.search(COURSE.text(chapter).read_text(encoding="utf-8"))
    assert first, "a chapter says what one needs first"
    needs = {name for exercise in asked(chapter) for name in needed(exercise)}
    assert unprepared(chapter, first[0], needs, CHAPTERS) == []


def test_class_of_later_chapter_must_be_listed():
    listed = "**What you need first**: tensors."
    assert unprepared("linear", listed, {"Linear", "Conv2d"}, CHAPTERS) == ["Conv2d"]
    assert unprepared("linear", f"{listed[:-1]} and `nn.Conv2d`.", {"Linear", "Conv2d"}, CHAPTERS) == []
    assert unprepared("pooling", listed, {"Conv2d"}, set(CHAPTERS) - {"convolution"}) == ["Conv2d"]
