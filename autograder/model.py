"""The plain data that the grader's parts hand to each other.

rebuild -> `Plan` -> run -> `Run` -> judge -> `Result` -> record. Nothing here does anything, and nothing here comes
from a student's process as an object: runs are read from bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal


class State(StrEnum):
    """Everything that can be said of a claim, an exercise or a submission."""

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
    INFRASTRUCTURE = "infrastructure"  # our fault: retried, never scored 0


class Told(StrEnum):
    """What kind of sentence a lost claim is told with."""

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
]  # a module is read, and no cell of a run


TEST_KINDS = ("visible", "hidden")  # the two halves of a test cell, as `Cell.kind` names them
HIDDEN = TEST_KINDS[1:]  # what earns points


@dataclass(frozen=True)
class Cell:
    """One piece of code to run. A test cell becomes two: its visible checks and its hidden claims."""

    id: str
    kind: CellKind
    source: str
    exercise: str = ""
    rules: tuple[str, ...] = ()  # calls that are watched for while a solution or test cell runs
    reached: tuple[tuple[int, int], ...] = ()  # lines of a solution cell that its answer is made of: only they count


@dataclass(frozen=True)
class Claim:
    """What a claim of the reference is called and worth."""

    name: str
    points: int


@dataclass(frozen=True)
class Bullet:
    """One demand of a statement, and the names of the claims that test it."""

    text: str  # Markdown, in one line
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """One graded exercise as the instructor's copy defines it."""

    name: str  # "own_linear": the id in `:solution:` and `:test:`
    title: str  # of its heading, "a linear layer from scratch"
    solution: str  # the reference's solution cell
    stub: str  # the released solution cell
    visible: str  # test code before ### BEGIN HIDDEN TESTS
    hidden: str  # the claims
    claims: tuple[Claim, ...]
    rules: tuple[str, ...] = ()  # calls that are not allowed, "nn.Linear"
    tier: str = "more"  # or "core"
    difficulty: int = 0
    minutes: int = 0
    bullets: tuple[Bullet, ...] = ()  # of its statement, in order

    @property
    def points(self) -> int:
        return sum(claim.points for claim in self.claims)


@dataclass(frozen=True)
class Chapter:
    """A reference notebook, read once."""

    name: str
    cells: tuple[Cell, ...]  # in order, with the reference's solutions
    exercises: tuple[Exercise, ...]
    digest: str  # hash of everything that decides a grade

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    def exercise(self, name: str) -> Exercise:
        return next(exercise for exercise in self.exercises if exercise.name == name)


@dataclass(frozen=True)
class Plan:
    """What of one submission is run, in order, and what was noticed while rebuilding it."""

    chapter: str
    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()
    untouched: frozenset[str] = frozenset()  # exercises whose solution cell is still the released one
    missing: frozenset[str] = frozenset()  # exercises whose solution cell is not in the submission


@dataclass(frozen=True)
class Batch:
    """The two numbers that decide what is drawn: a student's process knows ``seed`` and never ``secret``.

    A class keeps its seed. Its secret is another each time that something is graded: what a student learns of one from
    feedback is of no use to the next submission. A result that is kept keeps the secret that it was graded with.
    """

    seed: int
    secret: int


@dataclass(frozen=True)
class Limits:
    """Bounds on one submission: seconds of its own (see ``patience``) over all attempts, MiB and bytes of each."""

    cell_seconds: float = 10.0
    total_seconds: float = 90.0
    memory_mb: int = 1024
    output_bytes: int = 1_000_000
    result_bytes: int = 64 * 2**20


@dataclass(frozen=True)
class Observed:
    """One observation as it was sent: decoded values, and the judge the test cell asked for."""

    label: str
    judge: str
    values: tuple[Any, ...]
    options: dict[str, Any]


