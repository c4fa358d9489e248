"""A person in the chat, and the second pair of eyes: shares no code with the bot's own client."""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
from yarl import URL

CLIENT = "/_matrix/client/v3"
MEDIA = "/_matrix/media/v3"
DOWNLOAD = "/_matrix/client/v1/media/download"
NOTHING: dict[str, object] = {"types": []}
FILTER = {
    "presence": NOTHING,
    "account_data": NOTHING,
    "room": {"timeline": {"limit": 100}, "ephemeral": NOTHING, "account_data": NOTHING},
}
POLL_RESPONSE = "org.matrix.msc3381.poll.response"

Json = dict[str, Any]


class Refused(Exception):
    """The homeserver answered with an error."""

    def __init__(self, status: int, answer: str) -> None:
        super().__init__(f"{status} {answer}")
        self.status = status


@dataclass(frozen=True)
class Event:
    """What happened in a room, as the server tells it; invitations have neither id nor time."""

    room: str
    id: str
    type: str
    sender: str
    content: Json
    state_key: str | None
    sent_at: datetime

    @property
    def body(self) -> str:
        """The plain text of a message, empty for anything else."""
        return str(self.content.get("body", ""))


class Participant:
    """One account on one device. Every method raises Refused when the server says no.

    Events after `login` are kept until `wait_for` takes them, so none is missed in between.
    """

    def __init__(self, base_url: str, user_id: str, token: str = "") -> None:
        self.user_id = user_id
        self.since = ""
        self._base_url = base_url
        self._token = token
        self._unread: list[Event] = []
        self._syncing = asyncio.Lock()
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def login(self, password: str) -> str:
        """Become a new device of the account and start listening; returns the access token."""
        user = {"type": "m.id.user", "user": self.user_id}
        body = {"type": "m.login.password", "identifier": user, "password": password}
        self._token = (await self.call("POST", "login", body=body))["access_token"]
        await self._sync()
        return self._token

    async def create_room(self, name: str = "", **options: object) -> str:
        """Create a room and return its id.

        The options are those of the specification: room_alias_name, invite, preset, is_direct,
        initial_state, power_level_content_override …
        """
        body = ({"name": name} if name else {}) | options
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

    async def state(self, room: str, kind: str, key: str = "") -> Json:
        """The content of one piece of room state; Refused with 404 where there is none."""
        return await self.call("GET", "rooms", room, "state", kind, key)

    async def send(self, room: str, kind: str, content: Mapping[str, object]) -> str:
        """Send any event; returns its id."""
        path = ("rooms", room, "send", kind, secrets.token_hex(8))
        return str((await self.call("PUT", *path, body=content))["event_id"])

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
        path = ("rooms", room, "redact", event_id, secrets.token_hex(8))
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
        url = URL(f"{self._base_url}{MEDIA}/upload").with_query(filename=filename)
        return str(json.loads(await self._request("POST", url, data, content_type))["content_uri"])

    async def download(self, mxc: str) -> bytes:
        """The content of an uploaded file."""
        address = mxc.removeprefix("mxc://")
        return await self._request("GET", URL(f"{self._base_url}{DOWNLOAD}/{address}"))

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
                return events
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

    async def call(
        self,
        method: str,
        *path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        """Any request of the client API; every part of the path is quoted here."""
        address = "/".join(quote(part, safe="") for part in path)
        url = URL(f"{self._base_url}{CLIENT}/{address}", encoded=True).with_query(query or {})
        data = None if body is None else json.dumps(body).encode()
        answer: Json = json.loads(await self._request(method, url, data))
        return answer

    async def _request(
        self,
        method: str,
        url: URL,
        data: bytes | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        headers = {"Content-Type": content_type}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        async with self._http.request(method, url, data=data, headers=headers) as response:
            answer = await response.read()
            if response.status >= 400:
                raise Refused(response.status, answer.decode(errors="replace"))
            return answer

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
        self._unread += sorted(news, key=lambda event: event.sent_at)  # across rooms
        self.since = answer["next_batch"]

    async def _timeline(self, room: str, timeline: Json) -> list[Event]:
        """The new events of a room, with those that the server left out of a long timeline."""
        limited, start = timeline["limited"], timeline.get("prev_batch", "")
        gap = await self.messages(room, self.since, start) if limited else []
        return gap + [read(room, source) for source in timeline["events"]]


def read(room: str, source: Json) -> Event:
    """An event of this room from its JSON."""
    return Event(
        room=room,
        id=source.get("event_id", ""),
        type=source["type"],
        sender=source["sender"],
        content=source["content"],
        state_key=source.get("state_key"),
        sent_at=datetime.fromtimestamp(source.get("origin_server_ts", 0) / 1000, UTC),
    )
