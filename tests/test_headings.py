"""Headings of Markdown texts: what CommonMark calls one, and nothing else."""

from autograder.chapters.headings import headings


def test_a_fence_holds_no_heading():
    assert headings("# A\n```python\n# not one\n```\n## B") == [(0, 1, "A"), (4, 2, "B")]
    assert headings("````markdown\n```python\n# not one\n```\n# nor this\n````\n### C ###") == [(6, 3, "C")]


def test_front_matter_a_list_and_a_quotation_hold_none():
    assert headings("---\n# kernel\n---\n\n# A\n\n- # not one\n\n> # not one\n\n    # code") == [(4, 1, "A")]


def test_a_title_stays_as_it_is_written():
    (heading,) = headings("## `nn.ReLU` and *others*, $x_1$")
    assert heading.title == "`nn.ReLU` and *others*, $x_1$"


def test_an_exercise_is_known_by_its_heading():
    source = "### Exercise: one\n#### Exercise: too deep\n### Exercises\n## Exercise: two"
    assert [heading.title for heading in headings(source) if heading.is_exercise] == ["Exercise: one", "Exercise: two"]
