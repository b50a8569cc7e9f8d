"""Read ``class.yml`` and report every mistake in it, with its line number and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from autograder.class_file import class_roster
from autograder.class_file.class_settings import ClassFileError, ClassSettings, path_of
from autograder.class_file.due_dates import date_of, zone_of
from autograder.course import Course
from autograder.model import Exercise
from autograder.texts import chapter as chapters

YES, NO = ("true", "yes", "on"), ("false", "no", "off")
_PERCENT = re.compile(r"(\d+) ?% per day")


def of_course(root: Path) -> ClassSettings:
    """Return the settings in a course's class file (without one, the defaults); see `read` for the errors."""
    path = path_of(root)
    return _kept(path, tuple(_stamp(one) for one in (path, *root.glob("*.csv")))) if path.exists() else ClassSettings()


def left_out(root: Path) -> frozenset[str]:
    """Return the chapters that the class leaves out, never those without exercises; see `read` for the errors."""
    settings = of_course(root)
    if settings.chapters is None:
        return frozenset()
    return frozenset(name for name in chapters.names(root) if not settings.has(name))


@lru_cache(maxsize=4)  # a command asks for settings several times, and reading `class.example.yml` takes 0.05 s
def _kept(path: Path, stamps: tuple[Any, ...]) -> ClassSettings:
    return read(path)


def _stamp(path: Path) -> tuple[str, int, int]:
    found = path.stat()
    return path.name, found.st_mtime_ns, found.st_size


