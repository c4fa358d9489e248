"""An event loop whose clock runs ahead while nothing happens: an hour of pauses in seconds.

Sockets and threads are real. Only when they have been quiet for a moment is the time skipped until
the next timer; whatever really takes time takes it on this clock, too.
"""

import asyncio
import contextlib
import selectors
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

QUIET = 0.001
"""Seconds without any event after which nothing more is expected before the next timer."""


class _Leaping(selectors.DefaultSelector):
    """Waits for events, but not for long."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list:
        found = super().select(timeout if timeout is None else min(timeout, QUIET))
        while timeout and timeout > QUIET and not found:
            if not at_work():
                self.skipped += timeout - QUIET
                break
            found = super().select(QUIET)
        return found


def at_work() -> bool:
    """Whether another thread of this process is busy, or waits for the disk (Linux)."""
    ours = threading.get_native_id()
    for task in Path("/proc/self/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            state = task.read_text().rpartition(")")[2].split()[0]
            if state in "RD" and int(task.parent.name) != ours:
                return True
    return False


class VirtualLoop(asyncio.SelectorEventLoop):
    """What it waits for comes at once."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return super().time() + self._leaping.skipped


def clock(start: datetime) -> Callable[[], datetime]:
    """The wall clock that belongs to the running loop."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    return lambda: start + timedelta(seconds=loop.time() - began)
