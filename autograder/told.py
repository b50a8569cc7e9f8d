"""What a student is told of an exercise: for each lost claim what was asked and why it was lost, the same everywhere.

A terminal, a feedback page, a comment of nbgrader's, `explain` and `lab.points()` show it, each in its own form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.model import Exercise, ExerciseResult, State, Verdict
from autograder.plain import without_markdown

AS_ABOVE = "For the reason above."
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
_LIST_END = re.compile(r"[;,](?: and| or)?$")  # of a bullet that its list goes on from


@dataclass(frozen=True)
class LostClaim:
    """One claim that was lost.

    Args:
        asked: the bullets of the statement that it tests, in Markdown; none where the author gave it none.
        why: one sentence: a named mistake, what differs, or where the answer stopped.
    """

    name: str
    points: int
    asked: tuple[str, ...]
    why: str


def lost_claims(exercise: Exercise | None, result: ExerciseResult) -> list[LostClaim]:
    """Return the claims that an answer lost; none of an exercise that was not begun: that is all there is to say."""
    if result.is_untouched:
        return []
    lost = [verdict for verdict in result.verdicts if verdict.state is not State.PASSED]
    return [LostClaim(v.claim, v.points, asked(exercise, v), why(v, result)) for v in lost]


def held(result: ExerciseResult) -> list[str]:
    """Return the names of the claims that hold."""
    return [verdict.claim for verdict in result.verdicts if verdict.state is State.PASSED]


def asked(exercise: Exercise | None, verdict: Verdict) -> tuple[str, ...]:
    """Return the bullets of the statement, in Markdown, that a lost claim tests."""
    if exercise is None or verdict.state in _NOT_ASKED:
        return ()
    return tuple(_LIST_END.sub("", bullet.text) for bullet in exercise.bullets if verdict.claim in bullet.claims)


def why(verdict: Verdict, result: ExerciseResult) -> str:
    """Return why a claim was lost; what is said of the whole exercise is not said again."""
    return AS_ABOVE if verdict.why and verdict.why == named(result) else verdict.why


def named(result: ExerciseResult) -> str:
    """Return what is said of the whole exercise: a mistake that was named, or why several claims were lost; else ""."""
    told = [
        verdict for verdict in result.verdicts if verdict.earned < verdict.points and verdict.why == result.sentence
    ]
    return result.sentence if len(told) > 1 or any(verdict.mistake for verdict in told) else ""


def in_lines(exercise: Exercise | None, result: ExerciseResult) -> list[str]:
    """Return it as plain lines: what is said of the whole, what holds, and each lost claim with two or three lines.

    Args:
        exercise: whose statement was asked; None leaves that out.
    """
    if result.is_untouched:
        return []
    if result.state in (State.SKIPPED, State.INFRASTRUCTURE):  # nothing was run: that is the same for all claims
        return [sentence(result.sentence)] if result.sentence else []
    lines = [sentence(named(result))] if named(result) else []
    lines += [f"✓ {', '.join(held(result))}"] if held(result) else []
    shown: set[str] = set()
    for claim in lost_claims(exercise, result):
        lines.append(f"× {claim.name} ({claim.points} point{'s' if claim.points > 1 else ''})")
        lines += [f"  Asked: {without_markdown(demand)}" for demand in claim.asked if demand not in shown]
        shown |= {*claim.asked}
        lines += [f"  {sentence(claim.why)}"] if claim.why else []
    return lines


def sentence(text: str) -> str:
    """Return ``text`` with a capital at its beginning and a mark at its end; a name in front keeps its letters."""
    text = text.strip()
    if re.match(r"[a-z]+['’ ,]", text):
        text = text[0].upper() + text[1:]
    return text if not text or text[-1] in ".!?…)" else f"{text}."
