"""Run several processes in one notebook cell: ranks that communicate through ``torch.distributed``.

Ranks are forked, because functions written in a notebook cannot be sent to a new interpreter. They connect through a
file, because finding a free port involves a race condition. Only the parent process observes values; ranks return their
values to it.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime
import io
import math
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import torch

SECONDS = 20.0
START_SECONDS = 20.0  # limit until all ranks have begun; on a busy machine, a fork may wait a long time for CPU time
GRACE_SECONDS = 5  # a rank exits on its own if its caller is this many seconds late in ending it
_LOOKS = 10  # checks within `_idle_seconds`
_AT_REST = 0.002  # seconds of CPU time between two checks
_SAME_CALLS = "does every rank make the same collective calls"
_BEGUN = b"begun"
_meeting: Any = None  # the store of this rank
_idle_seconds = math.inf  # how long all ranks may be idle at the same time; no limit in a notebook
_PR_SET_PDEATHSIG = 1
_LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"


class RankError(RuntimeError):
    """A rank raised an error, ended without an answer, or took too long; the message says which rank, and why."""


def ranks(work: Callable[[int], Any], world: int = 2, seconds: float = SECONDS) -> list[Any]:
    """Call ``work(rank)`` in ``world`` processes that share a gloo process group, and return their results by rank.

    Inside ``work``, ``torch.distributed`` is initialized. Every process starts as a copy of the caller: it sees the
    caller's variables, but its changes to them are lost. When this function returns or raises an exception, all
    processes have ended, including those that a rank started. If the caller is killed, ranks end immediately on Linux;
    on other systems, they end when their time is up.

    Args:
        work: a function that takes its rank, 0 to world-1, and returns tensors, numbers, strings, or tuples, lists and
            dicts of these.
        world: the number of processes.
        seconds: the time limit for all ranks together, which starts when the last rank has begun.

    Raises:
        NotImplementedError: if a rank raises this error, as a stub does.
        RankError: if a rank raises another exception, dies, or has not answered in time (for example, because it waits
            for another rank).
        OSError: if processes cannot be forked (Windows).
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        raise OSError("this system cannot fork, so ranks written in a notebook cannot run here")
    context = multiprocessing.get_context("fork")
    folder = tempfile.mkdtemp(prefix="ranks-")
    processes: list[BaseProcess] = []
    answers: dict[Connection, int] = {}
    try:
        for rank in range(world):
            mine, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_rank, args=(work, rank, world, f"{folder}/store", seconds, theirs))
            process.start()
            _of_its_own_group(process.pid)
            theirs.close()
            processes.append(process)
            answers[mine] = rank
        return _collect(answers, seconds, processes)
    finally:
        _end(processes)
        for connection in answers:
            connection.close()
        shutil.rmtree(folder, ignore_errors=True)


def allow_stillness(seconds: float) -> None:
    """Set how long all ranks may be idle at the same time before they count as deadlocked."""
    global _idle_seconds
    _idle_seconds = seconds


def _of_its_own_group(pid: int | None) -> None:
    """Make a rank the leader of its own process group, so that the processes that the rank starts end with it."""
    with contextlib.suppress(OSError):  # the rank has ended, or has already done this itself
        os.setpgid(pid or 0, pid or 0)


def _end(processes: list[BaseProcess]) -> None:
    """End all ranks, and all processes that they started."""
    for process in processes:
        with contextlib.suppress(OSError):
            if process.pid is not None and os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    for process in processes:  # wait only after killing all, because each takes milliseconds to free its memory
        process.join()


