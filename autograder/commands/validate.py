"""`autograder validate`: test whether the tests accept right answers and reject wrong ones.

Each answer runs in a fork of the state just before its exercise, and only its solution cell and test cell run there.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import click
from rich.console import Console

from autograder.classroom.pace import steps
from autograder.course import CHAPTERS, TEXT, TRIED, Course, is_of_a_course, name_of
from autograder.model import HIDDEN, TEST_KINDS, Chapter, Exercise
from autograder.sandbox.driver.run import Runner
from autograder.sandbox.driver.server_process import ServerFault
from autograder.submissions import rules
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.chapter import used_elsewhere
from autograder.texts.variants import Variants
from autograder.validation import cache, in_notebook, lost_claims
from autograder.validation.edges.edge_data import answers
from autograder.validation.edges.processes import searched
from autograder.validation.outcome import ChapterReport, Row
from autograder.validation.rows import report
from autograder.validation.soak import SEEDS, soak
from autograder.validation.structure import by_hand, chapter_misses, untested
from autograder.validation.table import show, show_misses
from autograder.validation.tried_answers import BATCHES, Attempt, Evidence, attempts, draws

CHAPTERS_AT_ONCE = 2  # while one is judged, the fork servers run the next


@click.command("validate")
@click.argument("chapters_given", metavar="[CHAPTER|TEXT.md]...", nargs=-1)
@click.option("--soak", "is_soak", is_flag=True, help="Also run reference and variants under many seeds.")
@click.option("--seeds", type=click.IntRange(1), default=SEEDS, show_default=True, help="How many seeds, with --soak.")
@click.option(
    "--due",
    "is_due",
    is_flag=True,
    help="Only chapters that changed since they passed; after a change in code, a tenth a day.",
)
@click.option("--brief", "is_brief", is_flag=True, help="One line per exercise, and full tables only for misses.")
def command(chapters_given: tuple[str, ...], is_soak: bool, seeds: int, is_due: bool, is_brief: bool) -> None:
    """Test the tests of each exercise: right answers must get full marks, and wrong ones must lose points.

    Without arguments, run every chapter in book/chapters. For each of these chapters, this command writes to
    `tried.json`, in the chapter's folder, what it tried and which claims each mistake loses. Commit these files.
    """
    if find_spec("hypothesis") is None:
        raise click.ClickException("`validate` needs hypothesis: pip install 'layer-by-layer[authoring]'.")
    console = Console()
    found: list[ChapterReport] = []
    with ExitStack() as stack:
        pool, start = ThreadPoolExecutor(CHAPTERS_AT_ONCE), _started_once(stack)
        stack.callback(pool.shutdown, cancel_futures=True)  # Ctrl-C does not wait for chapters that have not started
        paths = {name_of(path): path for path in _texts(chapters_given)}
        if is_due:
            paths = _due(console, paths)
        coming = {name: pool.submit(_validated, path, start, seeds if is_soak else 0) for name, path in paths.items()}
        for step in steps(paths):
            if not console.is_terminal:
                console.print(step.words(), highlight=False, markup=False, soft_wrap=True)
            with console.status(f"{step.chapter}: running every answer to its exercises"):
                checked = coming[step.chapter].result()
            show(console, checked, is_brief)
            found.append(checked)
            text = paths[step.chapter]
            if not checked.all_misses and is_of_a_course(text):
                lost_claims.record_pass(text.with_name(TRIED), checked.key)
    if any(chapter.all_misses for chapter in found):
        show_misses(console, found)
        raise SystemExit(1)


def _texts(given: Sequence[str]) -> list[Path]:
    """Return a chapter's text (or, without one, its reference) for each name, or raise click.UsageError."""
    paths = [_text(name) for name in given] if given else Course(Path()).texts
    if not paths:
        raise click.UsageError(f"there is no chapter in {CHAPTERS}; run this from the root of the repository")
    return paths


