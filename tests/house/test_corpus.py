"""Test the corpus of attacks and faults: no unearned points, no lost honest points, no stopped batch.

These tests play the quick cases that tell most; `python -m tests.corpus`, in `make test-long`, plays all.
"""

from dataclasses import replace

import pytest

from autograder.classroom.grade_class import Grading, grade_class
from autograder.grading import grader
from autograder.grading.known_mistakes import PUBLIC_BATCH
from autograder.model import State
from tests.corpus import cases, cases_listed, cases_strangers
from tests.corpus.case import CHAPTER, POINTS, Case, write
from tests.corpus.defences import DEFENCES, Defence, Void
from tests.corpus.play import LIMITS, Course

# Cases that only one defense stops, and cases that strangers got through; several defenses stop each of the others.
KERNEL = ("who opens", "who waited", "which pages are there", "what the kernel counts in", "what is told in")
STRANGERS = [
    *cases_strangers.CASES,
    *(case for case in cases.ALL if case.name.startswith((*KERNEL, "a claim opened in the answer"))),
    *cases_listed.spellings("in a module", "below the tests", "by a demonstration"),
    *cases_listed.habits("places", "types", "shown"),
]
TELLING = {name for defence in DEFENCES for name in defence.alone}
TELLING |= {f"{case.group}: {case.name}" for case in STRANGERS}
QUICK = [case for case in cases.ALL if not case.is_slow and f"{case.group}: {case.name}" in TELLING]
# Defenses that are switched off only on the trusted side need no other fork server, so a case takes milliseconds.
HERE = [
    defence for defence in DEFENCES if not (defence.inside or defence.warm) and defence.sandbox and defence.is_quick
]
ELSEWHERE = [defence for defence in DEFENCES if defence not in HERE]


@pytest.fixture(scope="module")
def course():
    with Course() as made:
        yield made


def of_its_group(case: Case) -> str:
    return f"{case.group}: {case.name}"


@pytest.mark.parametrize("case", QUICK, ids=of_its_group)
def test_quick_case_gets_its_expected_result(course, case):
    assert course.play(case).faults() == []


def test_results_of_public_seed_earn_nothing_in_a_class(course):
    """Under the public seed, which notebooks use, the same answer earns all points."""
    case = next(case for case in cases.ALL if case.name == "hard-coded results of the public seed")
    answers = case.make(course.answers(), course.scene())
    in_public = grader.Grader(course.chapter, PUBLIC_BATCH, course.runner).grade(answers, "student")
    assert in_public.exercises[0].earned == POINTS["affine"]
    assert course.play(case).faults() == []


def lets_through(defence, folder) -> list[str]:
    with defence.off(folder) as course:
        return [of_its_group(case) for case in defence.cases() if not course.play(case).through()]


@pytest.mark.long
@pytest.mark.parametrize("defence", [*HERE, *ELSEWHERE], ids=lambda defence: defence.name)
def test_case_gets_through_without_its_only_defense(defence, tmp_path):
    assert defence.alone
    assert lets_through(defence, tmp_path) == []


def test_attacks_get_through_without_the_first_defense(tmp_path):
    """Run a quick version of the test above, to notice early if the attacks no longer work."""
    with DEFENCES[0].off(tmp_path) as course:
        assert [course.play(case).through() for case in DEFENCES[0].cases()[:3]] == ["unearned"] * 3


def void(patch: pytest.MonkeyPatch) -> None:
    """Break the grader by giving a method outdated parameters, as an outdated patch might."""
    patch.setattr(grader.Grader, "_grade", lambda self, submission, student: None)


def test_defense_patch_breaking_the_grader_is_void(tmp_path):
    planted = Defence("planted", DEFENCES[1].alone, void)
    with pytest.raises(Void, match="an honest submission is not graded"):
        lets_through(planted, tmp_path)


def test_defense_patch_without_effect_is_detected(tmp_path):
    planted = replace(DEFENCES[1], patch=lambda patch: None)
    assert lets_through(planted, tmp_path) == list(planted.alone)


def test_corpus_is_large_with_unique_case_names():
    names = [of_its_group(case) for case in cases.ALL]
    assert len(names) == len(set(names))
    assert len(names) >= 590


def test_batch_of_every_case_group_is_fully_graded(course):
    """Grade a batch with one case from each group, as an instructor does; every submission must get its row."""
    scene = course.scene()
    chosen = list({case.group: case for case in QUICK}.values())
    for case in chosen:
        write(case.make(course.answers(), scene), course.path(case.group.replace(" ", "-").replace(":", "")))
    outcome = grade_class(CHAPTER, course.root, Grading(limits=LIMITS))
    assert len(outcome.results) == len(chosen) + len(
        {"neighbour", "student", "accomplice"} & {r.student for r in outcome.results}
    )
    assert {result.state for result in outcome.results}.isdisjoint({State.INFRASTRUCTURE})
    earned = {result.student: result.earned for result in outcome.results}
    for case in chosen:
        assert earned[case.group.replace(" ", "-").replace(":", "")] == sum(case.must().values()), case
