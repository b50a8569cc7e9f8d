"""Isolate a submission with namespaces, its own root folder, and no privileges.

This module uses only the standard library. The fork server calls `Walls.prepare_server` once, before it imports
anything else; each forked child calls `Walls.enter`. ISOLATION.md lists the guarantees and how each one is tested.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import stat
import struct
from pathlib import Path

from . import kernel
from .view import COVERED, LINK, SHOWN, Place, View

STUDENT = 1000  # uid and gid inside
_NOBODY = 65534  # uid and gid outside the namespace of a server that root started, unless files are closed to others
_DEVICES = ("null", "zero", "full", "random", "urandom")
# Files that programs read in /proc, as they are when a server or a submission begins. They never change, because the
# kernel's live counts (who waited for a page, what is open, locked or busy) reveal other submissions.
_OF_MACHINE = ("cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "uptime", "version")
_OF_PROCESS = ("cmdline", "comm", "limits", "stat", "statm", "status")
_TCP_BUFFERS = "4096 16384 65536"  # bytes: minimum, default, maximum; no limit of a process counts this memory
_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV


class Walls:
    """The walls of one server: what is visible behind them, and how to enter them; ``staging`` becomes the root."""

    def __init__(self, seen: View, staging: str) -> None:
        self.seen, self._staging = seen, staging
        # A submission's /tmp is a link to its working folder, unless something must be shown below /tmp.
        self._has_tmp = bool(seen.below("/tmp"))
        self._machine: dict[str, bytes] = {}

    def prepare_server(self) -> None:
        """Move the server into its own namespaces and root folder, or raise kernel.Refused.

        This returns in a new process, the first of its pid namespace; the caller exits when that one does.
        """
        uid, gid = os.getuid(), os.getgid()
        is_root = uid == 0 and _is_real_root()
        if is_root:
            kernel.unshare(kernel.CLONE_NEWNS, "mount, as root")
            kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
            self._assemble()  # while still root: others may not be able to open folders above a home
            uid, gid = self._reader(), _NOBODY
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            kernel.be_dumpable()
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID, "user, mount, pid")
        _map_ids(uid, gid)
        kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS, "net, ipc, uts")
        _go_on_as_first_process()
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        if not is_root:
            self._assemble()
        kernel.go_to_copy_of_mounts()  # mounts inherited from outside are locked and cannot become the root
        kernel.mount("proc", "proc", "proc", _FLAGS)
        kernel.pivot_root()
        self._machine = {name: _read(f"/proc/{name}") for name in _OF_MACHINE}
        _loopback_up()
        self._make_work("size=16m")  # the server's own

    def enter(self) -> None:
        """Finish the isolation in the child, which is the first process of its own pid namespace."""
        own = kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWNET  # net: a closed port stays taken for 60 s
        kernel.unshare(own, "mount, ipc and net of a submission")
        _loopback_up()
        kernel.mount("proc", "/proc", "proc", _FLAGS)
        proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)  # the writes below go through this, and end with it
        for name in ("tcp_rmem", "tcp_wmem"):
            _write(proc, f"sys/net/ipv4/{name}", _TCP_BUFFERS, is_needed=False)
        _cover_proc(self._machine)
        self._make_work("size=256m,nr_inodes=20000,mode=0700")
        self._cover("/dev/shm", "tmpfs", "tmpfs", _FLAGS, "size=256m,nr_inodes=1000,mode=0700")
        # The user namespace comes after /proc, which needs the capabilities of the namespace that owns the pids.
        kernel.unshare(kernel.CLONE_NEWUSER, "user namespace of a submission")
        _map_ids(STUDENT, STUDENT, proc)
        _write(proc, "sys/user/max_user_namespaces", "0")
        _write(proc, "self/oom_score_adj", "1000", is_needed=False)  # if memory runs out, kill this, not the driver
        os.close(proc)
        os.chdir(self.seen.work)

    @staticmethod
    def lock() -> None:
        """Give up privileges and filter system calls; this is the last step before a submission's first cell."""
        kernel.drop_privileges()
        kernel.filter_calls()

    @staticmethod
    def fork_into_new_pids() -> int:
        """Fork a child that is the first process of a new pid namespace; the caller stays in its own namespace."""
        mine = os.open("/proc/self/ns/pid", os.O_RDONLY)
        try:
            kernel.unshare(kernel.CLONE_NEWPID, "pid namespace of a submission")
            pid = os.fork()
            if pid != 0:
                kernel.set_namespace(mine, kernel.CLONE_NEWPID)
            return pid
        finally:
            os.close(mine)

    def _reader(self) -> int:
        """Return the user that root becomes: nobody or, if only their owner can read the visible files, that owner."""
        shown = [*self.seen.course, *(place.path for place in self.seen.places if place.kind == SHOWN)]
        closed = {path: found.st_uid for path in shown if _is_closed(found := os.stat(path))}
        owners = set(closed.values()) or {_NOBODY}
        if len(owners) > 1 or 0 in owners:
            raise kernel.Refused(1, f"{', '.join(closed)}: others cannot read it; chmod -R go+rX changes that")
        return owners.pop()

    def _assemble(self) -> None:
        """Assemble the new root folder and make it the working folder.

        The targets of mounts are relative to the new root folder, so that no path is longer than the same path on the
        host.
        """
        kernel.mount("tmpfs", self._staging, "tmpfs", kernel.MS_NOSUID, "size=16m,mode=0755")
        os.chdir(self._staging)
        os.umask(0o022)  # the user `nobody` must pass through what root makes here
        for folder in ("proc", "dev/shm", "etc", _inside(self.seen.work), _inside(self.seen.packages)):
            os.makedirs(folder, exist_ok=True)
        for name, content in _files(self.seen.work).items():
            Path(name).write_text(content)
        if self._has_tmp:
            os.mkdir("tmp")
        else:
            os.symlink(self.seen.work, "tmp")
        for place in self.seen.places:
            _put(place, place.path, _inside(place.path))
        for package in self.seen.course:
            target = f"{_inside(self.seen.packages)}/{os.path.basename(package)}"
            _put(Place(package, SHOWN), package, target)
        if os.path.exists("/etc/ld.so.cache"):
            _put(Place("/etc/ld.so.cache", SHOWN), "/etc/ld.so.cache", "etc/ld.so.cache")
        for name in _DEVICES:
            Path("dev", name).touch()
        kernel.restrict_mounts(".", "ro", "nosuid", "nodev", recursive=True)
        for name in _DEVICES:
            kernel.mount(f"/dev/{name}", f"dev/{name}", flags=kernel.MS_BIND)
            kernel.restrict_mounts(f"dev/{name}", "ro", "nosuid")

    def _make_work(self, options: str) -> None:
        """Mount a new in-memory file system over the submission's working folder and over /tmp."""
        folder = self.seen.work
        kernel.mount("tmpfs", folder, "tmpfs", _FLAGS, options)
        if self._has_tmp:  # two halves of one file system, so that they share its size
            for half in ("tmp", "work"):
                os.mkdir(f"{folder}/{half}", 0o700)
            self._cover("/tmp", f"{folder}/tmp", flags=kernel.MS_BIND)
            kernel.mount(f"{folder}/work", folder, flags=kernel.MS_BIND)

    def _cover(self, folder: str, source: str, kind: str = "", flags: int = 0, options: str = "") -> None:
        """Mount ``source`` over a folder, and make the parts of the host inside that folder visible again."""
        os.chdir(folder)  # relative paths still reach the covered files
        kernel.mount(source, folder, kind, flags, options)
        for place in self.seen.below(folder):
            _put(place, os.path.relpath(place.path, folder), place.path)


