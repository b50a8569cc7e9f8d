"""What the source texts contain is placed in chapters, and no place is an empty word."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from authoring.cli import main
from authoring.upkeep.coverage import contents, coverage

ROOT = Path(__file__).parents[1]
ROWS = "scaling:\n  S0-a-01: a topic\n  S0-a-02: a formula\nshifting:\n  S0-b-01: an exercise\n"
ERRATA = "E-001: {says: a slip, chapters: [scaling]}\nE-002: {says: another, chapters: [scaling, shifting]}\n"
PLACED = {
    "rows": {"S0-a-01": {"section": "The picture"}, "S0-a-02": {"left": "too long"}, "S0-b-01": {"exercise": "scaled"}},
    "errata": {"E-001": {"exercise": "scaled"}, "E-002": {"section": "Pitfalls"}},
}


@pytest.fixture
def course(tmp_path) -> Path:
    """One written chapter of two."""
    folder = tmp_path / "book" / "coverage"
    folder.mkdir(parents=True)
    (folder / "rows.yml").write_text(ROWS)
    (folder / "errata.yml").write_text(ERRATA)
    (tmp_path / "book" / "chapters").mkdir()
    (tmp_path / "book" / "chapters" / "scaling.md").write_text("")
    text = "# Scaling\n\n## The picture\n\n### Exercise: by two\n\n## Pitfalls"
    answer = new_code_cell("…", metadata={"nbgrader": {"grade_id": "scaled", "solution": True}})
    (tmp_path / "notebooks" / "scaling").mkdir(parents=True)
    nbformat.write(
        new_notebook(cells=[new_markdown_cell(text), answer]), tmp_path / "notebooks" / "scaling" / "scaling.ipynb"
    )
    return tmp_path


def place(course: Path, chapter: str = "scaling", **changed: dict) -> list[str]:
    given = {kind: PLACED[kind] | changed.get(kind, {}) for kind in PLACED}
    kept = {kind: {id: said for id, said in listed.items() if said is not None} for kind, listed in given.items()}
    (course / "book" / "coverage" / f"{chapter}.yml").write_text(repr(kept))
    return coverage(course).problems


def test_all_of_a_chapter_is_placed(course):
    assert place(course) == []
    found = coverage(course)
    assert [found.total(kind) for kind in ("rows", "errata")] == [3, 2]
    assert found.count("rows", ("section", "exercise")) == 2
    assert found.count("rows", ("left",)) == 1
    assert found.count("errata") == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rows": {"S0-a-01": None}}, "S0-a-01 is placed nowhere: a topic"),
        ({"errata": {"E-002": None}}, "E-002 is placed nowhere: another"),
        ({"rows": {"S0-a-01": {"section": "the picture"}}}, "'the picture', which is no heading of scaling"),
        ({"rows": {"S0-a-01": {"exercise": "shifted"}}}, "'shifted', which is no exercise of scaling"),
        ({"rows": {"S0-a-03": {"section": "Pitfalls"}}}, "there is no S0-a-03"),
        ({"rows": {"S0-a-01": {"somewhere": "Pitfalls"}}}, "S0-a-01 needs one of section, exercise, left"),
        ({"rows": {"S0-a-01": "Pitfalls"}}, "S0-a-01 needs one of section, exercise, left"),
    ],
)
def test_a_gap_or_an_empty_word_is_named(course, changed, said):
    assert any(said in problem for problem in place(course, **changed))


def test_a_chapter_that_is_to_come_owes_nothing_yet(course):
    assert place(course, rows={"S0-b-01": None}) == []


def test_a_row_may_go_to_another_chapter_and_an_erratum_stays(course):
    place(course, rows={"S0-a-01": None}, errata={"E-001": None})
    (course / "book" / "intro.md").write_text("# Course\n\n## Welcome\n")
    (course / "book" / "coverage" / "intro.yml").write_text(
        "rows: {S0-a-01: {section: Welcome}}\nerrata: {E-001: {section: Welcome}}\n"
    )
    assert coverage(course).problems == ["scaling: E-001 is placed nowhere: a slip"]


def test_the_chapters_of_the_course_place_what_is_theirs():
    assert coverage(ROOT).problems == []


def test_the_lists_are_whole():
    found = coverage(ROOT)
    assert (found.total("rows"), found.total("errata")) == (350, 120)


def test_the_command_counts_and_fails_on_a_gap(course, monkeypatch):
    monkeypatch.setattr("authoring.cli.ROOT", course)
    place(course)
    done = CliRunner().invoke(main, ["coverage"])
    assert (done.exit_code, done.output.splitlines()[0]) == (0, "rows    2 of 3 taught, 1 left out for a reason")
    place(course, rows={"S0-a-01": None})
    done = CliRunner().invoke(main, ["coverage"])
    assert done.exit_code == 1
    assert "S0-a-01 is placed nowhere" in done.output


def test_headings_and_exercises_are_read_off_the_notebook(course):
    assert contents(course, "scaling") == ({"Scaling", "The picture", "Exercise: by two", "Pitfalls"}, {"scaled"})
