"""Test the sample class: its submissions, their expected grades, and how the check detects wrong grades."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils

from authoring.notebooks import release
from autograder.classroom.grade_class import Grading, grade_class
from autograder.course import Course
from autograder.model import Limits, State
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.sample_class import check as sample_check
from autograder.sample_class import make_class
from autograder.sample_class.honest_habits import BREAKAGES
from autograder.texts import text
from autograder.texts import variants as variant_file
from tests.graded_class import NAME, write
from tests.nbgraders import CONFIG, configure
from tests.root import FIXTURES

VARIANTS = """\
## double
### right: addition
```python
def double(x):
    return x + x
```
### wrong: the square
The number is multiplied by itself; twice a number is the number added to itself.
```python
def double(x):
    return x * x
```
### wrong: whole numbers only
The result is cut to a whole number: keep the fraction.
```python
def double(x):
    return (2 * x).floor() if torch.is_tensor(x) else 2 * x
```
## learn
### right: plain loop
```python
def learn(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.Tanh(), nn.Linear(16, 4))
    for _ in range(150):
        net.zero_grad()
        F.cross_entropy(net(x), y).backward()
        with torch.no_grad():
            for parameter in net.parameters():
                parameter -= 0.5 * parameter.grad
    return net
```
### wrong: never trained
No step is taken: the net is returned as it was made.
```python
def learn(x, y):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 4))
```
### wrong: uses the forbidden call
F.relu is not allowed here.
```python
def learn(x, y):
    net = nn.Linear(64, 4)
    return lambda x: F.relu(net(x.flatten(1)))
```
"""
POINTS = {  # as the record of `validate` says
    ("double", "the square"): 0,
    ("double", "whole numbers only"): 1,
    ("learn", "never trained"): 0,
    ("learn", "uses the forbidden call"): None,
}
LOST = {
    "double": {"wrong: the square": ["values", "ints"], "wrong: whole numbers only": ["values"]},
    "learn": {"wrong: never trained": ["learned"]},
}
TRIED = {"right": 1, "wrong": 2, "subtle": 1, "mutants": 0, "killed": 0, "equivalent": 0, "seeds": 7}
RECORD = {name: {"made_from": "", "lost": lost, "tried": TRIED} for name, lost in LOST.items()}


@pytest.fixture(scope="module", autouse=True)
def variants(tmp_path_factory: pytest.TempPathFactory) -> None:
    packaged = Course(tmp_path_factory.mktemp("variants"))
    packaged.answers(NAME).parent.mkdir(parents=True)
    packaged.answers(NAME).write_text(VARIANTS)
    packaged.tried(NAME).write_text(json.dumps({"passed": "", "exercises": RECORD}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(variant_file, "PACKAGED", packaged)
        yield


def course(folder: Path) -> Path:
    reference = text.read(FIXTURES / f"{NAME}.md")
    for step, notebook in (("solutions", reference), ("notebooks", release.release(reference))):
        write(folder / step / NAME / f"{NAME}.ipynb", nbformat.writes(notebook))
    configure(folder, CONFIG)
    return folder


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sample class that is graded once; tests that change anything work on a copy."""
    root = course(tmp_path_factory.mktemp("graded"))
    make_class.make(NAME, root)
    grade_class(NAME, root, Grading(limits=Limits(cell_seconds=2.0)))
    return root


