"""Test that a change in wording rebuilds only its page, and that other changes rebuild the whole book."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from authoring.book import changes

INTRO = "# Welcome\n\nSome words.\n\n(here)=\n## Inside\n\n:::{note}\nMore words.\n:::\n"
CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": ["# Scales\n", "\n", "A scale multiplies."]},
    {"cell_type": "code", "metadata": {"mystnb": {"image": {"alt": "a line"}}}, "source": [], "outputs": []},
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in changes.FILES:
        (tmp_path / name).write_text("")
    for name, content in {
        "book/intro.md": INTRO,
        "book/_static/course.css": "p { color: red }",
        "book/chapters/scales/text.md": "---\ncourse:\n  about: a scale\n---\n\n# Not read\n",
        "book/parts/start.md": "---\ncourse:\n  title: Start\n---\n\n# Start\n",
        "notebooks/scales/scales.ipynb": json.dumps({"cells": CELLS}),
        "solutions/scales/scales.ipynb": json.dumps({"cells": CELLS}),
        "book/chapters/scales/answers.md": "## own\n### oracle\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def replace(root: Path, name: str, old: str, new: str) -> list[str] | None:
    """Change a file and return the pages that `changed` reports, or `None` for the whole book."""
    before = changes.inputs(root)
    content = (root / name).read_text()
    assert old in content
    (root / name).write_text(content.replace(old, new))
    return changes.changed(before, changes.inputs(root))


def test_unchanged_inputs_rebuild_nothing(root):
    assert changes.changed(changes.inputs(root), changes.inputs(root)) == []
    assert changes.changed(None, changes.inputs(root)) is None


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("book/intro.md", "Some words", "Other words"),
        ("notebooks/scales/scales.ipynb", "A scale multiplies.", "A scale also shifts."),
        ("book/chapters/scales/answers.md", "### oracle", "### right: by hand"),
    ],
)
def test_changed_words_rebuild_only_their_page(root, name, old, new):
    assert replace(root, name, old, new) == [name]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("book/intro.md", "## Inside", "## Outside"),
        ("book/intro.md", "(here)=", "(there)="),
        ("book/intro.md", ":::{note}", ":::{warning}"),
        ("book/parts/start.md", "title: Start", "title: Begin"),
        ("book/chapters/scales/text.md", "a scale", "a shift"),
        ("notebooks/scales/scales.ipynb", "# Scales", "# Shifts"),
        ("notebooks/scales/scales.ipynb", "a line", "a curve"),
        ("book/_static/course.css", "red", "blue"),
        ("_toc.yml", "", "root: intro"),
        ("requirements.txt", "", "torch==2.13.0"),
    ],
)
def test_other_changes_rebuild_the_whole_book(root, name, old, new):
    assert replace(root, name, old, new) is None


def test_text_below_front_matter_triggers_no_rebuild(root):
    assert replace(root, "book/chapters/scales/text.md", "Not read", "Still not read") == []


def test_added_or_removed_page_rebuilds_the_book(root):
    before = changes.inputs(root)
    (root / "book" / "extra.md").write_text("# Extra")
    assert changes.changed(before, changes.inputs(root)) is None
    (root / "book" / "extra.md").unlink()
    (root / "book" / "intro.md").unlink()
    assert changes.changed(before, changes.inputs(root)) is None


def test_unfinished_pages_are_rebuilt(root):
    now = changes.inputs(root)
    assert changes.changed(now.without(["book/intro.md"]), now) == ["book/intro.md"]


def test_inputs_round_trip_through_a_file(root):
    now = changes.inputs(root)
    now.save(root / "kept.json")
    assert changes.Inputs.load(root / "kept.json") == now
    for broken in ("{", "{}", '{"rest": "", "pages": {"a": {"b": 1}}}'):
        (root / "kept.json").write_text(broken)
        assert changes.Inputs.load(root / "kept.json") is None
    assert changes.Inputs.load(root / "missing.json") is None


def test_pages_listing_other_pages_are_always_reread(root):
    doctrees = root / "_build" / ".doctrees"
    for name in ("book/intro", "notebooks/scales/scales", "book/solutions/scales", "notebooks/other/other"):
        (doctrees / name).parent.mkdir(parents=True, exist_ok=True)
        (doctrees / f"{name}.doctree").write_text("")
    changes.forget(doctrees, ["notebooks/scales/scales.ipynb", "book/chapters/scales/answers.md"], root)
    assert [path.stem for path in doctrees.rglob("*.doctree")] == ["other"]
