"""Test what the reader of variants files returns, and which errors it reports."""

from pathlib import Path

import pytest

from autograder.texts import chapter
from autograder.texts import variants as variant_file
from autograder.texts.variants import VariantError
from tests.root import COURSE, HALVED, KINDS

SOLUTIONS = {"double": 'def double(x):\n    """Return 2x."""\n    y = 2 * x\n    return y', "mend": "step = 1"}
TEXT = """\
# Answers for the tests of the reader

Words about them.

## double

### right: by adding
```python
def double(x):
    # a comment of the code
    return x + x
```

### wrong: squares
A square is not a double:
they agree at 0 and 2 only.
```diff
-    y = 2 * x
+    y = x**2
```

### wrong: forgets the second
One number is added to nothing.
```diff by adding
-    return x + x
+    return x
```

### oracle
```python

def double(x):
    return torch.mul(x, 2)
```

### equivalent: `return x * (2 if x: else 2)  # __init__`
Both branches are the same number.

## mend

### faulty start
The sign of the step is wrong.
"""


def parse(text: str) -> variant_file.Variants:
    return variant_file.parse(text, Path("double.md"), SOLUTIONS)


def test_each_variant_is_read_with_its_exercise():
    variants = parse(TEXT)
    assert variants.exercises == ("double", "mend")
    (right,), (squares, forgets) = variants.right("double"), variants.wrong("double")
    assert [variant.title for variant in (right, squares, forgets)] == ["by adding", "squares", "forgets the second"]
    assert (right.sentence, right.change) == ("", "")
    assert right.source == "def double(x):\n    # a comment of the code\n    return x + x"
    assert squares.source == SOLUTIONS["double"].replace("2 * x", "x**2")
    assert (squares.base, squares.change) == ("", "-    y = 2 * x\n+    y = x**2")
    assert squares.sentence == "A square is not a double: they agree at 0 and 2 only."
    assert variants.where(squares) == "double.md:14"
    assert forgets.source == right.source.replace("x + x", "x")
    assert forgets.base == "by adding"
    assert variants.oracle("double").source == "def double(x):\n    return torch.mul(x, 2)"
    assert variants.oracle("mend") is None
    assert variants.equivalents("double")[0].title == "return x * (2 if x: else 2)  # __init__"
    assert variants.faulty_start("mend").sentence == "The sign of the step is wrong."
    assert variants.faulty_start("double") is None


def test_title_is_read_verbatim():
    title = "`a` * b_c, *not* [this](that) &amp; 2 < 3"
    assert parse(f"## mend\n### right: {title}\n```python\nx = 1\n```\n").cells[0].title == title


CODE = "```python\nx = 1\n```\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("## double\n### rihgt: by adding\n" + CODE, 2, "this heading is not understood: 'rihgt: by adding'"),
        ("### right: by adding\n" + CODE, 1, "there is no exercise above"),
        ("## duoble\n", 1, "there is no exercise `duoble` in this chapter; there are: double, mend"),
        ("## double\n\n## mend\n\n## double\n", 5, "`## double` appears here a second time"),
        (CODE + "## double\n", 1, "there is code before the first exercise"),
        ("## double\nWords.\n### oracle\n" + CODE, 2, "between `## double` and a heading"),
        ("## double\n### oracle\n- a list\n\n" + CODE, 3, "this is neither"),
        ("## double\n### oracle\n" + CODE + "Words.\n", 6, "this is neither"),
        ("## double\n### oracle\n" + CODE + CODE, 6, "this is neither"),
        ("## double\n### oracle\n    x = 1\n", 3, "this is neither"),
        ("## double\n### oracle\n```py\nx = 1\n```\n", 3, "a fence `py` is not a variant's code"),
        ("## double\n### right\n" + CODE, 2, "no title"),
        ("## double\n### wrong: off by one\n" + CODE, 2, "no sentence"),
        ("## double\n### right: by adding\nWords only.\n", 2, "no code"),
        ("## mend\n### faulty start\nA sentence.\n" + CODE, 2, "`#~ ` lines"),
        ("## double\n### equivalent: `return x`\n", 2, "why this mutant"),
        ("## double\n### oracle\n" + CODE + "### oracle: again\n" + CODE, 6, "two entries `oracle`"),
        ("## double\n### right: a\n" + CODE + "### right: a\n" + CODE, 6, "in line 2"),
        ("## double\n### wrong: a\nA sentence.\n```python\nx = 1\nx = (\n```\n", 6, "was never closed"),
        ("## double\n### wrong: a\nSo.\n```diff\n-    y = 2 * x\n+    y = (\n```\n", 5, "changed: `y = (`"),
        ("## double\n### wrong: a\nSo.\n```diff by adding\n-a\n+b\n```\n", 4, "no `### right: by adding` of double"),
        ("## double\n### wrong: a\nSo.\n```diff\n     y = 2 * x\n-    return 2\n```\n", 5, "no line `return 2`"),
        ("## double\n### wrong: a\nSo.\n```diff\n-    y = 2 * x\nreturn\n```\n", 6, "`return` is not a line of a"),
    ],
)
def test_mistake_is_located_by_file_and_line(text, line, words):
    with pytest.raises(VariantError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"double.md:{line}: ")
    assert words in str(caught.value)


def test_variants_path_follows_chapter_or_text_file():
    assert variant_file.path_of("linear") == COURSE.answers("linear")
    assert variant_file.path_of(Path("solutions/linear/linear.ipynb")) == COURSE.answers("linear")
    assert variant_file.path_of("book/chapters/linear/text.md") == Path("book/chapters/linear/answers.md")
    assert variant_file.path_of(KINDS / "dropout" / "text.md") == KINDS / "dropout" / "answers.md"


def test_load_applies_changes_and_names_a_missing_file(tmp_path):
    path = tmp_path / "halved.md"
    change = "-    return x / 2\n+    return x / 3"
    path.write_text(f"## halved\n### wrong: a third\nHalf is meant.\n```diff\n{change}\n```\n")
    (wrong,) = variant_file.load(chapter.load(HALVED / "text.md"), path).cells
    assert wrong.source.endswith("    return x / 3")
    assert "###" not in wrong.source
    with pytest.raises(VariantError, match=r"triple/answers\.md: there is no variants file"):
        variant_file.load(chapter.load(HALVED / "text.md"), tmp_path / "triple" / "answers.md")
