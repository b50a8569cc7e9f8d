"""What the known mistakes lose: recorded by running them, looked up without, and asked for when it is out of date."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from authoring import build, losses, record_losses, text
from authoring.course import Course, dumps
from autograder import chapter, variant_file
from autograder.losses import current, digest

ROOT = Path(__file__).parents[1]
HALVED = Path(__file__).parent / "fixtures" / "validate"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a course of one small chapter, its mistakes run and recorded."""
    course = Course(tmp_path_factory.mktemp("course"))
    variants = course.root / "autograder" / "variants" / "halved.py"
    for folder in (course.text("halved").parent, variants.parent, course.reference("halved").parent):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "requirements.txt", course.root)
    shutil.copy(HALVED / "halved.md", course.text("halved"))
    shutil.copy(HALVED / "variants" / "halved.py", variants)
    course.reference("halved").write_text(dumps(text.read(course.text("halved"))))
    read = chapter.load(course.reference("halved"))
    assert losses.stale(course, "halved") == list(read.exercises)
    assert record_losses.record(course, "halved") == len(read.exercises) > 0
    return course


def test_every_mistake_is_recorded_with_the_claims_it_loses(course):
    read, variants = losses.read_chapter(course, "halved")
    for exercise in read.exercises:
        found = current(losses.path_of(course, "halved"), exercise, variants)
        claims = {claim.name for claim in exercise.claims}
        assert set(found.lost) == {variant.label for variant in variants.wrong(exercise.name)}
        assert all(set(lost) <= claims for lost in found.lost.values())
        assert any(lost for lost in found.lost.values())


def test_what_is_recorded_is_not_run_again(course):
    before = losses.path_of(course, "halved").read_bytes()
    assert record_losses.record(course, "halved") == 0
    assert losses.path_of(course, "halved").read_bytes() == before


def test_another_mistake_makes_the_record_of_its_exercise_stale(course):
    path = course.root / "autograder" / "variants" / "halved.py"
    before = path.read_text(encoding="utf-8")
    name = variant_file.load(path).exercises[0]
    path.write_text(before + f"\n# %% {name} wrong: another\n# It is another.\nx = 1\n", encoding="utf-8")
    assert [exercise.name for exercise in losses.stale(course, "halved")] == [name]
    (finding,) = build.unrecorded(course, "halved")
    assert finding.sentence == f"what the mistakes of {name} lose is not recorded: make validate CHAPTERS=halved"
    path.write_text(before, encoding="utf-8")
    assert build.unrecorded(course, "halved") == []


def test_a_chapter_without_variants_has_nothing_to_record(course):
    assert build.unrecorded(course, "elsewhere") == []


def test_a_sentence_may_change_and_a_solution_may_not(course):
    read, variants = losses.read_chapter(course, "halved")
    path = course.root / "autograder" / "variants" / "halved.py"
    before, exercise = path.read_text(encoding="utf-8"), read.exercises[0]
    sentence = variants.wrong(exercise.name)[0].sentence.split()[0]
    path.write_text(before.replace(f"# {sentence}", f"# Well: {sentence}", 1), encoding="utf-8")
    assert digest(exercise, variant_file.load(path)) == digest(exercise, variants)
    path.write_text(before, encoding="utf-8")
    other = type(exercise)(**{**vars(exercise), "hidden": exercise.hidden + "\n# more"})
    assert digest(other, variants) != digest(exercise, variants)


def test_the_courses_record_knows_every_mistake_of_its_chapters():
    names = [name for name in Course(ROOT).chapters if losses.has_mistakes(Course(ROOT), name)]
    assert "linear" in names
    for name in names:
        _, variants = losses.read_chapter(Course(ROOT), name)
        given = json.loads(losses.path_of(Course(ROOT), name).read_text(encoding="utf-8"))
        for exercise in variants.exercises:
            assert {variant.label for variant in variants.wrong(exercise)} <= set(given[exercise]["lost"]), exercise


def test_looking_it_up_needs_no_torch():
    code = "import sys, authoring.build, autograder.losses; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