def _text(name: str) -> Path:
    course = Course(Path())
    candidates = [Path(name), course.text(name), course.reference(name)]
    for path in candidates:
        if path.suffix in (".md", ".ipynb") and path.is_file():
            if path.name == TEXT and not chapters.NAME.fullmatch(path.resolve().parent.name):
                raise click.UsageError(f"no chapter can be called {path.resolve().parent.name!r}: rename its folder")
            return path
    raise click.UsageError(f"there is no chapter {name!r}: neither {candidates[1]} nor a file of that name")


def _due(console: Console, paths: dict[str, Path]) -> dict[str, Path]:
    """Return the chapters that `--due` runs; unreadable chapters run, too, to report their errors."""
    code, today, changed = cache.code_key(), {}, set()
    for name, path in paths.items():
        try:
            chapter, listed = chapters.load(path), variant_file.path_of(path)
            if not chapter.exercises and not listed.exists():
                continue
            variants = variant_file.load(chapter, listed)
            today[name] = cache.chapter_key(code, chapter, variants)
            records = [lost_claims.current(path.with_name(TRIED), exercise, variants) for exercise in chapter.tested]
            changed |= {name} if None in records else set()
        except ValueError:
            today[name] = ""
            changed.add(name)
    passed = {name: lost_claims.passed(path.with_name(TRIED)) for name, path in paths.items()}
    due = cache.due(passed, today, changed, date.today())
    waiting = [name for name in today if passed[name] != today[name] and name not in due]
    console.print(
        f"{len(today) - len(due) - len(waiting)} of {len(today)} chapters passed as they are today", highlight=False
    )
    if waiting:
        console.print(
            f"{len(waiting)} are due because code changed; `make validate` runs all, `make test` some each day",
            highlight=False,
        )
    return {name: paths[name] for name in due}


def _started_once(stack: ExitStack) -> Callable[[], Runner]:
    """Return a function that starts a runner on the first call and returns the same runner every time."""
    lock = threading.Lock()
    start = functools.cache(lambda: stack.enter_context(Runner(workers=len(BATCHES), sandbox=False)))

    def runner() -> Runner:
        with lock:
            return start()

    return runner


def validate(
    chapter: Chapter, variants: Variants, start: Callable[[], Runner], kept: cache.Cache | None = None
) -> ChapterReport:
    """Return the tables of a chapter's exercises; call ``start`` for a runner only if some are not in ``kept``.

    Raise ValueError if a rule is invalid, and ServerFault if the chapter's own cells do not run to the end.
    """
    rules.require_known(chapter.exercises)
    asked = {e.name: kept.get(chapter, e, variants) if kept else None for e in chapter.tested}
    known = {name: found for name, found in asked.items() if found is not None}
    known |= {exercise.name: by_hand(exercise) for exercise in chapter.exercises if exercise.by_hand}
    fresh = [exercise for exercise in chapter.exercises if exercise.name not in known]
    runner = start() if fresh else None
    began = time.monotonic()
    for evidence in gathered(chapter, fresh, variants, runner) if runner else []:
        found = report(evidence)
        known[evidence.exercise.name] = found
        if kept:
            kept.put(chapter, evidence.exercise, variants, found)
    tables = [known[exercise.name] for exercise in chapter.exercises]
    misses = chapter_misses(variants) + in_notebook.chapter_misses(chapter, tables)
    for exercise in chapter.tested:
        misses += untested(exercise, known[exercise.name])
    return ChapterReport(chapter.name, tables, misses, time.monotonic() - began)


def gathered(chapter: Chapter, exercises: Sequence[Exercise], variants: Variants, runner: Runner) -> list[Evidence]:
    """Run every answer to the given exercises, in several passes and on edge cases, and return the evidence."""
    found = [Evidence(exercise, variants, attempts(exercise, variants)) for exercise in exercises]
    asked = [(evidence.exercise.name, attempt) for evidence in found for attempt in evidence.attempts]
    with ThreadPoolExecutor(len(BATCHES)) as pool:
        passes = [
            pool.submit(_run, runner, chapter, [pair for pair in asked if pair[1].batch == batch], batch)
            for batch in range(len(BATCHES))
        ]
        passes += [pool.submit(_draw, runner, chapter, found), pool.submit(_time, runner, chapter, found)]
        for done in passes:
            done.result()
    _search_edges(chapter, variants, found)
    return found


