"""Find copies of published solutions and pairs of students whose answers are unusually alike.

A *copy* has the same normal form as the published solution or another right answer to the exercise, so it differs from
that answer only in names, comments, and spacing. A *pair* is two answers that share most of their own code. An answer's
own code is the code that is not in the released cell, in any published answer, or in more than half of the class's
answers. Answers with little code of their own are not compared, because there are few ways to write three lines.

The thresholds come from the course itself. We compared each published solution with the other right answers to the same
exercise. In nine of ten cases, the shared fraction is at most 0.33; in 98 of 100 cases, it is at most 0.8. No two of
these answers have the same form.

We also tried copydetect 0.5.0 on 112 of these pairs in four chapters. In nine of ten pairs, copydetect's shared
fraction is at most 0.37, and ours is at most 0.25. copydetect would replace `grams` and one line of `_pairs_of`, but
not the normal form, which we need to find copies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from autograder.classroom.handed_in import find_submissions
from autograder.model import Chapter, Exercise
from autograder.review.normal_form import Form, form
from autograder.submissions.rebuild import Unreadable, rebuild
from autograder.texts.regions import solved
from autograder.texts.variants import EDGES, Variants

FEWEST_WORDS = 60  # in a normal form beyond the released cell; nine of ten solutions have at least this many
FEWEST_GRAMS = 30  # an answer with fewer grams of its own is not compared with another student's
ALIKE = 0.7  # smallest shared fraction of the smaller answer's own grams

Answers = Mapping[str, Mapping[str, str]]  # exercise: student: the answer's code


@dataclass(frozen=True)
class Copy:
    """Answers to one exercise that have the same form as a published answer."""

    exercise: Exercise
    published: str  # "the solution", or "right: by einsum"
    source: str
    students: Mapping[str, str]  # student: the answer
    words: int  # in the form beyond the released cell; the more there are, the less likely a coincidence is
    others: int  # number of other answers to this exercise


@dataclass(frozen=True)
class Part:
    """Two similar answers to the same exercise."""

    exercise: Exercise
    sources: tuple[str, str]
    share: float
    common: int  # grams


@dataclass(frozen=True)
class Pair:
    """Two students whose answers are alike."""

    students: tuple[str, str]
    parts: tuple[Part, ...]  # most in common first

    @property
    def common(self) -> int:
        """The number of grams that the two students' answers have in common."""
        return sum(part.common for part in self.parts)


@dataclass(frozen=True)
class Alike:
    """The copies and pairs found in a chapter, with the strongest evidence first."""

    copies: list[Copy]
    pairs: list[Pair]


def answers(chapter: Chapter, root: Path) -> dict[str, dict[str, str]]:
    """For each exercise, return each student's answer, leaving out answers that are unchanged since release.

    Raises:
        NothingSubmitted: if there are no submissions.
    """
    found: dict[str, dict[str, str]] = {exercise.name: {} for exercise in chapter.exercises}
    for submission in find_submissions(root, chapter.name):
        if submission.path is None:
            continue
        try:
            plan = rebuild(chapter, submission.path)
        except Unreadable:
            continue
        for cell in plan.cells:
            if cell.kind == "solution" and cell.exercise not in plan.untouched:
                found[cell.exercise][submission.student] = cell.source
    return found


def alike(chapter: Chapter, variants: Variants | None, given: Answers) -> Alike:
    """Compare all answers to each exercise with the published answers and with each other.

    Args:
        variants: the chapter's published answers other than its solutions; None if there are none.
    """
    copies: list[Copy] = []
    parts: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for exercise in chapter.exercises:
        forms = {student: made for student, code in given[exercise.name].items() if (made := form(code))}
        stub = form(exercise.stub) or Form((), frozenset())
        published = list(_published(exercise, variants))
        copies += _copies(exercise, given[exercise.name], forms, len(stub.words), published)
        course = stub.grams.union(*(known.grams for _, _, known, _ in published))
        for pair, part in _pairs_of(exercise, given[exercise.name], forms, course):
            parts[pair].append(part)
    pairs = [Pair(pair, tuple(sorted(some, key=lambda part: -part.common))) for pair, some in parts.items()]
    return Alike(
        sorted(copies, key=lambda copy: (-copy.words, copy.exercise.name)),
        sorted(pairs, key=lambda pair: (-pair.common, pair.students)),
    )


def _published(exercise: Exercise, variants: Variants | None) -> Iterable[tuple[str, str, Form, bool]]:
    """Yield the label, code, and form of each published answer, and whether it is right."""
    named = [("the solution", solved(exercise.solution), True)]
    for variant in variants.cells if variants else ():
        if variant.exercise == exercise.name and variant.source and variant.kind != EDGES:
            named.append((variant.label, variant.source, variant.kind in ("right", "oracle")))
    for label, code, is_right in named:
        if made := form(code):
            yield label, code, made, is_right


def _copies(
    exercise: Exercise,
    codes: Mapping[str, str],
    forms: Mapping[str, Form],
    released: int,
    published: Iterable[tuple[str, str, Form, bool]],
) -> Iterable[Copy]:
    for label, code, known, is_right in published:
        same = {student: codes[student] for student, made in sorted(forms.items()) if made.words == known.words}
        if same and is_right and len(known.words) - released >= FEWEST_WORDS:
            yield Copy(exercise, label, code, same, len(known.words) - released, len(codes) - len(same))


def _pairs_of(
    exercise: Exercise, codes: Mapping[str, str], forms: Mapping[str, Form], course: frozenset[int]
) -> Iterable[tuple[tuple[str, str], Part]]:
    counted = Counter(gram for made in forms.values() for gram in made.grams)
    common = {gram for gram, count in counted.items() if count > max(2, len(forms) / 2)}
    own = {student: made.grams - course - common for student, made in sorted(forms.items())}
    own = {student: grams for student, grams in own.items() if len(grams) >= FEWEST_GRAMS}
    for first, second in combinations(own, 2):
        both = len(own[first] & own[second])
        share = both / min(len(own[first]), len(own[second]))
        if share >= ALIKE:
            yield (first, second), Part(exercise, (codes[first], codes[second]), share, both)
