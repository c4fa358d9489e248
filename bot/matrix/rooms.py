"""The rooms that come and go: invitations, aliases, replacements, departures."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.matrix.client import Client, Json
from bot.matrix.departures import Departures
from bot.matrix.doors import INSIDE, Doors
from bot.matrix.state import Rooms, sound
from bot.matrix.translate import entries, part
from bot.matrix.upgrades import Upgrades
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable
from storage import invitations, rooms
from storage.database import Sessions
from storage.models import Invitation

log = logging.getLogger(__name__)

Step = tuple[str, Callable[[], Awaitable[None]]]
"""Something to do, and the room or alias that it is about."""


@dataclass
class Doorkeeper:
    """Answers invitations, knows which rooms the bot has just joined, and which it had to leave.

    `news` tells when it is time to attend; `wake` starts the delivery of what it tells the
    organisers, and of what has waited for a room.
    """

    client: Client
    sessions: Sessions
    rooms: Rooms
    clock: Callable[[], datetime]
    wake: Callable[[], None]

    def __post_init__(self) -> None:
        self._upgrades = Upgrades(self.sessions, self.rooms)
        self._departures = Departures(self.sessions, self.rooms, self.client.user_id)
        self._doors = Doors(self.client, self.sessions, self.rooms, self.clock)
        self._reached = False
        self.news = asyncio.Event()

    @property
    def joining(self) -> set[str]:
        """The rooms that the bot has just joined: only what comes after that is for it."""
        return self._doors.joining

    async def open(self) -> None:
        """Remember what was going on before a restart."""
        await self._upgrades.open()
        async with self.sessions() as db:
            self._doors.joining.update(await invitations.accepted(db))

    async def notice(self, batch: Json, now: datetime) -> None:
        """Write down who asks the bot in, who puts it out, and which rooms are replaced."""
        self._reached = True
        if await self._upgrades.notice(now):
            self.wake()
        invited, left = part(batch, "rooms", "invite"), part(batch, "rooms", "leave")
        if not invited and not left:
            return
        async with self.sessions.begin() as db:
            # Synapse shows a room here and there when the bot was put out and asked in again.
            for room_id in _rooms(left):
                await invitations.drop(db, room_id)
                self._doors.forget(room_id)
                await self._departures.notice(db, room_id, part(left, room_id), now)
            for room_id in _rooms(invited):
                asked = _asked(part(invited, room_id, "invite_state"), self.client.user_id)
                if asked is not None:
                    inviter, direct = asked
                    row = Invitation(room_id=room_id, inviter=inviter, direct=direct, at=now)
                    await invitations.keep(db, row)
                    self._doors.pauses.end(room_id)
        self.news.set()
        self.wake()

    async def settle(self, batch: Json) -> None:
        """The first messages of a new room have been read: it is a room like any other now."""
        read = self.joining & part(batch, "rooms", "join").keys()
        if read:
            async with self.sessions.begin() as db:
                for room_id in read:
                    await invitations.drop(db, room_id)
                    self._doors.forget(room_id)
                await rooms.entered(db, read)
            self.wake()

    async def attend(self) -> None:
        """Do what is to be done about rooms; to be called now and then.

        A room that makes trouble rests for a while. When the server is away, nothing is tried
        until the next /sync has come through.
        """
        self.news.clear()
        if not self._reached:
            return
        if await self._departures.compare(self.clock()):
            self.wake()
        for about, step in await self._steps():
            if not self._doors.pauses.over(about):
                continue
            try:
                await step()
            except (Unreachable, Broken, Forbidden, Rejected) as trouble:
                log.warning("cannot look after %s: %s", about, trouble)
                self._doors.pauses.begin(about, getattr(trouble, "patience", 0.0))
                if isinstance(trouble, Unreachable):
                    self._reached = False
                    return

    async def _steps(self) -> list[Step]:
        """What is to be done; declining comes last, whoever asks how often."""
        async with self.sessions() as db:
            aliases = await rooms.nameless(db, self.client.user_id.partition(":")[2])
            pending = await invitations.waiting(db)
            waiting = [row for row in pending if self.rooms.get(row.room_id) is None]
            shared = self.rooms.shared_with
            verdicts = [
                (row, await invitations.welcome(db, row, shared(row.inviter))) for row in waiting
            ]
        asked = {row.room_id for row in waiting}
        entering = [row for row, welcome in verdicts if welcome]
        entering += [
            Invitation(room_id=row.new, inviter=row.by, at=self.clock())
            for row in self._upgrades.expected()
            if row.new not in asked
        ]
        return [
            *((alias, partial(self._doors.resolve, alias)) for alias in aliases),
            *((row.room_id, partial(self._doors.enter, row)) for row in entering),
            *(
                (row.room_id, partial(self._doors.decline, row))
                for row, yes in verdicts
                if yes is False
            ),
            *((trap, partial(self._doors.leave, trap)) for trap in await self._upgrades.traps()),
            (INSIDE, self._doors.verify),
        ]


def _rooms(section: Json) -> Iterator[str]:
    return (room_id for room_id in section if sound(room_id, "!"))


def _asked(state: Json, user_id: str) -> tuple[str, bool] | None:
    """Who asks the bot in, and whether for a direct chat, by the invitation's stripped state."""
    for event in entries(state, "events"):
        mine = event.get("type") == "m.room.member" and event.get("state_key") == user_id
        content, inviter = part(event, "content"), event.get("sender")
        if mine and content.get("membership") == "invite" and sound(inviter, "@"):
            return inviter, content.get("is_direct") is True
    return None
