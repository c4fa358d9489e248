"""As fast as the server allows: everybody at once until it is too much, then one by one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

Place = tuple[datetime, int, asyncio.Future[None]]

CAUTION = 30.0
"""Seconds after the server's last objection for which messages still go one by one."""


@dataclass
class Pace:
    """The server limits the account, not a room: what is most urgent goes first, in any room."""

    _until: float = 0.0
    _busy: bool = False
    _count: int = 0
    _line: list[Place] = field(default_factory=list)

    def limited(self, seconds: float) -> None:
        """The server wants nothing more for so long."""
        self._until = max(self._until, _now() + seconds)

    @property
    def slow(self) -> bool:
        """Whether messages go one by one."""
        return bool(self._until) and _now() < self._until + CAUTION

    @asynccontextmanager
    async def turn(self, deadline: datetime) -> AsyncIterator[None]:
        """Wait for one's turn; the earliest deadline comes first."""
        if not (self.slow or self._line):
            yield
            return
        self._count += 1
        place: Place = (deadline, self._count, asyncio.get_running_loop().create_future())
        heappush(self._line, place)
        self._admit()
        try:
            await place[2]
            yield
        finally:
            if place[2].done() and not place[2].cancelled():
                self._busy = False
            self._admit()

    def _admit(self) -> None:
        """Let the first one in, or come back when the pause is over."""
        while self._line and self._line[0][2].done():
            heappop(self._line)
        if self._busy or not self._line:
            return
        if _now() < self._until:
            asyncio.get_running_loop().call_at(self._until, self._admit)
            return
        self._busy = True
        heappop(self._line)[2].set_result(None)


def _now() -> float:
    return asyncio.get_running_loop().time()
