"""Write each student's own notebooks, without answers, for chapters whose exercises have personal constants."""

from __future__ import annotations

from pathlib import Path

from authoring.notebooks import notebook_file
from authoring.notebooks.release import release
from autograder.class_file import class_reader
from autograder.class_file.class_settings import ClassFileError
from autograder.course import Course
from autograder.editions import class_secret
from autograder.editions.class_editions import Editions
from autograder.editions.edition_notebooks import counts_of
from autograder.plain import named
from autograder.texts import chapter as chapters


def write(course: Course) -> list[Path]:
    """Write ``personal/<student>/<chapter>/<chapter>.ipynb`` for each student on the roster, and return the paths.

    Raises:
        ClassFileError: if the class file has mistakes, does not ask for personal constants, or has no roster.
        RecordError: if the secret of the class is lost, or the disk reports an error.
    """
    settings = class_reader.of_course(course.root)
    if not settings.personal or not settings.roster:
        raise ClassFileError("class.yml needs `personal: true` and a `roster:` of the students who get a notebook")
    secret, written = class_secret.make(course.root), []
    for name in filter(settings.has, chapters.names(course.root)):
        reference = chapters.notebook(course.reference(name))
        if not counts_of(chapters.from_notebook(reference, name)):
            continue
        editions = Editions(reference, name, secret)
        for edition, students in editions.apart([named(one.id) for one in settings.roster], lambda student: student):
            notebook = release(edition.reference)
            for student in students:
                written.append(course.root / class_secret.FOLDER / student / name / f"{name}.ipynb")
                notebook_file.write(notebook, written[-1])
    return written
