"""Test that a chapter in a private folder is graded like any other chapter but is published nowhere."""

import shutil

import pytest

from authoring.book import leaks
from authoring.book.build_book import sources
from autograder.texts.chapter import PRIVATE
from tests.graded_class import ANSWERS, hand_in, write
from tests.nbgraders import CONFIG, OURS, configure, generated, sheet
from tests.root import COURSE, FIXTURES, ROOT
from tests.typed import authored, typed

NAME = "our_own_two"
WEEK = "week 1 (a)"


def test_private_chapter_is_graded_and_published_nowhere(tmp_path):
    private, course = tmp_path / "private", tmp_path / "course"
    source = write(private / NAME / "text.md", (FIXTURES / "two_exercises.md").read_text())
    for student, answer in zip(("ada", "ben"), ANSWERS, strict=False):
        hand_in(course, student, answer, NAME)
    assert "there is no chapter" in typed("grade", "--root", course, NAME, status=2)
    typed("grade", "--root", course, "--private", private)
    table = sheet(course / "reports" / NAME / "grades.csv")
    assert int(table["ada"]["earned"]) > int(table["ben"]["earned"])

    assert "Double: wrong, 0 of 3 points" in typed("explain", "--root", course, "ben", NAME, "double")

    copy = tmp_path / "copy"
    authored("student-copy", copy, "--private", private)
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


def test_every_step_finds_a_private_chapter_that_a_command_named_once(tmp_path):
    private, course = tmp_path / "private", tmp_path / "course"
    write(private / WEEK / "text.md", (FIXTURES / "two_exercises.md").read_text())
    hand_in(course, "ada", ANSWERS[0], WEEK)
    configure(course, CONFIG + OURS + "c.GenerateFeedback.exporter_class = preprocessor.FeedbackPage\n")
    listed = f"chapters: [{WEEK}]\npoints: {{{WEEK}: {{double: 6}}}}\ndue: {{{WEEK}: 2026-10-12 23:59 +02:00}}\n"
    written = write(course / "class.yml", listed)
    assert f"there is no chapter '{WEEK}'" in typed("class", "check", "--root", course, status=2)
    assert "Chapters: 1, due dates: 1" in typed("class", "check", "--root", course, "--private", private)
    assert "7 points due 2026-10-12 23:59" in typed("class", "apply", "--root", course)
    typed("grade", "--root", course)
    assert f"{WEEK}: 0 graded again" in typed("changes", WEEK, "--root", course)
    exported = write(tmp_path / "canvas.csv", "Student,ID,SIS User ID,SIS Login ID,Section\nAda,1,,ada,A\n")
    assert "1 marks in" in typed("marks", "--for", "canvas", "--roster", exported, "--root", course)
    assert "7 of 7" in generated(course, WEEK)

    written.unlink()
    (private / WEEK).rename(private / "moved")
    assert "ada" in generated(course, WEEK)  # nbgrader's own page


@pytest.mark.parametrize("name", ["[b]", "a*b", "what?", "a+b", ".hidden", "-v", "tab\tkey", "two_exercises"])
def test_private_chapter_with_an_impossible_name_is_refused(tmp_path, name):
    write(tmp_path / "solutions" / "two_exercises" / "two_exercises.ipynb", "{}")
    text = write(tmp_path / "private" / name / "text.md", (FIXTURES / "two_exercises.md").read_text())
    hand_in(tmp_path, "ada", ANSWERS[0], name)
    assert "rename its folder" in typed("grade", "--root", tmp_path, "--private", text.parents[1], status=2)
    write(tmp_path / PRIVATE, str(text.parents[1]))  # it was kept before the folder got this name
    assert "rename its folder" in typed("grade", "--root", tmp_path, status=2)
