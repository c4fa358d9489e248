"""Rooms of courses that the bot had to leave, and those it is back in.

Nothing is sent to a room meanwhile: its messages wait, and go out when it is back, if they are
still of use.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot import organisers
from bot.matrix.client import Json
from bot.matrix.state import Rooms, sound
from bot.matrix.translate import entries, part
from storage import rooms
from storage.database import Sessions
from storage.replies import ORGA, ROOM_NAMES, Place

log = logging.getLogger(__name__)


@dataclass
class Departures:
    """Tells the organisers, once for each time that the bot had to go."""

    sessions: Sessions
    rooms: Rooms
    user_id: str

    async def notice(self, db: AsyncSession, room_id: str, news: Json, now: datetime) -> None:
        """The server says that the bot is not in a room any more."""
        by, how = self._reason(news)
        await self._tell(db, room_id, f" ({how} von {by})" if sound(by, "@") else "", now)

    async def compare(self, now: datetime) -> bool:
        """Find rooms that have vanished without a word, and those that the bot is (back) in.

        Whether there was something to find.
        """
        async with self.sessions() as db:
            if not await self._changed(db):
                return False
        async with self.sessions.begin() as db:
            for room_id in await self._changed(db):
                if self.rooms.get(room_id):
                    await rooms.entered(db, [room_id])
                else:
                    await self._tell(db, room_id, "", now)
        return True

    async def _changed(self, db: AsyncSession) -> list[str]:
        """Where the bot is in, or not any more, and that is news."""
        noticed = await rooms.memberships(db)
        there = self.rooms.known.keys() & noticed.keys()
        gone = [room for room, kind in noticed.items() if kind == rooms.JOIN and room not in there]
        return gone + [room for room in there if noticed[room] != rooms.JOIN]

    async def _tell(self, db: AsyncSession, room_id: str, why: str, now: datetime) -> None:
        for room in await rooms.left(db, room_id):
            log.warning("not in %s any more", room_id)
            if room.kind != ORGA:
                name = ROOM_NAMES[Place(room.kind)]
                text = f"Ich bin nicht mehr im Raum {name}{why}: bitte wieder einladen."
                cause = f"fort/{room_id}/{now.isoformat()}"
                await organisers.tell(db, room.course_id, text, cause, now)

    def _reason(self, news: Json) -> tuple[object, str]:
        """Who has put the bot out, and how; nobody when it went by itself or the room is gone."""
        events = [
            e for place in ("state", "timeline") for e in entries(part(news, place), "events")
        ]
        for event in reversed(events):
            mine = event.get("type") == "m.room.member" and event.get("state_key") == self.user_id
            if mine and event.get("sender") != self.user_id:
                banned = part(event, "content").get("membership") == "ban"
                return event.get("sender"), "gesperrt" if banned else "entfernt"
        return None, ""
