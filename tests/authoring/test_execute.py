"""Test how a text becomes an executed reference notebook, and when the notebook is stale."""

import json
import shutil
from pathlib import Path

import pytest

from authoring import author_commands
from authoring.notebooks import build, fingerprint
from authoring.notebooks.execute import execute
from authoring.notebooks.notebook_file import dumps
from autograder import keys
from autograder.course import Course, front_matter
from autograder.texts import reading_time
from autograder.texts.text import ChapterError
from tests.root import ROOT, SCALES
from tests.typed import authored

HEADER = SCALES.read_text().partition("# Scales")[0]


@pytest.fixture(scope="module")
def executed():
    return execute(SCALES, ROOT)


def pinned(folder: Path) -> Course:
    """Return a course that has only our requirements."""
    for name in ("requirements.txt", "requirements-torch.txt"):
        shutil.copy(ROOT / name, folder)
    return Course(folder)


@pytest.fixture
def course(tmp_path, executed):
    """Return a separate course whose only chapter has been executed."""
    course = pinned(tmp_path)
    course.text("scales").parent.mkdir(parents=True)
    shutil.copy(SCALES, course.text("scales"))
    shutil.copytree(ROOT / "layerlab", tmp_path / "layerlab", ignore=shutil.ignore_patterns("__pycache__"))
    executed.metadata.layerlab.fingerprint = fingerprint.fingerprint(course.text("scales"), tmp_path)
    course.reference("scales").parent.mkdir(parents=True)
    course.reference("scales").write_text(dumps(executed))
    build.write_release(course, "scales")
    return course


def written(tmp_path, body: str) -> Path:
    path = tmp_path / "small.md"
    path.write_text(f"{HEADER}# Small\n\n{body}\n")
    return path


def cell(code: str, option: str = "") -> str:
    return f"```{{code-cell}} ipython3\n{option}{code}\n```\n"


def test_executing_twice_gives_the_same_bytes(executed):
    again = execute(SCALES, ROOT)
    again.metadata.layerlab.fingerprint = executed.metadata.layerlab.fingerprint
    assert dumps(again) == dumps(executed)


def test_placeholders_contain_executed_values_and_leave_no_trace(executed):
    prose = "\n".join(c.source for c in executed.cells if c.cell_type == "markdown")
    assert "so the scale is 0.3333, in percent 33.3, and there are 12,000 rows." in prose
    code = [c for c in executed.cells if c.cell_type == "code"]
    assert [c.execution_count for c in code] == list(range(1, len(code) + 1))
    assert not any("_filled" in c.source for c in executed.cells)
    content = dumps(executed)
    assert "execution" not in executed.cells[1].metadata
    assert "version" not in {key for key in executed.metadata.language_info if key != "codemirror_mode"}
    assert str(ROOT) not in content
    assert executed.metadata.layerlab.torch.count(".") == 2


@pytest.mark.parametrize(
    ("body", "at", "sentence"),
    [
        (cell("a = 1\n\n1 / 0"), "1 / 0", "raised ZeroDivisionError: division by zero"),
        (cell("import sys\nprint('careful', file=sys.stderr)"), "import sys", "wrote to stderr: careful"),
        (cell("import warnings\nwarnings.warn('old', DeprecationWarning)"), "import warnings", "stderr.*old"),
        ("One.\n\nSee {{ undefined_name }}.", "See {{", "NameError: name 'undefined_name'"),
        (cell("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"), "import matplotlib", "no :alt:"),
        (cell("object()"), "object()", "memory address"),
        (cell("1", ":tags: [raises-exception]\n"), "1", "raised nothing"),
        (cell("import os\nos._exit(3)"), "import os", "kernel died"),
    ],
)
def test_mistakes_are_reported_with_their_line(tmp_path, body, at, sentence):
    path = written(tmp_path, body)
    line = next(i for i, row in enumerate(path.read_text().splitlines(), 1) if row.startswith(at))
    with pytest.raises(ChapterError, match=sentence) as caught:
        execute(path, ROOT)
    assert caught.value.line == line


def test_expected_exception_is_kept(tmp_path):
    notebook = execute(written(tmp_path, cell("1 / 0", ":tags: [raises-exception]\n")), ROOT)
    assert notebook.cells[-1].outputs[0].ename == "ZeroDivisionError"


def test_freshly_built_course_passes_the_check(course, monkeypatch):
    assert build.stale(course, ["scales"]) == []
    assert build.check(course) == []
    monkeypatch.setattr(reading_time, "WORDS_A_MINUTE", 20)
    assert build.stale(course, ["scales"]) == ["scales"]


