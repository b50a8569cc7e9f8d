"""The reader of variants files: what it returns, and what it says of a file it cannot use."""

from pathlib import Path

import pytest

from autograder import variant_file
from autograder.variant_file import VariantError

TEXT = """\
# Variants of one exercise, for the tests of the reader.
# %% double right: by adding
def double(x):
    # a comment of the code, not of the variant
    return x + x


# %% double wrong: squares
# A square is not a double:
# they agree at 0 and 2 only.

# this comment belongs to the code
def double(x):
    return x**2
# %% double oracle
def double(x):
    return torch.mul(x, 2)
# %% double equivalent: return x * (2 if x: else 2)
# Both branches are the same number.
# %% mend faulty start
# The sign of the step is wrong.
"""


def parse(text: str) -> variant_file.Variants:
    return variant_file.parse(text, Path("double.py"))


def test_each_kind_is_found_by_its_exercise():
    variants = parse(TEXT)
    assert variants.exercises == ("double", "mend")
    assert [v.title for v in variants.right("double")] == ["by adding"]
    assert [v.title for v in variants.wrong("double")] == ["squares"]
    assert variants.oracle("double").source == "def double(x):\n    return torch.mul(x, 2)"
    assert variants.oracle("mend") is None
    assert variants.faulty_start("mend").sentence == "The sign of the step is wrong."
    assert variants.faulty_start("double") is None


def test_sentence_ends_where_the_comment_lines_end():
    wrong = parse(TEXT).wrong("double")[0]
    assert wrong.sentence == "A square is not a double: they agree at 0 and 2 only."
    assert wrong.source == "# this comment belongs to the code\ndef double(x):\n    return x**2"


def test_right_variant_needs_no_sentence_and_keeps_its_own_comments():
    right = parse(TEXT).right("double")[0]
    assert right.sentence == ""
    assert "# a comment of the code" in right.source


def test_title_of_an_equivalent_is_the_whole_line_with_its_colons():
    assert parse(TEXT).equivalents("double")[0].title == "return x * (2 if x: else 2)"


def test_where_names_the_line_of_the_header():
    variants = parse(TEXT)
    assert variants.where(variants.wrong("double")[0]) == "double.py:8"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# %% double rihgt: by adding\nx = 1\n", 1, "not understood"),
        ("# %%\nx = 1\n", 1, "not understood"),
        ("x = 1\n# %% double oracle\ny = 1\n", 1, "before the first cell"),
        ("# %% double right\nx = 1\n", 1, "no title"),
        ("# %% double wrong: off by one\nx = 1\n", 1, "no sentence"),
        ("# %% double right: by adding\n# words only\n", 1, "no code"),
        ("# %% double faulty start\n# A sentence.\n\nx = 1\n", 1, "`#~ ` lines"),
        ("# %% double equivalent: return x\n", 1, "why this mutant"),
        ("# %% double oracle\nx = 1\n# %% double oracle: again\nx = 2\n", 3, "two cells `oracle`"),
        ("# %% double right: a\nx = 1\n# %% double right: a\nx = 2\n", 3, "in line 1"),
        ("# %% double wrong: a\n# A sentence.\n\nx = 1\nx = (\n", 5, "was never closed"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(text, line, words):
    with pytest.raises(VariantError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"double.py:{line}: ")
    assert words in str(caught.value)


def test_a_chapter_and_a_text_know_their_file(tmp_path, monkeypatch):
    packaged = variant_file.PACKAGED
    assert variant_file.path_of("linear") == packaged / "linear.py"
    assert variant_file.path_of("book/chapters/linear.md") == packaged / "linear.py"
    assert variant_file.path_of(Path("solutions/linear/linear.ipynb")) == packaged / "linear.py"
    assert variant_file.path_of("tests/kinds/dropout.md") == Path("tests/kinds/variants/dropout.py")
    monkeypatch.chdir(tmp_path)
    assert variant_file.path_of("dropout.md") == Path("variants/dropout.py")


def test_load_reads_the_file_of_a_text(tmp_path):
    (tmp_path / "variants").mkdir()
    (tmp_path / "variants" / "double.py").write_text(TEXT, encoding="utf-8")
    assert len(variant_file.load(tmp_path / "double.md").cells) == 5


def test_load_says_which_file_is_missing(tmp_path):
    with pytest.raises(VariantError, match=r"variants/triple\.py: there is no variants file"):
        variant_file.load(tmp_path / "triple.md")
