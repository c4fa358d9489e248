"""What the clock will make the bot say, and what it has: each occurrence happens once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import announcements, notices, rooms
from storage.models import Break, Course, Meeting, Occurrence, Person, Poll, Reminder, Rule
from storage.replies import ALUMNI, DIRECT, INFO, TALK, Place
from storage.timetable import ABOUT_POLLS, WHISPERED, Planned, Timetable, speaks_for

PLANNED, SENT, SKIPPED, OVER = "geplant", "gesendet", "ausgelassen", "vorbei"
BY_HAND: Final = frozenset({notices.SCHEDULE, announcements.SCHEDULE})
"""What does not follow from the course: somebody has planned it."""

PLAN: Final = ("schedule", "subject", "lead", "room", "push", "anchor", "due", "expires")


@dataclass(frozen=True)
class Subject:
    """What an occurrence is about: a meeting, mostly because of a rule, or a poll."""

    course: Course
    rule: Rule | None
    meeting: Meeting | None
    poll: Poll | None


async def plan(db: AsyncSession, course: Course, now: datetime) -> None:
    """Bring the plan in line with the course, as often as wanted; what was struck stays struck."""
    await db.flush()
    wanted = {planned.cause: planned for planned in (await timetable(db, course)).planned()}
    query = select(Occurrence).where(Occurrence.course_id == course.id)
    rows = {row.cause: row for row in await db.scalars(query)}
    for cause, planned in wanted.items():
        if cause not in rows:
            state = _first_state(planned, rows.values(), now)
            db.add(Occurrence(course_id=course.id, state=state, **vars(planned)))
        elif rows[cause].state == PLANNED:
            _adjust(rows[cause], planned)
    await db.flush()
    unwanted = [
        rows[cause].id
        for cause in rows.keys() - wanted.keys()
        if rows[cause].schedule not in BY_HAND
    ]
    left = (Occurrence.id.in_(unwanted), Occurrence.state == PLANNED)
    await db.execute(delete(Occurrence).where(*left))
    await notices.renew(db, course, now)


def _adjust(row: Occurrence, planned: Planned) -> None:
    for name in PLAN:
        setattr(row, name, getattr(planned, name))


def _first_state(planned: Planned, rows: Collection[Occurrence], now: datetime) -> str:
    """Whether a new occurrence is to happen.

    Not twice about a meeting that has stayed where it was. What lies in the past when it first
    comes up is over, silently; but what a moved meeting makes due is said late while it is useful.
    """
    about = (planned.schedule, planned.subject, planned.lead)
    akin = [row for row in rows if (row.schedule, row.subject, row.lead) == about]
    if any(row.state != PLANNED and row.anchor == planned.anchor for row in akin):
        return OVER
    moved = bool(akin) and now < planned.expires
    return PLANNED if planned.due >= now or moved else OVER


async def timetable(db: AsyncSession, course: Course) -> Timetable:
    """The course as far as the clock is concerned."""
    leads = select(Reminder.lead).distinct().order_by(Reminder.lead)
    return Timetable(
        course,
        (await db.scalars(select(Rule).where(Rule.course_id == course.id))).all(),
        (await db.scalars(select(Meeting).where(Meeting.course_id == course.id))).all(),
        (await db.scalars(select(Break).where(Break.course_id == course.id))).all(),
        (await db.scalars(select(Poll).where(Poll.course_id == course.id))).all(),
        (await db.scalars(leads.where(Reminder.course_id == course.id))).all(),
        await rooms.of(db, course, ALUMNI) is not None,
        bool(await db.scalar(select(exists().where(Person.course_id == course.id)))),
    )


async def due(db: AsyncSession, now: datetime) -> Sequence[Occurrence]:
    """What is to happen by now, or should have, the earliest first; nothing while it is stopped."""
    query = select(Occurrence).join(Course).where(Course.stopped.is_(False))
    query = query.where(Occurrence.state == PLANNED, Occurrence.due <= now)
    return (await db.scalars(query.order_by(Occurrence.due, Occurrence.id))).all()


async def next_due(db: AsyncSession, after: datetime) -> datetime | None:
    """The first moment after this one at which something is to happen."""
    query = select(Occurrence.due).where(Occurrence.state == PLANNED, Occurrence.due > after)
    return await db.scalar(query.order_by(Occurrence.due).limit(1))


async def upcoming(db: AsyncSession, after: datetime, most: int) -> Sequence[Occurrence]:
    """What is to happen next, the earliest first."""
    query = select(Occurrence).where(Occurrence.state == PLANNED, Occurrence.due > after)
    return (await db.scalars(query.order_by(Occurrence.due, Occurrence.id).limit(most))).all()


async def ahead(
    db: AsyncSession, course: Course, after: datetime, until: datetime | None = None
) -> Sequence[Occurrence]:
    """What a course's rooms for everybody are to hear after a moment, the earliest first."""
    here = (Occurrence.course_id == course.id, Occurrence.state == PLANNED)
    query = select(Occurrence).where(*here, Occurrence.room.in_((INFO, TALK)))
    query = query.where(Occurrence.due > after)
    if until is not None:
        query = query.where(Occurrence.due < until)
    return (await db.scalars(query.order_by(Occurrence.due, Occurrence.id))).all()


