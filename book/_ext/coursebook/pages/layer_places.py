"""Find where each public name of torch.nn is taught, from front matter, `torch_names.json`, and the notebooks.

Input and output are plain data, so tests don't need Sphinx; `layer_index` turns the result into a page. This module
doesn't need torch. CONTRIBUTING.md explains which front matter a name needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from autograder.class_file.class_reader import left_out
from autograder.course import Course, front_matter
from autograder.texts.headings import EXERCISE, headings

WORDS, NAMES = "layers.yml", "torch_names.json"
PREFIXES = {"nn": ("nn",), "nn.functional": ("F", "nn.functional"), "nn.init": ("nn.init", "init")}
_LISTS = ("exercises", "explorers", "also", "old")
TOP = 1  # the heading level of a chapter's title: the objectives below it name everything and teach nothing

_EXPLORER = re.compile(r"Explorer\('(\w+)'\)")
_OPTIONS = {"words", "chapter", "section", "parts", "exercises", "explorers", "also", "old", "reason"}


@dataclass(frozen=True)
class Entry:
    """The front matter for one name."""

    namespace: str  # "nn.init"
    name: str
    family: str
    words: str = ""
    twin: str = ""  # the class that does the same as this function
    chapters: tuple[str, ...] = ()
    section: str = ""
    exercises: tuple[str, ...] = ()
    explorers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    reason: str = ""  # why no chapter teaches it
    has: tuple[str, ...] = ()  # its arguments and methods
    parts: tuple[tuple[str, str], ...] = ()  # arguments and methods with their own section, and that section
    is_shadowed: bool = False  # torch.nn has a class of the same name: in prose, the bare name means the class

    @property
    def sought(self) -> tuple[str, ...]:
        """All names that a reader might search for."""
        return (self.name, *self.old, *self.also)

    @property
    def shown(self) -> str:
        """The name as written in code: "nn.Conv2d", "F.conv2d", "nn.utils.rnn.pad_sequence"."""
        return f"{'F' if self.namespace == 'nn.functional' else self.namespace}.{self.name}"


@dataclass(frozen=True)
class Piece:
    """The part of a notebook below one heading: prose, or code outside exercises."""

    heading: int
    is_code: bool
    text: str


@dataclass
class Notebook:
    """The searched parts of a student notebook. A heading is identified by its number in the notebook, from 0."""

    headings: list[tuple[int, str]] = field(default_factory=list)  # level and title
    pieces: list[Piece] = field(default_factory=list)
    exercises: dict[str, int] = field(default_factory=dict)  # name -> heading
    rules: dict[str, list[str]] = field(default_factory=dict)  # exercise -> forbidden calls
    explorers: dict[str, int] = field(default_factory=dict)

    def is_exercise(self, heading: int) -> bool:
        """Return whether a heading belongs to an exercise."""
        return heading >= 0 and self.headings[heading][1].startswith(EXERCISE)


@dataclass(frozen=True)
class Place:
    """The place where a name is taught, with headings given by their number in the notebook."""

    chapter: str
    heading: int
    exercises: tuple[tuple[str, int], ...] = ()  # in any of the name's chapters, and the heading there
    explorers: tuple[tuple[str, int], ...] = ()
    parts: tuple[tuple[str, str, int], ...] = ()  # an argument or method, its chapter, and the heading there


@dataclass(frozen=True)
class Row:
    """A name and its place; `place` is None if the chapter is not in the book or no chapter teaches the name."""

    entry: Entry
    place: Place | None


@dataclass
class Index:
    """All rows in order, and a sentence for each row that has neither a place nor a reason."""

    torch: str
    rows: list[Row]
    problems: list[str]
    topics: dict[str, dict[int, tuple[str, ...]]]  # by chapter and heading: other names for what it explains

    def taught(self, chapter: str) -> dict[int, tuple[str, ...]]:
        """Return torch's names, arguments, methods, and topics that a chapter teaches, by heading."""
        found: dict[int, dict[str, None]] = {}
        for row in self.rows:
            if row.place and row.place.chapter == chapter:
                found.setdefault(row.place.heading, {}).update(dict.fromkeys(row.entry.sought))
            for part, where, heading in row.place.parts if row.place else ():
                if where == chapter:
                    found.setdefault(heading, {})[part] = None
        for heading, words in self.topics.get(chapter, {}).items():
            found.setdefault(heading, {}).update(dict.fromkeys(words))
        return {heading: tuple(names) for heading, names in found.items()}


