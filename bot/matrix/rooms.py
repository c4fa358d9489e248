"""The rooms that come and go: invitations, aliases, who reads along."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from bot.matrix.client import Client, Json
from bot.matrix.translate import entries, part
from bot.outbox import Broken, Forbidden, Rejected, Unreachable
from storage import rooms
from storage.database import Sessions
from storage.models import Invitation

log = logging.getLogger(__name__)


@dataclass
class Doorkeeper:
    """Answers invitations, and knows which rooms the bot has just joined."""

    client: Client
    sessions: Sessions
    joining: set[str] = field(default_factory=set)

    async def open(self) -> None:
        """Remember what was going on before a restart."""
        async with self.sessions() as db:
            accepted = [row.room_id for row in await rooms.invitations(db) if row.accepted]
        self.joining.update(accepted)

    async def notice(self, batch: Json, now: datetime) -> None:
        """Write down new invitations and forget rooms that are gone."""
        invited, left = part(batch, "rooms", "invite"), part(batch, "rooms", "leave")
        if not invited and not left:
            return
        async with self.sessions.begin() as db:
            for room_id, room in invited.items():
                inviter = _inviter(part(room, "invite_state"), self.client.user_id)
                if inviter:
                    await rooms.invited(db, Invitation(room_id=room_id, inviter=inviter, at=now))
            for room_id in left:
                await rooms.uninvited(db, room_id)
                self.joining.discard(room_id)
                self.client.nio.rooms.pop(room_id, None)
                self.client.nio.invited_rooms.pop(room_id, None)

    async def settle(self, batch: Json) -> None:
        """The first messages of a new room have been read: it is a room like any other now."""
        read = self.joining & part(batch, "rooms", "join").keys()
        if read:
            async with self.sessions.begin() as db:
                for room_id in read:
                    await rooms.uninvited(db, room_id)
            self.joining -= read

    async def attend(self) -> None:
        """Look up rooms by their aliases and answer invitations; to be called now and then."""
        async with self.sessions() as db:
            aliases = await rooms.nameless(db)
            waiting = [row for row in await rooms.invitations(db) if not row.accepted]
        for alias in aliases:
            await self._resolve(alias)
        for invitation in waiting:
            await self._answer(invitation)

    async def _resolve(self, alias: str) -> None:
        try:
            answer = await self.client.call("GET", "directory", "room", alias)
        except (Forbidden, Rejected):
            return
        async with self.sessions.begin() as db:
            await rooms.resolve(db, alias, str(answer["room_id"]))

    async def _answer(self, invitation: Invitation) -> None:
        room_id = invitation.room_id
        async with self.sessions.begin() as db:
            welcome = await rooms.welcome(db, invitation)
            if welcome:
                await rooms.accept(db, room_id)
            elif welcome is False:
                await rooms.uninvited(db, room_id)
        if welcome is None:
            return
        self.client.nio.invited_rooms.pop(room_id, None)
        if welcome:
            self.joining.add(room_id)
        verb = "join" if welcome else "leave"
        try:
            await self.client.call("POST", "rooms", room_id, verb, body={})
        except (Forbidden, Rejected) as error:
            log.warning("cannot %s %s: %s", verb, room_id, error)
            self.joining.discard(room_id)
            async with self.sessions.begin() as db:
                await rooms.uninvited(db, room_id)
        except (Unreachable, Broken):
            self.joining.discard(room_id)
            async with self.sessions.begin() as db:
                await rooms.invited(db, invitation)
            raise

    def direct(self, room_id: str) -> bool:
        """Whether the bot and one other person are alone in the room."""
        room = self.client.nio.rooms.get(room_id)
        return room is not None and len(room.users) == 2


def _inviter(state: Json, user_id: str) -> str | None:
    """Who asks the bot in, as the stripped state of the invitation says."""
    for event in entries(state, "events"):
        mine = event.get("type") == "m.room.member" and event.get("state_key") == user_id
        if mine and part(event, "content").get("membership") == "invite":
            return str(event.get("sender", "")) or None
    return None
