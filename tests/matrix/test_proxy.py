"""The faults that later tests rely on do happen, and only where and as often as asked."""

import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.homeserver import Homeserver
from bot.participant import Participant
from tests.matrix.conftest import Login
from tests.matrix.proxy import (
    Fault,
    Proxy,
    delay,
    drip,
    drop,
    duplicate,
    reset,
    running,
    status,
    truncate,
)

VERSIONS = "/_matrix/client/versions"


@pytest.fixture
async def proxy(homeserver: Homeserver) -> AsyncIterator[Proxy]:
    async with running(homeserver.base_url) as proxy:
        yield proxy


@pytest.fixture
async def http(proxy: Proxy) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(proxy.base_url) as http:
        yield http


async def fetch(http: aiohttp.ClientSession, seconds: float = 20) -> tuple[int, bytes]:
    async with http.get(VERSIONS, timeout=aiohttp.ClientTimeout(total=seconds)) as response:
        return response.status, await response.read()


async def test_nothing_asked_nothing_changed(
    proxy: Proxy, http: aiohttp.ClientSession, homeserver: Homeserver
) -> None:
    async with aiohttp.ClientSession(homeserver.base_url) as direct:
        assert await fetch(http) == await fetch(direct)
    assert proxy.count("^GET /_matrix/client/versions$") == 1


async def test_a_status_comes_as_often_as_asked_and_only_on_its_path(
    proxy: Proxy, http: aiohttp.ClientSession
) -> None:
    elsewhere = proxy.when("/sync", reset)
    limit = proxy.when("/versions", status(429, '{"retry_after_ms": 9}', Retry_After="1"), times=2)
    async with http.get(VERSIONS) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "1"
        assert await response.text() == '{"retry_after_ms": 9}'
    assert [(await fetch(http))[0] for _ in range(2)] == [429, 200]
    assert (limit.hits, elsewhere.hits, proxy.count("/versions")) == (2, 0, 3)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (reset, aiohttp.ClientConnectionError),
        (drop, aiohttp.ClientConnectionError),
        (truncate(0), aiohttp.ClientPayloadError),
        (truncate(20), aiohttp.ClientPayloadError),
        (delay(), TimeoutError),
        (drip(1, 0.05), TimeoutError),
    ],
)
async def test_a_broken_answer_is_broken_until_healed(
    proxy: Proxy, http: aiohttp.ClientSession, fault: Fault, error: type[Exception]
) -> None:
    proxy.when("/versions", fault)
    with pytest.raises(error):
        await fetch(http, seconds=0.5 if error is TimeoutError else 20)
    proxy.heal()
    assert (await fetch(http))[0] == 200


async def test_late_and_dripping_answers_are_whole(
    proxy: Proxy, http: aiohttp.ClientSession
) -> None:
    whole = await fetch(http)
    for fault in (delay(0.2), drip(1000, 0.1)):
        proxy.when("/versions", fault)
        started = time.monotonic()
        assert await fetch(http) == whole
        assert time.monotonic() - started >= 0.2


async def test_refused_connections_come_back_on_the_same_address(
    proxy: Proxy, http: aiohttp.ClientSession
) -> None:
    address = proxy.base_url
    await fetch(http)
    await proxy.refuse()
    with pytest.raises(aiohttp.ClientConnectionError):
        await fetch(http)
    await proxy.accept()
    assert proxy.base_url == address
    assert (await fetch(http))[0] == 200


async def test_lost_and_doubled_requests_take_effect(proxy: Proxy, participant: Login) -> None:
    anna = await participant("anna")
    token = await anna.login("geheim")
    room = await anna.create_room("Austausch")
    async with Participant(proxy.base_url, anna.user_id, token) as mobile:
        proxy.when("/send/", drop, times=2)  # aiohttp tries a lost PUT once more by itself
        with pytest.raises(aiohttp.ClientConnectionError):
            await mobile.say(room, "verloren?")
        proxy.when("/send/", duplicate, times=1)
        await mobile.say(room, "doppelt?")
    said = [event.body for event in await anna.messages(room) if event.body]
    assert said == ["verloren?", "doppelt?"]
