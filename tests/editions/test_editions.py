"""Test editions of a chapter: their notebooks, the class's secret, and the file next to a student's own notebook."""

from __future__ import annotations

import json
import stat
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from authoring import author_commands
from authoring.notebooks.release import release
from autograder.cli import main
from autograder.course import Course
from autograder.editions import class_secret
from autograder.editions.class_editions import in_class
from autograder.editions.edition_notebooks import every, notebook_in, of_notebook
from autograder.model import Chapter
from autograder.recording.faults import RecordError
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters
from autograder.texts import variants
from autograder.validation.tried_edition import tried_edition
from tests.graded_class import write
from tests.personal_class import NAME, PERSONAL, STUDENTS, edition_of, editions_in, make_personal_class
from tests.root import COURSE, HALVED

PERSONAL_EXERCISES = {"activations": "in_place", "initialization": "init_policy", "optimizers": "first_step"}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_personal_class(tmp_path)


def written(root: Path, status: int = 0) -> str:
    done = CliRunner().invoke(author_commands.main, ["personal", "--root", str(root)])
    assert done.exit_code == status, done.output
    return done.output


def test_edition_has_other_values_everywhere(course: Path) -> None:
    reference = chapters.notebook(course / "text.md")
    own = notebook_in(reference, {"halved": 1})
    pairs = [(old.source, new.source) for old, new in zip(reference.cells, own.cells, strict=True)]
    assert sum(old.count("0.5") for old, _ in pairs) == 4  # statement, answer, visible check, hint
    assert [new for _, new in pairs] == [old.replace("0.5", "0.25") for old, _ in pairs]
    assert notebook_in(reference, {"halved": 0}).cells[0] == reference.cells[0]


def test_first_edition_is_graded_like_the_public_chapter(course: Path) -> None:
    reference = chapters.notebook(course / "text.md")
    public = chapters.from_notebook(reference, NAME)
    digests = [chapter.digest for _, chapter in every(reference, NAME)]
    assert digests[0] == public.digest
    assert len(set(digests)) == 3


def test_secret_spreads_students_over_editions() -> None:
    counts = Counter(class_secret.chosen(b"secret", f"student{n}", "halved", 4) for n in range(400))
    assert set(counts) == {0, 1, 2, 3}
    assert min(counts.values()) > 60
    others = [class_secret.chosen(b"other", f"student{n}", "halved", 4) for n in range(400)]
    assert others != [class_secret.chosen(b"secret", f"student{n}", "halved", 4) for n in range(400)]


def test_secret_is_made_once_for_its_owner(tmp_path: Path) -> None:
    first = class_secret.make(tmp_path)
    assert class_secret.make(tmp_path) == first
    assert stat.S_IMODE((tmp_path / class_secret.FILE).stat().st_mode) == 0o600


def test_missing_secret_is_an_error_with_a_remedy(course: Path) -> None:
    (course / class_secret.FILE).unlink()
    with pytest.raises(RecordError, match="python -m authoring personal"):
        in_class(NAME, course)
    (course / class_secret.FOLDER).mkdir()
    for ask in (class_secret.read, class_secret.make):
        with pytest.raises(RecordError, match="is lost"):
            ask(course)


def test_class_without_the_line_has_the_public_chapter(course: Path) -> None:
    (course / "class.yml").write_text("roster: roster.csv\n")
    (course / class_secret.FILE).unlink()
    found = in_class(NAME, course)
    assert found.of("ada") is found.public
    assert found.public.folder == ""


def test_command_writes_notebooks_without_answers_or_secret(course: Path) -> None:
    secret = (course / class_secret.FILE).read_text().strip()
    assert f"{len(STUDENTS)} notebooks" in written(course)
    values = [("0.5", "0.25", "0.75")[edition_of(course, student)] for student in STUDENTS]
    for student, value in zip(STUDENTS, values, strict=True):
        path = course / class_secret.FOLDER / student / NAME / f"{NAME}.ipynb"
        content = path.read_text()
        assert f"returns {value} times" in content
        assert "YOUR CODE HERE" in content
        for hidden in (f"return {value} * x", "lab.claim", secret, *({"0.5", "0.25", "0.75"} - {value})):
            assert hidden not in content
    assert len(set(values)) > 1


