"""Pass one job to a fork server and read the messages that its child sends.

The driver trusts no message. If a child exceeds its time or byte limit, or sends an unreadable message, the driver
ends the child and reports which cell was running.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from autograder.model import Limits, Run, State
from autograder.sandbox.driver.patience import Clock
from autograder.sandbox.driver.server_process import ForkServer, ServerFault, temporary_folder
from autograder.sandbox.inside import messages

if TYPE_CHECKING:  # This imports torch, which this process does later, while the new server imports its own copy.
    from autograder.sandbox.driver.events import EventReader, Seen

MAX_MESSAGES = 20_000  # per child; a notebook sends hundreds
IN_ALL = 3  # times the bytes allowed for one attempt, so that the rest of a submission can run again, more than once
MAX_QUESTIONS = 100  # per child
MAX_DATASETS = 16  # per child, because the trusted side generates each one; a chapter has at most eight
_TO_END = 0.5  # seconds in which a process may end on its own after it closes its pipe


Message = tuple[dict[str, Any], bytes]
TakeBranch = Callable[[Message], None]


@dataclass(frozen=True)
class Stop:
    """The cell in which a process ended early, and the reason."""

    cell: str
    state: State


@dataclass(frozen=True)
class Job:
    """The data to send to a child, the child's limits, and the batch's secret, which is never sent to a submission."""

    sent: dict[str, Any]
    limits: Limits
    secret: int


@dataclass(frozen=True)
class Hearing:
    """What decodes a child's observations while it runs, and what takes the messages that each branch sent.

    With ``draws``, the child also sends the inputs that each claim draws.
    """

    seen: Seen | None = None
    take_branch: TakeBranch | None = None
    draws: bool = False


def play(server: ForkServer, turns: threading.Semaphore, job: Job, run: Run, hearing: Hearing) -> Stop | None:
    """Run one job in a child of ``server``; return where the child stopped early, or None if it ran to the end.

    The child starts and enters its walls immediately, and gets its job when its turn comes. The child's turn ends with
    its last message, so another submission can run while this child exits. Raise ServerFault if the server dies before.
    """
    from autograder.sandbox.driver.events import EventReader

    folder = temporary_folder("submission-")
    job_read, job_write = os.pipe()
    result_read, result_write = os.pipe()
    try:
        server.send(_beginning(folder, job.limits), [job_read, result_write])
        os.close(job_read)
        os.close(result_write)
        job_read = result_write = -1
        kinds = {c["id"]: (c["kind"], c["exercise"]) for c in job.sent["cells"]}
        reader = EventReader(run, kinds, hearing.seen)
        with turns:
            began = time.monotonic()
            conversation = Conversation(reader, job, job_write, server.submission, hearing)
            try:
                reason = conversation.listen(result_read)
            finally:
                run.counted += conversation.total.counted()
                run.seconds += time.monotonic() - began
        return _finish(server, conversation, reason, run)
    finally:
        for fd in (job_read, job_write, result_read, result_write):
            if fd >= 0:
                os.close(fd)
        shutil.rmtree(folder, ignore_errors=True)


def _beginning(folder: str, limits: Limits) -> dict[str, Any]:
    environment = {
        "HOME": folder,
        "TMPDIR": folder,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "MPLCONFIGDIR": folder,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    return {"limits": asdict(limits), "folder": folder, "environment": environment}


def _finish(server: ForkServer, conversation: Conversation, reason: State | None, run: Run) -> Stop | None:
    """Make sure that the child has exited, and determine why it stopped."""
    now = time.monotonic()
    by_itself = reason is None and not conversation.reader.ended  # or it closed its pipe and is still running
    with contextlib.suppress(OSError):
        server.control.send(json.dumps({"kill": True, "after": _TO_END if by_itself else 0.0}).encode())
    ready, _, _ = select.select([server.control], [], [], 30)
    answer = server.control.recv(65536) if ready else b""
    if not answer:
        server.kill()
        raise ServerFault("the fork server died while a submission ran")
    ended = json.loads(answer)
    run.peak_mb = max(run.peak_mb, ended["peak_mb"])
    if conversation.reader.ended:
        return None
    if ended["too_large"]:
        reason = State.OUT_OF_MEMORY
    spent = ended["cpu_seconds"] >= conversation.limits.total_seconds
    from_outside = ended["signal"] == signal.SIGKILL and not ended["killed"]
    if reason is None and from_outside and server.sandbox and not spent:
        # Inside its walls, the child is the first process of its namespace, and that process cannot kill itself.
        raise ServerFault("a submission was killed from outside, as the system does when memory runs out")
    if reason is None:
        reason = State.TIMED_OUT if spent else State.CRASHED
    cell = conversation.reader.stop(reason, now)
    return Stop(cell.id if cell else "", reason)


class Conversation:
    """An exchange with one child: it sends the job, then reads messages until the child ends or has to be stopped."""

    def __init__(
        self, reader: EventReader, job: Job, job_fd: int, find: Callable[[], int | None], hearing: Hearing
    ) -> None:
        self.reader, self.job, self.limits, self.job_fd = reader, job, job.limits, job_fd
        self.find, self.hearing = find, hearing
        self.clock, self.total = Clock(self.limits.cell_seconds, find), Clock(self.limits.total_seconds, find)
        self._messages = self._questions = 0
        self._datasets: set[tuple[str, str]] = set()

    def listen(self, fd: int) -> State | None:
        """Read messages until the child ends; return why it has to be stopped, or None if it ended on its own."""
        reader, received = messages.Reader(self.limits.result_bytes), 0
        outgoing = memoryview(messages.pack({"kind": "job"}, json.dumps(self.job.sent).encode()))
        os.set_blocking(self.job_fd, False)
        while True:
            left = min(self.clock.left(), self.total.left())
            if left <= 0:
                return State.TIMED_OUT
            readable, writable, _ = select.select([fd], [self.job_fd] if outgoing else [], [], left)
            if writable:
                outgoing = self._write_some(outgoing)
            if not readable:
                continue
            data = os.read(fd, 1 << 20)
            received += len(data)
            self.reader.run.received += len(data)
            if not data:
                return None
            if received > self.limits.result_bytes or self.reader.run.received > IN_ALL * self.limits.result_bytes:
                return State.OUT_OF_MEMORY
            try:
                for header, payload in reader.feed(data):
                    outgoing = self._take(header, payload, outgoing)
            except messages.TooLarge:
                return State.OUT_OF_MEMORY
            except messages.FrameError:
                return State.CRASHED
            if self.reader.ended:
                return None

    def _write_some(self, outgoing: memoryview) -> memoryview:
        try:
            return outgoing[os.write(self.job_fd, outgoing) :]
        except BrokenPipeError:
            return outgoing[:0]  # the child is gone, and its end of the result pipe will show that

    def _take(self, header: dict[str, Any], payload: bytes, outgoing: memoryview) -> memoryview:
        self._messages += 1
        self._questions += header["kind"] == "ask"
        if header["kind"] == "ask":
            self._datasets.add((str(header.get("exercise")), str(header.get("task"))))
        too_many = self._questions > MAX_QUESTIONS or len(self._datasets) > MAX_DATASETS
        if self._messages > MAX_MESSAGES or too_many:
            raise messages.FrameError("more messages than a notebook has reason to send")
        if header["kind"] == "ask":
            return memoryview(bytes(outgoing) + self._answer(header))
        if header["kind"] == "branch" and self.hearing.take_branch is not None:
            self.hearing.take_branch((header, payload))
        else:
            before = self.reader.cell
            self.reader.add(header, payload, time.monotonic())
            if self.reader.cell is not before:
                self.clock = Clock(self.limits.cell_seconds, self.find)
        return outgoing

    def _answer(self, header: dict[str, Any]) -> bytes:
        from layerlab.graded import tasks

        try:
            return messages.pack({"kind": "answer"}, tasks.part(self.job.secret, str(header.get("exercise")), header))
        except (PermissionError, TypeError) as error:
            return messages.pack({"kind": "refused", "why": str(error)})


def read_branch(message: Message, seed: int) -> Run:
    """Convert the messages of a branch to a `Run`; an unfinished claim gets the state in which the branch ended."""
    from autograder.sandbox.driver.events import EventReader

    header, payload = message
    run = Run(seed=seed, seconds=float(header["seconds"]))
    received = messages.read_all(payload)
    ids = (h["id"] for h, _ in received if h["kind"] == "cell")
    reader = EventReader(run, dict.fromkeys(ids, ("", "")))
    for about, body in received:
        reader.add(about, body, float(about.get("at", 0.0)))
    if not reader.ended:
        timed_out = header["status"] == "timed out"
        reader.stop(State.TIMED_OUT if timed_out else State.CRASHED, 0.0)
    return run
