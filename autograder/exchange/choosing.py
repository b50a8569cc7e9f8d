"""Choose which of a student's files count: the newest notebook of each chapter, and the files submitted with it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from autograder.classroom.handed_in import MAX_NAME
from autograder.exchange.archives import ArchiveError, unzipped
from autograder.exchange.systems import HandedIn
from autograder.recording.record import TIMESTAMP
from autograder.submissions.rebuild import Unreadable
from autograder.submissions.rebuild import read as read_notebook

BESIDE = (".py", ".csv", ".npy", ".npz", ".json", ".txt", ".png", ".jpg", ".jpeg", ".gif")
COLLECTED = f"only notebooks and {', '.join(BESIDE)} files are collected, but not from a zip within a zip"
DOWNLOAD = 60  # seconds; times in an archive that differ by less may all be those of the download
# Canvas and browsers number duplicate file names.
_COPY = re.compile(r"(?P<stem>.+?)(?:(?:-| ?\()(?P<number>\d{1,9})\)?)?(?P<suffix>\.[^.]+)", re.DOTALL)


@dataclass(frozen=True)
class Placed:
    """A submission that has been placed."""

    student: str
    chapter: str
    outcome: str  # "new", "newer attempt", or "unchanged"
    late: str = ""  # a sentence about a late submission and its consequence


@dataclass
class Collected:
    """The outcome for every file in an archive."""

    placed: list[Placed] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)  # a file's name, and why it was not placed
    older: list[str] = field(default_factory=list)  # files that the same student replaced with a newer one


def choose(files: Sequence[HandedIn], names: frozenset[str], outcome: Collected) -> dict[str, dict[str, HandedIn]]:
    """Return a student's files for each of the chapters, by the names that they get; add the others to ``outcome``."""
    notebooks: dict[str, list[HandedIn]] = defaultdict(list)
    others: list[HandedIn] = []
    for one in _without_zips(files, outcome):
        try:
            if _suffix(one) == ".ipynb":
                notebooks[_chapter(one, names)].append(one)
            elif _suffix(one) not in BESIDE:
                outcome.left.append((one.entry.name, COLLECTED))
            else:
                file_name(one.file)
                others.append(one)
        except (LookupError, ArchiveError) as error:
            outcome.left.append((one.entry.name, str(error.args[0])))
    chosen = {chapter: _newest(copies, f"{chapter}.ipynb", others) for chapter, copies in sorted(notebooks.items())}
    counting = {one for files_of in chosen.values() for one in files_of.values()}
    submitted = [one for copies in notebooks.values() for one in copies]
    for one in (*submitted, *others):
        if one.attempt not in {notebook.attempt for notebook in submitted}:
            outcome.left.append((one.entry.name, "no notebook was submitted with it"))
        elif one not in counting:
            outcome.older.append(one.entry.name)
    return chosen


def _without_zips(files: Sequence[HandedIn], outcome: Collected) -> list[HandedIn]:
    found = []
    for one in files:
        try:
            inside = unzipped(one.entry) if _suffix(one) == ".zip" else []
            found += [replace(one, entry=entry, file=PurePosixPath(entry.name).name) for entry in inside] or [one]
        except ArchiveError as error:
            outcome.left.append((one.entry.name, str(error)))
    return found


def _newest(copies: Sequence[HandedIn], name: str, others: Sequence[HandedIn]) -> dict[str, HandedIn]:
    """Return the newest notebook and the files submitted with it, by the names that they get.

    The last attempt and upload count; of several, the newest in the archive, or else the last copy. A module loses a
    copy's number, with which it can't be imported. Other files lose it if the notebook has one. Of two files with the
    same name, the one in the notebook's folder counts, or else the newer one.
    """
    since = max((one.attempt, one.upload, one.entry.modified - DOWNLOAD) for one in copies)
    last = [one for one in copies if (one.attempt, one.upload, one.entry.modified) > since]
    notebook = max(last, key=lambda one: (_unnumbered(one)[1], one.file.lower() == name))
    folder, is_copy = PurePosixPath(notebook.entry.name).parent, _unnumbered(notebook)[1] > 0
    beside = [one for one in others if one.attempt == notebook.attempt]
    beside.sort(key=lambda one: (PurePosixPath(one.entry.name).parent == folder, one.upload, _unnumbered(one)[1]))
    named = {_unnumbered(one)[0] if is_copy or _suffix(one) == ".py" else one.file: one for one in beside}
    return {**named, name: notebook}


def _suffix(one: HandedIn) -> str:
    return PurePosixPath(one.file).suffix.lower()


def _unnumbered(one: HandedIn) -> tuple[str, int]:
    """Return a file's name without a copy's number, and the number (0 if there is none)."""
    found = _COPY.fullmatch(one.file)
    return (found["stem"] + found["suffix"], int(found["number"] or 0)) if found else (one.file, 0)


def file_name(name: str) -> str:
    """Return a name, or raise LookupError if no file or folder of a student can have it."""
    is_taken = name.casefold() == TIMESTAMP or name[:1] in ("", ".")
    if is_taken or re.search(r"[/\\\x00-\x1f]", name) or len(name.encode()) > MAX_NAME:
        raise LookupError(f"{name!r} cannot be the name of a folder or file")
    return name


def _chapter(handed: HandedIn, names: frozenset[str]) -> str:
    """Return the chapter named by a notebook's file name or, if no such chapter exists, by the notebook's metadata."""
    stem = PurePosixPath(_unnumbered(handed)[0]).stem.lower()
    if stem in names:
        return stem
    try:
        metadata = read_notebook(handed.entry.read()).get("metadata")
        said = metadata.get("layerlab", {}).get("chapter") if isinstance(metadata, Mapping) else None
    except (Unreadable, AttributeError):
        said = None
    if isinstance(said, str) and said in names:
        return said
    raise LookupError(f"no chapter is called {handed.file!r}, and the notebook does not name one")
