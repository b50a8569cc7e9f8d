"""Read a class's students from the grades that a learning management system exports, and look up a student."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.exchange.systems import System

MAX_BYTES = 64 * 2**20
_PARTICIPANT = re.compile(r"\D*(\d+)")  # "Participant 123456", in the language of the site


class RosterError(ValueError):
    """The file is not an export of this system; the message says what is missing."""


@dataclass(frozen=True)
class Roster:
    """A table that the system exported, and the file format in which the system reads tables."""

    header: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]  # one for each line below the header, with a value for every column
    encoding: str = "utf-8"
    delimiter: str = ","

    def ids(self, system: System, row: Mapping[str, str]) -> list[str]:
        """Return those values in a row that could be the student's name in `submitted/`, with the best value first."""
        return [row[column].strip() for column in system.ids if row.get(column, "").strip()]


def read(path: Path, system: System) -> Roster:
    """Read an exported file in UTF-8 or UTF-16, separated by commas, tabs, or semicolons, or raise RosterError."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
        encoding = _encoding(content)
        text = content.decode(encoding)
    except OSError as error:
        raise RosterError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RosterError(
            f"{path} is neither UTF-8 nor UTF-16: export it again, and don't save it in between"
        ) from None
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    try:
        table = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if line]
    except csv.Error as error:
        raise RosterError(f"{path} is not a table of grades: {error}") from None
    header = tuple(name.strip() for name in table[0]) if table else ()
    if not set(header) & set(system.ids):
        raise RosterError(
            f"{path} has none of the columns {', '.join(system.ids)}: export the grades from {system.label} in English"
        )
    rows = tuple(dict(zip(header, [*line, *[""] * len(header)], strict=False)) for line in table[1:])
    return Roster(header, rows, encoding, delimiter)


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"


class Students:
    """Uses the keys in a file's name to look up the name of the student's folder in `submitted/`."""

    def __init__(self, system: System, roster: Roster | None, registered: Iterable[str]) -> None:
        """Take the students from an exported file, from nbgrader's gradebook, from both, or from neither."""
        self._known = frozenset(registered)
        self._names: dict[str, set[str]] = {name.casefold(): {name} for name in self._known if roster is None}
        self.rows: dict[str, Mapping[str, str]] = {}
        for row in roster.rows if roster else ():
            if ids := roster.ids(system, row) if roster else []:
                name = next((one for one in ids if one in self._known), ids[0])
                self.rows[name] = row
                for key in (*ids, *_other_keys(row)):
                    self._names.setdefault(key.casefold(), set()).add(name)
        self._accepts_all = not self._names

    def name(self, keys: tuple[str, ...]) -> str:
        """Return the name of the student's folder in `submitted/`, or raise LookupError if none or several fit."""
        if self._accepts_all:  # without a list of students, the last key is the shortest or the only one
            return keys[-1]
        for key in keys:
            found = sorted(self._names.get(key.strip().casefold(), ()))
            if len(found) > 1:
                raise LookupError(f"more than one student is called {key!r}: {', '.join(found)}")
            if found:
                return found[0]
        raise LookupError(f"no student on the roster is called {' or '.join(map(repr, keys[-2:]))}")


def _other_keys(row: Mapping[str, str]) -> list[str]:
    first = row.get("First name") or row.get("First Name") or ""
    last = row.get("Last name") or row.get("Last Name") or row.get("Surname") or ""
    names = [row.get("Full name", ""), row.get("Name", ""), f"{first} {last}"]
    participant = _PARTICIPANT.fullmatch(row.get("Identifier", ""))
    return [key for key in (participant[1] if participant else "", *(name.strip() for name in names)) if key]
