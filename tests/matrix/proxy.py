"""A proxy in front of the homeserver that fails on demand, per path and at run time.

async with running(homeserver.base_url) as proxy:
    fault = proxy.when(r"^PUT .*/send/", status(502, "<html>"), times=2)
    ...
    assert (fault.hits, proxy.count("/send/")) == (2, 3)
"""

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from math import inf

import aiohttp
from aiohttp import web
from yarl import URL

NOT_PASSED_ON = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}

Upstream = Callable[[], Awaitable[web.Response]]
Fault = Callable[[web.BaseRequest, Upstream], Awaitable[web.StreamResponse]]


@dataclass
class Rule:
    """A fault for the first `times` requests whose "METHOD path?query" matches."""

    pattern: str
    fault: Fault
    times: float
    hits: int = 0

    def applies(self, line: str) -> bool:
        return self.hits < self.times and re.search(self.pattern, line) is not None


class Proxy:
    """Passes everything on, except where a rule says otherwise; the newest rule wins."""

    def __init__(self, upstream: str, http: aiohttp.ClientSession) -> None:
        self.seen: list[tuple[float, str]] = []  # the loop's time, "METHOD path?query"
        self._upstream = upstream
        self._http = http
        self._rules: list[Rule] = []
        self._port = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def when(self, pattern: str, fault: Fault, times: float = inf) -> Rule:
        """From now on, let the matching requests suffer this fault."""
        self._rules.append(Rule(pattern, fault, times))
        return self._rules[-1]

    def heal(self) -> None:
        """Forget all faults."""
        self._rules.clear()

    def count(self, pattern: str) -> int:
        """How many matching requests came so far, failed ones included."""
        return sum(re.search(pattern, line) is not None for _, line in self.seen)

    async def accept(self) -> None:
        """Listen; always on the same port, once it has one."""
        self._server = web.Server(self._handle, handler_cancellation=True)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._server, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Cut all connections and refuse new ones until `accept`."""
        self._listener.close()
        await self._server.shutdown(timeout=0.01)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        line = f"{request.method} {request.raw_path}"
        self.seen.append((asyncio.get_running_loop().time(), line))
        body = await request.content.read()

        async def upstream() -> web.Response:
            return await self._forward(request, body)

        for rule in reversed(self._rules):
            if rule.applies(line):
                rule.hits += 1
                return await rule.fault(request, upstream)
        return await upstream()

    async def _forward(self, request: web.BaseRequest, body: bytes) -> web.Response:
        url = URL(self._upstream + request.raw_path, encoded=True)
        headers = passed_on(request.headers.items())
        try:
            async with self._http.request(
                request.method, url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                content, headers = await answer.read(), passed_on(answer.headers.items())
                return web.Response(status=answer.status, body=content, headers=headers)
        except aiohttp.ClientError:
            return web.Response(status=502, text="<html>Bad Gateway</html>")


@contextlib.asynccontextmanager
async def running(upstream: str) -> AsyncIterator[Proxy]:
    """A faultless proxy for this address, such as a homeserver's base_url."""
    async with aiohttp.ClientSession(
        auto_decompress=False,
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
    ) as http:
        proxy = Proxy(upstream, http)
        await proxy.accept()
        try:
            yield proxy
        finally:
            await proxy.refuse()


async def reset(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
    """Cut the connection before the homeserver hears of the request."""
    return cut(request)


async def drop(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
    """Let the homeserver do it, but lose its answer."""
    await upstream()
    return cut(request)


async def duplicate(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
    """Let the homeserver do it twice; the second answer counts."""
    await upstream()
    return await upstream()


def delay(seconds: float = inf) -> Fault:
    """Pass it on late, or never."""

    async def fault(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), None if seconds == inf else seconds)
        return await upstream()

    return fault


def status(code: int, body: str = "", content_type: str = "text/html", **headers: str) -> Fault:
    """Answer in the homeserver's place; a header is written Retry_After="5"."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def fault(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
        return web.Response(status=code, text=body, content_type=content_type, headers=named)

    return fault


def truncate(keep: int) -> Fault:
    """Announce the whole answer, but hang up after its first bytes."""
    return tear(lambda size: keep)


def tear(where: Callable[[int], int]) -> Fault:
    """Announce the whole answer, but hang up at a place that depends on its size."""

    async def fault(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
        response, body = await announced(request, await upstream())
        await response.write(body[: where(len(body))])
        if request.transport:
            request.transport.close()
        return response

    return fault


def drip(size: int, seconds: float) -> Fault:
    """Send the answer in pieces of some bytes, each after a pause."""

    async def fault(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
        response, body = await announced(request, await upstream())
        for start in range(0, len(body), size):
            await asyncio.sleep(seconds)
            await response.write(body[start : start + size])
        return response

    return fault


async def announced(
    request: web.BaseRequest, whole: web.Response
) -> tuple[web.StreamResponse, bytes]:
    """The head of an answer, already sent, and the body still to be sent."""
    body = whole.body
    assert isinstance(body, bytes)
    response = web.StreamResponse(status=whole.status, headers=passed_on(whole.headers.items()))
    response.content_length = len(body)
    await response.prepare(request)
    return response, body


def cut(request: web.BaseRequest) -> web.StreamResponse:
    """Reset the connection (RST, not a polite end)."""
    if request.transport:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


def passed_on(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers that belong to the message and not to one connection."""
    return [(name, value) for name, value in headers if name.lower() not in NOT_PASSED_ON]
