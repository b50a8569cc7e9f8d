"""Test that marks on a solution cell become the exercise's facts in the notebook's data, which all else reads."""

import ast
from dataclasses import replace

import nbformat
import pytest

from authoring.notebooks import release
from autograder.texts import chapter, facts, text
from autograder.texts.facts import Facts
from tests.root import ROOT, SCALES

pytestmark = pytest.mark.course

LINE = "Core. Difficulty 2 of 5. About 5 minutes. 3 points."


def prose(notebook: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_marks_heading_and_claims_become_solution_cell_data_and_stay_in_the_release():
    notebook = text.read(SCALES)
    assert facts.of_all(release.release(notebook)) == facts.of_all(notebook)
    assert facts.of_all(notebook) == [
        Facts("a scale from scratch", "core", difficulty=1, minutes=3, points=3),
        Facts("mend the shift", "core", difficulty=2, minutes=5, points=3),
    ]


@pytest.mark.parametrize("below", ["", "\n", "\n\n"])
def test_facts_line_is_a_separate_paragraph(tmp_path, below):
    content = SCALES.read_text(encoding="utf-8")
    assert "### Exercise: mend the shift\n\n" in content
    path = tmp_path / "scales.md"
    path.write_text(content.replace("the shift\n\n", f"the shift\n{below}", 1), encoding="utf-8")
    assert f"### Exercise: mend the shift\n\n{LINE}\n\n" in prose(text.read(path))


@pytest.mark.parametrize("tight", [False, True])
def test_errors_below_the_facts_keep_source_line_numbers(tmp_path, tight):
    content = SCALES.read_text(encoding="utf-8")
    content = content.replace("the shift\n\n", "the shift\n" if tight else "the shift\n\nA first paragraph.\n\n", 1)
    path = tmp_path / "scales.md"
    path.write_text(content, encoding="utf-8")
    parsed = text.parse(path)
    index = next(n for n, cell in enumerate(parsed.notebook.cells) if LINE in cell.source)
    last = parsed.notebook.cells[index].source.split("\n")[-1]
    error = parsed.error(index, "here", parsed.notebook.cells[index].source.count("\n"))
    assert content.split("\n")[error.line - 1] == last
    heading = next(n for n, line in enumerate(parsed.notebook.cells[index].source.split("\n")) if line[:3] == "###")
    assert content.split("\n")[parsed.error(index, "here", heading).line - 1] == "### Exercise: mend the shift"


def test_facts_are_never_read_from_prose(monkeypatch):
    """Change the wording of the facts in its only definition; the facts must not change."""
    before = chapter.load(SCALES)
    monkeypatch.setattr(facts, "SENTENCES", ("Level {difficulty}.", "{minutes} min.", "Worth {points}."))
    notebook = text.read(SCALES)
    assert "### Exercise: mend the shift\n\nLevel 2. 5 min. Worth 3.\n\n" in prose(notebook)
    assert chapter.load(SCALES) == before
    assert [e.difficulty for e in before.exercises] == [1, 2]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = ""
    bare = tuple(
        replace(exercise, bullets=()) for exercise in before.exercises
    )  # the bullets themselves come from prose
    assert chapter.from_notebook(notebook, "scales") == replace(before, exercises=bare)


@pytest.mark.parametrize("name", chapter.names(ROOT))
def test_released_cell_raises_only_inside_functions(name):
    for exercise in chapter.load(name, ROOT).exercises:
        classes = [node.body for node in ast.walk(ast.parse(exercise.stub)) if isinstance(node, ast.ClassDef)]
        bodies = [ast.parse(exercise.stub).body, *classes]
        assert not any(isinstance(node, ast.Raise) for body in bodies for node in body), exercise.name


def names_missing(exercise):
    """Return the functions and classes that the visible test uses and the solution defines, but the stub doesn't."""
    solved, stub = (
        {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        for code in (exercise.solution, exercise.stub)
    )
    used = {node.id for node in ast.walk(ast.parse(exercise.visible)) if isinstance(node, ast.Name)}
    return (solved - stub) & used


@pytest.mark.parametrize("name", chapter.names(ROOT))
def test_stub_defines_what_its_visible_test_uses(name):
    assert {
        found.name: names_missing(found) for found in chapter.load(name, ROOT).exercises if names_missing(found)
    } == {}


def test_function_missing_from_a_stub_is_found():
    whole = next(found for found in chapter.load(SCALES).exercises if not names_missing(found))
    more = replace(
        whole, solution=f"{whole.solution}\ndef second(x):\n    return x\n", visible="lab.compare(second(1), 1)"
    )
    assert names_missing(more) == {"second"}
