"""Measure the total memory of a submission's processes, and replace `getrusage` behind the walls.

The system limits the memory of each process separately, so this module adds up the memory of all processes. Behind the
walls, the system call `getrusage` is refused, because its page-fault counts reveal other submissions. Code that
measures itself, such as ``%time``, still calls `getrusage`, so `be_plain` provides a replacement. This module uses only
the standard library.
"""

from __future__ import annotations

import glob
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

EVERY = 0.1  # seconds between two checks
_PATIENCE = 0.5  # seconds to pause after an exact check found nothing; an exact check takes milliseconds per process
_COUNTED = ("RssAnon:", "RssShmem:")
_FIELDS = 16  # in a `struct_rusage`: two times, peak memory, and counts that stay 0


class Together:
    """The total memory of a process and its descendants, and a limit in MiB that includes pages shared with others."""

    def __init__(self, pid: int, most_mb: float) -> None:
        self._pid, self._most_mb = pid, most_mb
        self._again = 0.0

    def is_over(self) -> bool:
        """Return whether the processes together use more memory than the limit.

        The first, quick count includes a shared page once for each process that shares it. If that count is over the
        limit, a second, exact count divides each shared page among its processes.
        """
        if time.monotonic() < self._again:
            return False
        family = list(family_of(self._pid))
        if sum(map(rough_mb, family)) <= self._most_mb or sum(map(_share_mb, family)) <= self._most_mb:
            self._again = time.monotonic() + (_PATIENCE if len(family) > 1 else 0.0)
            return False
        return True


def rough_mb(pid: int) -> float:
    """Return how many MiB of a process's memory are not backed by files, including pages shared with others."""
    lines = _read(f"/proc/{pid}/status").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(_COUNTED)) / 1024


def _share_mb(pid: int) -> float:
    """Return the same as `rough_mb`, but count only the process's share of each shared page."""
    lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))) / 1024


def family_of(pid: int) -> Iterator[int]:
    """Yield the ids of a process and its descendants."""
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        for children in glob.glob(f"/proc/{one}/task/*/children"):
            waiting += map(int, _read(children).split())
        yield one


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, ValueError):  # the process is gone
        return ""


def be_plain() -> None:
    """Make `resource.getrusage` report only times, from the process's own clocks, and one peak, measured now."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def getrusage(who: int) -> resource.struct_rusage:
        if who not in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN, getattr(resource, "RUSAGE_THREAD", 1)):
            raise ValueError("invalid who parameter")
        times = os.times()
        if who == resource.RUSAGE_CHILDREN:
            used = (times.children_user, times.children_system)
        else:
            worked = time.process_time()
            used = (max(0.0, worked - times.system), times.system)
        return resource.struct_rusage((*used, peak, *([0] * (_FIELDS - 3))))

    resource.getrusage = getrusage
