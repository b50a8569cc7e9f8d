"""Run every case against the grader: `python -m tests.corpus`."""

import argparse
import sys
from collections.abc import Sequence

from tests.corpus import cases
from tests.corpus.play import LIMITS, Course, Outcome


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--only", default="", help="cases whose class or name holds this text")
    options = parser.parse_args(arguments)
    chosen = [case for case in cases.ALL if options.only in f"{case.group}, {case.name}"]
    if not chosen:
        parser.error(f"no case's class or name holds {options.only!r}")
    with Course() as course:
        outcomes = [course.play(case) for case in chosen]
    print_most(outcomes)
    bad = [outcome for outcome in outcomes if outcome.faults()]
    for outcome in bad:
        print(f"{outcome.case.group}, {outcome.case.name}: {'; '.join(outcome.faults())}")
    return 1 if bad else 0


def print_most(outcomes: Sequence[Outcome]) -> None:
    """Print the most time and memory that a submission used in a worker and in the grader, and name the submission."""
    limits = f"cells {LIMITS.cell_seconds:.0f} s, submissions {LIMITS.total_seconds:.0f} s, {LIMITS.memory_mb} MiB"
    print(f"At most one submission held (limits here: {limits})")
    for what, unit, of in (
        ("a worker", "s", lambda outcome: outcome.seconds),
        ("the grader's processor", "s", lambda outcome: outcome.driver_seconds),
        ("the grader's memory", "MiB", lambda outcome: outcome.driver_mb),
    ):
        most = max(outcomes, key=of)
        print(f"  {what:22} {of(most):7.1f} {unit:3}  {most.case.group}, {most.case.name}")


if __name__ == "__main__":
    sys.exit(main())
