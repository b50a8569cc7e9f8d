"""Test that the leak search finds a leak in every place that it searches."""

import html
import json
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest

from authoring import author_commands
from authoring.book import leaks
from authoring.book.leaks import answers, search, search_folder, secrets
from authoring.notebooks.notebook_file import dumps
from authoring.notebooks.release import release
from autograder.course import Course
from autograder.practicing import wheel_name
from autograder.texts import text
from autograder.texts.regions import STUB
from tests.root import COURSE, SCALES
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
    index(course)
    return course


def page(course: Course) -> Path:
    return course.site / "notebooks" / "scales" / "scales.html"


def copy(course: Course) -> Path:
    return course.site / "_sources" / "notebooks" / "scales" / "scales.ipynb"


def index(course: Course) -> None:
    """Write the search index for one section, and the text that the search quotes."""
    quoted = course.site / "search" / "notebooks" / "scales" / "scales.js"
    quoted.parent.mkdir(parents=True, exist_ok=True)
    quoted.write_text(f"courseSearch.texts({json.dumps([0, ['Multiply, then add.']])});\n")
    (course.site / "search" / "index.js").write_text('courseSearch.index({"pages":[["notebooks/scales/scales"]]});\n')


def found(course: Course) -> set[str]:
    return {leak.where for leak in search(course, ["scales"])}


def in_notebook(path: Path, change) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(dumps(notebook))


def test_secrets_come_only_from_solution_and_test_regions(course):
    content = course.text("scales").read_text()
    secret = secrets(content)
    assert {*("".join(line.split()) for line in (SOLUTION, HIDDEN)), "y=xreturny"} <= secret
    assert not {"y=x", "defown_scale(x,s):"} & secret
    assert "returnx+total" not in secret, "the faulty start is released"
    assert secrets(f"{SOLUTION}\n### BEGIN SOLUTION\n  {SOLUTION}\n### END SOLUTION\n") == set()


def add_source(notebook, leak):
    notebook.cells[-1].source += f"\n\n{leak}"


def add_metadata(notebook):
    notebook.cells[-1].metadata["before"] = f"def own_scale(x, s):\n    {SOLUTION}"


def add_output(notebook):
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.outputs = [nbformat.v4.new_output("stream", text=f"Signature:\n{SOLUTION}\n")]


def add_widget(notebook):
    state = {"abc": {"state": {"code": f'"use"\n{HIDDEN}'}}}
    notebook.metadata.widgets = {STATE: {"state": state}}


@pytest.mark.parametrize(
    ("file", "plant"),
    [
        *((Course.release, leak) for leak in (SOLUTION, HIDDEN, "\n".join(PAIR), "   y =  x\n\n      return   y")),
        *((Course.release, plant) for plant in (add_metadata, add_output, add_widget)),
        (copy, SOLUTION),
    ],
)
def test_leak_in_any_part_of_a_notebook_is_found(course, file, plant):
    path = file(course, "scales") if file is Course.release else file(course)
    in_notebook(path, plant if callable(plant) else lambda notebook: add_source(notebook, plant))
    assert found(course) == {path.relative_to(course.root).as_posix()}


IN_SPANS = "".join(f"<span class='n'>{html.escape(word)}</span> " for word in HIDDEN.split())
IN_STATE = json.dumps({"state": {"abc": {"state": {"code": HIDDEN}}}})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</article>", f"<pre>{IN_SPANS}</pre></article>"),
        ("<p>", f'<p title="{html.escape(HIDDEN)}">'),
        ("</article>", f'</article><script type="{STATE}">{IN_STATE}</script>'),
    ],
)
def test_leak_in_page_is_found(course, old, new):
    page(course).write_text(page(course).read_text().replace(old, new))
    assert found(course) == {"_build/html/notebooks/scales/scales.html"}


QUESTIONS = {"quiz": {"1": f"<p>Which line?</p>\n<pre>{IN_SPANS}</pre>"}}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_downloads/abc/scales.py", f"def own_scale(x, s):\n    {SOLUTION}\n"),
        ("_static/questions/scales.js",
         f'(globalThis.courseQuestions ??= {{}})["scales"] = {json.dumps(QUESTIONS)};\n'),
        ("search/notebooks/scales/scales.js",
         f"courseSearch.texts({json.dumps([0, [f'A word, then {SOLUTION} and more.']])});\n"),
    ],
)  # fmt: skip
def test_leak_in_other_file_of_the_chapter_is_found(course, name, content):
    path = course.site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    assert found(course) == {f"_build/html/{name}"}


def test_unbuilt_page_raises_an_error(course):
    page(course).unlink()
    with pytest.raises(FileNotFoundError, match="not built"):
        found(course)


