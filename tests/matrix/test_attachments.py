"""Files of a homeserver that may be anything: as many bytes as wanted, and from nowhere else."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from nio.crypto.attachments import encrypt_attachment

from bot.files import Damaged, TooLarge
from bot.matrix.access import Access, Credentials
from bot.matrix.attachments import Fetcher, source
from bot.matrix.client import DOWNLOAD, Client
from bot.obstacles import Forbidden, Unreachable

PLAIN = {"url": "mxc://fake/plain", "info": {"mimetype": "text/csv", "size": 4}}
DATA = b"Netzwerk;Konto\n"
SEALED, KEYS = encrypt_attachment(DATA)


@pytest.fixture
async def asked() -> list[str]:
    return []


@pytest.fixture
async def fetcher(asked: list[str]) -> AsyncIterator[Fetcher]:
    """It serves what the address says, and writes down what it was asked for."""

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(f"{request.path} {request.headers['Authorization']}")
        match request.path.rpartition("/")[2]:
            case "gone":
                return web.json_response({"errcode": "M_NOT_FOUND"}, status=404)
            case "elsewhere":
                return web.Response(status=307, headers={"Location": "http://127.0.0.1:1/x"})
            case "sealed":
                return web.Response(body=SEALED)
            case "large":
                return web.Response(body=b"x" * 2_000)
        response = web.StreamResponse()  # without saying how long it is
        await response.prepare(request)
        for _ in range(2 if request.path.endswith("plain") else 10_000):
            await response.write(b"ab" * 100)
        return response

    runner = web.ServerRunner(web.Server(serve))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    access = Access(Credentials("token", "DEVICE"), lambda _: None)
    client = Client(f"http://127.0.0.1:{runner.addresses[0][1]}", "@kursbot:fake", access)
    yield Fetcher(client)
    await client.close()
    await runner.shutdown()
    await runner.cleanup()


async def test_a_file_comes_with_our_token_from_our_server(fetcher, asked):
    assert await fetcher.fetch(PLAIN, 400) == b"ab" * 200
    assert asked == [f"{DOWNLOAD}/fake/plain Bearer token"]


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("plain", TooLarge),
        ("large", TooLarge),
        ("endless", TooLarge),
        ("gone", Forbidden),
        ("elsewhere", Unreachable),
    ],
)
async def test_what_is_too_large_gone_or_elsewhere_does_not_come(fetcher, asked, name, trouble):
    with pytest.raises(trouble):
        await fetcher.fetch({"url": f"mxc://fake/{name}", "info": {}}, 399)
    assert len(asked) == 1


async def test_an_encrypted_file_is_opened_if_it_is_the_one_that_was_meant(fetcher):
    file = {**KEYS, "url": "mxc://fake/sealed"}
    told = source({"file": file, "info": {"mimetype": "x y", "size": -1}, "url": "mxc://a/b"})
    assert told is not None
    assert told["info"] == {"mimetype": "application/octet-stream"}
    assert await fetcher.fetch(told, 999) == DATA
    told["file"]["hashes"]["sha256"] = "A" * 43
    with pytest.raises(Damaged):
        await fetcher.fetch(told, 999)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"url": None},
        {"url": "https://example.org/x"},
        {"url": "mxc://fake/../../_synapse/admin"},
        {"url": "mxc://fake/a?b=c#d"},
        {"url": "mxc://fa ke/a"},
        {"url": "mxc://fake/" + "a" * 999},
        {"url": "mxc://fake/good", "file": {}},
        {"file": {"url": "mxc://fake/a", "key": [], "hashes": {}, "iv": 1}},
        {"file": {**KEYS, "url": "file:///etc/passwd"}},
        {"file": {**KEYS, "url": "mxc://fake/a", "iv": "\0" * 20}},
    ],
)
def test_what_is_no_address_is_no_file(content):
    assert source(content) is None
