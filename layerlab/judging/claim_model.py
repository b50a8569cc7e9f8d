"""Define what a claim observed and what it earned; the grader and a notebook use the same data classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from layerlab.graded.observation import DEFAULT_SEED


class ClaimState(StrEnum):
    """What a judge may say of a claim; `autograder.model.State` has the same values, and more."""

    PASSED = "passed"
    WRONG = "wrong"
    RAISED = "raised"
    NOT_IMPLEMENTED = "not implemented"
    OUT_OF_MEMORY = "out of memory"
    FORBIDDEN = "forbidden call"
    NO_EVIDENCE = "no evidence"


class SentenceKind(StrEnum):
    """The kinds of sentences that explain a lost claim; `autograder.model.Told` has the same values, and more."""

    VALUES = "where values differ, and by how much"
    FORM = "shape, dtype, kind or words"
    LINE = "the student's own line, and the case"
    CASE = "what was raised outside the answer, and the case"
    STOPPED = "stopped, or a call that is not allowed"
    OTHER = "other"


class Batch(Protocol):
    """The two numbers that determine everything random; see `autograder.model.Batch`."""

    @property
    def seed(self) -> int: ...

    @property
    def secret(self) -> int: ...


@dataclass(frozen=True)
class PublicBatch:
    """What a notebook draws from: knowing its results earns nothing in another batch."""

    seed: int = DEFAULT_SEED
    secret: int = 0


PUBLIC = PublicBatch()


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
    stop: str | None = None  # set if the process ended during this claim


@dataclass(frozen=True)
class Ruling:
    """What a judge decided on one claim, and why."""

    claim: str
    points: int  # that the claim earned
    state: ClaimState | str  # or why the process ended
    cause: str = ""  # one sentence, without any expected value
    detail: str = ""  # with expected values
    told: SentenceKind | None = None  # the kind of the sentence `cause`; None for an earned claim
