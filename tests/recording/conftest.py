"""An empty course with nbgrader's tables, for the tests of what is recorded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.recording.gradebook import course_directory, open_gradebook


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with nbgrader's tables; creating one takes seconds."""
    folder = tmp_path_factory.mktemp("empty")
    with open_gradebook(course_directory(folder)):
        return folder / "gradebook.db"


@pytest.fixture
def root(tmp_path: Path, empty_gradebook: Path) -> Path:
    """Return a course whose folders have the same names as ours."""
    shutil.copy(empty_gradebook, tmp_path / "gradebook.db")
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.source_directory = 'solutions'\n"
        "c.CourseDirectory.release_directory = 'notebooks'\n"
    )
    return tmp_path
