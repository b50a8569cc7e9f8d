"""Test, on a chapter's sample class, that feedback reveals no secrets and that nbgrader agrees on the scores."""

from __future__ import annotations

import contextlib
import html
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.reader import NotJSONError

from authoring.book import leaks
from autograder.classroom.batch_file import open_batch
from autograder.classroom.grade_class import Grading, grade_class
from autograder.model import Limits, Result, State, Told
from autograder.recording import results as results_json
from autograder.recording.gradebook import course_directory, grade_cell_name, open_gradebook
from autograder.sample_class import make_class
from autograder.sample_class.check import SAMPLE_FILE
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from layerlab.graded.wire import Array, leaves
from tests.nbgraders import CONFIG, OURS, autograde_again, exported, scores, succeed
from tests.root import ROOT

NAME = "linear"


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """Return a course with a sample class, graded by our own `grade_class`."""
    root = tmp_path_factory.mktemp("course")
    for step in ("solutions", "notebooks"):
        shutil.copytree(ROOT / step / NAME, root / step / NAME)
    (root / "nbgrader_config.py").write_text(CONFIG + OURS)
    make_class.make(NAME, root)
    grade_class(NAME, root, Grading(workers=2, limits=Limits(cell_seconds=3.0)))
    return root


@pytest.fixture(scope="module")
def results(graded) -> dict[str, Result]:
    found = results_json.read_results(graded / "reports" / NAME / "results.jsonl")
    return {result.student: result for result in found}


@pytest.fixture(scope="module")
def told(graded, results) -> dict[str, str]:
    """Return everything that each student can read, without the markup of the pages."""
    return {student: "\n".join(pages(graded, student)) for student in results}


def handed_in(root: Path, student: str) -> set[str]:
    """Return the lines of a student's own code, which error messages may quote."""
    cells = []
    for path in (root / "submitted" / student / NAME).glob("*.ipynb"):  # one is called "linear (2).ipynb"
        with contextlib.suppress(NotJSONError):  # one is cut off
            cells += nbformat.read(path, as_version=4).cells
    return {squeezed(line) for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()}


def pages(root: Path, student: str) -> Iterator[str]:
    folder = root / "feedback" / student / NAME
    for path in sorted(folder.iterdir()):
        text = path.read_text()
        yield html.unescape(re.sub(r"<[^>]+>", "", text)) if path.suffix == ".html" else text


# What students are told


def test_every_student_is_told_the_points(told, results):
    assert len(told) == 24
    assert {s: r.sentence for s, r in results.items() if r.state is State.INFRASTRUCTURE} == {}
    for student, text in told.items():
        assert f"{results[student].earned} of {results[student].points} point" in text


