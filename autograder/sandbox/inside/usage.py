"""What a submission's processes use: their memory together, and the times that `getrusage` may still tell.

The system's own limits are on each process, so memory is added up here. Behind walls `getrusage` is refused, because
who had to wait for a page tells of others; programs that measure themselves (``%time`` does) still ask for it. Standard
library only.
"""

from __future__ import annotations

import glob
import os
import resource
import time
from pathlib import Path

EVERY = 0.1  # seconds between two looks
_PATIENCE = 0.5  # seconds after a close look that found nothing: it takes milliseconds for each process
_COUNTED = ("RssAnon:", "RssShmem:")
_FIELDS = 16  # of a `struct_rusage`: two times, the peak of memory, and counts that nobody gets


class Together:
    """What a process and those below it hold.

    Args:
        pid: the first of them.
        most_mb: MiB that they may hold, without what they share with the process that they were forked from.
    """

    def __init__(self, pid: int, most_mb: float) -> None:
        self._pid, self._most_mb = pid, most_mb
        self._again = 0.0

    def is_over(self) -> bool:
        """Return whether they hold more.

        Pages that several share are counted once for each at first; only if that is too much, it is asked how many
        share a page.
        """
        if time.monotonic() < self._again:
            return False
        family = _family(self._pid)
        if sum(map(rough_mb, family)) <= self._most_mb or sum(map(_share_mb, family)) <= self._most_mb:
            self._again = time.monotonic() + (_PATIENCE if len(family) > 1 else 0.0)
            return False
        return True


def rough_mb(pid: int) -> float:
    """Return the MiB of a process that are no file's, those that it shares with others included."""
    lines = _read(f"/proc/{pid}/status").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(_COUNTED)) / 1024


def _share_mb(pid: int) -> float:
    """Return the MiB of a process, of each page its share; files that nobody else reads count too."""
    lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))) / 1024


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for children in glob.glob(f"/proc/{one}/task/*/children"):
            waiting += map(int, _read(children).split())
    return found


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, ValueError):  # gone meanwhile
        return ""


def be_plain() -> None:
    """Answer `resource.getrusage` from the process's clocks."""
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