def _inside(path: str) -> str:
    """Return a path in the new root folder, relative to that folder."""
    return path.lstrip("/")


def _files(home: str) -> dict[str, str]:
    return {
        "etc/passwd": f"student:x:{STUDENT}:{STUDENT}::{home}:/bin/false\n",
        "etc/group": f"student:x:{STUDENT}:\n",
        "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    }


def _put(place: Place, source: str, target: str) -> None:
    """Make a path of the host appear at ``target``."""
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    if place.kind == LINK:
        os.symlink(place.target, target)
    elif place.kind == COVERED:
        kernel.mount("tmpfs", target, "tmpfs", _FLAGS, "size=64k,mode=0755")
    else:
        if os.path.isdir(source):
            os.makedirs(target, exist_ok=True)
        else:
            Path(target).touch()
        kernel.mount(source, target, flags=kernel.MS_BIND | kernel.MS_REC)


def _is_closed(found: os.stat_result) -> bool:
    wanted = 0o5 if stat.S_ISDIR(found.st_mode) else 0o4
    return found.st_mode & wanted != wanted


def _is_real_root() -> bool:
    """Return whether uid 0 is also root on the host.

    In a container, uid 0 may be an ordinary user of the host, and then some ids are unmapped.
    """
    inside, outside, count = Path("/proc/self/uid_map").read_text().split()[:3]
    return (inside, outside) == ("0", "0") and int(count) >= 2**32 - 1


def _map_ids(uid: int, gid: int, proc: int | None = None) -> None:
    _write(proc, "self/setgroups", "deny")
    _write(proc, "self/uid_map", f"{STUDENT} {uid} 1")
    _write(proc, "self/gid_map", f"{STUDENT} {gid} 1")


def _write(proc: int | None, name: str, text: str, is_needed: bool = True) -> None:
    """Write a file in /proc, or in the folder that ``proc`` refers to; if that is needed, raise kernel.Refused."""
    try:
        handle = os.open(name if proc is not None else f"/proc/{name}", os.O_WRONLY, dir_fd=proc)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)
    except OSError as error:
        if is_needed:
            raise kernel.Refused(error.errno, f"write {name}: {error.strerror}") from None


def _go_on_as_first_process() -> None:
    """Fork; the child continues, while this process waits for the child to end and then exits in the same way."""
    pid = os.fork()
    if pid == 0:
        kernel.die_with_parent()
        return
    os.closerange(3, 64)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _cover_proc(machine: dict[str, bytes]) -> None:
    """Cover /proc with a few ordinary files about the machine and the current process, the first in its namespace."""
    own = {name: _read(f"/proc/self/{name}") for name in _OF_PROCESS}
    kernel.mount("tmpfs", "/proc", "tmpfs", _FLAGS, "size=4m,mode=0755")
    os.mkdir("/proc/1")
    os.symlink("1", "/proc/self")
    for name, content in {**machine, **{f"1/{name}": content for name, content in own.items()}}.items():
        Path("/proc", name).write_bytes(content)
    kernel.restrict_mounts("/proc", "ro")


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:  # the host masks it
        return b""


def _loopback_up() -> None:
    """Bring up the loopback interface, because gloo finds no interface while it is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(probe, 0x8914, request)  # SIOCSIFFLAGS
