"""Test the word counts, and that no chapter, page, document, or docstring sounds translated."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from authoring.english import counts, drawn_sentences, english_commands, patterns, same_facts
from authoring.english.pieces import pieces
from tests.root import COURSE, ROOT

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


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("Add 3 values", "Add 4 values", "numbers"),
        ("$x$", "$y$", "math"),
        ("`torch.sum`", "`sum`", "spans"),
        ("https://pytorch.org", "https://pytorch.com", "links"),
        ("claims: values", "claims: shapes", "marks"),
        (":solution: total", ":solution: sum", "options"),
        ("x.sum()", "x.mean()", "code"),
    ],
)
def test_changed_fact_is_listed(old, new, kind):
    found = same_facts.differences(TEXT, TEXT.replace(old, new))
    assert {line.partition(":")[0] for line in found} == {kind}
    assert len(found) == 2  # what was removed, and what was added


def test_changed_words_are_no_facts():
    edited = TEXT.replace("See", "Read").replace("# over everything", "# all of it")
    assert same_facts.differences(TEXT, edited) == []
    assert same_facts.strings(TEXT, edited) == ["- # over everything", "+ # all of it"]


def test_statement_counts_formula_as_one_word():
    found = counts.counts(TEXT.replace("Write `total(x)`.", "Write `total(x, y)`: $a + b + c$ of it."), "")
    assert found.statements == {"total": 5 + 10}


def test_long_bullet_and_feedback_are_counted():
    long = TEXT.replace("the sum of `x`", "the sum of `x`" + " again" * 20)
    answers = f"## total\n\n### wrong: twice\nYou {'really ' * 30}add twice.\n```diff\n-a\n+b\n```\n"
    found = counts.counts(long, answers)
    assert (found.long_bullets, found.long_feedback) == (1, 1)


def test_sample_depends_on_its_seed_alone():
    drawn = [drawn_sentences.drawn(COURSE, "documents", 30, seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert sum(is_control for _, is_control in drawn[0]) == drawn_sentences.CONTROLS


@pytest.mark.parametrize("name", [*drawn_sentences.GROUPS, "linear"])
def test_group_has_enough_sentences(name):
    assert len(drawn_sentences.group(COURSE, name)) >= 200


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["sample", "nothing"], "no chapter is called 'nothing'"),
        (["compare", "no-such-commit", "linear"], "no-such-commit"),
    ],
)
def test_unknown_group_or_commit_is_rejected(command, said):
    done = CliRunner().invoke(english_commands.english, command)
    assert done.exit_code == 1
    assert said in done.output


def test_count_prints_a_row_for_each_chapter():
    done = CliRunner().invoke(english_commands.english, ["count", "linear", "lazy"])
    assert [line.split()[0] for line in done.output.splitlines()] == ["chapter", "linear", "lazy", "all"]


def found(hits: list[patterns.Hit]) -> list[str]:
    return [f"{hit.pattern}: {hit.sentence}" for hit in hits]


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_chapter_does_not_sound_translated(chapter):
    text, answers = COURSE.text(chapter), COURSE.answers(chapter)
    counted = counts.counts(text.read_text(), answers.read_text() if answers.exists() else "")
    assert found(counted.translated) == []


def test_documents_and_pages_do_not_sound_translated():
    paths = [*ROOT.glob("*.md"), *ROOT.glob("book/*.md"), *ROOT.glob("book/parts/*.md")]
    assert found(counts.translated([pieces(path.read_text(encoding="utf-8")) for path in sorted(paths)])) == []


def test_docstrings_do_not_sound_translated():
    said = [
        sentence
        for package in (*drawn_sentences.PACKAGES, "tests")
        for path in sorted((ROOT / package).rglob("*.py"))
        for text in drawn_sentences.docstrings(path)
        for sentence in patterns.sentences(text)
    ]
    hits = [hit for sentence in said for hit in patterns.hits(sentence, patterns.ALWAYS + patterns.BRITISH)]
    assert len(said) > 2000
    assert found(hits) == []
