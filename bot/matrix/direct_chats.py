"""Where the bot can say something to one person alone: the chat that is there, or a new one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.matrix.client import Client, Json
from bot.matrix.machine import MEGOLM
from bot.matrix.state import Room, Rooms, sound
from bot.obstacles import Forbidden, Rejected
from storage import direct_chats, rooms
from storage.database import Sessions
from storage.models import DirectChat

ATTEMPTS = timedelta(hours=1)
"""Who has declined a chat, or left it, is not asked again for so long."""

UNSURE = timedelta(minutes=2)
"""By then a /sync shows the chat whose making was interrupted, if it was made at all."""

NEW: Json = {
    "preset": "trusted_private_chat",
    "is_direct": True,
    "initial_state": [
        {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": MEGOLM}}
    ],
}


@dataclass
class DirectChats:
    """Finds the direct chat with somebody, and makes it where there is none."""

    client: Client
    sessions: Sessions
    rooms: Rooms
    clock: Callable[[], datetime]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _courses: set[str] = field(default_factory=set)

    async def chat_with(self, person: str) -> str | None:
        """The room where only this person reads along, or has been asked to.

        None while there is none: the person does not want one, or it has just been tried. Raises
        `Unreachable`, `Broken` or `SignedOut`.
        """
        if not sound(person, "@"):
            return None
        async with self._turn:
            kept = await self._kept(person)
            found = await self._found(person, kept)
            if found is None and (kept is None or kept.again <= self.clock()):
                return await self._begun(person, kept)
            return found

    async def existing(self, person: str) -> str | None:
        """The room where only this person reads along, if there is one already."""
        return await self._found(person, await self._kept(person))

    async def destination(self, address: str) -> str:
        """The room for a message to a room, or to a person alone if that is a Matrix id.

        Raises `Forbidden` when the person does not want to chat, and when others read along where
        only two may; `chat_with` says what else.
        """
        room_id = await self.chat_with(address) if address.startswith("@") else address
        if room_id is None:
            raise Forbidden("Einen Direktchat gibt es gerade nicht.", rest=UNSURE.total_seconds())
        with_others = self.rooms.get(room_id) and not self.rooms.direct(room_id)
        if with_others and not await self._of_a_course(room_id):
            raise Forbidden("Im Direktchat sind andere dabei oder niemand mehr.")
        return room_id

    async def _of_a_course(self, room_id: str) -> bool:
        """Whether it is no direct chat; a room of a course never becomes one."""
        if room_id not in self._courses:
            async with self.sessions() as db:
                self._courses |= (await rooms.memberships(db)).keys()
        return room_id in self._courses

    async def _kept(self, person: str) -> DirectChat | None:
        async with self.sessions() as db:
            return await direct_chats.get(db, person)

    async def _found(self, person: str, kept: DirectChat | None) -> str | None:
        """The chat that is there; the bot's own one first, be it so new that no /sync showed it."""
        own = kept.room_id if kept else None
        new = kept is not None and kept.again > self.clock()
        if own is not None and new and self.rooms.get(own) is None:
            return own
        alone = [room for room in self.rooms.known.values() if self._alone(room, person)]
        async with self.sessions() as db:
            found = [room for room in alone if not await rooms.known(db, room.room_id)]
        found.sort(key=lambda room: (room.room_id != own, person not in room.joined, room.room_id))
        return found[0].room_id if found else None

    def _alone(self, room: Room, person: str) -> bool:
        return not room.successor and room.present == {self.client.user_id, person}

    async def _begun(self, person: str, kept: DirectChat | None) -> str | None:
        """Ask the person in, at most once for each intent that is on the disk."""
        room_id = kept.room_id if kept else None
        await self._keep(person, room_id, UNSURE)
        try:
            room_id = await self._asked_again(person, room_id) or await self._made(person)
        except (Forbidden, Rejected):
            await self._keep(person, None, ATTEMPTS)
            return None
        await self._keep(person, room_id, ATTEMPTS)
        return room_id

    async def _asked_again(self, person: str, room_id: str | None) -> str | None:
        """Into the room that the person has left, if the bot is alone there."""
        room = self.rooms.get(room_id or "")
        if room is None or room.present != {self.client.user_id}:
            return None
        path = ("rooms", room.room_id, "invite")
        await self.client.call("POST", *path, body={"user_id": person})
        # The reader asks for no events of the bot's own, so no /sync shows this one (measured).
        room.members[person] = "invite"
        return room.room_id

    async def _made(self, person: str) -> str:
        body = NEW | {"invite": [person]}
        answer = await self.client.call("POST", "createRoom", body=body, wants="room_id")
        return str(answer["room_id"])

    async def _keep(self, person: str, room_id: str | None, pause: timedelta) -> None:
        chat = DirectChat(mxid=person, room_id=room_id, again=self.clock() + pause)
        async with self.sessions.begin() as db:
            await direct_chats.keep(db, chat)
