"""Templates, states in words, signs, and colors shared by the feedback page and the class report."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from autograder.model import Chapter, ExerciseResult, State
from autograder.plain import in_terminal
from autograder.reasons import WORDS, capital, sentence
from autograder.recording import markdown

# The sign of each state, so that color is not the only cue.
SIGNS = {
    State.PASSED: "✓",
    State.WRONG: "×",
    State.RAISED: "!",
    State.NOT_IMPLEMENTED: "–",
    State.TIMED_OUT: "t",
    State.OUT_OF_MEMORY: "m",
    State.CRASHED: "c",
    State.FORBIDDEN: "f",
    State.NO_EVIDENCE: "?",
    State.SKIPPED: "s",
    State.INFRASTRUCTURE: "i",
}


@cache
def environment() -> Environment:
    """Return the templates with escaping on in all pages: what a student's process sent is text, never markup."""
    pages = Environment(
        loader=PackageLoader("autograder.recording", "templates"),
        autoescape=lambda name: not str(name).endswith(".txt"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["prose"] = prose
    pages.filters["as_sentence"] = sentence
    pages.filters["said"] = lambda text: prose(sentence(text))
    pages.filters["markdown"] = markdown.as_html
    pages.filters["in_terminal"] = in_terminal
    pages.filters["capital"] = capital
    pages.filters["css_class"] = css_class
    pages.filters["plural"] = plural
    pages.filters["points"] = points
    pages.globals.update(words=WORDS, signs=SIGNS, State=State)
    return pages


def prose(text: str) -> Markup:
    """Return a sentence as HTML in which only `backticks` are markup."""
    parts = re.split(r"`([^`\n]+)`", text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def css_class(state: State) -> str:
    """Return "timed-out" for "timed out"."""
    return state.value.replace(" ", "-")


def plural(count: int, one: str, many: str = "") -> str:
    """Return "1 point" or "3 points"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def points(number: float) -> str:
    """Return points as people write them: "3" or "2.5"."""
    return f"{number:g}"


def heading(chapter: Chapter) -> str:
    """Return a chapter's name as a reader would write it: "Custom layers"."""
    return chapter.name.replace("_", " ").capitalize()


def state_in_words(exercise: ExerciseResult) -> str:
    """Return an exercise's state in words for its student; one that earned some points is partly solved."""
    if exercise.is_solved:
        return WORDS[State.PASSED]
    if exercise.earned > 0:
        return "partly solved"
    return WORDS[exercise.state]


def tone(exercise: ExerciseResult) -> str:
    """Return the CSS class that colors an exercise: its state, or "partial"."""
    return "partial" if 0 < exercise.earned < exercise.points else css_class(exercise.state)