def index(root: Path) -> Index:
    """Return the index of the course at ``root``; chapters without a student notebook are not searched."""
    given, known = read(Course(root)), Course(root).chapters
    names = json.loads((root / "book" / NAMES).read_text(encoding="utf-8"))
    entries, problems = entries_of(given, names.get("parts", {}))
    problems += completeness(entries, names["names"])
    without, released = left_out(root), sorted((root / "notebooks").glob("*/*.ipynb"))
    paths = [path for path in released if path.stem not in without]
    written = {path.stem: read_notebook(json.loads(path.read_text(encoding="utf-8"))) for path in paths}
    rows = []
    for entry in entries:
        strange = [chapter for chapter in entry.chapters if chapter not in known]
        problems += [f"{entry.shown}: there is no chapter {chapter!r}" for chapter in strange]
        place, found = locate(entry, written)
        rows.append(Row(entry, place))
        problems += [f"{entry.shown}: {problem}" for problem in found]
    topics, strange = topics_of(given["topics"], written)
    return Index(names["torch"], rows, problems + strange, topics)


def topics_of(
    given: dict[str, dict[str, list[str]]], written: dict[str, Notebook]
) -> tuple[dict[str, dict[int, tuple[str, ...]]], list[str]]:
    """Return other names for the topic of each section, and a sentence for each missing section."""
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    problems = []
    for chapter, sections in given.items():
        for section, words in sections.items() if chapter in written else ():
            heading = named(section, written[chapter])
            problems += [f"topics: the chapter {chapter} has no section {section!r}"] if heading is None else []
            found.setdefault(chapter, {})[heading or 0] = tuple(words)
    return found, problems


# -- what front matter says -------------------------------------------------------------------------------------------


def read(course: Course) -> dict[str, Any]:
    """Return all families in the order of the index, and the topics by chapter, from front matter and `layers.yml`."""
    of_none = yaml.safe_load((course.root / "book" / WORDS).read_text(encoding="utf-8"))
    said = {text.parent.name: front_matter(text) for text in course.texts}
    families = [{"chapter": name} | family for name, one in said.items() for family in one.get("layers", [])]
    order = [(of, family) for of, listed in of_none["order"].items() for family in listed]
    places = {family: place for place, family in enumerate(order)}
    families += of_none["families"]
    families.sort(key=lambda family: places.get((family["of"], family["family"]), len(places)))
    return {"families": families, "topics": {name: one["topics"] for name, one in said.items() if "topics" in one}}


def entries_of(given: dict[str, Any], has: dict[str, str] | None = None) -> tuple[list[Entry], list[str]]:
    """Return the entries of all families that `read` returns, and a sentence for each mistake in them.

    ``has`` maps a name, such as "nn.Linear", to its arguments and methods in one string.
    """
    entries, problems = [], []
    for family in given["families"]:
        named = [name for names in family.get("sections", {}).values() for name in names]
        problems += [f"{family['of']}.{n} is given a section and no row" for n in named if n not in family["names"]]
        for name, value in family["names"].items():
            said = {"words": value} if isinstance(value, str) else dict(value or {})
            strange = sorted(set(said) - _OPTIONS)
            if strange:
                problems.append(f"{family['of']}.{name}: {strange[0]!r} is not known; known are {sorted(_OPTIONS)}")
            entry = _entry(family, str(name), said, has or {})
            if not (entry.words or entry.twin or entry.reason):
                problems.append(f"{entry.shown}: say in a few words what it is")
            if bool(entry.reason) == bool(entry.chapters):
                problems.append(f"{entry.shown}: give the chapter that teaches it, or the reason why none does")
            entries.append(entry)
    classes = {entry.name: entry for entry in entries if entry.namespace == "nn"}
    problems += [f"{e.shown}: there is no class {e.twin!r}" for e in entries if e.twin and e.twin not in classes]
    entries = [replace(e, is_shadowed=e.namespace != "nn" and e.name in classes) for e in entries]
    return [_like(entry, classes.get(entry.twin)) for entry in entries], problems


def _like(entry: Entry, twin: Entry | None) -> Entry:
    """Return a function's entry with the place of its class, unless the entry has a place of its own."""
    if twin is None or entry.section or entry.reason:
        return entry
    return replace(entry, section=twin.section or f"= {twin.name}", chapters=twin.chapters, has=entry.has or twin.has)


