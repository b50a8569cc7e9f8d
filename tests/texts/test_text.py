"""Test which cells the chapter reader makes, and which mistakes it reports."""

from pathlib import Path

import pytest

from autograder.model import Bullet
from autograder.texts import chapter as chapters
from autograder.texts import statements, text
from autograder.texts.parser import all_bound_names, bound_names
from tests.root import ROOT, SCALES


@pytest.fixture
def edited(tmp_path):
    """Return a function that writes the fixture chapter with one replacement and returns its path."""

    def edit(old: str, new: str) -> Path:
        content = SCALES.read_text()
        assert old in content, f"the fixture has no {old!r}"
        path = tmp_path / "edited.md"
        path.write_text(content.replace(old, new, 1))
        return path

    return edit


def cell(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


NBGRADER = {"task": False, "cell_type": "code", "schema_version": 3}


def test_solution_and_test_cells_are_expanded():
    notebook = text.read(SCALES)
    solution, test = cell(notebook, "own_scale").metadata, cell(notebook, "test_own_scale").metadata
    answer = {"grade_id": "own_scale", "grade": False, "solution": True, "locked": False}
    assert solution.nbgrader == NBGRADER | answer
    graded = {"grade_id": "test_own_scale", "grade": True, "solution": False, "locked": True, "points": 3}
    assert test.nbgrader == NBGRADER | graded, "the points are the sum of its claims"
    assert solution.layerlab.exercise == "own_scale"
    assert solution.layerlab.rules == ["torch.mul"]
    assert solution.layerlab.released == "def own_scale(x, s):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert cell(notebook, "mend_shift").metadata.layerlab.released == (
        "def shifted(x):\n    total = x.sum(dim=-1, keepdim=True)\n    return x + total"  # a faulty start
    )
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    assert "It is worth 6 points." in prose
    assert prose.count("About 3 minutes. 3 points.") == prose.count("About 5 minutes. 3 points.") == 1


def test_comments_on_typed_numbers_are_removed(edited):
    said = edited("# Scales\n", "# Scales\n\nThe photo has 24 MB. <!-- 24 MB: size -->\n")
    prose = "\n\n".join(c.source for c in text.read(said).cells)
    assert "The photo has 24 MB.\n" in prose
    assert "<!--" not in prose


BULLET = "- A tensor of any shape is taken. <!-- claims: any shape -->"
BULLETS = """\
- **Multiply** by $s$. <!-- claims: values -->
- Any shape is taken:
  1. no axis at all; <!-- claims: any shape -->
  2. several, and the
     dtype stays. <!-- claims: any shape; values -->
"""


def test_bullets_name_their_claims_invisibly_to_readers(edited):
    path = edited(BULLET, BULLETS)
    notebook = text.read(path)
    assert chapters.load(path).exercise("own_scale").bullets == (
        Bullet("**Multiply** by $s$.", ("values",)),
        Bullet("no axis at all;", ("any shape",)),
        Bullet("several, and the dtype stays.", ("any shape", "values")),
    )
    assert cell(notebook, "own_scale").metadata.layerlab.bullets == ["1", "2", "2 1"]
    assert cell(notebook, "mend_shift").metadata.layerlab.bullets == []
    assert not any("claims:" in c.source for c in notebook.cells)


