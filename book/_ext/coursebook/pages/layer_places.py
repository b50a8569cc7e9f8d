"""Find where each public name of torch.nn is taught, from front matter, `torch_names.json`, and the notebooks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from autograder.class_file.class_reader import left_out
from autograder.course import Course, front_matter
from autograder.texts.headings import headings
from coursebook import notebooks

WORDS, NAMES = "layers.yml", "torch_names.json"
PREFIXES = {"nn": ("nn",), "nn.functional": ("F", "nn.functional"), "nn.init": ("nn.init", "init")}
SECTION_LEVEL = 2

_EXPLORER = re.compile(r"Explorer\('(\w+)'\)")
_LISTS = ("exercises", "explorers", "also", "old")
_OPTIONS = {"words", "parts", "reason", *_LISTS}

Section = tuple[str, int]


@dataclass(frozen=True)
class Entry:
    """The front matter for one name; a target is a chapter and a heading in it, or the term before its colon."""

    namespace: str  # "nn.init"
    name: str
    family: str
    words: str = ""
    twin: str = ""  # the class that does the same as this function
    target: tuple[str, str] | None = None
    chapters: tuple[str, ...] = ()  # those of its family; the target's comes first
    exercises: tuple[str, ...] = ()
    explorers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    reason: str = ""  # why no chapter teaches it
    has: tuple[str, ...] = ()  # its arguments and methods
    parts: tuple[tuple[str, tuple[str, str]], ...] = ()  # arguments and methods with their own section, and its target
    is_shadowed: bool = False  # torch.nn has a class of the same name: in prose, the bare name means the class

    @property
    def sought(self) -> tuple[str, ...]:
        """All names that a reader might search for."""
        return (self.name, *self.old, *self.also)

    @property
    def shown(self) -> str:
        """The name as written in code: "nn.Conv2d", "F.conv2d", "nn.utils.rnn.pad_sequence"."""
        return f"{'F' if self.namespace == 'nn.functional' else self.namespace}.{self.name}"


@dataclass
class Notebook:
    """The searched parts of a student notebook. A heading is identified by its number in the notebook, from 0."""

    headings: list[tuple[int, str]] = field(default_factory=list)  # level and title
    prose: list[tuple[int, str]] = field(default_factory=list)  # the heading above a text, and the text
    exercises: dict[str, tuple[int, list[str]]] = field(default_factory=dict)  # name -> heading and forbidden calls
    explorers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """The place where a name is taught. A section is a chapter and the number of a heading in its notebook."""

    section: Section
    exercises: tuple[Section, ...] = ()  # in any of the name's chapters
    explorers: tuple[tuple[str, int], ...] = ()  # in the chapter that teaches it, with the heading above
    parts: tuple[tuple[str, Section], ...] = ()  # arguments and methods with their own section


@dataclass
class Index:
    """All names in order, with None as the place of one not taught in this book, and the mistakes."""

    torch: str
    rows: list[tuple[Entry, Place | None]]
    problems: list[str]
    topics: dict[Section, list[str]]  # other names for what a section explains

    def taught(self) -> dict[Section, list[str]]:
        """Return the names, arguments, methods, and topics that each section teaches."""
        found: dict[Section, list[str]] = {place: [*words] for place, words in self.topics.items()}
        for entry, place in self.rows:
            if place:
                found.setdefault(place.section, []).extend(entry.sought)
                for part, section in place.parts:
                    found.setdefault(section, []).append(part)
        return {section: list(dict.fromkeys(names)) for section, names in found.items()}


def index(root: Path) -> Index:
    """Return the index of the course at ``root``; chapters without a student notebook are not searched."""
    given, names = read(Course(root)), json.loads((root / "book" / NAMES).read_text(encoding="utf-8"))
    entries, problems = entries_of(given, names["parts"])
    problems += completeness(entries, names["names"])
    chapters = {path.stem for path in (root / "notebooks").glob("*/*.ipynb")} - left_out(root)
    written = {name: read_notebook(notebooks.of_page(root, f"notebooks/{name}/{name}").content) for name in chapters}
    strange = {chapter for entry in entries for chapter in entry.chapters} - {*Course(root).chapters}
    problems += [f"there is no chapter {chapter!r}" for chapter in sorted(strange)]
    rows = [(entry, locate(entry, written, problems)) for entry in entries]
    topics = {find(target, written, "topics", problems): words for target, words in given["topics"].items()}
    return Index(names["torch"], rows, problems, {section: words for section, words in topics.items() if section})


# -- what front matter says -------------------------------------------------------------------------------------------


def read(course: Course) -> dict[str, Any]:
    """Return all families in the order of the index, and topics by target, from front matter and `layers.yml`."""
    of_none = yaml.safe_load((course.root / "book" / WORDS).read_text(encoding="utf-8"))
    said = {text.parent.name: front_matter(text) for text in course.texts}
    families = [{"chapter": name} | family for name, one in said.items() for family in one.get("layers", [])]
    order = [(of, family) for of, listed in of_none["order"].items() for family in listed]
    places = {family: place for place, family in enumerate(order)}
    families += of_none["families"]
    families.sort(key=lambda family: places.get((family["of"], family["family"]), len(places)))
    topics = {(name, title): words for name, one in said.items() for title, words in one.get("topics", {}).items()}
    return {"families": families, "topics": topics}


def entries_of(given: dict[str, Any], has: dict[str, str] | None = None) -> tuple[list[Entry], list[str]]:
    """Return the entries of families and mistakes in them; ``has`` maps "nn.Linear" to its arguments and methods."""
    entries, problems = [], []
    for family in given["families"]:
        named = [name for names in family.get("sections", {}).values() for name in names]
        problems += [f"{family['of']}.{n} is given a section and no row" for n in named if n not in family["names"]]
        for name, value in family["names"].items():
            said = {"words": value} if isinstance(value, str) else dict(value or {})
            entry = _entry(family, str(name), said, has or {})
            if strange := sorted(said.keys() - _OPTIONS):
                problems.append(f"{entry.shown}: {strange[0]!r} is not known; known are {sorted(_OPTIONS)}")
            if not (entry.words or entry.twin or entry.reason):
                problems.append(f"{entry.shown}: say in a few words what it is")
            entries.append(entry)
    classes = {entry.name: entry for entry in entries if entry.namespace == "nn"}
    problems += [f"{e.shown}: there is no class {e.twin!r}" for e in entries if e.twin and e.twin not in classes]
    entries = [_completed(entry, classes) for entry in entries]
    unplaced = [entry.shown for entry in entries if bool(entry.reason) == bool(entry.target)]
    problems += [f"{name}: list it in `sections`, or give the reason why no chapter teaches it" for name in unplaced]
    return entries, problems


def _completed(entry: Entry, classes: dict[str, Entry]) -> Entry:
    """Return an entry that knows what the classes decide: a function without a place has that of its class."""
    entry = replace(entry, is_shadowed=entry.namespace != "nn" and entry.name in classes)
    twin = None if entry.target or entry.reason else classes.get(entry.twin)
    return replace(entry, target=twin.target, chapters=twin.chapters, has=entry.has or twin.has) if twin else entry


def _entry(family: dict[str, Any], name: str, said: dict[str, Any], has: dict[str, str]) -> Entry:
    words = str(said.get("words", ""))
    is_twin = words.startswith("= ")
    chapters = [family["chapter"]] if isinstance(family.get("chapter"), str) else family.get("chapter", [])
    sections = [section for section, names in family.get("sections", {}).items() if name in names]
    target = _target(sections[0], chapters[0]) if sections else None
    own = tuple(has.get(f"{family['of']}.{name}", "").split())
    explained = {**family.get("parts", {}), **said.get("parts", {})}
    parts = {part: where for listed, where in explained.items() for part in listed.split(", ")}
    lists: dict[str, Any] = {key: tuple(map(str, said.get(key, ()))) for key in _LISTS}
    here = target[0] if target else next(iter(chapters), "")
    return Entry(
        namespace=family["of"],
        name=name,
        family=family["family"],
        words="" if is_twin else words,
        twin=words.removeprefix("= ") if is_twin else "",
        target=target,
        chapters=tuple(dict.fromkeys((here, *chapters))) if target else (),
        reason=said.get("reason", ""),
        has=own,
        parts=tuple((part, _target(parts[part], here)) for part in own if part in parts),
        **lists,
    )


def _target(said: str, chapter: str) -> tuple[str, str]:
    """Return the chapter and section of "section", which is in the given chapter, or of "chapter/section"."""
    elsewhere, _, section = said.rpartition("/")
    return elsewhere or chapter, section


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


def read_notebook(content: dict[str, Any]) -> Notebook:
    """Return the parts of a student notebook that are searched."""
    notebook = Notebook()
    for cell in content["cells"]:
        here, own = len(notebook.headings) - 1, cell["metadata"].get("layerlab", {})
        if cell["cell_type"] == "markdown":
            lines, marks = cell["source"].split("\n"), headings(cell["source"])
            ends = [-1, *(mark.line for mark in marks), len(lines)]
            words = ("\n".join(lines[above + 1 : below]) for above, below in pairwise(ends))
            notebook.prose += enumerate(words, start=here)
            notebook.headings += [(mark.level, mark.title) for mark in marks]
        elif "rules" in own:
            notebook.exercises[own["exercise"]] = here, own["rules"]
        elif not own.get("exercise"):
            shown = "".join("".join(o.get("data", {}).get("text/plain", "")) for o in cell.get("outputs", []))
            notebook.explorers |= dict.fromkeys(_EXPLORER.findall(shown), here)
    return notebook


# -- finding ----------------------------------------------------------------------------------------------------------


def find(target: tuple[str, str], written: dict[str, Notebook], what: str, problems: list[str]) -> Section | None:
    """Return the section whose heading is the target or continues it with a colon; report a missing one."""
    chapter, section = target
    if chapter not in written:
        return None
    for number, (_, title) in enumerate(written[chapter].headings):
        if f"{title.replace('`', '')}:".startswith(f"{section}:"):
            return chapter, number
    problems.append(f"{what}: the chapter {chapter} has no section {section!r}")
    return None


def locate(entry: Entry, written: dict[str, Notebook], problems: list[str]) -> Place | None:
    """Return where a name is taught, and add a sentence for each mistake to ``problems``."""
    section = find(entry.target, written, entry.shown, problems) if entry.target else None
    if section is None:
        return None
    notebook, part = written[section[0]], _part(written[section[0]], section[1])
    every = {name: (c, at) for c, other in written.items() for name, (at, _) in other.exercises.items()}
    problems += [f"{entry.shown}: there is no exercise {name!r}" for name in entry.exercises if name not in every]
    problems += [f"{section[0]} has no explorer {name!r}" for name in entry.explorers if name not in notebook.explorers]
    exercises = [every[name] for name in entry.exercises if name in every]
    exercises = exercises or [(c, at) for c in entry.chapters if c in written for at in _exercises(entry, written[c])]
    listed = entry.explorers or [name for name, at in notebook.explorers.items() if _part(notebook, at) == part]
    explorers = tuple((name, at) for name, at in notebook.explorers.items() if name in listed)
    parts = [(name, find(target, written, f"{entry.shown}, {name}", problems)) for name, target in entry.parts]
    return Place(section, tuple(exercises), explorers, tuple((name, where) for name, where in parts if where))


def pattern(entry: Entry, is_prose: bool = False) -> re.Pattern[str]:
    """Return a pattern that matches a name with its namespace; in prose, unless shadowed, also between backticks."""
    space = entry.namespace
    prefixes = PREFIXES.get(space, (space, space.partition(".")[2], space.rpartition(".")[2]))
    spellings = "|".join(re.escape(f"{prefix}.") for prefix in prefixes)
    code = rf"(?<![\w.])(?:torch\.)?(?:{spellings}){re.escape(entry.name)}(?!\w)"
    alone = rf"|`{re.escape(entry.name)}(?:\([^`]*\))?`"
    return re.compile(code + alone if is_prose and not entry.is_shadowed else code)


def _exercises(entry: Entry, notebook: Notebook) -> list[int]:
    """Return the headings of exercises that forbid a name (because you build it there) or mention it in prose."""
    code, prose = pattern(entry), pattern(entry, is_prose=True)
    chosen = {heading for heading, words in notebook.prose if prose.search(words)}
    chosen |= {heading for heading, rules in notebook.exercises.values() if any(map(code.fullmatch, rules))}
    return sorted(heading for heading, _ in notebook.exercises.values() if heading in chosen)


def _part(notebook: Notebook, heading: int) -> int:
    """Return the level 2 heading above a heading, or the heading itself."""
    return next((n for n in range(heading, -1, -1) if notebook.headings[n][0] <= SECTION_LEVEL), heading)