def test_command_needs_the_line_and_a_roster(course: Path) -> None:
    (course / "class.yml").write_text("personal: true\n")
    assert "roster" in written(course, status=1)


def test_public_release_does_not_have_the_values(course: Path) -> None:
    notebook = release(chapters.notebook(course / "text.md"))
    assert "personal" not in nbformat.writes(notebook)
    assert "0.25" not in nbformat.writes(notebook)


@pytest.mark.parametrize("told", [7, "1", None, [1], -1])
def test_own_notebook_says_its_edition(course: Path, told: object) -> None:
    written(course)
    student = next(student for student in STUDENTS if edition_of(course, student))
    path = course / class_secret.FOLDER / student / NAME / f"{NAME}.ipynb"
    assert of_notebook(NAME, course, path) == editions_in(course).of(student).chapter
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.id == "halved").metadata.layerlab["edition"] = told
    nbformat.write(notebook, path)
    assert of_notebook(NAME, course, path) == editions_in(course).public.chapter


def test_unreadable_own_notebook_is_of_the_public_chapter(course: Path) -> None:
    (course / "mine.ipynb").write_text("no notebook")
    assert of_notebook(NAME, course, course / "mine.ipynb") == editions_in(course).public.chapter


def tried(text: Path, runner: Runner) -> dict[int | None, list[str]]:
    """Return what `validate` reports for each edition of the only personal exercise in a text."""
    reference = chapters.notebook(text)
    found: dict[int | None, list[str]] = {}
    for name, chapter in every(reference, text.parent.name):
        listed = variants.load(chapter, text.with_name("answers.md"))
        exercise = chapter.exercise(name)
        assert len([one for one in listed.wrong(name) if "another edition" in one.title]) == len(found_values(chapter))
        found[exercise.edition] = tried_edition(chapter, exercise, listed, runner).misses
    return found


def found_values(chapter: Chapter) -> list[str]:
    """Return the values of the personal constant in the other editions."""
    (exercise,) = (one for one in chapter.exercises if one.edition is not None)
    return [value for at, value in enumerate(exercise.personal[0].values) if at != exercise.edition]


@pytest.mark.parametrize("chapter", PERSONAL_EXERCISES)
def test_answer_to_one_edition_loses_in_another(chapter: str, runner: Runner) -> None:
    text = Course(COURSE.root).text(chapter)
    assert tried(text, runner) == {0: [], 1: [], 2: [], 3: []}


def draft(root: Path, text: str) -> Path:
    """Write a chapter's text, with the answers to its exercise beside it."""
    write(root / NAME / "answers.md", (HALVED / "answers.md").read_text())
    return write(root / NAME / "text.md", text)


def test_validate_reports_a_constant_without_a_claim(tmp_path: Path, runner: Runner) -> None:
    untested = PERSONAL.replace('lab.observe("half", halved(', 'lab.observe("half", 0.0 * halved(')
    said = tried(draft(tmp_path, untested), runner)[1]
    assert any("an answer to another edition, factor is 0.5` gets full marks" in miss for miss in said), said
    check = PERSONAL.replace("torch.tensor([2.0, 0.0]) * 0.5", "torch.tensor([1.0, 0.0])")
    said = tried(draft(tmp_path, check), runner)[1]
    assert any("the reference fails the visible check 'two values'" in miss for miss in said), said


def test_validate_shows_a_row_for_each_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(main, ["validate", str(draft(tmp_path, PERSONAL)), "--json", "found.json"])
    (table,) = json.loads((tmp_path / "found.json").read_text())[0]["exercises"]
    rows = [row["graded"] for row in table["rows"] if row["graded"].startswith("edition")]
    assert rows == [f"edition: `factor` is {value}" for value in ("0.5", "0.25", "0.75")], found.output
