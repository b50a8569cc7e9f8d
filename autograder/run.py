"""Runs submissions in forked children of a fork server, and reads what they send. The trusted side of the boundary.

A submission that hangs, crashes or exhausts memory costs the cell (or the claim) that did it: the rest is run again
without it, under the same seed, and the claims of both runs are kept.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import queue
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import layerlab
from autograder.events import EventReader
from autograder.inside import frames
from autograder.model import Batch, Cell, Chapter, Limits, Run, State
from layerlab import tasks

MAX_RERUNS = 8
MAX_FAULTS = 2
_SERVER_FILE = Path(__file__).parent / "inside" / "server.py"
_TEST_KINDS = ("visible", "hidden")


class ServerFault(RuntimeError):
    """The fork server died or did not start: our fault, never the submission's."""


class SandboxRefused(ServerFault):
    """This host forbids a step of the isolation; the message names it."""


@dataclass(frozen=True)
class Branch:
    """Another answer to one exercise, run from the state just before it. Trusted code only."""

    exercise: str
    label: str  # "reference", or what to call it in a table
    solution: str
    seed: int
    before: str = ""  # code run before the solution, as a student's earlier cells might
    rules: bool = True  # whether the exercise's rules apply; checked by the caller, not while it runs
    record_draws: bool = False
    timeout: float | None = None


@dataclass
class BranchRun:
    """What one branch did."""

    branch: Branch
    run: Run


class Runner:
    """A few fork servers; `run` and `branches` may be called from as many threads as there are workers.

    Use as a context manager: starting a server imports torch (2 to 3 s), each submission afterwards costs a fork.

    Args:
        workers: how many servers, that is, how many submissions at a time.
        limits: of each submission.
        sandbox: put each submission behind walls of its own (Linux namespaces). Without, it runs as the user who
            grades: for trusted code, or where the host leaves no choice.
    """

    def __init__(self, workers: int = 1, limits: Limits | None = None, *, sandbox: bool = True) -> None:
        self.workers = workers
        self.limits = limits or Limits()
        self.sandbox = sandbox
        self._idle: queue.Queue[_Server] = queue.Queue()

    def __enter__(self) -> Runner:
        servers = [_Server(self.sandbox) for _ in range(self.workers)]
        try:
            for server in servers:
                server.wait_until_ready()
        except ServerFault:
            for server in servers:
                server.close()
            raise
        for server in servers:
            self._idle.put(server)
        return self

    def __exit__(self, *_: object) -> None:
        while not self._idle.empty():
            self._idle.get().close()

    def run(self, cells: Sequence[Cell], batch: Batch, limits: Limits | None = None) -> Run:
        """Run cells in order in a fresh child and return what they did; never raises for what a submission does."""
        limits = limits or self.limits
        run = Run(seed=batch.seed)
        began = time.monotonic()
        remaining: list[Cell] | None = list(cells)
        for _ in range(MAX_RERUNS):
            stopped_in = self._attempt(remaining, batch, limits, run)
            if stopped_in is None or run.fault:
                break
            remaining = _without(remaining, stopped_in, run)
            limits = replace(limits, total_seconds=limits.total_seconds - (time.monotonic() - began))
            if limits.total_seconds <= 0:
                break
        run.seconds = time.monotonic() - began
        return run

    def branches(self, chapter: Chapter, branches: Sequence[Branch], batch: Batch) -> list[BranchRun]:
        """Run each branch from the state just before its exercise and return them in the order given.

        Raises:
            ServerFault: if the chapter's own cells do not survive, which is an author's error.
        """
        asked = [asdict(branch) | {"index": index} for index, branch in enumerate(branches)]
        wanted = {branch.exercise for branch in branches}
        last = max((i for i, cell in enumerate(chapter.cells) if cell.exercise in wanted), default=-1)
        # Of the tests only those that branches need: a reference that is known to run is not run again.
        cells = [c for c in chapter.cells[: last + 1] if c.kind not in _TEST_KINDS or c.exercise in wanted]
        runs: dict[int, Run] = {}
        run = Run(seed=batch.seed)
        job = {"branches": asked, "secret": batch.secret, "branch_seconds": 2.0}
        limits = replace(self.limits, cell_seconds=3600.0, total_seconds=3600.0, result_bytes=2**31)
        with self._server() as server:
            outcome = server.play(_job(cells, batch, limits) | job, limits, run, secret=batch.secret, branches=runs)
        if outcome is not None or len(runs) < len(asked):
            where = f" in cell {outcome.cell}" if outcome else ""
            raise ServerFault(f"the chapter {chapter.name} stopped{where} while its branches ran")
        return [BranchRun(branch, runs[index]) for index, branch in enumerate(branches)]

    def _attempt(self, cells: Sequence[Cell], batch: Batch, limits: Limits, run: Run) -> _Stop | None:
        for fault in range(MAX_FAULTS + 1):
            known = (len(run.cells), len(run.claims), len(run.checks))
            try:
                with self._server() as server:
                    return server.play(_job(cells, batch, limits), limits, run, secret=batch.secret)
            except ServerFault as error:
                del run.cells[known[0] :], run.claims[known[1] :], run.checks[known[2] :]
                if fault == MAX_FAULTS:
                    run.fault = str(error)
        return None

    @contextlib.contextmanager
    def _server(self) -> Iterator[_Server]:
        server = self._idle.get()
        try:
            if not server.alive():
                server.close()
                server = _Server(self.sandbox)
                server.wait_until_ready()
            yield server
        finally:
            self._idle.put(server)


