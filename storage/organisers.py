"""Who leads a course, by full Matrix ids; what the chat decides here, its file does not undo."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Base, Course, Organiser


async def every(db: AsyncSession, course: Course) -> list[str]:
    """Their Matrix ids, who was first first."""
    query = select(Organiser.mxid).where(Organiser.course_id == course.id).order_by(Organiser.id)
    return list(await db.scalars(query))


async def add(db: AsyncSession, course: Course, mxid: str) -> None:
    """From now on, this account leads the course; a file that does not name it leaves it alone."""
    course.dismissed = [other for other in course.dismissed if other != mxid]
    db.add(Organiser(course_id=course.id, mxid=mxid, typed=True))
    await db.flush()


async def remove(db: AsyncSession, course: Course, mxid: str) -> None:
    """This account does not lead the course any more, though its file may still say so."""
    course.dismissed = [*course.dismissed, mxid]
    theirs = (Organiser.course_id == course.id, Organiser.mxid == mxid)
    await db.execute(delete(Organiser).where(*theirs))
    await db.flush()


def left(course: Course, rows: Iterable[Base], filed: Sequence[str]) -> list[Base]:
    """What a course file wants, without those whom the chat has removed since it named them."""
    course.dismissed = [mxid for mxid in course.dismissed if mxid in filed]
    gone = course.dismissed
    return [row for row in rows if not (isinstance(row, Organiser) and row.mxid in gone)]