def place(row: Occurrence) -> Place:
    """Where it will be read."""
    return DIRECT if row.schedule in WHISPERED else Place(row.room)


async def skipped(db: AsyncSession, course: Course) -> int:
    """How many posts had to be left out so far."""
    lost = (Occurrence.course_id == course.id, Occurrence.state == SKIPPED)
    return await db.scalar(select(func.count()).select_from(Occurrence).where(*lost)) or 0


async def still_due(db: AsyncSession, occurrence: Occurrence, now: datetime) -> Occurrence | None:
    """The occurrence as it is planned by now; None if it has happened, moved or become useless."""
    row = await db.get(Occurrence, occurrence.id)
    wanted = row is not None and row.state == PLANNED and row.due <= now < row.expires
    return row if wanted else None


async def expired(db: AsyncSession, course_id: int, now: datetime) -> Sequence[Occurrence]:
    """What should have happened in a course and is of no use any more, the earliest first."""
    missed = (Occurrence.state == PLANNED, Occurrence.due <= now, Occurrence.expires <= now)
    query = select(Occurrence).where(Occurrence.course_id == course_id, *missed)
    return (await db.scalars(query.order_by(Occurrence.due, Occurrence.id))).all()


def _named(kind: type[Meeting | Poll]) -> ColumnElement[bool]:
    return and_(kind.course_id == Course.id, kind.key == bindparam("subject"))


_SUBJECT = (
    select(Course, Meeting, Poll)
    .outerjoin(Meeting, _named(Meeting))
    .outerjoin(Poll, _named(Poll))
    .where(Course.id == bindparam("course"))
)
_RULES = select(Rule).where(Rule.course_id == bindparam("course"))


async def subject(db: AsyncSession, occurrence: Occurrence) -> Subject:
    """What an occurrence is about."""
    values = {"course": occurrence.course_id, "subject": occurrence.subject}
    course, meeting, poll = (await db.execute(_SUBJECT, values)).one()
    rules = await db.scalars(_RULES, {"course": course.id})
    named = next((rule for rule in rules if speaks_for(rule, occurrence.schedule)), None)
    if occurrence.schedule in ABOUT_POLLS:
        return Subject(course, named, None, poll)
    return Subject(course, named, meeting, None)


async def announced(
    db: AsyncSession, course: Course, schedule: str, subject: str
) -> Occurrence | None:
    """The occurrence of a schedule about this subject that is still to happen, if there is one."""
    akin = (Occurrence.schedule == schedule, Occurrence.subject == subject)
    here = (Occurrence.course_id == course.id, Occurrence.state == PLANNED)
    return await db.scalar(select(Occurrence).where(*akin, *here).order_by(Occurrence.due).limit(1))


async def coming(
    db: AsyncSession, course: Course, schedule: str, after: datetime
) -> Occurrence | None:
    """When a schedule speaks next."""
    planned = (Occurrence.course_id == course.id, Occurrence.due > after)
    query = select(Occurrence).where(*planned, Occurrence.schedule == schedule)
    return await db.scalar(query.order_by(Occurrence.due).limit(1))


_TABLE = Occurrence.metadata.tables[Occurrence.__tablename__]
_FINISH = update(_TABLE).where(_TABLE.c.id == bindparam("row")).values(state=bindparam("ended"))


async def finish(db: AsyncSession, occurrence: Occurrence, state: str) -> None:
    """Write down how it ended."""
    await db.execute(_FINISH, {"row": occurrence.id, "ended": state})
