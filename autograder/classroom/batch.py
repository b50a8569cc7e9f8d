"""Grades a class: each submission of a chapter once, recorded as it comes, continued where it stopped.

The batch's two numbers are written down before anything is graded. A result that was recorded under the same key (the
hash of submission, reference, grader and seed) is kept; so a batch that was killed continues, and a second run of an
unchanged class grades nothing.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

import nbformat

from autograder.chapters import chapter as chapters
from autograder.grading.grade import Grader, new_batch, ungraded
from autograder.grading.result_key import feedback_key, result_key
from autograder.model import Batch, Chapter, Limits, Result, State
from autograder.recording import report
from autograder.recording.faults import ClusterFault, RecordError, alone, recording
from autograder.recording.files import printable, replace_text
from autograder.recording.record import Recorder
from autograder.running.run import Runner
from autograder.sample_class import known_points
from autograder.submissions.rebuild import content_of

BATCH_FILE = "batch.json"
LOCK = "grading.lock"  # held while a chapter is graded
TRIES = 3  # to grade a file that changes meanwhile
A_CLASS = 10  # so many submissions have every exercise wrong somewhere: its known mistakes are run beforehand
FEEDBACK_KEY = "feedback.key"  # of what made the feedback pages; others are made again from the ledger
LEDGER = "graded.jsonl"  # one line a result, as soon as it is recorded; the report is written from it at the end


class NothingSubmitted(FileNotFoundError):
    """There is no submission of this chapter; the message says where they are looked for."""


@dataclass(frozen=True)
class Submission:
    """Where one student's notebook is, if there is one."""

    student: str
    path: Path | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A graded class: its results, how many were kept from before, and the reports by kind."""

    chapter: str
    results: list[Result]
    kept: int
    reports: dict[str, Path]
    db_url: str

    @property
    def faults(self) -> int:
        """How many could not be graded for reasons that are ours."""
        return sum(result.state is State.INFRASTRUCTURE for result in self.results)


def grade_class(
    name: str,
    root: Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    new_seed: bool = False,
    students: tuple[str, ...] = (),
    limits: Limits | None = None,
    sandbox: bool = True,
    progress: Callable[[int, int, Result], None] = lambda done, total, result: None,
    notice: Callable[[str], None] = lambda sentence: None,
) -> Outcome:
    """Grade every submission of one chapter below ``root`` and record it.

    Args:
        workers: how many submissions run at once on this machine.
        scheduler: the address of a Dask scheduler whose workers grade instead.
        new_seed: draw a new batch, so that everything is graded again with other inputs.
        students: only these, by default all.
        sandbox: isolate each submission from this machine and from the others.
        progress: called after each result with how many are done, of how many.
        notice: called with a sentence when a worker of the scheduler is lost or cannot be used.

    Raises:
        ChapterNotFound, NothingSubmitted, ReferenceFailed, VariantError, ServerFault: before anything is graded.
        ClusterFault: if the scheduler does not answer, or not any more; what was recorded stays.
        RecordError: if the database or the disk refuses, or another grader is at work; what was recorded stays.
    """
    path = chapters.find(name, root)
    chapter = chapters.load(path)
    reference = nbformat.read(path, as_version=4)
    submissions = find_submissions(root, chapter.name, students)
    folder = report.report_folder(root, chapter.name)

    def grade(waiting: Sequence[Submission]) -> Iterator[Result]:
        if scheduler is None:
            return _grade_here(chapter, batch, waiting, workers, limits, sandbox, folder)
        return _grade_there(chapter, batch, waiting, scheduler, limits, sandbox, notice)

    with alone(folder / LOCK, chapter.name), Recorder(root) as recorder:
        batch = open_batch(folder, new_seed)
        known = _ledger(folder / LEDGER)
        kept = [
            known[s.student]
            for s in submissions
            if _is_graded(s, known, chapter, batch) and recorder.has(s.student, chapter)
        ]
        _tell_again(folder / FEEDBACK_KEY, known.values(), chapter, recorder)
        done = {result.student for result in kept}
        waiting = [s for s in submissions if s.student not in done]
        results = list(kept)
        for result, content in _settled(chapter, batch, waiting, grade):
            recorder.record(result, chapter, content, reference)
            result.outputs = {}  # recorded: a class of thousands would fill the memory
            if result.state is not State.INFRASTRUCTURE:
                _append(folder / LEDGER, result)
            results.append(result)
            progress(len(results) - len(kept), len(waiting), result)
        others = [] if not students else [r for r in known.values() if r.student not in students]
        with recording(f"the reports in {folder} could not be written"):
            reports = report.write(chapter, [*results, *others], root)
        return Outcome(chapter.name, sorted(results, key=lambda r: r.student), len(kept), reports, recorder.db_url)


def find_submissions(root: Path, chapter: str, students: tuple[str, ...] = ()) -> list[Submission]:
    """Return the submissions of a chapter in ``submitted/<student>/<chapter>/``, by student.

    A notebook with another name is taken if it is the only one there, with a note.

    Raises:
        NothingSubmitted: if there are none.
    """
    folders = sorted(path for path in (root / "submitted").glob(f"*/{chapter}") if path.is_dir())
    if students:
        folders = [folder for folder in folders if printable(folder.parent.name) in students]
    if not folders:
        who = f" of {', '.join(students)}" if students else ""
        raise NothingSubmitted(f"there is no submission{who} in {root / 'submitted'}/<student>/{chapter}/")
    return [_submission(folder, chapter) for folder in folders]


def _submission(folder: Path, chapter: str) -> Submission:
    student, wanted = printable(folder.parent.name), f"{chapter}.ipynb"
    if (folder / wanted).is_file():
        return _unless_linked(Submission(student, folder / wanted))
    there = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    notebooks = [name for name in there if name.lower().endswith(".ipynb")]
    if len(notebooks) == 1:
        note = f"graded {notebooks[0]!r}, as there is no {wanted!r}"
        return _unless_linked(Submission(student, folder / notebooks[0], (note,)))
    close = get_close_matches(wanted, there, n=1, cutoff=0.0)
    hint = f"; the nearest is {close[0]!r}" if close else ": the folder is empty"
    return Submission(student, None, (f"there is no {wanted!r} in the submission{hint}",))


def _unless_linked(submission: Submission) -> Submission:
    """A link can lead to the reference or to somebody else's answers: what is graded lies in the student's folder."""
    own = submission.path.parents[1].resolve()
    if submission.path.resolve().is_relative_to(own):
        return submission
    name = submission.path.name
    return Submission(submission.student, None, (f"{name!r} is a link to a file elsewhere, not a notebook",))


def open_batch(folder: Path, new_seed: bool = False) -> Batch:
    """Return the batch that belongs to a folder of reports, drawing and writing down a new one where needed.

    Raises:
        RecordError: if it cannot be read or written.
    """
    path = folder / BATCH_FILE
    with recording(f"{path} could not be read or written"):
        if path.exists() and not new_seed:
            return _batch_from(path)
        batch = new_batch()
        replace_text(path, json.dumps({"seed": batch.seed, "secret": batch.secret}) + "\n")
        return batch


def _batch_from(path: Path) -> Batch:
    try:
        found = json.loads(path.read_bytes())
        return Batch(int(found["seed"]), int(found["secret"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RecordError(
            f"{path} does not hold the two numbers that this class was graded with ({type(error).__name__}: {error}). "
            "Bring back a copy of it, or draw new ones with --new-seed: every submission is then graded again."
        ) from error


def _settled(
    chapter: Chapter,
    batch: Batch,
    waiting: Sequence[Submission],
    grade: Callable[[Sequence[Submission]], Iterator[Result]],
) -> Iterator[tuple[Result, bytes | None]]:
    """Yield each result with the content it is for: a file that changed meanwhile is graded again."""
    for _ in range(TRIES):
        submission_of = {submission.student: submission for submission in waiting}
        if not submission_of:
            return
        waiting = []
        with contextlib.closing(grade(list(submission_of.values()))) as graded:
            for result in graded:
                submission = submission_of[result.student]
                content = _content(submission)
                is_gone = content is None and submission.path is not None
                is_same = not is_gone and result.key == result_key(chapter, batch, content)
                if result.state is State.INFRASTRUCTURE or is_same:
                    yield result, content
                else:
                    waiting.append(submission)
    for submission in waiting:
        why = f"{submission.path} changed or was gone each of the {TRIES} times that it was graded"
        yield ungraded(chapter, batch, submission.student, why, None, State.INFRASTRUCTURE), None


def _content(submission: Submission) -> bytes | None:
    try:
        return None if submission.path is None else content_of(submission.path)
    except OSError:
        return None


def _grade_here(
    chapter: Chapter,
    batch: Batch,
    waiting: Sequence[Submission],
    workers: int,
    limits: Limits | None,
    sandbox: bool,
    folder: Path,
) -> Iterator[Result]:
    """Grade on this machine; yield results as they come. Closed early, it leaves what was not begun."""
    if not waiting:
        return  # without starting anything
    left = iter(waiting)
    with (
        _prompt_threads(),
        Runner(workers, limits, sandbox=sandbox) as runner,
        ThreadPoolExecutor(workers + 1) as pool,  # while one is judged, every fork server has another to run
    ):
        grader = Grader(chapter, batch, runner)
        if len(waiting) >= A_CLASS:  # all at once, side by side, instead of one waiting for another's
            asked = {e.name: pool.submit(grader.points_of_mistakes, e) for e in chapter.exercises}
            wait(asked.values())
            found = {name: one.result() for name, one in asked.items() if not one.exception()}
            if any(found.values()):
                with recording(f"{folder} could not be written"):
                    known_points.write(folder, result_key(chapter, batch, None), found)
        begun = {pool.submit(grader.grade, s.path, s.student, s.notes) for s in islice(left, workers + 2)}
        try:
            while begun:
                done, begun = wait(begun, return_when=FIRST_COMPLETED)
                for future in done:
                    begun |= {pool.submit(grader.grade, s.path, s.student, s.notes) for s in islice(left, 1)}
                    yield future.result()
        finally:
            for future in begun:
                future.cancel()


@contextlib.contextmanager
def _prompt_threads() -> Iterator[None]:
    """A thread that a child waits for gets its turn at once, not when another has judged for 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _grade_there(
    chapter: Chapter,
    batch: Batch,
    waiting: Sequence[Submission],
    scheduler: str,
    limits: Limits | None,
    sandbox: bool,
    notice: Callable[[str], None],
) -> Iterator[Result]:
    """Grade on the workers of a Dask scheduler; yield results as they come."""
    try:
        from autograder.classroom import scale  # needs `distributed`, which is imported for nobody else
    except ImportError as error:
        raise ClusterFault(f"Grading with a scheduler needs Dask: pip install 'layerlab[grader]'. ({error})") from error
    yield from scale.grade(scheduler, scale.Job(chapter, batch, limits or Limits(), sandbox), waiting, notice)


