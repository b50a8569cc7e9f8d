"""Run every case against our grader and, with --nbgrader, also against stock nbgrader: `python -m tests.corpus`."""

import argparse
import sys
from collections.abc import Sequence

from tests.corpus import cases, corpus_figures, counted
from tests.corpus.case import Case
from tests.corpus.play import LIMITS, Course, Outcome


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--nbgrader", action="store_true", help="also run stock nbgrader and keep the figures")
    parser.add_argument("--only", default="", help="cases whose class or name holds this text")
    parser.add_argument("--verbose", action="store_true", help="a line for each case")
    options = parser.parse_args(arguments)
    chosen = [case for case in cases.ALL if options.only in f"{case.group}, {case.name}"]
    if not chosen:
        parser.error(f"no case's class or name holds {options.only!r}")
    with Course() as course:
        ours = [_shown(course.play(case), options.verbose) for case in chosen]
    theirs: list[Outcome] = []
    if options.nbgrader:
        from tests.corpus import stock

        theirs = stock.play(chosen)
        for outcome in theirs if options.verbose else []:
            print(f"nbgrader  {outcome.case.group}, {outcome.case.name}: {outcome.through() or 'nothing'}")
        if not options.only:
            corpus_figures.write(
                corpus_figures.rows(chosen, *([o.through() for o in played] for played in (ours, theirs)))
            )
    print_table(chosen, ours, theirs)
    print_most(ours)
    bad = [outcome for outcome in ours if outcome.faults()]
    for outcome in bad:
        print(f"{outcome.case.group}, {outcome.case.name}: {'; '.join(outcome.faults())}")
    return 1 if bad else 0


def _shown(outcome: Outcome, verbose: bool) -> Outcome:
    if verbose:
        said = "; ".join(outcome.faults()) or "as it must"
        print(f"{outcome.seconds:5.1f} s  {outcome.case.group}, {outcome.case.name}: {said}", flush=True)
    return outcome


def print_table(chosen: Sequence[Case], ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> None:
    """Print a line for each class of cases: the number of cases, and how they affected each grader."""
    columns = "unearned  lost  harm  stopped"
    print(f"{'':36} cases  counted   {columns}" + (f"   nbgrader: {columns}" if theirs else ""))
    known = counted.counted()
    groups = list(dict.fromkeys(case.group for case in chosen))
    for group in [*groups, "all"]:
        rows = [[o for o in found if group in (o.case.group, "all")] for found in (ours, theirs)]
        count = sum(o.case in known for o in rows[0])
        line = f"{group:36} {len(rows[0]):5}  {count:7}   {_counts(rows[0])}"
        print(line + (f"             {_counts(rows[1])}" if theirs else ""))


def print_most(ours: Sequence[Outcome]) -> None:
    """Print the most time and memory that a submission used in a worker and in the grader, and name the submission."""
    limits = f"cells {LIMITS.cell_seconds:.0f} s, submissions {LIMITS.total_seconds:.0f} s, {LIMITS.memory_mb} MiB"
    print(f"At most one submission held (limits here: {limits})")
    for what, unit, of in (
        ("a worker", "s", lambda outcome: outcome.seconds),
        ("the grader's processor", "s", lambda outcome: outcome.driver_seconds),
        ("the grader's memory", "MiB", lambda outcome: outcome.driver_mb),
    ):
        most = max(ours, key=of)
        print(f"  {what:22} {of(most):7.1f} {unit:3}  {most.case.group}, {most.case.name}")


def _counts(outcomes: Sequence[Outcome]) -> str:
    graded = [o for o in outcomes if not o.stopped]
    counts = [sum(o.unearned > 0 for o in graded), sum(o.lost > 0 for o in graded), sum(o.harmed for o in outcomes)]
    return "{:8}  {:4}  {:4}  {:7}".format(*counts, len(outcomes) - len(graded))


if __name__ == "__main__":
    sys.exit(main())