def _entry(family: dict[str, Any], name: str, said: dict[str, Any], has: dict[str, str]) -> Entry:
    words = str(said.get("words", ""))
    is_twin = words.startswith("= ")
    chapters = [] if "reason" in said else said.get("chapter", family.get("chapter", []))
    by_family = (section for section, names in family.get("sections", {}).items() if name in names)
    own = tuple(has.get(f"{family['of']}.{name}", "").split())
    explained = {**family.get("parts", {}), **said.get("parts", {})}
    parts = {part: where for listed, where in explained.items() for part in listed.split(", ")}
    lists: dict[str, Any] = {key: tuple(map(str, said.get(key, ()))) for key in _LISTS}
    return Entry(
        namespace=family["of"],
        name=name,
        family=family["family"],
        words="" if is_twin else words,
        twin=words.removeprefix("= ") if is_twin else "",
        chapters=(chapters,) if isinstance(chapters, str) else tuple(chapters),
        section=said.get("section", next(by_family, "")),
        reason=said.get("reason", ""),
        has=own,
        parts=tuple((part, parts[part]) for part in own if part in parts),
        **lists,
    )


def completeness(entries: list[Entry], names: dict[str, list[str]]) -> list[str]:
    """Return sentences about torch names without a row, rows without a torch name, and names with more than one row."""
    placed = [f"{e.namespace}.{name}" for e in entries for name in (e.name, *e.old)]
    wanted = [f"{namespace}.{name}" for namespace, found in names.items() for name in found]
    return (
        [f"{n} has no place: a chapter's front matter says where it is taught" for n in wanted if n not in placed]
        + [f"{n} has a row and is no public name of torch" for n in placed if n not in wanted]
        + [f"{n} has more than one row" for n in dict.fromkeys(placed) if placed.count(n) > 1]
    )


# -- what a notebook contains -----------------------------------------------------------------------------------------


def read_notebook(notebook: dict[str, Any]) -> Notebook:
    """Return the parts of a student notebook that are searched."""
    found = Notebook()
    for cell in notebook["cells"]:
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            _read_prose(source, found)
            continue
        here, own = len(found.headings) - 1, cell["metadata"].get("layerlab", {})
        if own.get("exercise"):
            if "rules" in own:
                found.exercises[own["exercise"]] = here
                found.rules[own["exercise"]] = own["rules"]
        elif cell["cell_type"] == "code":
            found.pieces.append(Piece(here, True, source))
            shown = "".join("".join(o.get("data", {}).get("text/plain", "")) for o in cell.get("outputs", []))
            found.explorers |= dict.fromkeys(_EXPLORER.findall(shown), here)
    return found


def _read_prose(source: str, found: Notebook) -> None:
    lines, start = source.split("\n"), 0
    for heading in (*headings(source), None):
        words = "\n".join(lines[start : heading.line if heading else len(lines)])
        if words.strip():
            found.pieces.append(Piece(len(found.headings) - 1, False, words))
        if heading:
            found.headings.append((heading.level, heading.title))
            start = heading.line + 1


# -- finding ----------------------------------------------------------------------------------------------------------


def locate(entry: Entry, written: dict[str, Notebook]) -> tuple[Place | None, list[str]]:
    """Return where a name is taught, and a sentence for each mistake."""
    if entry.reason:
        return None, []
    elsewhere, _, section = entry.section.rpartition("/")
    entry = replace(entry, section=section)
    for chapter in (elsewhere,) if elsewhere else entry.chapters:
        notebook = written.get(chapter)
        if notebook is None:
            continue
        heading = _section(entry, notebook)
        if heading is not None:
            place, problems = _place(entry, chapter, written, heading)
            parts, unknown = _parts(entry, chapter, written)
            return replace(place, parts=parts), problems + unknown
    if any(chapter not in written for chapter in entry.chapters):
        return None, []
    where = f"a section {entry.section!r}" if entry.section else "it"
    return None, [
        f"the chapter {entry.chapters[0]} is written and has {where} nowhere: name it there, or its section here"
    ]


def _section(entry: Entry, notebook: Notebook) -> int | None:
    """Return the heading of the section on a name: the one in front matter, or else the first that names or uses it."""
    if entry.section.startswith("= "):  # the place of its class
        return next(_candidates(replace(entry, namespace="nn", name=entry.twin), notebook), None)
    return named(entry.section, notebook) if entry.section else next(_candidates(entry, notebook), None)


