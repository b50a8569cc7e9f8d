"""Test that the leak search finds a leak in every place that it searches."""

import html
import json
from pathlib import Path

import nbformat
import pytest

from authoring import author_commands
from authoring.book.leaks import search, secrets
from authoring.notebooks.notebook_file import dumps
from authoring.notebooks.release import release
from autograder.course import Course
from autograder.texts import text
from tests.root import SCALES
from tests.typed import authored

SOLUTION = "scaled_by_the_given_factor = x * s"  # a line of a solution region
HIDDEN = 'lab.observe("shifted", shifted(draw.randn(3, 4)))'  # a line of a hidden test
STATE = "application/vnd.jupyter.widget-state+json"
PAIR = ["y = x", "return y"]  # each line is too short to be searched for on its own


@pytest.fixture
def course(tmp_path):
    """Return a course with one chapter, which is released and built without a leak."""
    course = Course(tmp_path)
    course.text("scales").parent.mkdir(parents=True)
    course.text("scales").write_text(
        SCALES.read_text().replace(f"    {SOLUTION}\n", f"    {SOLUTION}\n    y = x\n    return y\n", 1)
    )
    notebook = release(text.read(course.text("scales")))
    course.release("scales").parent.mkdir(parents=True)
    course.release("scales").write_text(dumps(notebook))
    page(course).parent.mkdir(parents=True)
    page(course).write_text("<html><body><article><h1>Scales</h1><p>Multiply, then add.</p></article></body></html>")
    copy(course).parent.mkdir(parents=True)
    copy(course).write_text(dumps(notebook))
    index(course, "scale")
    return course


def page(course: Course) -> Path:
    return course.site / "notebooks" / "scales" / "scales.html"


def copy(course: Course) -> Path:
    return course.site / "_sources" / "notebooks" / "scales" / "scales.ipynb"


def index(course: Course, *terms: str, text: str = "Multiply, then add.") -> None:
    """Write the search index for one section, and the text that the search quotes."""
    inverted = [[term, {"_index": n, "title": {}, "text": {"0": {}}}] for n, term in enumerate(terms)]
    content = {
        "pages": [["notebooks/scales/scales", "Scales"]],
        "entries": [[0, "scales", "Scales", 0]],
        "lunr": {"invertedIndex": inverted},
    }
    quoted = course.site / "search" / "notebooks" / "scales" / "scales.js"
    quoted.parent.mkdir(parents=True, exist_ok=True)
    quoted.write_text(f"courseSearch.texts({json.dumps([0, [text]])});\n")
    (course.site / "search" / "index.js").write_text(f"courseSearch.index({json.dumps(content)});\n")


def found(course: Course) -> set[str]:
    return {leak.where for leak in search(course, ["scales"])}


def in_notebook(path: Path, change) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(dumps(notebook))


def test_clean_course_has_no_leak(course):
    assert found(course) == set()


def test_secrets_come_only_from_solution_and_test_regions(course):
    hidden = secrets(course.text("scales").read_text())
    squeezed = {"".join(line.split()) for line in (SOLUTION, HIDDEN)}
    assert squeezed <= hidden.passages
    assert "y=xreturny" in hidden.passages
    assert "y=x" not in hidden.passages
    assert "defown_scale(x,s):" not in hidden.passages
    assert "returnx+total" not in hidden.passages, "the faulty start is released"
    assert "secret_shap" in hidden.stems
    assert "linspac" not in hidden.stems


def test_line_repeated_outside_regions_is_not_secret():
    told = f"{SOLUTION}\n### BEGIN SOLUTION\n  {SOLUTION}\n### END SOLUTION\n"
    assert secrets(told).passages == frozenset()


def test_secret_stems_are_those_of_the_index():
    text = "It is possibly so.\n### BEGIN SOLUTION\npossible = displayed\n### END SOLUTION"
    assert secrets(text).stems == {"display"}, "Porter's first rules give possibli and displai"


def test_words_of_a_visible_name_are_not_secret():
    text = "def called_by_keyword():\n    pass\n### BEGIN SOLUTION\ncall(keyword=secretive)\n### END SOLUTION"
    assert secrets(text).stems & {"keyword", "secret"} == {"secret"}


def add_source(notebook, leak=SOLUTION):
    notebook.cells[-1].source += f"\n\n{leak}"


