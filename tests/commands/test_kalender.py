"""The calendar file, read back by the same standard that wrote it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import update

from commands import Context
from commands.kalender import kalender
from storage.models import Course
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
