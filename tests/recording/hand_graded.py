"""Make a course with one tested exercise, worth 3 points, and the exercises in `tests/kinds/by_hand`."""

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from authoring.notebooks.release import release
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.texts import text
from tests.nbgraders import CONFIG, OURS, configure
from tests.root import FIXTURES, KINDS, ROOT

NAME = "shown"
TEXT, FIGURE, TESTED = "why_activation", "sigmoid_figure", "double"
RELEASE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from authoring.notebooks.release import PREPROCESSORS, TriedFirst
c.GenerateAssignment.preprocessors = PREPROCESSORS
c.GenerateAssignment.exporter_class = TriedFirst
c.GenerateFeedback.exporter_class = preprocessor.FeedbackPage
"""
ANSWERS = {
    TEXT: "Because:\n\n**The product** $W_2 W_1$ is a matrix, so the two are one layer.",
    FIGURE: "figure, axes = plt.subplots()\naxes.plot([1, 2], [3, 4])\nprint('drawn in the sandbox')",
    TESTED: "def double(x):\n    return x + x",
}


def chapter_text() -> str:
    """Return the text of a chapter with the tested exercise, and then the two graded by hand."""
    both = (KINDS / "by_hand" / "text.md").read_text()
    tested = (FIXTURES / "two_exercises.md").read_text()
    first = tested[tested.index("### Exercise: Double") : tested.index("### Exercise: Learn")]
    begin = both.index("### Exercise:")
    return f"{both[:begin]}{first}{both[begin:]}"


def make_course(root: Path) -> Path:
    """Write a course with the chapter's reference notebook and its release."""
    configure(root, CONFIG + OURS + RELEASE)
    source = root / f"{NAME}.md"
    source.write_text(chapter_text())
    reference = text.read(source)
    for folder, notebook in (("solutions", reference), ("notebooks", release(reference))):
        path = root / folder / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
    return root


def released(root: Path) -> NotebookNode:
    """Return the notebook that a student receives."""
    return nbformat.read(root / "notebooks" / NAME / f"{NAME}.ipynb", as_version=4)


def hand_in(root: Path, student: str, answers: Mapping[str, str] = ANSWERS) -> Path:
    """Submit the released notebook with some answers filled in and with a forged output."""
    notebook = released(root)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
        if cell.id == FIGURE:
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="a forged output")]
    path = root / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def give(root: Path, student: str, exercise: str, score: float, comment: str = "") -> None:
    """Store in the gradebook what formgrader stores when a person gives a score and a comment."""
    with open_gradebook(course_directory(root)) as book:
        grade = book.find_grade(exercise, NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        book.find_comment(exercise.removeprefix("test_"), NAME, NAME, student).manual_comment = comment or None
        book.db.commit()


def rows(root: Path, student: str) -> dict[str, tuple[float, float, bool]]:
    """Map each of a student's grade cells to its score, maximum score, and whether it needs manual grading."""
    with open_gradebook(course_directory(root)) as book:
        found = book.find_submission_notebook(NAME, NAME, student)
        return {row.name: (row.score, row.max_score, bool(row.needs_manual_grade)) for row in found.grades}
