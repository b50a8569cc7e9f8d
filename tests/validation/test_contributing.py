"""Test that the worked example in CONTRIBUTING.md passes `validate`, and fails without its last variant."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.commands.validate import validate
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter
from autograder.texts import variants as variant_file
from autograder.validation.outcome import ChapterReport
from tests.root import COURSE, ROOT

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


@pytest.fixture(scope="module")
def two_at_a_time() -> Iterator[Runner]:
    with Runner(workers=2) as started:
        yield started


def validated(draft: Path, runner: Runner) -> ChapterReport:
    read = chapter.load(draft)
    return validate(read, variant_file.load(read, variant_file.path_of(draft)), lambda: runner)


def test_worked_example_validates(draft: Path, two_at_a_time: Runner) -> None:
    found = validated(draft, two_at_a_time)
    assert found.all_misses == []
    assert [exercise.exercise for exercise in found.exercises] == ["own_softsign"]


def test_example_without_its_last_variant_fails_validation(draft: Path, two_at_a_time: Runner) -> None:
    variants = draft.with_name("answers.md")
    kept, _, _ = variants.read_text(encoding="utf-8").rpartition("### wrong")
    variants.write_text(kept, encoding="utf-8")
    said = " ".join(validated(draft, two_at_a_time).all_misses)
    assert "1 subtle wrong variants, 2 are needed" in said


def test_example_of_a_text_answer_is_an_exercise(draft: Path) -> None:
    heading = "### Exercise: why depth\n\nSay why.\n\n"
    draft.write_text(head_of_a_chapter() + heading + example("by hand") + "\nAfter it.\n", encoding="utf-8")
    (exercise,) = chapter.load(draft).exercises
    assert (exercise.name, exercise.points, exercise.stub) == ("why_depth", 4, "Because:\n\nYOUR ANSWER HERE")
