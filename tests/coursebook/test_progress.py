"""Test what lets progress survive a build: question names, and the course map."""

from __future__ import annotations

import json

import pytest
from docutils import nodes
from docutils.utils import new_document

from autograder.texts.facts import Facts
from coursebook.notebooks import WIDGETS, Page
from coursebook.progress import marks, works

QUIZ = {
    "What is $2 + 2$?": [("<code>4</code>", True), ("22", False)],
    "Which layer has no parameters?": [("nn.ReLU", True), ("nn.Linear", False), ("nn.PReLU", False)],
}


def page(quiz: dict[str, list[tuple[str, bool]]], reason: str = "so it is") -> nodes.document:
    """Return a page with a quiz whose options are marked right or wrong."""
    section = nodes.section(ids=["quiz"])
    section += [nodes.title("", "Quiz"), nodes.paragraph("", "Decide first.")]
    for number, (asked, options) in enumerate(quiz.items(), 1):
        section += nodes.paragraph("", "", nodes.Text(""), nodes.strong("", f"{number}. {asked}"))
        for words, right in options:
            fold = f'<details class="course-{"right" if right else "wrong"}"><summary>{words}</summary>\n'
            section += [nodes.raw("", fold, format="html"), nodes.paragraph("", reason)]
            section += nodes.raw("", "</details>\n", format="html")
    document = new_document("page")
    document += section
    return document


def names(*args) -> list[str]:
    """Return the names of a quiz's questions."""
    return [question.name for question in marks.questions(page(*args))]


def test_question_name_survives_reordering_and_new_reasons():
    first, second = names(QUIZ)
    assert first != second
    assert names(dict(reversed(QUIZ.items()))) == [second, first]
    assert names(QUIZ, "because") == [first, second]
    assert all(len(name) == 8 and int(name, 16) >= 0 for name in (first, second))


def test_question_names_are_those_of_earlier_builds():
    """Readers' browsers keep their answers under these names."""
    quiz = QUIZ | {"Which is larger, 1. or 2.?": [("2.", True), ("1.", False)]}
    assert names(quiz) == ["2b51fcc3", "47990c36", "32a2ce39"]


@pytest.mark.parametrize(
    "changed",
    [
        {"What is $2 + 3$?": QUIZ["What is $2 + 2$?"]},
        {"What is $2 + 2$?": [("<code>4</code>", True), ("5", False)]},
        {"What is $2 + 2$?": [("<code>4</code>", False), ("22", True)]},
        {"What is $2 + 2$?": [("22", False), ("<code>4</code>", True)]},
    ],
    ids=["words", "option", "right one", "order"],
)
def test_changed_question_gets_a_new_name(changed):
    assert names(changed)[0] != names(QUIZ)[0]


def test_every_option_carries_its_question_name():
    document = page(QUIZ)
    expected = [name for name, options in zip(names(QUIZ), QUIZ.values(), strict=True) for _ in options]
    marks.mark_questions(None, document, "page")
    folds = [raw.astext() for raw in document.findall(nodes.raw) if raw.astext().startswith("<details")]
    assert [fold.partition('data-question="')[2][:8] for fold in folds] == expected


HTML = """<section id="quiz"><h2>Quiz</h2><p>Decide first.</p>
<p><strong>1. What is <span class="math notranslate"><mjx-container data-tex="a &lt; b"><mjx-math>…</mjx-math>
</mjx-container></span>?</strong> See <a class="x" href="../pooling/pooling.html#max">pooling</a>.</p>
<div class="highlight"><pre>x = 1
y = 2</pre></div>
<details data-question="0000000a" class="course-wrong"><summary>One</summary>
<p>No. <a href="#here">Here</a>.</p></details>
<details data-question="0000000a" class="course-right"><summary><code>2</code></summary><p>Yes. Two.</p></details>
<p><strong>2. And?</strong></p>
<details data-question="0000000b" class="course-right"><summary>So</summary><p>Yes.</p></details>
<p>That was all.</p></section><section id="more"></section>"""
PAGE = "notebooks/linear/linear"


def test_questions_are_read_from_built_page():
    made = works.questions(HTML, PAGE)
    assert list(made) == ["0000000a", "0000000b"]
    first, second = made.values()
    assert first.startswith("<p><strong>What is ")
    assert 'href="../notebooks/pooling/pooling.html#max"' in first
    assert "y = 2</pre>" in first
    assert '<summary>One</summary>\n<p>No. <a href="../notebooks/linear/linear.html#here">Here</a>.</p>' in first
    assert first.count("<details") == 2
    assert second.startswith("<p><strong>And?</strong></p><details")
    assert works.questions("<section id='a'></section>", PAGE) == {}


def test_course_map_lists_the_work_of_a_chapter():
    known = {
        name: Facts(name, tier, difficulty=1, minutes=1, points=1) for name, tier in (("a", "core"), ("b", "more"))
    }
    asked = {"rank": {"question": "Which rank? ∂"}}
    found = works.course_map({"linear": works.Works("Linear", known, works.questions(HTML, PAGE), asked)})
    assert found["parts"]["start"] == ["linear"]
    assert found["chapters"]["linear"] == {
        "title": "Linear",
        "exercise": ["a", "b"],
        "core": ["a"],
        "quiz": ["0000000a", "0000000b"],
        "predict": {"rank": "Which rank? ∂"},
    }


def test_predictions_are_read_from_notebook():
    models = {"a": {"state": {"name": "rank", "prediction": json.dumps({"question": "Which?"})}}, "b": {"state": {}}}
    notebook = {"metadata": {"widgets": {WIDGETS: {"state": models}}}}
    assert works.predictions(Page(notebook, "", {})) == {"rank": {"question": "Which?"}}
    assert works.predictions(Page({"metadata": {}}, "", {})) == {}
