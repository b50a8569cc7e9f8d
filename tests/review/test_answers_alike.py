"""Test that copies are found even if names are changed, and that independent answers are not reported."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

from autograder.review.answers_alike import Alike, alike, answers
from autograder.review.normal_form import form
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.regions import solved
from tests.graded_class import write
from tests.root import ROOT
from tests.typed import typed

CHAPTER = chapters.load("normalization", ROOT)
VARIANTS = variant_file.load(CHAPTER)
EXERCISES = [exercise for exercise in CHAPTER.exercises if len(exercise.solution) > len(exercise.stub) + 400]
EXERCISE = EXERCISES[0]


def renamed(code: str) -> str:
    """Return the code with different variable names, a different layout, and comments."""
    tree = ast.parse(code)
    nodes = list(ast.walk(tree))
    names = sorted({node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)})
    parameters = {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in names and node.id not in parameters:
            node.id = f"thing_{names.index(node.id)}"
    return "# mine\n" + ast.unparse(tree).replace("\n\n", "\n# then\n")


def compared(given: dict[str, str], exercise: str = EXERCISE.name) -> Alike:
    found: dict[str, dict[str, str]] = {one.name: {} for one in CHAPTER.exercises}
    return alike(CHAPTER, VARIANTS, found | {exercise: given})


def words(code: str) -> tuple[str, ...]:
    made = form(code)
    assert made is not None
    return made.words


def test_form_ignores_names_comments_docstrings_and_annotations() -> None:
    code = 'def f(x):\n    """Say."""\n    total = x + 1  # add\n    return total'
    assert words(code) == words("def f(value: int) -> int:\n    y = value+1\n\n    return y")


def test_form_numbers_names_of_each_method_apart() -> None:
    code = (
        "class A:\n    def f(self, a):\n        return a\n    def g(self, x):\n        {0} = x.eps\n        return {0}"
    )
    assert words(code.format("a")) == words(code.format("b"))


@pytest.mark.parametrize("other", ["return y - x", "return x - x", "return x - 1.0", "f = 1"])
def test_form_tells_different_code_apart(other: str) -> None:
    assert words("def f(x, y):\n    return x - y") != words(f"def f(x, y):\n    {other}")


@pytest.mark.parametrize("code", ["def f(:", "x = " + "(" * 500, "x" + ".a" * 100_000, "-" * 3000 + "1"])
def test_form_of_unreadable_code_is_none_or_harmless(code: str) -> None:
    form(code)  # raises nothing


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_renamed_solution_is_found(exercise) -> None:
    (copy,) = compared({"ada": renamed(solved(exercise.solution)), "bo": "x = 1"}, exercise.name).copies
    assert (copy.published, list(copy.students), copy.others) == ("the solution", ["ada"], 1)


def test_renamed_right_variant_is_found() -> None:
    variant = VARIANTS.right(EXERCISE.name)[0]
    (copy,) = compared({"ada": renamed(variant.source)}).copies
    assert copy.published == variant.label


@pytest.mark.parametrize("exercise", CHAPTER.exercises, ids=lambda exercise: exercise.name)
def test_independent_answers_are_not_found(exercise) -> None:
    """Compare the author's own right answers, the most independent ones available, as if they were students'."""
    codes = [solved(exercise.solution), *(variant.source for variant in VARIANTS.right(exercise.name))]
    unpublished = variant_file.Variants(VARIANTS.path, ())
    given: dict[str, dict[str, str]] = {one.name: {} for one in CHAPTER.exercises}
    given[exercise.name] = {f"s{number}": code for number, code in enumerate(codes[1:])}
    found = alike(CHAPTER, unpublished, given)
    assert found.copies == []
    assert found.pairs == []


def test_pair_with_one_renamed_answer_is_found_unless_most_have_it() -> None:
    mine = "def own():\n" + "".join(f"    a{n} = torch.roll(x, {n}) * {n} + a{n - 1}\n" for n in range(1, 9))
    others = {
        f"s{number}": f"def own():\n    return [{', '.join(f'{number} - {n} * y' for n in range(20))}]"
        for number in range(3)
    }
    (pair,) = compared({"ada": mine, "bo": renamed(mine) + "\n    print(x)\n", **others}).pairs
    assert pair.students == ("ada", "bo")
    assert pair.parts[0].share > 0.9
    assert compared({f"s{number}": mine for number in range(5)}).pairs == []


def test_published_code_makes_no_pair() -> None:
    wrong = VARIANTS.wrong(EXERCISE.name)[0].source
    assert compared({"ada": wrong, "bo": renamed(wrong)}).pairs == []


def test_command_escapes_names_and_code_and_changes_no_mark(tmp_path: Path) -> None:
    reference = nbformat.read(ROOT / "solutions" / "normalization" / "normalization.ipynb", as_version=4)
    write(tmp_path / "solutions" / "normalization" / "normalization.ipynb", nbformat.writes(reference))
    student = "<img src=x onerror=alert(1)>"
    cell = next(cell for cell in reference.cells if cell.id == EXERCISE.name)
    cell.source = "# </pre><script>alert(1)</script>\u202e\n" + renamed(solved(EXERCISE.solution))
    write(tmp_path / "submitted" / student / "normalization" / "normalization.ipynb", nbformat.writes(reference))
    assert student in answers(chapters.load("normalization", tmp_path), tmp_path)[EXERCISE.name]
    before = sorted(tmp_path.rglob("*"))
    assert "copies of published answers" in typed("similar", "normalization", "--root", tmp_path)
    page = (tmp_path / "reports" / "normalization" / "similar.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    new = {path.name for path in sorted(tmp_path.rglob("*")) if path not in before}
    assert new == {"reports", "normalization", "similar.html"}
    typed("similar", "nothing", "--root", tmp_path, status=2)
