"""Test that the course runs anywhere: through links, in closed homes, and under any name.

`python -m tests.sandbox.clones` tests this with fresh clones and separate environments, which takes minutes.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from autograder.model import Batch, Cell
from autograder.sandbox.driver.run import Runner
from autograder.sandbox.inside.walls import view
from tests.graded_class import make_course
from tests.sandbox import room
from tests.sandbox.furnish import INSTALLED, Place, run_at

needs_mounts = pytest.mark.skipif(not room.is_allowed(), reason="this host lets nobody mount")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
needs_open_packages = pytest.mark.skipif(
    INSTALLED.stat().st_mode & 0o5 != 0o5, reason="the packages that the test would mount are closed to others"
)
SOMEBODY = 54321  # a user id that no account has
MARKS = {"student-00": 4, "student-01": 1, "student-02": 1}  # points of the class below

# Grades the class and prints each student's points in the gradebook.
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
# Runs each argument as a submission and prints its output or error.
PROBE = """
import sys
from autograder.model import Cell
from autograder.model import Batch
from autograder.sandbox.driver.run import Runner
with Runner() as runner:
    for code in sys.argv[1:]:
        cell = runner.run([Cell("own", "own", code)], Batch(1, 2)).cells[0]
        print(cell.error or "".join(o["text"] for o in cell.outputs).rstrip())
"""

STRANGE = '{tmp}/Übung\\ mit \'Leer\tzeichen\\134 "#1" $HOME &;*/' + "lang" * 50 + "/" + "weit" * 50 + "/kurs"
UNSAYABLE = "{tmp}/one\nline\rand 100%/kurs"  # nbgrader's gradebook can't use this path, but submissions run.
PLACES = {
    "temporary folder": Place(),
    "strange names": Place(course=STRANGE, venv=f"{STRANGE}/.venv"),
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
    "an ordinary user's closed home": Place(
        user=SOMEBODY, umask=0o077, environment={"LD_LIBRARY_PATH": "{tmp}/python/lib"}
    ),
    "root in its closed home": Place("{tmp}/closed/course", venv="{tmp}/closed/course/.venv", closed=("{tmp}/closed",)),
    "root in somebody's closed home": Place(owner=SOMEBODY, umask=0o077),
    "root with a temporary folder of its own": Place(
        environment={"TMPDIR": "{tmp}/pythons"}, closed=("{tmp}/pythons",), python="{tmp}/pythons/python"
    ),
}


def _quick(places: dict[str, Place], *marks: pytest.MarkDecorator, quick: tuple[str, ...]) -> list:
    """Return the places as parameters; those not in ``quick`` differ little, so they run only in `make test-long`."""
    long = [pytest.mark.long]
    return [pytest.param(name, marks=[*marks, *(long if name not in quick else [])]) for name in places]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("places"), students=len(MARKS))


@pytest.fixture
def folder():
    """Yield a new folder whose parent every user can enter, unlike the parent of pytest's own folders."""
    made = Path(tempfile.mkdtemp(prefix="places-"))
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize(
    "name",
    [
        *_quick(PLACES, needs_mounts, quick=("strange names", "links")),
        *_quick(OF_USERS, needs_root, needs_open_packages, quick=("an ordinary user's closed home",)),
    ],
)
def test_class_is_graded_at_every_place_by_every_user(folder, course, name):
    """Grade the class at a place and compare each student's points."""
    said = run_at((PLACES | OF_USERS)[name], folder, course, "-c", GRADE)
    last = said.rstrip().rpartition("\n")[2]
    assert last.startswith("{"), said
    assert json.loads(last) == MARKS


@needs_root
def test_files_that_only_root_can_read_are_named(folder, course):
    said = run_at(Place(umask=0o077), folder, course, "-c", GRADE)
    assert f"{folder}/course/layerlab" in said
    assert "chmod -R go+rX" in said