def read(path: Path, root: Path | None = None) -> ClassSettings:
    """Return the settings in a class file, or raise ClassFileError, whose message has a line for each mistake.

    ``root`` is the course that the file describes (default: the file's folder, to which the roster's path is relative).
    """
    try:
        top = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ClassFileError(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ClassFileError(f"{path.name}{where}: is not YAML: {getattr(error, 'problem', error)}") from error
    reader = _Reader(root or path.resolve().parent, path.resolve().parent)
    settings = reader.settings(top)
    if reader.mistakes:
        raise ClassFileError(
            "\n".join(f"{path.name}, line {line}: {said}" for line, said in sorted(set(reader.mistakes)))
        )
    return settings


@dataclass
class _Reader:
    """Reads the nodes of one file, and collects every mistake and its line instead of stopping at the first mistake."""

    root: Path
    folder: Path  # the file's folder
    mistakes: list[tuple[int, str]] = field(default_factory=list)
    zone: tzinfo | None = None

    def __post_init__(self) -> None:
        course = Course(self.root)
        found = {path.parent.name for path in (self.root / "solutions").glob("*/*.ipynb")}
        self.known = sorted({*found, *course.chapters, *chapters.private_chapters(self.root)})
        self.loaded: dict[str, tuple[Exercise, ...]] = {}

    def settings(self, top: Node | None) -> ClassSettings:
        """Return the file's settings; afterward, `mistakes` is empty if the file has no mistakes."""
        fields: dict[str, Node] = {}
        readers: dict[str, Callable[[Node], Any]] = {
            "time_zone": self.time_zone, "roster": self.roster, "chapters": self.chapters, "core_only": self.yes_or_no,
            "exercises": self.exercises, "points": self.points, "due": self.due, "late": self.late,
            "extensions": self.extensions, "solutions": self.yes_or_no, "claims": self.yes_or_no,
        }  # fmt: skip
        for key, value in self.items(top, "a class file says `chapters:`, `due:`, …"):
            if self.is_known(key, key.value, list(readers), f"there is no setting {key.value!r} here"):
                fields[key.value] = value
        # In this order, because dates need the time zone, and everything that names a chapter needs the chapters.
        self.zone = readers["time_zone"](fields.pop("time_zone")) if "time_zone" in fields else None
        self.chosen: Sequence[str] = self.known
        self.dated: dict[str, datetime | None] = {}
        self.enrolled: tuple[str, ...] | None = None
        made: dict[str, Any] = {name: readers[name](fields[name]) for name in readers if name in fields}
        return ClassSettings(**{name: value for name, value in made.items() if value is not None}, is_written=True)

    # -- what each field says ------------------------------------------------------------------------------------------

    def time_zone(self, node: Node) -> tzinfo | None:
        return self.tried(node, lambda text: zone_of(text.strip()))

    def roster(self, node: Node) -> tuple[Any, ...]:
        students, mistakes = class_roster.read(self.folder / self.text(node))
        for said in mistakes:
            self.wrong(node, said)
        if not mistakes:
            self.enrolled = tuple(student.id for student in students)
        return tuple(students)

    def chapters(self, node: Node) -> tuple[str, ...]:
        found = [self.text(one) for one in self.listed(node, "[linear, convolution]") if self.is_chapter(one)]
        self.chosen = found or self.known
        return tuple(found)

    def exercises(self, node: Node) -> dict[str, tuple[str, ...]]:
        return {
            chapter.value: tuple(
                self.text(one) for one in self.listed(listed, "[own_linear]") if self.exercise(chapter.value, one)
            )
            for chapter, listed in self.by_chapter(node, "linear: [own_linear]")
        }

    def points(self, node: Node) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for chapter, by_exercise in self.by_chapter(node, "linear: {own_linear: 6}"):
            for key, value in self.items(by_exercise, "write own_linear: 6"):
                if exercise := self.exercise(chapter.value, key):
                    found.setdefault(chapter.value, {})[key.value] = self.whole_points(exercise, value)
        return found

    def whole_points(self, exercise: Exercise, node: Node) -> int:
        text, claims = self.text(node), len(exercise.claims)
        if not re.fullmatch(r"\d+", text):
            self.wrong(node, f"{text!r} points are not a whole number; write {exercise.points}, for example")
        elif exercise.by_hand and not int(text):
            self.wrong(
                node, f"{text} points are too few; write 1 or more, or leave the exercise out under `exercises:`"
            )
        elif int(text) < claims:
            self.wrong(
                node,
                f"{text} points are too few: {exercise.name} tests {claims} things, each worth at least one; write "
                f"{claims} or more, or leave the exercise out under `exercises:`",
            )
        else:
            return int(text)
        return exercise.points

    def due(self, node: Node) -> dict[str, datetime | None]:
        for chapter, date in self.by_chapter(node, "linear: 2026-10-12 23:59"):
            if isinstance(date, ScalarNode) and date.value == "none":
                self.dated[chapter.value] = None
            elif moment := self.date(date):
                self.dated[chapter.value] = moment
            else:
                self.dated.setdefault(chapter.value, datetime.min)  # so that its extensions are not reported as well
        return self.dated

    def late(self, node: Node) -> str | int | None:
        text = self.text(node)
        percent = _PERCENT.fullmatch(text)
        if text in ("none", "zero"):
            return text
        if percent and 0 < int(percent[1]) <= 100:
            return int(percent[1])
        self.wrong(node, f"{text!r} is no rule for late submissions; write none, zero, or 10% per day")
        return None

    def extensions(self, node: Node) -> dict[str, dict[str, datetime]]:
        found: dict[str, dict[str, datetime]] = {}
        for student, dates in self.items(node, "write ada: {linear: 2026-10-15 23:59}"):
            if self.enrolled is not None:
                self.is_known(student, student.value, self.enrolled, f"no student {student.value!r} is on the roster")
            for chapter, date in self.by_chapter(dates, "linear: 2026-10-15 23:59"):
                moment, due = self.date(date), self.dated.get(chapter.value)
                if due is None:
                    self.wrong(chapter, f"{chapter.value} has no due date to extend; add it under `due:`")
                elif moment and due != datetime.min and moment <= due:
                    self.wrong(date, f"the extension ends before {chapter.value} is due, {due}; write a later date")
                elif moment:
                    found.setdefault(student.value, {})[chapter.value] = moment
        return found

    # -- kinds of values -----------------------------------------------------------------------------------------------

    def wrong(self, node: Node, said: str) -> None:
        self.mistakes.append((node.start_mark.line + 1, said))

    def text(self, node: Node) -> str:
        if isinstance(node, ScalarNode):
            return node.value
        self.wrong(node, "one value belongs here, not a list or a group of lines")
        return ""

    def tried(self, node: Node, make: Callable[[str], Any]) -> Any:
        if not isinstance(node, ScalarNode):
            return self.text(node) or None
        try:
            return make(node.value)
        except ValueError as error:
            self.wrong(node, str(error))
            return None

    def date(self, node: Node) -> datetime | None:
        return self.tried(node, lambda text: date_of(text, self.zone))

    def yes_or_no(self, node: Node) -> bool:
        text = self.text(node).lower()
        if text not in YES + NO:
            self.wrong(node, f"{text!r} is neither true nor false; write one of them")
        return text in YES

    def listed(self, node: Node, example: str) -> list[Node]:
        if isinstance(node, SequenceNode):
            return node.value
        self.wrong(node, f"a list belongs here; write {example}")
        return []

    def items(self, node: Node | None, example: str) -> Iterator[tuple[ScalarNode, Node]]:
        if not isinstance(node, MappingNode):
            if node is not None:
                self.wrong(node, f"names with values belong here; {example}")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.wrong(key, f"a name belongs here; {example}")
            elif key.value in seen:
                self.wrong(key, f"{key.value!r} appears twice; keep one")
            else:
                seen.add(key.value)
                yield key, value

    def by_chapter(self, node: Node, example: str) -> Iterator[tuple[ScalarNode, Node]]:
        for key, value in self.items(node, f"write {example}"):
            if self.is_chapter(key):
                if key.value in self.chosen:
                    yield key, value
                else:
                    self.wrong(key, f"{key.value} is not among the `chapters:` of the class; add it there")

    def is_chapter(self, node: Node) -> bool:
        name = self.text(node)
        return self.is_known(node, name, self.known, f"there is no chapter {name!r}")

    def exercise(self, chapter: str, node: Node) -> Exercise | None:
        name = self.text(node)
        if chapter not in self.loaded:
            try:
                self.loaded[chapter] = chapters.load(chapter, self.root).exercises
            except (chapters.ChapterNotFound, chapters.ChapterError) as error:  # of a private chapter
                self.wrong(node, f"{chapter} cannot be read: {error}")
                return None
        found = {one.name: one for one in self.loaded[chapter]}
        return found[name] if self.is_known(node, name, list(found), f"{chapter} has no exercise {name!r}") else None

    def is_known(self, node: Node, name: str, known: Sequence[str], said: str) -> bool:
        if name in known:
            return True
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        self.wrong(node, said + (f"; near it: {', '.join(near)}" if near else f"; there are: {', '.join(known)}"))
        return False
