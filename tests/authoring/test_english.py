"""Test that no chapter, page, document, or docstring sounds translated, and that statements are short."""

from __future__ import annotations

import ast

import pytest

from authoring.english import patterns, wording
from tests.root import COURSE, ROOT

PACKAGES = ("layerlab", "autograder", "authoring", "book/_ext", "tests")
TEXT = """# Sums: what adds up

Add 3 values of $x$ with `torch.sum`. See [the manual](https://pytorch.org) for 0.5.

### Exercise: a sum

Write `total(x)`.

- Return the sum of `x`, and do not modify `x`. <!-- claims: values -->

```{code-cell} ipython3
:solution: total
def total(x):
    ### BEGIN SOLUTION
    return x.sum()  # over everything
    ### END SOLUTION
```
"""

# One sentence for each pattern, in the order of the patterns.
TRANSLATED = (
    "Draw anew in each call.", "Use strides in the place of pooling.", "It has one row, also when n is 1.",
    "It takes a number of yours.", "It is inside of the layer.", "The mean is asked for is wrong.",
    "It is no parameter any more.", "It multiplies what comes from above.", "Call the one of the module.",
    "It puts out zeros.", "It is printed in small letters.", "They have for each its own bias.",
    "It is slow, for it copies.", "The mean is taken off.", "The layer is dear.", "They run one behind the other.",
    "A tiny example follows.", "Who writes into the result changes the input.", "What of it is known is listed.",
    "To shift all scores changes nothing.",
)  # fmt: skip
IN_DEMANDS = (
    "It stays as it was.", "It works for whoever calls it.", "Ask somebody.", "It is handed over.",
    "It is to be split.", "The mean stands below.", "Pass whole numbers.", "Count the places.", "Find and mend it.",
)  # fmt: skip


def test_every_pattern_finds_its_sentence():
    for found, group in ((TRANSLATED, patterns.ALWAYS), (IN_DEMANDS, patterns.DEMANDS)):
        for sentence, pattern in zip(found, group, strict=True):
            assert [hit.pattern for hit in patterns.hits(sentence, (pattern,))], sentence


@pytest.mark.parametrize(
    "sentence", ["The optimiser has neighbours.", "Centred, towards grey.", "A licence to practise"]
)
def test_british_spelling_is_found(sentence):
    assert list(patterns.hits(sentence, patterns.BRITISH))


def test_plain_sentence_has_no_hit():
    plain = "The optimizer stores one buffer for each parameter, in place of a copy. Any module is fine."
    assert not list(patterns.hits(plain, patterns.ALWAYS + patterns.BRITISH))


def test_formula_counts_as_one_word():
    assert wording.words("Write `total(x, y)`: $a + b + c$ of it. <!-- claims: values -->") == 5


def test_long_statement_and_bullet_are_found():
    long = TEXT.replace("the sum of `x`", "the sum of `x`" + " again" * 150)
    assert [line.partition(" has ")[0] for line in wording.too_long(long)] == [
        "the statement of total",
        "a bullet of total",
    ]
    assert not list(wording.too_long(TEXT))


def found(hits: list[patterns.Hit]) -> list[str]:
    return [f"{hit.pattern}: {hit.sentence}" for hit in hits]


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_chapter_does_not_sound_translated(chapter):
    text, path = COURSE.text(chapter).read_text(encoding="utf-8"), COURSE.answers(chapter)
    answers = path.read_text(encoding="utf-8") if path.exists() else ""
    hits = [hit for source in (text, answers) for hit in wording.translated(source, wording.claims(text))]
    assert found([*hits, *wording.demands([*wording.statements(text).values(), *wording.feedback(answers)])]) == []


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_statements_and_bullets_are_short(chapter):
    assert list(wording.too_long(COURSE.text(chapter).read_text(encoding="utf-8"))) == []


def test_documents_and_pages_do_not_sound_translated():
    paths = [*ROOT.glob("*.md"), *ROOT.glob("book/*.md"), *ROOT.glob("book/parts/*.md")]
    assert [line for path in paths for line in found(wording.translated(path.read_text(encoding="utf-8")))] == []


def test_docstrings_do_not_sound_translated():
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    said = [ast.get_docstring(node) or "" for node in nodes if isinstance(node, kinds)]
    parts = [" ".join(part.split()) for text in said for part in text.split("\n\n")]
    assert len(parts) > 2000
    assert found([hit for part in parts for hit in patterns.hits(part, patterns.ALWAYS + patterns.BRITISH)]) == []