LOOK = """
import json, os, subprocess, sys
open("/tmp/left", "w").write("x")
[place] = set(os.listdir("/tmp")) - {"left"}
print(json.dumps([os.getcwd(), os.listdir("."), sorted(os.listdir(f"/tmp/{place}/course")), place]))
"""
AGAIN = """
import os, subprocess, sys
asked = subprocess.run([sys.executable, "-c", "import torch; print(torch.ones(3).sum())"], capture_output=True)
print(os.path.exists("/tmp/left"), asked.stdout.decode().strip())
"""
FILL = """
for number in range(5):
    open(f"/tmp/{number}", "wb").write(bytes(30 * 2**20))
    open(f"{number}", "wb").write(bytes(30 * 2**20))
"""


@needs_mounts
def test_submission_sees_only_the_course_in_temporary_folder(course):
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="places-") as made:
        said = run_at(Place(), Path(made), course, "-c", PROBE, LOOK, AGAIN, FILL, "import os; open(os.__file__, 'a')")
    looked, again, filled, spoilt = said.splitlines()
    assert json.loads(looked) == ["/submission", [], [".venv"], Path(made).name]
    assert again == "False tensor(3.)"
    assert filled == "OSError: [Errno 28] No space left on device"  # Both folders share one size limit.
    assert spoilt.startswith(("PermissionError: [Errno 13]", "OSError: [Errno 30]"))


@needs_mounts
@pytest.mark.long
def test_submission_runs_in_a_path_with_a_newline(folder, course):
    place = Place(course=UNSAYABLE, venv=f"{UNSAYABLE}/.venv")
    assert run_at(place, folder, course, "-c", PROBE, "print(6 * 7)") == "42\n"


def test_runner_outside_its_block_explains_the_fix():
    with Runner(sandbox=False) as closed:
        pass
    for runner in (Runner(), closed):
        with pytest.raises(RuntimeError, match="inside `with Runner\\(\\) as runner:`"):
            runner.run([Cell("own", "own", "1")], Batch(1, 2))


# The visible folders, computed without a sandbox


def places_of(shown=(), hidden=(), links=()):
    return [(place.kind, place.path) for place in view._needed(set(shown), set(hidden), dict(links))]


def test_path_inside_a_shown_folder_is_not_repeated():
    assert places_of(["/a/lib", "/a/lib/b", "/a/library"]) == [("shown", "/a/lib"), ("shown", "/a/library")]


def test_repository_in_shown_folder_is_covered_except_packages():
    found = places_of(["/opt/lib", "/opt/lib/course/.venv/lib"], ["/opt/lib/course", "/elsewhere"])
    assert found == [("shown", "/opt/lib"), ("covered", "/opt/lib/course"), ("shown", "/opt/lib/course/.venv/lib")]


def test_link_is_recreated_unless_already_visible():
    found = places_of(["/a/lib"], links={"/a/lib/in": "/a/lib", "/b": "/a"})
    assert found == [("shown", "/a/lib"), ("link", "/b")]


def test_each_link_leads_to_a_real_folder(tmp_path):
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "one").symlink_to("real")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    (tmp_path / "real" / "inner").symlink_to("deep/../deep")
    found = dict(view.links_to(f"{tmp_path}/two/inner"))
    assert found == {f"{tmp_path}/two": f"{tmp_path}/real", f"{tmp_path}/real/inner": f"{tmp_path}/real/deep"}


def test_folders_in_a_linked_temporary_folder_are_linked(tmp_path, monkeypatch):
    (tmp_path / "scratch" / "course").mkdir(parents=True)
    (tmp_path / "tmp").symlink_to("scratch")
    monkeypatch.setattr(view, "OWN", (f"{tmp_path}/tmp",))
    found = dict(view.links_to(f"{tmp_path}/tmp/course/lib"))
    assert found == {f"{tmp_path}/tmp/course": f"{tmp_path}/scratch/course"}


def test_sandbox_folders_avoid_names_already_taken():
    taken = [view.Place("/submission/.venv/lib", "shown"), view.Place("/submission-1", "link", "/a")]
    assert view._free("/submission", taken) == "/submission-2"
    assert view._free("/course-packages", taken) == "/course-packages"


def test_only_library_folders_of_the_prefix_are_visible(tmp_path, monkeypatch):
    for folder in ("lib", "lib64", "letters", "bin"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr("sys.base_prefix", str(tmp_path))
    seen = view.view(tmp_path).below(str(tmp_path))
    assert [place.path for place in seen] == [f"{tmp_path}/lib", f"{tmp_path}/lib64"]
