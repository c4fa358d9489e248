"""Somebody who hears what is said in the rooms and says something there, encrypted or not."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import aiohttp

from bot.participant.connection import Connection, Refused
from bot.participant.events import SEALED, Event, Json, read
from bot.participant.keys import Keys
from bot.participant.letters import Device, Identity

NOTHING: dict[str, object] = {"types": []}
FILTER = {
    "presence": NOTHING,
    "account_data": NOTHING,
    "room": {"timeline": {"limit": 100}, "ephemeral": NOTHING, "account_data": NOTHING},
}
ONLY_KEYS = {"presence": NOTHING, "account_data": NOTHING, "room": {"rooms": []}}
ENCRYPTION = "m.room.encryption"
OPEN = ("m.reaction", "m.room.redaction")  # clients never encrypt these
MOST_MESSAGES = 100  # under one key, as in rooms that do not say how many


class Listener(Connection):
    """Events after `login` are kept until `wait_for` takes them: none is missed in between.

    With `login` it also gets keys: it reads what is encrypted and never talks openly in encrypted
    rooms. It learns of a room's encryption by listening, or when it first says something there.
    """

    def __init__(self, base_url: str, user_id: str, token: str = "") -> None:
        super().__init__(base_url, user_id, token)
        self.device_id = ""
        self.since = ""
        self._unread: list[Event] = []
        self._syncing = asyncio.Lock()
        self._keys: Keys | None = None
        self._sealing = asyncio.Lock()
        self._encryption: dict[str, Json] = {}
        self._collected = 0

    async def login(self, password: str) -> str:
        """Become a new device of the account and start listening; returns the access token."""
        user = {"type": "m.id.user", "user": self.user_id}
        body = {"type": "m.login.password", "identifier": user, "password": password}
        answer = await self.call("POST", "login", body=body)
        self._token, self.device_id = answer["access_token"], answer["device_id"]
        self._keys = Keys(self.user_id, self.device_id)
        await self.call("POST", "keys", "upload", body=self._keys.letters.introduction())
        await self._sync()
        return self._token

    async def send(self, room: str, kind: str, content: Mapping[str, object]) -> str:
        """Send any event, encrypted where the room is; returns its id."""
        if kind not in OPEN and self._keys and await self._is_encrypted(room):
            content, kind = await self._sealed(self._keys, room, kind, content), SEALED
        path = ("rooms", room, "send", kind, secrets.token_hex(8))
        return str((await self.call("PUT", *path, body=content))["event_id"])

    async def messages(self, room: str, since: str = "", until: str = "") -> list[Event]:
        """Everything of a room from a sync token (or its beginning), oldest first."""
        query = {"dir": "f", "limit": "500"}
        query |= {"from": since} if since else {}
        query |= {"to": until} if until else {}
        events: list[Event] = []
        while True:
            page = await self.call("GET", "rooms", room, "messages", query=query)
            events += [read(room, source) for source in page["chunk"]]
            if not page["chunk"] or "end" not in page:
                return await self._in_clear(events)
            query["from"] = page["end"]

    async def wait_for(self, predicate: Callable[[Event], bool], seconds: float = 10) -> Event:
        """Take the first event since login that fits and was not taken yet, waiting if needed.

        Outlasts a server that is away for a while. TimeoutError names what came instead.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    async with self._syncing:
                        for event in filter(predicate, self._unread):
                            self._unread.remove(event)
                            return event
                        await self._sync_patiently()
        except TimeoutError:
            seen = "\n".join(f"{event.type} {event.sender} {event.body}" for event in self._unread)
            raise TimeoutError(
                f"{self.user_id} waited {seconds} s in vain; unread:\n{seen}"
            ) from None

    # Listening

    async def _sync_patiently(self) -> None:
        try:
            await self._sync()
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.2)

    async def _sync(self) -> None:
        """Collect what is new; the first call only marks where listening starts."""
        query = {"filter": json.dumps(FILTER)}
        if self.since:
            query |= {"since": self.since, "timeout": "30000"}
        answer = await self.call("GET", "sync", query=query)
        self._receive(answer)
        rooms = answer.get("rooms", {})
        news = [
            read(room, source)
            for room, invitation in rooms.get("invite", {}).items()
            for source in invitation["invite_state"]["events"]
            if source.get("state_key") == self.user_id
        ]
        for room, update in (rooms.get("join", {}) | rooms.get("leave", {})).items():
            if self.since:
                news += await self._timeline(room, update["timeline"])
        news.sort(key=lambda event: event.sent_at)  # across rooms
        self._unread = [*map(self._clear, self._unread), *await self._in_clear(news)]
        self.since = answer["next_batch"]

    async def _timeline(self, room: str, timeline: Json) -> list[Event]:
        """The new events of a room, with those that the server left out of a long timeline."""
        limited, start = timeline["limited"], timeline.get("prev_batch", "")
        gap = await self.messages(room, self.since, start) if limited else []
        return gap + [read(room, source) for source in timeline["events"]]

    def _receive(self, answer: Json) -> None:
        """Take the room keys out of an answer to /sync, and which rooms are encrypted by now."""
        if self._keys:
            self._keys.receive(answer.get("to_device", {}).get("events", []))
        for room, update in answer.get("rooms", {}).get("join", {}).items():
            for event in update["state"]["events"] + update["timeline"]["events"]:
                if event["type"] == ENCRYPTION and event.get("state_key") == "":
                    self._encryption[room] = event["content"]

    # Encryption

    async def _in_clear(self, events: Iterable[Event]) -> list[Event]:
        """The events as far as this device can read them, with all keys that the server has."""
        found = [*map(self._clear, events)]
        if self._keys and any(event.unreadable for event in found):
            await self._collect_keys()
            found = [*map(self._clear, found)]
        return found

    def _clear(self, event: Event) -> Event:
        if not (self._keys and event.unreadable):
            return event
        found = self._keys.unseal(event.room, event.id, event.sender, event.content)
        return replace(event, type=found[0], content=found[1]) if found else event

    async def _collect_keys(self) -> None:
        """Fetch what the server has for this device, without going on in the rooms.

        Somebody else may be waiting in `_sync` meanwhile: what comes twice is read once. Synapse
        gives the same answer to the same request for two minutes, so that no two may be the same.
        """
        query = {"filter": json.dumps(ONLY_KEYS), "since": self.since}
        while True:
            self._collected += 1
            query["timeout"] = str(self._collected % 100)
            answer = await self.call("GET", "sync", query=query)
            self._receive(answer)
            if not answer.get("to_device", {}).get("events"):
                return
            query["since"] = answer["next_batch"]

    async def _is_encrypted(self, room: str) -> bool:
        if room not in self._encryption:
            try:
                self._encryption[room] = await self.state(room, ENCRYPTION)
            except Refused as refusal:
                if refusal.status != 404:
                    raise
                self._encryption[room] = {}
        return bool(self._encryption[room])

    async def _sealed(
        self, keys: Keys, room: str, kind: str, content: Mapping[str, object]
    ) -> Json:
        """The content encrypted for everybody who is in the room or invited at this moment."""
        most = min(MOST_MESSAGES, self._encryption[room].get("rotation_period_msgs", MOST_MESSAGES))
        async with self._sealing:
            devices = await self._audience(keys, room)
            parcel = keys.parcel(room, devices, most)
            if parcel:
                path = ("sendToDevice", SEALED, secrets.token_hex(8))
                await self.call("PUT", *path, body={"messages": parcel})
                keys.delivered(room, parcel)
            return keys.seal(room, kind, content)

    async def _audience(self, keys: Keys, room: str) -> dict[Device, Identity]:
        """All devices that are to read what is said now; they can be written to afterwards.

        Asked anew each time: others may have come, or got a new device, since anybody listened.
        """
        members = await self.call("GET", "rooms", room, "members")
        body: dict[str, list[str]] = {
            event["state_key"]: []
            for event in members["chunk"]
            if event["content"]["membership"] in ("join", "invite")
        }
        answer = await self.call("POST", "keys", "query", body={"device_keys": body})
        devices = keys.devices(answer)
        wanted = keys.strangers(devices)
        if wanted:
            answer = await self.call("POST", "keys", "claim", body={"one_time_keys": wanted})
            keys.meet(devices, answer)
        return devices
