"""Test two graders that write to one PostgreSQL gradebook at the same time, each from its own folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from autograder.classroom.grade_class import Grading, grade_class
from autograder.classroom.ledger import LEDGER
from autograder.hub import classroom_services as services
from autograder.hub.classroom_folder import ClassroomError
from tests.graded_class import NAME, lines, make_course, rows, start, write
from tests.system.free_classroom import free_classroom
from tests.system.test_kills import wait_for

STUDENTS = 40
KILLED_AFTER = 5  # results
PATIENCE = 300  # seconds

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Yield the address of an empty database, whose folder PostgreSQL's user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="gradebook-"))
    folder.chmod(0o755)
    try:
        services._postgresql()
        with services.database(free_classroom(folder, 19_000)) as address:
            yield address
    except ClassroomError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[tuple]:
    """Return the gradebook's rows after a single grader has written all of them."""
    course = make_course(tmp_path_factory.mktemp("alone"), STUDENTS)
    grade_class(NAME, course, Grading(workers=2))
    return rows(course)


@pytest.mark.parametrize("is_split", [True, False], ids=["halves", "same class"])
def test_killed_grader_beside_another_loses_nothing(
    tmp_path: Path, database: str, alone: list[tuple], is_split: bool
) -> None:
    empty(database)
    courses = [make_course(tmp_path / name, STUDENTS) for name in ("one", "two")]
    for number, course in enumerate(courses):
        write(course / "nbgrader_config.py", f"c = get_config()\nc.CourseDirectory.db_url = {database!r}\n")
        for folder in sorted((course / "submitted").iterdir())[1 - number :: 2] if is_split else ():
            shutil.rmtree(folder)
    first, second = (start(course) for course in courses)
    wait_for(courses[0], KILLED_AFTER, first)
    assert first.poll() is None, "the class was graded before its grader was killed: it is too small"
    first.kill()
    first.wait()
    again = start(courses[0])
    said = [(course / "log").read_text() for course in courses]
    assert [again.wait(PATIENCE), second.wait(PATIENCE)] == [0, 0], said
    assert rows(courses[0]) == alone
    for course in courses:
        students = sorted(folder.name for folder in (course / "submitted").iterdir())
        assert [line["student"] for line in lines(course / "reports" / NAME / LEDGER)] == students


def empty(database: str) -> None:
    with create_engine(database).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
