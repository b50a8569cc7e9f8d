"""Write the folder of a class on one machine: hub settings, home folders, exchange, and the instructor's course."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from autograder.class_file import class_roster
from autograder.course import Course

TEMPLATES = Path(__file__).parent / "templates"
INSTRUCTOR = "instructor"
STUDENTS = ("student1", "student2", "student3")
ROSTER = "roster.csv"
_USER = re.compile(r"[a-z][a-z0-9._-]*")


class ClassroomError(Exception):
    """The class cannot be set up or started; the message says what to do."""


@dataclass(frozen=True)
class Classroom:
    """A class on one machine."""

    folder: Path  # absolute
    repository: Path  # the course that the class uses, absolute
    port: int  # of the address to open; the next three ports are for the hub, its proxy, and the database

    @property
    def course(self) -> Path:
        """The instructor's nbgrader course."""
        return self.folder / "homes" / INSTRUCTOR / "layer-by-layer"

    @property
    def own_database(self) -> str:
        """The SQLAlchemy address of the database that the command starts if the user names no database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port + 3}/postgres"

    def password(self, who: str) -> str:
        """Return the password of ``instructor`` or ``students``, generated on the first call and saved."""
        path = self.folder / f"{who}.password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16 if who == INSTRUCTOR else 5), encoding="utf-8")
        return path.read_text(encoding="utf-8")


def students(roster: Path | None) -> list[str]:
    """Return the names of the students in a roster or, without a roster, of three made-up students.

    Raise ClassroomError if the roster has mistakes, no students, or names that JupyterHub does not accept.
    """
    if roster is None:
        return list(STUDENTS)
    enrolled, mistakes = class_roster.read(roster)
    names = [one.id for one in enrolled]
    mistakes += [
        f"{roster.name}: the id {name!r} cannot be a user name of the hub; use lowercase letters, digits, and . _ -"
        for name in names
        if not _USER.fullmatch(name) or name == INSTRUCTOR
    ]
    if mistakes or not names:
        raise ClassroomError("\n".join(mistakes) or f"{roster.name} has no students: write a line for each")
    return names


def write(classroom: Classroom, chapters: Sequence[str], roster: Path | None, database: str) -> None:
    """Write all that the class needs, but keep the students' files, the instructor's files, and an existing class.yml.

    The instructor can release ``chapters``; ``database`` is SQLAlchemy's address of the gradebook. Raise ClassroomError
    if the roster has mistakes, or the repository is not a course with these chapters.
    """
    names, source = students(roster), Course(classroom.repository)
    missing = [name for name in chapters if not source.reference(name).is_file()]
    if missing or not (classroom.repository / "nbgrader_config.py").is_file():
        raise ClassroomError(
            f"{classroom.repository} is not a course with {', '.join(missing or chapters)}: use --root"
        )
    for folder in ("exchange", *(f"homes/{name}" for name in (INSTRUCTOR, *names))):
        (classroom.folder / folder).mkdir(parents=True, exist_ok=True)
    for name in chapters:
        shutil.copytree(source.reference(name).parent, classroom.course / "solutions" / name, dirs_exist_ok=True)
    values = {
        "port": str(classroom.port),
        "hub_port": str(classroom.port + 1),
        "proxy_port": str(classroom.port + 2),
        "instructor_password": repr(classroom.password(INSTRUCTOR)),
        "student_password": repr(classroom.password("students")),
        "users": repr({INSTRUCTOR, *names}),
        "folder": repr(str(classroom.folder)),
        "repository": repr(str(classroom.repository)),
        "course": repr(str(classroom.course)),
        "database": repr(database),
        "chapters": f"[{', '.join(chapters)}]",
    }
    for template in sorted(TEMPLATES.rglob("*.in")):
        path = classroom.folder / template.relative_to(TEMPLATES).with_suffix("")
        if path.name == "class.yml" and path.exists():
            continue  # the instructor may have changed it
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # the hub's settings contain passwords, and the course's settings may, too
        path.write_text(Template(template.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")
    listed = roster.read_bytes() if roster else "\n".join(["id", *names, ""]).encode()
    (classroom.course / ROSTER).write_bytes(listed)
