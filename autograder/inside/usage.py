"""What a process has used, without what the kernel counts beside it: who had to wait for a page tells of others.

Behind walls `getrusage` is refused; programs that measure themselves (``%time`` does) still ask for it.
"""

from __future__ import annotations

import os
import resource
import time

_FIELDS = 16  # of a `struct_rusage`: two times, the peak of memory, and counts that nobody gets


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
