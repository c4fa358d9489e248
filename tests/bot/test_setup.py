"""Where the homeserver is, and what its answers are worth; a wrong answer is asked for again."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from bot.setup import probes
from bot.setup.dialogue import Dialogue, Mistake
from bot.tables import changed
from bot.terminal import Stop

VERSIONS = "/_matrix/client/versions"


@asynccontextmanager
async def server(**answers):
    """Answers these paths with JSON, or with a text as it is."""
    app = web.Application()
    found = TestServer(app)

    async def answer(request):
        said = answers["known" if "well-known" in request.path else "versions"]
        if said is None or (request.path.startswith("/_") and "known" in answers):
            raise web.HTTPNotFound
        return web.Response(text=said.replace("HERE", str(found.make_url("/far"))))

    app.router.add_get("/{path:.*}", answer)
    async with found:
        yield str(found.make_url("")).rstrip("/")


async def test_a_homeserver_is_found_by_its_name_or_its_address():
    async with server(versions='{"versions": ["v1.11"]}') as address:
        assert await probes.homeserver(address + "/") == address
        assert await probes.homeserver(address.removeprefix("http://")) == address
    known = '{"m.homeserver": {"base_url": "HERE/"}}'
    async with server(known=known, versions='{"versions": []}') as address:
        assert await probes.homeserver(address) == f"{address}/far"


@pytest.mark.parametrize("said", [None, "<html>", "[]", "{", '{"versions": "alle"}', "[" * 9999])
async def test_what_is_no_homeserver_is_said_to_be_none(said):
    async with server(known=said, versions=said) as address:
        with pytest.raises(Mistake, match=r"antwortet kein Matrix-Server. Adresse prüfen.$"):
            await probes.homeserver(address)


@pytest.mark.parametrize("text", ["", "https://", "file:///etc/passwd", "a b", "ä\x00", "x" * 9999])
async def test_what_is_no_address_is_a_mistake(text):
    with pytest.raises(Mistake):
        await probes.homeserver(text)


def number(text: str) -> int:
    if not text.isdecimal():
        raise Mistake("Das ist keine Zahl.")
    return int(text)


def test_a_wrong_answer_is_asked_for_again_and_a_given_one_once():
    with CliRunner().isolation("\n 7 \n") as (said, *_):
        assert Dialogue({"zahl": "x"}, asks=True).answer("zahl", "Zahl", number) == 7
        assert said.getvalue().count(b"  Das ist keine Zahl.\n") == 2
    with pytest.raises(Stop, match="--zahl: Das ist keine Zahl."):
        Dialogue({"zahl": "x"}, asks=False).answer("zahl", "Zahl", number)
    with pytest.raises(Stop, match="--zahl fehlt: Zahl"):
        Dialogue({}, asks=False).answer("zahl", "Zahl", number)
    assert Dialogue({}, asks=False).answer("zahl", "Zahl", number, default="3") == 3


def test_values_change_and_comments_stay():
    text = '# a = 1\n[eins]  # erste\na = 1\nb.a = 2\n\n[[zwei]]\na = "x"\n'
    values = {"eins": {"a": 'n"eu\\'}, "zwei": {"a": 5}, "drei": {"a": 0}}
    wanted = '# a = 1\n[eins]  # erste\na = "n\\"eu\\\\"\nb.a = 2\n\n[[zwei]]\na = 5\n'
    assert changed(text, values) == wanted
