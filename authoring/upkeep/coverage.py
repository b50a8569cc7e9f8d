"""Counts what the texts that the course grew out of contain, and where each of it went.

`book/coverage/rows.yml` and `errata.yml` list it under the chapters that have to place it. Beside them each chapter
says in a file of its own under which of its headings, in which of its exercises, or for which reason not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml

from autograder.chapters.headings import headings

FOLDER = Path("book") / "coverage"
ROWS, ERRATA = "rows.yml", "errata.yml"
KINDS = ("rows", "errata")
HOW = ("section", "exercise", "left")


@dataclass(frozen=True)
class Place:
    """Where one row or erratum went, as a chapter's file says it."""

    chapter: str
    id: str  # "S0-ctn-01", "E-011"
    how: str  # one of `HOW`
    where: str  # the heading, the exercise, or the reason


@dataclass
class Coverage:
    """What there is, who has to place it, where it went, and what is wrong with that."""

    says: dict[str, str]  # id -> what the row or erratum is
    owners: dict[str, tuple[str, ...]]  # id -> chapters
    written: tuple[str, ...]  # chapters that exist
    places: list[Place] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def placed(self, id: str, chapter: str | None = None) -> list[Place]:
        """Return where an id went, in one chapter or in any."""
        return [place for place in self.places if place.id == id and chapter in (None, place.chapter)]

    def count(self, kind: str, how: tuple[str, ...] = HOW) -> int:
        """Return how many rows, or errata, were placed at least once in one of the given ways."""
        found = {place.id for place in self.places if place.how in how}
        return sum(is_erratum(id) == (kind == "errata") for id in found)

    def total(self, kind: str) -> int:
        """Return how many rows, or errata, there are."""
        return sum(is_erratum(id) == (kind == "errata") for id in self.says)


def is_erratum(id: str) -> bool:
    """Return whether an id is an erratum's and not a row's."""
    return id.startswith("E-")


def coverage(root: Path) -> Coverage:
    """Return what was placed where, with a sentence for each mistake and each gap of a chapter that is written."""
    folder = root / FOLDER
    rows = _read(folder / ROWS)
    errata = _read(folder / ERRATA)
    says = {id: words for listed in rows.values() for id, words in listed.items()}
    owners: dict[str, tuple[str, ...]] = {id: (chapter,) for chapter, listed in rows.items() for id in listed}
    says |= {id: said["says"] for id, said in errata.items()}
    owners |= {id: tuple(said["chapters"]) for id, said in errata.items()}
    written = tuple(sorted(path.stem for path in (root / "book" / "chapters").glob("*.md")))
    found = Coverage(says, owners, written)
    for path in sorted(folder.glob("*.yml")):
        if path.name not in (ROWS, ERRATA):
            _add(found, path, root)
    found.problems += list(_gaps(found))
    return found


def _add(found: Coverage, path: Path, root: Path) -> None:
    given, chapter = _read(path), path.stem
    for strange in sorted(set(given) - set(KINDS)):
        found.problems.append(f"{path.name}: {strange!r} is neither of {', '.join(KINDS)}")
    titles, exercises = contents(root, chapter)
    for id, said in ((id, said) for kind in KINDS for id, said in (given.get(kind) or {}).items()):
        if not isinstance(said, dict) or len(said) != 1 or not set(said) <= set(HOW):
            found.problems.append(f"{path.name}: {id} needs one of {', '.join(HOW)}")
            continue
        ((how, where),) = said.items()
        found.places.append(Place(chapter, id, how, str(where)))
        if id not in found.says:
            found.problems.append(f"{path.name}: there is no {id}")
        elif how == "section" and where not in titles:
            found.problems.append(f"{path.name}: {id} is placed under {where!r}, which is no heading of {chapter}")
        elif how == "exercise" and where not in exercises:
            found.problems.append(f"{path.name}: {id} is placed in {where!r}, which is no exercise of {chapter}")


def contents(root: Path, chapter: str) -> tuple[set[str], set[str]]:
    """Return the headings and the exercises of a chapter's student notebook, or the headings of a page of `book/`."""
    path = root / "notebooks" / chapter / f"{chapter}.ipynb"
    if not path.exists():
        page = root / "book" / f"{chapter}.md"
        text = page.read_text(encoding="utf-8") if page.exists() else ""
        return {heading.title for heading in headings(text)}, set()
    cells = nbformat.read(path, as_version=4).cells
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    marks = [cell.metadata.get("nbgrader", {}) for cell in cells]
    exercises = {mark["grade_id"] for mark in marks if mark.get("solution")}
    return {heading.title for heading in headings(prose)}, exercises


def _gaps(found: Coverage) -> list[str]:
    """Name what a written chapter owns and has not placed; a row may have gone to another chapter, an erratum not."""
    gaps = []
    for id, owners in found.owners.items():
        for chapter in (owner for owner in owners if owner in found.written):
            if not found.placed(id, chapter if is_erratum(id) else None):
                gaps.append(f"{chapter}: {id} is placed nowhere: {found.says[id]}")
    return gaps


def _read(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
