"""Test that a change in any input invalidates everything that depends on it, and nothing else."""

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path

import nbformat
import pytest

from authoring.notebooks import fingerprint
from autograder import keys
from autograder.grading import result_key
from autograder.model import Batch
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.regions import BEGIN_HIDDEN
from autograder.validation import cache as validate_cache
from tests.root import COURSE, ROOT

REQUIREMENTS = (ROOT / keys.LOCK).read_text() + (ROOT / keys.TORCH).read_text()
CHAPTERS = COURSE.chapters
GRADED = chapters.names(ROOT)

# What a change in each file invalidates, listed by hand.
EVERYTHING = {"notebooks", "tables", "grades", "pages"}
TABLE: dict[str, set[str]] = {
    "layerlab/style.py": EVERYTHING - {"tables"},
    "layerlab/reset.py": {"grades"},
    "layerlab/checks/causes/axes.py": EVERYTHING - {"tables"},
    "layerlab/graded/wire.py": EVERYTHING,
    "layerlab/explorers/kinds/heat.py": EVERYTHING - {"tables"},
    "layerlab/explorers/page/store.mjs": EVERYTHING - {"tables"},
    "autograder/model.py": {"tables", "grades", "pages"},
    "autograder/texts/claims.py": {"tables", "grades", "pages"},
    "autograder/texts/facts.py": {"grades", "pages"},
    "autograder/sandbox/inside/walls/view.py": {"grades"},
    "autograder/sandbox/driver/run.py": {"grades"},
    "layerlab/judging/judges.py": {"notebooks", "tables", "grades", "pages"},
    "layerlab/rules/watch.py": {"tables", "grades"},
    "autograder/validation/edges/domains.py": {"tables", "grades"},
    "autograder/recording/templates/feedback.html": {"grades"},
    "autograder/classroom/ledger.py": {"grades"},
    "authoring/book/leaks.py": set(),
}
PATTERNS = {"notebooks": keys.NOTEBOOKS, "tables": keys.TABLES, "grades": keys.GRADES, "pages": keys.PAGES}

# The modules that make a result; `validate` loads more than its key holds.
MAKERS = {"grades": "autograder.classroom.grade_class", "pages": "coursebook"}
LOADED = """
import importlib, json, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for found in pkgutil.walk_packages(getattr(package, "__path__", []), f"{package.__name__}."):
    importlib.import_module(found.name)
ours = [module for name, module in sys.modules.items() if name.split(".")[0] in ("autograder", "layerlab")]
print(json.dumps([module.__file__ for module in ours if module.__file__]))
"""


MODULE = '"""Say."""\n\n\ndef double(x):\n    """Double."""\n    return 2 * x\n'


@pytest.mark.parametrize(
    ("name", "changed", "same"),
    [
        ("a.py", MODULE.replace("Say", "Tell").replace('"""Double."""\n', '"""Return it."""  # why\n\n'), True),
        ("a.py", MODULE.replace('    """Double."""\n', ""), True),
        ("a.py", MODULE.replace("2 * x", "3 * x"), False),
        ("a.py", MODULE.replace("2 * x", "'2' * x"), False),
        ("a.py", MODULE.replace("def double(x)", "def double(x=1)"), False),
        ("a.py", MODULE.replace("    return", "    x\n    return"), False),
        ("a.mjs", MODULE.replace("Say", "Tell"), False),
    ],
)
def test_only_docstrings_and_comments_change_no_key_of_code(tmp_path, name, changed, same):
    (tmp_path / name).write_text(MODULE)
    before, whole = keys.code(tmp_path, ["*"]), keys.files(tmp_path, ["*"])
    (tmp_path / name).write_text(changed)
    assert (keys.code(tmp_path, ["*"]) == before) is same
    assert keys.files(tmp_path, ["*"]) != whole


def test_key_of_code_is_the_same_in_every_python(tmp_path):
    (tmp_path / "a.py").write_text(MODULE)
    assert keys.code(tmp_path, ["*"]) == {"a.py": "f81b893f0f62c8f4660ec53fb3212965d67327b5a8bb3903f7b91256975ccd74"}


def test_notebooks_depend_on_layerlab_but_not_on_its_commands():
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "layerlab").glob("*.py")}
    commands = {"layerlab/__main__.py", "layerlab/reset.py"}
    assert modules - keys.files(ROOT, keys.NOTEBOOKS).keys() == commands


@pytest.mark.parametrize(("path", "kinds"), TABLE.items())
def test_file_change_invalidates_results_it_decides(path, kinds):
    assert (ROOT / path).is_file()
    assert {kind for kind, patterns in PATTERNS.items() if path in keys.files(ROOT, patterns)} == kinds


@pytest.mark.parametrize("kind", MAKERS)
def test_patterns_hold_every_loaded_module(kind):
    env = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'book' / '_ext'}"}
    command = [sys.executable, "-c", LOADED, MAKERS[kind]]
    said = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=env, text=True).stdout
    loaded = {Path(file).relative_to(ROOT).as_posix() for file in json.loads(said)}
    assert any(name.startswith("autograder/texts/") for name in loaded)
    counted = keys.files(ROOT, PATTERNS[kind])
    assert {name for name in loaded - counted.keys() if not name.endswith("__init__.py")} == set()


