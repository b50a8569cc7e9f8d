"""Test that a change in any input invalidates everything that depends on it, and nothing else."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from importlib import metadata

import nbformat
import pytest
from made_results import CHAPTER

from authoring.book import changes
from authoring.course import Course
from authoring.notebooks import fingerprint
from autograder import keys
from autograder.grading import result_key
from autograder.model import Batch
from autograder.reach import Sources
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.regions import BEGIN_HIDDEN
from autograder.validation import cache as validate_cache
from tests.root import ROOT

COURSE = Course(ROOT)
SOURCES = Sources.of(ROOT)
REQUIREMENTS = keys.lock(ROOT)
CHAPTERS = COURSE.chapters
GRADED = chapters.names(ROOT)


def explorer_kinds() -> list[tuple[str, str]]:
    """Return the class and the module of each kind of explorer."""
    listed = (ROOT / "layerlab" / "__init__.py").read_text(encoding="utf-8")
    return [(kind, name) for name, kind in re.findall(r"from layerlab\.explorers\.kinds\.(\w+) import (\w+)", listed)]


# Maps a file to what a change in it invalidates, written by hand. The first matching pattern counts.
#   notebooks   of the chapters whose text matches this; "" for none
#   validate    every table
#   grades      every recorded grade
#   feedback    the pages of recorded results, without grading
#   pages       the book
KINDS = ("validate", "grades", "feedback", "pages")
GRADER = ("validate", "grades")
ANY = "import layerlab"
EXPLORER = r"lab\.explorer\("
TABLE: dict[str, tuple[str, tuple[str, ...]]] = {
    # modules that only re-export names, or are empty
    "autograder/__init__.py": ("", KINDS),
    "*/__init__.py": ("", ()),
    # modules that notebooks import
    "layerlab/unfinished.py": ("", GRADER),
    "layerlab/__main__.py": ("", ()),
    "layerlab/reset.py": ("", ()),
    "layerlab/points.py": (r"lab\.points\(", ()),
    "layerlab/checks/*": (r"lab\.compare\(", GRADER),
    **{f"layerlab/explorers/kinds/{name}.py": (rf"lab\.{kind}\(", ()) for kind, name in explorer_kinds()},
    "layerlab/explorers/page/store.mjs": (EXPLORER, ("pages",)),  # The book's own scripts store answers with it.
    "layerlab/explorers/*": (EXPLORER, ()),
    "layerlab/figures.py": (r"lab\.(compare|shapes_through)\(", GRADER),
    "layerlab/graded/tolerances.py": (r"lab\.compare\(", GRADER),
    "layerlab/graded/observation.py": (r"lab\.(claim|observe|compare|explorer)\(", GRADER),
    "layerlab/graded/laws.py": (r"lab\.task\(", GRADER),
    "layerlab/graded/tasks.py": (r"lab\.task\(", GRADER),
    "layerlab/graded/wire.py": (r"lab\.(claim|observe|compare|explorer)\(", GRADER),
    "layerlab/ranks.py": (r"lab\.ranks\(", GRADER),
    "layerlab/style.py": (r"layerlab\.style|lab\.(style|compare|explorer)\(", (*GRADER, "pages")),
    # modules that everything shares
    "autograder/model.py": ("", KINDS),
    "autograder/practising.py": ("", ("pages",)),
    "autograder/plain.py": ("", (*GRADER, "feedback", "pages")),
    "autograder/quoted_bullets.py": ("", ("grades", "feedback", "pages")),
    "autograder/reasons.py": ("", ("grades", "feedback", "pages")),
    # modules that read chapters: grades and tables depend on their output
    "autograder/texts/claims.py": ("", (*GRADER, "pages")),
    "autograder/texts/parser.py": ("", (*GRADER, "pages")),
    "autograder/texts/quiz.py": ("", ()),
    "autograder/texts/regions.py": ("", ("validate", "pages")),
    "autograder/texts/text.py": ("", ()),
    "autograder/texts/*": ("", ("pages",)),
    # modules that run and judge submissions
    "autograder/sandbox/inside/passed_arguments.py": ("", ("validate",)),
    "autograder/sandbox/inside/*": ("", GRADER),
    "autograder/sandbox/driver/*": ("", GRADER),
    "autograder/judging/*": ("", GRADER),
    "autograder/submissions/late_definitions.py": ("", ("grades",)),
    "autograder/submissions/beside.py": ("", ("grades",)),
    "autograder/submissions/student_files.py": ("", ("grades",)),
    "autograder/submissions/rebuild.py": ("", ("grades",)),
    "autograder/submissions/*": ("", GRADER),
    "autograder/grading/mistakes.py": ("", GRADER),
    "autograder/grading/unexplained.py": ("", GRADER),
    "autograder/grading/partial_mistakes.py": ("", GRADER),
    "autograder/grading/grader.py": ("", ("grades",)),
    "autograder/grading/mistake_observations.py": ("", ("grades",)),
    "autograder/grading/verdicts.py": ("", GRADER),
    "autograder/grading/error_sentence.py": ("", GRADER),
    "autograder/grading/result_key.py": ("", ()),
    # modules that write: output that can't be rewritten is part of a grade; feedback pages are only rewritten
    "autograder/recording/autograded.py": ("", ("grades",)),
    "autograder/recording/gradebook.py": ("", ("grades",)),
    "autograder/recording/whole_files.py": ("", ("feedback", "pages")),
    "autograder/recording/templates/claims.html": ("", ("grades", "feedback")),
    "autograder/recording/feedback.py": ("", ("feedback",)),
    "autograder/recording/markdown.py": ("", ("feedback",)),
    "autograder/recording/page_parts.py": ("", ("feedback",)),
    "autograder/recording/templates/*": ("", ("feedback",)),
    "autograder/recording/*": ("", ()),
    # modules that test the tests
    "autograder/validation/cache.py": ("", ()),
    "autograder/validation/lost_claims.py": ("", ("pages",)),
    "autograder/validation/outcome.py": ("", ("validate", "pages")),
    "autograder/validation/soak.py": ("", ()),
    "autograder/validation/table.py": ("", ()),
    "autograder/commands/edges.py": ("", ()),
    "autograder/validation/*": ("", ("validate",)),
    # modules that start the others, report, or create submissions
    "autograder/classroom/*": ("", ()),
    "autograder/sample_class/*": ("", ()),
    "autograder/__main__.py": ("", ()),
    "autograder/benchmark/*": ("", ()),
    "autograder/cli.py": ("", ()),
    "autograder/commands/texts.py": ("", ("validate",)),
    "autograder/commands/*": ("", ()),
    "autograder/keys.py": ("", ()),
    "autograder/preprocessor.py": ("", ()),
    "autograder/reach.py": ("", ()),
    # modules that make notebooks and pages: changes are tried on them at once, and good results stay valid
    "authoring/*": ("", ()),
}


@cache
def text_of(chapter: str) -> str:
    return COURSE.text(chapter).read_text(encoding="utf-8")


@cache
def code_of(chapter: str) -> tuple[str, ...]:
    return tuple(fingerprint.code_of(COURSE.text(chapter)))


@cache
def site_contents() -> dict[str, bytes]:
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in changes.sources(ROOT)}


def extensions() -> dict[str, bytes]:
    return {name: content for name, content in site_contents().items() if name.startswith("book/_ext/")}


def notebook_key(chapter: str, sources: Sources = SOURCES, requirements: str = REQUIREMENTS) -> str:
    return fingerprint.fingerprint_of(text_of(chapter).encode(), code_of(chapter), requirements, sources)


def all_keys(sources: Sources) -> dict[str, str]:
    """Return the key of everything that code decides, by name; a notebook has the name of its chapter."""
    return {chapter: notebook_key(chapter, sources) for chapter in CHAPTERS} | {
        "validate": validate_cache.tools_key(sources),
        "grades": result_key.grader_key_of(sources),
        "feedback": result_key.feedback_key(CHAPTER, sources),
        "pages": changes.inputs_of(extensions(), sources).rest,
    }


@cache
def before() -> dict[str, str]:
    return all_keys(SOURCES)


def expected(path: str) -> set[str]:
    """Return what a change in a file invalidates according to the table; fail if no pattern matches the file."""
    fitting = [row for pattern, row in TABLE.items() if fnmatchcase(path, pattern)]
    assert fitting, f"{path} is in no row of TABLE: what has to be made again when it changes?"
    says, kinds = fitting[0]
    return {chapter for chapter in CHAPTERS if says and re.search(says, text_of(chapter))} | set(kinds)


@pytest.mark.parametrize("path", sorted(SOURCES.files))
def test_file_change_invalidates_only_dependent_keys(path):
    planted = Sources({**SOURCES.files, path: SOURCES.files[path] + b"\n\n"})
    after = all_keys(planted)
    assert {name for name, found in after.items() if found != before()[name]} == expected(path)


def test_every_table_row_names_a_file():
    unused = [pattern for pattern in TABLE if not any(fnmatchcase(path, pattern) for path in SOURCES.files)]
    assert unused == []


# --- a chapter ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHAPTERS)
def test_text_change_makes_its_notebook_stale(name):
    now = fingerprint.fingerprint_of(f"{text_of(name)}\nA word.\n".encode(), code_of(name), REQUIREMENTS, SOURCES)
    assert now != notebook_key(name)


@cache
def reference(name: str) -> nbformat.NotebookNode:
    return nbformat.read(COURSE.reference(name), as_version=4)


def changed_cell(name: str, wanted, more: str, below: str = "") -> nbformat.NotebookNode:
    """Return a chapter's reference with a line added to the first matching cell, at its end or after ``below``."""
    notebook = copy.deepcopy(reference(name))
    cell = next(cell for cell in notebook.cells if wanted(cell))
    cell.source = cell.source.replace(below, f"{below}\n{more}") if below else f"{cell.source}\n{more}"
    return notebook


