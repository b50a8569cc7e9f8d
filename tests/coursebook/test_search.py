"""Test what the search indexes on each page, and which words find a page; tests in browser/ cover the search page."""

from __future__ import annotations

import json

import pytest
from docutils import nodes
from docutils.utils import new_document

from autograder.texts.headings import headings
from coursebook.search import engine, sections
from coursebook.search.engine import Entry
from coursebook.search.search_files import AROUND, weight
from tests.root import COURSE, ROOT

WORDS = (ROOT / "book" / "_static" / engine.WORDS).read_text(encoding="utf-8")


def section(title: str, *content: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title(text=title), *content, ids=[nodes.make_id(title)])


@pytest.fixture
def page() -> list[sections.Section]:
    """Return the sections of a page with a custom table, a formula, and a cell with an output."""
    table = nodes.raw("", "<tr><td>GroupNorm</td><td>a &amp; b</td></tr>", format="html")
    said = nodes.paragraph("", "", nodes.Text("call "), nodes.literal(text="F.pad"), nodes.Text(" "))
    said += [nodes.math(text=r"\alpha_{i+1}"), nodes.Text(" "), nodes.math(text="x + " * 9)]
    code = nodes.literal_block(text="y = x\nprint(y)")
    below = nodes.container("", nodes.raw("", "<td>0.0036</td>", format="html"), classes=["cell_output", "docutils"])
    made = new_document("page")
    made += section("Pads", said, section("Zero", table, section("Exercise: zero")), section("Mirror", code, below))
    return sections.of(made)


def test_page_has_one_section_per_heading_in_order(page):
    assert [one.title for one in page] == ["Pads", "Zero", "Exercise: zero", "Mirror"]
    assert [one.anchor for one in page] == ["pads", "zero", "exercise-zero", "mirror"]
    assert [one.above for one in page] == ["", "", "Zero", ""]


def test_section_has_only_its_own_words_without_outputs(page):
    assert [one.text for one in page] == ["call F.pad α_(i+1) …", "GroupNorm a & b", "", "y = x print(y)"]


def test_stub_is_not_quoted():
    made = new_document("page")
    stub = "def own_pad(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    made += section("Pads", section("Exercise: pad", nodes.paragraph(text="Write it."), nodes.literal_block(text=stub)))
    assert [one.text for one in sections.of(made)] == ["", "Write it."]


def terms(text: str, **more) -> set[str]:
    """Return the words that find a text."""
    made = engine.index([Entry("A", "", text, "", **more)], WORDS)
    return {term for term, fields in json.loads(made)["invertedIndex"] if fields["text"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nn.MaxPool2d", {"nn", "maxpool2d", "max", "pool"}),
        ("F.max_pool2d(x)", {"f", "maxpool2d", "max", "pool", "x"}),
        ("log-softmax, pooling", {"logsoftmax", "log", "softmax", "pool"}),
        ("ceil_mode=True", {"ceilmod", "ceil", "mode", "true"}),
        ("kaiming_normal_", {"kaimingnorm", "kaim", "normal"}),
        ("0.0036 and 12", set()),
    ],
)
def test_names_are_indexed_whole_and_split_without_numbers(text, found):
    assert terms(text) == found


def test_exercise_name_finds_its_section(small_site):
    script = (small_site / "search" / "index.js").read_text(encoding="utf-8")
    found = json.loads(script.removeprefix("courseSearch.index(").removesuffix(");\n"))
    named = found["lunr"]["invertedIndex"]
    (fields,) = [fields for term, fields in named if term == "scratch"]
    titles = [found["entries"][int(number)][2] for number in fields["names"]]
    assert "Exercise: a scale from scratch" in titles
    assert all(title.startswith("Exercise: ") for title in titles)


def test_explaining_sections_weigh_more_than_exercises_and_quizzes():
    chapter = "notebooks/pooling/pooling"
    found = [weight(chapter, title) for title in ("Max pooling", "Exercise: MaxPool2d", "Pitfalls", "Quiz")]
    assert found == sorted(found, reverse=True)
    assert weight("book/intro", "Max pooling") < found[0]


@pytest.mark.parametrize("title", AROUND)
def test_most_chapters_have_each_weighted_section(title):
    chapters = [path.read_text(encoding="utf-8") for path in COURSE.texts]
    having = [chapter for chapter in chapters if title in {heading.title for heading in headings(chapter)}]
    assert len(having) > len(chapters) / 2