def _run(runner: Runner, chapter: Chapter, asked: list[tuple[str, Attempt]], batch: int) -> None:
    branches = [attempt.branch(exercise) for exercise, attempt in asked]
    done = runner.branches(chapter, branches, BATCHES[batch], HIDDEN if batch else TEST_KINDS)
    for (_, attempt), branch in zip(asked, done, strict=True):
        attempt.run = branch.run


def _draw(runner: Runner, chapter: Chapter, found: list[Evidence]) -> None:
    branches = [branch for evidence in found for branch in draws(evidence.exercise)]
    by_name = {evidence.exercise.name: evidence for evidence in found}
    for done in runner.branches(chapter, branches, BATCHES[0], HIDDEN):
        by_name[done.branch.exercise].draws[done.branch.seed] = done.run


def _time(runner: Runner, chapter: Chapter, found: list[Evidence]) -> None:
    took = in_notebook.timed(chapter, [evidence.exercise for evidence in found], runner)
    for evidence in found:
        evidence.cpu = took.get(evidence.exercise.name, 0.0)


def _search_edges(chapter: Chapter, variants: Variants, found: list[Evidence]) -> None:
    by_name = {evidence.exercise.name: evidence for evidence in found}
    asked = [answers(chapter, evidence.exercise, variants) for evidence in found]
    for edges in searched(one for one in asked if one):
        by_name[edges.exercise].edges = edges


def _soaked(
    chapter: Chapter, variants: Variants, start: Callable[[], Runner], seeds: int, kept: cache.Cache
) -> dict[str, Row]:
    """Run each exercise under many seeds, and return the exercise's row; use cached rows where there are any."""
    asked = {exercise.name: kept.get_soak(chapter, exercise, variants, seeds) for exercise in chapter.tested}
    rows = {name: row for name, row in asked.items() if row is not None}
    fresh = [exercise for exercise in chapter.tested if exercise.name not in rows]
    if fresh:
        rows |= soak(chapter, fresh, variants, start(), seeds)
    for exercise in fresh:
        kept.put_soak(chapter, exercise, variants, seeds, rows[exercise.name])
    return rows


def _validated(path: Path, start: Callable[[], Runner], seeds: int) -> ChapterReport:
    """Return the tables of the chapter at ``path``; if the chapter cannot run, report that as a miss."""
    try:
        chapter = chapters.load(path)
        listed = variant_file.path_of(path)
        if not chapter.exercises and not listed.exists():
            return ChapterReport(name_of(path), [], [])
        variants = variant_file.load(chapter, listed)
        kept = cache.Cache()
        found = validate(chapter, variants, start, kept)
        found.key = cache.chapter_key(kept.code, chapter, variants)
        if is_of_a_course(path):  # a draft may share exercises with a chapter
            names = [exercise.name for exercise in chapter.exercises]
            found.misses += used_elsewhere(chapter.name, names, Course(path.resolve().parents[3]).texts)
            # An exercise with a miss is unfinished, so its earlier record stays.
            seen = {table.exercise: table for table in found.exercises if not table.misses}
            found.recorded = lost_claims.write(path.with_name(TRIED), chapter, variants, seen)
        if seeds:
            began = time.monotonic()
            rows = _soaked(chapter, variants, start, seeds, kept)
            for table in found.exercises:
                table.rows += [rows[table.exercise]] if table.exercise in rows else []
            found.seconds += time.monotonic() - began
    except (ValueError, ServerFault) as error:  # a mistake in the text or the variants, reported with its line
        return ChapterReport(name_of(path), [], [str(error)])
    return found