def add_metadata(notebook):
    notebook.cells[-1].metadata["before"] = f"def own_scale(x, s):\n    {SOLUTION}"


def add_output(notebook, words=f"Signature:\n{SOLUTION}\n"):
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.outputs = [nbformat.v4.new_output("stream", text=words)]


def add_widget(notebook):
    state = {"abc": {"state": {"code": f'"use"\n{HIDDEN}'}}}
    notebook.metadata.widgets = {STATE: {"state": state}}


@pytest.mark.parametrize("leak", [SOLUTION, HIDDEN, "\n".join(PAIR), "   y =  x\n\n      return   y"])
def test_leak_in_student_notebook_source_is_found(course, leak):
    in_notebook(course.release("scales"), lambda notebook: add_source(notebook, leak))
    assert found(course) == {"notebooks/scales/scales.ipynb"}


@pytest.mark.parametrize(
    ("file", "plant", "where"),
    [
        (lambda course: course.release("scales"), add_metadata, "notebooks/scales/scales.ipynb"),
        (lambda course: course.release("scales"), add_output, "notebooks/scales/scales.ipynb, outputs"),
        (lambda course: course.release("scales"), add_widget, "notebooks/scales/scales.ipynb, widgets"),
        (copy, add_source, "_build/html/_sources/notebooks/scales/scales.ipynb"),
    ],
)
def test_leak_in_other_part_of_notebook_is_found(course, file, plant, where):
    in_notebook(file(course), plant)
    assert found(course) == {where}


IN_SPANS = "".join(f"<span class='n'>{html.escape(word)}</span> " for word in HIDDEN.split())
IN_STATE = json.dumps({"state": {"abc": {"state": {"code": HIDDEN}}}})


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("</article>", f"<pre>{IN_SPANS}</pre></article>", ""),
        ("<p>", f'<p title="{html.escape(HIDDEN)}">', ", markup"),
        ("</article>", f'</article><script type="{STATE}">{IN_STATE}</script>', ", widget state"),
    ],
)
def test_leak_in_page_is_found(course, old, new, where):
    page(course).write_text(page(course).read_text().replace(old, new))
    assert found(course) == {f"_build/html/notebooks/scales/scales.html{where}"}


def test_leak_in_downloadable_file_is_found(course):
    path = course.site / "_downloads" / "abc" / "scales.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"def own_scale(x, s):\n    {SOLUTION}\n")
    assert found(course) == {"_build/html/_downloads/abc/scales.py"}


def test_leak_in_search_index_is_found(course):
    for terms in (("scale", "scaledbythegivenfactor"), ("secretshap",)):
        index(course, *terms)
        assert found(course) == {"search/index.js"}


def test_leak_in_repeated_question_is_found(course):
    path = course.site / "_static" / "questions" / "scales.js"
    path.parent.mkdir(parents=True)
    questions = {"quiz": {"1": f"<p>Which line?</p>\n<pre>{IN_SPANS}</pre>"}}
    path.write_text(f'(globalThis.courseQuestions ??= {{}})["scales"] = {json.dumps(questions)};\n')
    assert found(course) == {"_build/html/_static/questions/scales.js"}


def test_leak_in_search_quote_is_found(course):
    index(course, text=f'A "quoted" word, then {SOLUTION} and more.')
    assert found(course) == {"_build/html/search/notebooks/scales/scales.js"}


def test_word_shown_in_output_may_be_indexed(course):
    index(course, "secretshap")
    for path in (course.release("scales"), copy(course)):
        in_notebook(path, lambda notebook: add_output(notebook, "secret_shape\n"))
    assert found(course) == set()


def test_unbuilt_page_raises_an_error(course):
    page(course).unlink()
    with pytest.raises(FileNotFoundError, match="not built"):
        found(course)


def test_command_fails_and_names_the_leak(course, monkeypatch):
    monkeypatch.setattr(author_commands, "ROOT", course.root)
    monkeypatch.setattr(author_commands.answer_lines, "published", lambda *_: [])  # test_answer_lines.py tests it
    said = "chapter 1 of 1, scales [ 0%] 1 chapters, the student copy, and two wheels searched, 0 leaks"
    assert authored("leaks") == said
    page(course).write_text(page(course).read_text().replace("Multiply", SOLUTION))
    leaky = authored("leaks", status=1)
    assert "_build/html/notebooks/scales/scales.html" in leaky
    assert "scaled_by_the_given_factor=x*s" in leaky
