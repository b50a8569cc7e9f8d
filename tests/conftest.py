"""Define options and fixtures that several test files share."""

import signal
from pathlib import Path

import pytest

from autograder.model import Batch, Chapter
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters
from tests.root import COURSE, FIXTURES

# Files, and single tests of other files, that test the whole course: a change to one chapter can break them.
OF_THE_COURSE = {
    "test_dtypes_said.py", "test_exercise_names.py", "test_exercise_page.py", "test_explorer_list.py", "test_facts.py",
    "test_moved.py", "test_parts.py", "test_path.py", "test_predict.py", "test_reading_time.py", "test_said.py",
    "test_whole_course.py",
    "test_chapter_has_one_name_everywhere", "test_committed_files_name_no_folder_or_host",
    "test_course_record_contains_every_mistake", "test_descriptions_are_short_and_end_without_period",
    "test_every_chapter_is_listed_once_in_toc", "test_every_name_has_a_section_or_reason",
    "test_families_come_in_the_listed_order", "test_misspellings_are_unique_to_one_name",
    "test_name_links_to_the_section_teaching_it", "test_no_notebook_or_page_shows_a_temporary_path",
}  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option --chapters, which `make test CHAPTERS="linear"` sets."""
    parser.addoption("--chapters", default="", help="only what a change to these chapters can break")


def is_about(item: pytest.Item, chosen: set[str], every: set[str]) -> bool:
    """Return whether a change to a chosen chapter can break a test, judging by the test's file or parameters."""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    words = [str(value) for value in values if isinstance(value, str | Path)]
    parts = {part.partition(".")[0] for word in words for part in word.split("/")}
    named = every & parts
    names = {item.path.name, getattr(item, "originalname", item.name)}
    return bool(named & chosen) or (not named and not names.isdisjoint(OF_THE_COURSE))


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
