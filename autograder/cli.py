"""The commands an instructor types: ``python -m autograder grade|explain|sample|validate|bench``."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.syntax import Syntax
from rich.table import Table

from autograder.chapters import chapter as chapters
from autograder.chapters.variants import VariantError
from autograder.classroom.grade_class import Outcome, grade_class
from autograder.classroom.handed_in import NothingSubmitted
from autograder.classroom.pace import Pace, Step, steps
from autograder.grading.grade import ReferenceFailed, grade_notebook
from autograder.model import Result, State
from autograder.plain import plain
from autograder.recording import report
from autograder.recording.faults import ClusterFault, RecordError, cause
from autograder.running.link import ServerFault
from autograder.validation.command import command as validate

MISSED, FAULT, USAGE = 1, 3, 2  # exit codes: something asked for did not hold; we failed; what was asked cannot be
STOPPED = 130  # by control-C, as shells have it
console = Console()
problems = Console(stderr=True)

_ROOT = click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), default=Path.cwd, help="The course's folder."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="layerlab", prog_name="autograder")
def main() -> None:
    """Grades the notebooks of Layer by Layer, and tests the tests that do it."""
    for stream in (sys.stdout, sys.stderr):  # a student's text may hold what no terminal can show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


main.add_command(validate)


@main.command()
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option(
    "--mine", type=click.Path(path_type=Path), help="Grade this one notebook, show the points so far, record nothing."
)
@click.option("--student", "students", multiple=True, help="Only this student (may be given more than once).")
@click.option("--new-seed", is_flag=True, help="Draw new inputs, so that every submission is graded again.")
@click.option("--unsandboxed", is_flag=True, help="Run submissions with your own rights, where isolation is refused.")
@click.option(
    "--workers", type=click.IntRange(1), help="Submissions at a time on this machine.  [default: one a processor]"
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Grade on the workers of this Dask scheduler instead: tcp://host:8786"
)
@_ROOT
def grade(
    names: tuple[str, ...],
    mine: Path | None,
    students: tuple[str, ...],
    new_seed: bool,
    unsandboxed: bool,
    workers: int | None,
    scheduler: str | None,
    root: Path,
) -> None:
    """Grade submitted/<student>/<chapter>/<chapter>.ipynb of each CHAPTER (default: all that were submitted).

    Scores go to nbgrader's gradebook, graded notebooks to autograded/, pages for students to feedback/ and the class
    report to reports/. What was graded before and has not changed is kept, also of a batch that was stopped.

    For a large class on several machines: `dask scheduler` on one, `dask worker tcp://host:8786 --nthreads 1` on each
    (`--nworkers N` for N at a time; the course's packages installed, its folder not needed), then --scheduler here.

    Exit status: 0 graded, 1 some submission could not be graded for reasons of ours, 2 nothing to grade, 3 the
    grader, the disk, the database or the scheduler failed.
    """
    if workers and scheduler:
        raise click.UsageError("--workers is for this machine; with --scheduler its workers decide")
    if mine is not None:
        _grade_mine(mine, names[0] if names else None, root, not unsandboxed)
        return
    names = names or tuple(name for name in chapters.names(root) if any((root / "submitted").glob(f"*/{name}")))
    if not names:
        _stop(f"nothing was submitted: {root / 'submitted'} has no folder <student>/<chapter>/", USAGE)
    if unsandboxed:
        _say("autograder: --unsandboxed: whatever was handed in runs with your own rights.", problems)
    grading = functools.partial(
        grade_class,
        root=root,
        workers=workers or os.cpu_count() or 1,
        scheduler=scheduler,
        new_seed=new_seed,
        students=students,
        sandbox=not unsandboxed,
        notice=lambda sentence: _say(f"autograder: {sentence}", problems),
    )
    sys.exit(MISSED if sum(_grade_chapter(step, grading) for step in steps(names)) else 0)


def _grade_chapter(step: Step, grading: Callable[..., Outcome]) -> int:
    """Grade one chapter, showing how it goes; return how many submissions could not be graded."""
    name = step.chapter
    columns = [TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn()]
    columns += [TextColumn("{task.fields[pace]}"), TextColumn("{task.fields[last]}", markup=False)]
    pace = Pace()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(f"grading {name}", total=None, pace="", last="")

        def tell(done: int, total: int, result: Result) -> None:
            pace.add(result)
            words, last = pace.words(total - done), f"{result.student}: {result.earned}/{result.points}"
            bar.update(task, completed=done, total=total, pace=words, last=last)
            line = ", ".join(filter(None, [f"{done} of {total} graded", words, last]))
            _tell(step.words(line, done / total))

        _tell(step.words("what its known mistakes observe"))
        try:
            outcome = grading(name, progress=tell)
        except (chapters.ChapterNotFound, NothingSubmitted) as error:
            _stop(str(error), USAGE)
        except (ReferenceFailed, VariantError, RecordError, ServerFault, ClusterFault) as error:
            _stop(str(error), FAULT)
        except OSError as error:  # of what is read before anything is graded
            _stop(f"{name} cannot be graded: {cause(error)}", FAULT)
        except KeyboardInterrupt:
            _stop("stopped: what was graded is recorded, and the same command goes on with the rest", STOPPED)
        bar.update(task, total=len(outcome.results), completed=len(outcome.results), last="")
    _show_class(outcome)
    return outcome.faults


def _tell(line: str) -> None:
    """Say how far it is where a bar shows nothing: `make course` shows the latest line."""
    if not console.is_terminal:
        _say(line)


def _show_class(outcome: Outcome) -> None:
    results = outcome.results
    fresh = len(results) - outcome.kept
    _say(f"{outcome.chapter}: {len(results)} submissions, {fresh} graded now, {outcome.kept} unchanged.")
    for result in results:
        if result.state is not State.PASSED:
            _say(f"  {result.student}: {result.state}: {result.sentence}")
    places = {"class report": outcome.reports["html"], "grades": outcome.reports["csv"], "gradebook": outcome.db_url}
    for what, place in places.items():
        _say(f"  {what:13} {place}")


def _grade_mine(notebook: Path, name: str | None, root: Path, sandbox: bool) -> None:
    if not notebook.exists():
        _stop(f"there is no file {notebook}", USAGE)
    try:
        result = grade_notebook(notebook, name, root=root, sandbox=sandbox)
    except chapters.ChapterNotFound as error:
        _stop(f"{error}. Say which chapter it is: --mine {notebook} CHAPTER", USAGE)
    except (ReferenceFailed, VariantError, ServerFault) as error:
        _stop(str(error), FAULT)
    if not result.exercises:
        _say(f"{result.chapter} has no exercises: there is nothing to grade.")
        return
    console.print(_own_table(result))
    for note in result.notes:
        _say(f"note: {note}")
    _say(f"\n{result.earned} of {result.points} points so far.")
    todo = next((exercise for exercise in result.exercises if not exercise.is_solved), None)
    if result.state is not State.PASSED:
        _say(f"{result.state}: {result.sentence}")
    if todo is None:
        _say("Every exercise of this chapter is solved.")
    else:
        _say(f"Next: {todo.title} ({todo.state}). {todo.sentence}")


def _own_table(result: Result) -> Table:
    table = Table(title=f"{result.chapter}", show_lines=True)
    for heading in ("exercise", "points", "state", "what to look at"):
        table.add_column(heading, justify="right" if heading == "points" else "left")
    for exercise in result.exercises:
        checks = [check.message for check in exercise.checks if not check.passed]
        look_at = "\n".join(dict.fromkeys(filter(None, [exercise.sentence, *checks[:2]])))
        row = (exercise.title, f"{exercise.earned}/{exercise.points}", exercise.state.value, look_at)
        table.add_row(*(_plain(text) for text in row))
    return table


def _say(sentence: str, to: Console = console) -> None:
    """Print a sentence as it is: whoever pastes a path or searches a log needs it in one piece."""
    to.print(plain(sentence), highlight=False, markup=False, soft_wrap=True)


def _plain(text: str) -> str:
    return plain(text).replace("[", r"\[")


@main.command()
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option("--students", default=24, show_default=True, type=click.IntRange(20), help="How many to make.")
@click.option("--seed", default=1, show_default=True, help="Which class to make.")
@click.option("--check", is_flag=True, help="Compare the grades of an earlier sample with what each must get.")
@_ROOT
def sample(names: tuple[str, ...], students: int, seed: int, check: bool, root: Path) -> None:
    """Make a class of submissions for each CHAPTER out of right, wrong and broken answers (default: all chapters).

    With --check, compare what was recorded of it, by default of every chapter that has one.
    """
    from autograder.sample_class import sample as samples  # only this command needs the variants of a whole class

    names = names or tuple(samples.sampled(root) if check else chapters.names(root))
    if check and not names:
        _stop("there is no sample class to check: make one with `python -m autograder sample`", USAGE)
    for step in steps(names):
        name = step.chapter
        _tell(step.words())
        if check:
            misses = samples.check(root, name)
            for miss in misses:
                _say(miss, problems)
            if misses:
                _stop(f"{name}: {len(misses)} grades are not what they must be", MISSED)
            _say(f"{name}: every grade of the sample is what its answers must get")
        else:
            made = samples.make(name, root, students=students, seed=seed)
            where = report.report_folder(root, name)
            _say(f"{name}: {len(made)} submissions in {root / 'submitted'}; expectations in {where}")


@main.command()
@click.argument("student")
@click.argument("name", metavar="CHAPTER")
@click.argument("exercise")
@click.option("--unsandboxed", is_flag=True, help="Run the submission with your own rights.")
@_ROOT
def explain(student: str, name: str, exercise: str, unsandboxed: bool, root: Path) -> None:
    """Show why EXERCISE of one submission earned what it did: for instructors, with expected values.

    The submission is graded again, alone, under the seed of its batch; nothing is recorded.
    """
    from autograder.classroom import explain as explaining

    try:
        found = explaining.explain(student, name, exercise, root, sandbox=not unsandboxed)
    except (explaining.NotGraded, chapters.ChapterNotFound) as error:
        _stop(str(error), USAGE)
    except (ReferenceFailed, VariantError, RecordError, ServerFault) as error:
        _stop(str(error), FAULT)
    part = found.exercise
    _say(f"{part.title}: {part.state}, {part.earned} of {part.points} points")
    if part.sentence:
        _say(part.sentence)
    table = Table(show_lines=True)
    for heading in ("claim", "points", "state", "cause", "detail", "seconds"):
        table.add_column(heading)
    for v in part.verdicts:
        row = (v.claim, f"{v.earned}/{v.points}", v.state.value, v.cause, v.detail, f"{v.seconds:.2f}")
        table.add_row(*(_plain(text) for text in row))
    console.print(table)
    _say("The answer that was graded:")
    console.print(Syntax(plain(found.answer), "python", line_numbers=True))
    _say(
        f"seed {found.batch.seed}, kept in {report.report_folder(root, name)}. To see it again:\n"
        f"  python -m autograder explain {student} {name} {exercise}"
    )


@main.command()
@click.argument("name", metavar="CHAPTER", default="linear")
@click.option("--sizes", default="10,100,1000", show_default=True, help="How many submissions, separated by commas.")
@click.option("--workers", default="1,2,4", show_default=True, help="How many at a time, separated by commas.")
@click.option("--nbgrader", default=8, show_default=True, help="How many of them stock nbgrader grades too.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("benchmarks"), show_default=True)
@_ROOT
def bench(name: str, sizes: str, workers: str, nbgrader: int, out: Path, root: Path) -> None:
    """Time the grader on CHAPTER against stock nbgrader, and against what the cells themselves take."""
    from autograder import bench as benches

    figures = None
    for figures in benches.bench(name, root, _numbers(sizes), _numbers(workers), nbgrader):
        _say(benches.last_step(figures))
        written = benches.write(figures, out)  # after each step: a run that is stopped leaves what it found
    for path in written:
        _say(str(path))


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise click.UsageError(f"{text!r} is not a list of whole numbers such as 10,100") from None


def _stop(message: str, status: int) -> None:
    _say(f"autograder: {message}", problems)
    sys.exit(status)
