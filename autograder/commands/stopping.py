"""Make SIGTERM and SIGHUP end a command the way Ctrl-C does, so that the command cleans up its temporary files."""

from __future__ import annotations

import contextlib
import signal
from types import FrameType
from typing import NoReturn

SIGNALS = ("SIGTERM", "SIGHUP")  # sent by a shutdown or a time limit, and by a closed terminal


class Stopped(KeyboardInterrupt):
    """A signal ended the command; ``status`` is the exit code that shells report for it, 128 + the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def on_signals() -> None:
    """Make each of `SIGNALS` raise `Stopped` in the main thread, unless the signal is already ignored or handled."""
    for name in SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        with contextlib.suppress(ValueError):  # outside the main thread, the code that started the thread decides
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, _stop)


def status_of(error: KeyboardInterrupt) -> int:
    """Return the exit code of an interrupted command."""
    return error.status if isinstance(error, Stopped) else 128 + signal.SIGINT


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough: do not interrupt the cleanup
    raise Stopped(number)
