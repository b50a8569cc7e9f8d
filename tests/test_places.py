"""The course starts anywhere: below folders that the walls make, behind links, in closed homes, under any name.

`python -m tests.places` tries it with fresh clones and environments of their own, which takes minutes.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from autograder.inside import view
from autograder.model import Batch, Cell
from autograder.run import NotStarted, Runner
from tests import room
from tests.furnish import INSTALLED, Place, run_at
from tests.graded_class import make_course

needs_mounts = pytest.mark.skipif(not room.is_allowed(), reason="this host lets nobody mount")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
needs_open_packages = pytest.mark.skipif(
    INSTALLED.stat().st_mode & 0o5 != 0o5, reason="the packages that the test would mount are closed to others"
)
SOMEBODY = 54321  # a user id that nobody has
MARKS = {"student-00": 4, "student-01": 1, "student-02": 1}  # of the class below

# Grades the class, and prints what students have in the gradebook.
GRADE = """
import json, sqlite3, subprocess, sys
done = subprocess.run([sys.executable, "-m", "autograder", "grade", "--workers", "1"], capture_output=True, text=True)
if done.returncode != 0:
    sys.exit(done.stdout + done.stderr)
rows = sqlite3.connect("gradebook.db").execute(
    "select student_id, sum(auto_score) from grade join submitted_notebook on grade.notebook_id = submitted_notebook.id"
    " join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id group by student_id")
print(json.dumps(dict(rows.fetchall())))
"""
# Runs code as a submission and prints what it prints.
PROBE = """
import sys
from autograder.model import Batch, Cell
from autograder.run import Runner
with Runner() as runner:
    for code in sys.argv[1:]:
        cell = runner.run([Cell("own", "own", code)], Batch(1, 2)).cells[0]
        print(cell.error or "".join(o["text"] for o in cell.outputs), end="")
"""

STRANGE = 'Übung\\ mit \'Leer\tzeichen\\134 \n"100% #1?" $HOME &;*/' + "lang" * 50 + "/" + "weit" * 50 + "/kurs"
PLACES = {
    "temporary folder": Place(),
    "strange names": Place(course=f"{{tmp}}/{STRANGE}", venv=f"{{tmp}}/{STRANGE}/.venv"),
    "shared memory": Place("/dev/shm/a/course", "/dev/shm/a/python", "/dev/shm/a/course/.venv", empty="/dev/shm"),
    "a folder of libraries": Place("/usr/local/lib/course", venv="/usr/local/lib/course/.venv", empty="/usr/local/lib"),
    "links": Place(
        "{tmp}/far/away/course",
        "{tmp}/pythons/3.11.99",
        "{tmp}/envs/real",
        links={
            "{tmp}/short": "far/away",
            "{tmp}/far/away/course/.venv": "../../../envs/by-name",
            "{tmp}/envs/by-name": "real",
            "{tmp}/pythons/3.11": "3.11.99",
            "{tmp}/shims": "far/../pythons",
        },
        called="{tmp}/short/course",
        home="{tmp}/shims/3.11",
    ),
}
OF_USERS = {
    "an ordinary user's closed home": Place(user=SOMEBODY, umask=0o077),
    "root's, closed to others": Place(umask=0o077),
    "root in somebody's closed home": Place(owner=SOMEBODY, umask=0o077),
    "root with a temporary folder of its own": Place(
        environment={"TMPDIR": "{tmp}/pythons"}, closed=("{tmp}/pythons",), python="{tmp}/pythons/python"
    ),
}


def _quick(places: dict[str, Place], *names: str) -> list:
    """Return the names of places as parameters; those that differ little from others are for `make test-long`."""
    return [name if name in names else pytest.param(name, marks=pytest.mark.long) for name in places]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("places"), students=len(MARKS))


@pytest.fixture
def folder():
    """A folder below the temporary one that everybody can reach, as pytest's own cannot be."""
    made = Path(tempfile.mkdtemp(prefix="places-"))
    yield made
    shutil.rmtree(made)


def graded(name: str, folder: Path, course: Path) -> dict[str, float]:
    """Grade the class in a place and return its marks."""
    said = run_at((PLACES | OF_USERS)[name], folder, course, "-c", GRADE)
    last = said.rstrip().rpartition("\n")[2]
    assert last.startswith("{"), said
    return json.loads(last)


@needs_mounts
@pytest.mark.parametrize("name", _quick(PLACES, "strange names", "links"))
def test_a_class_is_graded_anywhere(folder, course, name):
    assert graded(name, folder, course) == MARKS


@needs_root
@needs_open_packages
@pytest.mark.parametrize("name", _quick(OF_USERS, "an ordinary user's closed home"))
def test_a_class_is_graded_by_anybody(folder, course, name):
    assert graded(name, folder, course) == MARKS


@needs_mounts
def test_the_temporary_folder_is_private_where_the_course_lies_in_it(folder, course):
    write = "import json, os, sys, tempfile; open('/tmp/left', 'w').write('x'); open('left', 'w'); print(json.dumps("
    looked = run_at(
        Place(),
        folder,
        course,
        "-c",
        PROBE,
        write + "[os.getcwd(), os.listdir('.'), sorted(os.listdir('/tmp')), sorted(os.listdir(sys.argv[-1])), 1]))",
        write + "[sorted(os.listdir('/tmp/' + os.listdir('/tmp')[-1])), tempfile.gettempdir()]))",
    )
    print(looked)
