"""What organisers see of a meeting, who is asked afterwards, and whose units run short."""

import pytest
from sqlalchemy import update

from storage import occurrences, shortage
from storage.models import Attendance, Meeting, Person
from storage.replies import ORGA

ASKED = (
    "Webinar 3 (Öffentlichkeitsarbeit) ohne Check-in. Dabei gewesen?\n"
    "Antwort: „war da“ oder „war nicht da“. Einen Grund brauche ich nicht."
)


@pytest.fixture
async def morning(chat):
    """Webinar 3: thirteen are there, one signed off, one has no account, one says nothing."""
    await chat.loads()
    await chat.clock_strikes("2026-11-24 17:00")
    await chat.says("bin morgen krank", by="tn06")
    await chat.says("ja", by="tn06")
    await chat.clock_strikes("2026-11-25 09:45")
    chat.at("2026-11-25 10:02")
    for number in range(1, 16):
        if number not in (6, 10):
            await chat.says("da", by=f"tn{number:02}")
    return chat


async def strikes(chat, now):
    before = len(chat.said)
    await chat.clock_strikes(now)
    return [(s.room if s.room[0] == "@" else chat.place_of(s), s.body) for s in chat.said[before:]]


async def test_the_list_five_minutes_after_check_in(morning):
    assert await strikes(morning, "2026-11-25 10:34:59") == []
    text = "Webinar 3, Mi 25.11.: Check-in 13 von 16. Abgemeldet: tn06. Ohne Meldung: tn10, tn16."
    assert await strikes(morning, "2026-11-25 10:35") == [(ORGA, text)]
    assert morning.said[-1].content["msgtype"] == "m.notice"
    assert await strikes(morning, "2026-11-25 10:36") == []


async def test_who_said_nothing_is_asked_once_and_alone(morning):
    await morning.clock_strikes("2026-11-25 11:59")
    asked = [("@tn10:chat.example.org", ASKED)]
    assert await strikes(morning, "2026-11-25 12:00") == asked
    assert await strikes(morning, "2026-11-25 12:01") == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [("war da", "Check-in vergessen"), ("ja", "Check-in vergessen"), ("war nicht da", "ohne Teil")],
)
async def test_the_answer_is_kept_and_forgotten_check_ins_are_noted(morning, answer, told):
    await morning.clock_strikes("2026-11-25 12:00")
    morning.at("2026-11-25 17:00")
    assert told in await morning.says(answer, by="tn10")
    noted = [s.body for s in morning.said if morning.place_of(s) == ORGA and "tn10 (" in s.body]
    assert len(noted) == (told == "Check-in vergessen")


async def test_a_cancelled_meeting_has_no_list(morning):
    async with morning.sessions.begin() as db:
        await db.execute(update(Meeting).where(Meeting.key == "w3").values(cancelled=True))
        await occurrences.plan(db, morning.course, morning.now)
    assert await strikes(morning, "2026-11-25 12:00") == []


async def test_organisers_hear_before_it_is_too_late_once_per_step(chat):
    """tn16 has no reserve left from the start; tn09 signs off again and again."""
    await chat.loads()
    head = "Anwesenheit wird knapp (Zwischenstand, Selbstauskünfte eingerechnet)\n"
    foot = "\nNötig sind 36 von 44 UE. Verbindlich entscheidet die IHK."
    tight = "Nicht mehr erreichbar, wenn auch {} verpasst wird: {}"
    lost = "Voraussichtlich schon nicht mehr erreichbar: {}"
    said = []
    for day, meeting in (("11-24", 25), ("12-01", 2), ("12-08", 9), ("12-15", 16), ("01-12", 13)):
        year = 2027 if day == "01-12" else 2026
        found = await strikes(chat, f"{year}-{day} 17:00")
        said += [body for _, body in found if body.startswith("Anwesenheit")]
        await chat.says(f"!abmelden {meeting}.{'01' if year == 2027 else day[:2]}.", by="tn09")
        await chat.says("ja", by="tn09")
    assert said == [
        head + tight.format("Mi 25.11.", "tn16 (Reserve 0 UE)") + foot,
        head + tight.format("Mi 16.12.", "tn09 (Reserve 0 UE)") + foot,
        head + lost.format("tn09 (es fehlen 2 UE)") + foot,
    ]
    found = await strikes(chat, "2027-01-19 17:00")
    assert [body for _, body in found if body.startswith("Anwesenheit")] == []


async def test_who_is_safe_again_may_be_told_of_again(chat):
    await chat.loads()

    async def heard(units):
        async with chat.sessions.begin() as db:
            entry = (Attendance.person == "tn16", Attendance.meeting == "a1")
            await db.execute(update(Attendance).where(*entry).values(units=units))
            coming = next(
                m for m in await shortage.meetings.every(db, chat.course) if m.key == "w3"
            )
            found = await shortage.news(db, chat.course, coming, chat.now)
            return [(s.person.key, s.step, s.margin) for s in found]

    assert await heard(0) == [("tn16", shortage.TIGHT, 0)]
    assert await heard(0) == []
    assert await heard(8) == []
    assert await heard(1) == [("tn16", shortage.TIGHT, 1)]


async def test_silence_counts_only_where_others_checked_in(chat):
    await chat.loads()
    async with chat.sessions.begin() as db:
        await db.execute(update(Person).values(warned=0))
    chat.at("2026-12-09 09:00")
    async with chat.sessions.begin() as db:
        coming = next(m for m in await shortage.meetings.every(db, chat.course) if m.key == "w5")
        found = await shortage.news(db, chat.course, coming, chat.now)
        assert [s.person.key for s in found] == ["tn16"]
        for key in ("w3", "w4"):
            facts = {"course_id": chat.course.id, "person": "tn01", "meeting": key}
            db.add(Attendance(**facts, units=2, state="selbst"))
        await db.flush()
        found = await shortage.news(db, chat.course, coming, chat.now)
        assert [(s.person.key, s.step) for s in found] == [
            ("tn05", shortage.TIGHT),
            ("tn16", shortage.LOST),
        ]
