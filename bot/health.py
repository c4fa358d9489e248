"""How the bot is, for whoever watches it: everything that is wrong by now, in one list."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from bot import troubles
from bot.matrix.state import Rooms
from bot.pulse import LATE, Pulse
from bot.troubles import Trouble
from schedules import Schedule
from storage import facts
from storage.database import Sessions

OVERDUE = timedelta(minutes=5)
"""So long after its time a post is missed; the scheduler looks every few seconds."""

WRITING = 10.0
"""Seconds that a write may take."""

FRESH = 5.0
"""Seconds for which an attempt to write counts: who asks often does not wear out the disk."""


@dataclass
class Health:
    """Knows what the parts tell about themselves, and asks the database; `bot` is its Matrix id."""

    pulse: Pulse
    sessions: Sessions
    rooms: Rooms
    bot: str
    schedules: Mapping[str, Schedule]
    writing: float = WRITING
    fresh: float = FRESH
    _written: tuple[float, str] = (-FRESH, "")

    async def everything(self) -> list[Trouble]:
        """What operators must know."""
        found = self._parts()
        if failure := await self._unwritable():
            return [*found, Trouble("database", f"Datenbank nicht beschreibbar: {failure}")]
        try:
            return [*found, *await self._courses()]
        except SQLAlchemyError as error:
            return [*found, Trouble("database", f"Datenbank nicht lesbar: {type(error).__name__}")]

    async def for_organisers(self) -> list[Trouble]:
        """What they must know, too. Raises `SQLAlchemyError`."""
        found = await self._courses()
        if not self.pulse.trusted():  # nobody knows what is overdue
            found = [trouble for trouble in found if trouble.kind != "post"]
            async with self.sessions() as db:
                found += await troubles.untimely(db, self.pulse.drift(), self._now())
        return [trouble for trouble in found if trouble.told]

    def warnings(self) -> list[str]:
        """What is not wrong yet."""
        drift = self.pulse.drift()
        return [_apart(drift)] if abs(drift) > LATE else []

    def _parts(self) -> list[Trouble]:
        pulse, found = self.pulse, list[Trouble]()
        if not pulse.reading():
            found.append(Trouble("sync", f"Homeserver nicht gelesen{_since(pulse.silence())}"))
        if not pulse.striking():
            found.append(Trouble("scheduler", f"Zeitpläne stehen still{_since(pulse.stillness())}"))
        if not pulse.trusted():
            found.append(Trouble("clock", f"{_apart(pulse.drift())}, Beiträge warten"))
        return found

    async def _courses(self) -> list[Trouble]:
        now = self._now()
        async with self.sessions() as db:
            late = await troubles.missed(db, self.schedules, now - OVERDUE, now)
            if self.pulse.silence() is None:  # nobody knows the rooms before they are read
                return late
            return late + await troubles.powerless(db, self.rooms, self.bot, now)

    def _now(self) -> datetime:
        """By the server's clock, if ours is wrong."""
        return self.pulse.clock() - timedelta(seconds=self.pulse.drift())

    async def _unwritable(self) -> str:
        """Why nothing can be written; empty if it can."""
        now = asyncio.get_running_loop().time()
        if now - self._written[0] >= self.fresh:
            self._written = now, await self._attempt()
        return self._written[1]

    async def _attempt(self) -> str:
        try:
            async with asyncio.timeout(self.writing), self.sessions.begin() as db:
                await facts.put(db, "checked", self.pulse.clock().isoformat())
        except (SQLAlchemyError, TimeoutError) as failure:
            return type(failure).__name__
        return ""


def _since(seconds: float | None) -> str:
    return "" if seconds is None else f", seit {seconds:.0f} s"


def _apart(drift: float) -> str:
    return f"Uhr {abs(drift):.0f} s {'vor' if drift > 0 else 'hinter'} der des Homeservers"
