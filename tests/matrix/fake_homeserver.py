"""A homeserver that says whatever a test wants, in particular what no real one would.

async with serving("kursbot") as server:
    server.room("!a:fake", encryption={…})
    server.feed({"rooms": …})           # the next answer to /sync, again and again until accepted
    server.say(b"no JSON at all")       # an answer to one /sync, as it is
"""

import asyncio
import contextlib
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.matrix.virtual import clock

Json = dict[str, Any]
Handler = Callable[..., Awaitable[web.Response] | web.Response]

SERVER = "fake"
TOKEN, DEVICE = "secret-token", "DEVICE"
OK, MISSING = 200, (404, {"errcode": "M_NOT_FOUND", "error": "no"})


@dataclass(frozen=True)
class Sent:
    """An event that the bot has sent."""

    at: float
    room: str
    type: str
    content: Json

    @property
    def cause(self) -> str:
        return str(self.content.get("de.kursbot.cause", ""))


@dataclass
class FakeHomeserver:
    """One account on one device, in as many rooms as a test wants."""

    bot: str
    requests: list[tuple[float, str]] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    to_device: list[Json] = field(default_factory=list)
    pages: deque[bytes] = field(default_factory=deque)
    devices: Callable[[str], Json] = lambda user: {}
    one_time_keys: Callable[[str, str], Json] = lambda user, device: {}
    clock: Callable[[], datetime] = field(default_factory=lambda: clock(datetime.now(UTC)))
    since: int = -1
    base_url: str = ""

    def __post_init__(self) -> None:
        self._rooms: dict[str, list[Json]] = {}
        self._batches: list[bytes] = []
        self._once: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._known: dict[str, Any] = {}
        self._one_time: dict[str, Json] = {}
        self._ids = count(1)
        self._transactions: dict[tuple[str, str], Json] = {}

    def user_id(self, name: str) -> str:
        return f"@{name}:{SERVER}"

    @property
    def device(self) -> Json:
        """The bot's device keys."""
        return dict(self._known["device"])

    @property
    def device_key(self) -> str:
        """The bot's Curve25519 key."""
        return str(self.device["keys"][f"curve25519:{DEVICE}"])

    def claim(self) -> str:
        """One of the bot's one-time keys."""
        return str(self._one_time.popitem()[1]["key"])

    def room(self, room_id: str, members: list[str], **state: Json) -> None:
        """A room with the bot in it; further state by the end of its type."""
        leader = members[0]
        events = [event("create", leader, {"room_version": "12"})]
        events += [event(kind, leader, content) for kind, content in state.items()]
        events += [
            event("member", user, {"membership": "join"}, user) for user in (*members, self.bot)
        ]
        self._rooms[room_id] = events

    def feed(self, batch: Json | bytes) -> int:
        """An answer to /sync, complete but for its token; the number that it has."""
        raw = batch if isinstance(batch, bytes) else json.dumps(batch).encode()
        self._batches.append(raw)
        self._news.set()
        return len(self._batches)

    def say(self, raw: bytes) -> None:
        """An answer to the next /sync alone."""
        self._once.append(raw)
        self._news.set()

    def accepted(self) -> bool:
        """Whether the bot has taken all that was fed."""
        return self.since == len(self._batches) and not self._once

    async def _sync(self, request: web.BaseRequest) -> web.Response:
        since, first = request.query.get("since"), "full_state" in request.query
        if since is not None:
            self.since = int(since.removeprefix("s"))
        if self._once:
            return raw(self._once.popleft())
        if first or since is None:
            return self._answer({"rooms": {"join": self._state()}}, max(self.since, 0))
        if self.since == len(self._batches):
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(int(request.query["timeout"]) / 1000):
                    await self._news.wait()
        if self._once:
            return raw(self._once.popleft())
        if self.since == len(self._batches):
            return self._answer({}, self.since)
        batch = self._batches[self.since].strip()
        assert batch.startswith(b"{"), batch[:80]
        token = json.dumps({"next_batch": f"s{self.since + 1}"}).encode()[:-1]
        return raw(token + (b"}" if batch == b"{}" else b", " + batch[1:]))

    def _answer(self, batch: Json, token: int) -> web.Response:
        counts = {"signed_curve25519": len(self._one_time)}
        return web.json_response(
            {
                "next_batch": f"s{token}",
                "device_one_time_keys_count": counts,
                "device_unused_fallback_key_types": ["signed_curve25519"],
                **batch,
            }
        )

    def _state(self) -> Json:
        return {
            room_id: {"state": {"events": events}, "timeline": {"events": [], "limited": False}}
            for room_id, events in self._rooms.items()
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer as a homeserver would, and tell the time."""
        response = await self._handle(request)
        response.headers["Date"] = format_datetime(self.clock(), usegmt=True)
        return response

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        """What it does not know, it does not find."""
        line = f"{request.method} {request.raw_path}"
        self.requests.append((asyncio.get_running_loop().time(), line))
        if line.startswith("GET /_matrix/client/v3/sync"):
            return await self._sync(request)
        body = json.loads(await request.read() or b"{}")
        for pattern, answer in ROUTES.items():
            found = re.fullmatch(pattern, line.partition("?")[0].replace(PREFIX, ""))
            if found:
                status, said = answer(self, body, *map(unquote, found.groups()))
                if isinstance(said, bytes):
                    return raw(said)
                return web.json_response(said, status=status)
        return web.json_response(MISSING[1], status=404)

    # What is kept and given back

    def keys_upload(self, body: Json) -> tuple[int, Json]:
        if "device_keys" in body:
            self._known["device"] = body["device_keys"]
        self._one_time |= body.get("one_time_keys", {})
        return OK, {"one_time_key_counts": {"signed_curve25519": len(self._one_time)}}

    def keys_query(self, body: Json) -> tuple[int, Json]:
        found: Json = {user: self.devices(user) for user in body["device_keys"]}
        if self.bot in found and "device" in self._known:
            found[self.bot] = {DEVICE: self._known["device"]}
        answer: Json = {"device_keys": found}
        for name in ("master", "self_signing", "user_signing"):
            if f"{name}_key" in self._known:
                answer[f"{name}_keys"] = {self.bot: self._known[f"{name}_key"]}
        return OK, answer

    def keys_claim(self, body: Json) -> tuple[int, Json]:
        found = {
            user: {device: self.one_time_keys(user, device) for device in devices}
            for user, devices in body["one_time_keys"].items()
        }
        return OK, {"one_time_keys": found}

    def keys_keep(self, body: Json) -> tuple[int, Json]:
        self._known |= body
        return OK, {}

    def signatures(self, body: Json) -> tuple[int, Json]:
        for name, signed in body[self.bot].items():
            kind = "device" if name == DEVICE else "master_key"
            theirs = self._known[kind].setdefault("signatures", {}).setdefault(self.bot, {})
            theirs |= signed["signatures"][self.bot]
        return OK, {}

    def keep(self, body: Json, name: str) -> tuple[int, Json]:
        self._known[name] = body
        return OK, {}

    def kept(self, body: Json, name: str) -> tuple[int, Json]:
        return (OK, self._known[name]) if name in self._known else MISSING

    def send(self, body: Json, room: str, kind: str, txn: str) -> tuple[int, Json]:
        if (room, txn) not in self._transactions:
            self.sent.append(Sent(asyncio.get_running_loop().time(), room, kind, body))
            self._transactions[room, txn] = {"event_id": f"$sent{next(self._ids)}"}
        return OK, self._transactions[room, txn]

    def send_to_device(self, body: Json, kind: str, txn: str) -> tuple[int, Json]:
        self.to_device.append(body)
        return OK, {}

    def messages(self, body: Json, room: str) -> tuple[int, Json | bytes]:
        return OK, self.pages.popleft() if self.pages else {"chunk": [], "start": "s0"}


PREFIX = "/_matrix/client/v3/"
SESSION = {"user_id": "", "access_token": TOKEN, "device_id": DEVICE}
ROUTES: Mapping[str, Callable[..., tuple[int, Any]]] = {
    r"POST login": lambda s, body: (OK, SESSION | {"user_id": s.bot}),
    r"GET account/whoami": lambda s, body: (OK, {"user_id": s.bot, "device_id": DEVICE}),
    r"GET profile/.*": lambda s, body: (OK, {"displayname": "Kursbot"}),
    r"POST keys/upload": FakeHomeserver.keys_upload,
    r"POST keys/query": FakeHomeserver.keys_query,
    r"POST keys/claim": FakeHomeserver.keys_claim,
    r"POST keys/device_signing/upload": FakeHomeserver.keys_keep,
    r"POST keys/signatures/upload": FakeHomeserver.signatures,
    r"PUT user/[^/]+/account_data/(.+)": FakeHomeserver.keep,
    r"GET user/[^/]+/account_data/(.+)": FakeHomeserver.kept,
    r"PUT rooms/([^/]+)/send/([^/]+)/([^/]+)": FakeHomeserver.send,
    r"PUT sendToDevice/([^/]+)/([^/]+)": FakeHomeserver.send_to_device,
    r"GET rooms/([^/]+)/messages": FakeHomeserver.messages,
    r"GET joined_rooms": lambda s, body: (OK, {"joined_rooms": [*s._rooms]}),
    r"POST join/(.+)": lambda s, body, room: (OK, {"room_id": room}),
    r"POST rooms/([^/]+)/leave": lambda s, body, room: (OK, {}),
}


def event(kind: str, sender: str, content: Json, key: str = "") -> Json:
    """A piece of room state."""
    return {
        "type": f"m.room.{kind}",
        "event_id": f"${kind}-{key}",
        "sender": sender,
        "state_key": key,
        "origin_server_ts": 1,
        "content": content,
    }


def raw(body: bytes) -> web.Response:
    """JSON, if one believes the header."""
    return web.Response(body=body, content_type="application/json")


@contextlib.asynccontextmanager
async def serving(bot: str = "kursbot") -> AsyncIterator[FakeHomeserver]:
    """A homeserver for the account of this name."""
    fake = FakeHomeserver(f"@{bot}:{SERVER}")
    server = web.Server(fake.handle, handler_cancellation=True)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(server, "127.0.0.1", 0)
    fake.base_url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        listener.close()
        await server.shutdown(timeout=0.01)
