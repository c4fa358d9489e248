"""Bring a message of the outbox into its room, encrypted where the room is."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from nio.crypto.attachments import encrypt_attachment

from bot import markup
from bot.announcing import PINNED
from bot.matrix.access import SignedOut
from bot.matrix.client import Client
from bot.matrix.direct_chats import DirectChats
from bot.matrix.encryption import Encryption, KeysLost
from bot.matrix.machine import MEGOLM
from bot.matrix.state import Room, Rooms
from bot.matrix.translate import entries, part
from bot.obstacles import Away, Broken, Forbidden, Rejected, Unreachable
from bot.replying import INVITATION
from storage import outbox
from storage.models import OutgoingMessage

Json = dict[str, Any]

OPEN = ("m.reaction", "m.room.redaction")
"""What clients never encrypt: the server needs to see what it refers to."""

UNPINNED = (
    "ging nicht: Der Bot darf in diesem Raum keine Nachrichten anheften. Das Recht dazu gibt es in "
    "den Raumeinstellungen, danach noch einmal !aushang"
)

UNINVITED = (
    "ging nicht: Der Bot darf in diesen Raum nicht einladen. Wer hinein möchte, steht hier: "
    "!alumniraum"
)

MOST_PAGES = 10
"""As many pages of a room, 100 events each, are searched for a message sent earlier."""


@dataclass
class Sender:
    """Sends for the delivery."""

    client: Client
    rooms: Rooms
    chats: DirectChats
    encryption: Encryption

    async def send(self, row: OutgoingMessage) -> str:
        """Send a message and return its event id; the same row twice is one event.

        A row for a person, instead of a room, goes where only they read along. Raises what
        `Client.call` raises, and `Broken` for whatever else may be the matter with the message.
        """
        try:
            return await self._send(row)
        except (SignedOut, KeysLost, Unreachable, Broken, Forbidden, Rejected):
            raise
        except Exception as error:
            raise Broken(type(error).__name__) from error

    async def _send(self, row: OutgoingMessage) -> str:
        if self.client.line.closed:  # each attempt would use up a key
            raise Away(self.client.line.opened)
        room_id = await self.chats.destination(row.room_id)
        room = self.rooms.get(room_id)
        if room is None:
            raise Forbidden("Der Bot ist in diesem Raum nicht (mehr) dabei.", rest=5.0)
        kind, content = row.type, dict(row.content)
        if kind == PINNED:
            return await self._pin(room_id, content)
        if kind == INVITATION:
            return await self._invite(room_id, content["user"])
        if row.file is not None:
            content |= await self._uploaded(room, row.file, content)
        if room.encryption is not None and kind not in OPEN:
            kind, content = "m.room.encrypted", await self._sealed(room, kind, content)
        path = ("rooms", room_id, "send", kind, outbox.transaction_id(row.cause))
        answer = await self.client.call("PUT", *path, body=content, wants="event_id")
        return str(answer["event_id"])

    async def _pin(self, room_id: str, content: Json) -> str:
        """Add to what is pinned in the room, which is state, and so never encrypted."""
        path = ("rooms", room_id, "state", PINNED)
        try:
            there = (await self.client.call("GET", *path)).get("pinned")
        except Forbidden:  # nothing was ever pinned here
            there = None
        event_id = content["pinned"][0]
        known = there if isinstance(there, list) else []
        others = [pinned for pinned in known if pinned not in (event_id, content["instead"])]
        try:
            await self.client.call("PUT", *path, body={"pinned": [*others, event_id]})
        except Forbidden as error:
            raise Rejected(str(error), told=UNPINNED) from error
        return str(event_id)

    async def _invite(self, room_id: str, mxid: str) -> str:
        """Who is there already, or asked already, stays so."""
        path = ("rooms", room_id, "state", INVITATION, mxid)
        body = {"membership": "invite"}
        try:
            answer = await self.client.call("PUT", *path, body=body, wants="event_id")
        except Forbidden as error:
            if await self._there(room_id, mxid):
                return ""
            raise Rejected(str(error), told=UNINVITED) from error
        return str(answer["event_id"])

    async def _there(self, room_id: str, mxid: str) -> bool:
        try:
            path = ("rooms", room_id, "state", INVITATION, mxid)
            return (await self.client.call("GET", *path)).get("membership") in ("join", "invite")
        except Forbidden:
            return False

    async def _sealed(self, room: Room, kind: str, content: Json) -> Json:
        """Never in the open, whatever way of encryption a room asks for."""
        if (room.encryption or {}).get("algorithm") != MEGOLM:
            raise Forbidden("Der Raum ist auf eine Weise verschlüsselt, die der Bot nicht kann.")
        sealed = await self.encryption.seal(room, kind, content)
        if markup.CAUSE in content:
            sealed[markup.CAUSE] = outbox.transaction_id(content[markup.CAUSE])
        return sealed

    async def _uploaded(self, room: Room, data: bytes, content: Json) -> Json:
        """Put the file on the server; what the message says about where it is."""
        if room.encryption is None:
            kind, name = content["info"]["mimetype"], str(content.get("filename", ""))
            return {"url": await self.client.upload(data, kind, name)}
        sealed, keys = encrypt_attachment(data)
        url = await self.client.upload(sealed, "application/octet-stream", "")
        return {"file": {**keys, "url": url}}

    async def find(self, row: OutgoingMessage) -> str | None:
        """The event that this message became earlier, if it is among the room's latest."""
        room_id = await self.chats.destination(row.room_id)
        marks = (row.cause, outbox.transaction_id(row.cause))
        query = "?dir=b&limit=100"
        for _ in range(MOST_PAGES):
            page = await self.client.call("GET", "rooms", room_id, "messages", query=query)
            for event in entries(page, "chunk"):
                ours = event.get("sender") == self.client.user_id
                if ours and part(event, "content").get(markup.CAUSE) in marks:
                    return str(event["event_id"])
            if not page.get("end"):
                break
            query = f"?dir=b&limit=100&from={quote(page['end'])}"
        return None
