"""What organisers say to everybody at a time they choose; the clock says it, once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Occurrence
from storage.replies import Place

SCHEDULE: Final = "ansage"
PLANNED: Final = "geplant"
USEFUL: Final = timedelta(hours=12)


async def plan(
    db: AsyncSession, course: Course, place: Place, text: str, moment: tuple[datetime, str]
) -> None:
    """Say it in that room at a moment; the event that asked for it makes it once."""
    due, event_id = moment
    announcement = Occurrence(
        course_id=course.id,
        cause=f"{SCHEDULE}/{course.key}/{event_id}"[:255],
        schedule=SCHEDULE,
        subject=SCHEDULE,
        room=place,
        push=True,
        anchor=due,
        due=due,
        expires=due + USEFUL,
        text=text,
    )
    db.add(announcement)
    await db.flush()


async def waiting(db: AsyncSession, course: Course) -> Sequence[Occurrence]:
    """What is still to be said, in order."""
    here = (Occurrence.course_id == course.id, Occurrence.state == PLANNED)
    query = select(Occurrence).where(*here, Occurrence.schedule == SCHEDULE)
    return (await db.scalars(query.order_by(Occurrence.due, Occurrence.id))).all()


async def cancel(db: AsyncSession, announcement: Occurrence) -> None:
    """Do not say it."""
    await db.execute(delete(Occurrence).where(Occurrence.id == announcement.id))
