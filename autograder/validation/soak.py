"""Run right and wrong answers under many seeds, because a test must never draw unfair inputs.

Wrong variants run under a tenth of them, and so does everything if the exercise trains a network: then mutants, too,
because a network that learns by chance here could fail on another processor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from autograder.model import HIDDEN, Batch, Chapter, Exercise, Run
from autograder.sandbox.driver.run import Branch, Runner
from autograder.texts.variants import Variants
from autograder.validation.mutants import mutants
from autograder.validation.outcome import Row
from autograder.validation.tried_answers import PATIENT_SECONDS, forbidden, judged, learns
from layerlab.judging.judges import JudgeError

SEEDS = 200
FIRST_SEED = 5000
PER_PASS = 20  # seeds in one pass through a chapter: limits the memory that observations take
PER_EARLY_PASS = 5  # the same for a pass that also runs wrong answers
REFERENCE = "reference"  # what is expected
AGAIN = "the reference"


@dataclass
class Tally:
    """The results of one answer over all seeds under which it runs."""

    label: str
    must_lose: bool
    is_mutant: bool = False
    runs: int = 0
    wrongly: int = 0  # runs in which it lost although it is right, or got full marks although it is wrong
    first: str = ""  # the first of them

    def add(self, seed: int, lost: Sequence[str]) -> None:
        """Count one run; ``lost`` has a line with the cause for each claim that the run lost."""
        self.runs += 1
        if bool(lost) != self.must_lose:
            self.wrongly += 1
            self.first = self.first or (f"seed {seed}: {lost[0]}" if lost else f"seed {seed}")


@dataclass
class Soaked:
    """One exercise and the answers that run under each seed."""

    exercise: Exercise
    sources: dict[str, str]  # label -> solution
    early: int  # all of these answers run under this many of the first seeds
    tallies: dict[str, Tally] = field(default_factory=dict)

    def runs_late(self, label: str) -> bool:
        """Return whether an answer also runs after the first ``early`` seeds."""
        return label != AGAIN and not self.tallies[label].must_lose

    def row(self) -> Row:
        """Return the table row."""
        right = [tally for tally in self.tallies.values() if not tally.must_lose]
        wrong = [tally for tally in self.tallies.values() if tally.must_lose]
        misses = [_miss(tally) for tally in (*right, *wrong) if tally.wrongly]
        full, lose = (sum(t.runs - t.wrongly for t in tallies) for tallies in (right, wrong))
        got = f"{full} of {sum(t.runs for t in right)}, {lose} of {sum(t.runs for t in wrong)} lose"
        return Row("soak", f"the same, {max(t.runs for t in right)} seeds", got, misses)


def soak(
    chapter: Chapter, exercises: Sequence[Exercise], variants: Variants, runner: Runner, seeds: int = SEEDS
) -> dict[str, Row]:
    """Return one row for each of the given exercises of a chapter; raise ServerFault if its own cells stop."""
    early = max(1, seeds // 10)
    soaked = {exercise.name: _soaked(exercise, variants, early) for exercise in exercises}
    with ThreadPoolExecutor(runner.workers) as pool:
        for _ in pool.map(lambda one: _pass(runner, chapter, *one), _passes(list(soaked.values()), seeds)):
            """Each pass counts into the tallies of its exercises."""
    return {name: one.row() for name, one in soaked.items()}


def _soaked(exercise: Exercise, variants: Variants, early: int) -> Soaked:
    right = {AGAIN: exercise.solution} | {v.label: v.source for v in variants.right(exercise.name)}
    mistakes = variants.mistakes(exercise)
    wrong = {v.label: v.source for v in mistakes if not forbidden(exercise, v.source)}  # forbidden ones are never run
    tallies = {label: Tally(label, must_lose=label in wrong) for label in right | wrong}
    soaked = Soaked(exercise, right | wrong, early, tallies)
    if learns(exercise):
        _add_mutants(soaked, {variant.title for variant in variants.equivalents(exercise.name)})
    return soaked


def _add_mutants(soaked: Soaked, equivalent: Collection[str]) -> None:
    for mutant in mutants(soaked.exercise.solution):
        if not forbidden(soaked.exercise, mutant.source):
            label = f"mutant, line {mutant.number}: {mutant.line}"
            soaked.sources[label] = mutant.source
            soaked.tallies[label] = Tally(label, mutant.line not in equivalent, is_mutant=True)


def _passes(soaked: list[Soaked], seeds: int) -> Iterator[tuple[list[Soaked], range, int]]:
    """Yield the exercises, seeds, and secret of each pass through the chapter."""
    learned = [one for one in soaked if learns(one.exercise)]
    drawn = [one for one in soaked if one not in learned]
    if drawn:
        late = FIRST_SEED + drawn[0].early
        for first in range(FIRST_SEED, late, PER_EARLY_PASS):
            yield drawn, range(first, min(first + PER_EARLY_PASS, late)), first
        for first in range(late, FIRST_SEED + seeds, PER_PASS):
            yield drawn, range(first, min(first + PER_PASS, FIRST_SEED + seeds)), first
    if learned:
        for seed in range(FIRST_SEED, FIRST_SEED + learned[0].early):
            yield learned, range(seed, seed + 1), seed


def _pass(runner: Runner, chapter: Chapter, soaked: list[Soaked], seeds: range, secret: int) -> None:
    branches = [
        Branch(one.exercise.name, label, source, seed, timeout=_patience(one, label))
        for one in soaked
        for seed in seeds
        for label, source in _under(one, seed)
    ]
    done = runner.branches(chapter, branches, Batch(seeds[0], secret), HIDDEN)
    runs = {(b.branch.exercise, b.branch.seed, b.branch.label): b.run for b in done}
    for one in soaked:
        for seed in seeds:
            expected, *tried = ((label, runs[one.exercise.name, seed, label]) for label, _ in _under(one, seed))
            for label, run in tried:
                one.tallies[label].add(seed, _lost(one.exercise, expected[1], run, Batch(seed, secret)))


def _patience(one: Soaked, label: str) -> float | None:
    return PATIENT_SECONDS if label == REFERENCE or not one.tallies[label].must_lose else None


def _under(one: Soaked, seed: int) -> list[tuple[str, str]]:
    """Return the label and solution of every answer that runs under one seed, with the reference first."""
    is_early = seed < FIRST_SEED + one.early
    tried = [pair for pair in one.sources.items() if is_early or one.runs_late(pair[0])]
    return [(REFERENCE, one.exercise.solution), *tried]


def _lost(exercise: Exercise, expected: Run, run: Run, batch: Batch) -> list[str]:
    try:
        verdicts = judged(exercise, expected, run, batch)
    except JudgeError as error:  # this draw gives the judge too little, so no one earns the claim
        return [str(error)]
    return [f"the claim {verdict.claim!r}: {verdict.cause}" for verdict in verdicts if not verdict.earned]


def _miss(tally: Tally) -> str:
    if tally.must_lose:
        what, to_do = "gets full marks", "let the claim draw what tells it from the reference every time"
    else:
        what, to_do = "loses a claim", "widen the test, or draw what the judge can decide"
    if tally.is_mutant:
        to_do = "write the solution so that this slip shows every time or never"
    return f"soak: `{tally.label}` {what} in {tally.wrongly} of {tally.runs} seeds ({tally.first}): {to_do}"
