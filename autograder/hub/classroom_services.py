"""Start and stop PostgreSQL and JupyterHub, which a class on one machine needs."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.hub.classroom_folder import Classroom, ClassroomError

STARTS_WITHIN, STOPS_WITHIN = 120, 60  # seconds: a busy machine takes a while to import all of Jupyter


def require_free_ports(classroom: Classroom) -> None:
    """Raise ClassroomError if another program uses one of the class's four ports."""
    for port in range(classroom.port, classroom.port + 4):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError as error:
                raise ClassroomError(f"port {port} is in use: choose four free ones, --port {port + 10}") from error


@contextmanager
def database(classroom: Classroom) -> Iterator[str]:
    """Run the class's own PostgreSQL in the class's folder, and yield its address, or raise ClassroomError.

    If we are root, the user `postgres` runs the server, because PostgreSQL does not run as root.
    """
    programs = _postgresql()
    data = classroom.folder / "postgres"
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if not (data / "PG_VERSION").exists():
        data.mkdir(exist_ok=True)
        if as_user:
            shutil.chown(data, "postgres")
        _run([*as_user, str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"])
    control = [*as_user, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    settings = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {classroom.port + 3}"
    _run([*control, "-l", str(data / "log"), "-o", settings, "start"])
    try:
        yield classroom.own_database
    finally:
        _run([*control, "-m", "fast", "stop"])


@contextmanager
def hub(classroom: Classroom) -> Iterator[subprocess.Popen[bytes]]:
    """Yield JupyterHub's process once it answers, or raise ClassroomError; it ends with its proxy and servers."""
    folder = classroom.folder / "hub"
    command = [sys.executable, "-m", "jupyterhub", "--config", str(folder / "jupyterhub_config.py")]
    with (folder / "log").open("ab") as log:  # a session of its own, so that control-C reaches only our command
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(f"http://127.0.0.1:{classroom.port}/hub/api/", process, folder / "log")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _postgresql() -> Path:
    """Return the folder of PostgreSQL's programs; Debian keeps them outside PATH, in a folder for each version."""
    on_path = shutil.which("initdb")
    found = [Path(on_path)] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise ClassroomError("PostgreSQL is not installed: install it (apt install postgresql), or use --database")
    return found[-1].parent


def _run(command: list[str]) -> None:
    # PostgreSQL keeps inherited files open, so a pipe for its output would never end; discard the output instead.
    with subprocess.Popen(
        command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        said = process.communicate()[1].strip()
    if process.returncode:
        hint = " Choose a FOLDER that the user postgres may enter." if command[0] == "runuser" else ""
        raise ClassroomError(f"PostgreSQL does not start or stop (its log is in postgres/log): {said}{hint}")


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < until:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.3)
    last = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["nothing"])[-1]
    raise ClassroomError(f"JupyterHub does not start; it said: {last}\n  All that it said is in {log}")
