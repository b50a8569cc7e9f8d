"""Define what a claim observed and what it earned; the grader and a notebook use the same data classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from layerlab.graded.observation import DEFAULT_SEED


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


@dataclass(frozen=True)
class Batch:
    """The two numbers that determine everything random; a student's process receives only ``seed``.

    A class keeps its seed. Its secret changes each time submissions are graded, so what feedback reveals about one does
    not help in the next submission; a stored result contains the secret used to grade it.
    """

    seed: int
    secret: int


PUBLIC = Batch(DEFAULT_SEED, secret=0)  # what a notebook draws from: knowing its results earns nothing in another batch


@dataclass(frozen=True)
class Observed:
    """One observation as it was sent, with the decoded values and the judge that the test cell named."""

    label: str
    judge: str
    values: tuple[Any, ...]
    options: dict[str, Any]


@dataclass
class ClaimRun:
    """The messages that one claim sent while it ran."""

    exercise: str
    name: str
    points: int
    observed: list[Observed] = field(default_factory=list)
    drawn: list[Any] = field(default_factory=list)
    raised: str | None = None  # "ValueError: ..." when the claim's body raised
    raised_type: str | None = None
    lines: tuple[tuple[int, str], ...] = ()  # number and text of each line in the exception's traceback, as sent
    finished: bool = False
    seconds: float = 0.0
    malformed: str | None = None  # why its messages are invalid
    stop: State | None = None  # set if the process ended during this claim


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
