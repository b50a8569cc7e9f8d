"""Simulate a term in a class that `autograder classroom` runs, on its pages and through the REST API.

`make test-classroom` runs this test, and so does the `browser` part of `make test-long`.
"""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from own_lab import new_notebook

from autograder.hub import classroom_services as services
from autograder.hub.classroom_folder import INSTRUCTOR, STUDENTS, Classroom, ClassroomError
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from tests.root import COURSE, ROOT
from tests.system.free_classroom import are_free, free_classroom

pytestmark = pytest.mark.long

NAME = "lazy"
CHAPTER = chapters.load(COURSE.reference(NAME))
POINTS = sum(exercise.points for exercise in CHAPTER.exercises)
MISTAKEN = CHAPTER.exercises[0]  # the exercise that a student gets wrong at first
COMMENT = "Your last case is right: half a point back."
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
WAIT = 120  # seconds: a busy machine takes a while to import all of Jupyter
TOKEN = """async (name) => {
  const headers = { "X-XSRFToken": window.jhdata.xsrf_token, "Content-Type": "application/json" };
  const reply = await fetch(`/hub/api/users/${name}/tokens`, { method: "POST", headers, body: "{}" });
  return (await reply.json()).token;
}"""


class Member:
    """Someone who logs in on the hub's page, and then works in a browser or through the REST API."""

    def __init__(self, chromium: Any, address: str, name: str, password: str) -> None:
        self.name, self.hub = name, address
        self.server = f"{address}/user/{name}"
        self.page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(WAIT * 1000)
        self.page.goto(f"{address}/hub/login?next=%2Fhub%2Fhome")
        self.page.fill("#username_input", name)
        self.page.fill("#password_input", password)
        self.page.click("#login_submit")
        self.page.wait_for_function("window.jhdata?.user")
        self._headers = {"Authorization": f"token {self.page.evaluate(TOKEN, name)}"}

    def start(self) -> None:
        """Ask the hub for the member's server without waiting, so that several servers start at the same time."""
        self._ask("POST", f"{self.hub}/hub/api/users/{self.name}/server")

    def wait(self) -> None:
        until = time.monotonic() + WAIT
        while not self._ask("GET", f"{self.hub}/hub/api/users/{self.name}").json()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < until, f"the server of {self.name} does not start"
            time.sleep(0.5)

    def get(self, path: str) -> Any:
        """Return the JSON at a path of the member's server."""
        return self._ask("GET", f"{self.server}/{path}").json()

    def do(self, path: str, **data: str) -> Any:
        """Send a POST request to a path of the member's server, and require that nbgrader reports success."""
        said = self._ask("POST", f"{self.server}/{path}", data).json()
        assert said["success"], said
        return said

    def status(self, path: str) -> int:
        """Return the HTTP status of a page on the member's server."""
        return self.page.request.get(f"{self.server}/{path}", headers=self._headers, timeout=WAIT * 1000).status

    def read(self, path: str) -> nbformat.NotebookNode:
        return nbformat.from_dict(self.get(f"api/contents/{path}")["content"])

    def save(self, path: str, notebook: nbformat.NotebookNode) -> None:
        """Save a notebook as JupyterLab does."""
        self._ask("PUT", f"{self.server}/api/contents/{path}", {"type": "notebook", "content": notebook})

    def _ask(self, method: str, address: str, data: Any = None) -> Any:
        reply = self.page.request.fetch(
            address, method=method, headers=self._headers, data=data, timeout=WAIT * 1000, fail_on_status_code=False
        )
        assert reply.ok, f"{method} {address}: {reply.status} {reply.text()[-2000:]}"
        return reply


