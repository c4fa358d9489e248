"""The calendar file, read back by the same standard that wrote it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from commands import Context
from commands.kalender import kalender
from storage import facts, outbox, subscriptions
from storage.models import Course, Subscription
from storage.replies import TALK

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def fetched(cohort):
    """The reply to !kalender, with its file parsed."""

    async def fetch():
        async with cohort.sessions.begin() as db:
            course = await db.get(Course, 1)
            ctx = Context(db, course, cohort.now, cohort.now, TALK, "!r", "@a:b", "$e")
            reply = await kalender.run(ctx)
        return reply, Calendar.from_ical(reply.file.data)

    return fetch


async def test_every_date_is_an_event_in_local_time(fetched):
    reply, file = await fetched()
    assert reply.file.name == "nk-2026-2.ics"
    assert reply.file.mimetype == "text/calendar"
    events = {str(event["UID"]): event for event in file.walk("VEVENT")}
    assert len(events) == 14
    w4 = events["w4@nk-2026-2.kursbot"]
    assert w4.decoded("DTSTART") == datetime(2026, 12, 2, 10, 0, tzinfo=BERLIN)
    assert w4.decoded("DTEND") == datetime(2026, 12, 2, 11, 30, tzinfo=BERLIN)
    assert w4.decoded("DTSTAMP") == datetime.fromisoformat("2026-11-24T14:00:00+00:00")
    assert w4["SUMMARY"] == "Webinar 4: Tools für die tägliche Arbeit"
    assert w4["SEQUENCE"] == 0
    assert w4["STATUS"] == "CONFIRMED"
    assert file["METHOD"] == "PUBLISH"
    assert file["X-WR-CALNAME"] == "Netzwerkkoordination"
    assert [str(zone["TZID"]) for zone in file.walk("VTIMEZONE")] == ["Europe/Berlin"]


async def test_the_file_holds_no_access(fetched):
    reply, _ = await fetched()
    assert b"video.example.org" not in reply.file.data
    assert b"4711" not in reply.file.data


async def test_a_change_updates_the_same_entry(fetched, change):
    await change(key="w4", day=date(2026, 12, 3), starts=time(14), sequence=2)
    await change(key="w6", cancelled=True, sequence=1)
    _, file = await fetched()
    events = {str(event["UID"]): event for event in file.walk("VEVENT")}
    w4, w6 = events["w4@nk-2026-2.kursbot"], events["w6@nk-2026-2.kursbot"]
    assert w4["SEQUENCE"] == 2
    assert w4.decoded("DTSTART") == datetime(2026, 12, 3, 14, 0, tzinfo=BERLIN)
    assert (w6["STATUS"], w6["SEQUENCE"]) == ("CANCELLED", 1)


async def test_the_zone_knows_both_clock_changes(fetched, change):
    await change(key="z2", day=date(2027, 4, 7))
    _, file = await fetched()
    (zone,) = file.walk("VTIMEZONE")
    berlin = zone.to_tz()
    for day in (datetime(2026, 10, 24, 10), datetime(2026, 10, 26, 10), datetime(2027, 4, 7, 10)):
        expected = day.replace(tzinfo=BERLIN).utcoffset()
        assert day.replace(tzinfo=berlin).utcoffset() == expected
    assert expected == timedelta(hours=2)


async def test_text_cannot_break_out_of_its_line(fetched, change):
    evil = 'Komma, Strichpunkt; "Zitat" \\ \nEND:VEVENT\nATTACH:http://evil.example ' + "ä" * 200
    await change(key="w3", topic=evil)
    reply, file = await fetched()
    assert len(file.walk("VEVENT")) == 14
    assert all("ATTACH" not in event for event in file.walk("VEVENT"))
    assert max(map(len, reply.file.data.split(b"\r\n"))) <= 75
    summaries = [str(event["SUMMARY"]) for event in file.walk("VEVENT")]
    assert f"Webinar 3: {evil}" in summaries


@pytest.mark.parametrize(
    ("key", "name"),
    [("nk/../x y", "nk-x-y.ics"), ("ä", "kurs.ics"), ("k" * 80, "k" * 60 + ".ics")],
)
async def test_the_file_name_is_harmless(cohort, fetched, key, name):
    async with cohort.sessions.begin() as db:
        await db.execute(update(Course).values(key=key))
    reply, _ = await fetched()
    assert reply.file.name == name


ADDRESS = "https://kurs.example.org"


@pytest.fixture
async def web(cohort):
    """The sample course, of which calendars can be subscribed to."""
    async with cohort.sessions.begin() as db:
        await facts.put(db, subscriptions.ADDRESS, ADDRESS)
    return cohort


async def subscribed(chat, url):
    """The course that an address gives the dates of."""
    token = url.removeprefix(f"{ADDRESS}/kalender/").removesuffix(".ics")
    async with chat.sessions() as db:
        course = await subscriptions.course_of(db, token)
        return course and course.key


async def test_an_address_of_ones_own_can_be_revoked(web):
    first, second = [(await web.says("!kalender abo")).splitlines()[1] for _ in range(2)]
    other = (await web.says("!kalender abo", by="tn03")).splitlines()[1]
    assert [await subscribed(web, url) for url in (first, second, other)] == [
        None,
        "nk-2026-2",
        "nk-2026-2",
    ]
    assert await web.says("!kalender abo weg") == "Die Adresse gilt nicht mehr. Neu: !kalender abo"
    assert await web.says("!kalender abo weg") == "Es gibt keine Adresse. Neu: !kalender abo"
    assert [await subscribed(web, url) for url in (second, other)] == [None, "nk-2026-2"]


async def test_an_address_is_secret(web):
    assert await web.says("!kalender abo", place="austausch") == (
        "Das geht nur unter vier Augen: bitte mir direkt !kalender abo schreiben."
    )
    answer = await web.says("!kalender abo")
    assert answer.startswith("Eigene Adresse für ein Kalender-Abo, Änderungen kommen von selbst:")
    token = answer.splitlines()[1].rpartition("/")[2].removesuffix(".ics")
    async with web.sessions() as db:
        rows = [str(row.content) for row in await outbox.every(db)]
        rows += [row.digest for row in await db.scalars(select(Subscription))]
    assert not any(token in row for row in rows)


async def test_without_the_endpoint_nothing_is_promised(cohort):
    assert await cohort.says("!kalender abo") == (
        "Ein Kalender-Abo gibt es hier nicht. Alle Termine als Datei: !kalender"
    )
