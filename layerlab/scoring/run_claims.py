"""Run an exercise's claims in the learner's own kernel, and collect what they observe."""

from __future__ import annotations

import builtins
import contextlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from IPython import get_ipython

from layerlab.checks.causes.errors import without_advice
from layerlab.graded import observation, tasks, wire
from layerlab.judging.claim_model import PUBLIC, ClaimRun, Observed
from layerlab.rules import watch
from layerlab.scoring.exercise_file import ScoredExercise
from layerlab.scoring.kernel_state import SUPPLIED, as_graded

_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined.*")
_BUILTIN_NAMES = frozenset(vars(builtins))


@dataclass
class Attempt:
    """What a learner's answer did when the claims of its exercise ran."""

    claims: dict[str, ClaimRun] = field(default_factory=dict)
    forbidden: str = ""  # the rule that the answer broke, and the line
    error: str = ""  # of the test itself, outside its claims

    @property
    def is_unfinished(self) -> bool:
        """Whether nothing was observed because every claim called a stub."""
        errors = {claim.raised_type for claim in self.claims.values()} | ({self.error.partition(":")[0]} - {""})
        return errors == {"NotImplementedError"} and not any(claim.observed for claim in self.claims.values())

    @property
    def undefined(self) -> str:
        """A name that a claim missed, or "": perhaps the learner has not run the cell that defines it."""
        errors = [claim.raised or "" for claim in self.claims.values()] + [self.error]
        return next((match[1] for match in map(_UNDEFINED.fullmatch, errors) if match), "")


class _Recorder:
    """A channel that keeps what is sent, and answers requests for data under the public seed."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._claim: ClaimRun | None = None

    def send(self, kind: str, header: dict[str, Any], payload: bytes = b"") -> None:
        if kind == "claim":
            self._claim = ClaimRun(header["exercise"], header["claim"], header["points"])
            self._attempt.claims[self._claim.name] = self._claim
        elif self._claim is None:
            return
        elif kind == "observe":
            body = wire.decode(payload)
            observed = Observed(header["label"], header["judge"], tuple(body["values"]), dict(body["options"]))
            self._claim.observed.append(observed)
        elif kind == "drawn":
            self._claim.drawn.append(wire.decode(payload))
        elif kind == "raised":
            message = without_advice(" ".join(header["message"].split()))
            self._claim.raised_type, self._claim.raised = header["error"], f"{header['error']}: {message}"[:600]
            self._claim.lines = tuple(header["lines"])
        self._claim.finished = self._claim.finished or kind in ("raised", "held")

    def ask(self, header: dict[str, Any]) -> bytes:
        return tasks.part(PUBLIC.secret, str(header["exercise"]), header)


def run(exercise: ScoredExercise) -> Attempt:
    """Run the claims of an exercise on the answer in this kernel.

    Whatever the kernel's state is, the result is the same: imported names and settings are set to what the chapter
    expects, and afterward, they are as before. A name that the chapter's own cells define counts as it is now.

    Raises:
        KeyboardInterrupt: if the learner stops it; everything is restored.
    """
    shell = get_ipython()
    attempt, names = Attempt(), shell.user_ns if shell else vars(sys.modules["__main__"])
    imported: dict[str, Any] = dict(SUPPLIED)
    exec(exercise.imports, imported)
    del imported["__builtins__"]
    channel = observation.listening(_Recorder(attempt), PUBLIC.seed)
    with _overlaid(names, imported), as_graded(PUBLIC.seed), channel:
        namespace = {name: value for name, value in names.items() if name not in _BUILTIN_NAMES}
        namespace |= imported | {"__builtins__": builtins}
        observation.enter(exercise.name)
        try:
            _prepare(exercise.setup, namespace)
            with watch.watching(exercise.rules, lambda rule, line: _forbid(attempt, rule, line), None, names):
                exec(compile(exercise.test, f"<test_{exercise.name}>", "exec"), namespace)
        except (Exception, SystemExit) as error:
            attempt.error = f"{type(error).__name__}: {observation.text_of(error)}"[:500]
    return attempt


@contextlib.contextmanager
def _overlaid(names: dict[str, Any], others: dict[str, Any]) -> Iterator[None]:
    """Bind other values to names in a block, because functions of the answer look there for what they use."""
    before = dict(names)
    names.update(others)
    try:
        yield
    finally:
        names.clear()
        names.update(before)


def _prepare(setup: str, namespace: dict[str, Any]) -> None:
    """Run the chapter's cells that the test uses, and keep only what the learner's notebook does not define."""
    if setup:
        fresh = dict(namespace)
        exec(setup, fresh)
        namespace |= {name: value for name, value in fresh.items() if name not in namespace}


def _forbid(attempt: Attempt, rule: str, line: int) -> None:
    attempt.forbidden = attempt.forbidden or f"{rule}, line {line}"
