"""The notice on the wall: the programme, pinned in the announcements room and kept up to date.

It is posted when an organiser wants it. After that, whatever changes the programme plans an edit in
the same transaction, and the clock writes it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import meetings, outbox, programme, standing
from storage.models import Course, Notice, Occurrence
from storage.replies import INFO
from storage.replies import Notice as Said

SCHEDULE: Final = "aushang"
PLANNED: Final = "geplant"
USEFUL: Final = timedelta(days=14)


async def hang(db: AsyncSession, course: Course, now: datetime) -> None:
    """Post the programme and pin it; instead of an earlier one, if there is one."""
    notice = await db.get(Notice, course.id)
    if notice is None:
        notice = Notice(course_id=course.id)
        db.add(notice)
    notice.room_id = ""
    await db.flush()
    await renew(db, course, now)


async def hanging(db: AsyncSession) -> Collection[int]:
    """The courses (by their numbers) whose programme is to be pinned."""
    return {*await db.scalars(select(Notice.course_id))}


async def renew(db: AsyncSession, course: Course, now: datetime) -> None:
    """Plan that the notice gets the programme as it is by now; nothing where none hangs."""
    notice = await db.get(Notice, course.id)
    room_id = await standing.room_of(db, course.id, INFO) if notice else None
    if notice is None or room_id is None:
        return
    planned = (Occurrence.schedule == SCHEDULE, Occurrence.state == PLANNED)
    query = select(exists().where(Occurrence.course_id == course.id, *planned))
    current = (notice.room_id, notice.text) == (room_id, await _text(db, course))
    if current or await db.scalar(query):
        return
    notice.edition += 1
    occurrence = Occurrence(
        course_id=course.id,
        cause=_cause(notice),
        schedule=SCHEDULE,
        subject=SCHEDULE,
        room=INFO,
        push=False,
        anchor=now,
        due=now,
        expires=now + USEFUL,
    )
    db.add(occurrence)
    await db.flush()


async def due(db: AsyncSession, course: Course) -> Said | None:
    """What is to be written by now: a new post, an edit, or nothing."""
    notice = await db.get(Notice, course.id)
    room_id = await standing.room_of(db, course.id, INFO)
    text = await _text(db, course)
    if notice is None or room_id is None or (notice.room_id, notice.text) == (room_id, text):
        return None
    notice.text = text
    if notice.room_id == room_id:
        return Said(text, edits=notice.cause)
    old = await outbox.event_of(db, notice.cause)
    notice.room_id, notice.cause = room_id, _cause(notice)
    return Said(text, instead=old)


async def _text(db: AsyncSession, course: Course) -> str:
    return programme.whole(await meetings.every(db, course))


def _cause(notice: Notice) -> str:
    return f"{SCHEDULE}/{notice.course_id}/{notice.edition}"
