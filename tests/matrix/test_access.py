"""Tokens that expire are renewed once for all who wait; refused ones are never used again."""

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.homeserver import Homeserver
from bot.matrix.access import Access, Credentials, TokenRefused, fingerprint, patience
from bot.matrix.client import Client
from bot.obstacles import Unreachable
from bot.participant import Participant, Refused
from tests.matrix.conftest import PASSWORD
from tests.matrix.proxy import Proxy, drop, reset, running, status
from tests.matrix.service import eventually

LOGIN = {"type": "m.login.password", "password": PASSWORD, "refresh_token": True}


def refusal(code: str = "M_UNKNOWN_TOKEN", **more: object) -> tuple[int, str, str]:
    """What `status` needs to refuse a token."""
    return 401, json.dumps({"errcode": code, "error": "no", **more}), "application/json"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """A homeserver whose tokens expire after three seconds."""
    folder = tmp_path_factory.mktemp("hasty")
    server = Homeserver(folder, settings={"refreshable_access_token_lifetime": "3s"})
    try:
        asyncio.run(server.start())
        asyncio.run(server.register("bot", PASSWORD))
        yield server
    finally:
        asyncio.run(server.stop())


@pytest.fixture(scope="module")
def stale(hasty: Homeserver) -> list[Credentials]:
    """Credentials of a device each, whose token has expired and was never renewed."""

    async def prepare() -> list[Credentials]:
        known = [await credentials(hasty) for _ in range(12)]
        await eventually(partial(refused, hasty, known[-1].access_token), 20)
        return known

    return asyncio.run(prepare())


@pytest.fixture
def expired(stale: list[Credentials]) -> Credentials:
    """Of a device that no other test has."""
    return stale.pop()


@pytest.fixture
async def proxy(hasty: Homeserver) -> AsyncIterator[Proxy]:
    async with running(hasty.base_url) as proxy:
        yield proxy


class Keeper:
    """Where new credentials are kept; may be out of order."""

    def __init__(self) -> None:
        self.kept: list[Credentials] = []
        self.full = False

    def __call__(self, credentials: Credentials) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.kept.append(credentials)


Connect = Callable[..., Client]


@pytest.fixture
async def connect(hasty: Homeserver, proxy: Proxy) -> AsyncIterator[Connect]:
    """`connect(credentials, keeper)` is the bot's account behind the proxy."""
    clients: list[Client] = []

    def connect(credentials: Credentials, keeper: Keeper) -> Client:
        clients.append(Client(proxy.base_url, hasty.user_id("bot"), Access(credentials, keeper)))
        return clients[-1]

    yield connect
    for client in clients:
        await client.close()


async def request(hasty: Homeserver, token: str, *path: str, **body: object) -> dict[str, Any]:
    """A request of somebody who has this token; whoami without a path."""
    async with Participant(hasty.base_url, hasty.user_id("bot"), token) as person:
        if not path:
            return await person.call("GET", "account", "whoami")
        return await person.call("POST", *path, body=body)


async def credentials(hasty: Homeserver) -> Credentials:
    """Of a new device."""
    user = {"type": "m.id.user", "user": "bot"}
    answer = await request(hasty, "", "login", identifier=user, **LOGIN)
    return Credentials(answer["access_token"], answer["device_id"], answer["refresh_token"])


async def refused(hasty: Homeserver, token: str) -> bool:
    try:
        await request(hasty, token)
    except Refused:
        return True
    return False


async def whoami(client: Client) -> str:
    return str((await client.call("GET", "account", "whoami"))["device_id"])


async def test_ten_requests_refresh_once(
    hasty: Homeserver, expired: Credentials, proxy: Proxy, connect: Connect
) -> None:
    known, keeper = expired, Keeper()
    client = connect(known, keeper)

    devices = await asyncio.gather(*(whoami(client) for _ in range(10)))

    assert devices == [known.device_id] * 10
    assert (proxy.count("/refresh"), proxy.count("/whoami")) == (1, 20)
    assert keeper.kept == [client.access.credentials]
    assert client.access.credentials == replace(
        known,
        access_token=keeper.kept[0].access_token,
        refresh_token=keeper.kept[0].refresh_token,
    )
    assert len({known.access_token, keeper.kept[0].access_token}) == 2
    assert len({known.refresh_token, keeper.kept[0].refresh_token}) == 2
    with pytest.raises(Refused, match="403"):
        await request(hasty, "", "refresh", refresh_token=known.refresh_token)


async def test_new_requests_wait_for_a_refresh_under_way(
    expired: Credentials, proxy: Proxy, connect: Connect
) -> None:
    client = connect(expired, Keeper())
    held, release = asyncio.Event(), asyncio.Event()

    async def hold(_: object, upstream: Any) -> Any:
        held.set()
        await release.wait()
        return await upstream()

    proxy.when("/refresh", hold)
    first = asyncio.create_task(whoami(client))
    await held.wait()
    second = asyncio.create_task(whoami(client))
    release.set()
    assert await first == await second
    assert (proxy.count("/refresh"), proxy.count("/whoami")) == (1, 3)


@pytest.mark.parametrize("fault", [drop, reset, status(502, "<html>"), status(200, "{}")])
async def test_a_lost_answer_to_a_refresh_costs_nothing(
    expired: Credentials, proxy: Proxy, connect: Connect, fault: Any
) -> None:
    known, keeper = expired, Keeper()
    client = connect(known, keeper)
    proxy.when("/refresh", fault, times=1)
    with pytest.raises(Unreachable):
        await whoami(client)
    assert (client.access.credentials, keeper.kept) == (known, [])
    assert await whoami(client) == known.device_id


