"""Fixtures that several test files share."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.chapters import chapter as chapters
from autograder.model import Batch, Chapter
from autograder.running.run import Runner

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together, in one process, what shares a dear fixture: the tests of a page of the book, or of a module."""
    for item in items:
        page = getattr(item, "callspec", None) and item.callspec.params.get("page")
        shares_a_visit = isinstance(page, str) and "visitor" in item.fixturenames
        item.add_marker(pytest.mark.xdist_group(page if shares_a_visit else str(item.path)))


@pytest.fixture(scope="session")
def two_exercises() -> Chapter:
    """A chapter with ``double`` (2 + 1 points) and ``learn`` (1 point, rule F.elu)."""
    return chapters.load(FIXTURES / "two_exercises.md")


@pytest.fixture(scope="session")
def runner():
    """One fork server for all tests."""
    with Runner() as started:
        yield started


@pytest.fixture
def batch() -> Batch:
    return Batch(seed=5, secret=77)
