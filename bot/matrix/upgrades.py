"""Follow a course into the room that replaces one of its rooms, but nobody who only says so.

Rules: Client-Server API, "Room upgrades". What makes a replacement honest is in `state.honest`.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot import organisers
from bot.matrix.state import Room, Rooms, honest, upgrade
from storage import notices, upgrades
from storage import rooms as course_rooms
from storage.database import Sessions
from storage.models import Course, Upgrade
from storage.replies import ROOM_NAMES, Place
from storage.upgrades import EXPECTED, FOLLOWED, REFUSED, TRAP

log = logging.getLogger(__name__)


@dataclass
class Upgrades:
    """The replacements that were announced, by the id of the old room."""

    sessions: Sessions
    rooms: Rooms
    _announced: dict[str, Upgrade] = field(default_factory=dict)

    async def open(self) -> None:
        """Remember what was going on before a restart."""
        async with self.sessions() as db:
            self._announced.update({row.old: row for row in await upgrades.every(db)})

    async def notice(self, now: datetime) -> bool:
        """Take note of tombstones, and move to new rooms that the bot has entered.

        Whether something has moved. It must be called before the messages of a batch are read:
        those from a new room belong to the course already.
        """
        for room in [room for room in self.rooms.known.values() if self._fresh(room)]:
            await self._announce(room)
        arrived = [row for row in self.expected() if self.rooms.get(row.new)]
        moved = [await self._judge(row, self.rooms.known[row.new], now) for row in arrived]
        return any(moved)

    def expected(self) -> list[Upgrade]:
        """The replacements that the bot has not seen yet."""
        return [row for row in self._announced.values() if row.state == EXPECTED]

    async def traps(self) -> list[str]:
        """The rooms that the bot has still to leave: they did not replace what led it there."""
        traps = {row.new for row in self._announced.values() if row.state == TRAP}
        inside = [room_id for room_id in traps if self.rooms.get(room_id)]
        async with self.sessions() as db:
            return [room_id for room_id in inside if not await course_rooms.known(db, room_id)]

    def _fresh(self, room: Room) -> bool:
        """Whether its tombstone is news; whoever has followed one of them stays where it led."""
        row = self._announced.get(room.room_id)
        if row is None:
            return room.successor != ""
        return row.state != FOLLOWED and room.successor not in ("", row.new)

    async def _announce(self, old: Room) -> None:
        row = upgrade(old)
        async with self.sessions() as db:
            if row is None or not await self._ours(db, old.room_id):
                return
        new = self.rooms.get(row.new)
        await self._keep(row, EXPECTED if new is None or honest(row, new) else REFUSED)
        log.info("%s is replaced by %s, says %s", row.old, row.new, row.by)

    async def _judge(self, row: Upgrade, new: Room, now: datetime) -> bool:
        if not new.creator:
            return False
        if not honest(row, new):
            await self._keep(row, TRAP)
            log.warning("%s does not replace %s", row.new, row.old)
            return False
        async with self.sessions.begin() as db:
            for room in await upgrades.follow(db, row.old, row.new):
                name = ROOM_NAMES[Place(room.kind)]
                text = f"Der Raum {name} ist umgezogen: Ich schreibe ab jetzt im neuen Raum."
                await organisers.tell(db, room.course_id, text, f"umzug/{row.old}", now)
                await notices.renew(db, await db.get_one(Course, room.course_id), now)
            await upgrades.keep(db, _as(row, FOLLOWED))
        self._announced[row.old] = _as(row, FOLLOWED)
        log.info("%s was followed to %s", row.old, row.new)
        return True

    async def _keep(self, row: Upgrade, state: str) -> None:
        async with self.sessions.begin() as db:
            await upgrades.keep(db, _as(row, state))
        self._announced[row.old] = _as(row, state)

    async def _ours(self, db: AsyncSession, room_id: str) -> bool:
        """Whether it is a room of a course or a direct chat: nobody is followed anywhere else."""
        return self.rooms.direct(room_id) or await course_rooms.known(db, room_id)


def _as(row: Upgrade, state: str) -> Upgrade:
    return Upgrade(old=row.old, new=row.new, by=row.by, heirs=row.heirs, state=state)