def test_feedback_reveals_no_solution_variant_or_hidden_test(graded, told):
    notebook = nbformat.read(graded / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    outside = squeezed("\n".join(outside_of_regions(graded)))
    lines = {line for source in variants() for line in source.splitlines() if len(line.strip()) >= leaks.SHORTEST_LINE}
    in_variants = {squeezed(line) for line in lines if squeezed(line) not in outside}
    in_regions = leaks.secrets("\n".join(cell.source for cell in notebook.cells))
    for hidden in (in_variants, in_regions):
        assert len(hidden) > 100
        # A student may be shown a hidden line that is also in the student's own code.
        found = {student: in_it(hidden - handed_in(graded, student), text) for student, text in told.items()}
        assert {student: lines for student, lines in found.items() if lines} == {}


def test_feedback_reveals_no_expected_value(graded, results, told):
    expected = np.unique(np.concatenate(list(expected_values(graded))))
    assert len(expected) > 500
    numbers = 0
    for student, text in told.items():
        for check in (check for exercise in results[student].exercises for check in exercise.checks):
            message = check.message.removeprefix(f"{check.what}: ")  # a visible check shows values from the notebook
            text = text.replace(message, "").replace(message.replace("`", ""), "")
        verdicts = [verdict for exercise in results[student].exercises for verdict in exercise.verdicts]
        # Students may see messages about their own lines, and values of their own answers.
        assert [one for one in verdicts if one.told is not Told.LINE and one.detail and one.detail in text] == []
        own = {f"{float(v):.4g}" for one in verdicts for v in re.findall(r"expected \S+, got (-?\d+\.\d+)", one.detail)}
        for number in set(re.findall(r"(?<![\w.])-?\d+\.\d{3,}(?:e[-+]\d+)?", text)) - own:
            numbers += 1
            half = 0.5 * 10.0 ** -len(number.partition(".")[2].partition("e")[0])
            assert not (np.abs(expected - float(number)) <= half).any(), (student, number)
    assert numbers < 50  # some come from students' own code; with so few, a coincidence is unlikely


def test_feedback_reveals_no_local_path(graded, told):
    places = {*map(str, (graded, ROOT, Path.home())), sys.prefix, sys.base_prefix, "/course-packages", "site-packages"}
    for student, text in told.items():
        assert not [place for place in places if place in text], student
        notebook = (graded / "autograded" / student / NAME / f"{NAME}.ipynb").read_text()
        assert not [place for place in places - {"site-packages"} if place in notebook], student


def test_graded_notebooks_omit_unsubmitted_solutions(graded, results):
    """Require that graded notebooks contain hidden tests, for the instructor, but never the reference's answers."""
    solutions = "\n".join(
        f"### BEGIN SOLUTION\n{exercise.solution}\n### END SOLUTION"
        for exercise in chapters.load(NAME, graded).exercises
    )
    hidden = leaks.secrets("\n".join([*outside_of_regions(graded), *told_by_tests(graded), solutions]))
    assert len(hidden) > 30
    for student in results:
        (handed_in,) = (graded / "submitted" / student / NAME).iterdir()
        submitted = handed_in.read_text(errors="replace").encode()
        # A notebook cut off in the middle may end with half of an escape.
        own = squeezed(submitted.decode("unicode_escape", errors="replace"))
        text = (graded / "autograded" / student / NAME / f"{NAME}.ipynb").read_text()
        shown = "\n".join(
            "".join(cell["source"]) + json.dumps(cell.get("outputs")) for cell in json.loads(text)["cells"]
        )
        assert not [passage for passage in in_it(hidden, shown) if passage not in own], student


def outside_of_regions(root: Path) -> list[str]:
    """Return the source of every cell in the released notebook, which students receive."""
    notebook = nbformat.read(root / "notebooks" / NAME / f"{NAME}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells]


def told_by_tests(root: Path) -> list[str]:
    return [exercise.hidden for exercise in chapters.load(NAME, root).exercises]


def variants() -> Iterator[str]:
    chapter = chapters.load(NAME, ROOT)
    found = variant_file.load(chapter)
    for exercise in chapter.exercises:
        yield from (variant.source for variant in (*found.right(exercise.name), *found.wrong(exercise.name)))


def expected_values(root: Path) -> Iterator[np.ndarray]:
    """Yield all values that the reference observes under the class's seed."""
    chapter, batch = chapters.load(NAME, root), open_batch(root / "reports" / NAME)
    with Runner() as runner:
        run = runner.run(chapter.cells, batch)
    observed = [one.values for claim in run.claims for one in claim.observed]
    for _, value in leaves(observed):
        if isinstance(value, float) or (isinstance(value, Array) and value.data.dtype.kind == "f"):
            yield np.asarray(getattr(value, "data", value), float).ravel()


def squeezed(text: str) -> str:
    return "".join(text.split())


def in_it(passages, text: str) -> list[str]:
    text = squeezed(text)
    return sorted(passage for passage in passages if passage in text)


# nbgrader's own commands


def of_results(results: dict[str, Result], students) -> dict[str, dict[str, float]]:
    return {s: {grade_cell_name(e.name): float(e.earned) for e in results[s].exercises} for s in students}


def shown_scores(root: Path, students) -> dict[str, float]:
    """Return the score at the top of each page from `nbgrader generate_feedback`."""
    for student in students:
        shutil.rmtree(root / "feedback" / student)
    succeed(root, "generate_feedback", NAME, "--force")
    found = {}
    tests = [f"### BEGIN HIDDEN TESTS\n{text}\n### END HIDDEN TESTS" for text in told_by_tests(root)]
    hidden = leaks.secrets("\n".join([*outside_of_regions(root), *tests]))
    for student in students:
        page = (root / "feedback" / student / NAME / f"{NAME}.html").read_text()
        assert not in_it(hidden, page)
        found[student] = float(re.search(r"Score: ([\d.]+) /", page)[1])
    return found


def made(root: Path) -> list[dict]:
    """Return the students of the sample class, as its file describes them."""
    return json.loads((root / "reports" / NAME / SAMPLE_FILE).read_text())["students"]


def test_nbgrader_agrees_and_keeps_manual_scores_and_comments(graded, results, tmp_path):
    kinds = ("everything right", "wrong", "every answer and test copied")
    students = [next(one["student"] for one in made(graded) if kind in one["what"]) for kind in kinds]
    root = shutil.copytree(graded, tmp_path / "course")
    for path in (root / "submitted").iterdir():
        if path.name not in students:
            shutil.rmtree(path)
    with open_gradebook(course_directory(root)) as book:
        name = next(iter(results[students[1]].exercises)).name
        book.find_grade(grade_cell_name(name), NAME, NAME, students[1]).manual_score = 0.5
        book.find_comment(name, NAME, NAME, students[1]).manual_comment = "Nearly."
        book.db.commit()
    shutil.rmtree(root / "autograded")
    assert autograde_again(root, NAME).returncode == 0
    found = scores(root, NAME)
    assert {student: found[student] for student in students} == of_results(results, students)
    with open_gradebook(course_directory(root)) as book:
        grade = book.find_grade(grade_cell_name(name), NAME, NAME, students[1])
        assert (grade.manual_score, grade.score) == (0.5, 0.5)
        assert book.find_comment(name, NAME, NAME, students[1]).comment == "Nearly."
    by_hand = 0.5 - next(e.earned for e in results[students[1]].exercises if e.name == name)
    expected = {s: results[s].earned + (by_hand if s == students[1] else 0.0) for s in students}
    rows = exported(root)
    assert {s: float(rows[s]["score"]) for s in students} == expected
    assert shown_scores(root, students) == expected
    grade_class(NAME, root, Grading(students=(students[1],), new_seed=True))
    with open_gradebook(course_directory(root)) as book:
        assert book.find_grade(grade_cell_name(name), NAME, NAME, students[1]).score == 0.5
        assert book.find_comment(name, NAME, NAME, students[1]).comment == "Nearly."


@pytest.mark.long
def test_nbgrader_agrees_on_the_whole_class(graded, results, tmp_path):
    root = shutil.copytree(graded, tmp_path / "course")
    # nbgrader looks for one file name only, and fails on invalid JSON or a byte order mark.
    words = ("another file name", "a byte order mark")
    skipped = {s["student"] for s in made(root) if s["state"] == "skipped"}
    cannot = skipped | {s["student"] for s in made(root) if any(word in s["what"] for word in words)}
    can = sorted(set(results) - cannot)
    shutil.rmtree(root / "autograded")
    assert autograde_again(root, NAME).returncode == 1  # because of the submissions that it can't grade
    found = scores(root, NAME)
    assert {student: found[student] for student in can} == of_results(results, can)
    assert all(score is None for student in cannot for score in found[student].values())
    totals = {student: results[student].earned for student in can}
    rows = exported(root)
    assert {student: float(rows[student]["score"]) for student in can} == totals
    assert shown_scores(root, can) == totals