@pytest.fixture
def root(graded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(graded, tmp_path / "copy")


def described(root: Path) -> list[dict]:
    """Return the students of the sample class, as its file describes them."""
    return json.loads((root / "reports" / NAME / "sample.json").read_text())["students"]


def submissions(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in (root / "submitted").rglob("*.ipynb*")}


def test_every_sample_grade_is_as_expected(graded: Path) -> None:
    assert sample_check.check(graded, NAME) == []


def test_only_points_that_differ_from_the_record_are_graded_alone(graded: Path, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(sample_check, "_alone", lambda *_: lambda exercise, source: asked.append((exercise, source)))
    misses = sample_check.check(graded, NAME)
    assert asked
    assert all(exercise == "learn" and "F.relu" in source for exercise, source in asked)
    assert len(misses) == len(asked)
    assert all(
        "learn must get None points for the mistake 'uses the forbidden call', it got 0" in one for one in misses
    )


def test_chapters_with_a_sample_class_are_listed(graded: Path, tmp_path: Path) -> None:
    assert sample_check.sampled(graded) == [NAME]
    assert sample_check.sampled(tmp_path) == []


def test_class_has_every_kind_of_submission(graded: Path) -> None:
    made = described(graded)
    assert len(made) == len(set(submissions(graded).values())) == 24
    for breakage in BREAKAGES:
        assert any(student["what"].startswith(breakage.what) for student in made)
    assert sum(student["what"].startswith("everything right") for student in made) == 3
    expected = [item for student in made for item in student["expected"].items()]
    assert {(name, must["mistake"]): must["exactly"] for name, must in expected if "mistake" in must} == POINTS


def test_same_seed_makes_the_same_class(graded: Path, tmp_path: Path) -> None:
    root = course(tmp_path)
    make_class.make(NAME, root)
    assert submissions(root) == submissions(graded)
    make_class.make(NAME, root, seed=2)
    assert submissions(root) != submissions(graded)


def test_submissions_have_the_metadata_of_stock_nbgrader(graded: Path) -> None:
    file = next(student["file"] for student in described(graded) if student["what"].startswith("everything right"))
    notebook = nbformat.read(graded / file, as_version=4)
    assert any(utils.is_solution(cell) and "checksum" in cell.metadata.nbgrader for cell in notebook.cells)


def test_new_class_replaces_only_the_old_class(root: Path) -> None:
    other = write(root / "submitted" / "someone" / NAME / f"{NAME}.ipynb", "{}")
    make_class.make(NAME, root, students=20, seed=5)
    assert len(submissions(root)) == 21
    assert other.exists()


def test_too_small_class_is_rejected(root: Path) -> None:
    before = submissions(root)
    with pytest.raises(make_class.SampleError, match="at least 19 students"):
        make_class.make(NAME, root, students=10)
    assert submissions(root) == before


def test_chapter_without_a_release_is_rejected(root: Path) -> None:
    shutil.rmtree(root / "notebooks")
    with pytest.raises(make_class.SampleError, match="make notebooks"):
        make_class.make(NAME, root)


def _change(root: Path, student: str, exercise: str, **changes: object) -> None:
    path = root / "reports" / NAME / "results.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        for part in line["exercises"] if line["student"] == student else ():
            if part["name"] == exercise:
                part |= changes
                line["earned"] = sum(part["earned"] for part in line["exercises"])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.mark.parametrize(
    ("key", "changes", "said"),
    [
        ("exactly", {"earned": 99}, ["must get", "the gradebook has"]),
        ("mistake", {"earned": -1}, ["points for the mistake", "the gradebook has"]),
        ("mistake", {"earned": 3, "points": 3}, ["points for the mistake"]),
        ("states", {"state": State.WRONG.value, "sentence": ""}, ["it is wrong", "no sentence says why"]),
    ],
)
def test_wrong_result_is_detected(root: Path, key: str, changes: dict[str, object], said: list[str]) -> None:
    student, exercise = next(
        (student["student"], exercise)
        for student in described(root)
        for exercise, must in student["expected"].items()
        if key in must and student["state"] == "passed"
    )
    _change(root, student, exercise, **changes)
    misses = sample_check.check(root, NAME)
    assert all(miss.startswith(student) for miss in misses)
    assert [words for words in said if not any(words in miss for miss in misses)] == []


def test_missing_feedback_and_gradebook_row_are_detected(root: Path) -> None:
    (root / "feedback" / "student-01" / NAME / f"{NAME}.html").unlink()
    with open_gradebook(course_directory(root)) as book:
        book.remove_submission(NAME, "student-02")
    misses = sample_check.check(root, NAME)
    assert [miss.split(":")[0].split(" ")[0] for miss in misses] == ["student-01", "student-02"]


def test_missing_or_ungraded_class_is_reported(tmp_path: Path) -> None:
    root = course(tmp_path)
    assert "make one with" in sample_check.check(root, NAME)[0]
    make_class.make(NAME, root)
    assert "was not graded" in sample_check.check(root, NAME)[0]
