"""One event that cannot be read does not make the answer around it unreadable."""

import json
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.matrix.access import Access, Credentials
from bot.matrix.client import Client
from bot.matrix.history import ATTEMPTS, History
from bot.matrix.reading import DEEPEST, parse, token
from bot.obstacles import Broken, Unreachable
from tests.matrix.fake_homeserver import FakeHomeserver, serving
from tests.matrix.proxy import Proxy, Upstream, running, status

ROOM = "!a:fake"
GAP = {"limited": True, "prev_batch": "p", "events": [{"type": "shown"}]}


def nested(levels: int) -> str:
    return '{"a":[' * levels + "1" + "]}" * levels


@pytest.mark.parametrize("levels", [40, 1_000, 30_000])
def test_what_is_too_deep_is_cut_off_and_the_rest_is_there(levels: int) -> None:
    text = f'{{"bad": {nested(levels)}, "quote": "[[[\\"{{", "next_batch": "s1"}}'
    found = parse(text.encode())
    deep, depth = found.pop("bad"), 0
    assert found == {"quote": '[[["{', "next_batch": "s1"}
    while isinstance(deep, dict | list):
        deep, depth = deep["a"] if isinstance(deep, dict) else deep[0], depth + 1
    assert (deep, depth) == ((1, 80) if levels == 40 else (None, DEEPEST - 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"12345678901234567890", 12345678901234567890),
        (b"-1" + b"0" * 5_000, -math.inf),
        (b"1e999", math.inf),
        (b'"\xff"', "\ufffd"),
        (b'"\\ud800"', "\ud800"),
    ],
)
def test_odd_values_are_read(text: bytes, value: object) -> None:
    assert parse(b'{"a": ' + text + b"}") == {"a": value}


@pytest.mark.parametrize("text", [b" ", b"<html>", b'{"a": ', b"[" * 100_000, b"\xff\xfe{}"])
def test_what_is_no_json_is_an_error(text: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse(text)


def test_only_an_object_is_an_answer() -> None:
    assert [parse(text) for text in (b"null", b"[1]", b'"a"', b"7")] == [{}] * 4


def test_a_token_can_go_into_an_address_and_the_database() -> None:
    names = ["s1_2~3", "", "\ud800", "ä", "a\nb", None, 7, ["s1"]]
    assert [token(name) for name in names] == ["s1_2~3", *[""] * 7]


@pytest.fixture
async def server() -> AsyncIterator[FakeHomeserver]:
    async with serving() as server:
        yield server


@pytest.fixture
async def proxy(server: FakeHomeserver) -> AsyncIterator[Proxy]:
    async with running(server.base_url) as proxy:
        yield proxy


@pytest.fixture
async def history(proxy: Proxy) -> AsyncIterator[History]:
    access = Access(Credentials("token", "DEVICE"), lambda _: None)
    client = Client(proxy.base_url, "@kursbot:fake", access)
    yield History(client)
    await client.close()


async def types(history: History, timeline: dict[str, Any], joining: bool = False) -> list[str]:
    pages = history.pages(ROOM, "s1", timeline, joining)
    return [event["type"] async for page in pages for event in page]


def page(kind: str, end: object) -> bytes:
    return json.dumps({"chunk": [{"type": kind}], "end": end}).encode()


async def test_a_gap_is_read_page_by_page(history: History, server: FakeHomeserver) -> None:
    server.pages += [page("a", "t1"), page("b", "t2")]
    assert await types(history, GAP) == ["a", "b", "shown"]
    assert [line.partition("?")[2] for _, line in server.requests] == [
        f"limit=100&dir=f&from={start}&to=p" for start in ("s1", "t1", "t2")
    ]


@pytest.mark.parametrize("end", ["s1", None, 7, "\ud800", {}])
async def test_a_page_that_leads_nowhere_is_the_last(
    history: History, server: FakeHomeserver, end: object
) -> None:
    server.pages += [page("a", end)] * 5
    assert await types(history, GAP) == ["a", "shown"]
    assert await types(history, GAP, joining=True) == []


async def test_a_gap_without_an_end_reaches_up_to_now(
    history: History, server: FakeHomeserver
) -> None:
    assert await types(history, GAP | {"prev_batch": None}) == ["shown"]
    assert [line.partition("?")[2] for _, line in server.requests] == ["limit=100&dir=f&from=s1"]


async def test_a_gap_that_ends_in_trouble_was_worth_reading(
    history: History, server: FakeHomeserver, proxy: Proxy
) -> None:
    server.pages += [page("a", "t1")]
    proxy.when("from=t1", status(403, '{"errcode": "M_FORBIDDEN"}'))
    assert await types(history, GAP) == ["a", "shown"]


async def test_a_closed_past_is_let_go_at_once(history: History, proxy: Proxy) -> None:
    for code in (400, 403, 404, 413):
        proxy.when("/messages", status(code, '{"errcode": "M_FORBIDDEN"}'))
        assert await types(history, GAP) == ["shown"]
        assert await types(history, GAP, joining=True) == []


@pytest.mark.parametrize(("code", "error"), [(500, Broken), (502, Unreachable)])
async def test_a_past_that_cannot_be_had_holds_up_the_rooms_for_a_while(
    history: History, proxy: Proxy, code: int, error: type[Exception]
) -> None:
    proxy.when("/messages", status(code, "{}"))
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(error):
            await types(history, GAP)
    assert await types(history, GAP) == ["shown"]
    with pytest.raises(error):
        await types(history, GAP)
    proxy.heal()
    assert await types(history, GAP) == ["shown"]


async def endless(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
    """A fault: an answer that goes on for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(2**20))


async def test_an_answer_without_an_end_is_cut_short(history: History, proxy: Proxy) -> None:
    proxy.when("/messages", endless)
    with pytest.raises(Unreachable, match="ValueError"):
        await types(history, GAP)