def _worked(pid: int) -> float:
    """Return the seconds of CPU time that a process has used."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # Linux: a process's clock id, computed as in clock_getcpuclockid(3)
    except OSError:
        return math.inf


def _collect(answers: dict[Connection, int], seconds: float, processes: list[BaseProcess]) -> list[Any]:
    values: dict[int, Any] = {}
    waiting = dict(answers)
    starting = set(answers.values())
    deadline = time.monotonic() + START_SECONDS
    idle, worked = 0, 0.0  # checks in a row at which all ranks were idle, and their CPU time
    while waiting:
        left = max(0.0, deadline - time.monotonic())
        ready = wait(list(waiting), timeout=min(left, _idle_seconds / _LOOKS))
        late = ", ".join(str(rank) for rank in sorted(waiting.values()))
        if not ready and left == 0.0:
            raise RankError(f"no answer from rank {late} in time: {_SAME_CALLS}?")
        before, worked = worked, sum(_worked(processes[rank].pid or 0) for rank in waiting.values())
        idle = 0 if ready or starting or not worked - before < _AT_REST else idle + 1
        if idle >= _LOOKS:
            raise RankError(f"rank {late} waits forever for another rank: {_SAME_CALLS}?")
        for connection in (known for known in list(waiting) if known in ready):
            rank = waiting[connection]
            data = _received(connection, rank)
            if data != _BEGUN:
                values[rank] = _unpacked(data, rank)
                del waiting[connection]
            elif rank in starting:
                starting.remove(rank)
                if not starting:
                    deadline = time.monotonic() + seconds
    return [values[rank] for rank in sorted(values)]


def _received(connection: Connection, rank: int) -> bytes:
    try:
        return connection.recv_bytes()
    except EOFError:
        raise RankError(f"rank {rank} ended without an answer") from None


def _unpacked(data: bytes, rank: int) -> Any:
    """Return the value that a rank has sent.

    Raises:
        NotImplementedError: if the rank raised this error without a message, as a stub does.
        RankError: if the rank raised another exception, or its value cannot be loaded.
    """
    try:
        answer = torch.load(io.BytesIO(data), weights_only=True)
    except pickle.UnpicklingError:
        what = "tensors, numbers, strings, tuples, lists and dicts"
        raise RankError(f"rank {rank} returned something other than {what}") from None
    if "error" in answer:
        kind = NotImplementedError if answer["is_open"] else RankError  # raised by an unstarted exercise
        raise kind(f"rank {rank}: {answer['error']}")
    return answer["value"]


def _end_with_caller() -> None:
    """Ask the kernel to end this rank when the caller ends; only Linux can do this."""
    caller = multiprocessing.parent_process()
    if sys.platform.startswith("linux") and caller is not None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != caller.pid:  # the caller has ended in the meantime
            os._exit(1)


def _rank(work: Callable[[int], Any], rank: int, world: int, store: str, seconds: float, pipe: Connection) -> None:
    """Run a forked rank; never return, so that the notebook's cleanup code does not run a second time."""
    _end_with_caller()
    _of_its_own_group(None)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(math.ceil(START_SECONDS) + GRACE_SECONDS)
    try:
        _join(rank, world, store, seconds)
        pipe.send_bytes(_BEGUN)
        # By then, the caller has ended this rank, unless the caller itself was killed.
        signal.alarm(math.ceil(seconds) + GRACE_SECONDS)
        data = _packed({"value": work(rank)})
    except (Exception, SystemExit) as error:
        is_open = isinstance(error, NotImplementedError) and not str(error)  # torch's messages say what is missing
        data = _packed({"error": f"{type(error).__name__}: {error}", "is_open": is_open})
    pipe.send_bytes(data)
    # Wait to be killed: if a rank exits, its connections close and the other ranks raise errors.
    time.sleep(seconds + GRACE_SECONDS)
    os._exit(0)


def _join(rank: int, world: int, store: str, seconds: float) -> None:
    import torch.distributed as dist

    torch.set_num_threads(1)  # a pool of threads does not survive a fork
    os.environ.setdefault("GLOO_SOCKET_IFNAME", _LOOPBACK)  # the host's own name may not resolve
    # the caller times out first, with a clear message
    timeout = datetime.timedelta(seconds=START_SECONDS + seconds + 10)
    global _meeting  # torch keeps the store, but not what Python adds to it
    _meeting = _store(store, world)
    dist.init_process_group("gloo", store=_meeting, rank=rank, world_size=world, timeout=timeout)


def _store(path: str, world: int) -> Any:
    """Return a file store that checks every millisecond for new values; torch's own store checks every 10 ms."""
    import torch.distributed as dist

    file = dist.FileStore(path, world)

    class Store(dist.Store):
        def set(self, key: str, value: str) -> None:
            file.set(key, value)

        def add(self, key: str, number: int) -> int:
            return file.add(key, number)

        def check(self, keys: list[str]) -> bool:
            return file.check(list(keys))

        def wait(self, keys: list[str], timeout: datetime.timedelta | None = None) -> None:
            while not self.check(keys):  # the caller's time limit ends it
                time.sleep(0.001)

        def get(self, key: str) -> bytes:
            self.wait([key])
            return file.get(key)

    return Store()


def _packed(answer: dict[str, Any]) -> bytes:
    """Return ``answer`` as bytes that `torch.load` can read with ``weights_only``, which accepts only plain data."""
    buffer = io.BytesIO()
    torch.save(_detached(answer), buffer)
    return buffer.getvalue()


def _detached(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _detached(inner) for key, inner in value.items()}
    if type(value) in (tuple, list):
        return type(value)(_detached(inner) for inner in value)
    return value
