"""Define options and fixtures that several test files share."""

import signal
from pathlib import Path

import pytest

from autograder.model import Batch, Chapter
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters
from tests.root import COURSE, FIXTURES

# Files whose tests take longest start first, so that neither of two processes ends long before the other.
HEAVY = ("test_validate.py", "test_kinds.py", "test_in_the_wild.py", "test_growth.py", "test_edges.py", "test_laws.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option --chapters, which `make test CHAPTERS="linear"` sets."""
    parser.addoption("--chapters", default="", help="only what a change to these chapters can break")


def is_about(item: pytest.Item, chosen: set[str], every: set[str]) -> bool:
    """Return whether a change to a chosen chapter can break a test, judging by its parameters and the mark `course`."""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    words = [str(value) for value in values if isinstance(value, str | Path)]
    parts = {part.partition(".")[0] for word in words for part in word.split("/")}
    named = every & parts
    return bool(named & chosen) or (not named and item.get_closest_marker("course") is not None)


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C reach what tests start, and reject a chapter that doesn't exist, because no test would run for it."""
    # A job that a shell starts in the background ignores SIGINT, and so would every process that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unknown = [name for name in config.getoption("--chapters").split() if name not in COURSE.chapters]
    if unknown:
        raise pytest.UsageError(f"there is no chapter {unknown[0]!r}")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deselect tests of other chapters, and group the tests of each page or module, which share a costly fixture.

    A module too long for one process groups its tests itself.
    """
    items.sort(key=lambda item: item.path.name not in HEAVY)
    if chosen := set(items[0].config.getoption("--chapters").split()) if items else set():
        every = set(COURSE.chapters)
        items[:] = [item for item in items if is_about(item, chosen, every)]
    for item in items:
        if item.get_closest_marker("xdist_group"):
            continue
        page = getattr(item, "callspec", None) and item.callspec.params.get("page")
        shares_a_visit = isinstance(page, str) and "visitor" in item.fixturenames
        item.add_marker(pytest.mark.xdist_group(page if shares_a_visit else str(item.path)))


@pytest.fixture(scope="session")
def two_exercises() -> Chapter:
    """Return a chapter with ``double`` (2 + 1 points) and ``learn`` (1 point), which forbids F.elu."""
    return chapters.load(FIXTURES / "two_exercises.md")


@pytest.fixture(scope="session")
def runner():
    """Return a runner with one fork server, for all tests."""
    with Runner() as started:
        yield started


@pytest.fixture
def batch() -> Batch:
    return Batch(seed=5, secret=77)