@dataclass(frozen=True)
class _Stop:
    """Where and how a process ended before its time."""

    cell: str
    state: State


class _Server:
    """One fork server process and the socket to it."""

    def __init__(self, sandbox: bool) -> None:
        self._staging = tempfile.mkdtemp(prefix="autograder-root-")
        options = {"sandbox": sandbox, "layerlab": str(Path(layerlab.__file__).parent), "staging": self._staging}
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {k: os.environ[k] for k in ("PATH", "HOME", "LD_LIBRARY_PATH") if k in os.environ}
        environment |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "LANG": "C.UTF-8"}
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(_SERVER_FILE), str(theirs.fileno()), json.dumps(options)],
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        theirs.close()

    def wait_until_ready(self, seconds: float = 120.0) -> None:
        ready, _, _ = select.select([self._socket], [], [], seconds)
        answer = json.loads(self._socket.recv(65536) or b"{}") if ready else {}
        if "refused" in answer:
            raise SandboxRefused(
                f"this host does not allow the isolation of submissions ({answer['refused']}). --unsandboxed grades "
                "without it: then whatever a student hands in runs with your rights."
            )
        if "ready" not in answer:
            self._process.kill()
            tail = (self._process.communicate()[1] or b"").decode(errors="replace").strip().splitlines()[-1:]
            raise ServerFault(f"the fork server did not start: {' '.join(tail)}")

    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._socket.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stderr.close()
        shutil.rmtree(self._staging, ignore_errors=True)

    def play(
        self, job: dict[str, Any], limits: Limits, run: Run, secret: int, branches: dict[int, Run] | None = None
    ) -> _Stop | None:
        """Run one job in a child and add what it sends to ``run``; return where it stopped, or None if it ended."""
        folder = tempfile.mkdtemp(prefix="submission-")
        job_read, job_write = os.pipe()
        result_read, result_write = os.pipe()
        try:
            self._start(folder, [job_read, result_write], limits)
            os.close(job_read)
            os.close(result_write)
            job_read = result_write = -1
            kinds = {c["id"]: (c["kind"], c["exercise"]) for c in job["cells"]}
            conversation = _Conversation(EventReader(run, kinds), limits, secret, job_write, branches, job["seed"])
            reason = conversation.listen(result_read, job)
            return self._finish(conversation, reason, limits, run)
        finally:
            for fd in (job_read, job_write, result_read, result_write):
                if fd >= 0:
                    os.close(fd)
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self, folder: str, fds: list[int], limits: Limits) -> None:
        environment = {
            "HOME": folder,
            "TMPDIR": folder,
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "MPLCONFIGDIR": folder,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        message = {"limits": asdict(limits), "folder": folder, "environment": environment}
        try:
            socket.send_fds(self._socket, [json.dumps(message).encode()], fds)
        except OSError as error:
            raise ServerFault(f"the fork server is gone: {error}") from None

    def _finish(self, conversation: _Conversation, reason: State | None, limits: Limits, run: Run) -> _Stop | None:
        """Make sure the child is gone, and decide what its end means."""
        now = time.monotonic()
        with contextlib.suppress(OSError):
            self._socket.send(json.dumps({"kill": True}).encode())
        ready, _, _ = select.select([self._socket], [], [], 30)
        answer = self._socket.recv(65536) if ready else b""
        if not answer:
            self._process.kill()
            raise ServerFault("the fork server died while a submission ran")
        ended = json.loads(answer)
        run.peak_mb = max(run.peak_mb, ended["peak_mb"])
        if conversation.reader.ended:
            return None
        if reason is None:
            spent = ended["cpu_seconds"] >= limits.total_seconds
            reason = State.TIMED_OUT if spent else State.CRASHED
        cell = conversation.reader.stop(reason, now)
        return _Stop(cell.id if cell else "", reason)


class _Conversation:
    """Sends a job, then reads messages until the child ends, a limit passes, or it sends what cannot be a message."""

    def __init__(
        self,
        reader: EventReader,
        limits: Limits,
        secret: int,
        job_fd: int,
        branches: dict[int, Run] | None,
        seed: int,
    ) -> None:
        self.reader, self.limits, self.secret, self.job_fd = reader, limits, secret, job_fd
        self.branches, self.seed = branches, seed

    def listen(self, fd: int, job: dict[str, Any]) -> State | None:
        """Return why the child has to be stopped, or None if it ended by itself."""
        began = cell_began = time.monotonic()
        cell, received = None, 0
        messages = frames.Reader(self.limits.result_bytes)
        outgoing = memoryview(frames.pack({"kind": "job"}, json.dumps(job).encode()))
        os.set_blocking(self.job_fd, False)
        while True:
            now = time.monotonic()
            left = min(cell_began + self.limits.cell_seconds, began + self.limits.total_seconds) - now
            if left <= 0:
                return State.TIMED_OUT
            readable, writable, _ = select.select([fd], [self.job_fd] if outgoing else [], [], left)
            if writable:
                outgoing = self._write_some(outgoing)
            if not readable:
                continue
            data = os.read(fd, 1 << 20)
            received += len(data)
            if not data:
                return None
            if received > self.limits.result_bytes:
                return State.OUT_OF_MEMORY
            try:
                for header, payload in messages.feed(data):
                    outgoing = self._take(header, payload, outgoing)
            except frames.FrameError:
                return State.CRASHED
            if self.reader.cell is not cell:
                cell, cell_began = self.reader.cell, time.monotonic()
            if self.reader.ended:
                return None

    def _write_some(self, outgoing: memoryview) -> memoryview:
        try:
            return outgoing[os.write(self.job_fd, outgoing) :]
        except BrokenPipeError:
            return outgoing[:0]  # the child is gone; its end of the result pipe says so

    def _take(self, header: dict[str, Any], payload: bytes, outgoing: memoryview) -> memoryview:
        if header["kind"] == "ask":
            return memoryview(bytes(outgoing) + self._answer(header))
        if header["kind"] == "branch" and self.branches is not None:
            self.branches[header["index"]] = read_branch(header, payload, self.seed)
        else:
            self.reader.add(header, payload, time.monotonic())
        return outgoing

    def _answer(self, header: dict[str, Any]) -> bytes:
        try:
            return frames.pack({"kind": "answer"}, tasks.part(self.secret, str(header.get("exercise")), header))
        except (PermissionError, TypeError) as error:
            return frames.pack({"kind": "refused", "why": str(error)})


def read_branch(header: dict[str, Any], payload: bytes, seed: int) -> Run:
    """Return what a branch wrote as a `Run`; an unfinished claim gets the state in which the branch ended."""
    run = Run(seed=seed, seconds=float(header["seconds"]))
    messages = frames.read_all(payload)
    ids = {h["id"]: h for h, _ in messages if h["kind"] == "cell"}
    reader = EventReader(run, dict.fromkeys(ids, ("", "")))
    for message, body in messages:
        reader.add(message, body, float(message.get("at", 0.0)))
    if not reader.ended:
        timed_out = header["status"] == "timed out"
        reader.stop(State.TIMED_OUT if timed_out else State.CRASHED, 0.0)
    return run


def _job(cells: Sequence[Cell], batch: Batch, limits: Limits) -> dict[str, Any]:
    listed = [asdict(cell) for cell in cells]
    return {"seed": batch.seed, "cells": listed, "output_bytes": limits.output_bytes}


def _without(cells: Sequence[Cell], stop: _Stop, run: Run) -> list[Cell]:
    """Return what is left to run after a stop: not the culprit, and no test that is already over."""
    over = {cell.id for cell in run.cells if cell.kind in _TEST_KINDS and cell.stop is None}
    left = []
    for cell in cells:
        if cell.id in over:
            continue
        if cell.id == stop.cell:
            known = {claim.name for claim in run.claims if claim.exercise == cell.exercise}
            if cell.kind != "hidden" or not known:
                continue
            cell = replace(cell, source=without_claims(cell.source, known))
        left.append(cell)
    return left


def without_claims(source: str, names: set[str]) -> str:
    """Return a test cell without the ``with lab.claim(name)`` blocks of the given names."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.With) and claim_name(node) in names:
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return "\n".join(lines)


def claim_name(node: ast.With) -> str | None:
    """Return the name in ``with lab.claim("name", ...)``, or None for any other block."""
    call = node.items[0].context_expr
    if not isinstance(call, ast.Call) or ast.unparse(call.func) not in ("lab.claim", "claim") or not call.args:
        return None
    return call.args[0].value if isinstance(call.args[0], ast.Constant) else None
