"""Test the tables of claims and of what was tried on each exercise, and the recipe for a wrong answer of one's own."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from bs4 import BeautifulSoup

from autograder.commands import validate
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.regions import solved
from autograder.validation.lost_claims import Tried
from coursebook.measures import point_table
from tests.root import COURSE, ROOT

PAGE = ROOT / "book" / "points.md"
TRIED = Tried(right=2, wrong=9, subtle=6, mutants=12, killed=10, equivalent=2, seeds=7)


def test_numbers_add_counts_and_take_fewest_seeds():
    other = replace(TRIED, wrong=5, killed=12, equivalent=0, seeds=4)
    assert list(point_table.numbers([TRIED])) == [3, 9, 6, "10/12", 7], "two ways and the oracle are right"
    assert list(point_table.numbers([TRIED, other])) == [6, 14, 12, "22/24", 4]
    assert list(point_table.numbers([])) == [""] * 5


def test_table_has_a_row_for_each_exercise_with_its_recorded_counts():
    first, *rows = re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", point_table.point_table(ROOT, ["linear", "data"]))
    recorded = (
        json.loads(COURSE.tried("linear").read_text())["exercises"]
        | json.loads(COURSE.tried("data").read_text())["exercises"]
    )
    assert [re.search(r'id="tried-(\w+)"', row)[1] for row in rows] == list(recorded)
    for row, one in zip(rows, recorded.values(), strict=True):
        assert re.findall("<td>(.*?)</td>", row)[3] == str(one["tried"]["wrong"])
    assert f"All {len(rows)}<" in first
    assert f"<td>{sum(one['tried']['wrong'] for one in recorded.values())}</td>" in first


def test_check_is_folded_below_its_claims_with_a_link_to_their_row(small_site):
    page = BeautifulSoup((small_site / "notebooks" / "linear" / "linear.html").read_text(), "html.parser")
    for exercise in chapters.load("linear", ROOT).tested:
        table = page.select_one(f"section[data-exercise={exercise.name}] > table.course-claims")
        assert table.caption.get_text().startswith(f"What a right answer gets: {exercise.points} of {exercise.points} ")
        assert table.a["href"] == f"../../book/points.html#tried-{exercise.name}"
        claims = [(claim.name.replace("`", ""), str(claim.points)) for claim in exercise.claims]
        assert [tuple(cell.get_text() for cell in row("th") + row("td")) for row in table("tr")[1:]] == claims
        (fold,) = table.find_next_sibling("div").select("details:not([open])")
        assert f'lab.claims("{exercise.name}"' in fold.get_text()
        assert "href" not in point_table.claim_table(exercise), "a book without the page of points"


# -- the recipe -------------------------------------------------------------------------------------------------------


def test_recipe_wrong_answer_is_accepted_and_loses_points(runner):
    page = PAGE.read_text(encoding="utf-8")
    file, exercise = re.search(r"Open `([\w/.]+)`, find the line `## (\w+)`", page).groups()
    fence = re.search(r"^( +)````markdown\n(.*?)^\1````$", page, re.MULTILINE | re.DOTALL)
    entry = re.sub(rf"^{fence[1]}", "", fence[2], flags=re.MULTILINE)
    chapter = chapters.load(Path(file).parent.name, ROOT)
    assert f"autograder validate {chapter.name}\n" in page
    content = (ROOT / file).read_text(encoding="utf-8")
    assert content.count(f"\n## {exercise}\n") == 1
    solutions = {one.name: solved(one.solution) for one in chapter.exercises}
    listed = variant_file.parse(
        content.replace(f"\n## {exercise}\n", f"\n## {exercise}\n\n{entry}\n"), ROOT / file, solutions
    )
    mine = listed.wrong(exercise)[0]
    assert f"### {mine.label}\n" in entry
    few = replace(listed, cells=tuple(v for v in listed.cells if v.exercise == exercise and v.kind != "right"))
    (only,) = [one for one in chapter.exercises if one.name == exercise]
    (gathered,) = validate.gathered(chapter, [only], few, runner)
    (tried,) = [attempt for attempt in gathered.of("wrong", batch=0) if attempt.about == mine]
    assert gathered.earned(tried) < only.points
