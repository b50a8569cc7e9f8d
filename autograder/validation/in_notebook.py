"""Check that a notebook says what the grader says, and soon enough for a learner who waits.

A notebook judges under the public seed, against values that are stored with less precision, and of large arrays only
as samples (`layerlab/scoring/exercise_file.py`); the grader has all values, and another seed.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.model import TEST_KINDS, Cell, Chapter, Exercise, Limits
from autograder.sandbox.driver.run import Runner
from autograder.submissions.student_code import bound, tree
from autograder.validation.outcome import Report, Row
from autograder.validation.tried_answers import BATCHES, Attempt, Evidence, learns
from layerlab.judging.claim_model import ClaimRun, ClaimState
from layerlab.scoring import exercise_file, run_claims
from layerlab.scoring.result import ruling_on

LEAST = 0.98  # share of a chapter's claims on which notebook and grader must agree
EXERCISE, TRAINING, CHAPTER = 1.0, 4.0, 6.0  # seconds of CPU that the claims may take with the reference's answer
RUNS = 3  # in one process; the first one also imports what torch loads late, such as its compiler
PACE = Cell("pace", "own", "sum(n * n for n in range(1_350_000))")
PACE_SECONDS = 0.1  # of CPU on a quiet core; while other programs share the core's cache, everything takes longer
_PATIENT = Limits(cell_seconds=600.0, total_seconds=3600.0, result_bytes=2**31)


def agreement_row(evidence: Evidence, report: Report) -> Row:
    """Return the table row for answers judged as in a notebook, and count the claims on which the grader agrees."""
    exercise, run, misses = evidence.exercise, evidence.expected(0), []
    stored = [exercise_file.stored(run.evidence(exercise.name, claim.name)) for claim in exercise.claims]
    graded = {(a.kind, a.solution): evidence.lost(a) for kind in ("right", "wrong") for a in evidence.of(kind)}
    for attempt in (a for kind in ("reference", "right", "wrong") for a in evidence.of(kind, batch=0)):
        lost, must = _lost(stored, attempt), graded.get((attempt.kind, attempt.solution), set())
        report.compared += len(stored)
        report.agreeing += len(stored) - len(lost ^ must)
        if attempt.kind != "wrong" and lost:
            misses.append(f"in a notebook, a right answer loses {', '.join(sorted(lost))}:\n{attempt.solution}")
        elif must and not lost:
            misses.append(f"in a notebook, `{attempt.about.label}` loses nothing: observe more of where it differs")
    return Row("in a notebook", "as graded", f"{report.agreeing} of {report.compared} claims as graded", misses)


def _lost(stored: Sequence[ClaimRun], attempt: Attempt) -> set[str]:
    claims = {one.name: claim for one in stored if (claim := attempt.run.claim(one.exercise, one.name))}
    rulings = [ruling_on(exercise_file.filled(one, claims.get(one.name)), run_claims.Attempt(claims)) for one in stored]
    return {one.claim for one in rulings if one.state is not ClaimState.PASSED}


def timed(chapter: Chapter, exercises: Sequence[Exercise], runner: Runner) -> dict[str, float]:
    """Return the CPU seconds of each exercise's claims with the reference's answers, as on a quiet core.

    This is the least of several runs, each divided by how much longer than usual a fixed workload takes just before it.
    """
    from autograder.submissions.needed_cells import needed  # it imports torch, which `Runner.start` does meanwhile

    names = [exercise.name for exercise in exercises]
    tests = [cell for cell in chapter.cells if cell.kind == "hidden" and cell.exercise in names]
    cells = needed([cell for cell in chapter.cells if cell.kind not in ("visible", "hidden") or cell in tests])
    cells = [replace(cell, rules=()) for cell in cells]  # watching for rules is slow
    # Ids differ, because a run keeps one result for each id.
    cells += [replace(cell, id=f"{cell.id}/{n}", rules=()) for n in range(1, RUNS) for cell in [PACE, *tests]]
    run = runner.run(cells, BATCHES[0], _PATIENT)
    took: dict[str, float] = {}
    pace = 1.0
    for cell in run.cells:
        if cell.kind == PACE.kind:
            pace = max(1.0, cell.cpu_seconds / PACE_SECONDS)
        elif cell.kind == "hidden":
            took[cell.exercise] = min(took.get(cell.exercise, math.inf), cell.cpu_seconds / pace)
    return took


def speed_row(exercise: Exercise, took: float) -> Row:
    """Return the table row for the CPU time of the claims; they may take longer if they train on a task's data."""
    most = TRAINING if learns(exercise) else EXERCISE
    must, got = f"at most {most:g} s", f"{took:.2f} s"
    slow = [f"the claims take {got} of CPU, more than {most:g}: draw smaller sizes, or repeat less"]
    return Row("CPU of the claims", must, got, slow if took > most else [])


def chapter_misses(chapter: Chapter, reports: Sequence[Report]) -> list[str]:
    """Return a miss if `lab.points` judges other objects than answers, too few claims as graded, or too slowly."""
    agreeing, compared = (sum(getattr(report, name) for report in reports) for name in ("agreeing", "compared"))
    miss = f"notebook and grader agree on {agreeing} of {compared} claims, less than {LEAST:.0%}"
    slow = slowness({report.exercise: report.cpu for report in reports})
    return [*_bound_again(chapter), *([miss] if agreeing < LEAST * compared else []), *slow]


def _bound_again(chapter: Chapter) -> list[str]:
    """Return a miss for each name that an answer defines and a cell below binds again."""
    owners: dict[str, str] = {}
    misses = []
    for cell in (cell for cell in chapter.cells if cell.kind not in TEST_KINDS):
        again = [name for name in sorted(bound(cell.source)) if owners.get(name, cell.exercise) != cell.exercise]
        misses += [f"below {owners[name]}, a cell binds `{name}` again: choose another name there" for name in again]
        code = tree(cell.source) or ast.Module([], [])  # a file that a cell writes is not code of the notebook
        defined = [node for node in code.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        owners |= {node.name: cell.exercise for node in defined if cell.kind == "solution"}
    return misses


def slowness(took: Mapping[str, float]) -> list[str]:
    """Return a miss if the claims of a chapter's exercises together take too long."""
    total, slowest = sum(took.values()), max(took, key=lambda name: took[name], default="")
    miss = f"the claims take {total:.1f} s of CPU in all, more than {CHAPTER:g}; those of {slowest} take the longest"
    return [miss] if total > CHAPTER else []
