"""Test that Markdown headings are found exactly as CommonMark defines them."""

from autograder.texts.headings import headings


def test_fenced_code_contains_no_heading():
    assert headings("# A\n```python\n# not one\n```\n## B") == [(0, 1, "A"), (4, 2, "B")]
    assert headings("````markdown\n```python\n# not one\n```\n# nor this\n````\n### C ###") == [(6, 3, "C")]


def test_front_matter_lists_and_quotes_contain_no_heading():
    assert headings("---\n# kernel\n---\n\n# A\n\n- # not one\n\n> # not one\n\n    # code") == [(4, 1, "A")]


def test_exercise_is_recognized_by_its_heading():
    source = "### Exercise: `nn.ReLU`, *$x_1$*\n#### Exercise: too deep\n### Exercises\n## Exercise: two"
    titles = [heading.title for heading in headings(source) if heading.is_exercise]
    assert titles == ["Exercise: `nn.ReLU`, *$x_1$*", "Exercise: two"]
