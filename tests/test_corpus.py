"""The corpus of attacks and faults: nothing unearned, nothing honest lost, no batch stopped."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autograder.classroom.grade_class import grade_class
from autograder.grading import grade
from autograder.model import State
from tests.corpus import cases, counted, figures
from tests.corpus.defences import DEFENCES, Defence, Void
from tests.corpus.model import CHAPTER, Case, write
from tests.corpus.play import LIMITS, Course

COUNTED = counted.counted()
QUICK = [case for case in COUNTED if not case.is_slow]
SLOW = [case for case in cases.ALL if case not in QUICK]  # those that meet a time limit, and the controls
# What is switched off on the trusted side alone needs no other fork server: milliseconds a case.
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
def test_each_case_gets_what_it_must(course, case):
    assert course.play(case).faults() == []


@pytest.mark.long
@pytest.mark.parametrize("case", SLOW, ids=of_its_group)
def test_each_other_case_gets_what_it_must(course, case):
    assert course.play(case).faults() == []


def lets_through(defence, folder) -> list[str]:
    with defence.off(folder) as course:
        return [of_its_group(case) for case in defence.cases() if not course.play(case).through()]


@pytest.mark.long
@pytest.mark.parametrize("defence", [*HERE, *ELSEWHERE], ids=lambda defence: defence.name)
def test_without_a_defence_what_it_alone_stops_goes_through(defence, tmp_path):
    assert defence.alone
    assert lets_through(defence, tmp_path) == []


def test_one_case_goes_through_without_the_reference_elsewhere(tmp_path):
    """The quick form of the test above, so that a corpus which has gone blunt is noticed at once."""
    with DEFENCES[0].off(tmp_path) as course:
        assert [course.play(case).through() for case in DEFENCES[0].cases()[:3]] == ["unearned"] * 3


def void(patch: pytest.MonkeyPatch) -> None:
    """Break the grader, as a patch does that calls a function by the arguments it once had."""
    patch.setattr(grade.Grader, "_grade", lambda self, submission, student: None)


def test_a_defence_whose_patch_breaks_the_grader_is_void(tmp_path):
    planted = Defence("planted", "nothing", DEFENCES[1].alone, void)
    with pytest.raises(Void, match="an honest submission is not graded"):
        lets_through(planted, tmp_path)


def test_a_defence_whose_patch_does_nothing_is_noticed(tmp_path):
    planted = replace(DEFENCES[1], patch=lambda patch: None)
    assert lets_through(planted, tmp_path) == list(planted.alone)


@pytest.mark.long
def test_stock_nbgrader_minds_every_case_that_no_single_defence_stops():
    from tests.corpus import stock

    outcomes = stock.play(counted.left_to_stock())
    assert [of_its_group(outcome.case) for outcome in outcomes if not outcome.through()] == []


def test_the_corpus_is_large_and_its_names_are_its_own():
    names = [of_its_group(case) for case in cases.ALL]
    assert len(names) == len(set(names))
    assert len(COUNTED) >= 120
    assert len(counted.left_to_stock()) == sum(len(names) for names in counted.STOCK_MINDS.values())


def test_the_page_shows_the_figures_that_were_kept():
    content, page = json.loads(figures.FILE.read_text()), figures.PAGE.read_text()
    assert figures.with_table(page, content) == page
    assert [row["name"] for row in content["classes"]] == list(dict.fromkeys(case.group for case in cases.ALL))
    assert sum(sum(row["ours"].values()) for row in content["classes"]) == 0
    assert sum(sum(row["nbgrader"].values()) for row in content["classes"]) >= 100


def test_changed_figures_change_the_page():
    content = json.loads(figures.FILE.read_text())
    content["classes"][0]["nbgrader"]["unearned"] += 1
    assert figures.with_table(figures.PAGE.read_text(), content) != figures.PAGE.read_text()


def test_a_class_of_faults_is_graded_to_its_end(course):
    """One batch with a case of each class, as an instructor runs it: every submission has its row."""
    scene = course.scene()
    chosen = list({case.group: case for case in QUICK}.values())
    for case in chosen:
        write(case.make(course.answers(), scene), course.path(case.group.replace(" ", "-").replace(":", "")))
    outcome = grade_class(CHAPTER, course.root, limits=LIMITS)
    assert len(outcome.results) == len(chosen) + len(
        {"neighbour", "student", "accomplice"} & {r.student for r in outcome.results}
    )
    assert {result.state for result in outcome.results}.isdisjoint({State.INFRASTRUCTURE})
    earned = {result.student: result.earned for result in outcome.results}
    for case in chosen:
        assert earned[case.group.replace(" ", "-").replace(":", "")] == sum(case.must().values()), case
