"""What calendar programs get, and what nobody gets."""

import asyncio
import contextlib
import socket

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from icalendar import Calendar
from sqlalchemy import update

from bot import web
from storage import facts, subscriptions
from storage.models import Meeting, Person


@pytest.fixture
async def client(chat):
    await chat.loads()
    application = web.calendar(chat.sessions, lambda: chat.now)
    async with TestClient(TestServer(application)) as client:
        yield client


@pytest.fixture
async def path(client, chat):
    """Where somebody's dates are, as the bot tells them."""
    async with chat.sessions.begin() as db:
        await facts.put(db, subscriptions.ADDRESS, "https://kurs.example.org")
    address = (await chat.says("!kalender abo")).splitlines()[1]
    return address.removeprefix("https://kurs.example.org")


async def changed(chat, table, key, **values):
    async with chat.sessions.begin() as db:
        await db.execute(update(table).where(table.key == key).values(**values))


async def test_it_has_all_dates_and_no_access_link(client, path):
    answer = await client.get(path)
    assert (answer.status, answer.content_type) == (200, "text/calendar")
    data = await answer.read()
    events = Calendar.from_ical(data).walk("VEVENT")
    assert len(events) == 14
    assert b"https://video" not in data


async def test_it_follows_the_programme(client, path, chat):
    before = await client.get(path)
    moved = {"topic": "Werkzeuge", "sequence": 1}
    await changed(chat, Meeting, "w4", **moved)
    after = await client.get(path)
    found = {str(e["UID"]): e for e in Calendar.from_ical(await after.read()).walk("VEVENT")}
    assert found["w4@nk-2026-2.kursbot"]["SUMMARY"] == "Webinar 4: Werkzeuge"
    assert found["w4@nk-2026-2.kursbot"]["SEQUENCE"] == 1
    assert before.headers["ETag"] != after.headers["ETag"]


async def test_an_address_that_was_revoked_or_whose_person_has_left_is_void(client, path, chat):
    await changed(chat, Person, "tn02", status="ausgeschieden")
    assert (await client.get(path)).status == 404
    await changed(chat, Person, "tn02", status="aktiv")
    assert (await client.get(path)).status == 200
    await chat.says("!kalender abo weg")
    assert (await client.get(path)).status == 404


@pytest.mark.parametrize(
    "asked",
    ["/", "/kalender/", "/kalender/x.ics", "/kalender/' OR 1=1.ics", "/kalender/..%2F..%2Fx.ics"]
    + ["/kalender/" + "x" * 5000 + ".ics", "/healthz", "/kalender/%00.ics"],
)
async def test_everything_else_is_not_there(client, asked):
    assert (await client.get(asked)).status == 404


async def test_it_only_answers_questions(client, path):
    assert (await client.post(path, data="x")).status == 405
    assert (await client.head(path)).status == 200


async def test_it_listens_where_it_is_told(chat):
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    pages = web.calendar(chat.sessions, lambda: chat.now)
    serving = asyncio.create_task(web.serve(place, pages))
    try:
        async with asyncio.timeout(10), aiohttp.ClientSession(f"http://{place}") as http:
            while not serving.done():
                with contextlib.suppress(aiohttp.ClientConnectorError):
                    assert (await http.get("/kalender/x.ics")).status == 404
                    return
        await serving
    finally:
        serving.cancel()
