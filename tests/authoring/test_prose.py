"""Test which typed numbers in prose are found, which are allowed, and which comments explain them."""

from __future__ import annotations

import pytest

from authoring import author_commands
from authoring.notebooks.prose import find
from tests.typed import authored

HEAD = "---\njupytext:\n  text_representation: {format_name: myst}\n---\n\n# Title\n\n## Section\n\n"
CELL = "```{code-cell} ipython3\nlayer = nn.Linear(64, 10_000, p=0.2)\n```\n"


def sentences(text: str) -> list[str]:
    return [sentence for _, sentence in find(HEAD + text)]


@pytest.mark.parametrize(
    ("prose", "named"),
    [
        ("It has 1,200 parameters.", "1,200 parameters"),
        ("It has **1,200** parameters.", "1,200 parameters"),
        ("It has $1200$ parameters, or `3000` FLOPs.", "1200 parameters"),
        ("Parameters of both: the pair holds 132 numbers.", "132 numbers"),
        ("The largest\nof them has 7\nparameters.", "7 parameters"),
        ("That is 24.5 MB in float32.", "24.5 MB"),
        ("It took 0.3 s on two cores.", "0.3 s"),
        ("About 93% of it.", "93%"),
        ("It is 3.5 times faster.", "3.5 times faster"),
        ("It reaches an accuracy of 0.97.", "accuracy of 0.97"),
        ("An error of {{ error }}, not an error of 0.25.", "error of 0.25"),
        ("- a list: 12 ms", "12 ms"),
        ("<details><summary>More</summary>\n\nIt took 12 ms.\n\n</details>", "12 ms"),
    ],
)
def test_number_with_a_measuring_word_is_found(prose, named):
    found = sentences(prose)
    assert found
    assert found[0].startswith(repr(named))


@pytest.mark.parametrize(
    "prose",
    [
        "It has {{ held }} parameters, {{ 4 * held / 1e6:.2f }} MB, in {{ ms }} ms.",
        "It has 0 parameters, or 1 parameter.",
        "A layer with 5 inputs and 3 outputs.",
        "Chapter 3, section 2, of 29 chapters. In 1998 it was new.",
        "See [a paper](https://example.org/40%25/12ms).",
        "`x = 12 ms` and $40\\,\\%$ in formulas.",
        "Between 2 seeds; Conv1d, float32 parameters and int8 numbers.",
        "The first 3 of the parameters.",
        "```text\nIt took 12 ms\n```",
        "<!-- a note to authors, it took 12 ms -->",
        "The 1980s.",
    ],
)
def test_other_numbers_are_allowed(prose):
    assert sentences(prose) == []


COMMENTED = '```{code-cell} ipython3\n:alt: "64 of them"\n# 64\nlayer = make()\n```\n'
EXERCISE = f"### Exercise: count\n\nA net of 7 weights: 12 parameters.\n\n{CELL}\n<details>\n\n5 %\n\n</details>\n"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (f"It maps 64 numbers to 10,000 numbers and drops 20 %.\n\n{CELL}", 0),
        (f"{CELL}\nIt maps 64 numbers.", 0),
        (f"{CELL}\n## Next\n\nIt maps 64 numbers.", 1),
        (f"It maps 64 numbers.\n\n## Next\n\n{CELL}", 1),
        (f"{CELL}\nIt takes 64 ms.", 1),
        (f"{CELL}\nIt is 64 times faster.", 1),
        (f"{COMMENTED}\nIt maps 64 numbers.", 1),
        (EXERCISE, 0),
        (f"{EXERCISE}\n## Next\n\nIt has 12 parameters.", 1),
        (f"{EXERCISE}\n### Another part\n\nIt has 64 parameters.", 1),  # the cells of an exercise explain nothing
        ("```{note}\nIt took 12 ms.\n```", 1),
        (":::{grid-item-card} Read\nIt took 12 ms.\n:::", 1),
    ],
)
def test_only_literals_in_the_same_section_explain_counts(body, count):
    assert len(sentences(body)) == count


@pytest.mark.parametrize(
    ("prose", "complaint"),
    [
        ("The photo has 24 MB. <!-- 24 MB: size -->", ""),
        ("It reached 97 % in 1998. <!-- 97: citation, LeCun -->", ""),
        ("A line\nwith 24 MB.\n<!-- 24 MB: definition -->", ""),
        ("It has 24 MB. <!-- 24 MB: because -->", "'24 MB' is typed"),
        ("It has 24 MB. <!-- 42 MB: size -->", "'24 MB' is typed"),
        ("It has 24 MB.\n\n<!-- 24 MB: size -->", "'24 MB' is typed"),
        ("It has 240 MB. <!-- 24: size -->", "'240 MB' is typed"),
    ],
)
def test_comment_in_the_paragraph_may_explain_a_number(prose, complaint):
    assert [sentence.partition(":")[0][: len(complaint)] for sentence in sentences(prose)] == [complaint] * bool(
        complaint
    )


def test_check_reports_file_and_line_and_fails(tmp_path, monkeypatch):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "intro.md").write_text("# Title\n\nIt took 12 ms.\n")
    monkeypatch.setattr(author_commands, "ROOT", tmp_path)
    assert "book/intro.md:3: '12 ms' is typed" in authored("check", status=1)