def graded(notebook: nbformat.NotebookNode, name: str) -> tuple[str, dict[str, str]]:
    """Return the key of a result of this chapter, and the keys of its tables by exercise."""
    chapter, variants = chapters.from_notebook(notebook, name), variant_file.load(chapters.load(COURSE.reference(name)))
    tables = {e.name: validate_cache.table_key("tools", chapter, e, variants.cells) for e in chapter.exercises}
    return result_key.result_key(chapter, Batch(1, 2), b"a submission"), tables


def moved(was: dict[str, str], now: dict[str, str]) -> list[str]:
    return [name for name in was if was[name] != now[name]]


@pytest.mark.parametrize("name", GRADED)
def test_chapter_change_invalidates_only_affected_exercises(name):
    was, tables = graded(reference(name), name)
    exercises = list(tables)
    middle = exercises[len(exercises) // 2]

    def of_middle(kind):
        return lambda cell: cell.metadata.get("layerlab", {}).get("exercise") == middle and cell.metadata.nbgrader[kind]

    def is_code(cell):
        return cell.cell_type == "code" and "nbgrader" not in cell.metadata

    words = changed_cell(name, lambda cell: cell.cell_type == "markdown", "A word.")
    assert graded(words, name) == (was, tables)

    test = graded(changed_cell(name, of_middle("grade"), "pass", below=BEGIN_HIDDEN), name)
    assert test[0] != was
    assert moved(tables, test[1]) == [middle]

    solution = graded(changed_cell(name, of_middle("solution"), "pass"), name)
    assert solution[0] != was
    assert moved(tables, solution[1]) == exercises[exercises.index(middle) :]

    provided = graded(changed_cell(name, is_code, "pass"), name)
    assert provided[0] != was
    assert moved(tables, provided[1]) == exercises


@pytest.mark.parametrize("name", GRADED)
def test_variant_change_invalidates_only_its_exercise_table(name):
    chapter, variants = (
        chapters.from_notebook(reference(name), name),
        variant_file.load(chapters.load(COURSE.reference(name))),
    )
    _, tables = graded(reference(name), name)

    def now(cells):
        return {e.name: validate_cache.table_key("tools", chapter, e, cells) for e in chapter.exercises}

    shifted = [replace(cell, line=cell.line + 7) for cell in variants.cells]
    assert now(shifted) == tables
    at = len(variants.cells) // 2
    for field in ("title", "sentence", "source"):
        one = replace(variants.cells[at], **{field: getattr(variants.cells[at], field) + " "})
        assert moved(tables, now([*variants.cells[:at], one, *variants.cells[at + 1 :]])) == [one.exercise]


def test_seed_secret_and_submission_change_result_key():
    chapter = chapters.from_notebook(reference(GRADED[0]), GRADED[0])
    asked = [(Batch(1, 2), b"a"), (Batch(2, 2), b"a"), (Batch(1, 3), b"a"), (Batch(1, 2), b"b"), (Batch(1, 2), None)]
    assert len({result_key.result_key(chapter, batch, content) for batch, content in asked}) == len(asked)


# --- the book -------------------------------------------------------------------------------------------------------


def test_page_change_rebuilds_one_page_other_changes_everything():
    shortest = min(GRADED, key=lambda name: len(text_of(name)))
    others = [name for name in site_contents() if name.endswith(".ipynb") and f"/{shortest}/" not in name]
    contents = {name: content for name, content in site_contents().items() if name not in others}
    was = changes.inputs_of(contents, SOURCES)
    for name, content in contents.items():
        is_page = name.endswith((".md", ".ipynb")) or name.startswith("autograder/variants/")
        more = b"\n\nA word.\n" if name.endswith(".md") else b"\n"
        now = changes.inputs_of({**contents, name: content + more}, SOURCES)
        assert changes.changed(was, now) == ([name] if is_page else None), name
    assert len(extensions()) > 10


# --- pins -----------------------------------------------------------------------------------------------------------


def test_only_runtime_pins_change_notebook_keys():
    was = {chapter: notebook_key(chapter) for chapter in CHAPTERS}
    runs_on = {keys.normalised(name) for name in fingerprint.RUNS_ON}
    assert runs_on < keys.pins(REQUIREMENTS).keys()
    for name in keys.pins(REQUIREMENTS):
        planted = re.sub(rf"(?mi)^({name.replace('-', '[-_.]')}==)", r"\g<1>9", REQUIREMENTS)
        assert planted != REQUIREMENTS
        asked = CHAPTERS if name in runs_on else CHAPTERS[:1]
        assert {notebook_key(chapter, requirements=planted) != was[chapter] for chapter in asked} == {name in runs_on}


@pytest.mark.parametrize("name", sorted({*validate_cache.LIBRARIES, *result_key.LIBRARIES, "click"}))
def test_library_versions_change_grade_and_table_keys(name, monkeypatch):
    was = validate_cache.tools_key(SOURCES), result_key.grader_key_of(SOURCES)
    found = metadata.version
    monkeypatch.setattr(metadata, "version", lambda asked: "0.1" if asked == name else found(asked))
    now = validate_cache.tools_key(SOURCES), result_key.grader_key_of(SOURCES)
    assert now[0] != was[0] if name in validate_cache.LIBRARIES else now[0] == was[0]
    assert now[1] != was[1] if name in result_key.LIBRARIES else now[1] == was[1]


def test_pins_are_read_despite_hashes_and_comments():
    lock = """\
# made by a tool
torch==2.13.0 ; python_version >= "3.11" \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via layerlab (pyproject.toml)
matplotlib_inline[extra]==0.1.7 \\
    --hash=sha256:cc==dd
numpy==2.3.4# said here
"""
    assert keys.pins(lock) == {"torch": "2.13.0", "matplotlib-inline": "0.1.7", "numpy": "2.3.4"}
    assert keys.pinned(lock, ("Matplotlib-Inline", "ruff")) == {"Matplotlib-Inline": "0.1.7", "ruff": "?"}


# --- keys -----------------------------------------------------------------------------------------------------------


def test_key_depends_on_names_and_contents(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    assert keys.key(a=path) == keys.key(a=b"x")
    made = [keys.key(a=b"x"), keys.key(b=b"x"), keys.key(a="x"), keys.key(a=["x"]), keys.key(a="x", b=""), keys.key()]
    assert len(set(made)) == len(made)
    with pytest.raises(TypeError, match="not made of set"):
        keys.key(a={"x"})


def test_files_are_found_at_any_depth(tmp_path):
    def write(name: str) -> Iterator[str]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
        yield from keys.files(tmp_path, ["in/**/*.py", "one.txt"])

    assert list(write("in/a.py")) == ["in/a.py"]
    assert list(write("in/deep/er/b.py")) == ["in/a.py", "in/deep/er/b.py"]
    assert list(write("in/__pycache__/c.py")) == ["in/a.py", "in/deep/er/b.py"]
    assert list(write("one.txt"))[-1] == "one.txt"


def test_removing_a_missing_field_raises_an_error():
    assert keys.without({"a": 1, "b": 2}, "b") == {"a": 1}
    with pytest.raises(LookupError, match="no field 'c' among a, b"):
        keys.without({"a": 1, "b": 2}, "c")
