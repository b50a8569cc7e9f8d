"""Test the chapters' wording.

Headings start with a term, and exercises, hints, and feedback tell no story.
"""

from __future__ import annotations

import json
import re
from functools import cache

import pytest
import yaml

from autograder.course import Course
from autograder.texts import variants as variant_file
from autograder.texts.headings import EXERCISE, headings
from tests.exercise_texts import CHAPTERS, asked
from tests.root import ROOT

VOICE = yaml.safe_load((ROOT / "book" / "voice.yml").read_text(encoding="utf-8"))


@cache
def technical() -> re.Pattern[str]:
    """Return the pattern that finds a technical term or a torch name in a heading."""
    found = json.loads((ROOT / "book" / "torch_names.json").read_text(encoding="utf-8"))
    names = {name for group in found["names"].values() for name in group}
    words = [*map(re.escape, VOICE["terms"]), *(rf"{re.escape(name)}\b" for name in sorted(names) if len(name) > 2)]
    return re.compile(rf"(?<![a-z])(?:{'|'.join(words)})", re.IGNORECASE)


def has_a_term(title: str) -> bool:
    """Return whether a heading names a technical term before its story, if any."""
    if title in VOICE["everywhere"]:
        return True
    return technical().search(title.removeprefix(EXERCISE).partition(": ")[0].replace("`", "")) is not None


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_headings_begin_with_a_term(chapter):
    text = Course(ROOT).text(chapter).read_text(encoding="utf-8")
    without = [heading.title for heading in headings(text) if heading.level > 1 and not has_a_term(heading.title)]
    assert without == []


@pytest.mark.parametrize("title", ["Who gets the blame?", "Districts by lot", "Exercise: the wettest village"])
def test_story_without_a_term_is_no_heading(title):
    assert not has_a_term(title)


# -- stories ----------------------------------------------------------------------------------------------------------


@cache
def story(chapter: str) -> re.Pattern[str]:
    """Return the pattern that finds a chapter's story words, even inside names."""
    words = {*VOICE["story"]["everywhere"], *VOICE["story"].get(chapter, ())}
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, sorted(words)))})(?![^\W_])", re.IGNORECASE)


def told(chapter: str, text: str) -> list[str]:
    """Return each of a chapter's story words in a text, with the text around it."""
    return [text[max(0, hit.start() - 30) : hit.end() + 30] for hit in story(chapter).finditer(text)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exercises_tell_no_story(chapter):
    found = []
    for exercise in asked(chapter):
        pieces = (exercise.title, exercise.statement, exercise.solution, exercise.test, exercise.hints)
        found += [(exercise.name, word) for piece in pieces for word in told(chapter, piece)]
    assert found == []


@pytest.mark.parametrize("chapter", [chapter for chapter in CHAPTERS if variant_file.path_of(chapter).is_file()])
def test_feedback_on_mistakes_tells_no_story(chapter):
    assert told(chapter, variant_file.path_of(chapter).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("chapter", "text"),
    [
        ("pooling", "- Each district gives its largest number."),
        ("pooling", 'lab.observe("who gets the blame", x.grad)'),
        ("convolution", "Your Lamp moves back to front."),
        ("initialization", "def gains(bend): ..."),
        ("activations", "def without_bends(net): ..."),
        ("containers", 'branches = ["wool", "to_silk"]'),
    ],
)
def test_story_words_are_found_in_text_and_code(chapter, text):
    assert told(chapter, text)


@pytest.mark.parametrize(
    ("chapter", "text"),
    [("pooling", "Each window gives its largest number."), ("linear", "the vegetables that are bent")],
)
def test_terms_do_not_count_as_story(chapter, text):
    assert not told(chapter, text)
