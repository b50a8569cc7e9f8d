"""Send submissions to Dask workers, on this machine or others, and collect the results as they arrive.

Dask transfers tasks and answers, and tracks which workers are alive. This module decides which worker gets which
submissions, and gives each worker one task at a time. So a worker that dies loses only the submissions of its current
task, a retry goes to another worker, and a worker with different software gets no tasks. This module is imported only
if a scheduler is named, because only this module needs ``distributed``.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import Any

import dask.config
from distributed import Client, Future, KilledWorker

from autograder.classroom import scale_worker
from autograder.classroom.handed_in import Submission
from autograder.classroom.scale_worker import Answer, Handed, Job, answer_from
from autograder.grading.grader import ReferenceFailed, ungraded
from autograder.grading.result_key import result_key
from autograder.model import Result, State
from autograder.recording.faults import AGAIN, ClusterFault
from autograder.submissions.beside import Beside, beside_of
from autograder.submissions.rebuild import content_of

TRIES = 3  # per submission, if the failure was ours
MOST = 32  # submissions in a task: a few seconds of work, so that a lost worker loses little
EACH = 4  # tasks per worker in a small class, so that none works long after the others are done
TASK_BYTES = 8 * 2**20  # of submissions in a task; a larger submission gets its own task
UNRECORDED = 256  # results that may wait to be recorded before the driver sends more tasks
CONNECT = 10.0  # seconds for a scheduler to answer
PATIENCE = 30.0  # seconds to wait for a worker that can grade: a worker that restarts needs a few
ACCEPTED = ["dask", "msgpack", "error"]  # allowed encodings of an answer: none that needs unpickling
LOOK = 1.0  # seconds between checks of which workers are connected
FETCH = 5.0  # seconds that an answer may take to arrive before others get their turn


def grade(
    address: str, job: Job, submissions: Sequence[Submission], notice: Callable[[str], None] = lambda sentence: None
) -> Iterator[Result]:
    """Grade submissions on a scheduler's workers; yield one result for each as it arrives.

    ``notice`` gets a sentence when a worker is lost or cannot be used. Raise ClusterFault if the scheduler does not
    answer, is lost, or has no worker that can grade, and ReferenceFailed if the reference does not earn its own points.
    """
    if not submissions:
        return
    with contextlib.closing(Cluster(address)) as cluster:
        yield from Handout(cluster, job, submissions, notice).results()


class Cluster:
    """A scheduler and its workers, each with at most one of our tasks."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._software = scale_worker.software()
        self._workers: dict[str, bool] = {}
        self._futures: dict[str, Future] = {}
        self._done: queue.SimpleQueue[tuple[str, Future]] = queue.SimpleQueue()
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # we report the same in one sentence
        try:
            self._client = Client(address, timeout=CONNECT, set_as_default=False, deserializers=ACCEPTED)
        except (OSError, ValueError, TypeError) as error:
            raise ClusterFault(
                f"No Dask scheduler answers at {address} ({type(error).__name__}). Start one with `dask scheduler`, "
                f"and on each machine `dask worker {address}`. {AGAIN}"
            ) from error

    def workers(self) -> dict[str, bool]:
        """Return each connected worker's address and whether it accepts tasks, or raise ClusterFault."""
        if self._client.status == "running":
            # Not `Client.scheduler_info`: it may return the answer to its own heartbeat, which names no workers.
            with contextlib.suppress(OSError):  # it is busy or gone; if gone, the client's status soon says so
                found = self._client.sync(self._client.scheduler.identity, n_workers=-1)["workers"]
                self._workers = {address: worker["status"] == "running" for address, worker in found.items()}
        if self._client.status != "running":
            raise ClusterFault(f"The scheduler at {self.address} is lost. Start it and its workers again. {AGAIN}")
        return self._workers

    def start(self, worker: str, job: bytes, handed: Sequence[Handed]) -> None:
        """Send a task to one worker only."""
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
            task = (self._software, job, pickle.dumps(handed))
            future = self._client.submit(_remote(), *task, workers=[worker], pure=False)
        self._futures[worker] = future
        future.add_done_callback(lambda done: self._done.put((worker, done)))

    def ended(self, seconds: float) -> list[tuple[str, Answer | None]]:
        """Wait up to ``seconds`` for tasks to end; return each worker and its answer (None for a lost worker)."""
        found: list[tuple[str, Answer | None]] = []
        with contextlib.suppress(queue.Empty):
            while True:
                worker, future = self._done.get(timeout=0.0 if found else seconds)
                if self._futures.get(worker) is future:
                    try:
                        found.append((worker, self._answer(future)))
                        del self._futures[worker]
                    except OSError:  # too busy to send it, or gone: `workers` finds out which
                        self._done.put((worker, future))
                        break
        return found

    def forget(self, worker: str) -> None:
        """Cancel the task of a lost worker."""
        self._futures.pop(worker).cancel(reason="worker lost")

    def close(self) -> None:
        """Cancel the tasks that are still running, and disconnect."""
        with contextlib.suppress(Exception):  # the scheduler may be gone; then there is nothing to cancel
            self._client.cancel(list(self._futures.values()))
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)

    def _answer(self, future: Future) -> Answer | None:
        """Return the answer of a finished task, or None if its worker was lost."""
        self.workers()  # raises if the scheduler is lost, because then every task looks as if its worker were lost
        try:
            return answer_from(future.result(timeout=FETCH))
        except (KilledWorker, CancelledError):
            return None
        except OSError:  # it did not arrive in time
            raise
        except Exception as error:  # raised by loading `grade`; once it runs, it always returns an answer
            return Answer(refused=f"it cannot run the grader ({type(error).__name__}: {error})"[:500])


