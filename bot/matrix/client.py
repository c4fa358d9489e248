"""One account on one homeserver: every request that the bot makes, with a time-out and a verdict.

What goes wrong is told in four ways, whatever the server or nio call it: it cannot be reached, it
fails on this message, the room is closed to us, or the account is not ours any more.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlencode

from aiohttp import ClientError
from nio import AsyncClient, AsyncClientConfig

from bot.matrix import reading
from bot.matrix.access import Access, Answer, patience
from bot.outbox import Broken, Forbidden, Limited, Rejected, Unreachable

Json = dict[str, Any]

ROOT = "/_matrix/client/v3"
"""Where the client-server API begins."""

RELATIONS = "/_matrix/client/v1/rooms/{}/relations/{}?limit=100&recurse=true{}"
"""Its only request in another version that the bot makes."""

SECONDS = 30.0
"""The longest that any request but a waiting /sync may take."""

POLL_SECONDS = 30.0
"""How long the server may keep a /sync open when nothing happens."""

TROUBLE = (ClientError, TimeoutError, OSError, ValueError, LookupError, RecursionError)
"""The server is away, or what it says is no JSON in a known encoding."""


class Challenge(Exception):
    """The token is good, but this step takes more (user-interactive authentication API)."""

    def __init__(self, session: str) -> None:
        super().__init__("HTTP 401: the server asks for the password")
        self.session = session


class Request(NamedTuple):
    """What is asked, without the token; the target begins at the server's root."""

    method: str
    target: str
    data: str | bytes | None
    mimetype: str = "application/json"
    seconds: float = SECONDS

    @classmethod
    def of(cls, name: str, body: Json) -> Self:
        """A request that signs in or renews a token."""
        return cls("POST", f"{ROOT}/{name}", json.dumps(body))


class Client:
    """The account of the bot, signed in."""

    def __init__(self, homeserver: str, user_id: str, access: Access) -> None:
        self.access = access
        self._date = ""
        config = AsyncClientConfig(
            max_limit_exceeded=0,
            max_timeouts=0,
            request_timeout=SECONDS,
            store_sync_tokens=False,
            encryption_enabled=False,
        )
        self.nio = AsyncClient(homeserver, user_id, access.credentials.device_id, config=config)
        self.nio.user_id = user_id

    @property
    def user_id(self) -> str:
        """The full Matrix id of the bot."""
        return str(self.nio.user_id)

    @property
    def device_id(self) -> str:
        """The device that the token belongs to."""
        return self.access.credentials.device_id

    @property
    def date(self) -> datetime | None:
        """What time the server said it was, with its last answer (RFC 9110, 6.6.1)."""
        try:
            return parsedate_to_datetime(self._date)
        except ValueError:
            return None

    def identify(self, device_id: str) -> None:
        """The server has said to which device the token belongs."""
        self.access.identify(device_id)
        self.nio.device_id = device_id

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
        target = "/".join((ROOT, *(quote(part, safe="") for part in path))) + query
        data = None if body is None else json.dumps(body)
        return await self._request(method, target, data, "application/json", seconds)

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
        if not reading.token(answer.get("next_batch")):
            raise Unreachable("the answer to /sync makes no sense")
        return answer

    async def relations(self, room_id: str, event_id: str, start: str = "") -> Json:
        """A page of all that refers to an event, directly or not. Raises what `call` raises."""
        behind = f"&from={quote(start)}" if start else ""
        target = RELATIONS.format(quote(room_id, safe=""), quote(event_id, safe=""), behind)
        return await self._request("GET", target, None, "application/json", SECONDS)

    async def upload(self, data: bytes, mimetype: str, name: str) -> str:
        """Put a file on the server and return its address there. Raises what `call` raises."""
        target = f"/_matrix/media/v3/upload?{urlencode({'filename': name})}"
        answer = await self._request("POST", target, data, mimetype, SECONDS)
        if not isinstance(answer.get("content_uri"), str):
            raise Unreachable("the answer to an upload makes no sense")
        return str(answer["content_uri"])

    async def _request(
        self, method: str, target: str, data: str | bytes | None, mimetype: str, seconds: float
    ) -> Json:
        ask = partial(self.exchange, Request(method, target, data, mimetype, seconds))
        status, answer = await self.access.use(ask, self._refresh)
        _judge(status, answer)
        return answer

    async def _refresh(self, token: str) -> Answer:
        return await self.exchange(Request.of("refresh", {"refresh_token": token}))

    async def exchange(self, request: Request, token: str = "") -> Answer:
        """One request and its answer, whatever that is. Raises `Unreachable`.

        The error that caused it is left out: aiohttp's know our headers.
        """
        headers = {"Content-Type": request.mimetype}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        target, data, seconds = request.target, request.data, request.seconds
        try:
            async with asyncio.timeout(seconds):
                response = await self.nio.send(
                    request.method, target, data, headers, timeout=seconds
                )
                async with response:
                    answer = await reading.whole(response)
        except TROUBLE as error:
            raise Unreachable(type(error).__name__) from None
        self._date = response.headers.get("Date", "")
        return response.status, answer


def _judge(status: int, answer: Mapping[str, Any]) -> None:
    """Raise what an HTTP status means for us."""
    if status < 400:
        return
    reason = f"HTTP {status} {_word(answer, 'errcode')}".strip()
    if status == 401 and isinstance(answer.get("flows"), list):
        raise Challenge(_word(answer, "session"))
    if status == 429:
        raise Limited(reason, patience(answer) or 5.0)
    if status == 401:
        raise Unreachable(reason, 5.0)
    if status in (403, 404):
        raise Forbidden(reason)
    if status < 500:
        raise Rejected(reason)
    raise Broken(reason) if status == 500 else Unreachable(reason)


def _word(answer: Mapping[str, Any], key: str) -> str:
    """A name that the server gives to something; empty if that is no name."""
    found = answer.get(key)
    return found if isinstance(found, str) and re.fullmatch(r"[\w.~-]{1,100}", found) else ""
