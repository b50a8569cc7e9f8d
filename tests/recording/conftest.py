"""Provide an empty course with nbgrader's tables, for tests of records."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.recording.gradebook import course_directory, open_gradebook
from tests.nbgraders import CONFIG, configure


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with nbgrader's tables; creating one takes seconds."""
    folder = tmp_path_factory.mktemp("empty")
    with open_gradebook(course_directory(folder)):
        return folder / "gradebook.db"


@pytest.fixture
def root(tmp_path: Path, empty_gradebook: Path) -> Path:
    """Return a course whose folders have the same names as in this repository."""
    shutil.copy(empty_gradebook, tmp_path / "gradebook.db")
    configure(tmp_path, CONFIG)
    return tmp_path
