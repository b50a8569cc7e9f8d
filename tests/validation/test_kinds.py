"""Test that `validate` passes a small exercise of each kind, and the worked example in CONTRIBUTING.md."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from autograder.commands.validate import validate
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.validation.cache import Cache
from autograder.validation.outcome import ChapterReport
from tests.root import COURSE, KINDS, ROOT
from tests.validation.test_validate import ROWS

NAMES = sorted(path.parent.name for path in KINDS.glob("*/answers.md"))
QUICK = ("debug_this", "dropout", "hook", "predict")  # the others run in `make test-long`, like the course's chapters
NOT_OF_EACH = {"variants listed", "reference, other draws", "edge cases", "in a notebook"}


@pytest.fixture(scope="module")
def start():
    """Yield a function that starts two fork servers when first called, because cached tables need none."""
    started: list[Runner] = []

    @cache
    def make() -> Runner:
        started.append(Runner(workers=2).__enter__())
        return started[0]

    yield make
    for runner in started:
        runner.__exit__(None, None, None)


def validated(path: Path, start: Callable[[], Runner], kept: Cache | None = None) -> ChapterReport:
    chapter = chapters.load(path)
    return validate(chapter, variant_file.load(chapter, variant_file.path_of(path)), start, kept)


def test_each_kind_has_one_fixture_exercise():
    assert {path.parent.name for path in KINDS.glob("*/text.md")} == {*NAMES, "by_hand"}
    assert len(NAMES) == 14


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in QUICK else pytest.mark.long) for n in NAMES])
def test_fixture_exercise_passes_every_validation_row(name, start):
    found = validated(KINDS / name / "text.md", start, Cache())
    assert found.all_misses == []
    (table,) = found.exercises
    assert {*ROWS} - NOT_OF_EACH <= {row.graded for row in table.rows}, "a row that is not in the table cannot miss"
    assert table.tried.wrong >= 3
    assert table.tried.subtle >= 2
    assert table.tried.killed > 0


# -- the worked example passes, and fails without its last variant

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    """Return the block that follows ``<!-- example: name -->``."""
    found = re.search(rf"<!-- example: {name} -->\n(`{{3,}})\w*\n(.*?)\n\1\n", PAGE, re.DOTALL)
    assert found, name
    return found[2] + "\n"


def head_of_a_chapter() -> str:
    """Return a chapter's header, without `course`, and its first code cell, which CONTRIBUTING.md says to copy."""
    chapter = COURSE.text("linear").read_text(encoding="utf-8")
    header = re.match(r"---\n.*?\n(?=course:\n)", chapter, re.DOTALL)[0]
    cell = re.search(r"^```\{code-cell\}.*?^```\n", chapter, re.DOTALL | re.MULTILINE)[0]
    return f"{header}---\n\n# Draft\n\n{cell}\n"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    folder = tmp_path / "softsign"
    folder.mkdir()
    (folder / "answers.md").write_text(example("answers"), encoding="utf-8")
    (folder / "text.md").write_text(head_of_a_chapter() + example("text"), encoding="utf-8")
    return folder / "text.md"


def test_worked_example_validates_with_its_last_variant_only(draft, start):
    found = validated(draft, start)
    assert found.all_misses == []
    assert [exercise.exercise for exercise in found.exercises] == ["own_softsign"]
    variants = draft.with_name("answers.md")
    variants.write_text(variants.read_text(encoding="utf-8").rpartition("### wrong")[0], encoding="utf-8")
    assert "1 subtle wrong variants, 2 are needed" in " ".join(validated(draft, start).all_misses)


def test_example_of_a_text_answer_is_an_exercise(draft):
    heading = "### Exercise: why depth\n\nSay why.\n\n"
    draft.write_text(head_of_a_chapter() + heading + example("by hand") + "\nAfter it.\n", encoding="utf-8")
    (exercise,) = chapters.load(draft).exercises
    assert (exercise.name, exercise.points, exercise.stub) == ("why_depth", 4, "Because:\n\nYOUR ANSWER HERE")
