"""Test the parts of the book, the signs of its chapters, the drawing on its cover, and the markup of exercises."""

import json
import re
from types import SimpleNamespace

import pytest
import yaml
from docutils import nodes
from docutils.utils import new_document

from autograder.texts.facts import Facts
from autograder.texts.reading_time import Way
from coursebook import notebooks
from coursebook.markup import access
from coursebook.pages import parts
from layerlab.style import PALETTE
from tests.root import COURSE, ROOT

pytestmark = pytest.mark.course

FACTS = Facts("one", "core", difficulty=3, minutes=15, points=12)
CHAPTERS = {chapter.name: part for part in parts.plan() for chapter in part.chapters}
STATIC = ROOT / "book" / "_static"


# -- the plan ---------------------------------------------------------------------------------------------------------


def test_plan_has_five_parts_with_every_chapter_once():
    assert [part.numeral for part in parts.plan()] == ["I", "II", "III", "IV", "V"]
    names = [chapter.name for part in parts.plan() for chapter in part.chapters]
    assert sorted(names) == [name for name in COURSE.chapters if name != "explorers"]


def test_contents_name_each_part_as_its_page_does():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    captions = [part["caption"] for part in toc["parts"]]
    assert captions == [*(f"{part.numeral}. {part.title}" for part in parts.plan()), "Around the course"]
    for part in parts.plan():
        assert f"\n# {part.title}\n" in (ROOT / f"{part.page}.md").read_text(encoding="utf-8")


def test_plan_follows_contents(tmp_path):
    listed = {"start": ["linear", "modules"], "craft": [], "around": ["explorers"]}
    toc = {"parts": []}
    for part, names in listed.items():
        opening = "book/next" if part == "around" else f"book/parts/{part}"
        files = [opening, *(f"notebooks/{name}/{name}" for name in names)]
        toc["parts"].append({"caption": part, "chapters": [{"file": file} for file in files]})
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(toc))
    (tmp_path / "book").symlink_to(ROOT / "book")
    plan = [(part.name, [chapter.name for chapter in part.chapters]) for part in parts.plan(tmp_path)]
    assert plan == [("start", ["linear", "modules"]), ("craft", [])]


def test_notebook_gives_exercise_count_and_points(tmp_path):
    texts = ["```\n# no title\n```\n", "# Softsign: a gentle bend\n\nText. Difficulty 1 of 5. 9 points."]
    cells = [{"cell_type": "markdown", "source": text, "metadata": {}} for text in texts]
    cells += [
        {"cell_type": "code", "source": "# not a title", "metadata": {"layerlab": {"exercise": name, "facts": known}}}
        for name, known in (("one", {**vars(FACTS), "points": 4}), ("two", {**vars(FACTS), "points": 1}))
    ]
    through = {"core": Way(1, 4, 15, 2.5), "more": Way(2, 5, 30, 4.0)}
    kept = {name: vars(way) for name, way in through.items()}
    notebook = {"cells": cells, "metadata": {"layerlab": {"ways": kept}}}
    path = tmp_path / "softsign.ipynb"
    path.write_text(json.dumps(notebook))
    page = notebooks.of_page(tmp_path, "softsign")
    assert (page.heading, page.title, page.ways) == ("Softsign: a gentle bend", "Softsign", through)
    assert [known.points for known in page.exercises.values()] == [4, 1]


# -- signs ------------------------------------------------------------------------------------------------------------


def test_sign_has_a_cell_for_each_letter():
    drawn = parts.sign("bO/.- o")
    assert re.findall(r'class="([a-z ]+)"', drawn) == ["data", "learned strong", "empty", "learned"]
    places = [tuple(map(int, place)) for place in re.findall(r'x="(\d+)" y="(\d+)"', drawn)]
    step = parts.CELL
    assert places == [(1, 1), (1 + step, 1), (1, 1 + step), (1 + 3 * step, 1 + step // 2)]


@pytest.mark.parametrize("chapter", sorted(CHAPTERS))
def test_chapter_mark_is_a_valid_sign(chapter):
    mark = next(one.mark for one in CHAPTERS[chapter].chapters if one.name == chapter)
    assert set(mark) <= set("bBoO.-/ ")
    for box in mark.split():
        assert len({len(row) for row in box.split("/")}) == 1, f"{box} is no rectangle"
    width = int(re.search(r'width="(\d+)"', parts.sign(mark))[1])
    assert width <= 9.5 * 16, "wider than its column"


# -- the cover --------------------------------------------------------------------------------------------------------


def test_cover_has_alternative_text_and_size():
    page = (ROOT / "book" / "intro.md").read_text(encoding="utf-8")
    assert 'alt="An image of shape (1, 24, 24) goes through five layers: ' in page
    for name in ("cover.svg", "cover-narrow.svg"):
        width, height = re.search(r'width="(\d+)" height="(\d+)"', (STATIC / name).read_text()).groups()
        assert re.search(rf'{name}"[^>]*width="{width}" height="{height}"', page), "the page would jump as it loads"


def test_style_sheet_uses_the_figure_colors():
    sheet = (STATIC / "course.css").read_text(encoding="utf-8")
    for theme in ("light", "dark"):
        rules = re.search(rf'html\[data-theme="{theme}"\] \{{(.*?)\}}', sheet, re.DOTALL)[1]
        said = dict(re.findall(r"--course-(\w+): (#\w{6});", rules))
        shades = {"data": PALETTE["blue"], "learned": PALETTE["orange"], "right": PALETTE["green"]}
        assert said == {name: getattr(shade, theme) for name, shade in shades.items()}


# -- markup -----------------------------------------------------------------------------------------------------------


def test_exercise_facts_are_split_with_words_unchanged(tmp_path):
    words = "Core. Difficulty 3 of 5. About 15 minutes. 12 points."
    cell = {"cell_type": "code", "metadata": {"layerlab": {"exercise": "one", "facts": vars(FACTS)}}, "source": ""}
    (tmp_path / "page.ipynb").write_text(json.dumps({"cells": [cell]}))
    page = new_document("page")
    page += [nodes.paragraph("", words), nodes.paragraph("", "Difficulty is relative.")]
    access.split_facts(SimpleNamespace(srcdir=tmp_path), page, "page")
    line, other = page.findall(nodes.paragraph)
    assert line["classes"] == [access.FACTS]
    assert other["classes"] == []
    made = line.astext()
    assert made.startswith('<span class="course-core">Core.</span> ')
    assert 'style="--level:3">Difficulty 3 of 5.</span> <span>About 15 minutes.</span> <span>12 points.</span>' in made
    assert re.sub("<[^>]+>", "", made) == words


def test_quiz_options_are_marked_right_or_wrong():
    page = new_document("page")
    for summary, reason in (("(4, <code>5</code>)", "No. It is not."), ("(6)", "Yes. It is."), ("Hint", "Nobody.")):
        page += nodes.raw("", f"<details><summary>{summary}</summary>\n", format="html")
        page += [nodes.paragraph("", reason), nodes.raw("", "</details>\n", format="html")]
    page += nodes.raw("", "<details><summary>A mistake</summary><p>No bias.</p></details>", format="html")
    access.mark_options(None, page, "page")
    made = [raw.astext() for raw in page.findall(nodes.raw)]
    assert made[0].endswith("<summary>(4, <code>5</code>)</summary>\n")
    assert re.findall(r"<details[^>]*>", "".join(made)) == [
        '<details class="course-wrong">',
        '<details class="course-right">',
        "<details>",
        "<details>",
    ]