def test_bullet_after_colon_includes_the_formula_below():
    source = """\
- The result is the sum, and its first axis is gone: <!-- claims: values -->

$$y_j = \\sum_i
x_{ij}$$

- It is printed as <!-- claims: values -->

  $$x = 1$$

- A sentence that is whole. <!-- claims: values -->

$$x = 2$$

- Its text is this: <!-- claims: values -->

```text
Net()
```

- Two lines:
  there is no formula: <!-- claims: values -->
"""
    assert [found.text for found in statements.bullets(source)] == [
        r"The result is the sum, and its first axis is gone: $y_j = \sum_i x_{ij}$",
        "It is printed as $x = 1$",
        "A sentence that is whole.",
        "Its text is this, as the statement shows.",
        "Two lines: there is no formula, as the statement shows.",
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_no_course_bullet_ends_in_a_colon(path):
    bullets = [bullet for exercise in chapters.load(path).exercises for bullet in exercise.bullets]
    assert [bullet.text for bullet in bullets if bullet.text.endswith(":")] == []


def test_edits_in_the_notebook_remove_all_bullets(edited):
    notebook = text.read(edited(BULLET, BULLETS))
    statement = next(c for c in notebook.cells if "**Multiply**" in c.source)
    statement.source = statement.source.replace("- **Multiply** by $s$.", "")
    assert chapters.load(notebook).exercise("own_scale").bullets == ()
    notebook = text.read(edited(BULLET, BULLETS))
    test = cell(notebook, "test_own_scale")
    test.source = test.source.replace('with lab.claim("any shape"):', "if True:")
    assert chapters.load(notebook).exercise("own_scale").bullets == ()


def test_claims_of_bullets_do_not_affect_digest(edited):
    first, second = (
        chapters.load(edited(BULLET, words)) for words in (BULLETS, BULLETS.replace("values", "any shape"))
    )
    assert first.exercises != second.exercises
    assert first.digest == second.digest


def test_cell_ids_survive_inserted_cells_and_differ(edited):
    before = {c.id for c in text.read(SCALES).cells}
    twice = 2 * "```{code-cell} ipython3\n1 + 1\n```\n\n"
    after = {c.id for c in text.read(edited("# Scales\n", f"{twice}# Scales\n")).cells}
    assert before < after
    assert len(after) == len(before) + 2


def test_parsed_lines_point_at_start_of_each_cell():
    content = SCALES.read_text().splitlines()
    parsed = text.parse(SCALES)
    for line, c in zip(parsed.lines, parsed.notebook.cells, strict=True):
        if "{{ points }}" not in content[line - 1]:
            assert content[line - 1] == c.source.splitlines()[0]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (":test: mend_shift\n", ":test: own_scale\n", "two test cells"),
        (":solution: mend_shift\n", ":solution: own_scale\n", "two solution cells"),
        (":test: mend_shift\n", ":tags: [hide-input]\n", "not marked :test:"),
        (":solution: mend_shift\n", ":tags: [hide-input]\n", "not marked :solution:"),
        (":solution: own_scale\n", ":solution: other\n", "no solution cell above it"),
        (":solution: own_scale\n", ":solution: Own Scale\n", "cannot name an exercise"),
        (":rules: torch.mul\n", ":rule: torch.mul\n", "unknown mark 'rule'"),
        (':alt: "a', ':rules: torch.mul\n:alt: "a', ":rules: belongs on a solution cell"),
        (':alt: "a', ":alt: a: b\n:x: [", "not YAML"),
        ("    ### END SOLUTION\n", "", "never closed"),
        ("    ### BEGIN SOLUTION\n", "", "without a beginning"),
        ("    ### END SOLUTION\n", "    ### BEGIN SOLUTION\n", "already open"),
        ("### END HIDDEN TESTS\n", "", "never closed"),
        ("### END HIDDEN TESTS\n", "### END HIDDEN TESTS\nprint()\n", "nothing may follow"),
        ('with lab.claim("adds the mean", points=3):', "if True:", "opens no lab.claim"),
        ('"adds the mean", points=3', '"adds the mean", points=rows', "must be a literal"),
        ('"adds the mean", points=3', '"adds the mean", points=0', "positive integer"),
        ('"adds the mean", points=3', '"adds the mean", points=1.5', "positive integer"),
        ('lab.claim("any shape")', 'lab.claim("values")', "two claims are called"),
        ('with lab.claim("any shape"):', "for _ in range(2):\n  with lab.claim('any'):", "top level"),
        ('print("your answer:", tuple', 'with lab.claim("seen"): pass\nprint("your answer:", tuple', "visible part"),
        ('print("your answer:", tuple', 'rows = 2\nprint("your answer:", tuple', "overwrite a learner's rows: put the"),
        ("    return x + x.mean(", "    return x + x.mean((", "not Python"),
        ("### Exercise: mend the shift", "### Mend the shift", "'### Exercise: ...' heading"),
        (':alt: "a', ':difficulty: 5\n:alt: "a', ":difficulty: belongs on a solution cell"),
        (":difficulty: 2", ":difficulty: 2\n:minutes: 5", "minutes"),
        (":difficulty: 2\n", "", "'mend_shift': the mark :difficulty: is missing; write an integer from 1 to 5"),
        (":difficulty: 2", ":difficulty: 6", ":difficulty: 6 is not understood; write an integer from 1 to 5"),
        (":difficulty: 2", ":difficulty: true", ":difficulty: True is not understood"),
        (":tier: core", ":tier: most", r":tier: 'most' is not understood; write core \(everyone"),
        (":tier: core\n", "", "the mark :tier: is missing"),
        ("Multiply, then add.", "See {ref}`scales`.", "role or directive"),
        ("Multiply, then add.", "It is {{ width } wide.", "is not a placeholder"),
        ("Multiply, then add.", "It is { width }} wide.", "is not a placeholder"),
        ("Multiply, then add.", ":::{note}\nMultiply.\n:::", "role or directive"),
        ("claims: any shape", "claims: value", "no claim 'value'; there are: values; any shape"),
        ("Multiply, then add.", "Multiply. <!-- claims: values -->", "belongs after a bullet"),
        (':alt: "a', ':tags: [hide-inputs]\n:alt: "a', "unknown tag 'hide-inputs'"),
        ("No. Three is the other one.", "Three is the other one.", "must begin with 'Yes' or 'No'"),
        ("No. Three is the other one.", "Yes. Three too.", "two or more options, one of them right, not 2 and 2"),
        ("Yes. Twice one is two.", "No. It is not.", "two or more options, one of them right, not 2 and 0"),
        ("<details><summary>three</summary>", "<p>three</p>", "not 1 and 1"),
        ("**1. What", "What", "no question"),
        ("x = torch.linspace(-1, 1, 5)", "#~ x = 1", "belongs in a solution cell"),
    ],
)
def test_chapter_mistakes_are_named(edited, old, new, sentence):
    with pytest.raises(text.ChapterError, match=sentence):
        text.read(edited(old, new))


@pytest.mark.parametrize(
    ("code", "names", "anywhere"),
    [
        ("a, *b = c[0] = 1, 2", "ab", "ab"),
        ("for a in b:\n    with b as c:\n        d += 1", "acd", "acd"),
        ("print([a for a in b], lambda c: [d for d in c])", "a", "acd"),
        ("import a.b\nfrom c import d as e\n(f := 1)", "aef", "aef"),
        ("@lab.examples\ndef _():\n    global a\n    a = b = 1\n    class c:\n        d = 1", "_a", "_abcd"),
    ],
)
def test_bound_names_are_those_that_outlast_the_code(code, names, anywhere):
    assert (bound_names(code), all_bound_names(code)) == (set(names), set(anywhere))


def test_missing_test_is_reported_at_the_solution(tmp_path):
    content = SCALES.read_text()
    start = content.index("```{code-cell} ipython3\n:test: mend_shift")
    end = content.index("## What to remember")
    path = tmp_path / "edited.md"
    path.write_text(content[:start] + content[end:])
    line = next(i for i, row in enumerate(content.splitlines(), 1) if row.startswith("def shifted"))
    with pytest.raises(text.ChapterError, match="'mend_shift' has no test cell") as caught:
        text.read(path)
    assert caught.value.line == line
