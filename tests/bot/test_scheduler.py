"""Each occurrence happens exactly once, or is left out and told; whatever the bot goes through."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

import schedules
from bot import scheduler, striking
from schedules import Context, Schedule, schedule
from storage import courses, database, occurrences, outbox
from storage.models import (
    Course,
    Meeting,
    Occurrence,
    OutgoingMessage,
    Person,
    Poll,
    Room,
    Rule,
    Topic,
)
from storage.replies import INFO, ORGA, TALK, Post
from tests import databases

WEDNESDAY = date(2026, 12, 2)


@dataclass
class Clockwork:
    """A course whose clock strikes when told to."""

    sessions: database.Sessions
    course: Course
    known: dict[str, Schedule] = field(default_factory=schedules.discover)

    def moment(self, text):
        return datetime.fromisoformat(text).replace(tzinfo=self.course.zone)

    async def plans(self, now="2026-11-01 12:00"):
        async with self.sessions.begin() as db:
            await occurrences.plan(db, self.course, self.moment(now))

    async def strikes(self, now):
        """What is new in the outbox: room and first line."""
        await striking.strike(self.sessions, self.known, self.moment(now))
        return [(m.room_id, m.content["body"].partition("\n")[0]) for m in await self.delivers()]

    async def delivers(self):
        async with self.sessions.begin() as db:
            waiting = await outbox.waiting(db)
            for message in waiting:
                await outbox.mark(db, message, outbox.SENT, f"${message.id}")
        return waiting

    async def states(self):
        async with self.sessions.begin() as db:
            rows = await db.scalars(select(Occurrence).order_by(Occurrence.due, Occurrence.id))
            return {row.schedule: row.state for row in rows}

    async def changes(self, model, **values):
        """The same change to every row of a kind."""
        async with self.sessions.begin() as db:
            for row in await db.scalars(select(model)):
                for name, value in values.items():
                    setattr(row, name, value)

    async def keeps(self, *rows):
        async with self.sessions.begin() as db:
            db.add_all(rows)

    async def count(self, model):
        async with self.sessions.begin() as db:
            return await db.scalar(select(func.count()).select_from(model))


def rules(course):
    here = {"course_id": course.id}
    return (
        Rule(**here, key="impuls", room=TALK, push=True, weekday=0, clock=time(9)),
        Rule(**here, key="vortag", room=INFO, push=True, days=-1, clock=time(14)),
        Rule(**here, key="gleich", room=INFO, push=True, minutes=-15),
        Rule(**here, key="feedback", room=TALK, push=True, minutes_after_end=10),
        Rule(**here, key="material-fehlt", room=ORGA, push=True, days=1, clock=time(10)),
        Rule(**here, key="wochenrueckblick", room=TALK, push=False, weekday=4, clock=time(13)),
    )


def webinar(course, number, day):
    return Meeting(
        course_id=course.id,
        kind="webinar",
        key=f"w{number}",
        number=number,
        day=day,
        starts=time(10),
        ends=time(11, 30),
        units=2,
        topic="Tools",
        link=f"https://video.example.org/w{number}",
    )


async def built(sessions, key="nk"):
    async with sessions.begin() as db:
        course = Course(
            key=key,
            title="Kurs",
            short_title="Kurs",
            timezone="Europe/Berlin",
            begins=date(2026, 11, 2),
            ends=date(2027, 2, 9),
            quiet_from=time(18),
            quiet_until=time(7, 30),
            imported_at=datetime(2026, 10, 1, tzinfo=UTC),
        )
        db.add(course)
        await db.flush()
        db.add_all(rules(course))
        db.add(webinar(course, 4, WEDNESDAY))
        for kind in (INFO, TALK, ORGA):
            alias = f"#{kind}:example.org"
            db.add(Room(course_id=course.id, kind=kind, address=alias, room_id=f"!{key}-{kind}"))
    return Clockwork(sessions, course)


@pytest.fixture
async def clockwork(tmp_path):
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as sessions:
        made = await built(sessions)
        await made.plans()
        yield made


async def test_a_week_strikes_when_it_is_due_and_only_then(clockwork):
    assert await clockwork.strikes("2026-11-30 08:59:59") == []
    assert await clockwork.strikes("2026-11-30 09:00:00") == [
        ("!nk-austausch", "Diese Woche: Tools. Das Webinar ist am Mi 02.12., 10:00 bis 11:30 Uhr. "
         "Fragen und Wünsche dazu gern schon hier.")
    ]  # fmt: skip
    assert await clockwork.strikes("2026-11-30 09:00:00") == []
    assert await clockwork.strikes("2026-12-01 14:00:00") == [
        ("!nk-ankuendigungen", "Morgen, Mi 02.12., 10:00 bis 11:30 Uhr: Tools")
    ]
    assert await clockwork.strikes("2026-12-02 09:45:00") == [
        ("!nk-ankuendigungen", "Gleich geht es los, 10:00 Uhr: Tools")
    ]
    assert [room for room, _ in await clockwork.strikes("2026-12-02 11:40")] == ["!nk-austausch"]
    assert [room for room, _ in await clockwork.strikes("2026-12-03 10:00")] == ["!nk-orga"]
    assert await clockwork.strikes("2026-12-04 13:00") == [
        ("!nk-austausch", "Wochenrückblick 4: Thema war Tools.")
    ]
    ended = [row for row in (await clockwork.states()).items() if row[1] != "gesendet"]
    assert ended == [("feedback_auswertung", "vorbei")]  # nobody answered


async def test_reminders_notify_and_digests_do_not(clockwork):
    await striking.strike(clockwork.sessions, clockwork.known, clockwork.moment("2026-11-30 09:00"))
    (reminder,) = await clockwork.delivers()
    assert (reminder.cause, reminder.type) == (
        "impuls/nk/2026-W49/2026-11-30T09:00",
        "m.room.message",
    )
    assert reminder.content["msgtype"] == "m.text"
    assert reminder.content["m.mentions"] == {}
    assert reminder.expires == clockwork.moment("2026-12-02 10:00")
    await clockwork.strikes("2026-12-03 10:00")
    await striking.strike(clockwork.sessions, clockwork.known, clockwork.moment("2026-12-04 13:00"))
    (digest,) = await clockwork.delivers()
    assert digest.content["msgtype"] == "m.notice"


async def test_after_a_short_absence_nobody_is_told(clockwork):
    await clockwork.strikes("2026-12-01 14:00")
    assert await clockwork.strikes("2026-12-02 09:55") == [
        ("!nk-ankuendigungen", "Gleich geht es los, 10:00 Uhr: Tools")
    ]


async def test_a_late_reminder_says_today_and_is_reported(clockwork):
    await clockwork.strikes("2026-11-30 09:00")
    assert await clockwork.strikes("2026-12-02 08:10") == [
        ("!nk-ankuendigungen", "Heute, Mi 02.12., 10:00 bis 11:30 Uhr: Tools"),
        ("!nk-orga", "Nachgeholt: „Hinweis am Vortag“ zu Webinar 4 (Di 01.12., 14:00 Uhr)."),
    ]


async def test_what_came_too_late_is_left_out_and_told_once(clockwork):
    await clockwork.strikes("2026-12-01 14:00")
    assert await clockwork.strikes("2026-12-02 10:00") == [
        (
            "!nk-orga",
            "Ausgelassen: „Gleich geht es los“ zu Webinar 4 (Mi 02.12., 09:45 Uhr), "
            "weil es bis Mi 02.12., 10:00 Uhr nicht möglich war.",
        )
    ]
    assert await clockwork.strikes("2026-12-02 10:00") == []
    assert (await clockwork.states())["gleich"] == "ausgelassen"


async def test_a_long_absence_is_one_line(clockwork):
    assert await clockwork.strikes("2026-12-02 12:00") == [
        (
            "!nk-austausch",
            "Danke fürs Mitmachen bei Webinar 4! Rückmeldung in zehn Sekunden: mir direkt eine "
            "Zahl schreiben, 1 = sehr hilfreich, 5 = gar nicht hilfreich, gern mit einem Satz "
            "dazu.",
        ),
        (
            "!nk-orga",
            "Nachgeholt: „Frage nach Rückmeldung“ zu Webinar 4 (Mi 02.12., 11:40 Uhr); "
            "ausgelassen: „Impuls der Woche“ zu Webinar 4 (Mo 30.11., 09:00 Uhr), "
            "„Hinweis am Vortag“ zu Webinar 4 (Di 01.12., 14:00 Uhr), "
            "„Gleich geht es los“ zu Webinar 4 (Mi 02.12., 09:45 Uhr).",
        ),
    ]


async def test_a_very_long_absence_is_still_one_short_line(clockwork):
    for week in range(1, 6):
        day = WEDNESDAY + timedelta(weeks=week)
        await clockwork.keeps(webinar(clockwork.course, 4 + week, day))
    await clockwork.plans()
    ((room, text),) = await clockwork.strikes("2027-02-01 12:00")
    assert room == "!nk-orga"
    assert text == (
        "Ausgelassen: „Impuls der Woche“ zu Webinar 4 (Mo 30.11., 09:00 Uhr), "
        "„Hinweis am Vortag“ zu Webinar 4 (Di 01.12., 14:00 Uhr), "
        "„Gleich geht es los“ zu Webinar 4 (Mi 02.12., 09:45 Uhr), "
        "„Frage nach Rückmeldung“ zu Webinar 4 (Mi 02.12., 11:40 Uhr) und 38 weitere, "
        "weil es dafür zu spät war."
    )


async def test_a_restart_forgets_and_repeats_nothing(tmp_path):
    said = []
    for now in ("2026-11-30 09:00", "2026-11-30 09:00", "2026-12-01 13:59", "2026-12-01 14:00"):
        async with database.opened(databases.of(tmp_path / "kursbot.db")) as sessions:
            async with sessions.begin() as db:
                course = await courses.by_key(db, "nk")
            clockwork = Clockwork(sessions, course) if course else await built(sessions)
            await clockwork.plans("2026-11-01 12:00" if course is None else now)
            said.append(len(await clockwork.strikes(now)))
    assert said == [1, 0, 0, 1]


async def test_courses_are_told_apart(clockwork):
    other = await built(clockwork.sessions, "mk")
    await other.plans()
    await clockwork.strikes("2026-12-01 14:00")
    rooms = [room for room, _ in await clockwork.strikes("2026-12-02 10:00")]
    assert rooms == ["!nk-orga", "!mk-orga"]


@schedule("Wählerisch", foretold=True)
async def picky(ctx: Context) -> str:
    if ctx.course.key == "k03":
        raise LookupError(ctx.course.key)
    return f"Guten Morgen, {ctx.course.key}!"


async def test_who_cannot_be_told_takes_nothing_from_those_told_with_them(clockwork):
    clockwork.known |= {"gleich": picky}
    await clockwork.changes(Occurrence, state="vorbei")
    for number in range(2 * striking.GROUP + 1):
        await (await built(clockwork.sessions, f"k{number:02}")).plans("2026-12-01 15:00")
    async with clockwork.sessions.begin() as db:
        unknown = update(Room).where(Room.room_id == "!k07-ankuendigungen").values(room_id=None)
        await db.execute(unknown)
    said = await clockwork.strikes("2026-12-02 09:45")
    told = [n for n in range(2 * striking.GROUP + 1) if n not in (3, 7)]
    assert said == [(f"!k{n:02}-ankuendigungen", f"Guten Morgen, k{n:02}!") for n in told]
    assert await clockwork.strikes("2026-12-02 09:46") == []
    await clockwork.changes(Room, room_id="!da")
    assert await clockwork.strikes("2026-12-02 09:47") == [("!da", "Guten Morgen, k07!")]


async def test_an_unknown_room_is_waited_for(clockwork):
    await clockwork.changes(Room, room_id=None)
    assert await clockwork.strikes("2026-11-30 09:00") == []
    await clockwork.changes(Room, room_id="!room")
    assert len(await clockwork.strikes("2026-11-30 09:05")) == 1


async def test_a_room_that_never_comes_is_told(clockwork):
    async with clockwork.sessions.begin() as db:
        info = (await db.scalars(select(Room).where(Room.kind == INFO))).one()
        info.room_id = None
    await clockwork.strikes("2026-11-30 09:00")
    assert await clockwork.strikes("2026-12-01 14:00") == []
    await clockwork.strikes("2026-12-02 09:45")
    assert await clockwork.strikes("2026-12-02 10:00") == [
        (
            "!nk-orga",
            "Ausgelassen: „Hinweis am Vortag“ zu Webinar 4 (Di 01.12., 14:00 Uhr), "
            "„Gleich geht es los“ zu Webinar 4 (Mi 02.12., 09:45 Uhr), weil ich im Raum "
            "Ankündigungen nicht dabei war. Bitte mich dorthin einladen.",
        )
    ]


async def test_nothing_is_given_up_before_the_organisers_can_be_told(clockwork):
    await clockwork.changes(Room, room_id=None)
    assert await clockwork.strikes("2026-12-02 10:30") == []
    await clockwork.changes(Room, room_id="!room")
    ((_, told),) = await clockwork.strikes("2026-12-02 10:31")
    assert told.startswith("Ausgelassen: „Impuls der Woche“")


@schedule("Kaputt")
async def broken(ctx: Context) -> str:
    ctx.also.append(Post(ORGA, "kommt nie an"))
    raise LookupError(ctx.meeting.topic)


async def test_a_broken_schedule_holds_nobody_up_and_is_given_up_aloud(clockwork):
    clockwork.known |= {"impuls": broken}
    assert await clockwork.strikes("2026-11-30 09:00") == []
    assert len(await clockwork.strikes("2026-12-01 14:00")) == 1
    assert (await clockwork.states())["impuls"] == "geplant"
    await clockwork.strikes("2026-12-02 09:45")
    ((_, told),) = await clockwork.strikes("2026-12-02 10:00")
    assert told == (
        "Ausgelassen: „Kaputt“ zu Webinar 4 (Mo 30.11., 09:00 Uhr), "
        "weil es bis Mi 02.12., 10:00 Uhr nicht möglich war."
    )


async def test_a_repaired_schedule_speaks_at_the_next_strike(clockwork):
    good = clockwork.known["impuls"]
    clockwork.known |= {"impuls": broken}
    await clockwork.strikes("2026-11-30 09:00")
    clockwork.known |= {"impuls": good}
    assert len(await clockwork.strikes("2026-11-30 09:00:05")) == 1


async def test_a_rule_without_a_schedule_is_given_up_by_its_name(clockwork):
    del clockwork.known["impuls"]
    await clockwork.strikes("2026-12-01 14:00")
    await clockwork.strikes("2026-12-02 09:45")
    ((_, told),) = await clockwork.strikes("2026-12-02 10:00")
    assert told.startswith("Ausgelassen: „impuls“ zu Webinar 4")


@schedule("Still")
async def silent(ctx: Context) -> None:
    return None


async def test_silence_is_an_answer(clockwork):
    clockwork.known |= {"impuls": silent}
    assert await clockwork.strikes("2026-11-30 09:30") == []
    assert (await clockwork.states())["impuls"] == "vorbei"


@schedule("Viele")
async def several(ctx: Context) -> str:
    ctx.also.append(Post(ORGA, "zuerst"))
    return "dann"


async def test_further_messages_have_numbered_causes(clockwork):
    clockwork.known |= {"impuls": several}
    await striking.strike(clockwork.sessions, clockwork.known, clockwork.moment("2026-11-30 09:00"))
    assert [(m.room_id, m.content["body"], m.cause) for m in await clockwork.delivers()] == [
        ("!nk-orga", "zuerst", "impuls/nk/2026-W49/2026-11-30T09:00"),
        ("!nk-austausch", "dann", "impuls/nk/2026-W49/2026-11-30T09:00#2"),
    ]


async def test_two_strikes_at_once_say_it_once(clockwork):
    now = clockwork.moment("2026-12-02 09:50")
    strike = striking.strike(clockwork.sessions, clockwork.known, now)
    again = striking.strike(clockwork.sessions, clockwork.known, now)
    await asyncio.gather(strike, again)
    texts = [message.content["body"][:7] for message in await clockwork.delivers()]
    assert sorted(texts)[:3] == ["Diese W", "Gleich ", "Heute, "]
    assert await clockwork.count(OutgoingMessage) <= 5


async def test_a_moved_meeting_is_announced_for_its_new_day(clockwork):
    await clockwork.strikes("2026-12-01 14:00")
    await clockwork.changes(Meeting, day=date(2026, 12, 3))
    await clockwork.plans("2026-12-01 15:00")
    assert await clockwork.strikes("2026-12-02 14:00") == [
        ("!nk-ankuendigungen", "Morgen, Do 03.12., 10:00 bis 11:30 Uhr: Tools")
    ]
    assert await clockwork.strikes("2026-12-03 09:45") == [
        ("!nk-ankuendigungen", "Gleich geht es los, 10:00 Uhr: Tools")
    ]


# ------------------------------------------------------------------ the poll by the clock


async def with_poll(clockwork):
    here = {"course_id": clockwork.course.id}
    opens, closes = clockwork.moment("2026-11-30 09:00"), clockwork.moment("2026-12-11 12:00")
    when = {"opens": opens, "closes": closes}
    await clockwork.keeps(
        Poll(**here, key="wahl-1", question="Was kommt dran?", slots=["A"], minimum=1, **when),
        Topic(**here, key="t1", number=1, title="Konflikte", short=""),
        Topic(**here, key="t2", number=2, title="Verstetigung", short=""),
        Person(**here, key="tn01", display="", mxid="@tn01:example.org"),
    )
    await clockwork.plans()


async def test_the_native_poll_ends_by_reference_to_its_beginning(clockwork):
    await with_poll(clockwork)
    await striking.strike(clockwork.sessions, clockwork.known, clockwork.moment("2026-11-30 09:00"))
    opened = {message.cause: message for message in await clockwork.delivers()}
    start = opened["wahl_oeffnet/nk/wahl-1/2026-11-30T09:00#2"]
    assert start.type == "org.matrix.msc3381.poll.start"
    assert (start.room_id, start.expires) == ("!nk-austausch", clockwork.moment("2026-12-11 12:00"))
    await clockwork.strikes("2026-12-11 11:59")
    assert await clockwork.strikes("2026-12-11 12:00:00") == []
    await striking.strike(
        clockwork.sessions, clockwork.known, clockwork.moment("2026-12-11 12:00:01")
    )
    told, ended = await clockwork.delivers()
    assert (told.room_id, told.type) == ("!nk-orga", "m.room.message")
    assert (ended.room_id, ended.type) == ("!nk-austausch", "org.matrix.msc3381.poll.end")
    assert ended.content["m.relates_to"] == {"rel_type": "m.reference", "event_id": f"${start.id}"}


async def test_a_poll_that_never_got_out_is_closed_in_words(clockwork):
    await with_poll(clockwork)
    await striking.strike(clockwork.sessions, clockwork.known, clockwork.moment("2026-11-30 09:00"))
    await striking.strike(clockwork.sessions, clockwork.known, clockwork.moment("2026-12-11 12:01"))
    messages = {message.cause: message for message in await clockwork.delivers()}
    last = messages["wahl_schliesst/nk/wahl-1/2026-12-11T12:00#2"]
    assert (last.type, last.content["msgtype"]) == ("m.room.message", "m.notice")


async def test_a_result_is_never_too_late(clockwork):
    await with_poll(clockwork)
    rooms = [room for room, _ in await clockwork.strikes("2027-02-01 12:00")]
    assert rooms == ["!nk-orga", "!nk-austausch", "!nk-orga"]


# ------------------------------------------------------------------ the alarm clock


async def test_it_strikes_within_a_second_of_due_and_never_before(clockwork):
    due = datetime.now(UTC) + timedelta(seconds=1.2)
    await clockwork.changes(Occurrence, due=due, expires=due + timedelta(hours=1))
    clockwork.known = {name: several for name in clockwork.known}
    struck: list[datetime] = []
    woken = asyncio.Event()

    def wake():
        struck.append(datetime.now(UTC))
        woken.set()

    def clock():
        return datetime.now(UTC)

    running = asyncio.create_task(scheduler.run(clockwork.sessions, clockwork.known, clock, wake))
    async with asyncio.timeout(10):
        await woken.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert timedelta(0) <= struck[0] - due < timedelta(seconds=1)
    assert len(await clockwork.delivers()) == 14


async def test_what_is_overdue_at_the_start_strikes_at_once(clockwork):
    woken = asyncio.Event()
    now = clockwork.moment("2026-12-02 09:50")
    running = asyncio.create_task(
        scheduler.run(clockwork.sessions, clockwork.known, lambda: now, woken.set)
    )
    async with asyncio.timeout(10):
        await woken.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert (await clockwork.states())["gleich"] == "gesendet"


# ------------------------------------------------------------------ whatever happens


@st.composite
def lives(draw):
    """What happens to a course: the clock strikes, the bot is away, webinars move to and fro."""
    steps, now = [], datetime(2026, 11, 22, 12)
    for _ in range(draw(st.integers(1, 14))):
        now += timedelta(minutes=draw(st.sampled_from((1, 14, 60, 60 * 5, 60 * 26, 60 * 24 * 8))))
        move = None
        if draw(st.booleans()):
            days, hour = draw(st.integers(-3, 9)), draw(st.sampled_from((8, 10, 19)))
            move = (draw(st.sampled_from(("w4", "w5"))), now.date() + timedelta(days=days), hour)
        steps.append((now, move, draw(st.booleans())))
    return steps


async def lived(folder, life):
    """Live it, and hand over every occurrence ever seen and every message."""
    async with database.opened(databases.of(folder / "kursbot.db")) as sessions:
        clockwork = await built(sessions)
        await clockwork.keeps(webinar(clockwork.course, 5, WEDNESDAY + timedelta(weeks=1)))
        await clockwork.plans("2026-11-20 12:00")
        for now, move, away in [*life, (datetime(2027, 6, 1, 12), None, False)]:
            if move is not None:
                key, day, hour = move
                async with sessions.begin() as db:
                    meeting = (await db.scalars(select(Meeting).where(Meeting.key == key))).one()
                    meeting.day, meeting.starts, meeting.ends = day, time(hour), time(hour + 1)
                await clockwork.plans(f"{now}")
            if not away:
                await striking.strike(sessions, clockwork.known, clockwork.moment(f"{now}"))
        async with sessions.begin() as db:
            rows = (await db.scalars(select(Occurrence))).all()
            sent = (await db.scalars(select(OutgoingMessage))).all()
    return rows, sent


def counted(report):
    """How many posts a report says were left out."""
    listed = report[report.lower().index("ausgelassen") :]
    more = re.search(r" und (\d+) weitere", listed)
    return listed.count("„") + (int(more[1]) if more else 0)


@given(lives())
@settings(max_examples=30, deadline=None)
def test_each_occurrence_is_said_once_or_left_out_and_told(tmp_path_factory, life):
    rows, sent = asyncio.run(lived(tmp_path_factory.mktemp("life"), life))
    assert "geplant" not in {row.state for row in rows}
    causes = {message.cause for message in sent}
    said = {row.cause for row in rows if row.state == "gesendet"}
    assert said == {
        cause for cause in causes if "/ausgelassen" not in cause and "/nachgeholt" not in cause
    }
    told = [str(m.content["body"]) for m in sent if m.cause.endswith("/ausgelassen")]
    left_out = [row for row in rows if row.state == "ausgelassen"]
    assert sum(map(counted, told)) == len(left_out)
    weeks = [row.cause for row in rows if row.schedule == "impuls" and row.state == "gesendet"]
    assert len(weeks) == len(set(weeks))
