"""Estimate how long an exercise, the core of a chapter, and all of it take, by `RULE`, fitted to 314 exercises."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
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
NO_WORDS = re.compile(r"<!--.*?-->", re.DOTALL)
WORD = re.compile(r"\{\{ .+? \}\}\S*|\S*\w\S*")  # a placeholder, once filled in, is a number


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
        return Way(*map(add, asdict(self).values(), asdict(other).values()))


Ways = Mapping[str, Way]


def exercise_minutes(cells: Sequence[Mapping[str, Any]]) -> int:
    """Return the minutes, at least 1, of the exercise in ``cells``, from its heading to its test or solution cell."""
    solution = next(cell for cell in cells if "solution" in cell["metadata"])
    prose = (cell["source"] for cell in cells if cell["cell_type"] == "markdown" and cell is not solution)
    lines = [line for line in solution_lines(solution["source"]) if not line.startswith("#")]
    seconds = _read_seconds(reduce(statements.statement, prose, ""))
    seconds += DIFFICULTY_SECONDS * solution["metadata"]["difficulty"] + SOLUTION_SECONDS * len(lines)
    seconds += CHECK_SECONDS * split_test(cells[-1]["source"])[0].count("lab.compare(")
    return max(1, round(seconds / 60))


def ways(notebook: Mapping[str, Any]) -> dict[str, Way]:
    """Return the two ways through a chapter: `facts.CORE` maps to the core, and `facts.MORE` to everything."""
    core = {exercise.title for exercise in facts.of_all(notebook) if exercise.tier == facts.CORE}
    return {facts.CORE: route(notebook, core), facts.MORE: route(notebook)}


def route(notebook: Mapping[str, Any], titles: Collection[str] | None = None) -> Way:
    """Return the way through a chapter, or through these exercises, their sections, and those before any exercise."""
    seconds = [0.0]  # of each section, without those for its exercises
    exercises: list[tuple[int, facts.Facts]] = []  # each with its section
    is_exercise = False
    for cell in notebook["cells"]:
        if stored := facts.of(cell):
            exercises.append((len(seconds) - 1, stored))
        elif cell["cell_type"] != "markdown":
            seconds[-1] += _code_seconds(cell)
        else:
            marks = {heading.line: heading for heading in headings(cell["source"]) if heading.level <= 3}
            for at, line in enumerate(cell["source"].split("\n")):
                if mark := marks.get(at):
                    is_exercise = mark.is_exercise
                    seconds += [0.0] if mark.level == 2 else []
                seconds[-1] += 0 if is_exercise else _read_seconds(line)
    chosen = [(section, e) for section, e in exercises if titles is None or e.title in titles]
    first = exercises[0][0] if exercises and titles is not None else len(seconds)
    # `sum` rounds otherwise since Python 3.12, and would make notebooks stale.
    reading = math.fsum(time for n, time in enumerate(seconds) if n < first or n in dict(chosen))
    points, practice = sum(e.points for _, e in chosen), sum(e.minutes for _, e in chosen)
    return Way(len(chosen), points, practice, round(reading / 60, 1))


def fill_time(notebook: dict[str, Any]) -> None:
    """Store in a notebook how long its chapter takes, and replace ``{{ time }}`` with that time."""
    through = ways(notebook)
    notebook["metadata"]["layerlab"]["ways"] = {name: asdict(way) for name, way in through.items()}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = cell["source"].replace("{{ time }}", said(through))


def kept(notebook: Mapping[str, Any]) -> dict[str, Way]:
    """Return the ways stored in a notebook, or an empty dict if the notebook was made by hand."""
    return {name: Way(**way) for name, way in notebook["metadata"].get("layerlab", {}).get("ways", {}).items()}


def total(every: Iterable[Ways]) -> dict[str, Way]:
    """Return both ways summed over several chapters, or an empty dict if no chapter has any ways."""
    summed: dict[str, Way] = {}
    for through in every:
        summed = {name: summed.get(name, Way()) + way for name, way in through.items()} or summed
    return summed


def note(through: Ways) -> str:
    """Return the times of both ways in a few words, for an entry in a list."""
    core, every = (f"about {spell(through[way].minutes)}" for way in facts.TIERS)
    return f"core {core}, all of it {every}" if through[facts.MORE].exercises else every


def said(through: Ways) -> str:
    """Return both ways through a chapter in words, with their times, exercises, and points."""
    core, every = (through[way] for way in facts.TIERS)
    if not every.exercises:
        return f"about {spell(every.minutes)} to read"
    below, above = (f"{way.exercises} exercises, {way.points} points, and" for way in (core, every))
    return (
        f"**core** about {spell(core.minutes)} ({below} the sections that they rest on); "
        f"**all of it** about {spell(every.minutes)} ({above} {spell(every.reading)} of reading)"
    )


def spell(minutes: float) -> str:
    """Return a time in words, rounded to five minutes; above two hours to half an hour, and above ten to an hour."""
    if minutes < 120:
        return f"{max(5, 5 * round(minutes / 5))} minutes"
    halves = round(minutes / 30) if minutes < 600 else 2 * round(minutes / 60)
    return f"{halves // 2}{'.5' * (halves % 2)} hours"


def _read_seconds(prose: str) -> float:
    return 60 / WORDS_A_MINUTE * len(WORD.findall(NO_WORDS.sub("", prose)))


def _code_seconds(cell: Mapping[str, Any]) -> float:
    """Return the seconds it takes to read a code cell: 0 for an exercise's cell; folded lines do not count."""
    metadata, source = cell["metadata"], cell["source"]
    if "exercise" in metadata.get("layerlab", {}):
        return 0.0
    folded = any(tag in metadata.get("tags", []) for tag in ("hide-input", "hide-cell", "remove-input", "remove-cell"))
    shown = EXPLORER_SECONDS if "lab.explorer(" in source else FIGURE_SECONDS * ("mystnb" in metadata)
    return shown + (0 if folded else LINE_SECONDS * sum(bool(line.strip()) for line in source.split("\n")))
