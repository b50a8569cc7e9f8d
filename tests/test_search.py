"""What the search knows of a page, and the words that it is found by; what a reader sees is tried in browser/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document

from coursebook.search import engine, sections
from coursebook.search.engine import Entry
from coursebook.search.site import weight

WORDS = (Path(__file__).parents[1] / "book" / "_static" / engine.WORDS).read_text(encoding="utf-8")


def section(title: str, *content: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title(text=title), *content, ids=[nodes.make_id(title)])


@pytest.fixture
def page() -> list[sections.Section]:
    """A page with a table of our own, a formula, and a cell that drew something."""
    table = nodes.raw("", "<tr><td>GroupNorm</td><td>a &amp; b</td></tr>", format="html")
    said = nodes.paragraph("", "", nodes.Text("call "), nodes.literal(text="F.pad"), nodes.Text(" "))
    said += [nodes.math(text=r"\alpha_{i+1}"), nodes.Text(" "), nodes.math(text="x + " * 9)]
    code = nodes.literal_block(text="y = x\nprint(y)")
    below = nodes.container("", nodes.raw("", "<td>0.0036</td>", format="html"), classes=["cell_output", "docutils"])
    made = new_document("page")
    made += section("Pads", said, section("Zero", table, section("Exercise: zero")), section("Mirror", code, below))
    return sections.of(made)


def test_a_page_has_a_section_for_each_heading_in_their_order(page):
    assert [one.title for one in page] == ["Pads", "Zero", "Exercise: zero", "Mirror"]
    assert [one.anchor for one in page] == ["pads", "zero", "exercise-zero", "mirror"]
    assert [one.above for one in page] == ["", "", "Zero", ""]


def test_a_section_holds_its_own_words_apart_and_nothing_that_a_cell_drew(page):
    assert [one.text for one in page] == ["call F.pad α_(i+1) …", "GroupNorm a & b", "", "y = x print(y)"]


def test_a_stub_is_not_quoted():
    made = new_document("page")
    stub = "def own_pad(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    made += section("Pads", section("Exercise: pad", nodes.paragraph(text="Write it."), nodes.literal_block(text=stub)))
    assert [one.text for one in sections.of(made)] == ["", "Write it."]


def terms(text: str, **more) -> set[str]:
    """The words that lead to a text."""
    made = engine.index(engine.dumped([Entry("A", "", text, "", **more)]), WORDS)
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
def test_a_name_is_one_word_and_its_parts_and_numbers_are_none(text, found):
    assert terms(text) == found


def test_what_explains_counts_more_than_what_practises_or_only_names():
    chapter = "notebooks/pooling/pooling"
    found = [weight(chapter, title) for title in ("Max pooling", "Exercise: MaxPool2d", "Pitfalls", "Quiz")]
    assert found == sorted(found, reverse=True)
    assert weight("book/intro", "Max pooling") < found[0]


def test_names_and_headings_weigh_more_than_text():
    assert engine.WEIGHTS["names"] > engine.WEIGHTS["title"] > engine.WEIGHTS["above"] > engine.WEIGHTS["text"]