@dataclass
class ClaimRun:
    """What one claim sent while it ran."""

    exercise: str
    name: str
    points: int
    observed: list[Observed] = field(default_factory=list)
    drawn: list[Any] = field(default_factory=list)
    raised: str | None = None  # "ValueError: ..." when the claim's body raised
    raised_type: str | None = None
    lines: tuple[tuple[int, str], ...] = ()  # numbers and texts of lines that the exception came through, as was sent
    finished: bool = False
    seconds: float = 0.0
    malformed: str | None = None  # what was sent that is not an observation
    stop: State | None = None  # set when the process did not survive this claim


@dataclass(slots=True)
class Check:
    """How one visible check ended."""

    exercise: str
    what: str
    passed: bool
    message: str


@dataclass
class CellRun:
    """How one cell ended. ``error`` is "Type: message"; ``stop`` is set when the process did not survive it."""

    id: str
    exercise: str
    kind: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0  # as the student's own process counts them
    forked_seconds: float = 0.0  # of these, what processes took that it has started, such as ranks
    error: str | None = None
    error_type: str | None = None
    lines: tuple[tuple[int, str], ...] = ()  # as in `ClaimRun`
    stop: State | None = None
    outputs: list[dict[str, Any]] = field(default_factory=list)  # nbformat outputs


@dataclass
class Run:
    """Everything one submission (or the reference) did."""

    seed: int
    claims: list[ClaimRun] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    cells: list[CellRun] = field(default_factory=list)
    seconds: float = 0.0
    counted: float = 0.0  # seconds of its own: what limits are about, see ``patience``
    received: int = 0  # bytes sent by its processes
    is_over: bool = False  # its time was used up before everything was run
    peak_mb: float = 0.0
    fault: str | None = None  # our fault, in words
    broken_rules: dict[str, str] = field(default_factory=dict)  # exercise -> the rule its answer broke while it ran
    notes: list[str] = field(default_factory=list)  # what was passed over, in sentences

    def claim(self, exercise: str, name: str) -> ClaimRun | None:
        """Return the claim of that name, or None if it was never opened."""
        return next((c for c in self.claims if c.exercise == exercise and c.name == name), None)

    def evidence(self, exercise: str, name: str) -> ClaimRun:
        """Return the claim of that name from the reference's run.

        Raises:
            LookupError: if it was never opened.
        """
        found = self.claim(exercise, name)
        if found is None:
            raise LookupError(f"the reference never opens the claim {name!r} of {exercise}")
        return found


@dataclass(slots=True)  # a class of thousands keeps them
class Verdict:
    """What one claim earned and why."""

    exercise: str
    claim: str
    points: int
    earned: int
    state: State
    cause: str = ""  # one sentence for the student: no expected value in it
    detail: str = ""  # for the instructor
    seconds: float = 0.0
    told: Told | None = None  # what kind of sentence that is; None for a claim that holds
    mistake: str = ""  # of the known mistake that explains this claim: the sentence to tell, instead of `cause`

    @property
    def why(self) -> str:
        """The one sentence that a student is told."""
        return self.mistake or self.cause


@dataclass(slots=True)
class ExerciseResult:
    """One exercise of one submission."""

    name: str
    title: str
    points: int
    earned: int
    state: State
    verdicts: list[Verdict]
    checks: list[Check] = field(default_factory=list)
    sentence: str = ""  # of the wrong variant that observes the same, or of the first lost claim
    mistake: str = ""  # that variant's title, for the class report
    is_untouched: bool = False  # the answer is as it was released: nothing else is said of it

    @property
    def is_solved(self) -> bool:
        return self.earned == self.points


@dataclass(slots=True)
class Result:
    """One graded submission."""

    student: str
    chapter: str
    state: State  # PASSED when it could be read and run; what stopped it otherwise
    points: int
    earned: int
    exercises: list[ExerciseResult]
    sentence: str = ""  # says what was wrong with the file, if anything
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cell_cpu_seconds: float = 0.0  # of answers and tests alone, their ranks included: no grader can be faster
    peak_mb: float = 0.0
    seed: int = 0
    secret: int = 0  # for whoever grades: with the seed it shows the same again
    key: str = ""  # hash of submission, reference, grader, seed and secret
    outputs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # cell id -> outputs, for autograded/
    plan: Plan | None = None  # what was run; None where nothing was, and from another machine
