"""Read the students of a class from a csv file with the columns id, first name, last name, and email."""

from __future__ import annotations

import csv
from pathlib import Path

from autograder.class_file.class_settings import Enrolled

COLUMNS = ("id", "first_name", "last_name", "email")  # as nbgrader's own import names them; spaces are fine


def read(path: Path) -> tuple[list[Enrolled], list[str]]:
    """Return the students in a csv file, and a sentence for each mistake in the file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError:
        return [], [f"there is no file {path.name} next to the class file"]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return [], [f"{path.name} cannot be read as a csv file in UTF-8: {error}"]
    header = [name.strip().lower().replace(" ", "_") for name in rows[0]] if rows else []
    mistakes = [
        f"{path.name}, line 1: {name!r} is not a column of a roster; write id,first name,last name,email"
        for name in header
        if name not in COLUMNS
    ]
    if "id" not in header:
        return [], [f"{path.name}, line 1: there is no column id; write id,first name,last name,email"]
    students: dict[str, Enrolled] = {}
    for line, row in enumerate(rows[1:], start=2):
        values = {name: value.strip() for name, value in zip(header, row, strict=False) if name in COLUMNS}
        if not any(values.values()):
            continue
        who = values.get("id", "")
        if len(row) > len(header):
            mistakes.append(f"{path.name}, line {line}: has {len(row)} values for {len(header)} columns; quote commas")
        elif not who or "/" in who:
            mistakes.append(f"{path.name}, line {line}: has no id that can name a folder; write the student's id")
        elif who in students:
            mistakes.append(f"{path.name}, line {line}: {who!r} appears twice; keep one line for each student")
        else:
            students[who] = Enrolled(**values)
    return list(students.values()), mistakes
