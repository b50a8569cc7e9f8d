"""Measure what a submission's processes use: their total memory, and the times that `getrusage` may still report.

The system limits each process separately, so memory is added up here. Behind walls, `getrusage` is refused, because
waits for a page reveal other submissions. Programs that measure themselves, such as ``%time``, still call it. Standard
library only.
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
    """The memory that a process and its descendants use.

    Args:
        pid: the process at the top.
        most_mb: MiB that they may use, without what they share with the process they were forked from.
    """

    def __init__(self, pid: int, most_mb: float) -> None:
        self._pid, self._most_mb = pid, most_mb
        self._again = 0.0

    def is_over(self) -> bool:
        """Return whether they use more than allowed.

        The first count includes a shared page once for each process that shares it. If that is too much, each process
        is charged only its share of a page.
        """
        if time.monotonic() < self._again:
            return False
        family = list(family_of(self._pid))
        if sum(map(rough_mb, family)) <= self._most_mb or sum(map(_share_mb, family)) <= self._most_mb:
            self._again = time.monotonic() + (_PATIENCE if len(family) > 1 else 0.0)
            return False
        return True


def rough_mb(pid: int) -> float:
    """Return the MiB of a process's memory that belong to no file, including pages it shares with others."""
    lines = _read(f"/proc/{pid}/status").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(_COUNTED)) / 1024


def _share_mb(pid: int) -> float:
    """Return the MiB of a process, counting its share of each page; files that no one else reads count too."""
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
    """Make `resource.getrusage` answer from the process's clocks."""
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
