"""Define the plain data classes that the parts of the grader pass to each other.

rebuild -> `Plan` -> run -> `Run` -> judge -> `Result` -> record. A student's process never sends objects, only bytes,
from which the driver reads a `Run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # it imports torch, which the book and its authors' commands do without
    from layerlab.judging.claim_model import ClaimRun


class State(StrEnum):
    """The possible states of a claim, an exercise, or a submission."""

    PASSED = "passed"
    WRONG = "wrong"
    RAISED = "raised"
    NOT_IMPLEMENTED = "not implemented"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"
    FORBIDDEN = "forbidden call"
    NO_EVIDENCE = "no evidence"
    SKIPPED = "skipped"
    BY_HAND = "graded by hand"  # there is an answer, and a person has yet to grade it
    INFRASTRUCTURE = "infrastructure"  # not the student's fault, so it is retried and never scored 0


class Told(StrEnum):
    """The kinds of sentences that explain a lost claim."""

    MISTAKE = "a named mistake"
    EFFECT = "what the wrong values have in common"
    VALUES = "where values differ, and by how much"
    FORM = "shape, dtype, kind or words"
    LINE = "the student's own line, and the case"
    CASE = "what was raised outside the answer, and the case"
    STOPPED = "stopped, or a call that is not allowed"
    OTHER = "other"


CellKind = Literal[
    "provided", "solution", "visible", "hidden", "own", "module"
]  # a module is read, but is not a cell of a run


TEST_KINDS = ("visible", "hidden")  # the two halves of a test cell, as `Cell.kind` names them
HIDDEN = TEST_KINDS[1:]  # the half that earns points


@dataclass(frozen=True)
class Cell:
    """One piece of code to run; a test cell becomes two pieces: its visible checks and its hidden claims."""

    id: str
    kind: CellKind
    source: str
    exercise: str = ""
    rules: tuple[str, ...] = ()  # calls to watch for while a solution or test cell runs
    reached: tuple[tuple[int, int], ...] = ()  # lines of a solution cell that belong to its answer; only these count


@dataclass(frozen=True)
class Claim:
    """A claim's name and points in the reference notebook."""

    name: str
    points: int


@dataclass(frozen=True)
class Bullet:
    """A single requirement of a statement, and the names of the claims that test it."""

    text: str  # Markdown, on one line
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """One graded exercise as the instructor's copy defines it."""

    name: str  # "own_linear": the id in `:solution:` and `:test:`
    title: str  # from its heading, "a linear layer from scratch"
    solution: str  # the reference's solution cell
    stub: str  # the released solution cell
    visible: str  # test code before ### BEGIN HIDDEN TESTS
    hidden: str  # the claims
    claims: tuple[Claim, ...]
    rules: tuple[str, ...] = ()  # forbidden calls, "nn.Linear"
    tier: str = "more"  # or "core"
    difficulty: int = 0
    minutes: int = 0
    bullets: tuple[Bullet, ...] = ()  # those of its statement, in order
    by_hand: int = 0  # the points that a person gives for the answer; such an exercise has no tests and no claims
    is_text: bool = False  # the answer is a Markdown cell

    @property
    def points(self) -> int:
        return self.by_hand or sum(claim.points for claim in self.claims)


@dataclass(frozen=True)
class Chapter:
    """A chapter as read from its reference notebook."""

    name: str
    cells: tuple[Cell, ...]  # in order, with the reference's solutions
    exercises: tuple[Exercise, ...]
    digest: str  # hash of everything that decides a grade
    fingerprint: str = ""  # of its notebook; releases of one notebook have the same

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def tested(self) -> tuple[Exercise, ...]:
        """The exercises that have tests; a person grades the other exercises."""
        return tuple(exercise for exercise in self.exercises if not exercise.by_hand)

    def exercise(self, name: str) -> Exercise:
        return next(exercise for exercise in self.exercises if exercise.name == name)


@dataclass(frozen=True)
class Plan:
    """The cells to run for one submission, in order, and notes made while rebuilding the submission."""

    chapter: str
    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()
    untouched: frozenset[str] = frozenset()  # exercises whose solution cell is still the released one
    missing: frozenset[str] = frozenset()  # exercises whose solution cell is not in the submission
    texts: Mapping[str, str] = field(default_factory=dict)  # exercise -> its answer, if that is Markdown
    is_in_order: bool = True  # the execution counts in the submission increase by 1 from cell to cell


@dataclass(frozen=True)
class Batch:
    """The two numbers that determine everything random; a student's process receives only ``seed``.

    A class keeps its seed. Its secret changes each time submissions are graded, so what feedback reveals about one does
    not help in the next submission; a stored result contains the secret used to grade it.
    """

    seed: int
    secret: int


