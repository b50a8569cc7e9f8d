"""`autograder grade`: grade the submissions of a class."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn

from autograder.classroom.grading import Grading
from autograder.classroom.pace import Step, duration, steps
from autograder.commands.say import FAULT, MISSED, USAGE, console, problems, say, stop, tell
from autograder.commands.stopping import status_of
from autograder.model import Result, State
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters

if TYPE_CHECKING:
    from autograder.classroom.grade_class import Outcome


def grade(asked: tuple[str, ...], root: Path, how: Grading, runner: Runner) -> None:
    """Grade each requested chapter, or each chapter with submissions, and exit with the command's exit code."""
    with closing(runner):
        likely = asked or [path.name for path in (root / "submitted").glob("*/*")]  # nbgrader's usual folder
        if how.scheduler is None and not all((root / "reports" / name).exists() for name in likely):
            runner.start()  # in a first run, let the servers import torch while the imports below take as long
        names = _names(asked, root)
        faults = sum(_grade_chapter(step, root, how) for step in steps(names))
    sys.exit(MISSED if faults else 0)


def _names(asked: tuple[str, ...], root: Path) -> tuple[str, ...]:
    """Return the names of the chapters to grade; exit if there are none, or the class has no such chapter."""
    from autograder.class_file import class_reader
    from autograder.classroom.handed_in import NothingSubmitted, submitted_chapters

    try:
        settings = class_reader.of_course(root)
    except class_reader.ClassFileError as error:
        stop(f"class.yml has mistakes, and nothing was graded:\n{error}", USAGE)
    try:
        names = asked or submitted_chapters(root, filter(settings.has, chapters.names(root, private=True)))
    except NothingSubmitted as error:
        stop(str(error), USAGE)
    if name := next((name for name in asked if not settings.has(name)), ""):
        stop(f"{name} is not part of the class: add it to `chapters:` in class.yml to grade it", USAGE)
    return names


def _grade_chapter(step: Step, root: Path, how: Grading) -> int:
    """Grade one chapter, showing progress; return how many submissions could not be graded."""
    from autograder.classroom.grade_class import Listener, grade_class
    from autograder.classroom.handed_in import NothingSubmitted
    from autograder.grading.grader import ReferenceFailed
    from autograder.recording.faults import ClusterFault, RecordError, cause
    from autograder.sandbox.driver.server_process import ServerFault
    from autograder.texts.variants import VariantError

    name = step.chapter
    columns = [TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn()]
    columns += [TextColumn("{task.fields[pace]}"), TextColumn("{task.fields[last]}", markup=False)]
    with Progress(*columns, console=console, speed_estimate_period=300) as bar:
        task = bar.add_task(f"grading {name}", start=False, total=None, pace="", last="starting", faults=0)

        def show(done: int, total: int, result: Result) -> None:
            bar.start_task(task)  # the speed begins with the first result
            faults = bar.tasks[task].fields["faults"] + (result.state is State.INFRASTRUCTURE)
            last = f"{result.student}: {result.earned}/{result.points}"
            bar.update(task, completed=done, total=total, last=last, faults=faults)
            words = pace(bar.tasks[task])
            bar.update(task, pace=words)
            line = ", ".join(filter(None, [f"{done} of {total} graded", words, last]))
            tell(step.words(line, done / total))

        def stage(words: str, total: int) -> None:
            if not bar.tasks[task].completed:  # later, progress lines show results
                bar.update(task, total=total, last=words)
                tell(step.words(words))

        try:
            listener = Listener(stage, show, lambda sentence: say(f"autograder: {sentence}", problems))
            outcome = grade_class(name, root, how, listener)
        except (chapters.ChapterNotFound, chapters.ChapterError, NothingSubmitted) as error:
            stop(str(error), USAGE)
        except (ReferenceFailed, VariantError, RecordError, ServerFault, ClusterFault) as error:
            stop(str(error), FAULT)
        except OSError as error:  # from a file read before anything is graded
            stop(f"{name} cannot be graded: {cause(error)}", FAULT)
        except KeyboardInterrupt as error:
            stop("stopped: what was graded is recorded, and the same command continues with the rest", status_of(error))
        bar.start_task(task)  # even if nothing was graded, or the bar would keep moving
        bar.update(task, total=len(outcome.results), completed=len(outcome.results), last="")
    _show_class(outcome)
    return outcome.faults


def pace(task: Task) -> str:
    """Return a phrase such as "3.2 a second, 40 s left, 1 fault"; it has no speed until half a second has passed."""
    said = []
    if task.speed and (task.elapsed or 0.0) > 0.5:  # a worker delivers its first results all at once
        said.append(f"{task.speed:.1f} a second")
        if task.remaining:
            said.append(f"{duration(task.remaining / task.speed)} left")
    if faults := task.fields["faults"]:
        said.append("1 fault" if faults == 1 else f"{faults} faults")
    return ", ".join(said)


def _show_class(outcome: Outcome) -> None:
    from autograder.recording.page_parts import plural

    results = outcome.results
    fresh = len(results) - outcome.kept
    say(f"{outcome.chapter}: {len(results)} submissions, {fresh} graded now, {outcome.kept} unchanged.")
    for result in results:
        if result.state is not State.PASSED:
            say(f"  {result.student}: {result.state}: {result.sentence}")
    for sentence in outcome.outgrown:
        say(f"  {sentence}.")
    if noted := sum(bool(result.notes) for result in results):
        say(f"  {plural(noted, 'submission has', 'submissions have')} notes: see the class report")
    places = {"class report": outcome.reports["html"], "grades": outcome.reports["csv"], "gradebook": outcome.db_url}
    for what, place in places.items():
        say(f"  {what:13} {place}")
