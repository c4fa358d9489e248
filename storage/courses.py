"""The course as a whole: its breaks."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Break, Course, Meeting, Room
from storage.replies import ALUMNI

_BREAKS = (
    select(Break)
    .where(Break.course_id == bindparam("course"), Break.last >= bindparam("since"))
    .order_by(Break.first, Break.id)
)


async def breaks(db: AsyncSession, course: Course, *, since: date) -> Sequence[Break]:
    """The breaks that are not over on that day, in order."""
    return (await db.scalars(_BREAKS, {"course": course.id, "since": since})).all()


async def by_key(db: AsyncSession, key: str) -> Course | None:
    """The course with the id that its file gives it."""
    return await db.scalar(select(Course).where(Course.key == key))


async def every(db: AsyncSession) -> Sequence[Course]:
    """All courses, the oldest first."""
    return (await db.scalars(select(Course).order_by(Course.begins, Course.id))).all()


async def running(db: AsyncSession, today: date) -> Sequence[Course]:
    """The courses that are not over on that day."""
    return (await db.scalars(select(Course).where(Course.ends >= today))).all()


async def end(db: AsyncSession, course: Course) -> date:
    """Its last day, also when a meeting was put behind the one that the course file names."""
    held = (Meeting.course_id == course.id, Meeting.cancelled.is_(False))
    last = await db.scalar(select(func.max(Meeting.day)).where(*held))
    return max(course.ends, last or course.ends)


async def rooms(db: AsyncSession, course: Course) -> Sequence[Room]:
    """The rooms in which the course is held, known or not yet."""
    here = (Room.course_id == course.id, Room.kind != ALUMNI)
    return (await db.scalars(select(Room).where(*here))).all()
