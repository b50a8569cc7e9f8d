"""Report disk and database errors with a remedy, and allow only one grader at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import InvalidEntry
from sqlalchemy.exc import SQLAlchemyError

from autograder.reasons import sentence

AGAIN = "Then run the same command again: what was recorded is kept, and the rest is graded."
_MAKE_ROOM = "make room"
_ALLOW = "give yourself permission to write there"
_BY_ERRNO = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _MAKE_ROOM),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), _ALLOW),
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST), "move away the file that is where a folder must be"),
    errno.EISDIR: "move away the folder that is where a file must be",
}
_BY_WORDS = {
    "locked": "close whatever keeps it busy: formgrader, a database browser, another grader",
    "disk is full": _MAKE_ROOM,
    "disk I/O error": "check whether its disk is full, broken, or missing",
    "readonly": _ALLOW,
    "unable to open": "check that its folder exists, and give yourself permission to write there",
    "not a database": "restore a copy of it, or move it away: manual points in it are then lost",
    "malformed": "restore a copy of it, or move it away: manual points in it are then lost",
    "no such column": "run `nbgrader db upgrade`: another version of nbgrader made it",
}


class RecordError(RuntimeError):
    """A result could not be written because the disk or the database failed; the submission is not at fault."""


class ClusterFault(RuntimeError):
    """A Dask scheduler, or all of its workers, cannot be reached; the message says what to do."""


def cause(error: Exception) -> str:
    """Return what failed and, if known, what to do about it."""
    if isinstance(error, OSError):
        said = ": ".join(filter(None, [error.strerror or str(error), str(error.filename or "")]))
        advice = _BY_ERRNO.get(error.errno or 0, "")
    else:
        said = str(getattr(error, "orig", None) or getattr(error.__context__, "orig", None) or error)
        advice = next((advice for words, advice in _BY_WORDS.items() if words in said), "")
    return " ".join(filter(None, [f"{said}.", sentence(advice), AGAIN]))


@contextlib.contextmanager
def recording(what: str) -> Iterator[None]:
    """Turn disk errors, but not those of a file's name, into a `RecordError` that begins with ``what``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL):
            raise
        raise RecordError(f"{what}: {cause(error)}") from error


def is_in_the_way(error: Exception) -> bool:
    """Return whether an error is temporary because another program is writing to the database at the moment."""
    # If two programs make the same table or student at once, the second finds it already there when it tries again.
    words = ("database is locked", "database table is locked", "already exists", "UNIQUE constraint failed")
    return isinstance(error, SQLAlchemyError | InvalidEntry) and any(word in str(error) for word in words)


@contextlib.contextmanager
def alone(lock: Path, what: str) -> Iterator[None]:
    """Lock the file ``lock`` during this block, however this process ends; raise RecordError if it is locked."""
    import fcntl  # Windows has no fcntl, and no fork servers either

    with recording(f"{lock} could not be made"):
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("a+", encoding="utf-8", errors="replace")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.readline().strip()[:200] or "another process"
            raise RecordError(f"{what} is being graded by {who}: wait until it is done. {AGAIN}") from None
        except OSError:  # a file system without locks: continue without one
            pass
        with recording(f"{lock} could not be written"):
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            file.flush()
        yield
