"""Estimate how long an exercise, the core of a chapter, and the whole chapter take.

Reading takes a fixed number of seconds for each word of text, each line of visible code, each figure, and each
explorer. The time for an exercise is the reading time of its statement plus a fixed time for each step of difficulty,
each line of its solution, and each comparison of its visible check. These constants were fitted to the minutes that the
authors of the first 314 exercises had estimated. The chapter's notebook stores the results, and all code that states a
time reads them there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from typing import Any

from autograder.texts import facts, statements
from autograder.texts.headings import headings
from autograder.texts.regions import solution_lines, split_test

WORDS_A_MINUTE, LINE_SECONDS, FIGURE_SECONDS, EXPLORER_SECONDS = 200, 3, 20, 90
DIFFICULTY_SECONDS, SOLUTION_SECONDS, CHECK_SECONDS = 140, 8, 15
RULE = (
    f"Times are computed, not guessed. Reading: {WORDS_A_MINUTE} words a minute, {LINE_SECONDS} seconds for a line of "
    f"code, {FIGURE_SECONDS} for a figure, {EXPLORER_SECONDS} for an explorer. An exercise: its statement at the same "
    f"speed, {DIFFICULTY_SECONDS} seconds for each step of difficulty, {SOLUTION_SECONDS} for each line of our "
    f"solution, {CHECK_SECONDS} for each comparison of its visible check. The core includes the sections before a "
    "chapter's first exercise and those that contain a core exercise."
)

WORD = re.compile(r"\S*\w\S*")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
PLACEHOLDER = re.compile(r"\{\{ .+? \}\}")  # a number, once filled in


@dataclass(frozen=True)
class Way:
    """One way through a chapter or several chapters: core exercises only, or everything."""

    exercises: int = 0
    points: int = 0
    practice: int = 0  # minutes of its exercises
    reading: float = 0.0  # minutes for the sections that it includes

    @property
    def minutes(self) -> float:
        """The minutes for practice and reading together."""
        return self.practice + self.reading

    def __add__(self, other: Way) -> Way:
        return Way(*(a + b for a, b in zip(asdict(self).values(), asdict(other).values(), strict=True)))


Ways = Mapping[str, Way]


@dataclass
class _Section:
    """The content between two level-2 headings; ``seconds`` is the reading time without the exercises."""

    seconds: float
    exercises: list[facts.Facts]


def exercise_minutes(cells: Sequence[Mapping[str, Any]]) -> int:
    """Return how many minutes an exercise takes, at least 1.

    Args:
        cells: the cells from the exercise's heading to its test cell, or to its solution cell if it has no test.
    """
    solution = next(cell for cell in cells if "solution" in cell["metadata"])
    prose = (cell["source"] for cell in cells if cell["cell_type"] == "markdown" and cell is not solution)
    asked = reduce(statements.statement, prose, "")
    visible, _ = split_test(cells[-1]["source"])
    lines = [line for line in solution_lines(solution["source"]) if not line.startswith("#")]
    seconds = DIFFICULTY_SECONDS * solution["metadata"]["difficulty"]
    seconds += SOLUTION_SECONDS * len(lines) + CHECK_SECONDS * visible.count("lab.compare(")
    return max(1, round((_read_seconds(asked) + seconds) / 60))


def ways(notebook: Mapping[str, Any]) -> dict[str, Way]:
    """Return the two ways through a chapter: `facts.CORE` maps to the core, and `facts.MORE` to everything."""
    sections = _sections(notebook)
    every = [exercise for section in sections for exercise in section.exercises]
    return {facts.CORE: _through(sections, lambda one: one.tier == facts.CORE), facts.MORE: _way(sections, every)}


def route(notebook: Mapping[str, Any], titles: Collection[str]) -> Way:
    """Return the way through a chapter for someone who works only on the exercises with these titles.

    Like the core, this way includes the sections before the chapter's first exercise.
    """
    return _through(_sections(notebook), lambda one: one.title in titles)


def fill_time(notebook: dict[str, Any]) -> None:
    """Store in a notebook how long its chapter takes, and replace ``{{ time }}`` with that time."""
    through = ways(notebook)
    notebook["metadata"]["layerlab"]["ways"] = {name: asdict(way) for name, way in through.items()}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = cell["source"].replace("{{ time }}", said(through))


def kept(notebook: Mapping[str, Any]) -> dict[str, Way]:
    """Return the ways stored in a notebook, or an empty dict if the notebook was made by hand."""
    found = notebook["metadata"].get("layerlab", {}).get("ways", {})
    return {name: Way(**way) for name, way in found.items()}


def total(found: Iterable[Ways]) -> dict[str, Way]:
    """Return both ways summed over several chapters, or an empty dict if no chapter has any ways."""
    known = [through for through in found if through]
    return {name: reduce(add, (through[name] for through in known)) for name in facts.TIERS} if known else {}


def note(through: Ways) -> str:
    """Return the times of both ways in a few words, for an entry in a list."""
    core, every = through[facts.CORE], through[facts.MORE]
    if not every.exercises:
        return f"about {spell(every.minutes)}"
    return f"core about {spell(core.minutes)}, all of it about {spell(every.minutes)}"


def said(through: Ways) -> str:
    """Return both ways through a chapter in words, with their times, exercises, and points."""
    core, every = through[facts.CORE], through[facts.MORE]
    if not every.exercises:
        return f"about {spell(every.minutes)} to read"
    asked = {way: f"{way.exercises} exercises, {way.points} points" for way in (core, every)}
    return (
        f"**core** about {spell(core.minutes)} ({asked[core]}, and the sections that they rest on); "
        f"**all of it** about {spell(every.minutes)} ({asked[every]}, and {spell(every.reading)} of reading)"
    )


def spell(minutes: float) -> str:
    """Return a time in words, rounded.

    Round times below two hours to the nearest five minutes, times below ten hours to the nearest half hour, and longer
    times to the nearest hour.
    """
    if minutes < 120:
        return f"{max(5, 5 * round(minutes / 5))} minutes"
    halves = round(minutes / 30) if minutes < 600 else 2 * round(minutes / 60)
    return f"{halves // 2}{'.5' * (halves % 2)} hours"


def _through(sections: list[_Section], wanted: Callable[[facts.Facts], bool]) -> Way:
    first = next((n for n, section in enumerate(sections) if section.exercises), len(sections))
    read = [section for n, section in enumerate(sections) if n < first or any(map(wanted, section.exercises))]
    return _way(read, [exercise for section in read for exercise in section.exercises if wanted(exercise)])


def _way(sections: list[_Section], exercises: list[facts.Facts]) -> Way:
    reading = round(sum(section.seconds for section in sections) / 60, 1)
    points, practice = (sum(getattr(e, name) for e in exercises) for name in ("points", "minutes"))
    return Way(len(exercises), points, practice, reading)


def _sections(notebook: Mapping[str, Any]) -> list[_Section]:
    sections = [_Section(0.0, [])]
    for kind, what in _parts(notebook):
        if kind == "section":
            sections.append(_Section(0.0, []))
        elif kind == "exercise":
            sections[-1].exercises.append(what)
        else:
            sections[-1].seconds += what
    return sections


def _parts(notebook: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield (kind, value) pairs: section starts, exercises' facts, and the seconds to read everything else."""
    in_exercise = False
    for cell in notebook["cells"]:
        known = facts.of(cell)
        if known or cell["cell_type"] != "markdown":
            yield ("exercise", known) if known else ("seconds", _code_seconds(cell))
            continue
        found = {heading.line: heading for heading in headings(cell["source"]) if heading.level <= 3}
        for at, line in enumerate(cell["source"].split("\n")):
            if at in found:
                in_exercise = found[at].is_exercise
                if found[at].level == 2:
                    yield "section", found[at].title
            if not in_exercise:
                yield "seconds", _read_seconds(line)


def _read_seconds(prose: str) -> float:
    """Return the seconds to read Markdown text."""
    return 60 / WORDS_A_MINUTE * len(WORD.findall(PLACEHOLDER.sub("1", COMMENT.sub("", prose))))


def _code_seconds(cell: Mapping[str, Any]) -> float:
    """Return the seconds it takes to read a code cell: 0 for an exercise's cell; folded lines do not count."""
    metadata, source = cell["metadata"], cell["source"]
    if "exercise" in metadata.get("layerlab", {}):
        return 0.0
    folded = any(tag in metadata.get("tags", []) for tag in ("hide-input", "hide-cell", "remove-input", "remove-cell"))
    seconds = 0.0 if folded else LINE_SECONDS * sum(bool(line.strip()) for line in source.split("\n"))
    if "lab.explorer(" in source:
        return seconds + EXPLORER_SECONDS
    return seconds + (FIGURE_SECONDS if "mystnb" in metadata else 0)
