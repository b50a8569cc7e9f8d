"""Test exercises that a person grades: the cells that a text expands to, and the mistakes that are reported."""

from pathlib import Path

import pytest

from autograder.commands.validate import validate
from autograder.texts import chapter as chapters
from autograder.texts import text, variants
from tests.root import KINDS

BY_HAND = KINDS / "by_hand" / "text.md"
MARKS = '+++ {"solution": "why_activation", "tier": "core", "difficulty": 2, "by_hand": 4}'


def test_text_and_figure_become_exercises_without_claims() -> None:
    why, figure = chapters.load(BY_HAND).exercises
    assert (why.points, why.is_text, why.stub, why.claims) == (4, True, "Because:\n\nYOUR ANSWER HERE", ())
    assert (figure.points, figure.is_text, figure.tier) == (3, False, "more")
    assert chapters.exercise_names(BY_HAND) == ["why_activation", "sigmoid_figure"]
    notebook = text.read(BY_HAND)
    assert notebook.metadata.layerlab.ways["more"]["points"] == 7
    assert "three sentences why two linear layers in a row compute no more than one. 4 points." in str(notebook)


def test_validate_asks_for_no_answers_and_runs_nothing() -> None:
    chapter = chapters.load(BY_HAND)
    found = validate(chapter, variants.load(chapter, variants.path_of(BY_HAND)), lambda: pytest.fail("it was run"))
    assert found.all_misses == []
    assert [(row.graded, row.got) for table in found.exercises for row in table.rows] == [
        ("graded by hand", "0 to 4"),
        ("graded by hand", "0 to 3"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"by_hand": 4', '"by_hand": "4"', "by_hand '4' is not understood; write the points that a person can give"),
        (":by_hand: 3", ":by_hand: 0", "by_hand 0 is not understood"),
        (':by_hand: 3\n', "", "exercise 'sigmoid_figure' has no test cell; or mark it by_hand, with points"),
        (', "by_hand": 4', "", "exercise 'why_activation' has no test cell; or mark it by_hand"),
        (', "difficulty": 2', "", "the mark :difficulty: is missing"),
        (":by_hand: 3", ":by_hand: 3\n:rules: nn.Sigmoid", "tests check rules, and a person grades this"),
        (MARKS, "+++", "a Markdown cell is part of an exercise only as an answer"),
        (MARKS, '+++ {"test": "why_activation"}', "a Markdown cell is part of an exercise only as an answer"),
        ("<!-- BEGIN SOLUTION -->\n", "", "an answer needs a line <!-- BEGIN SOLUTION -->"),
        ("<!-- END SOLUTION -->\n", "", "an answer needs a line <!-- BEGIN SOLUTION -->"),
        ("<!-- END SOLUTION -->\n\n+++\n", "<!-- END SOLUTION -->\n", "an answer cannot contain headings: begin a"),
        ("<!-- END SOLUTION -->", "<!-- END SOLUTION -->\nMore.", "nothing may follow <!-- END SOLUTION -->"),
        ("Because:", "Because {{ points }}:", "answer cells are not filled in"),
        ("of the two layers.", "of the two layers. <!-- claims: values -->", "none, because a person grades it"),
        ("### Exercise: why depth", "### Why depth", "is not under an '### Exercise: ...' heading"),
    ],
)  # fmt: skip
def test_author_reads_what_is_wrong(old: str, new: str, message: str, tmp_path: Path) -> None:
    content = BY_HAND.read_text()
    assert old in content
    path = tmp_path / "text.md"
    path.write_text(content.replace(old, new, 1))
    with pytest.raises(text.ChapterError) as raised:
        text.read(path)
    assert message in str(raised.value)


def test_tested_exercise_cannot_be_graded_by_hand(tmp_path: Path) -> None:
    content = (KINDS / "predict" / "text.md").read_text().replace(":difficulty: 2", ":difficulty: 2\n:by_hand: 4")
    (tmp_path / "text.md").write_text(content)
    with pytest.raises(text.ChapterError, match="it has a test cell and is graded by hand"):
        text.read(tmp_path / "text.md")
