"""Write the feedback for a student: ``feedback/<student>/<chapter>/<chapter>.html`` and the same content as text.

The feedback contains the names of the claims, the reasons for lost points, and the outcome of the visible checks. Each
reason appears once, with the lost claims and the violated bullet of the statement. The feedback contains no hidden test
code, no expected values, and no details meant for instructors (`Verdict.detail`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder import reasons
from autograder.model import Chapter, Check, ExerciseResult, Result, State
from autograder.recording.page_parts import WORDS, plural, points, rendered
from autograder.recording.totals import Mark, with_hand_scores
from autograder.recording.whole_files import replace_text

_STOPPED = (State.NOT_IMPLEMENTED, State.TIMED_OUT, State.OUT_OF_MEMORY, State.CRASHED, State.SKIPPED)
MARKED = "<main data-mark>"  # on a page with a person's or a penalty's points, or a late submission
MAX_MESSAGE = 600  # a check's message comes from the student's process


def html(result: Result, chapter: Chapter, mark: Mark | None = None) -> str:
    """Return one student's page, which has light and dark colors and no scripts, and loads nothing from elsewhere."""
    return _render("feedback.html", result, chapter, mark)


def text(result: Result, chapter: Chapter, mark: Mark | None = None) -> str:
    """Return the same feedback as text, for a terminal or an email."""
    return _render("feedback.txt", result, chapter, mark)


def write(result: Result, chapter: Chapter, folder: Path, mark: Mark | None = None) -> dict[str, Path]:
    """Write the page and the text into a student's feedback folder and return their paths."""
    return {
        "html": replace_text(folder / f"{chapter.name}.html", html(result, chapter, mark)),
        "txt": replace_text(folder / f"{chapter.name}.txt", text(result, chapter, mark)),
    }


def next_exercise(result: Result) -> ExerciseResult | None:
    """Return the exercise to do next: the first begun exercise with lost points, or else the first untouched one."""
    not_lost = (State.INFRASTRUCTURE, State.BY_HAND)
    lost = [part for part in result.exercises if part.earned < part.points and part.state not in not_lost]
    begun = [exercise for exercise in lost if exercise.state is not State.NOT_IMPLEMENTED]
    return next(iter(begun or lost), None)


def _render(template: str, result: Result, chapter: Chapter, mark: Mark | None) -> str:
    changed = _changed(result, chapter, mark) if mark else {}
    result = with_hand_scores(result, chapter, mark)
    # If nothing could run, the only thing to say is what was wrong with the file.
    exercises = [] if result.state is State.SKIPPED else [_told(exercise) for exercise in result.exercises]
    return rendered(
        template,
        chapter,
        result=replace(result, exercises=exercises),
        mark=None if mark is None or mark.is_plain else mark,
        changed=changed,
        has_changed=mark is not None and bool(mark.penalty or changed),
        is_late=mark is not None and mark.is_late,
        solved=sum(exercise.earned >= exercise.points for exercise in exercises),
        next_one=next_exercise(result) if exercises else None,
        words_of_claim=WORDS | {State.PASSED: "holds"},  # for a reader who cannot see the sign
        causes=lambda exercise: reasons.causes(chapter.exercise(exercise.name), exercise),
        in_lines=lambda exercise: reasons.in_lines(chapter.exercise(exercise.name), exercise),
        has_failed_check=lambda exercise: any(not check.passed for check in exercise.checks),
    )


def _changed(result: Result, chapter: Chapter, mark: Mark) -> dict[str, str]:
    """Return, for each exercise with a test whose points a person changed, a sentence about the change."""
    said = {}
    for part in result.exercises:
        if part.name in mark.outgrown:
            earned = plural(part.earned, "point")
            said[part.name] = f"Your instructor gave these points to an earlier answer; this one earns {earned}."
        elif part.name in mark.changed and not chapter.exercise(part.name).by_hand:
            changed = points(mark.changed[part.name])
            said[part.name] = f"Your instructor changed these points from {part.earned} to {changed}."
    return said


def _told(exercise: ExerciseResult) -> ExerciseResult:
    """Return only those parts of an exercise's result that help the student; an untouched exercise has no details.

    If the run was stopped, omit the visible checks, because they could only repeat that a name is missing.
    """
    if exercise.is_untouched:
        return replace(exercise, checks=[], verdicts=[], sentence="")
    checks = [] if exercise.state in _STOPPED else [_shortened(check) for check in exercise.checks]
    return replace(exercise, checks=checks)


def _shortened(check: Check) -> Check:
    message = check.message.removeprefix(f"{check.what}: ")
    message = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]} …"
    return replace(check, message=message)
