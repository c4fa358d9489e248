"""One account on one homeserver: every request that the bot makes, with a time-out and a verdict.

What goes wrong is told in four ways, whatever the server or nio call it: it cannot be reached, it
fails on this message, the room is closed to us, or the account is not ours any more.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import ClientError
from nio import AsyncClient, AsyncClientConfig

from bot.outbox import Broken, Forbidden, Rejected, Unreachable

Json = dict[str, Any]

SECONDS = 30.0
"""The longest that any request but a waiting /sync may take."""

POLL_SECONDS = 30.0
"""How long the server may keep a /sync open when nothing happens."""

MOST_PATIENCE = 300.0
"""A server that asks for a longer pause (in seconds) is asked again after this one."""


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
        if not isinstance(answer.get("next_batch"), str):
            raise Unreachable("the answer to /sync makes no sense")
        return answer

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
        headers = {"Authorization": f"Bearer {self.nio.access_token}", "Content-Type": mimetype}
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
