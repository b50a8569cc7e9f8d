"""Test that a chapter in a private folder is graded like any other chapter but is published nowhere."""

import json
import shutil

from click.testing import CliRunner

from authoring import author_commands
from authoring.book import leaks
from authoring.book.build_book import sources
from tests.graded_class import ANSWERS, hand_in, write
from tests.root import COURSE, FIXTURES, ROOT
from tests.typed import typed

NAME = "our_own_two"


def test_private_chapter_is_graded_and_published_nowhere(tmp_path):
    private, course = tmp_path / "private", tmp_path / "course"
    source = write(private / NAME / "text.md", (FIXTURES / "two_exercises.md").read_text())
    for student, answer in zip(("ada", "ben"), ANSWERS, strict=False):
        hand_in(course, student, answer, NAME)
    typed("grade", "--root", course, "--private", private)
    lines = (course / "reports" / NAME / "results.jsonl").read_text().splitlines()
    earned = {result["student"]: result["earned"] for result in map(json.loads, lines)}
    assert earned["ada"] > earned["ben"]

    assert "there is no chapter" in typed("grade", "--root", course, NAME, status=2)

    asked = ("explain", "--root", course, "ben", NAME, "double")
    assert "Double: wrong, 0 of 3 points" in typed(*asked, "--private", private)
    assert "there is no chapter" in typed(*asked, status=2)

    copy = tmp_path / "copy"
    done = CliRunner().invoke(author_commands.main, ["student-copy", str(copy), "--private", str(private)])
    assert done.exit_code == 0, done.output
    secret = leaks.answers(COURSE, private)
    held = {line for line, where in secret.items() if where.startswith(str(private))}
    assert held
    assert list(leaks.search_folder(copy, secret)) == []
    released = (copy / "notebooks" / NAME / f"{NAME}.ipynb").read_text()
    assert "YOUR CODE HERE" in released
    assert "BEGIN HIDDEN TESTS" not in released
    assert NAME not in COURSE.chapters
    assert [path for path in sources(ROOT) if NAME in path.parts] == []  # what the site is made from
    shutil.copy(source, copy / "notebooks" / NAME / "text.md")
    assert {leak.where for leak in leaks.search_folder(copy, secret)} == {f"notebooks/{NAME}/text.md"}
