"""Let an unprivileged process read folders that only their owner may read.

This module uses only the standard library. Root gives up its privileges before any part of a submission runs. The
server could then no longer read folders that root created under ``umask 077``. If root graded from a user's clone of
the repository, the server could no longer read that clone, either. In an idmapped mount, such a folder appears to
belong to the unprivileged user. Only that mount shows the changed owner; the files themselves do not change.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from . import kernel
from .view import is_below


def is_closed(path: str) -> bool:
    """Return whether ``path`` has parts that some users are not allowed to read.

    Check ``path`` itself, its direct entries, and the direct entries of import folders below it.
    """
    return any(_is_closed(entry) for entry in _looked_at(path))


def show(source: str, target: str, lent_to: int) -> None:
    """Mount ``source`` at ``target`` as if the user ``lent_to`` owned it; this requires root.

    Raises:
        kernel.Refused: if this kernel or the file system of ``source`` does not support idmapped mounts.
    """
    owner = os.stat(source)
    tree = kernel.copy_mounts(source)
    users = _namespace(owner.st_uid, owner.st_gid, lent_to)
    try:
        kernel.lend_mounts(tree, users)
        kernel.attach_mounts(tree, target)
    except kernel.Refused as error:
        said = f"{source} is closed to everybody but its owner, and cannot be lent: {error.strerror}"
        raise kernel.Refused(error.errno, said) from None
    finally:
        os.close(tree)
        os.close(users)


def _looked_at(path: str) -> Iterator[str]:
    yield path
    for folder in {path, *map(os.path.realpath, sys.path)}:
        if is_below(folder, path) and os.path.isdir(folder):
            yield from (entry.path for entry in os.scandir(folder) if not entry.is_symlink())


def _is_closed(path: str) -> bool:
    mode = os.stat(path).st_mode
    wanted = 0o5 if stat.S_ISDIR(mode) else 0o4
    return mode & wanted != wanted


def _namespace(uid: int, gid: int, lent_to: int) -> int:
    """Return a descriptor of a user namespace that maps the owner (``uid``, ``gid``) to the host's user ``lent_to``."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            kernel.unshare(kernel.CLONE_NEWUSER, "user, to lend a folder")
            kernel.die_with_parent()
            os.write(writer, b".")
            signal.pause()
        finally:
            os._exit(1)
    try:
        os.close(writer)
        if not os.read(reader, 1):
            raise kernel.Refused(1, "unshare(user, to lend a folder)")
        Path(f"/proc/{pid}/uid_map").write_text(f"{uid} {lent_to} 1")
        Path(f"/proc/{pid}/gid_map").write_text(f"{gid} {lent_to} 1")
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(reader)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