def test_command_fails_and_names_the_leak(course, monkeypatch):
    monkeypatch.setattr(author_commands, "ROOT", course.root)
    monkeypatch.setattr(leaks, "search_published", lambda *_: [])  # tested below
    assert authored("leaks") == "1 chapters, the student copy, and two wheels searched, 0 leaks"
    page(course).write_text(page(course).read_text().replace("Multiply", SOLUTION))
    leaky = authored("leaks", status=1)
    assert "_build/html/notebooks/scales/scales.html" in leaky
    assert "scaled_by_the_given_factor=x*s" in leaky


# --- the student copy and wheels --------------------------------------------------------------------------------------

VARIANT, SENTENCE = "return x.clone().mul_(0.5 + 0 * s)", "Everything is scaled, even what is not marked."


@pytest.fixture
def secret(course):
    """Return the answers of the course above, to which a variant belongs that leaves a stub."""
    lines = [f"## own\n### wrong: all\n{SENTENCE}\n```diff\n-    {SOLUTION}\n+    {VARIANT}\n```\n", *STUB]
    course.answers("scales").write_text("\n".join(lines))
    return answers(course)


def leaks_in(folder, place, line, secret):
    """Write a notebook, a wheel, or a text file (depending on its suffix) that contains the line; search it."""
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".ipynb":
        path.write_text(json.dumps({"cells": [{"source": ["x = 1\n", *line.splitlines(keepends=True)]}]}))
    elif path.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("layerlab/other.md", f"x = 1\n{line}\n")
            archive.writestr("own.json", json.dumps({"test": f"x = 1\n{line}\n"}))
    else:
        path.write_text(f"x = 1\n{line}\n")
    return list(search_folder(folder, secret))


@pytest.mark.parametrize(
    "place", ["README.md", "notebooks/a/a.ipynb", f"notebooks/{wheel_name()}", "a.claims.zip", ".binder/postBuild"]
)
@pytest.mark.parametrize("line", [SOLUTION, VARIANT])
def test_planted_line_of_any_answer_is_found(tmp_path, secret, place, line):
    leak, *others = leaks_in(tmp_path / "copy", place, line, secret)
    assert len(others) == place.endswith((".whl", ".zip"))  # there, it is in two files
    assert leak.where.startswith(place)
    assert leak.secret.startswith("".join(line.split()))
    assert "book/chapters/scales/" in leak.secret


@pytest.mark.parametrize("line", [HIDDEN, SENTENCE])
def test_tests_and_sentences_of_mistakes_are_no_secret_in_a_copy(tmp_path, secret, line):
    """Notebooks run the hidden claims, and show the sentences."""
    assert leaks_in(tmp_path / "copy", "a.claims.zip", line, secret) == []


def test_our_own_code_may_share_a_short_line_but_no_two(course, tmp_path):
    text = course.text("scales")
    text.write_text(text.read_text().replace(SOLUTION, f"{SOLUTION}\n    # and the result is returned"))
    assert leaks_in(tmp_path / "copy", "layerlab/new.py", SOLUTION, answers(course)) == []
    pair = f"    {SOLUTION}\n\n    # and the result is returned"
    assert len(leaks_in(tmp_path / "copy", "layerlab/new.py", pair, answers(course))) == 1


@pytest.mark.parametrize("line", ["\n".join(STUB), "Multiply each column by its factor."])
def test_line_that_readers_see_is_no_leak(course, tmp_path, secret, line):
    course.text("scales").open("a").write("\nMultiply each column by its factor.\n")
    assert leaks_in(tmp_path / "copy", "notebooks/a/a.ipynb", line, answers(course)) == []


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return the folder with everything that students receive, and the leaks that the search finds in it."""
    folder = tmp_path_factory.mktemp("published")
    return folder, list(leaks.search_published(COURSE, folder))


def test_student_copy_and_wheels_have_no_answers(published, tmp_path):
    folder, leaks = published
    assert leaks == []
    assert {path.name.partition("-")[0] for path in folder.rglob("*.whl")} == {"layerlab", "layer_by_layer"}
    (path,) = folder.rglob("layer_by_layer*.whl")
    with zipfile.ZipFile(path) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert tops == {"layerlab", "autograder", f"{path.name.removesuffix('-py3-none-any.whl')}.dist-info"}
    shutil.copy(COURSE.reference("linear"), tmp_path)  # as a faulty workflow might
    secret = answers(COURSE)
    assert len(list(search_folder(tmp_path, secret))) > 50
    files = {f"book/chapters/{path.parent.name}/{name}" for path in COURSE.root.glob("book/chapters/*/answers.md")
             for name in (path.name, "text.md")}  # fmt: skip
    assert set(secret.values()) == files
