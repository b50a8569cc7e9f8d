"""Test that `validate` writes the record of lost claims, and that a stale record is reported."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from authoring.notebooks import build
from authoring.notebooks.notebook_file import dumps
from autograder.commands import validate as validate
from autograder.course import Course
from autograder.texts import chapter, text
from autograder.texts import variants as variant_file
from autograder.validation import cache, lost_claims
from autograder.validation.lost_claims import current, digest
from tests.root import COURSE, HALVED, ROOT


def validated(course: Course, *given: str, status: int = 0) -> str:
    """Run `validate` in a course's folder and return its output."""
    before = Path.cwd()
    os.chdir(course.root)
    try:
        done = CliRunner().invoke(validate.command, ["--brief", *given])
        assert done.exit_code == status, done.output
        return done.output
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a validated course of one small chapter with variants."""
    course = Course(tmp_path_factory.mktemp("course"))
    course.reference("halved").parent.mkdir(parents=True)
    for name in ("requirements.txt", "requirements-torch.txt"):
        shutil.copy(ROOT / name, course.root)
    shutil.copytree(HALVED, course.text("halved").parent)
    course.reference("halved").write_text(dumps(text.read(course.text("halved"))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(variant_file, "PACKAGED", course)
        read = chapter.load(course.reference("halved"))
        assert lost_claims.stale(course, "halved") == list(read.exercises)
        said = validated(course, "halved")
        assert "nothing missed" in said
        assert f"what was tried on {read.exercises[0].name} was recorded" in said
        yield course


@contextmanager
def edited(path: Path, old: str, new: str) -> Iterator[None]:
    """Replace a text in a file, or append to the file; restore the file afterward."""
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(old, new, 1) if old else before + new, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def test_every_mistake_is_recorded_with_lost_claims(course):
    read, variants = lost_claims.read_chapter(course, "halved")
    for exercise in read.exercises:
        found = current(course.tried("halved"), exercise, variants)
        claims = {claim.name for claim in exercise.claims}
        assert set(found.lost) == {variant.label for variant in variants.wrong(exercise.name)}
        assert all(set(lost) <= claims for lost in found.lost.values())
        assert any(lost for lost in found.lost.values())
        tried = found.tried
        assert (tried.right, tried.wrong) == (len(variants.right(exercise.name)), len(found.lost))
        assert 2 <= tried.subtle <= tried.wrong
        assert 0 < tried.killed == tried.mutants - tried.equivalent
        assert tried.seeds >= 4


def test_cached_run_records_the_same_and_rewrites_no_file(course):
    path = course.tried("halved")
    before = path.read_bytes()
    os.utime(path, ns=(1, 1))
    assert "recorded" not in validated(course, "halved")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, 1)
    path.unlink()
    assert "recorded" in validated(course, "halved")
    assert path.read_bytes() == before


def test_exercise_with_a_miss_keeps_earlier_record(course):
    path = course.tried("halved")
    before = path.read_bytes()
    solution = lost_claims.read_chapter(course, "halved")[0].exercises[0].solution
    harmless = f"\n### wrong: nothing is wrong\nIt is right.\n```python\n{solution}\n```\n"
    with edited(course.answers("halved"), "", harmless):
        assert "`wrong: nothing is wrong` (" in validated(course, "halved", status=1)
    assert path.read_bytes() == before


def test_due_skips_unchanged_chapters(course):
    assert validated(course, "--due") == "1 of 1 chapters passed as they are today\n"
    with edited(course.answers("halved"), "", "\n### wrong: nothing\nNo.\n```python\nx = 1\n```\n"):
        said = validated(course, "--due")
    validated(course, "halved")  # The record describes the changed variants, so make it again.
    assert said.startswith("0 of 1 chapters passed")
    assert "halved" in said


def test_due_leaves_a_chapter_for_its_turn_after_a_change_in_code(course, monkeypatch):
    class Today(date):
        @classmethod
        def today(cls):
            return date.fromordinal(cache.TURNS + 1)  # This is not the first chapter's turn.

    monkeypatch.setattr(validate, "date", Today)
    monkeypatch.setattr(cache, "code_key", lambda: "other code")
    assert "1 are due because code changed" in validated(course, "--due")


def test_draft_has_no_record(course):
    drafts = course.root / "drafts"
    shutil.copytree(HALVED, drafts / "halved")
    before = {path for path in course.root.rglob("*.json") if ".cache" not in path.parts}
    assert "nothing missed" in validated(course, "drafts/halved/text.md")
    assert {path for path in course.root.rglob("*.json") if ".cache" not in path.parts} == before


def test_new_mistake_makes_record_stale_or_is_of_no_exercise(course):
    name = lost_claims.read_chapter(course, "halved")[1].exercises[0]
    another = "\n### wrong: another\nIt is another.\n```python\nx = 1\n```\n"
    with edited(course.answers("halved"), "", another):
        assert [exercise.name for exercise in lost_claims.stale(course, "halved")] == [name]
        (finding,) = build.unrecorded(course, "halved")
    assert finding.sentence == f"what was tried on {name} is not recorded: make validate CHAPTERS=halved"
    assert build.unrecorded(course, "halved") == []
    with edited(course.answers("halved"), "", f"\n## third{another}"):
        (finding,) = build.unrecorded(course, "halved")
    assert "there is no exercise `third` in this chapter" in finding.sentence
    assert build.unrecorded(course, "elsewhere") == [], "it has no variants"


def test_digest_ignores_sentences_but_not_code(course):
    read, variants = lost_claims.read_chapter(course, "halved")
    path, exercise = course.answers("halved"), read.exercises[0]
    sentence = variants.wrong(exercise.name)[0].sentence.split()[0]
    with edited(path, f"\n{sentence}", f"\nWell: {sentence}"):
        assert digest(exercise, variant_file.load(read, path)) == digest(exercise, variants)
    with edited(path, "", "\n### right: another\n```python\nx = 1\n```\n"):
        assert digest(exercise, variant_file.load(read, path)) != digest(exercise, variants), "it was not tried"
    other = type(exercise)(**{**vars(exercise), "hidden": exercise.hidden + "\n# more"})
    assert digest(other, variants) != digest(exercise, variants)
    other = type(exercise)(**{**vars(exercise), "visible": exercise.visible + "\n# more"})
    assert digest(other, variants) == digest(exercise, variants)


@pytest.mark.course
def test_course_record_contains_every_mistake():
    names = [name for name in COURSE.chapters if lost_claims.has_mistakes(COURSE, name)]
    assert "linear" in names
    for name in names:
        _, variants = lost_claims.read_chapter(COURSE, name)
        given = json.loads(COURSE.tried(name).read_text(encoding="utf-8"))
        for exercise in variants.exercises:
            assert {variant.label for variant in variants.wrong(exercise)} <= set(
                given["exercises"][exercise]["lost"]
            ), exercise