def _is_graded(submission: Submission, known: dict[str, Result], chapter: Chapter, batch: Batch) -> bool:
    result = known.get(submission.student)
    return result is not None and result.key == result_key(chapter, batch, submission.path)


def _ledger(path: Path) -> dict[str, Result]:
    """Return the results that were recorded, the last of each student; a line that was cut off is passed over."""
    found: dict[str, Result] = {}
    with recording(f"{path} could not be read"):
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    for line in lines:
        try:
            result = report.result_from(json.loads(line))
        except (ValueError, RecursionError):
            continue  # killed while writing: that submission is graded again
        found[result.student] = result
    return found


def _tell_again(path: Path, known: Iterable[Result], chapter: Chapter, recorder: Recorder) -> None:
    """Make the feedback pages of recorded results again if they look otherwise by now; nothing is graded for that."""
    now = feedback_key()
    with recording(f"{path} could not be read or written"):
        if path.exists() and path.read_text(encoding="utf-8") == now:
            return
        for result in known:
            recorder.tell_again(result, chapter)
        replace_text(path, now)


def _append(path: Path, result: Result) -> None:
    with recording(f"{path} could not be written"), path.open("a", encoding="utf-8") as file:
        if file.tell() and not _ends_with_newline(path):
            file.write("\n")
        file.write(report.json_line(result) + "\n")
        file.flush()


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"
