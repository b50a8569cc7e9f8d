"""Ends a command that is told to end (SIGTERM, SIGHUP) as control-C does: what it has made for a while is put away."""

from __future__ import annotations

import contextlib
import signal
from types import FrameType
from typing import NoReturn

SIGNALS = ("SIGTERM", "SIGHUP")  # of a shutdown or a time limit, and of a terminal that is closed


class Stopped(KeyboardInterrupt):
    """The command was told to end; ``status`` is what a shell says of a program that the signal has ended."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def on_signals() -> None:
    """Raise `Stopped` in the main thread where one of the signals comes that nobody ignores."""
    for name in SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        with contextlib.suppress(ValueError):  # not the main thread: whoever started it decides
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, _stop)


def status_of(error: KeyboardInterrupt) -> int:
    """Return the exit code of a command that was interrupted."""
    return error.status if isinstance(error, Stopped) else 128 + signal.SIGINT


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough: what follows puts things away
    raise Stopped(number)
