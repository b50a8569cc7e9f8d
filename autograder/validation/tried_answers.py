"""List every answer to try on an exercise, and judge what each answer earned."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from autograder.grading.known_mistakes import PUBLIC_BATCH
from autograder.grading.verdicts import verdict_on
from autograder.model import Batch, Cell, Exercise, Run, State, Verdict
from autograder.sandbox.driver.run import Branch
from autograder.submissions import rules
from autograder.texts.parser import all_bound_names, syntax_tree
from autograder.texts.variants import Variants
from autograder.validation.edges.edge_data import Found
from autograder.validation.mutants import mutants
from autograder.validation.parameters import begin_with, functions_of, ignoring, noting
from layerlab.judging.claim_model import ClaimRun
from layerlab.judging.judges import JudgeError, holds

# Two seeds, fixed so that an author's table does not change: the one under which notebooks judge, and an arbitrary one.
# Visible checks, which earn nothing and are the same for every class, run only under the first.
BATCHES = (PUBLIC_BATCH, Batch(seed=23, secret=1023))
# More seeds, under which only the reference runs: the drawn inputs must give the judge enough under every seed.
FIRST_DRAW, DRAWS, LEARNED_DRAWS = 100, 5, 2  # `--soak` draws more often
PATIENT_SECONDS = 60.0
# These always finish, and an oracle may be a slow loop. Others get ten times the reference's time, at least 2 s.
PATIENT_KINDS = ("reference", "reference again", "right", "oracle", "reassigned", "noting")
MOVING = ("wrong", "mutant")  # at least one of these answers should change each observation
REASSIGNED = "inputs = x = y = F = draw = layer = compare = 'reassigned by an earlier cell'"


@dataclass
class Attempt:
    """One answer to an exercise under one of `BATCHES`."""

    kind: str  # "reference", "reference again", "released", "right", "wrong", "mutant", ...
    solution: str
    batch: int = 0
    before: str = ""
    about: Any = None  # the `Variant` of a right or wrong answer, or the `Mutant` of a mutated answer
    seed: int = 0  # another one than the batch's
    run: Run = field(init=False)  # set once it has run

    def branch(self, exercise: str) -> Branch:
        """Return the branch for the runner to run."""
        timeout = PATIENT_SECONDS if self.kind in PATIENT_KINDS else None
        seed = self.seed or BATCHES[self.batch].seed
        draws = self.is_reference or self.batch == 0  # a notebook judges with what was drawn
        return Branch(exercise, self.kind, self.solution, seed, self.before, record_draws=draws, timeout=timeout)

    @property
    def is_reference(self) -> bool:
        return self.kind == "reference"


@dataclass
class Evidence:
    """One exercise with every answer that was tried on it."""

    exercise: Exercise
    variants: Variants
    attempts: list[Attempt]
    draws: dict[int, Run] = field(default_factory=dict)  # seed -> what the reference observed under it
    edges: Found | None = None  # None if its entry has no code
    cpu: float = 0.0  # seconds that the claims take with the reference's answer
    _verdicts: dict[int, list[Verdict]] = field(default_factory=dict)

    def of(self, kind: str, batch: int | None = None) -> list[Attempt]:
        """Return the attempts of one kind, under one of `BATCHES` or, if ``batch`` is None, under all of them."""
        return [attempt for attempt in self.attempts if attempt.kind == kind and batch in (None, attempt.batch)]

    def expected(self, batch: int) -> Run:
        """Return the reference's run under one of `BATCHES`."""
        return next(a.run for a in self.attempts if a.is_reference and a.batch == batch)

    def verdicts(self, attempt: Attempt) -> list[Verdict]:
        """Return the verdict on each claim of an attempt."""
        if id(attempt) not in self._verdicts:
            self._verdicts[id(attempt)] = judged(
                self.exercise, self.expected(attempt.batch), attempt.run, BATCHES[attempt.batch]
            )
        return self._verdicts[id(attempt)]

    def earned(self, attempt: Attempt) -> int:
        """Return the points of an attempt."""
        return sum(verdict.earned for verdict in self.verdicts(attempt))

    def lost(self, attempt: Attempt) -> set[str]:
        """Return the names of the claims that an attempt loses."""
        return {verdict.claim for verdict in self.verdicts(attempt) if verdict.state is not State.PASSED}

    def is_full(self, attempt: Attempt) -> bool:
        """Return whether an attempt gets full marks."""
        return self.earned(attempt) == self.exercise.points


def judged(exercise: Exercise, expected: Run, got: Run, batch: Batch) -> list[Verdict]:
    """Return the verdict on each claim of an answer; raise JudgeError if the reference has no evidence for a claim."""
    verdicts = []
    for claim in exercise.claims:
        own = expected.claim(exercise.name, claim.name)
        if own is None:
            raise JudgeError(f"the reference never opens the claim {claim.name!r}")
        verdicts.append(verdict_on(own, got.claim(exercise.name, claim.name), batch))
    return verdicts


