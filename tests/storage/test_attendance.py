"""Units and not dates count, rounded up; what is cancelled shrinks the base (product A.2)."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import bot
from storage import attendance, meetings
from storage.attendance import CONFIRMED, EXPORTED, REPORTED, SIGNED_OFF
from storage.models import Attendance, Course, Meeting, Person

SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
EXPECTED = tomllib.loads(SAMPLE.read_text())["erwartung"]
FIRST, NOW = date(2026, 11, 2), datetime(2026, 11, 20, tzinfo=UTC)
STATES = (SIGNED_OFF, REPORTED, CONFIRMED, EXPORTED)


def make_course(quota):
    facts = {"key": "nk", "title": "Kurs", "short_title": "Kurs", "timezone": "Europe/Berlin"}
    days = {"begins": FIRST, "ends": date(2027, 3, 1), "imported_at": NOW}
    return Course(**facts, **days, quota_percent=quota)


@st.composite
def histories(draw):
    """A course and what is known of one person in it."""
    course, dates, own = make_course(draw(st.integers(0, 100))), [], {}
    for number in range(draw(st.integers(0, 16))):
        meeting = Meeting(
            course_id=1,
            key=f"m{number}",
            kind="webinar",
            day=FIRST + timedelta(days=2 * number),
            starts=time(10),
            ends=time(11, 30),
            units=draw(st.integers(0, 8)),
            topic="Thema",
            mandatory=draw(st.booleans()),
            cancelled=draw(st.booleans()),
        )
        dates.append(meeting)
        if state := draw(st.sampled_from((None, *STATES))):
            units = 0 if state == SIGNED_OFF else draw(st.integers(0, 9))
            facts = {"course_id": 1, "person": "tn01", "meeting": meeting.key}
            own[meeting.key] = Attendance(**facts, units=units, state=state)
    return course, dates, own


@given(histories())
def test_the_account_adds_up(history):
    course, dates, own = history
    account = attendance.account_of(course, dates, own, NOW)
    counting = [m for m in dates if m.mandatory and not m.cancelled]
    assert account.total == sum(m.units for m in counting)
    share = account.total * course.quota_percent
    assert 100 * account.required >= share > 100 * (account.required - 1)
    missed = account.so_far - account.attended
    assert account.reserve == account.total - account.required - missed
    assert missed == sum(m.units - min(own[m.key].units, m.units) for m in account.missed)
    most = account.total - missed - account.announced
    assert account.best == most
    assert (account.margin >= 0) == (most >= account.required)
    assert not set(map(id, account.missed)) & set(map(id, account.absent))
    assert all(m.key not in own for m in account.unconfirmed)


@given(histories(), st.data())
def test_a_cancelled_meeting_shrinks_the_base(history, data):
    course, dates, own = history
    counting = [m for m in dates if m.mandatory and not m.cancelled]
    if not counting:
        return
    before = attendance.account_of(course, dates, own, NOW)
    gone = data.draw(st.sampled_from(counting))
    gone.cancelled = True
    after = attendance.account_of(course, dates, own, NOW)
    assert after.total == before.total - gone.units
    assert after.required <= before.required <= after.required + gone.units
    assert gone not in (*after.missed, *after.absent, *after.unconfirmed)


async def test_the_expected_values_hold(chat):
    text = SAMPLE.read_text().replace('mxid = "" ', 'mxid = "@tn16:chat.example.org"')
    await chat.imports(text.encode())
    async with chat.sessions() as db:
        people = {p.key: p for p in await db.scalars(select(Person))}
        accounts = {
            key: await attendance.account(db, chat.course, person, now=chat.now)
            for key, person in people.items()
        }
        total = meetings.units(await meetings.every(db, chat.course))
    assert (total, total + 10) == (EXPECTED["praesenz_ue"], EXPECTED["gesamt_ue"])
    assert {a.required for a in accounts.values()} == {EXPECTED["mindest_ue"]}
    assert {a.so_far for a in accounts.values()} == {EXPECTED["ue_bisher"]}
    short = {key: EXPECTED[f"{key}_ue"] for key in ("tn05", "tn09", "tn12", "tn16")}
    assert {k: a.attended for k, a in accounts.items()} == dict.fromkeys(people, 20) | short


@pytest.fixture
async def keep(chat):
    """`await keep(attendance.report, 2)`: what is kept then, and what the function said."""
    await chat.loads()

    async def kept(function, units, state=REPORTED, key="w3"):
        entry = Attendance(
            course_id=chat.course.id,
            person="tn05",
            meeting=key,
            units=units,
            state=state,
            by="@x:y",
            at=chat.now,
        )
        async with chat.sessions.begin() as db:
            result = await function(db, entry)
        async with chat.sessions() as db:
            same = (Attendance.person == "tn05", Attendance.meeting == key)
            row = await db.scalar(select(Attendance).where(*same))
            return row.units, row.state, result

    return kept


async def test_what_organisers_settled_nobody_else_changes(keep):
    assert await keep(attendance.report, 0, SIGNED_OFF) == (0, SIGNED_OFF, True)
    assert await keep(attendance.report, 2) == (2, REPORTED, True)
    assert await keep(attendance.confirm, 1) == (1, CONFIRMED, None)
    assert await keep(attendance.report, 2) == (1, CONFIRMED, False)


async def test_an_old_course_file_does_not_undo_a_correction(keep, chat):
    assert await keep(attendance.confirm, 6, key="a2") == (6, CONFIRMED, None)
    assert await chat.loads() == []
    assert await keep(attendance.report, 8, key="a2") == (6, CONFIRMED, False)
    changed = SAMPLE.read_text().replace('termin = "a2"\nue = 4', 'termin = "a2"\nue = 5')
    assert await chat.imports(changed.encode()) == ["Anwesenheit tn05 bei a2, UE: 6 → 5"]
    assert await keep(attendance.confirm, 6, key="a2") == (6, CONFIRMED, None)