def named(section: str, notebook: Notebook) -> int | None:
    """Return the first heading that equals ``section``, or that begins with it and a colon."""
    titles = [title.replace("`", "") for _, title in notebook.headings]
    return next((n for n, title in enumerate(titles) if title == section or title.startswith(f"{section}:")), None)


def _parts(
    entry: Entry, chapter: str, written: dict[str, Notebook]
) -> tuple[tuple[tuple[str, str, int], ...], list[str]]:
    """Return where arguments and methods are explained, and a sentence for each missing section."""
    found, problems = [], []
    for part, said in entry.parts:
        elsewhere, _, section = said.rpartition("/")
        where = elsewhere or chapter
        heading = named(section, written[where]) if where in written else None
        if heading is not None:
            found.append((part, where, heading))
        elif where in written and (elsewhere or where == entry.chapters[0]):
            problems.append(f"the chapter {where} has no section {section!r} for {part}")
    return tuple(found), problems


def _candidates(entry: Entry, notebook: Notebook) -> Iterator[int]:
    sections = [n for n, (level, _) in enumerate(notebook.headings) if level > TOP and not notebook.is_exercise(n)]
    if entry.namespace == "nn":  # a function's name, "pad", is also an ordinary word
        word = re.compile(rf"(?<!\w){entry.name}(?!\w)")
        yield from (n for n in sections if word.search(notebook.headings[n][1]))
    code, prose = code_pattern(entry), prose_pattern(entry)
    yield from (p.heading for p in notebook.pieces if p.is_code and p.heading in sections and code.search(p.text))
    yield from (p.heading for p in notebook.pieces if not p.is_code and p.heading in sections and prose.search(p.text))


def code_pattern(entry: Entry) -> re.Pattern[str]:
    """Return a pattern that matches a name in code, with its namespace as a prefix."""
    space = entry.namespace
    prefixes = PREFIXES.get(space, (space, space.partition(".")[2], space.rpartition(".")[2]))
    spellings = "|".join(re.escape(f"{prefix}.") for prefix in prefixes)
    return re.compile(rf"(?<![\w.])(?:torch\.)?(?:{spellings}){re.escape(entry.name)}(?!\w)")


def prose_pattern(entry: Entry) -> re.Pattern[str]:
    """Return a pattern that matches a name in prose: with its namespace, or (unless shadowed) between backticks."""
    alone = rf"`{re.escape(entry.name)}(?:\([^`]*\))?`"
    return code_pattern(entry) if entry.is_shadowed else re.compile(rf"{code_pattern(entry).pattern}|{alone}")


def _place(entry: Entry, chapter: str, written: dict[str, Notebook], heading: int) -> tuple[Place, list[str]]:
    notebook, chapters = written[chapter], [c for c in dict.fromkeys((chapter, *entry.chapters)) if c in written]
    every = {name: (c, at) for c in reversed(chapters) for name, at in written[c].exercises.items()}
    problems = [f"{chapter} has no exercise {name!r}" for name in entry.exercises if name not in every]
    problems += [f"{chapter} has no explorer {name!r}" for name in entry.explorers if name not in notebook.explorers]
    part = _part(notebook, heading)
    explorers = {
        name: at
        for name, at in notebook.explorers.items()
        if (name in entry.explorers if entry.explorers else _part(notebook, at) == part)
    }
    exercises = [every[name] for name in entry.exercises if name in every]
    exercises = exercises or [(c, at) for c in chapters for at in _exercises(entry, written[c])]
    return Place(chapter, heading, tuple(exercises), tuple(explorers.items())), problems


def _exercises(entry: Entry, notebook: Notebook) -> list[int]:
    """Return the headings of exercises that forbid a name (because you build it there) or mention it in prose."""
    code, prose = code_pattern(entry), prose_pattern(entry)
    forbidding = {n for name, n in notebook.exercises.items() if any(code.fullmatch(r) for r in notebook.rules[name])}
    speaking = {p.heading for p in notebook.pieces if not p.is_code and prose.search(p.text)}
    return sorted(n for n in notebook.exercises.values() if n in forbidding | speaking)


def _part(notebook: Notebook, heading: int) -> int:
    """Return the level 2 heading above a heading, or the heading itself."""
    return next((n for n in range(heading, -1, -1) if notebook.headings[n][0] <= TOP + 1), heading)
