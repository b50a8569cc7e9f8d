"""Import the notebooks' dependencies once, then fork a child for each submission.

The driver starts this file as a new process with ``python -I fork_server.py`` and one socket. Each message on that
socket contains the limits of a submission and two pipe ends. The child reads its job from one pipe and writes its
results to the other, so the server never reads any part of a submission. If the server did read a submission, the next
child could find the previous answer in its own memory. The server waits, kills the child when told to, and reports how
the child ended.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib.util
import json
import os
import re
import resource
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

_MB = 2**20


def main(control_fd: int, options: dict[str, Any]) -> None:
    """Serve one grader: fork a child for each requested run, until the connection ends."""
    control = socket.socket(fileno=control_fd)
    load_package()
    from inside.walls import isolation, kernel, view

    walls = None
    if options["sandbox"]:
        walls = isolation.Walls(view.view(Path(options["layerlab"])), options["staging"])
        try:
            walls.prepare_server()
        except kernel.Refused as error:
            control.sendall(json.dumps({"refused": error.strerror}).encode())
            return
        see_only_the_course(walls.seen)
    server = Server(control, walls, warm_up())
    control.sendall(json.dumps({"ready": os.getpid()}).encode())
    server.serve()
    os._exit(0)  # torch would take 0.2 s to exit, and the driver waits


def load_package() -> None:
    """Import this folder by its path as the package ``inside``, without importing the rest of the grader."""
    here = Path(__file__).parent
    spec = importlib.util.spec_from_file_location(
        "inside", here / "__init__.py", submodule_search_locations=[str(here)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{here} is no package")
    package = importlib.util.module_from_spec(spec)
    sys.modules["inside"] = package
    spec.loader.exec_module(package)


def see_only_the_course(seen: Any) -> None:
    """Remove every path to the repository, so that all later imports come from the new root folder."""
    sys.meta_path[:] = [f for f in sys.meta_path if not getattr(f, "__module__", "").startswith("__editable__")]
    sys.path.append(seen.packages)
    sys.modules["inside"].__path__ = [f"{seen.packages}/inside"]
    os.environ.clear()
    os.environ.update({"HOME": seen.work, "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8", "PATH": "/usr/bin"})


def warm_up() -> Any:
    """Before any submission runs, import everything that a notebook needs; return the shell."""
    gc.disable()  # modules are not garbage, and collecting garbage would take a quarter of the import time
    import IPython  # noqa: F401
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    import matplotlib.backends.backend_agg
    import numpy.random  # noqa: F401
    import PIL.PngImagePlugin  # noqa: F401
    import torch
    import torch._dynamo  # the first optimizer step would import it, 0.7 s a submission
    import tqdm
    from inside import messages, shell, steps, usage  # noqa: F401

    from layerlab.ranks import allow_stillness

    tqdm.tqdm.monitor_interval = 0  # start no thread that watches progress bars
    allow_stillness(2.0)  # ranks that wait for each other use no CPU time; an honest rank may sleep for a moment
    torch.set_num_threads(1)
    made = shell.create()
    gc.collect()
    gc.freeze()
    gc.enable()
    return made


class Server:
    """A server that waits for submissions on one socket and runs them one at a time, each in a forked child."""

    def __init__(self, control: socket.socket, walls: Any, shell: Any) -> None:
        from inside import usage

        self.control, self.walls, self.shell, self.usage = control, walls, shell, usage
        self.child: tuple[int, int] | None = None  # pid, pidfd
        self.killed = self.is_too_large = False  # by us, and why
        self.own_mb = usage.rough_mb(os.getpid())
        self.together: Any = None

    def serve(self) -> None:
        while True:
            waiting: list[socket.socket | int] = [self.control, *([] if self.child is None else [self.child[1]])]
            ready, _, _ = select.select(waiting, [], [], None if self.child is None else self.usage.EVERY)
            if self.child is not None and not self.killed and self.together.is_over():
                self.is_too_large = True
                self.kill(0.0)
            if self.control in ready:
                message, fds = receive(self.control)
                if message is None:
                    break
                if message.get("kill") and self.child is not None:
                    self.kill(message.get("after", 0.0))
                elif "copy" in message:
                    self.copy(fds)
                elif "limits" in message:
                    self.start(message, fds)
            if self.child is not None and self.child[1] in ready:
                why = {"killed": self.killed, "too_large": self.is_too_large}
                self.control.sendall(json.dumps(reap(self.child) | why).encode())
                self.child, self.killed, self.is_too_large = None, False, False
        if self.child is not None:
            kill_group(self.child[0])

    def copy(self, fds: list[int]) -> None:
        """Fork another server, which listens on the socket that was sent with the request."""
        (control,) = fds
        if os.fork() == 0:
            self.control.close()
            self.control = socket.socket(fileno=control)
            self.control.sendall(json.dumps({"ready": os.getpid()}).encode())
        else:
            os.close(control)

    def start(self, message: dict[str, Any], fds: list[int]) -> None:
        """Fork a child that runs a submission."""
        pid = self.walls.fork_into_new_pids() if self.walls else os.fork()
        if pid == 0:
            self.run_child(message, fds)
        for fd in fds:
            os.close(fd)
        self.child = (pid, os.pidfd_open(pid))
        self.together = self.usage.Together(pid, message["limits"]["memory_mb"] + self.own_mb)

    def kill(self, seconds: float) -> None:
        """Kill the child unless it exits on its own within ``seconds``."""
        if self.child is None:
            return
        pid, handle = self.child
        ended, _, _ = select.select([handle], [], [], seconds)
        if not ended:
            self.killed = True
            kill_group(pid)

    def run_child(self, message: dict[str, Any], fds: list[int]) -> NoReturn:
        code = 1
        try:
            from inside import messages, steps

            os.setsid()
            if self.walls:
                self.walls.enter()
            else:
                os.chdir(message["folder"])
            close_all_but(fds)
            become_child(message, work=self.walls.seen.work if self.walls else None)
            if self.walls:
                self.usage.be_plain()
                self.walls.lock()
            job_fd, result_fd = fds
            header, payload = messages.read_one(job_fd)
            channel = steps.PipeChannel(result_fd, job_fd)
            steps.Steps(self.shell, header | json.loads(payload), channel).run()
            code = 0
        finally:
            os._exit(code)


def receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Return the next message and its file descriptors; the message is None if the driver is gone."""
    fds = array.array("i")
    data, ancillary, _, _ = control.recvmsg(65536, socket.CMSG_SPACE(2 * fds.itemsize))
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
    return (json.loads(data) if data else None), list(fds)


