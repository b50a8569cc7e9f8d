"""Build the book without explained solutions, as if an instructor had turned them off, to search it for leaks."""

from __future__ import annotations

from pathlib import Path

from authoring.book import build_book
from autograder.course import Course


def build(course: Course) -> Path:
    """Build the book with `explained_solutions: false` if its inputs changed, and return the site.

    Raises:
        BuildError: if the build gave a warning.
    """
    folder = course.root / "_build" / "without_solutions"
    built, record, now = folder / "_build" / "html", folder / build_book.RECORD, build_book.inputs(course.root)
    if record.exists() and record.read_text() == now and (built / "index.html").exists():
        return built
    record.unlink(missing_ok=True)
    build_book.render_with(course, folder, {"explained_solutions": False})
    record.write_text(now)
    return built
