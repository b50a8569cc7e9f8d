"""Test the table of what was tried on each exercise, and the page's recipe for a wrong answer of one's own."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from docutils import nodes
from docutils.utils import new_document

from autograder.commands import validate
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.regions import solved
from autograder.validation.lost_claims import Tried
from coursebook.markup.access import FACTS
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


def test_exercise_facts_link_to_their_row():
    app = SimpleNamespace(
        builder=SimpleNamespace(get_relative_uri=lambda here, there: f"../../{there}.html"),
        env=SimpleNamespace(found_docs={point_table.PAGE}),
    )
    for links in (['"../../book/points.html#tried-own"'], []):
        document = new_document("page")
        document += nodes.section("", nodes.paragraph(classes=[FACTS]), nodes.paragraph(), exercise="own")
        point_table.link_exercises(app, document, "notebooks/linear/linear")
        assert re.findall(r"href=(\S+)>", document.astext()) == links
        app.env.found_docs.clear()  # a book without the page


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
