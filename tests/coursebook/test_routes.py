"""Test that every route leads to exercises that exist, and that its hours are those of its chapters."""

import json

import pytest

from autograder.texts import facts, reading_time
from coursebook.measures import routes
from coursebook.notebooks import of_page
from coursebook.pages import parts
from tests.root import COURSE, ROOT

CHAPTERS = [one.name for part in parts.plan() for one in part.chapters]
TAKEN = {name: taken for name in CHAPTERS if (taken := routes.taken(name))}


def stop(chapter, wanted):
    return routes.stop(f"notebooks/{chapter}/{chapter}", wanted, of_page(ROOT, f"notebooks/{chapter}/{chapter}"))


def test_chapters_take_only_routes_that_have_a_title():
    assert {name for taken in TAKEN.values() for name in taken} == set(routes.names())


@pytest.mark.parametrize("route", routes.names())
def test_route_crosses_at_least_six_chapters(route):
    assert sum(route in taken for taken in TAKEN.values()) >= 6


def test_unknown_exercise_is_named():
    with pytest.raises(ValueError, match="has no exercise own_sdqa"):
        stop("attention", ["own_sdpa", "own_sdqa"])


@pytest.mark.parametrize("chapter", ["attention", "linear"])
def test_route_through_the_core_takes_as_long_as_the_core(chapter):
    notebook = json.loads(COURSE.release(chapter).read_text(encoding="utf-8"))
    way, core = stop(chapter, facts.CORE).way, reading_time.kept(notebook)[facts.CORE]
    assert (way.exercises, way.practice) == (core.exercises, core.practice)
    # A page's numbers are filled in, and some of them have several words.
    assert way.reading == pytest.approx(core.reading, abs=0.5)


def test_route_of_one_exercise_is_shorter_than_the_core():
    one = stop("attention", ["own_sdpa"]).way
    assert one.exercises == 1
    assert 0 < one.minutes < stop("attention", facts.CORE).way.minutes
