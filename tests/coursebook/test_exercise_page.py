"""Test that the page of all exercises has the right counts and links to existing headings."""

from __future__ import annotations

import json

import pytest

from autograder.course import Course
from autograder.texts import chapter, facts, reading_time
from autograder.texts.facts import CORE, Facts
from coursebook.measures import exercises
from coursebook.pages import parts
from tests.root import COURSE, ROOT

pytestmark = pytest.mark.course

NAMES = [one.name for part in parts.plan() for one in part.chapters if one.name in chapter.names(ROOT)]


def known(name: str) -> list[Facts]:
    return facts.of_all(json.loads(Course(ROOT).reference(name).read_text(encoding="utf-8")))


ALL = [exercises.Chapter(name, name, known(name)) for name in NAMES]


def test_most_exercises_have_difficulty_two_or_three():
    levels = [sum(counts) for counts in zip(*(one.levels for one in ALL), strict=True)]
    assert sum(levels) == sum(len(one.known) for one in ALL)
    assert levels[1] + levels[2] > sum(levels) / 2
    assert all(levels)


def test_chapter_mean_difficulty_is_moderate():
    assert all(2 <= one.mean <= 4 for one in ALL), {one.page: one.mean for one in ALL}


def test_core_path_takes_at_most_forty_hours():
    references = [COURSE.reference(name).read_text(encoding="utf-8") for name in COURSE.chapters]
    ways = [reading_time.kept(json.loads(reference)) for reference in references]
    through = reading_time.total(found for found in ways if found)
    assert through[CORE].minutes <= 40 * 60


ONE = Facts("`softmax` of one", "core", difficulty=2, minutes=5, points=3)
TWO = Facts("two", "more", difficulty=5, minutes=15, points=4)


def test_table_row_counts_exercises_points_and_minutes():
    assert exercises.counts([ONE, TWO]) == (2, 1, 7, 20, "", 1, "", "", 1)


def test_difficulty_figure_and_caption_show_each_chapter():
    said = exercises.caption([exercises.Chapter("a", "First", [ONE]), exercises.Chapter("b", "Last", [ONE, TWO])])
    assert "Difficulty of 3 exercises" in said
    assert "2.0 in First, 3.5 in Last. 67% of all" in said
    drawn = exercises.curve([exercises.Chapter("a", "First", [ONE]), exercises.Chapter("b", "Last", [ONE, TWO])])
    assert drawn.count("<circle") == 3
    assert 'points="40,122.0 66,80.0"' in drawn
