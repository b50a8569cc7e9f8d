"""What a student is told of an exercise: each reason once, what it cost, and what was asked; the same everywhere.

A terminal, a feedback page, a comment of nbgrader's, `explain` and `lab.points()` show it, each in its own form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.model import Bullet, Exercise, ExerciseResult, State, Told, Verdict
from autograder.plain import without_markdown
from autograder.quoted_bullets import violated

WORDS = {  # what a student reads for a state
    State.PASSED: "solved",
    State.WRONG: "not right yet",
    State.RAISED: "stopped with an error",
    State.NOT_IMPLEMENTED: "not attempted yet",
    State.TIMED_OUT: "took too long",
    State.OUT_OF_MEMORY: "needed too much memory",
    State.CRASHED: "ended the Python process",
    State.FORBIDDEN: "uses a call that this exercise does not allow",
    State.NO_EVIDENCE: "showed nothing to judge",
    State.SKIPPED: "not run",
    State.INFRASTRUCTURE: "not graded yet, and not because of you",
}
_NOT_ASKED = (State.PASSED, State.INFRASTRUCTURE, State.SKIPPED)
_DIFFER = (Told.VALUES, Told.EFFECT)
_CASE = re.compile(r"^for “[^”]*”, ")  # where an answer stopped: the reason is the same in each case
_LIST_END = re.compile(r"[;,](?: and| or)?$")  # of a bullet that its list goes on from


@dataclass(frozen=True)
class Cause:
    """One reason, and what was lost for it.

    Args:
        why: one sentence: a named mistake, what differs, or where the answer stopped.
        lost: the verdicts on the claims that it cost, in order.
        asked: the bullet of the statement that it goes against, in Markdown; empty where that is not clear.
    """

    why: str
    lost: tuple[Verdict, ...]
    asked: str = ""

    @property
    def costs(self) -> str:
        """Say what it cost: "Costs 3 points: values (2); gradient (1)."."""
        points = sum(verdict.points for verdict in self.lost)
        names = "; ".join(f"{v.claim} ({v.points})" if len(self.lost) > 1 else v.claim for v in self.lost)
        return f"Costs {points} point{'s' if points != 1 else ''}: {names}."


def causes(exercise: Exercise | None, result: ExerciseResult) -> list[Cause]:
    """Return why an answer lost what it lost, each reason once; nothing of an exercise that was not begun.

    Args:
        exercise: whose statement was asked; None leaves that out.
    """
    if result.is_untouched:
        return []
    found: dict[str, list[Verdict]] = {}
    for verdict in result.verdicts:
        if verdict.state is not State.PASSED:
            found.setdefault(_CASE.sub("", verdict.why), []).append(verdict)
    bullets = exercise.bullets if exercise else ()
    differs = next((lost[0] for lost in found.values() if lost[0].told in _DIFFER and not lost[0].mistake), None)
    return [
        Cause(sentence(lost[0].why or WORDS[lost[0].state]), tuple(lost), _asked(bullets, lost, differs))
        for lost in found.values()
    ]


def _asked(bullets: Sequence[Bullet], lost: Sequence[Verdict], differs: Verdict | None) -> str:
    """Return the bullet to quote; ``differs`` is the first claim whose values differ for a reason nobody knows.

    Later ones of that kind have most likely the same reason, which goes against nothing that they alone test.
    """
    first = lost[0]
    is_later = first.told in _DIFFER and not first.mistake and first is not differs
    if first.state in _NOT_ASKED or is_later:
        return ""
    names = [verdict.claim for verdict in lost]
    is_said = first.mistake or first.told is Told.EFFECT  # names of claims would speak of what holds, too
    words = first.why if is_said else f"{' '.join(names)}. {first.why}"
    bullet = violated(bullets, names, words)
    return _LIST_END.sub("", bullet.text) if bullet else ""


def held(result: ExerciseResult) -> list[str]:
    """Return the names of the claims that hold."""
    return [verdict.claim for verdict in result.verdicts if verdict.state is State.PASSED]


def is_stopped(result: ExerciseResult) -> bool:
    """Return whether one reason that is no named mistake cost several claims: visible checks could only repeat it."""
    found = causes(None, result)
    return len(found) == 1 and len(found[0].lost) > 1 and not found[0].lost[0].mistake


def in_lines(exercise: Exercise | None, result: ExerciseResult) -> list[str]:
    """Return it as lines in which only `backticks` mean something: what holds, and each reason with its cost.

    Args:
        exercise: whose statement was asked; None leaves that out.
    """
    if result.is_untouched:
        return []
    if result.state in (State.SKIPPED, State.INFRASTRUCTURE):  # nothing was run: that is the same for all claims
        return [sentence(result.sentence)] if result.sentence else []
    lines = [f"✓ {'; '.join(held(result))}"] if held(result) else []
    for cause in causes(exercise, result):
        lines += [f"× {cause.why}", f"  {cause.costs}"]
        lines += [f"  Asked: {without_markdown(cause.asked)}"] if cause.asked else []
    return lines


def capital(text: str) -> str:
    """Return a text with a capital at its beginning; a name of code in front (`conv2d`, `p`) keeps its letters."""
    return text[:1].upper() + text[1:] if re.match(r"(?:a|[a-z]{2,})(?=['’ ,-]|$)", text) else text


def sentence(text: str) -> str:
    """Return ``text`` with a capital at its beginning and a mark at its end; a name in front keeps its letters."""
    text = capital(text.strip())
    return text if not text or text[-1] in ".!?…)" else f"{text}."
