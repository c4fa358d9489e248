"""One account on one homeserver: every request that the bot makes, with a time-out and a verdict.

What goes wrong is told in four ways, whatever the server or nio call it: it cannot be reached, it
fails on this message, the room is closed to us, or the account is not ours any more.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import ClientError
from nio import (
    AsyncClient,
    AsyncClientConfig,
    SyncResponse,
)

from bot import markup
from bot.matrix.translate import VOTES, entries, part
from bot.outbox import Broken, Forbidden, Rejected, Unreachable
from storage import outbox
from storage.models import OutgoingMessage

log = logging.getLogger(__name__)

Json = dict[str, Any]

SECONDS = 30.0
"""The longest that any request but a waiting /sync may take."""

POLL_SECONDS = 30.0
"""How long the server may keep a /sync open when nothing happens."""

MOST_PATIENCE = 300.0
"""A server that asks for a longer pause (in seconds) is asked again after this one."""


QUIET = {"next_batch", "rooms", "device_one_time_keys_count", "device_unused_fallback_key_types"}
QUIET |= {"org.matrix.msc2732.device_unused_fallback_key_types"}
"""What an answer to /sync always has, and what says nothing about people or their devices."""

PLAIN = {"m.room.message", "m.reaction", "m.sticker", *VOTES}
"""Events that leave the state of a room as it is and are not encrypted."""


class SignedOut(Exception):
    """The server does not accept our access token any more."""


class Challenge(Exception):
    """The token is good, but this step takes more (user-interactive authentication API)."""

    def __init__(self, session: str) -> None:
        super().__init__("HTTP 401: the server asks for the password")
        self.session = session


class Client:
    """The account of the bot, signed in."""

    def __init__(self, homeserver: str, user_id: str, device_id: str, token: str) -> None:
        config = AsyncClientConfig(
            max_limit_exceeded=0,
            max_timeouts=0,
            request_timeout=SECONDS,
            store_sync_tokens=False,
            encryption_enabled=False,
        )
        self.nio = AsyncClient(homeserver, user_id, device_id, config=config)
        self.nio.user_id, self.nio.access_token = user_id, token

    @property
    def user_id(self) -> str:
        """The full Matrix id of the bot."""
        return str(self.nio.user_id)

    async def close(self) -> None:
        """Close the connections."""
        await self.nio.close()

    async def call(
        self,
        method: str,
        *path: str,
        body: Json | None = None,
        query: str = "",
        seconds: float = SECONDS,
    ) -> Json:
        """A request by the client-server API: `path` behind /_matrix/client/v3/, parts unquoted.

        Raises `Unreachable`, `Forbidden` (403, 404), `Rejected` (other 4xx), `SignedOut` or
        `Challenge`.
        """
        target = "/_matrix/client/v3/" + "/".join(quote(part, safe="") for part in path) + query
        headers = {"Authorization": f"Bearer {self.nio.access_token}"}
        data = None if body is None else json.dumps(body)
        try:
            async with asyncio.timeout(seconds):
                response = await self.nio.send(method, target, data, headers, timeout=seconds)
                async with response:
                    answer = await response.json(content_type=None)
        except (ClientError, TimeoutError, ValueError, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        answer = answer if isinstance(answer, dict) else {}
        _judge(response.status, answer)
        return answer

    async def sync(self, since: str | None, filter: Json, first: bool) -> Json:
        """What happened since the token; waits until something does.

        The first one of a process brings the full state of all rooms and returns at once.
        """
        wait = 0.0 if first else POLL_SECONDS
        query = {"filter": json.dumps(filter), "timeout": str(int(wait * 1000))}
        query |= {"since": since} if since else {}
        query |= {"full_state": "true"} if first else {}
        answer = await self.call(
            "GET", "sync", query=f"?{urlencode(query)}", seconds=SECONDS + wait
        )
        if not isinstance(answer.get("next_batch"), str):
            raise Unreachable("the answer to /sync makes no sense")
        await self._digest(answer)
        return answer

    async def _digest(self, answer: Json) -> None:
        """Let nio keep its picture of the rooms; what it cannot read stops nobody else.

        Plain messages change nothing in it. It takes events apart, so it gets a copy.
        """
        if _talk(answer):
            return
        try:
            response = SyncResponse.from_dict(deepcopy(answer))
            if isinstance(response, SyncResponse):
                await self.nio.receive_response(response)
            else:
                log.error("nio does not accept an answer to /sync")
        except Exception as error:
            log.error("nio cannot read an answer to /sync: %s", type(error).__name__)

    async def send(self, row: OutgoingMessage) -> str:
        """Send a message of the outbox and return its event id; the same row twice is one event."""
        content = dict(row.content)
        room = self.nio.rooms.get(row.room_id)
        if room is None:
            raise Forbidden("Der Bot ist in diesem Raum nicht (mehr) dabei.", rest=5.0)
        if room.encrypted:
            raise Forbidden("Der Raum ist verschlüsselt, der Bot schreibt dort nicht offen.")
        if row.file is not None:
            content["url"] = await self.upload(row.file, content["info"]["mimetype"], row.content)
        path = ("rooms", row.room_id, "send", row.type, outbox.transaction_id(row.cause))
        answer = await self.call("PUT", *path, body=content)
        if not isinstance(answer.get("event_id"), str):
            raise Unreachable("the answer to a message makes no sense")
        return str(answer["event_id"])

    async def upload(self, data: bytes, mimetype: str, content: Mapping[str, Any]) -> str:
        """Put a file on the server and return its address there."""
        name = quote(str(content.get("filename", "")))
        path = f"/_matrix/media/v3/upload?filename={name}"
        headers = {
            "Authorization": f"Bearer {self.nio.access_token}",
            "Content-Type": mimetype,
        }
        try:
            async with asyncio.timeout(SECONDS):
                response = await self.nio.send("POST", path, data, headers)
                async with response:
                    answer = await response.json(content_type=None)
        except (ClientError, TimeoutError, ValueError, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        _judge(response.status, answer if isinstance(answer, dict) else {})
        return str(answer["content_uri"])

    async def find(self, row: OutgoingMessage) -> str | None:
        """The event that this message became earlier, if it is among the room's latest."""
        query = "?dir=b&limit=100"
        for _ in range(10):
            page = await self.call("GET", "rooms", row.room_id, "messages", query=query)
            for event in page.get("chunk", []):
                if event.get("content", {}).get(markup.CAUSE) == row.cause:
                    return str(event["event_id"])
            if not page.get("end"):
                break
            query = f"?dir=b&limit=100&from={quote(page['end'])}"
        return None


