"""Count the kinds of sentences that students read for lost claims, over all wrong answers that `validate` tries.

The answers are the known mistakes, with the sentences students read; the same mistakes, each graded as if it were
unknown; and mutants, which have no sentence of their own. The counts are in `benchmarks/feedback.json`; a Markdown page
next to that file shows the counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autograder.grading import unexplained
from autograder.grading.mistakes import Mistakes
from autograder.grading.verdicts import Verdicts
from autograder.model import Cell, Chapter, Plan, State, Told, Verdict
from autograder.recording.whole_files import replace_text
from autograder.texts.variants import Variant
from autograder.validation.outcome import ChapterReport
from autograder.validation.tried_answers import BATCHES, Attempt, Evidence, forbidden

FOLDER, DATA, PAGE = "benchmarks", "feedback.json", "feedback.md"
ANSWERS = {
    "mistakes": "Known mistakes",
    "unnamed": "The same mistakes, treated as unknown",
    "mutants": "Mutants of the solutions",
}
HEADINGS = {
    Told.MISTAKE: "named mistake",
    Told.EFFECT: "what all wrong values share",
    Told.VALUES: "where and how much values differ",
    Told.FORM: "shape, dtype, type, or text",
    Told.LINE: "the student's own line and the case",
    Told.CASE: "error outside the answer, and the case",
    Told.STOPPED: "stopped, or a forbidden call",
    Told.OTHER: "other",
}
Counts = dict[str, dict[str, int]]  # of lost claims, by `ANSWERS` and kind of sentence


def told(evidence: Evidence) -> tuple[Counts, list[str]]:
    """Return how many lost claims of one exercise get each kind of sentence, and the sentences of kind `other`."""
    known = [
        Mistakes(
            evidence.exercise,
            evidence.expected(batch),
            [(attempt.about, attempt.run) for attempt in evidence.of("wrong", batch)],
            BATCHES[batch],
        )
        for batch in range(len(BATCHES))
    ]
    counts: dict[str, Counter[str]] = {answers: Counter() for answers in ANSWERS}
    little: dict[str, None] = {}
    for kind, answers, batch in (("wrong", "mistakes", 0), ("wrong", "unnamed", 0), ("mutant", "mutants", None)):
        for attempt in evidence.of(kind, batch):
            but = attempt.about if answers == "unnamed" else None
            for verdict in _lost(evidence, attempt, known[attempt.batch], but):
                sort = Told.MISTAKE if verdict.mistake else verdict.told or Told.OTHER
                counts[answers][sort.value] += 1
                if sort is Told.OTHER:
                    little[f"{verdict.claim}: {verdict.cause}"] = None
    return {answers: dict(found) for answers, found in counts.items()}, list(little)


def _lost(evidence: Evidence, attempt: Attempt, known: Mistakes, but: Variant | None) -> Iterator[Verdict]:
    """Yield the verdict on each claim that an answer loses, as a student who submits that answer reads it."""
    exercise, expected = evidence.exercise, evidence.expected(attempt.batch)
    broken = forbidden(exercise, attempt.solution)
    plan = Plan("", (Cell(exercise.name, "solution", attempt.solution, exercise.name),))
    rules = {exercise.name: broken} if broken else {}
    verdicts = Verdicts(Chapter("", (), (exercise,), ""), expected, BATCHES[attempt.batch], plan, rules)
    lost = [v for v in (verdicts.of(exercise, c.name, attempt.run) for c in exercise.claims) if v.earned < v.points]
    asked = [verdict.claim for verdict in lost if verdict.state in (State.WRONG, State.RAISED)]
    named = known.explaining(attempt.run, asked, but)
    for verdict in lost:
        verdict.mistake = named[verdict.claim].sentence if verdict.claim in named else ""
    unexplained.tell(lost, expected, attempt.run)
    yield from lost


def record(chapter: ChapterReport, root: Path) -> None:
    """Save the counts of a chapter with those of the other chapters, and write the page that shows all of them."""
    if not chapter.exercises:
        return
    data = root / FOLDER / DATA
    known: dict[str, Counts] = json.loads(data.read_text(encoding="utf-8")) if data.exists() else {}
    known[chapter.chapter] = {
        answers: dict(sorted(sum((Counter(e.told.get(answers, {})) for e in chapter.exercises), Counter()).items()))
        for answers in ANSWERS
    }
    known = dict(sorted(known.items()))
    data.parent.mkdir(exist_ok=True)
    replace_text(data, json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    replace_text(data.with_name(PAGE), page(known))


def page(known: dict[str, Counts]) -> str:
    """Return the counts as a Markdown page with a table for each kind of answer and a row for each chapter."""
    lines = [
        "# What a student reads about a lost claim",
        "",
        "`python -m autograder validate` writes this page and tries every answer that it counts. For each lost claim, "
        "a student reads one sentence. If it is clear which bullet of the statement the answer violates, the student "
        "also reads that bullet. The columns are the kinds of sentences.",
    ]
    for answers, title in ANSWERS.items():
        rows = {name: counts.get(answers, {}) for name, counts in known.items()}
        rows["**all**"] = dict(sum((Counter(row) for row in rows.values()), Counter()))
        lines += ["", f"## {title}", "", f"| chapter | lost claims | {' | '.join(HEADINGS[sort] for sort in Told)} |"]
        lines += [f"|---|{'--:|' * (1 + len(Told))}"]
        for name, row in rows.items():
            counted = [f"{row.get(sort.value, 0):,}" for sort in Told]
            lines.append(f"| {name} | {sum(row.values()):,} | {' | '.join(counted)} |")
    return "\n".join(lines) + "\n"