def _remote() -> Callable[..., bytes]:
    """Return a function that Dask sends by value, so the scheduler does not need our packages."""

    def grade_submissions(*task: Any) -> bytes:
        from autograder.classroom import scale_worker

        return scale_worker.grade(*task)

    return grade_submissions


@dataclass(frozen=True)
class Piece:
    """Submissions that are sent to a worker together."""

    submissions: tuple[Submission, ...]
    tries: int = 1
    avoid: frozenset[str] = frozenset()  # workers it failed on


class Handout:
    """Distributes a batch's submissions to workers until each submission has one result."""

    def __init__(
        self, cluster: Cluster, job: Job, submissions: Sequence[Submission], notice: Callable[[str], None]
    ) -> None:
        self.cluster, self.job, self.notice = cluster, job, notice
        self._task = pickle.dumps(job)
        self._waiting = deque([Piece(tuple(submissions))])
        self._running: dict[str, Piece] = {}
        self._ready: deque[Result] = deque()
        self._idle: set[str] = set()  # workers that accept tasks and have none of ours
        self._usable: set[str] = set()
        self._refused: dict[str, str] = {}
        self._looked = float("-inf")
        self._without_since = time.monotonic()
        self._has_answered = False

    def results(self) -> Iterator[Result]:
        """Yield one result per submission, in order of arrival; raise the same errors as `grade`."""
        while self._waiting or self._running or self._ready:
            self._look()
            self._hand_out()
            for worker, answer in self.cluster.ended(0.0 if self._ready else LOOK):
                self._take(worker, answer)
            self._hand_out()
            if self._ready:
                yield self._ready.popleft()

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        workers = self.cluster.workers()
        for worker in self._running.keys() - workers.keys():
            self.cluster.forget(worker)
            self._take(worker, None)
        self._usable = {worker for worker, takes in workers.items() if takes} - self._refused.keys()
        self._idle = self._usable - self._running.keys()
        if self._usable or self._running:
            self._without_since = now
        elif (self._refused and not self._has_answered) or now - self._without_since > PATIENCE:
            raise ClusterFault(self._no_worker())

    def _no_worker(self) -> str:
        why = "".join(f" {worker}: {sentence}." for worker, sentence in self._refused.items())
        return (
            f"The scheduler at {self.cluster.address} has no worker that can grade.{why} "
            f"Start some with `dask worker {self.cluster.address}`. {AGAIN}"
        )

    def _hand_out(self) -> None:
        """Give every idle worker a task, unless recording has fallen far behind."""
        for worker in sorted(self._idle):
            if len(self._ready) < UNRECORDED and (piece := self._piece_for(worker)):
                self._idle.discard(worker)
                self._running[worker] = piece
                self.cluster.start(worker, self._task, [_handed(s) for s in piece.submissions])

    def _piece_for(self, worker: str) -> Piece | None:
        """Take a task's worth from the next piece that did not fail on this worker (or on any usable one)."""
        for index, piece in enumerate(self._waiting):
            if worker not in piece.avoid or self._usable <= piece.avoid:
                size = self._size(piece)
                if size == len(piece.submissions):
                    del self._waiting[index]
                else:
                    self._waiting[index] = replace(piece, submissions=piece.submissions[size:])
                return replace(piece, submissions=piece.submissions[:size])
        return None

    def _size(self, piece: Piece) -> int:
        left = sum(len(piece.submissions) for piece in self._waiting)
        most = min(MOST, -(-left // (EACH * len(self._usable))))
        bytes_ = 0
        for size, submission in enumerate(piece.submissions[:most]):
            bytes_ += _bytes(submission)
            if bytes_ > TASK_BYTES:
                return max(1, size)
        return min(most, len(piece.submissions))

    def _take(self, worker: str, answer: Answer | None) -> None:
        """Handle the outcome of a task: take its results, and requeue the submissions that must be sent again."""
        piece = self._running.pop(worker)
        results = answer.results if answer else ()
        if answer is None or not (results or answer.refused or answer.failed):
            self._usable.discard(worker)
            self._looked = float("-inf")
            self._lost(worker, piece)
            return
        if answer.failed:
            raise ReferenceFailed(answer.failed)
        if answer.refused:
            self._refused[worker] = answer.refused
            self._usable.discard(worker)
            self.notice(f"the worker {worker} is not used: {answer.refused}")
            self._waiting.appendleft(piece)
            self._looked = float("-inf")
            return
        self._has_answered = True
        self._idle.add(worker)
        for submission, result in zip(piece.submissions, results, strict=False):
            if result.state is State.INFRASTRUCTURE and piece.tries < TRIES:
                self._again(submission, piece, worker)
            else:
                self._ready.append(result)
        if len(results) < len(piece.submissions):
            self._waiting.appendleft(replace(piece, submissions=piece.submissions[len(results) :]))

    def _lost(self, worker: str, piece: Piece) -> None:
        again = piece.tries < TRIES
        what = f"{len(piece.submissions)} submission{'s' if len(piece.submissions) > 1 else ''}"
        self.notice(f"the worker {worker} was lost while it graded {what}" + (", to be tried again" if again else ""))
        for submission in piece.submissions:
            if again:
                self._again(submission, piece, worker)
            else:
                why = f"the machine that graded it was lost, {TRIES} times"
                chapter, batch = self.job.chapter, self.job.batch
                key = result_key(chapter, batch, submission.path)
                self._ready.append(ungraded(chapter, batch, submission.student, State.INFRASTRUCTURE, why, key))

    def _again(self, submission: Submission, piece: Piece, worker: str) -> None:
        """Requeue a submission on its own; if it brings a worker down again, no other submission is lost."""
        self._waiting.append(Piece((submission,), piece.tries + 1, piece.avoid | {worker}))


def _handed(submission: Submission) -> Handed:
    if submission.path is None:
        return submission.student, None, submission.notes, Beside()
    beside = beside_of(submission.path)
    try:
        return submission.student, content_of(submission.path), submission.notes, beside
    except OSError as error:
        return submission.student, None, (f"the file cannot be opened: {error.strerror}", *submission.notes), beside


def _bytes(submission: Submission) -> int:
    try:
        beside = sum(len(text) for _, text in beside_of(submission.path).modules)
        return beside + submission.path.stat().st_size if submission.path else 0
    except OSError:
        return 0