def forbidden(exercise: Exercise, solution: str) -> str | None:
    """Describe which of the exercise's rules an answer breaks (such an answer earns no points), or return None."""
    return _forbidden(exercise.name, tuple(exercise.rules), solution, exercise.stub) if exercise.rules else None


@lru_cache(maxsize=4096)  # called twice for most answers
def _forbidden(name: str, written: tuple[str, ...], solution: str, stub: str) -> str | None:
    return rules.check(name, written, [Cell(name, "solution", solution, name)], stub)


def learns(exercise: Exercise) -> bool:
    """Return whether the test cell trains a network, which takes seconds instead of hundredths of a second."""
    return "lab.task(" in exercise.hidden


def draws(exercise: Exercise) -> list[Branch]:
    """Return the branches that run the reference under more seeds."""
    count = LEARNED_DRAWS if learns(exercise) else DRAWS
    return [
        Branch(exercise.name, "reference", exercise.solution, seed, timeout=PATIENT_SECONDS)
        for seed in range(FIRST_DRAW, FIRST_DRAW + count)
    ]


def attempts(exercise: Exercise, variants: Variants) -> list[Attempt]:
    """Return every answer to try on an exercise, split about evenly among `BATCHES`."""
    right, wrong = variants.right(exercise.name), variants.mistakes(exercise)
    oracle = variants.oracle(exercise.name)
    tried = [
        Attempt(kind, exercise.solution, batch)
        for batch in range(len(BATCHES))
        for kind in ("reference", "reference again")
    ]
    for batch in range(1 if learns(exercise) else len(BATCHES)):
        tried += [Attempt("right", variant.source, batch, about=variant) for variant in right]
        tried += [Attempt("wrong", variant.source, batch, about=variant) for variant in wrong]
    tried += [Attempt("oracle", oracle.source, about=oracle)] if oracle else []
    tried.append(Attempt("released", exercise.stub))
    tried.append(Attempt("reassigned", with_helpers(exercise), before=REASSIGNED))
    tried += [Attempt("mutant", mutant.source, batch=1, about=mutant) for mutant in mutants(exercise.solution)]
    tried += [Attempt("parameter", mutant.source, batch=1, about=mutant) for mutant in ignoring(exercise)]
    tried += [Attempt("noting", noting(exercise), batch) for batch in range(len(BATCHES))]
    # Under two seeds, a size that is drawn once is often the same.
    tried.append(Attempt("noting", noting(exercise), batch=1, seed=FIRST_DRAW))
    return tried


def with_helpers(exercise: Exercise) -> str:
    """Return the solution and the visible checks; its functions call a helper for each name that the test cell binds.

    As in a notebook, the checks run beside the answer; if they overwrite a helper, the solution loses its claims.
    """
    tree, used = syntax_tree(exercise.solution), set(re.findall(r"\w+", exercise.solution))
    names = sorted(all_bound_names(f"{exercise.visible}\n{exercise.hidden}") - used - {"_"})
    for _, function in functions_of(tree):
        begin_with(function, "\n".join(f"{name}()" for name in names))
    helpers = [f"def {name}(): pass" for name in names]
    return "\n".join([*helpers, ast.unparse(tree), exercise.visible])


def unmoved(evidence: Evidence) -> list[str]:
    """Return a line for each observation that no wrong answer or mutant changes: nothing shows what it checks."""
    name = evidence.exercise.name
    left: dict[tuple[str, str], None] = {
        (claim.name, observed.label): None for claim in evidence.expected(0).claims for observed in claim.observed
    }
    for kind in MOVING:
        for attempt in evidence.of(kind):
            for claim in evidence.expected(attempt.batch).claims:
                still = [label for of, label in left if of == claim.name]
                if still:
                    for label in _moved(claim, attempt.run.claim(name, claim.name), attempt.batch, name, still):
                        left.pop((claim.name, label), None)
    return [f"nothing moves {label!r} of the claim {claim!r}" for claim, label in left]


def _moved(
    expected: ClaimRun, got: ClaimRun | None, batch: int, exercise: str, asked: Collection[str]
) -> Iterator[str]:
    for wanted, found in zip(expected.observed, got.observed if got else (), strict=False):
        if found.label != wanted.label:
            return  # from here on, observations can no longer be matched
        if wanted.label not in asked:
            continue
        try:
            is_same = holds(wanted, found, BATCHES[batch], exercise)[0]
        except JudgeError:
            is_same = True
        if not is_same:
            yield wanted.label
