"""The fork server: imports what notebooks import once, computes nothing, and forks a child per submission.

It is started as a new process with ``python -I server.py`` and one socket. Each message on that socket carries the
limits of a submission and two pipe ends; the child reads its job from one and writes its results to the other, so the
server never touches a byte of a submission (an answer it had relayed would be found in its memory by the next child).
It waits, kills when told to, and reports how the child ended.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

_MB = 2**20


def main(control_fd: int) -> None:
    control = socket.socket(fileno=control_fd)
    steps, frames, shell = warm_up()
    control.sendall(json.dumps({"ready": os.getpid()}).encode() + b"\n")
    child: tuple[int, int] | None = None  # pid, pidfd
    while True:
        waiting = [control] if child is None else [control, child[1]]
        ready, _, _ = select.select(waiting, [], [])
        if control in ready:
            message, fds = receive(control)
            if message is None:
                break
            if message.get("kill") and child is not None:
                kill_group(child[0])
            elif "limits" in message:
                child = start(message, fds, control, steps, frames, shell)
        if child is not None and child[1] in ready:
            control.sendall(json.dumps(reap(child)).encode() + b"\n")
            child = None
    if child is not None:
        kill_group(child[0])


def warm_up() -> tuple[Any, Any, Any]:
    """Import everything a notebook needs; what is imported here costs a submission nothing."""
    here = Path(__file__).parent
    spec = importlib.util.spec_from_file_location(
        "inside", here / "__init__.py", submodule_search_locations=[str(here)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["inside"] = package
    spec.loader.exec_module(package)
    import IPython  # noqa: F401
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    import matplotlib.backends.backend_agg
    import numpy.random  # noqa: F401
    import PIL.PngImagePlugin  # noqa: F401
    import torch
    import torch._dynamo  # the first optimizer step would import it, 0.7 s a submission
    from inside import frames, steps
    from inside import shell as shell_module

    torch.set_num_threads(1)
    shell = shell_module.create()
    gc.collect()
    gc.freeze()
    return steps, frames, shell


def receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Return the next message and the descriptors that came with it; None when the driver is gone."""
    fds = array.array("i")
    data, ancillary, _, _ = control.recvmsg(65536, socket.CMSG_SPACE(2 * fds.itemsize))
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
    return (json.loads(data) if data else None), list(fds)


def start(
    message: dict, fds: list[int], control: socket.socket, steps: Any, frames: Any, shell: Any
) -> tuple[int, int]:
    job_fd, result_fd = fds
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            control.close()
            become_child(message)
            header, payload = frames.read_one(job_fd)
            job = header | json.loads(payload)
            channel = steps.PipeChannel(result_fd, job_fd)
            steps.Steps(shell, job, channel).run()
            code = 0
        finally:
            os._exit(code)
    os.close(job_fd)
    os.close(result_fd)
    return pid, os.pidfd_open(pid)


def become_child(message: dict[str, Any]) -> None:
    """Own session, working folder and limits; nothing to read, nowhere to print but the notebook."""
    os.setsid()
    os.chdir(message["folder"])
    os.environ.clear()
    os.environ.update(message["environment"])
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    limits = message["limits"]
    data = (limits["memory_mb"] + own_data_mb()) * _MB
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    resource.setrlimit(resource.RLIMIT_AS, (data + 2048 * _MB, data + 2048 * _MB))
    cpu = int(limits["total_seconds"]) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * _MB, 64 * _MB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def own_data_mb() -> int:
    """Return what the server itself already counts against RLIMIT_DATA, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) // 1024
    return 512


def kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def reap(child: tuple[int, int]) -> dict[str, Any]:
    """Collect an ended child, end what it left running in its session, and say what it used."""
    pid, handle = child
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    os.close(handle)
    exit_signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {
        "done": pid,
        "signal": exit_signal,
        "code": 0 if exit_signal else os.WEXITSTATUS(status),
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