def close_all_but(kept: list[int]) -> None:
    """Redirect the standard streams to /dev/null, and close all file descriptors except those in ``kept``."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else map(str, range(3, 256)):
        if int(name) > 2 and int(name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def become_child(message: dict[str, Any], work: str | None) -> None:
    """Apply the environment and the limits of a submission; ``work`` is the working folder that walls provide."""
    os.environ.clear()
    os.environ.update(message["environment"] | ({"HOME": work, "TMPDIR": work} if work else {}))
    limits = message["limits"]
    data, size = (limits["memory_mb"] * _MB + used for used in own_memory())
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    resource.setrlimit(resource.RLIMIT_AS, (size + 2048 * _MB, size + 2048 * _MB))
    cpu = int(limits["total_seconds"]) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * _MB, 64 * _MB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    if work:  # without its own user namespace, this limit would count every process of this user
        resource.setrlimit(resource.RLIMIT_NPROC, (32, 32))


def own_memory() -> tuple[int, int]:
    """Return how many bytes of the server's own memory already count against RLIMIT_DATA and RLIMIT_AS.

    torch's build decides both: with CUDA, the libraries alone take gigabytes of addresses.
    """
    status = dict(re.findall(r"^(\w+):\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE))
    return int(status["VmData"]) * 1024, int(status["VmSize"]) * 1024


def kill_group(pid: int) -> None:
    """Kill a child and the process group that it leads; do nothing if the child is already gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def reap(child: tuple[int, int]) -> dict[str, Any]:
    """Collect the exit status of a child that ended, kill its remaining processes, and return its resource usage."""
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
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
