"""Write marks to a file of grades that a learning management system can import.

The file has the columns that identify students, from the system's own export, and one for each chapter. A student
without a mark keeps the value from the export.

- **Canvas** (instructure/canvas-lms, `lib/gradebook_importer.rb`, `lib/gradebook_exporter.rb`): the columns are
  `Student`, `ID`, `SIS User ID`, `SIS Login ID`, `Section`, then `Title (ID)` for each assignment; a title without an
  ID creates an assignment. The first row is `    Points Possible`. UTF-8.
- **Moodle**, "Grade import" (docs.moodle.org/en/Grade_import): any header; the instructor maps its columns. A *grading
  worksheet* (`mod/assign/feedback/offline/importgradeslib.php`) keeps all of its columns, because Moodle needs
  `Identifier`, `Grade`, and `Last modified (grade)`. UTF-8.
- **Blackboard**, "Uploading or Downloading Grade Center Items for Working Offline" (library.blackboard.com): `Username`
  identifies a student, and `Title [Total Pts: N Score] |ID` a column; without an ID, Blackboard adds a text column
  worth 0 points. In a comma-separated file, every field is quoted. Blackboard exports UTF-16 with tabs or UTF-8 with
  commas; our file has the format of the export.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.exchange.roster import Roster
from autograder.exchange.systems import SYSTEMS, System
from autograder.plain import as_cell, as_csv
from autograder.recording.page_parts import points
from autograder.recording.totals import Mark, outgrown

POINTS_POSSIBLE = "    Points Possible"  # Canvas's own, with its four spaces
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class ChapterMarks:
    """The marks of one chapter, by student."""

    name: str
    title: str  # the chapter's name for readers, such as "Custom layers"
    points: int
    marks: Mapping[str, Mark]


@dataclass
class Sheet:
    """A file of grades, with notes that an instructor must read before importing the file."""

    content: bytes
    suffix: str
    filled: int = 0
    notes: list[str] = field(default_factory=list)


def sheet(system: System, roster: Roster, chapters: Sequence[ChapterMarks]) -> Sheet:
    """Return the file that ``system`` imports; raise ValueError for several chapters and Moodle's grading worksheet."""
    is_worksheet = {"Identifier", "Grade"} <= set(roster.header)
    if is_worksheet and len(chapters) > 1:
        raise ValueError("a grading worksheet is of one assignment: give one chapter, or the export of all grades")
    made = Sheet(b"", ".xls" if roster.delimiter == "\t" else ".csv")
    pairs = [(chapter, "Grade" if is_worksheet else _column(system, roster, chapter)) for chapter in chapters]
    kept = roster.header if is_worksheet else tuple(name for name in roster.header if name in system.identity)
    header = list(dict.fromkeys([*kept, *(column or chapter.title for chapter, column in pairs)]))
    for chapter, column in pairs:
        if column is None:
            made.notes.append(_new_column(system, chapter))
    lines = [list(map(as_cell, header))]
    rows = [row for row in roster.rows if roster.ids(system, row)]  # not Canvas's rows of points and of hidden grades
    limits: Mapping[str, str] = next(filter(_is_points, roster.rows), {})
    if system is SYSTEMS["canvas"]:
        possible = {header[0]: POINTS_POSSIBLE}
        for chapter, column in pairs:
            possible[column or chapter.title] = limits.get(column or "", "").strip() or str(chapter.points)
        lines.append([possible.get(name, "") for name in header])
    for chapter, column in pairs:
        _compare_points(made, chapter, column, limits or next(iter(rows), {}))
    for row in rows:
        cells = dict(row)
        for chapter, column in pairs:
            mark = next((chapter.marks[name] for name in roster.ids(system, row) if name in chapter.marks), None)
            if mark is not None and mark.is_graded:
                cells[column or chapter.title] = points(mark.score)
                made.filled += 1
        lines.append([_cell(cells.get(name, "")) for name in header])
    made.notes += _unmatched(system, roster, rows, chapters)
    quoting = csv.QUOTE_ALL if system is SYSTEMS["blackboard"] else csv.QUOTE_MINIMAL
    made.content = as_csv(lines, delimiter=roster.delimiter, quoting=quoting).encode(roster.encoding)
    return made


def _column(system: System, roster: Roster, chapter: ChapterMarks) -> str | None:
    """Return the header of the export's column for the chapter, or None if no column has its name or title."""
    names = (chapter.name.casefold(), chapter.title.casefold())
    for name in roster.header:
        found = system.column.fullmatch(name)
        if found and name not in system.identity and found["title"].strip().casefold() in names:
            return name
    return None


def _new_column(system: System, chapter: ChapterMarks) -> str:
    what = "a text column of 0 points" if system is SYSTEMS["blackboard"] else "a new column"
    return (
        f"the export has no column {chapter.title!r}: {system.label} makes {what} of it. To fill an existing one, name "
        "it after the chapter and export the grades again"
    )


def _is_points(row: Mapping[str, str]) -> bool:
    return POINTS_POSSIBLE.strip() in (row.get("Student", "").strip(), row.get("LastName", "").strip())


def _compare_points(made: Sheet, chapter: ChapterMarks, column: str | None, row: Mapping[str, str]) -> None:
    """Add a note if the system has a different maximum score, which would put the marks on a different scale."""
    in_title = SYSTEMS["blackboard"].column.fullmatch(column or "")
    said = in_title["points"] if in_title else row.get("Maximum Grade" if column == "Grade" else column or "", "")
    is_limit = in_title or column == "Grade" or _is_points(row)
    if is_limit and _NUMBER.fullmatch(said.strip()) and float(said.strip().replace(",", ".")) != (chapter.points):
        made.notes.append(
            f"{column} has {said.strip()} points there, and {chapter.name} has {chapter.points}: set the same number "
            "before you import"
        )


def _unmatched(
    system: System, roster: Roster, rows: Sequence[Mapping[str, str]], chapters: Sequence[ChapterMarks]
) -> list[str]:
    known = {name for row in rows for name in roster.ids(system, row)}
    notes = []
    for chapter in chapters:
        missing = sorted(name for name in chapter.marks if name not in known)
        if missing:
            notes.append(f"{chapter.name}: not in the export, so not in this file: {', '.join(missing)}")
        again = sorted(name for name, mark in chapter.marks.items() if not mark.is_graded)
        notes += [f"{chapter.name}: {said}" for said in outgrown(chapter.name, chapter.marks)]
        if again:
            notes.append(f"{chapter.name}: not fully graded, so left as they were: {', '.join(again)}")
    return notes


def _cell(value: str) -> str:
    """Return a cell that no spreadsheet reads as a formula; do not change numbers or Moodle's "-" for no grade."""
    return value if value == "-" or _NUMBER.fullmatch(value) else as_cell(value)
