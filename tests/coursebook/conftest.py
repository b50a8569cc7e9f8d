"""Build the small book that several tests examine."""

from pathlib import Path

import pytest
from filelock import FileLock

from autograder.course import Course
from tests import small_book


@pytest.fixture(scope="session")
def small_course(tmp_path_factory) -> Course:
    """Return a small built course; tests must not change it, because all processes of a test run share it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if base.name.startswith("popen-") else base  # the run's folder rather than the process's
    folder, done = base / "small_course", base / "small_course.built"
    with FileLock(base / "small_course.lock"):
        if not done.exists():
            folder.mkdir()
            small_book.built(folder)
            done.touch()
    return Course(folder)


@pytest.fixture(scope="session")
def small_site(small_course) -> Path:
    """Return the site of the small course."""
    return small_course.site
