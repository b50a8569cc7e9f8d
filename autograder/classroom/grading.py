"""Define how to grade a class, without the imports that grading needs."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.model import Limits
from autograder.sandbox.driver.run import Runner


@dataclass(frozen=True)
class Grading:
    """How to grade a class."""

    workers: int = 1  # submissions that run at once on this machine
    scheduler: str | None = None  # the address of a Dask scheduler whose workers grade instead
    new_seed: bool = False  # generate a new seed, so that everything is graded again with different inputs
    students: tuple[str, ...] = ()  # whose submissions to grade; all if empty
    accept: tuple[str, ...] = ()  # those of them whose newer answers' points replace lower scores by hand
    limits: Limits | None = None  # for each submission
    sandbox: bool = True  # isolate each submission from this machine and from other submissions
    runner: Runner | None = None  # started or not; it is left open. If None, a new one with ``workers``
