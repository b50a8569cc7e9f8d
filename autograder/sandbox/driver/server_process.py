"""Start a fork server, which imports everything, and fork further servers from it."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[1] / "inside" / "fork_server.py"
# What Docker and podman refuse without these: calls that make namespaces and mounts, and a new /proc.
CONTAINER_OPTIONS = "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"


class ServerFault(RuntimeError):
    """The fork server died or did not start; this is the grader's fault, never the submission's."""


class SandboxRefused(ServerFault):
    """This host forbids a step of the isolation; the message names the step."""


class ForkServer:
    """A fork server and the socket to it; a copy has no process of its own, but the server from which it was copied."""

    def __init__(
        self,
        control: socket.socket,
        process: subprocess.Popen | None,
        sandbox: bool,
        staging: str = "",
        origin: ForkServer | None = None,
    ) -> None:
        self.control, self.process, self.sandbox, self._staging = control, process, sandbox, staging
        self._origin, self._is_killed = origin, False
        self._handle = -1  # pidfd of the server, which is a child of the started process if there are walls
        self._pid = 0
        self._copies: set[int] = set()

    @classmethod
    def start(cls, sandbox: bool) -> ForkServer:
        """Start a server without waiting for it."""
        staging = temporary_folder("autograder-root-")
        found = importlib.util.find_spec("layerlab")  # importing it would import torch
        if found is None or found.origin is None:
            raise ServerFault("layerlab is not installed")
        course = str(Path(found.origin).resolve().parent)
        options = {"sandbox": sandbox, "layerlab": _as_utf8(course), "staging": _as_utf8(staging)}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # A submission can read the environment that its server was started with.
        environment = {k: os.environ[k] for k in ("HOME", "LD_LIBRARY_PATH") if k in os.environ}
        environment |= {"HOME": staging} if sandbox else {}
        environment |= {
            "PATH": "/usr/bin:/bin",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "LANG": "C.UTF-8",
        }
        process = subprocess.Popen(
            [sys.executable, "-I", str(_FILE), str(theirs.fileno()), json.dumps(options)],
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the driver, which lets each submission finish
        )
        theirs.close()
        return cls(ours, process, sandbox, staging)

    def wait_until_ready(self, seconds: float = 120.0) -> None:
        """Wait until everything is imported; raise SandboxRefused if the host forbids walls, or ServerFault."""
        process = self.process
        if process is None:
            raise ServerFault("a copy has no process of its own")
        answer = self._answer(seconds)
        if "refused" in answer:
            raise SandboxRefused(
                f"this host does not allow the isolation of submissions ({answer['refused']}). If it is a container, "
                f"start it as an ordinary user and with {CONTAINER_OPTIONS}. --unsandboxed grades without isolation: "
                "submissions then run with your own privileges."
            )
        if "ready" not in answer:
            process.kill()
            tail = (process.communicate()[1] or b"").decode(errors="replace").strip().splitlines()[-1:]
            raise ServerFault(f"the fork server did not start: {' '.join(tail)}")
        # Behind walls, the process that was started waits for the server, its child.
        self._hold(_children(process.pid)[-1] if self.sandbox else process.pid)

    def copy(self) -> ForkServer:
        """Fork this server, which must be idle, and return the copy, which ends when this server ends."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.send({"copy": True}, [theirs.fileno()])
        theirs.close()
        copied = ForkServer(ours, None, self.sandbox, origin=self)
        if "ready" not in copied._answer(30.0):
            raise ServerFault("the fork server made no copy of itself")
        copied._hold(_children(self._pid)[-1])
        self._copies.add(copied._pid)
        return copied

    def send(self, message: dict[str, Any], fds: list[int]) -> None:
        """Send a message with its file descriptors, or raise ServerFault if the server is gone."""
        try:
            socket.send_fds(self.control, [json.dumps(message).encode()], fds)
        except OSError as error:
            raise ServerFault(f"the fork server is gone: {error}") from None

    def submission(self) -> int | None:
        """Return the process id of the running submission, or None."""
        running = [pid for pid in _children(self._pid) if pid not in self._copies]
        return running[-1] if running else None

    def alive(self) -> bool:
        """Return whether the server can run another submission; `kill` sets a flag, because dying takes a moment."""
        if self._is_killed or (self._origin is not None and not self._origin.alive()):
            return False
        if self.process is not None and self.process.poll() is not None:
            return False
        return not select.select([self._handle], [], [], 0)[0]

    def kill(self) -> None:
        """Kill the server immediately, even if it is running a submission; call `close` afterward."""
        self._is_killed = True
        if self.process is not None:
            self.process.kill()
        with contextlib.suppress(ProcessLookupError):
            if self._handle >= 0:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def close(self) -> None:
        """End the server and its copies."""
        self.control.close()
        if self._handle >= 0:
            if not select.select([self._handle], [], [], 5)[0]:
                self.kill()
            os.close(self._handle)
            self._handle, self._is_killed = -1, True
        if self.process is not None:
            self._collect(self.process)

    def _collect(self, process: subprocess.Popen) -> None:
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
        shutil.rmtree(self._staging, ignore_errors=True)

    def _answer(self, seconds: float) -> dict[str, Any]:
        ready, _, _ = select.select([self.control], [], [], seconds)
        return json.loads(self.control.recv(65536) or b"{}") if ready else {}

    def _hold(self, pid: int) -> None:
        self._pid, self._handle = pid, os.pidfd_open(pid)


def temporary_folder(prefix: str) -> str:
    """Make a temporary folder and return its path, or raise ServerFault."""
    try:
        return tempfile.mkdtemp(prefix=prefix)
    except OSError as error:
        raise ServerFault(f"no temporary folder can be made ({error}); TMPDIR may name another place") from error


def _children(pid: int) -> list[int]:
    """Return the ids of a process's children in creation order."""
    try:
        return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (OSError, ValueError):
        return []


def _as_utf8(path: str) -> str:
    """Decode a path's bytes as the fork server's Python does, regardless of this process's locale."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")
