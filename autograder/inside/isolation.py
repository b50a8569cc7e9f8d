"""The walls around a submission: namespaces, a root folder of its own, no privileges. Standard library only.

`prepare_server` is called once, by a process that has imported nothing yet; `enter` by each forked child. What is
promised and how each promise is tested stands in docs: "What a submission can do".
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from . import kernel

STUDENT = 1000  # uid and gid inside
_NOBODY = 65534  # what a server started by root becomes outside
_LIBRARIES = ("/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_FILES = {
    "etc/passwd": f"student:x:{STUDENT}:{STUDENT}::/submission:/bin/false\n",
    "etc/group": f"student:x:{STUDENT}:\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
}
COURSE = "/course-packages"  # where `layerlab` and `inside` are seen


@dataclass(frozen=True)
class View:
    """What of the host a submission sees, read-only."""

    folders: tuple[str, ...]  # at the paths they have outside
    course: tuple[str, ...]  # packages that appear below COURSE
    hidden: tuple[str, ...]  # folders inside these that are covered


def view(layerlab: Path) -> View:
    """Return the interpreter, the third-party packages, ``layerlab`` and this package; the grader itself is covered."""
    prefixes = {os.path.realpath(p) for p in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    prefixes.discard("/usr")  # a system Python: its library is in _LIBRARIES
    packages = [Path(path) for path in sys.path if path.endswith("-packages")]
    hidden = [str(package / "autograder") for package in packages if (package / "autograder").is_dir()]
    return View(tuple(sorted(prefixes)), (str(layerlab), str(Path(__file__).parent)), tuple(hidden))


def prepare_server(seen: View, staging: str) -> None:
    """Move this process into namespaces and a root folder of its own.

    Returns in a new process, which is the first of its pid namespace; the calling one waits for it and exits with it.

    Args:
        staging: an empty folder that the new root is put together in.

    Raises:
        kernel.Refused: if the host forbids a step.
    """
    uid, gid = os.getuid(), os.getgid()
    is_root = uid == 0 and _is_real_root()
    if is_root:
        kernel.unshare(kernel.CLONE_NEWNS, "mount, as root")
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        assemble(seen, staging)  # now, because folders above a home may be closed to everyone else
        uid = gid = _NOBODY
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        kernel.be_dumpable()
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID, "user, mount, pid")
    _map_ids(uid, gid)
    kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS, "net, ipc, uts")
    _go_on_as_first_process()
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    if is_root:
        kernel.mount(staging, staging, flags=kernel.MS_BIND | kernel.MS_REC)
    else:
        assemble(seen, staging)
    _mount_proc(f"{staging}/proc")
    kernel.pivot_root(staging)
    _loopback_up()
    _make_read_only()
    kernel.mount("tmpfs", "/submission", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=16m")  # the server's own


def enter() -> None:
    """Close the last doors; called in the child, which is the first process of its own pid namespace."""
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC, "mount and ipc of a submission")
    _mount_proc("/proc")
    for folder, options in (("/submission", "size=256m,nr_inodes=20000"), ("/dev/shm", "size=256m,nr_inodes=1000")):
        kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"{options},mode=0700")
    # The user namespace comes after /proc, which needs the capabilities of the namespace that owns the pids.
    kernel.unshare(kernel.CLONE_NEWUSER, "user namespace of a submission")
    _map_ids(STUDENT, STUDENT)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.chdir("/submission")


def lock() -> None:
    """Give up privileges and filter system calls: the last step before a submission's first cell."""
    kernel.drop_privileges()
    kernel.filter_calls()


def fork_into_new_pids() -> int:
    """Fork a child that is the first process of a new pid namespace; this process stays where it is."""
    mine = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        kernel.unshare(kernel.CLONE_NEWPID, "pid namespace of a submission")
        pid = os.fork()
        if pid != 0:
            kernel.set_namespace(mine, kernel.CLONE_NEWPID)
        return pid
    finally:
        os.close(mine)


def assemble(seen: View, root: str) -> None:
    """Put the new root folder together at ``root``."""
    kernel.mount("tmpfs", root, "tmpfs", kernel.MS_NOSUID, "size=16m,mode=0755")
    for folder in ("proc", "submission", "dev/shm", "etc", COURSE.strip("/")):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    for name, content in _FILES.items():
        Path(root, name).write_text(content)
    os.symlink("/submission", f"{root}/tmp")
    for folder in [*_LIBRARIES, *seen.folders]:
        _show(folder, root + folder)
    for package in seen.course:
        _show(package, f"{root}{COURSE}/{Path(package).name}")
    for folder in seen.hidden:
        kernel.mount("tmpfs", root + folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=4k,mode=0755")
    for name in _DEVICES:
        Path(f"{root}/dev/{name}").touch()
        kernel.mount(f"/dev/{name}", f"{root}/dev/{name}", flags=kernel.MS_BIND)
    if Path("/etc/ld.so.cache").exists():
        Path(root, "etc/ld.so.cache").touch()
        kernel.mount("/etc/ld.so.cache", f"{root}/etc/ld.so.cache", flags=kernel.MS_BIND)


def _show(source: str, target: str) -> None:
    """Make a folder of the host appear at ``target``; a link is made again as a link."""
    if os.path.islink(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(os.readlink(source), target)
    elif os.path.isdir(source) and not os.path.lexists(target):
        os.makedirs(target)
        kernel.mount(source, target, flags=kernel.MS_BIND | kernel.MS_REC)


def _is_real_root() -> bool:
    """Uid 0 in a container may be an ordinary user outside; then the map does not cover all ids."""
    inside, outside, count = Path("/proc/self/uid_map").read_text().split()[:3]
    return (inside, outside) == ("0", "0") and int(count) >= 2**32 - 1


def _map_ids(uid: int, gid: int) -> None:
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{STUDENT} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{STUDENT} {gid} 1")
    except OSError as error:
        raise kernel.Refused(error.errno, f"write uid_map: {error.strerror}") from None


def _go_on_as_first_process() -> None:
    """Fork; the child goes on, this process waits and ends with it."""
    pid = os.fork()
    if pid == 0:
        kernel.die_with_parent()
        return
    for fd in range(3, 64):
        try:
            os.close(fd)
        except OSError:
            continue  # not open
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _mount_proc(target: str) -> None:
    """Mount a /proc of this pid namespace; where the host masks its own, an empty one takes its place."""
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    try:
        kernel.mount("proc", target, "proc", flags)
    except kernel.Refused:
        kernel.mount("tmpfs", target, "tmpfs", flags | kernel.MS_RDONLY, "size=4k")


def _loopback_up() -> None:
    """gloo finds no interface until lo is up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(probe, 0x8914, request)  # SIOCSIFFLAGS


def _make_read_only() -> None:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        target = line.split()[4].encode().decode("unicode_escape")
        if target == "/proc" or target.startswith("/proc/"):
            continue
        attributes = ("ro", "nosuid") if target.startswith("/dev/") else ("ro", "nosuid", "nodev")
        kernel.restrict_mount(target, *attributes)
