"""Define the findings of `validate` as plain data: table rows, misses that say what to do, and their JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

WRONG_VARIANTS, SUBTLE_VARIANTS = 3, 2


@dataclass
class Row:
    """One row of the table; it says which answers were graded, what they must get, and what they got."""

    graded: str  # "right variants"
    must: str  # "full marks"
    got: str  # "2 of 2"
    misses: list[str] = field(default_factory=list)  # one sentence each: what is wrong, and what to do


@dataclass
class Tried:
    """How many answers were tried on an exercise."""

    right: int = 0  # right answers besides the reference and the oracle
    wrong: int = 0
    subtle: int = 0  # wrong answers with right shapes and finite values that, if there are several claims, earn one
    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    seeds: int = 0  # under which the reference ran


@dataclass
class Report:
    """The findings on one exercise."""

    exercise: str
    points: int
    difficulty: int = 0
    minutes: int = 0
    claims: int = 0
    observations: int = 0
    rows: list[Row] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)  # observations that no wrong answer or mutant changed
    tried: Tried = field(default_factory=Tried)
    lost: dict[str, list[str]] = field(default_factory=dict)  # the claims that each mistake loses, by its label
    compared: int = 0  # claims of known answers, judged by notebook and grader
    agreeing: int = 0  # those of them on which both agree
    cpu: float = 0.0  # seconds that the claims take with the reference's answer
    is_cached: bool = False

    @property
    def misses(self) -> list[str]:
        return [miss for row in self.rows for miss in row.misses]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Report:
        """Restore a report from ``data``, the plain JSON types to which `asdict` converted the report."""
        rows = [Row(**row) for row in data["rows"]]
        return cls(**data | {"rows": rows, "tried": Tried(**data["tried"])})


@dataclass
class ChapterReport:
    """The findings on one chapter: its exercises, the misses that concern the whole file, and the validation time."""

    chapter: str
    exercises: list[Report]
    misses: list[str] = field(default_factory=list)  # of the chapter as a whole
    seconds: float = 0.0
    recorded: list[str] = field(default_factory=list)  # exercises whose record changed
    key: str = ""  # of everything that decides the tables, on any machine

    @property
    def all_misses(self) -> list[str]:
        """All misses in the chapter; if a miss is in an exercise, its text begins with the exercise's name."""
        return self.misses + [f"{report.exercise}: {miss}" for report in self.exercises for miss in report.misses]
