"""Write the feedback on an exercise, which gives each reason once, with the lost points and the violated bullet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.model import Bullet, Exercise, ExerciseResult, State, Told, Verdict
from autograder.plain import without_markdown
from autograder.quoted_bullets import violated

WORDS = {  # what a student reads for each state
    State.PASSED: "solved",
    State.WRONG: "not right yet",
    State.RAISED: "stopped with an error",
    State.NOT_IMPLEMENTED: "not attempted yet",
    State.TIMED_OUT: "took too long",
    State.OUT_OF_MEMORY: "needed too much memory",
    State.CRASHED: "ended the Python process",
    State.FORBIDDEN: "uses a call that this exercise does not allow",
    State.NO_EVIDENCE: "produced nothing to judge",
    State.SKIPPED: "not run",
    State.BY_HAND: "waits for a person",
    State.INFRASTRUCTURE: "not graded yet, through no fault of yours",
}
_NOT_ASKED = (State.PASSED, State.INFRASTRUCTURE, State.SKIPPED)
_DIFFER = (Told.VALUES, Told.EFFECT)
_CASE = re.compile(r"^for “[^”]*”, ")  # the case in which an answer stopped; without it, equal reasons compare equal
_LIST_END = re.compile(r"[;,](?: and| or)?$")  # the end of a bullet whose sentence continues in the next bullet


@dataclass(frozen=True)
class Cause:
    """One reason why an answer lost points, and the claims lost for that reason."""

    why: str  # one sentence that names a mistake, what differs, or where the answer stopped
    lost: tuple[Verdict, ...]  # the verdicts on the claims lost for this reason, in order
    asked: str = ""  # the bullet that the answer violates, in Markdown; empty if that is not clear

    @property
    def costs(self) -> str:
        """The points that this reason cost, as a sentence such as "Costs 3 points: values (2); gradient (1)."."""
        points = sum(verdict.points for verdict in self.lost)
        names = "; ".join(f"{v.claim} ({v.points})" if len(self.lost) > 1 else v.claim for v in self.lost)
        return f"Costs {points} point{'s' if points != 1 else ''}: {names}."


def causes(exercise: Exercise | None, result: ExerciseResult) -> list[Cause]:
    """Return the reasons why an answer lost points, each once, quoting the exercise's statement if it is given."""
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
    """Return the bullet to quote for lost claims, or ""; later claims that differ most likely have the same cause."""
    first = lost[0]
    is_later = first.told in _DIFFER and not first.mistake and first is not differs
    if first.state in _NOT_ASKED or is_later:
        return ""
    names = [verdict.claim for verdict in lost]
    is_said = first.mistake or first.told is Told.EFFECT  # claim names could also match bullets that are not violated
    words = first.why if is_said else f"{' '.join(names)}. {first.why}"
    bullet = violated(bullets, names, words)
    return _LIST_END.sub("", bullet.text) if bullet else ""


def in_lines(exercise: Exercise | None, result: ExerciseResult) -> list[str]:
    """Return the feedback as plain text lines, in which `backticks` mark code: earned claims first, then reasons."""
    if result.is_untouched:
        return []
    if result.state in (State.SKIPPED, State.INFRASTRUCTURE, State.BY_HAND):  # there is one reason, or no claim
        return [sentence(result.sentence)] if result.sentence else []
    held = [verdict.claim for verdict in result.verdicts if verdict.state is State.PASSED]
    lines = [f"✓ {'; '.join(held)}"] if held else []
    for cause in causes(exercise, result):
        lines += [f"× {cause.why}", f"  {cause.costs}"]
        lines += [f"  Asked: {without_markdown(cause.asked)}"] if cause.asked else []
    return lines


def capital(text: str) -> str:
    """Return a text with its first letter capitalized, unless it begins with a name from code (`conv2d`, `p`)."""
    return text[:1].upper() + text[1:] if re.match(r"(?:a|[a-z]{2,})(?=['’ ,-]|$)", text) else text


def sentence(text: str) -> str:
    """Return ``text``, capitalized by `capital`, with a punctuation mark at the end."""
    text = capital(text.strip())
    return text if not text or text[-1] in ".!?…)" else f"{text}."