def _talk(answer: Json) -> bool:
    """Whether nothing but plain messages came."""
    if not (answer.keys() <= QUIET and part(answer, "rooms").keys() <= {"join"}):
        return False
    rooms = part(answer, "rooms", "join").values()
    events = [e for room in rooms for e in entries(part(room, "timeline"), "events")]
    state = any(entries(part(room, "state"), "events") for room in rooms)
    return not state and all("state_key" not in e and e.get("type") in PLAIN for e in events)


async def sign_in(homeserver: str, user_id: str, password: str, device_id: str) -> Json:
    """Log in once with a password; the answer has `access_token` and `device_id`.

    Raises `SignedOut` when the password is wrong, `Unreachable` when the server does not answer.
    """
    client = Client(homeserver, user_id, device_id, "")
    body: Json = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user_id},
        "password": password,
        "initial_device_display_name": "Kursbot",
    }
    if device_id:
        body["device_id"] = device_id
    try:
        return await client.call("POST", "login", body=body)
    except (Forbidden, Rejected) as error:
        raise SignedOut(str(error)) from error
    finally:
        await client.close()


def _judge(status: int, answer: Mapping[str, Any]) -> None:
    """Raise what an HTTP status means for us."""
    if status < 400:
        return
    reason = f"HTTP {status} {str(answer.get('errcode', ''))[:40]}".strip()
    if status == 401 and isinstance(answer.get("flows"), list):
        raise Challenge(str(answer.get("session", "")))
    if status == 401:
        raise SignedOut(reason)
    if status == 429:
        wait = answer.get("retry_after_ms")
        seconds = wait / 1000 if isinstance(wait, int | float) else 5.0
        raise Unreachable(reason, min(max(seconds, 0.5), MOST_PATIENCE))
    if status in (403, 404):
        raise Forbidden(reason)
    if status < 500:
        raise Rejected(reason)
    raise Broken(reason) if status == 500 else Unreachable(reason)
