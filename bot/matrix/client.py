"""One account on one homeserver: every request that the bot makes, with a time-out and a verdict.

What goes wrong is told in four ways, whatever the server calls it: it cannot be reached, it fails
on this message, the room is closed to us, or the account is not ours any more.
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

from aiohttp import (
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ServerDisconnectedError,
)

from bot.matrix import reading
from bot.matrix.access import Access, Answer, patience
from bot.matrix.line import Line
from bot.obstacles import Broken, Forbidden, Limited, Rejected, Unreachable
from bot.pulse import Told

Json = dict[str, Any]

ROOT = "/_matrix/client/v3"
"""Where the client-server API begins."""

RELATIONS = "/_matrix/client/v1/rooms/{}/relations/{}?limit=100&recurse=true{}"
"""Its only request in another version that the bot makes."""

DOWNLOAD = "/_matrix/client/v1/media/download"
"""Where files are, for those who are signed in (since version 1.11)."""

DOWNLOAD_SECONDS = 15.0
"""The longest that the download of a file may take."""

SECONDS = 30.0
"""The longest that any request but a waiting /sync may take."""

POLL_SECONDS, POLL_GRACE = 30.0, 20.0
"""How long the server may keep a /sync open when nothing happens, and be late with it."""

FAR = ("join", "directory", "createRoom", "invite")
"""Where our server may have to ask others, which takes as long as it does."""

TROUBLE = (ClientError, TimeoutError, OSError, ValueError, LookupError, RecursionError)
"""The server is away, or what it says is no JSON in a known encoding."""


class Challenge(Unreachable):
    """The token is good, but this step takes more (user-interactive authentication API)."""

    def __init__(self, session: str) -> None:
        super().__init__("HTTP 401: the server asks for the password")
        self.session = session


class Request(NamedTuple):
    """What is asked, without the token; the target begins at the server's root.

    `wants` is what the answer must tell: without it, nobody has understood the question.
    """

    method: str
    target: str
    data: str | bytes | None
    mimetype: str = "application/json"
    wants: str = ""
    seconds: float = SECONDS

    @classmethod
    def of(cls, name: str, body: Json) -> Self:
        """A request that signs in or renews a token."""
        return cls("POST", f"{ROOT}/{name}", json.dumps(body))


class Client:
    """The account of the bot, signed in."""

    def __init__(self, homeserver: str, user_id: str, access: Access) -> None:
        self.access = access
        self.user_id = user_id
        self.line = Line()
        self._homeserver = homeserver
        self._date = ""
        self._between = (0.0, 0.0)
        self._http = ClientSession(timeout=ClientTimeout(total=None), middlewares=(_once,))

    @property
    def device_id(self) -> str:
        """The device that the token belongs to."""
        return self.access.credentials.device_id

    @property
    def date(self) -> datetime | None:
        """What time the server said it was, with its last answer (RFC 9110, 6.6.1)."""
        try:
            moment = parsedate_to_datetime(self._date)
        except (ValueError, OverflowError):
            return None
        return moment if moment.tzinfo else None

    @property
    def told(self) -> Told | None:
        """What time the server said it was, and when that was."""
        date = self.date
        return None if date is None else Told(date, *self._between)

    def identify(self, device_id: str) -> None:
        """The server has said to which device the token belongs."""
        self.access.identify(device_id)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def call(
        self,
        method: str,
        *path: str,
        body: Json | None = None,
        query: str = "",
        wants: str = "",
    ) -> Json:
        """A request by the client-server API: `path` behind /_matrix/client/v3/, parts unquoted.

        Raises `Unreachable`, also when the answer lacks what it must have under the key `wants`,
        `Forbidden` (403, 404), `Rejected` (other 4xx), `SignedOut` or `Challenge`.
        """
        target = "/".join((ROOT, *(quote(part, safe="") for part in path))) + query
        data = None if body is None else json.dumps(body)
        far = path[0] in FAR or path[-1] in FAR
        return await self._request(Request(method, target, data, wants=wants), far)

    async def sync(self, since: str | None, filter: str, first: bool) -> Json:
        """What happened since the token; waits until something does.

        The first one of a process brings the full state of all rooms, and returns at once like
        the first one after a failure: everything else waits for it.
        """
        wait = 0.0 if first or self.line.deaf else POLL_SECONDS
        query = {"filter": filter, "timeout": str(int(wait * 1000))}
        query |= {"since": since} if since else {}
        query |= {"full_state": "true"} if first else {}
        target, seconds = f"{ROOT}/sync?{urlencode(query)}", max(SECONDS, wait + POLL_GRACE)
        try:
            request = Request("GET", target, None, wants="next_batch", seconds=seconds)
            answer = await self._ask(request)
        except (Unreachable, Broken) as trouble:
            if not isinstance(trouble, Limited):
                self.line.silent()
            raise
        self.line.heard()
        return answer

    async def relations(self, room_id: str, event_id: str, start: str = "") -> Json:
        """A page of all that refers to an event, directly or not. Raises what `call` raises."""
        behind = f"&from={quote(start)}" if start else ""
        target = RELATIONS.format(quote(room_id, safe=""), quote(event_id, safe=""), behind)
        return await self._request(Request("GET", target, None))

    async def upload(self, data: bytes, mimetype: str, name: str) -> str:
        """Put a file on the server and return its address there. Raises what `call` raises."""
        target = f"/_matrix/media/v3/upload?{urlencode({'filename': name})}"
        answer = await self._request(Request("POST", target, data, mimetype, "content_uri"))
        return str(answer["content_uri"])

    async def download(self, address: str, most: int) -> bytes:
        """A file by its address, SERVER/ID, at most so many bytes.

        Raises `TooLarge` before it reads more, and what `call` raises.
        """
        with self.line.attempt(far=True):
            asked = partial(self._fetch, f"{DOWNLOAD}/{address}", most)
            status, answer = await self.access.use(asked, self._refresh)
        _judge(status, answer)
        return bytes(answer["data"])

    async def _fetch(self, target: str, most: int, token: str) -> Answer:
        """The bytes of a file as `data`, or what the server says instead. Raises `Unreachable`."""
        asked = self._http.get(
            self._homeserver + target,
            headers={"Authorization": f"Bearer {token}"},
            allow_redirects=False,
        )
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS), asked as response:
                if response.status != 200:
                    return response.status, await reading.whole(response)
                return 200, {"data": await reading.limited(response, most)}
        except TROUBLE as error:
            raise Unreachable(type(error).__name__) from None

    async def _request(self, request: Request, far: bool = False) -> Json:
        with self.line.attempt(far):
            return await self._ask(request)

    async def _ask(self, request: Request) -> Json:
        status, answer = await self.access.use(partial(self.exchange, request), self._refresh)
        _judge(status, answer)
        if request.wants and not reading.token(answer.get(request.wants)):
            raise Unreachable(f"an answer without {request.wants}")
        return answer

    async def _refresh(self, token: str) -> Answer:
        return await self.exchange(Request.of("refresh", {"refresh_token": token}))

    async def exchange(self, request: Request, token: str = "") -> Answer:
        """One request and its answer, whatever that is. Raises `Unreachable`.

        The error that caused it is left out: aiohttp's know our headers.
        """
        headers = {"Content-Type": request.mimetype}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        asked = self._http.request(
            request.method,
            self._homeserver + request.target,
            data=request.data,
            headers=headers,
            allow_redirects=False,
        )
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(request.seconds), asked as response:
                answer = await reading.whole(response)
        except TROUBLE as error:
            raise Unreachable(type(error).__name__) from None
        self._date = response.headers.get("Date", "")
        self._between = began, asyncio.get_running_loop().time()
        hint = response.headers.get("Retry-After", "")
        if "retry_after_ms" not in answer and re.fullmatch("[0-9]{1,9}", hint):
            answer["retry_after_ms"] = int(hint) * 1000
        return response.status, answer


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """aiohttp would repeat what a lost connection interrupts: how often is for us to decide."""
    try:
        return await handler(request)
    except (ClientOSError, ServerDisconnectedError) as error:
        raise Unreachable(type(error).__name__) from None


def _judge(status: int, answer: Mapping[str, Any]) -> None:
    """Raise what an HTTP status means for us.

    A refusal without a Matrix error code comes from something that stands in for the homeserver.
    """
    if status < 300:
        return
    code = _word(answer, "errcode")
    reason = f"HTTP {status} {code}".strip()
    if status == 401 and isinstance(answer.get("flows"), list):
        raise Challenge(_word(answer, "session"))
    if status == 429:
        raise Limited(reason, patience(answer) or 5.0)
    if status == 500:
        raise Broken(reason)
    if status == 413 or (code and status < 500 and status not in (401, 403, 404)):
        raise Rejected(reason)
    if code and status in (403, 404):
        raise Forbidden(reason)
    raise Unreachable(reason, 5.0 if status == 401 else 0.0)


def _word(answer: Mapping[str, Any], key: str) -> str:
    """A name that the server gives to something; empty if that is no name."""
    found = answer.get(key)
    return found if isinstance(found, str) and re.fullmatch(r"[\w.~-]{1,100}", found) else ""
