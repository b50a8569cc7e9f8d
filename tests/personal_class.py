"""Make a class whose chapter has one exercise with a personal constant."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.editions import class_secret
from autograder.editions.class_editions import Editions
from autograder.texts import chapter as chapters
from tests.graded_class import write
from tests.root import HALVED

NAME = "halved"
PERSONAL = (
    (HALVED / "text.md")
    .read_text()
    .replace(":difficulty: 1", ":difficulty: 1\n:personal: factor=0.5 | 0.25 | 0.75")
    .replace("which returns half of", "which returns 0.5 times")
    .replace("return x / 2", "return 0.5 * x")
    .replace("torch.tensor([1.0, 0.0])", "torch.tensor([2.0, 0.0]) * 0.5")
    .replace("\nDivision.\n", "\n`x * 0.5`\n")
)
STUDENTS = ("ada", "ben", "cem", "dee")


def make_personal_class(root: Path, secret: str = "4" * 64) -> Path:
    """Write a course with one chapter, a class of `STUDENTS`, and the secret that determines their editions."""
    write(root / "text.md", PERSONAL)
    reference = chapters.notebook(root / "text.md")
    reference.metadata.layerlab.chapter = NAME
    write(root / "solutions" / NAME / f"{NAME}.ipynb", nbformat.writes(reference))
    write(root / "class.yml", "personal: true\nroster: roster.csv\n")
    write(root / "roster.csv", "\n".join(["id", *STUDENTS, ""]))
    write(root / class_secret.FILE, f"{secret}\n")
    return root


def editions_in(root: Path) -> Editions:
    """Return the editions of the chapter by student."""
    reference = nbformat.read(root / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    return Editions(reference, NAME, class_secret.read(root))


def edition_of(root: Path, student: str) -> int:
    """Return the number of the edition in which a student has the exercise."""
    return editions_in(root).of(student).chapter.exercise("halved").edition or 0


def solved_by(root: Path, student: str) -> NotebookNode:
    """Return the notebook with the right answer to a student's own edition of the exercise."""
    return editions_in(root).of(student).reference


def submit(root: Path, student: str, notebook: NotebookNode) -> Path:
    """Write a submission."""
    return write(root / "submitted" / student / NAME / f"{NAME}.ipynb", nbformat.writes(notebook))
