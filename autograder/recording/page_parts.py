"""Render pages, and provide the words, signs, colors, and formulas that they share."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

from autograder.model import Chapter, ExerciseResult, State
from autograder.plain import in_terminal
from autograder.reasons import WORDS, capital, sentence

# The sign of each state, so that color is not the only cue, and its words in the legend of a class report.
SIGNS = {
    State.PASSED: ("✓", "solved"),
    State.WRONG: ("×", "wrong"),
    State.RAISED: ("!", "an error"),
    State.NOT_IMPLEMENTED: ("–", "not started"),
    State.TIMED_OUT: ("t", "too slow"),
    State.OUT_OF_MEMORY: ("m", "too much memory"),
    State.CRASHED: ("c", "crashed"),
    State.FORBIDDEN: ("f", "forbidden call"),
    State.NO_EVIDENCE: ("?", "nothing to judge"),
    State.SKIPPED: ("s", "not run"),
    State.BY_HAND: ("h", "waits for a person"),
    State.INFRASTRUCTURE: ("i", "our fault"),
}


@cache
def environment() -> Environment:
    """Return the Jinja environment, which escapes text in all pages, so that nothing a student sent becomes markup."""
    pages = Environment(
        loader=PackageLoader("autograder.recording", "templates"),
        autoescape=lambda name: not str(name).endswith(".txt"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update({made.__name__: made for made in (prose, markdown, in_terminal, capital, css_class, plural)})
    pages.filters.update(points=points, as_sentence=sentence, said=lambda text: prose(sentence(text)))
    pages.globals.update(signs=SIGNS, State=State, tone=tone, state_in_words=state_in_words)
    return pages


def rendered(template: str, chapter: Chapter | None = None, **values: Any) -> str:
    """Render a template (a page or part of a page) with the chapter's heading."""
    return environment().get_template(template).render(heading=chapter and heading(chapter), chapter=chapter, **values)


def prose(text: str) -> Markup:
    """Return a sentence as HTML in which only `backticks` are markup."""
    parts = re.split(r"`([^`\n]+)`", text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


@lru_cache(maxsize=1000)  # a chapter's bullets and titles appear on every page of a class
def markdown(sentence: str) -> Markup:
    """Return an author's Markdown as HTML; a formula that cannot be converted stays in TeX."""
    return Markup(_markdown().renderInline(sentence))  # from the reference notebook: no student's text gets here


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, renderer=_formula)


def _formula(tex: str, options: dict[str, bool]) -> str:
    try:
        made = convert(tex, display="block" if options.get("display_mode") else "inline")
        return made.replace("\\_", "_")  # in \text, the library leaves the backslash of \_
    except Exception:  # the library raises many kinds of errors and documents none
        return str(Markup("<code>{}</code>").format(tex))


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
    """Return a chapter's name as a reader would write it, such as "Custom layers"."""
    return chapter.name.replace("_", " ").capitalize()


def state_in_words(exercise: ExerciseResult) -> str:
    """Return an exercise's state in words for the student, such as "partly solved" if it earned some of its points."""
    is_solved = exercise.earned >= exercise.points  # a person may give extra credit
    if exercise.state is not State.BY_HAND and (is_solved or exercise.earned > 0):
        return WORDS[State.PASSED] if is_solved else "partly solved"
    return WORDS[exercise.state]


def tone(exercise: ExerciseResult) -> str:
    """Return the CSS class that colors an exercise: its state, or "partial"."""
    return "partial" if 0 < exercise.earned < exercise.points else css_class(exercise.state)
