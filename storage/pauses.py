"""When organisers want quiet: breaks that they type, and everything stopped at once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, meetings, occurrences
from storage.models import Break, Course, Meeting, Occurrence, Rule
from storage.timetable import schedule_of


async def begin(db: AsyncSession, course: Course, first: date, last: date, now: datetime) -> None:
    """Say nothing unasked on these days, both included; a course file leaves it alone."""
    name = f"Pause ab {calendar.short(first)}"
    db.add(Break(course_id=course.id, name=name, first=first, last=last, typed=True))
    await occurrences.plan(db, course, now)


async def typed(db: AsyncSession, course: Course, today: date) -> Sequence[Break]:
    """Those of the chat that are not over, in order."""
    here = (Break.course_id == course.id, Break.typed.is_(True), Break.last >= today)
    return (await db.scalars(select(Break).where(*here).order_by(Break.first, Break.id))).all()


async def drop(db: AsyncSession, course: Course, pause: Break, now: datetime) -> None:
    """Speak on these days after all."""
    await db.delete(pause)
    await occurrences.plan(db, course, now)


async def held_in(db: AsyncSession, course: Course, first: date, last: date) -> list[Meeting]:
    """The dates of the course on these days."""
    every = await meetings.every(db, course)
    return [m for m in every if not m.cancelled and first <= m.day <= last]


async def weekly(db: AsyncSession, course: Course, schedule: str, first: date, last: date) -> int:
    """How often the weekday of a schedule comes within these days; 0 where it has no rule."""
    rules = await db.scalars(select(Rule).where(Rule.course_id == course.id))
    days = {rule.weekday for rule in rules if schedule_of(rule) == schedule}
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(day.weekday() in days for day in span)


async def stop(db: AsyncSession, course: Course, stopped: bool) -> None:
    """Say nothing unasked from now on, or speak again."""
    course.stopped = stopped
    await db.flush()


async def overdue(
    db: AsyncSession, course: Course, now: datetime
) -> tuple[Sequence[Occurrence], Sequence[Occurrence]]:
    """What waits since it was due: what is still useful, and what is not."""
    here = (Occurrence.course_id == course.id, Occurrence.state == occurrences.PLANNED)
    query = select(Occurrence).where(*here, Occurrence.due <= now)
    rows = (await db.scalars(query.order_by(Occurrence.due))).all()
    return [row for row in rows if now < row.expires], [row for row in rows if now >= row.expires]