def test_changed_text_is_stale_but_not_its_front_matter(course):
    text = course.text("scales")
    text.write_text(text.read_text().replace("\n---\n", "\ncourse:\n  about: a scale\n---\n", 1))
    assert front_matter(text) == {"about": "a scale"}
    assert build.check(course) == []
    text.write_text(text.read_text() + "\nOne more word.\n")
    assert build.stale(course, ["scales"]) == ["scales"]
    assert [finding.sentence for finding in build.check(course)] == [
        "text, pins or the layerlab modules it uses changed since it was executed"
    ]


@pytest.mark.parametrize(
    ("file", "name", "is_stale"),
    [
        ("requirements-torch.txt", "torch", True),
        ("requirements.txt", "numpy", True),
        ("requirements.txt", "ruff", False),
        ("layerlab/graded/wire.py", "", True),
    ],
)
def test_new_pin_or_layerlab_makes_dependent_outputs_stale(course, file, name, is_stale):
    path = course.root / file
    pin = f"{name}=={keys.pins(course.root)[name]}" if name else ""
    path.write_text(path.read_text().replace(pin, f"{pin}.1") if name else f"{path.read_text()}CHANGED = 1\n")
    assert bool(build.stale(course, ["scales"])) is is_stale


def test_notebook_edited_by_hand_is_detected(course):
    for path in (course.reference("scales"), course.release("scales")):
        before = path.read_text()
        notebook = json.loads(before)
        notebook["cells"][0]["source"] = "# By hand"
        path.write_text(json.dumps(notebook))
        assert len(build.check(course)) == 1, path
        path.write_text(before)


def test_missing_orphaned_and_large_notebooks_are_reported(course, monkeypatch):
    monkeypatch.setattr(build, "LARGEST", 1000)
    course.release("scales").unlink()
    stray = course.root / "notebooks" / "old" / "old.ipynb"
    stray.parent.mkdir()
    stray.write_text("{}")
    assert {finding.sentence for finding in build.check(course)} == {
        "has no student notebook",
        "solutions/scales/scales.ipynb is over 1 kB",
        "notebooks/old/old.ipynb belongs to no chapter's text",
    }


def test_several_chapters_run_despite_one_failure(tmp_path):
    course = pinned(tmp_path)
    (tmp_path / "layerlab").mkdir()
    for name, code in {"a": "1 + 1", "b": "1 / 0"}.items():
        course.text(name).parent.mkdir(parents=True)
        course.text(name).write_text(f"{HEADER}# {name}\n\n{cell(code)}")
    ticks: list[str] = []
    found = build.run(course, ["a", "b"], lambda chapter, cells: lambda: ticks.append(chapter))
    assert [finding.chapter for finding in found] == ["b"]
    assert course.reference("a").exists()
    assert not course.reference("b").exists()
    assert ticks.count("a") == 2


def test_values_stored_on_another_processor_are_kept(course):
    path = course.reference("scales")
    stored = path.read_text().replace("0.3333", "0.3334")
    assert stored != path.read_text()
    path.write_text(stored)
    assert build.run(course, ["scales"], lambda chapter, cells: lambda: None) == []
    assert path.read_text() == stored


def test_commands_check_and_notebooks_report_their_work(course, monkeypatch):
    monkeypatch.setattr(author_commands, "ROOT", course.root)
    assert authored("check") == "1 chapters: every notebook was made from today's text and pins"
    assert authored("notebooks").startswith("0 executed, 0 released, of 1")

    text = course.text("scales")
    text.write_text(text.read_text().replace("rows = 12 * 1000", "rows = 13 * 1000"))
    assert "changed since it was executed" in authored("check", status=1)
    assert "1 executed, 1 released, of 1" in authored("notebooks", "scales")
    assert "there are 13,000 rows" in course.release("scales").read_text()
    authored("check")

    text.write_text(text.read_text().replace("rows = 13 * 1000", "rows = 1 / 0"))
    assert "ZeroDivisionError" in authored("notebooks", status=1)
    assert "no chapter is called 'nowhere'; there are: scales" in authored("notebooks", "nowhere", status=2)


def test_unpinned_versions_are_rejected(course, monkeypatch):
    monkeypatch.setattr(author_commands, "ROOT", course.root)
    path = course.root / "requirements-torch.txt"
    pinned = keys.pins(course.root)["torch"]
    path.write_text(path.read_text().replace(f"torch=={pinned}", "torch==1.0.0"))
    assert f"torch {pinned} is installed, the lock pins 1.0.0" in authored("notebooks", status=1)
