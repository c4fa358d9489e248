"""Signs of life: whether the rooms are read, the schedule is kept, and the clock is right."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

OLD = 120.0
"""Seconds after which the last successful /sync is old: one waits 30 s, and 60 s after trouble."""

STALE = 300.0
"""Seconds after which the scheduler hangs; before the end of a poll it waits a minute for votes."""

BRIEF = 10.0
"""Seconds for which a /sync may fail before anybody need know: a homeserver that restarts."""

LATE = 60.0
"""Seconds by which the clocks of bot and homeserver may differ."""

WRONG = 600.0
"""When they differ by more seconds, nothing is announced: it would be said at the wrong time."""


@dataclass(frozen=True)
class Told:
    """The time that the server told, and between which moments (of the event loop) it did."""

    date: datetime
    asked: float
    heard: float


@dataclass
class Pulse:
    """Moments are those of the event loop; `clock` is the one that may be wrong."""

    clock: Callable[[], datetime]
    deaf: Callable[[], bool] = lambda: False
    _read: float | None = None
    _struck: float | None = None
    _told: Told | None = None

    def read(self, told: Told | None) -> None:
        """A /sync came through, and everything in it had its effect."""
        self._read = _now()
        self._told = told or self._told

    def strike(self) -> datetime | None:
        """What time it is, for the scheduler, who lives if it asks; None while nobody knows."""
        self._struck = _now()
        return self.clock() if self.trusted() else None

    def silence(self) -> float | None:
        """Seconds since the last /sync that came through; None before the first."""
        return None if self._read is None else _now() - self._read

    def stillness(self) -> float | None:
        """Seconds since the scheduler last looked; None before the first time."""
        return None if self._struck is None else _now() - self._struck

    def reading(self) -> bool:
        """Whether the bot hears what is said."""
        silence = self.silence()
        return silence is not None and silence < (BRIEF if self.deaf() else OLD)

    def striking(self) -> bool:
        """Whether the schedule is kept."""
        stillness = self.stillness()
        return stillness is not None and stillness < STALE

    def alive(self) -> bool:
        """Whether a restart would change nothing for the better."""
        silence = self.silence()
        return silence is not None and silence < OLD and self.striking()

    def drift(self) -> float:
        """Seconds by which our clock is ahead of the server's; 0 as long as that may be so.

        Between two answers the event loop tells the time: a clock that is set is noticed at once.
        """
        if self._told is None:
            return 0.0
        ahead = (self.clock() - self._told.date).total_seconds() - _now()
        least, most = ahead + self._told.asked, ahead + self._told.heard
        return max(least, 0.0) + min(most, 0.0)

    def trusted(self) -> bool:
        """Whether the clock is right enough to announce something."""
        return abs(self.drift()) <= WRONG


def _now() -> float:
    return asyncio.get_running_loop().time()
