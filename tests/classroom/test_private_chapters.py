"""A chapter in a private folder is graded like any other, and published nowhere."""

import json

import nbformat
from click.testing import CliRunner

from authoring import author_commands
from authoring.book import answer_lines
from authoring.book.changes import sources
from autograder.cli import main
from autograder.texts import text
from tests.root import COURSE, FIXTURES, ROOT

NAME = "our_own_two"


def test_private_chapter_is_graded_and_published_nowhere(tmp_path):
    private, course = tmp_path / "private", tmp_path / "course"
    (private / NAME).mkdir(parents=True)
    (private / NAME / "text.md").write_text((FIXTURES / "two_exercises.md").read_text())
    for student, answer in {
        "ada": "def double(x):\n    return x + x",
        "ben": "def double(x):\n    return 3 * x",
    }.items():
        submission = text.read(private / NAME / "text.md")
        next(cell for cell in submission.cells if cell.id == "double").source = answer
        path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(submission, path)

    done = CliRunner().invoke(main, ["grade", "--root", str(course), "--private", str(private)])
    assert done.exit_code == 0, done.output
    lines = (course / "reports" / NAME / "results.jsonl").read_text().splitlines()
    earned = {result["student"]: result["earned"] for result in map(json.loads, lines)}
    assert earned["ada"] > earned["ben"]

    done = CliRunner().invoke(main, ["grade", "--root", str(course), NAME])
    assert done.exit_code == 2
    assert "there is no chapter" in done.output

    copy = tmp_path / "copy"
    done = CliRunner().invoke(author_commands.main, ["student-copy", str(copy), "--private", str(private)])
    assert done.exit_code == 0, done.output
    secret = answer_lines.answers(COURSE, private)
    held = {line for line, where in secret.lines.items() if where.startswith(str(private))}
    assert held
    assert list(answer_lines.search(copy, secret)) == []
    released = (copy / "notebooks" / NAME / f"{NAME}.ipynb").read_text()
    assert "YOUR CODE HERE" in released
    assert "BEGIN HIDDEN TESTS" not in released
    assert NAME not in COURSE.chapters
    assert [path for path in sources(ROOT) if NAME in path.parts] == []  # what the site is made from
    (copy / "notebooks" / NAME / "text.md").write_text((private / NAME / "text.md").read_text())
    assert {leak.where for leak in answer_lines.search(copy, secret)} == {f"notebooks/{NAME}/text.md"}