async def test_tokens_that_cannot_be_kept_are_not_used(
    expired: Credentials, proxy: Proxy, connect: Connect
) -> None:
    """As after a crash between the answer and the disk: the old refresh token is still good."""
    known, keeper = expired, Keeper()
    client = connect(known, keeper)
    keeper.full = True
    with pytest.raises(Unreachable, match=r"^new tokens cannot be kept: No space left on device$"):
        await whoami(client)
    assert (client.access.credentials, proxy.count("/whoami")) == (known, 1)

    after_the_crash = Keeper()
    assert await whoami(connect(known, after_the_crash)) == known.device_id
    assert len(after_the_crash.kept) == 1


async def test_a_server_that_is_busy_is_given_time(
    expired: Credentials, proxy: Proxy, connect: Connect
) -> None:
    client = connect(expired, Keeper())
    busy = '{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7000}'
    proxy.when("/refresh", status(429, busy, "application/json"), times=1)
    with pytest.raises(Unreachable) as caught:
        await whoami(client)
    assert caught.value.patience == 7.0


async def test_a_used_up_refresh_token_ends_it_and_spares_the_device(
    hasty: Homeserver, expired: Credentials, proxy: Proxy, connect: Connect
) -> None:
    thief = await request(hasty, "", "refresh", refresh_token=expired.refresh_token)
    await request(hasty, thief["access_token"])
    client = connect(expired, Keeper())

    for _ in range(3):
        with pytest.raises(TokenRefused) as caught:
            await whoami(client)
        assert caught.value.device == expired.device_id

    assert (proxy.count("/whoami"), proxy.count("/refresh")) == (1, 1)


async def test_without_a_refresh_token_one_refusal_is_enough(
    expired: Credentials, proxy: Proxy, connect: Connect
) -> None:
    client = connect(replace(expired, refresh_token=""), Keeper())
    answers = await asyncio.gather(*(whoami(client) for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [TokenRefused] * 5
    with pytest.raises(TokenRefused):
        await client.upload(b"x", "text/plain", "x.txt")
    assert (len(proxy.seen), proxy.count("/whoami")) == (5, 5)


async def test_a_server_that_refuses_every_token_is_not_asked_for_ever(
    hasty: Homeserver, proxy: Proxy, connect: Connect
) -> None:
    client = connect(await credentials(hasty), Keeper())
    proxy.when("/whoami", status(*refusal(soft_logout=True)))
    for _ in range(3):
        with pytest.raises(TokenRefused, match=r"nimmt das Token nicht an \(M_UNKNOWN_TOKEN\)"):
            await whoami(client)
    assert (proxy.count("/whoami"), proxy.count("/refresh")) == (2, 1)


async def test_a_device_that_was_removed_is_not_spared(hasty: Homeserver, connect: Connect) -> None:
    known = await credentials(hasty)
    client = connect(known, Keeper())
    await request(hasty, known.access_token, "logout")
    with pytest.raises(TokenRefused) as caught:
        await whoami(client)
    assert (caught.value.code, caught.value.device) == ("M_UNKNOWN_TOKEN", "")
    assert caught.value.token == fingerprint(known.access_token)


@pytest.mark.parametrize("code", ["M_USER_LOCKED", "M_USER_DEACTIVATED"])
async def test_a_closed_account_is_not_refreshed(
    hasty: Homeserver, proxy: Proxy, connect: Connect, code: str
) -> None:
    client = connect(await credentials(hasty), Keeper())
    proxy.when("/whoami", status(*refusal(code, soft_logout=True)))
    with pytest.raises(TokenRefused) as caught:
        await whoami(client)
    assert (caught.value.code, proxy.count("/refresh")) == (code, 0)


@pytest.mark.parametrize("body", ["<html>Authorization Required</html>", "{}", "[]"])
async def test_a_gatekeeper_before_the_server_is_not_the_server(
    hasty: Homeserver, proxy: Proxy, connect: Connect, body: str
) -> None:
    known = await credentials(hasty)
    client = connect(known, Keeper())
    proxy.when("/whoami", status(401, body), times=1)
    with pytest.raises(Unreachable):
        await whoami(client)
    assert await whoami(client) == known.device_id


@pytest.mark.parametrize(
    ("hint", "seconds"),
    [
        (None, 0.0),
        ("soon", 0.0),
        (7000, 7.0),
        (0, 0.5),
        (-5, 0.5),
        (10**400, 300.0),
        (float("inf"), 300.0),
        (float("nan"), 300.0),
    ],
)
def test_hints_are_taken_within_reason(hint: object, seconds: float) -> None:
    assert patience({"retry_after_ms": hint}) == seconds


async def test_no_error_knows_the_token(
    expired: Credentials, proxy: Proxy, connect: Connect
) -> None:
    secrets = (expired.access_token, expired.refresh_token, PASSWORD)
    client = connect(expired, Keeper())
    texts = [repr(expired), repr(client.access), repr(client), repr(vars(client))]
    for pattern, fault in (("whoami", reset), ("whoami", status(200, "{")), ("refresh", drop)):
        proxy.when(pattern, fault)
        with pytest.raises(Unreachable) as caught:
            await whoami(client)
        texts += traceback.format_exception(caught.value)
        proxy.heal()
    proxy.when("whoami", status(*refusal()))
    with pytest.raises(TokenRefused) as refused:
        await whoami(client)
    texts += traceback.format_exception(refused.value)
    assert [text for text in texts if any(secret in text for secret in secrets)] == []