@dataclass(frozen=True)
class Limits:
    """Limits for one submission.

    The limits in seconds, as ``patience`` counts them, apply to all attempts together; the limits on memory and bytes
    apply to each attempt.
    """

    cell_seconds: float = 10.0
    total_seconds: float = 90.0
    memory_mb: int = 1024
    output_bytes: int = 1_000_000
    result_bytes: int = 64 * 2**20


@dataclass(slots=True)
class Check:
    """The outcome of one visible check."""

    exercise: str
    what: str
    passed: bool
    message: str


@dataclass
class CellRun:
    """The outcome of one cell; ``error`` is "Type: message", and ``stop`` is set if the process ended in this cell."""

    id: str
    exercise: str
    kind: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0  # as counted by the student's own process
    forked_seconds: float = 0.0  # of these, the seconds of processes that it started, such as ranks
    error: str | None = None
    error_type: str | None = None
    lines: tuple[tuple[int, str], ...] = ()  # as in `ClaimRun`
    stop: State | None = None
    outputs: list[dict[str, Any]] = field(default_factory=list)  # nbformat outputs


@dataclass
class Run:
    """Everything that a submission (or the reference) did when it ran."""

    seed: int
    claims: list[ClaimRun] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    cells: list[CellRun] = field(default_factory=list)
    seconds: float = 0.0
    counted: float = 0.0  # the seconds that count against the limits; see ``patience``
    received: int = 0  # bytes sent by its processes
    is_over: bool = False  # its time ran out before everything had run
    peak_mb: float = 0.0
    fault: str | None = None  # a failure that is not the student's fault, in words
    broken_rules: dict[str, str] = field(default_factory=dict)  # exercise -> the rule its answer broke while it ran
    notes: list[str] = field(default_factory=list)  # sentences about code that was skipped

    def claim(self, exercise: str, name: str) -> ClaimRun | None:
        """Return the claim with this name, or None if it was never opened."""
        return next((c for c in self.claims if c.exercise == exercise and c.name == name), None)

    def evidence(self, exercise: str, name: str) -> ClaimRun:
        """Return the claim with this name from the reference's run, or raise LookupError if it was never opened."""
        found = self.claim(exercise, name)
        if found is None:
            raise LookupError(f"the reference never opens the claim {name!r} of {exercise}")
        return found


@dataclass(slots=True)  # slots save memory, because a class with thousands of students keeps all verdicts
class Verdict:
    """The points that one claim earned, and why."""

    exercise: str
    claim: str
    points: int
    earned: int
    state: State
    cause: str = ""  # one sentence for the student, without any expected value
    detail: str = ""  # for the instructor
    seconds: float = 0.0
    told: Told | None = None  # the kind of the sentence `cause`; None for an earned claim
    mistake: str = ""  # the sentence of the known mistake that explains this claim; it replaces `cause`

    @property
    def why(self) -> str:
        """The one sentence that the student sees."""
        return self.mistake or self.cause


@dataclass(slots=True)
class ExerciseResult:
    """The result of one exercise of a submission."""

    name: str
    title: str
    points: int
    earned: int
    state: State
    verdicts: list[Verdict]
    checks: list[Check] = field(default_factory=list)
    sentence: str = ""  # from the wrong variant with the same observations, or from the first lost claim
    mistake: str = ""  # that variant's title, for the class report
    is_untouched: bool = False  # the answer is unchanged since release, so feedback says nothing else

    @property
    def is_solved(self) -> bool:
        return self.earned == self.points


@dataclass(slots=True)
class Result:
    """The result of one graded submission."""

    student: str
    chapter: str
    state: State  # PASSED if it could be read and run, otherwise what stopped it
    points: int
    earned: int
    exercises: list[ExerciseResult]
    sentence: str = ""  # says what was wrong with the file, if anything
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cell_cpu_seconds: float = 0.0  # for answers, tests (of lost claims twice), and their ranks: no grader needs less
    peak_mb: float = 0.0
    seed: int = 0
    secret: int = 0  # for instructors: together with the seed, it reproduces the result
    key: str = ""  # hash of submission, reference, grader, seed, and secret
    outputs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # cell id -> outputs, for autograded/
    plan: Plan | None = None  # what was run; None if nothing ran, or for a result from another machine

    def part(self, name: str) -> ExerciseResult | None:
        """Return the result of one exercise, or None if this result does not contain the exercise."""
        return next((part for part in self.exercises if part.name == name), None)
