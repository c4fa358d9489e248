"""What the bot has found in the rooms of courses, and who has come there and is to be welcomed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import courses, silence
from storage.models import Course, Organiser, Person, Room
from storage.replies import INFO, TALK

ENCRYPTED, WRITE, PIN, TOPIC = "encrypted", "write", "pin", "topic"
"""What is seen in a room: whether it is encrypted, and what the bot may do there."""

TOLD: Final = "told"
"""Of the organisers' room: they have read what the bot has found."""


async def held(db: AsyncSession, now: datetime) -> Sequence[Room]:
    """The known rooms of all courses that are not over."""
    yesterday = now.date() - timedelta(days=1)  # whatever the zone of a course
    running = select(Room).join(Course, Course.id == Room.course_id).where(Course.ends > yesterday)
    return (await db.scalars(running.where(Room.room_id.is_not(None)).order_by(Room.id))).all()


async def note(
    db: AsyncSession, room_id: str, seen: Mapping[str, bool], present: Collection[str]
) -> None:
    """Keep what is seen in a room.

    At the first look, those who are `present` were there before the bot: nobody welcomes them.
    """
    for room in await db.scalars(select(Room).where(Room.room_id == room_id)):
        if not room.seen and room.kind in (INFO, TALK):
            there = (Person.course_id == room.course_id, Person.mxid.in_(present))
            await db.execute(update(Person).where(*there).values(welcomed=True))
        room.seen = {**room.seen, **seen}
    await db.flush()


async def newcomers(db: AsyncSession) -> Sequence[Person]:
    """Who was never welcomed, may come with an account of their own, and leads nothing."""
    leads = exists().where(Organiser.course_id == Person.course_id, Organiser.mxid == Person.mxid)
    expected = (Person.welcomed.is_(False), Person.mxid != "", Person.status != "ausgeschieden")
    return (await db.scalars(select(Person).where(*expected, ~leads).order_by(Person.id))).all()


async def welcomed(db: AsyncSession, people: Sequence[Person]) -> None:
    """They were told, once and for ever."""
    keys = [person.id for person in people]
    await db.execute(update(Person).where(Person.id.in_(keys)).values(welcomed=True))


async def speaks(db: AsyncSession, course: Course, now: datetime) -> bool:
    """Whether the bot may speak there unasked now: no night, weekend or break, and not stopped."""
    local = course.local(now)
    breaks = await courses.breaks(db, course, since=local.date())
    rested = silence.after_breaks(course, breaks, silence.after_quiet(course, local))
    return rested == local and not course.stopped