def test_keys_follow_the_code_they_name(tmp_path):
    module = tmp_path / "layerlab" / "judging" / "judges.py"
    module.parent.mkdir(parents=True)
    found = []
    for text in ("A = 1", "A = 2"):
        module.write_text(text)
        found.append((validate_cache.code_key(tmp_path), result_key.grader_key_of(tmp_path)))
    assert all(before != after for before, after in zip(*found, strict=True))


# --- a chapter ------------------------------------------------------------------------------------------------------


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
    """Return a result's key for this chapter, and the key of each exercise's table."""
    chapter, variants = chapters.from_notebook(notebook, name), variant_file.load(chapters.load(COURSE.reference(name)))
    tables = {e.name: validate_cache.table_key("tools", chapter, e, variants.cells) for e in chapter.exercises}
    return result_key.result_key(chapter, Batch(1, 2), b"a submission"), tables


def moved(was: dict[str, str], now: dict[str, str]) -> list[str]:
    return [name for name in was if was[name] != now[name]]


@pytest.mark.parametrize("name", GRADED[::8])
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

    for wanted, below, invalid in (
        (of_middle("grade"), BEGIN_HIDDEN, [middle]),
        (of_middle("solution"), "", exercises[exercises.index(middle) :]),
        (is_code, "", exercises),
    ):
        key, now = graded(changed_cell(name, wanted, "pass", below=below), name)
        assert key != was
        assert moved(tables, now) == invalid


@pytest.mark.parametrize("name", GRADED[::8])
def test_variant_change_invalidates_only_its_exercise_table(name):
    chapter = chapters.from_notebook(reference(name), name)
    variants = variant_file.load(chapters.load(COURSE.reference(name)))
    _, tables = graded(reference(name), name)

    def now(cells):
        return {e.name: validate_cache.table_key("tools", chapter, e, cells) for e in chapter.exercises}

    reworded = [replace(cell, line=cell.line + 7, sentence=f"{cell.sentence} More.") for cell in variants.cells]
    assert now(reworded) == tables
    at = len(variants.cells) // 2
    for field in ("title", "source"):
        one = replace(variants.cells[at], **{field: getattr(variants.cells[at], field) + " "})
        assert moved(tables, now([*variants.cells[:at], one, *variants.cells[at + 1 :]])) == [one.exercise]


def test_seed_secret_and_submission_change_result_key():
    chapter = chapters.from_notebook(reference(GRADED[0]), GRADED[0])
    asked = [(Batch(1, 2), b"a"), (Batch(2, 2), b"a"), (Batch(1, 3), b"a"), (Batch(1, 2), b"b"), (Batch(1, 2), None)]
    assert len({result_key.result_key(chapter, batch, content) for batch, content in asked}) == len(asked)


# --- pins -----------------------------------------------------------------------------------------------------------


def test_only_runtime_pins_change_notebook_keys(tmp_path):
    text = tmp_path / "text.md"
    text.write_text("# A text")
    runs_on, pins = set(fingerprint.RUNS_ON), keys.pins(ROOT)
    assert runs_on < pins.keys()

    def key(lock: str) -> str:
        for name in (keys.LOCK, keys.TORCH):
            (tmp_path / name).write_text(lock if name == keys.LOCK else "")
        return fingerprint.fingerprint(text, tmp_path)

    was = key(REQUIREMENTS)
    for name in pins:
        planted = re.sub(rf"(?m)^({name}==)", r"\g<1>9", REQUIREMENTS)
        assert planted != REQUIREMENTS
        assert (key(planted) != was) == (name in runs_on), name
    text.write_text("# Another text")
    assert key(REQUIREMENTS) != was


@pytest.mark.parametrize("name", sorted({*validate_cache.LIBRARIES, *result_key.LIBRARIES, "click"}))
def test_library_versions_change_grade_and_table_keys(name, monkeypatch):
    was = validate_cache.code_key(), result_key.grader_key_of(ROOT)
    found = metadata.version
    monkeypatch.setattr(metadata, "version", lambda asked: "0.1" if asked == name else found(asked))
    now = validate_cache.code_key(), result_key.grader_key_of(ROOT)
    assert now[0] != was[0] if name in validate_cache.LIBRARIES else now[0] == was[0]
    assert now[1] != was[1] if name in result_key.LIBRARIES else now[1] == was[1]


def test_pins_are_read_despite_hashes_and_comments(tmp_path):
    lock = """\
# made by a tool
packaging==25.0 ; python_version >= "3.11" \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via layerlab (pyproject.toml)
matplotlib-inline[extra]==0.1.7 \\
    --hash=sha256:cc==dd
numpy==2.3.4# said here
"""
    (tmp_path / keys.LOCK).write_text(lock)
    (tmp_path / keys.TORCH).write_text("torch==2.13.0\n")
    pins = {"packaging": "25.0", "matplotlib-inline": "0.1.7", "numpy": "2.3.4", "torch": "2.13.0"}
    assert keys.pins(tmp_path) == pins


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
