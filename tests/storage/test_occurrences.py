"""The plan follows the course, and what was struck stays struck."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, select

from storage import database, occurrences
from storage.models import Break, Course, Meeting, Occurrence, Poll, Rule
from storage.occurrences import OVER, PLANNED, SENT, SKIPPED
from tests import databases

LONG_AGO = "2026-10-01 12:00"
WEDNESDAY = date(2026, 12, 2)


@dataclass
class Plan:
    """A course with its clock: change something, plan, strike, look."""

    sessions: database.Sessions
    course: Course

    def moment(self, text):
        return datetime.fromisoformat(text).replace(tzinfo=self.course.zone)

    async def planned(self, now=LONG_AGO):
        """Plan, then the whole plan: schedule, subject, due, state."""
        async with self.sessions.begin() as db:
            await occurrences.plan(db, self.course, self.moment(now))
        async with self.sessions.begin() as db:
            rows = await db.scalars(select(Occurrence).order_by(Occurrence.due, Occurrence.id))
            return [
                (r.schedule, r.subject, f"{self.course.local(r.due):%d.%m. %H:%M}", r.state)
                for r in rows
            ]

    async def strikes(self, now):
        """What is due by now happens."""
        async with self.sessions.begin() as db:
            for row in await occurrences.due(db, self.moment(now)):
                state = SENT if self.moment(now) < row.expires else SKIPPED
                await occurrences.finish(db, row, state)

    async def moves(self, key, **changes):
        async with self.sessions.begin() as db:
            found = select(Meeting).where(Meeting.course_id == self.course.id, Meeting.key == key)
            meeting = (await db.scalars(found)).one()
            for name, value in changes.items():
                setattr(meeting, name, value)

    async def has_rule(self, key, **changes):
        async with self.sessions.begin() as db:
            found = select(Rule).where(Rule.course_id == self.course.id, Rule.key == key)
            rule = (await db.scalars(found)).one()
            for name, value in changes.items():
                setattr(rule, name, value)

    async def keeps(self, *rows):
        async with self.sessions.begin() as db:
            db.add_all(rows)


@pytest.fixture
async def plan(tmp_path):
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as sessions:
        async with sessions.begin() as db:
            course = Course(
                key="nk",
                title="Kurs",
                short_title="Kurs",
                timezone="Europe/Berlin",
                begins=date(2026, 11, 2),
                ends=date(2027, 2, 9),
                imported_at=datetime(2026, 10, 1, tzinfo=UTC),
            )
            db.add(course)
            await db.flush()
            here = {"course_id": course.id, "push": True}
            db.add(Rule(**here, key="impuls", room="austausch", weekday=0, clock=time(9)))
            db.add(Rule(**here, key="vortag", room="ankuendigungen", days=-1, clock=time(14)))
            db.add(Rule(**here, key="gleich", room="ankuendigungen", minutes=-15))
            db.add(webinar(course, "w4", WEDNESDAY))
        yield Plan(sessions, course)


def webinar(course, key, day):
    return Meeting(
        course_id=course.id,
        kind="webinar",
        key=key,
        day=day,
        starts=time(10),
        ends=time(11, 30),
        units=2,
        topic="Tools",
    )


FRESH = [
    ("impuls", "w4", "30.11. 09:00", PLANNED),
    ("vortag", "w4", "01.12. 14:00", PLANNED),
    ("gleich", "w4", "02.12. 09:45", PLANNED),
]


async def test_planning_again_changes_nothing(plan):
    assert await plan.planned() == FRESH
    assert await plan.planned("2026-11-01 12:00") == FRESH


async def test_what_lies_in_the_past_at_first_is_over_without_a_word(plan):
    assert await plan.planned("2026-12-01 15:00") == [
        ("impuls", "w4", "30.11. 09:00", OVER),
        ("vortag", "w4", "01.12. 14:00", OVER),
        ("gleich", "w4", "02.12. 09:45", PLANNED),
    ]


async def test_downtime_is_no_past(plan):
    await plan.planned()
    assert await plan.planned("2026-12-01 15:00") == FRESH


async def test_moving_ahead_of_time_moves_everything(plan):
    await plan.planned()
    await plan.moves("w4", day=date(2026, 12, 10), starts=time(14))
    assert await plan.planned() == [
        ("impuls", "w4", "07.12. 09:00", PLANNED),
        ("vortag", "w4", "09.12. 14:00", PLANNED),
        ("gleich", "w4", "10.12. 13:45", PLANNED),
    ]


async def test_moving_later_after_the_reminder_reminds_again(plan):
    await plan.planned()
    await plan.strikes("2026-12-01 14:00")
    await plan.moves("w4", day=date(2026, 12, 3))
    assert await plan.planned("2026-12-01 16:00") == [
        ("impuls", "w4", "30.11. 09:00", SENT),
        ("vortag", "w4", "01.12. 14:00", SENT),
        ("vortag", "w4", "02.12. 14:00", PLANNED),
        ("gleich", "w4", "03.12. 09:45", PLANNED),
    ]


async def test_moving_earlier_makes_up_for_what_is_still_useful(plan):
    await plan.planned()
    await plan.strikes("2026-11-30 09:00")
    await plan.moves("w4", day=date(2026, 12, 1), starts=time(12))
    assert await plan.planned("2026-12-01 09:00") == [
        ("impuls", "w4", "30.11. 09:00", SENT),
        ("vortag", "w4", "30.11. 14:00", PLANNED),
        ("gleich", "w4", "01.12. 11:45", PLANNED),
    ]


async def test_moving_into_the_past_says_nothing(plan):
    await plan.planned()
    await plan.moves("w4", day=date(2026, 11, 24))
    assert await plan.planned("2026-11-26 12:00") == [
        ("impuls", "w4", "23.11. 09:00", OVER),
        ("vortag", "w4", "23.11. 14:00", OVER),
        ("gleich", "w4", "24.11. 09:45", OVER),
    ]


async def test_another_time_on_the_same_day_only_moves_the_link(plan):
    await plan.planned()
    await plan.strikes("2026-12-02 09:45")
    await plan.moves("w4", starts=time(14), ends=time(15, 30))
    assert await plan.planned("2026-12-02 09:50") == [
        ("impuls", "w4", "30.11. 09:00", SENT),
        ("vortag", "w4", "01.12. 14:00", SENT),
        ("gleich", "w4", "02.12. 09:45", SENT),
        ("gleich", "w4", "02.12. 13:45", PLANNED),
    ]


async def test_to_and_fro_strikes_once(plan):
    await plan.planned()
    await plan.strikes("2026-12-01 14:00")
    before = await plan.planned("2026-12-01 14:00")
    await plan.moves("w4", day=date(2026, 12, 9))
    await plan.planned("2026-12-01 15:00")
    await plan.moves("w4", day=WEDNESDAY)
    assert await plan.planned("2026-12-01 16:00") == before


async def test_a_rule_with_another_time_does_not_speak_twice_of_the_same_meeting(plan):
    await plan.planned()
    await plan.strikes("2026-12-01 14:00")
    await plan.has_rule("vortag", clock=time(15))
    assert await plan.planned("2026-12-01 14:30") == [
        ("impuls", "w4", "30.11. 09:00", SENT),
        ("vortag", "w4", "01.12. 14:00", SENT),
        ("vortag", "w4", "01.12. 15:00", OVER),
        ("gleich", "w4", "02.12. 09:45", PLANNED),
    ]


async def test_a_rule_moved_before_now_speaks_late(plan):
    await plan.planned()
    await plan.has_rule("vortag", clock=time(12))
    assert ("vortag", "w4", "01.12. 12:00", PLANNED) in await plan.planned("2026-12-01 13:00")


async def test_quiet_hours_move_what_is_planned_but_nothing_that_was_said(plan):
    await plan.moves("w4", day=date(2026, 11, 30))
    await plan.planned()
    plan.course.quiet_weekend = True
    expected = [
        ("vortag", "w4", "30.11. 00:00", PLANNED),
        ("impuls", "w4", "30.11. 09:00", PLANNED),
        ("gleich", "w4", "30.11. 09:45", PLANNED),
    ]
    assert await plan.planned() == expected
    await plan.strikes("2026-11-30 00:00")
    plan.course.quiet_weekend = False
    said = ("vortag", "w4", "30.11. 00:00", SENT)
    assert await plan.planned("2026-11-30 01:00") == [said, *expected[1:]]


async def test_a_cancelled_meeting_is_forgotten_but_for_what_was_said(plan):
    await plan.planned()
    await plan.strikes("2026-11-30 09:00")
    await plan.moves("w4", cancelled=True)
    assert await plan.planned("2026-11-30 10:00") == [("impuls", "w4", "30.11. 09:00", SENT)]


async def test_a_deleted_meeting_is_forgotten(plan):
    await plan.planned()
    async with plan.sessions.begin() as db:
        await db.execute(delete(Meeting))
    assert await plan.planned() == []


async def test_two_webinars_in_a_week_have_one_impulse(plan):
    await plan.planned()
    await plan.strikes("2026-11-30 09:00")
    await plan.keeps(webinar(plan.course, "w5", date(2026, 12, 9)))
    await plan.planned("2026-11-30 10:00")
    await plan.moves("w5", day=date(2026, 12, 1), starts=time(16))
    rows = await plan.planned("2026-11-30 11:00")
    assert [row for row in rows if row[0] == "impuls"] == [("impuls", "w4", "30.11. 09:00", SENT)]


async def test_a_new_break_silences_what_was_planned(plan):
    await plan.planned()
    pause = {"name": "Pause", "first": date(2026, 11, 30), "last": date(2026, 12, 4)}
    await plan.keeps(Break(course_id=plan.course.id, **pause))
    assert await plan.planned() == []


async def test_a_poll_opens_once_even_if_its_beginning_is_corrected(plan):
    opens, closes = plan.moment("2026-11-30 09:00"), plan.moment("2026-12-11 12:00")
    where = {"course_id": plan.course.id, "key": "wahl-1", "question": "?", "slots": ["A"]}
    await plan.keeps(Poll(**where, opens=opens, closes=closes))
    await plan.planned()
    await plan.strikes("2026-11-30 09:00")
    async with plan.sessions.begin() as db:
        poll = (await db.scalars(select(Poll))).one()
        poll.opens = opens + timedelta(minutes=30)
    rows = await plan.planned("2026-11-30 09:10")
    assert [row for row in rows if row[1] == "wahl-1"] == [
        ("wahl_oeffnet", "wahl-1", "30.11. 09:00", SENT),
        ("wahl_oeffnet", "wahl-1", "30.11. 09:30", OVER),
        ("wahl_schliesst", "wahl-1", "11.12. 12:00", PLANNED),
    ]


async def test_an_extended_poll_closes_later(plan):
    opens, closes = plan.moment("2026-11-30 09:00"), plan.moment("2026-12-11 12:00")
    where = {"course_id": plan.course.id, "key": "wahl-1", "question": "?", "slots": ["A"]}
    await plan.keeps(Poll(**where, opens=opens, closes=closes))
    await plan.planned()
    await plan.strikes("2026-11-30 09:00")
    async with plan.sessions.begin() as db:
        poll = (await db.scalars(select(Poll))).one()
        poll.closes = closes + timedelta(days=3)
    rows = await plan.planned("2026-12-10 09:00")
    assert [row for row in rows if row[1] == "wahl-1"] == [
        ("wahl_oeffnet", "wahl-1", "30.11. 09:00", SENT),
        ("wahl_schliesst", "wahl-1", "14.12. 12:00", PLANNED),
    ]


async def test_the_next_due_is_after_now(plan):
    await plan.planned()
    async with plan.sessions.begin() as db:
        first = await occurrences.next_due(db, after=plan.moment("2026-11-30 08:59"))
        second = await occurrences.next_due(db, after=plan.moment("2026-11-30 09:00"))
        none = await occurrences.next_due(db, after=plan.moment("2026-12-02 09:45"))
    assert (first, second, none) == (
        plan.moment("2026-11-30 09:00"),
        plan.moment("2026-12-01 14:00"),
        None,
    )


async def test_what_has_happened_or_moved_meanwhile_is_not_due(plan):
    await plan.planned()
    now = plan.moment("2026-12-01 14:00")
    async with plan.sessions.begin() as db:
        impuls, vortag = await occurrences.due(db, now)
        await occurrences.finish(db, impuls, SENT)
    await plan.has_rule("vortag", clock=time(14))
    await plan.moves("w4", day=date(2026, 12, 3))
    await plan.planned("2026-12-01 14:00")
    async with plan.sessions.begin() as db:
        assert await occurrences.still_due(db, impuls, now) is None
        assert await occurrences.still_due(db, vortag, now) is None


async def test_courses_do_not_touch_each_others_plans(plan):
    await plan.planned()
    other = Course(
        key="mk",
        title="Kurs",
        short_title="Kurs",
        timezone="Europe/Berlin",
        begins=date(2026, 11, 2),
        ends=date(2027, 2, 9),
        imported_at=datetime(2026, 10, 1, tzinfo=UTC),
    )
    await plan.keeps(other)
    assert await Plan(plan.sessions, other).planned() == FRESH
