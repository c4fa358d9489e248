"""A person in the chat, and the second pair of eyes: shares no code with the bot's own client.

Not even nio: a mistake made on both sides would be seen by nobody. It stands on the specification,
aiohttp and vodozemac, in layers: what people do, here; `listener`; `connection`; and what a device
can read and who can read it, `keys` for rooms and `letters` between devices.
"""

import json
from collections.abc import Iterable, Sequence
from secrets import token_hex

from yarl import URL

from bot.participant.connection import Refused as Refused
from bot.participant.events import Event as Event
from bot.participant.events import Json as Json
from bot.participant.keys import opened
from bot.participant.letters import MEGOLM
from bot.participant.listener import ENCRYPTION, Listener

UPLOAD = "/_matrix/media/v3/upload"
DOWNLOAD = "/_matrix/client/v1/media/download"
POLL_RESPONSE = "org.matrix.msc3381.poll.response"


class Participant(Listener):
    """What people do with Element."""

    async def create_room(
        self,
        name: str = "",
        *,
        encrypted: bool = False,
        initial_state: Iterable[Json] = (),
        **options: object,
    ) -> str:
        """Create a room, open or encrypted from its beginning, and return its id.

        The options are those of the specification: room_alias_name, invite, preset, is_direct,
        power_level_content_override …
        """
        state = [*initial_state]
        if encrypted:
            content = {"algorithm": MEGOLM}
            state.append({"type": ENCRYPTION, "state_key": "", "content": content})
        body = ({"name": name} if name else {}) | {"initial_state": state} | options
        return str((await self.call("POST", "createRoom", body=body))["room_id"])

    async def join(self, room: str) -> str:
        """Join by room id or alias; returns the room id."""
        return str((await self.call("POST", "join", room, body={}))["room_id"])

    async def invite(self, room: str, user_id: str) -> None:
        """Invite somebody."""
        await self.call("POST", "rooms", room, "invite", body={"user_id": user_id})

    async def leave(self, room: str) -> None:
        """Leave a room or decline its invitation."""
        await self.call("POST", "rooms", room, "leave", body={})

    async def joined_rooms(self) -> list[str]:
        """The ids of the rooms this account is in."""
        return list((await self.call("GET", "joined_rooms"))["joined_rooms"])

    async def encrypt(self, room: str, **options: int) -> None:
        """Switch encryption on, for good; the options are rotation_period_msgs and _ms."""
        content = {"algorithm": MEGOLM, **options}
        await self.call("PUT", "rooms", room, "state", ENCRYPTION, "", body=content)
        self._encryption[room] = content

    async def say(self, room: str, text: str, **content: object) -> str:
        """Write a message, with further keys for its content; returns the event id."""
        message = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        return await self.send(room, "m.room.message", message | content)

    async def reply(self, room: str, event_id: str, text: str) -> str:
        """Answer a message; returns the event id of the answer."""
        relation = {"m.in_reply_to": {"event_id": event_id}}
        return await self.say(room, text, **{"m.relates_to": relation})

    async def edit(self, room: str, event_id: str, text: str) -> str:
        """Replace the text of an own message; returns the event id of the edit."""
        new = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        relation = {"rel_type": "m.replace", "event_id": event_id}
        return await self.say(room, f"* {text}", **{"m.new_content": new, "m.relates_to": relation})

    async def react(self, room: str, event_id: str, key: str) -> str:
        """React with an emoji; returns the event id."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send(room, "m.reaction", {"m.relates_to": relation})

    async def redact(self, room: str, event_id: str) -> str:
        """Delete a message; returns the event id of the redaction."""
        path = ("rooms", room, "redact", event_id, token_hex(8))
        return str((await self.call("PUT", *path, body={}))["event_id"])

    async def vote(self, room: str, poll_id: str, answers: Sequence[str]) -> str:
        """Vote in a native poll as Element does; no answers withdraw the vote."""
        relation = {"rel_type": "m.reference", "event_id": poll_id}
        choice = {"answers": list(answers)} if answers else {}
        return await self.send(
            room, POLL_RESPONSE, {"m.relates_to": relation, POLL_RESPONSE: choice}
        )

    async def upload(self, data: bytes, content_type: str, filename: str) -> str:
        """Upload a file; returns its mxc address."""
        url = URL(f"{self._base_url}{UPLOAD}").with_query(filename=filename)
        return str(json.loads(await self._request("POST", url, data, content_type))["content_uri"])

    async def download(self, source: str | Json) -> bytes:
        """A file by its mxc address, or by the content of its message, from which it decrypts."""
        file = source.get("file") if isinstance(source, dict) else None
        mxc = source if isinstance(source, str) else (file or source)["url"]
        address = mxc.removeprefix("mxc://")
        data = await self._request("GET", URL(f"{self._base_url}{DOWNLOAD}/{address}"))
        return opened(data, file) if file else data
