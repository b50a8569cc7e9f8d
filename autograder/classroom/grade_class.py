"""Grade each submission of a class once, record it immediately, and resume an interrupted run.

The batch's seed is saved before anything is graded. A recorded result is kept if its key is unchanged; the key is a
hash of submission, reference, grader, seed, and the secret of the run that graded the submission. So a run that was
killed resumes where it stopped, and a second run of an unchanged class grades nothing. A resubmission is graded with a
new secret.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from nbformat import NotebookNode

from autograder.classroom import ledger
from autograder.classroom.batch_file import open_batch
from autograder.classroom.grading import Grading
from autograder.classroom.handed_in import Submission, find_submissions
from autograder.classroom.ledger import LEDGER
from autograder.course import Course
from autograder.grading.grader import Grader, ungraded
from autograder.grading.known_mistakes import listed
from autograder.grading.result_key import feedback_key, result_key
from autograder.model import Batch, Chapter, Limits, Result, State
from autograder.recording import class_report
from autograder.recording.faults import ClusterFault, RecordError, alone, recording
from autograder.recording.page_parts import plural
from autograder.recording.record import Recorder
from autograder.recording.results import sharing
from autograder.recording.totals import Mark, outgrown
from autograder.recording.whole_files import replace_text
from autograder.sandbox.driver.run import Runner
from autograder.submissions.beside import beside_of
from autograder.submissions.rebuild import content_of
from autograder.texts import chapter as chapters

LOCK = "grading.lock"  # held while a chapter is graded
TRIES = 3  # to grade a file that keeps changing
CLASS_KEY = "class.key"  # hash of the class file's settings for points and of the statements that feedback quotes


@dataclass(frozen=True)
class Outcome:
    """A graded class: its results, the number of results that an earlier run recorded, and the reports by kind."""

    chapter: str
    results: list[Result]
    kept: int
    reports: dict[str, Path]
    db_url: str
    outgrown: list[str]  # a sentence for each score by hand that a newer answer has outgrown

    @property
    def faults(self) -> int:
        """The number of submissions that could not be graded because of a fault on our side."""
        return sum(result.state is State.INFRASTRUCTURE for result in self.results)


@dataclass(frozen=True)
class Listener:
    """Callbacks that report the progress of a class."""

    # What the grader does before the first result, from any thread, and how many submissions it will grade.
    stage: Callable[[str, int], None] = lambda words, total: None
    # How many are done, of how many, and the last result.
    progress: Callable[[int, int, Result], None] = lambda done, total, result: None
    # A sentence about what an instructor should know, such as the loss of a Dask worker.
    notice: Callable[[str], None] = lambda sentence: None


def grade_class(name: str, root: Path, how: Grading = Grading(), listener: Listener = Listener()) -> Outcome:
    """Grade every submission of one chapter below ``root`` and record it.

    If the run cannot start, raise ChapterNotFound, NothingSubmitted, ReferenceFailed, VariantError, or ServerFault.
    Raise ClusterFault if the scheduler stops answering, and RecordError if the database or the disk reports an error,
    or another grader runs; recorded results are kept.
    """
    path = chapters.find(name, root)
    reference = chapters.notebook(path)
    chapter = chapters.from_notebook(reference, name)
    submissions = find_submissions(root, chapter.name, how.students)
    folder = class_report.report_folder(root, chapter.name)
    text = Course(root).text(chapter.name)
    if chapters.is_outdated(path, chapter, text):
        listener.notice(f"{text} is newer than the notebook that answers are graded with: run `make notebooks` first")

    own = Runner(how.workers, how.limits, sandbox=how.sandbox)  # nothing is started yet

    def grade(waiting: Sequence[Submission]) -> Generator[Result, None, None]:
        listener.stage("starting", len(waiting))
        if how.scheduler is None:
            yield from _grade_here(chapter, batch, waiting, how.runner or own, listener)
        else:
            yield from _grade_there(chapter, batch, waiting, how.scheduler, how, listener.notice)

    with contextlib.closing(own), alone(folder / LOCK, chapter.name), Recorder(root) as recorder:
        batch = open_batch(folder, how.new_seed)
        known = ledger.read(folder / LEDGER)
        kept = [
            known[s.student]
            for s in submissions
            if _is_graded(s, known, chapter, batch) and recorder.has(s.student, chapter)
        ]
        _count_again(folder / CLASS_KEY, known.values(), chapter, reference, recorder)
        done = {result.student for result in kept}
        waiting = [s for s in submissions if s.student not in done]
        results = list(kept)
        for result, content in _settled(chapter, batch, waiting, grade):
            result = _record(recorder, result, chapter, batch, content, reference)
            sharing(result).outputs, result.plan = {}, None  # recorded; otherwise, thousands would fill the memory
            if result.state is not State.INFRASTRUCTURE:
                ledger.append(folder / LEDGER, result)
            results.append(result)
            listener.progress(len(results) - len(kept), len(waiting), recorder.counting(result, chapter)[0])
        others = [] if not how.students else [r for r in known.values() if r.student not in how.students]
        with recording(f"the reports in {folder} could not be written"):
            for result in (result for result in results if result.student in how.accept):
                recorder.accept(result, chapter)
            marks = recorder.marks(chapter)
            _tell_marks([*kept, *others], marks, chapter, recorder)
            gradebook = class_report.Gradebook(marks, recorder.absent(chapter))
            counts = [recorder.counting(result, chapter)[0] for result in [*results, *others]]
            reports = class_report.write(recorder.counting(results[0], chapter)[1], counts, root, gradebook)
        graded = sorted(counts[: len(results)], key=lambda r: r.student)
        return Outcome(chapter.name, graded, len(kept), reports, recorder.db_url, outgrown(name, marks))


def _record(
    recorder: Recorder,
    result: Result,
    chapter: Chapter,
    batch: Batch,
    content: bytes | None,
    reference: NotebookNode,
) -> Result:
    """Record and return a result; if recording fails, return a result that reports the fault, so grading continues."""
    try:
        recorder.record(result, chapter, content, reference)
        return result
    except RecordError:  # the database or the disk failed, so the next result would fail, too
        raise
    except Exception as error:
        why = f"its result could not be recorded: {type(error).__name__}: {error}"[:500]
    fault = _fault(chapter, batch, result.student, why)
    with contextlib.suppress(Exception):
        recorder.record(fault, chapter, None, reference)
    return fault


def _settled(
    chapter: Chapter,
    batch: Batch,
    waiting: Sequence[Submission],
    grade: Callable[[Sequence[Submission]], Generator[Result, None, None]],
) -> Iterator[tuple[Result, bytes | None]]:
    """Yield each result with the file content that was graded; if the file changed in the meantime, grade it again."""
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
                is_same = not is_gone and result.key == result_key(chapter, batch, content, beside_of(submission.path))
                if result.state is State.INFRASTRUCTURE or is_same:
                    yield result, content
                else:
                    waiting.append(submission)
    for submission in waiting:
        why = f"{submission.path} changed or disappeared each of the {TRIES} times it was graded"
        yield _fault(chapter, batch, submission.student, why), None


def _fault(chapter: Chapter, batch: Batch, student: str, why: str) -> Result:
    return ungraded(chapter, batch, student, State.INFRASTRUCTURE, why, result_key(chapter, batch, None))


def _content(submission: Submission) -> bytes | None:
    try:
        return None if submission.path is None else content_of(submission.path)
    except OSError:
        return None


def _grade_here(
    chapter: Chapter,
    batch: Batch,
    waiting: Sequence[Submission],
    runner: Runner,
    listener: Listener,
) -> Generator[Result, None, None]:
    """Grade on this machine; yield results as they arrive. Closing the generator cancels unstarted submissions.

    Ctrl-C does, too, but running submissions cannot be stopped, so their results come before the KeyboardInterrupt.
    """
    if not waiting:
        return  # do not start the runner
    left = iter(waiting)
    runner.ready(spare=len(waiting) > 1)
    workers = runner.workers
    with (
        _prompt_threads(),
        ThreadPoolExecutor(workers + 1) as pool,  # one extra thread keeps every fork server busy while another judges
    ):
        begun: set[Future[Result]] = set()
        stopped: KeyboardInterrupt | None = None
        try:
            listener.stage("running its reference", len(waiting))
            grader = Grader(chapter, batch, runner)

            def judged(result: Result) -> None:
                more = ", naming mistakes next" if result.earned < result.points else ""
                listener.stage(f"{result.student}: {result.earned}/{result.points}{more}", len(waiting))

            def begin(count: int) -> set[Future[Result]]:
                chosen = islice(left, count)
                return {pool.submit(grader.grade, s.path, s.student, s.notes, judged=judged) for s in chosen}

            begun = begin(workers + 2)
            listener.stage(f"{plural(min(workers, len(waiting)), 'submission')} running", len(waiting))
            while begun:
                try:
                    done, begun = wait(begun, return_when=FIRST_COMPLETED)
                except KeyboardInterrupt as error:
                    if stopped:
                        raise
                    stopped, left = error, iter(())
                    begun = {future for future in begun if not future.cancel()}
                    listener.notice("stopping as soon as the submissions that are running are recorded")
                    continue
                for future in done:
                    begun |= begin(1)
                    yield future.result()
            if stopped:
                raise stopped
        finally:
            for one in begun:
                one.cancel()


@contextlib.contextmanager
def _prompt_threads() -> Iterator[None]:
    """Switch threads every 0.5 ms instead of 5 ms, so that no child process waits while another thread judges."""
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
    how: Grading,
    notice: Callable[[str], None],
) -> Generator[Result, None, None]:
    try:
        from autograder.classroom import scale  # needs `distributed`, which nothing else imports
    except ImportError as error:
        raise ClusterFault(
            f"Grading with a scheduler needs Dask: pip install 'layer-by-layer[grader]'. ({error})"
        ) from error
    job = scale.Job(chapter, batch, how.limits or Limits(), how.sandbox, listed(chapter))
    yield from scale.grade(scheduler, job, waiting, notice)


def _is_graded(submission: Submission, known: dict[str, Result], chapter: Chapter, batch: Batch) -> bool:
    result = known.get(submission.student)
    if result is None:
        return False
    return result.key == result_key(chapter, replace(batch, secret=result.secret), submission.path)


def _tell_marks(kept: Iterable[Result], marks: Mapping[str, Mark], chapter: Chapter, recorder: Recorder) -> None:
    """Rewrite the feedback of unchanged submissions if a person or a penalty has ever changed their points."""
    for result in kept:
        mark = marks.get(result.student)
        if mark is not None and not (mark.is_plain and recorder.tells_plain_points(result, chapter)):
            recorder.tell_again(result, chapter, mark)


def _count_again(
    path: Path, known: Iterable[Result], chapter: Chapter, reference: NotebookNode, recorder: Recorder
) -> None:
    """If the class file or a statement changed, record earlier results and their feedback again, without grading."""
    now = recorder.class_key(chapter) + feedback_key(chapter)
    with recording(f"{path} could not be read or written"):
        if path.exists() and path.read_text(encoding="utf-8") == now:
            return
        for result in known:
            recorder.count_again(result, chapter, reference)
        replace_text(path, now)
