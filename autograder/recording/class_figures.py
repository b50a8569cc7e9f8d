"""Draw the two figures of a class report as inline SVG, colored by the page's style sheet (light and dark)."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup, escape

from autograder.model import Chapter, Exercise, Result, State
from autograder.recording.page_parts import SIGNS, capital, css_class, plural, tone

LABEL, STUDENT = 44, 16  # maximum numbers of characters shown of an exercise's title and of a student's name
ROW, HEAD = 26, 112  # px: heights of the rows of exercises and of students' names
BAR = Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="2" class="fill {}"/>')
TEXT = Markup('<text x="{}" y="{}" class="{}">{}</text>')
NAME = Markup('<text transform="translate({} {}) rotate(-90)">{}</text>')
LINE = Markup('<span>{}</span><svg width="{}" height="{}" viewBox="0 0 {} {}">{}</svg>')


def overview(chapter: Chapter, results: list[Result]) -> Markup:
    """Return a chart with a column per student (most points first) and a box per exercise, filled by its points."""
    ordered = sorted(results, key=lambda result: (-result.earned, result.student))
    step = max(14, min(26, 760 // max(1, len(ordered))))  # px, wide enough for a sign and a name
    width = step * len(ordered)
    names = [NAME.format(at * step + step / 2 + 3, HEAD, one.student[:STUDENT]) for at, one in enumerate(ordered)]
    parts = [LINE.format("", width, HEAD, width, HEAD, Markup("").join(names))]
    for exercise in chapter.exercises:
        shapes = Markup("").join(_box(at * step, step, result, exercise) for at, result in enumerate(ordered))
        title = exercise.title if len(exercise.title) <= LABEL else f"{exercise.title[: LABEL - 1]}…"
        parts.append(LINE.format(capital(title), width, ROW, width, ROW, shapes))
    words = (
        f"Points of {plural(len(ordered), 'student')} in {plural(len(chapter.exercises), 'exercise')}: one column for "
        "each student, most points on the left. The table of all students has the same numbers."
    )
    return Markup('<div class="grid" role="img" aria-label="{}">{}</div>').format(words, Markup("").join(parts))


def legend(results: list[Result]) -> list[tuple[str, str, str]]:
    """Return the sign, CSS class, and words of every state that the overview shows, in the order of `SIGNS`."""
    seen = {part.state if part.earned == 0 or part.is_solved else State.PASSED for r in results for part in r.exercises}
    seen |= {result.state for result in results if not result.exercises}
    return [(sign, css_class(state), words) for state, (sign, words) in SIGNS.items() if state in seen]


def _box(x: int, step: int, result: Result, exercise: Exercise) -> Markup:
    found, title, points = result.part(exercise.name), exercise.title, exercise.points
    state = found.state if found else result.state
    earned = found.earned if found else 0
    filled = round((ROW - 2) * earned / points, 1) if points else 0
    shape = Markup('<rect x="{}" width="{}" height="{}" rx="2" class="empty"/>').format(x, step - 2, ROW)
    if found and filled:
        filled += 2 if earned == points else 0
        shape += BAR.format(x, round(ROW - filled, 1), step - 2, filled, tone(found))
    else:
        shape += TEXT.format(x + (step - 2) / 2, 18, f"sign {css_class(state)}", SIGNS[state][0])
    words = f"{result.student}, {title}: {earned} of {points}, {state.value}"
    return Markup("<g>{}<title>{}</title></g>").format(shape, words)


def distribution(points: int, earned: list[float]) -> Markup:
    """Return a histogram of the points in at most ten equal bins; the last bin includes extra credit."""
    size = max(1, -(-(points + 1) // 10))
    counts = Counter(int(min(value, points)) // size for value in earned)
    bins, top = points // size + 1, max(counts.values(), default=1)
    step, height = 44, 120
    parts, said = [], []
    for column in range(bins):
        low, high = column * size, min(points, column * size + size - 1)
        name = f"{low}" if low == high else f"{low}–{high}"
        count = counts[column]
        tall = round(height * count / top, 1)
        said.append(f"{name} points: {count}")
        x, middle = column * step, column * step + step / 2 - 2
        parts.append(BAR.format(x, round(20 + height - tall, 1), step - 4, tall, "passed"))
        if count:
            parts.append(TEXT.format(middle, round(14 + height - tall, 1), "mid", count))
        parts.append(TEXT.format(middle, height + 38, "mid soft", name))
    width, ground = bins * step, height + 20.5
    parts.append(Markup('<line x1="0" x2="{}" y1="{}" y2="{}" class="axis"/>').format(width - 4, ground, ground))
    label = escape("Students by points. " + ", ".join(said))
    return Markup('<svg role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}</svg>').format(
        label, width, height + 46, width, height + 46, Markup("").join(parts)
    )
