"""Requests of one account to its homeserver."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.participant.events import Json

CLIENT = "/_matrix/client/v3"


class Refused(Exception):
    """The homeserver answered with an error."""

    def __init__(self, status: int, answer: str) -> None:
        super().__init__(f"{status} {answer}")
        self.status = status


class Connection:
    """One account on one device. Every method raises Refused when the server says no."""

    def __init__(self, base_url: str, user_id: str, token: str = "") -> None:
        self.user_id = user_id
        self._base_url = base_url
        self._token = token
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

    async def state(self, room: str, kind: str, key: str = "") -> Json:
        """The content of one piece of room state; Refused with 404 where there is none."""
        return await self.call("GET", "rooms", room, "state", kind, key)