@dataclass
class Term:
    place: Classroom
    instructor: Member
    students: list[Member]

    def run(self, *command: str) -> str:
        """Run a command in the instructor's course, as in a terminal on the hub; return its output."""
        conf = self.place.folder / "conf"
        own = {
            "HOME": str(self.place.course.parent),
            "JUPYTER_CONFIG_PATH": f"{conf / 'instructor'}:{conf / 'common'}",
            "EXCHANGE": str(self.place.folder / "exchange"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        done = subprocess.run(
            command, cwd=self.place.course, env=os.environ | own, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def on_assignment(self, step: str) -> None:
        """Press one of formgrader's buttons for the chapter."""
        self.instructor.do(f"formgrader/api/assignment/{NAME}/{step}")

    def scores(self) -> dict[str, str]:
        """Return each student's score as formgrader's page shows it."""
        page = self.instructor.page
        page.goto(f"{self.instructor.server}/formgrader/manage_submissions/{NAME}")
        page.locator("tbody tr", has_text=STUDENTS[0]).first.wait_for()
        rows = page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.innerText)")
        found = {name: row for name in STUDENTS for row in rows if name in row}
        return {name: " ".join(re.findall(r"[\d.]+ / [\d.]+", row)) for name, row in found.items()}

    def feedback(self, student: Member) -> str:
        """Fetch the student's feedback, compare the newest page with the instructor's copy, and return its text."""
        student.do("assignments/fetch_feedback", course_id="layer-by-layer", assignment_id=NAME)
        pages = (self.place.folder / "homes" / student.name / NAME / "feedback").glob(f"*/{NAME}.html")
        newest = max(pages, key=lambda path: path.parent.name)
        assert newest.read_bytes() == (self.place.course / "feedback" / student.name / NAME / newest.name).read_bytes()
        student.page.goto(f"{student.server}/files/{newest.relative_to(self.place.folder / 'homes' / student.name)}")
        return " ".join(student.page.inner_text("body").split())


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Yield a folder that every user may enter, because PostgreSQL may run as another user."""
    made = Path(tempfile.mkdtemp(prefix="classroom-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Classroom]]:
    """Start the command, wait until it prints its address, and yield its process and the class that it runs."""
    try:
        services._postgresql()
    except ClassroomError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    port = free_classroom(folder, 18_000).port
    command = [sys.executable, "-m", "autograder", "classroom", str(folder), NAME, "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    first = process.stdout.readline()
    assert ADDRESS.search(first), first + process.stdout.read()
    yield process, Classroom(folder, ROOT, port)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(WAIT)


@pytest.fixture(scope="module")
def term(running: tuple[subprocess.Popen[str], Classroom], chromium: Any) -> Term:
    """Return the class after everyone has logged in."""
    _, place = running
    address = f"http://127.0.0.1:{place.port}"
    instructor = Member(chromium, address, INSTRUCTOR, place.password(INSTRUCTOR))
    students = [Member(chromium, address, name, place.password("students")) for name in STUDENTS]
    for member in (instructor, *students):
        member.start()
    for member in (instructor, *students):
        member.wait()
    # Formgrader's pages load MathJax from a CDN, which no test needs.
    instructor.page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    return Term(place, instructor, students)


def answered(notebook: nbformat.NotebookNode, wrong: str = "") -> nbformat.NotebookNode:
    """Return the notebook with every exercise solved, except that `MISTAKEN` gets the wrong answer if one is given."""
    answers = {cell.id: cell.source for cell in nbformat.read(COURSE.reference(NAME), as_version=4).cells}
    answers |= {MISTAKEN.name: wrong} if wrong else {}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.id]
    return notebook


def sources(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.id, cell.source) for cell in notebook.cells]


def mistake() -> str:
    known = variant_file.load(CHAPTER).cells
    return next(one.source for one in known if one.exercise == MISTAKEN.name and one.kind == "wrong")


def press(student: Member, listed: str, name: str) -> None:
    """Press one of a chapter's buttons in JupyterLab's Assignment List."""
    page = student.page
    if not page.locator("#released_assignments_list").is_visible():  # JupyterLab may restore it behind a notebook
        page.goto(f"{student.server}/lab")
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
        page.locator(".lm-Menu-item", has_text="Assignment List").click()
    page.locator(f"#{listed}_assignments_list button", has_text=name).first.click()


def test_walk_through_a_term(term: Term) -> None:
    first, second, third = term.students
    release_and_fetch(term)
    wrong = mistake()
    for student, answer in ((first, ""), (second, wrong)):
        student.save(f"{NAME}/{NAME}.ipynb", answered(student.read(f"{NAME}/{NAME}.ipynb"), answer))
    ask_for_points(first)
    press(first, "fetched", "Submit")
    first.page.locator("#submitted_assignments_list", has_text=NAME).wait_for()
    for student in (second, third):
        student.do("assignments/submit", course_id="layer-by-layer", assignment_id=NAME)
    lost = grade(term)
    correct_by_hand(term, second)
    term.run("autograder", "grade", NAME)
    assert term.scores()[second.name].split(" / ")[0] == f"{POINTS - lost + 0.5:g}"
    return_feedback(term)
    read = term.feedback(second)
    assert COMMENT in read
    assert f"{POINTS - lost + 0.5:g} of {POINTS} points" in read
    assert f"{POINTS} of {POINTS} points" in term.feedback(first)
    resubmit(term, third)
    export(term)


def release_and_fetch(term: Term) -> None:
    """Release the chapter; one student fetches it in JupyterLab, and the others fetch it through the REST API."""
    first, *others = term.students
    term.on_assignment("assign")
    term.on_assignment("release")
    page = term.instructor.page
    page.goto(f"{term.instructor.server}/formgrader/manage_assignments")
    assert "released" in page.locator("tbody tr", has_text=NAME).inner_text()
    press(first, "released", "Fetch")
    first.page.locator("#fetched_assignments_list", has_text=NAME).wait_for()
    for student in others:
        student.do("assignments/fetch", course_id="layer-by-layer", assignment_id=NAME)
    for student in term.students:
        assert sources(student.read(f"{NAME}/{NAME}.ipynb")) == sources(nbformat.read(COURSE.release(NAME), 4))


def ask_for_points(student: Member) -> None:
    """Run right answers and `lab.points` in JupyterLab, with the hub's layerlab."""
    answers = "\n\n".join(exercise.solution for exercise in CHAPTER.exercises)
    imports = next(cell.source for cell in CHAPTER.cells if "import layerlab as lab" in cell.source)
    cell = nbformat.v4.new_code_cell(f"{imports}\n\n{answers}\n\nlab.points('{NAME}')")
    student.save("points.ipynb", new_notebook(cell))
    page = student.page
    page.goto(f"{student.server}/lab/tree/points.ipynb")
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()  # what is run earlier is lost
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-OutputArea", has_text=f"{POINTS} of {POINTS} points").first.wait_for()


def grade(term: Term) -> int:
    """Collect and grade in formgrader, then by command, with equal scores; return how many points the mistake costs."""
    _, second, _ = term.students
    term.on_assignment("collect")
    for name in STUDENTS:
        term.instructor.do(f"formgrader/api/submission/{NAME}/{name}/autograde")
    in_formgrader = term.scores()
    report = term.run("autograder", "grade", NAME)
    assert "3 submissions" in report
    assert term.scores() == in_formgrader
    earned = {name: float(score.split(" / ")[0]) for name, score in in_formgrader.items()}
    lost = int(POINTS - earned[second.name])
    assert earned == {STUDENTS[0]: POINTS, STUDENTS[1]: POINTS - lost, STUDENTS[2]: 0}
    assert 0 < lost <= MISTAKEN.points
    return lost


def correct_by_hand(term: Term, student: Member) -> None:
    """Add half a point and a comment to a submission on formgrader's page."""
    page = term.instructor.page
    listed = term.instructor.get(f"formgrader/api/submitted_notebooks/{NAME}/{NAME}")
    (number,) = [one["id"] for one in listed if one["student"] == student.name]
    page.goto(f"{term.instructor.server}/formgrader/submissions/{number}/")
    page.wait_for_function("formgrader.grades && formgrader.grades.loaded && formgrader.comments.loaded")
    field = page.locator(f"input.score#test_{MISTAKEN.name}")
    with page.expect_response(lambda reply: "/api/grade/" in reply.url and reply.request.method == "PUT"):
        field.fill(f"{float(field.get_attribute('placeholder')) + 0.5}")
        field.press("Tab")
    with page.expect_response(lambda reply: "/api/comment/" in reply.url and reply.request.method == "PUT"):
        page.fill(f"#{MISTAKEN.name}-comment", COMMENT)
        page.press(f"#{MISTAKEN.name}-comment", "Tab")


def return_feedback(term: Term) -> None:
    term.on_assignment("generate_feedback")
    term.on_assignment("release_feedback")


def resubmit(term: Term, student: Member) -> None:
    """Solve everything, resubmit, grade again, and fetch the new feedback; the first feedback page must remain."""
    assert f"0 of {POINTS} points" in term.feedback(student)
    student.save(f"{NAME}/{NAME}.ipynb", answered(student.read(f"{NAME}/{NAME}.ipynb")))
    student.do("assignments/submit", course_id="layer-by-layer", assignment_id=NAME)
    term.on_assignment("collect")
    assert "1 graded now, 2 unchanged" in term.run("autograder", "grade", NAME)
    return_feedback(term)
    assert f"{POINTS} of {POINTS} points" in term.feedback(student)
    assert len(list((term.place.folder / "homes" / student.name / NAME / "feedback").glob("*"))) == 2


def export(term: Term) -> None:
    """Require that exported grades come from PostgreSQL and agree with formgrader's page."""
    term.run("nbgrader", "export", "--to", "grades.csv")
    with (term.place.course / "grades.csv").open(newline="") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported == {name: float(score.split(" / ")[0]) for name, score in term.scores().items()}
    assert not (term.place.course / "gradebook.db").exists()


def test_students_have_no_formgrader(term: Term) -> None:
    assert [student.status("formgrader/manage_assignments") for student in term.students] == [404, 404, 404]
    assert term.instructor.status("formgrader/manage_assignments") == 200


def test_control_c_stops_everything(term: Term, running: tuple[subprocess.Popen[str], Classroom]) -> None:
    process, place = running
    started = psutil.Process(process.pid).children(recursive=True)
    servers = [one for one in psutil.process_iter(["cwd"]) if str(place.folder) in str(one.info["cwd"])]
    assert len(servers) >= 6, "hub, proxy, and four servers"
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0
    assert "The same command continues" in process.stdout.read()
    _, alive = psutil.wait_procs([*started, *servers], timeout=20)
    assert alive == []
    assert are_free(place)
