"""Who among the organisers did what, and when: one line for each thing that was confirmed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Action, Course

LONGEST = 300
"""Characters of a command line: what it did is seen elsewhere."""


async def note(db: AsyncSession, course: Course, mxid: str, line: str, at: datetime) -> None:
    """Write it down, in the transaction that does it; what is too old for the course is forgotten.

    The period is `protokoll_tage` of the course file, in days.
    """
    old = at - timedelta(days=course.log_kept_days)
    await db.execute(delete(Action).where(Action.course_id == course.id, Action.at < old))
    db.add(Action(course_id=course.id, mxid=mxid, line=line[:LONGEST], at=at))
    await db.flush()


async def every(db: AsyncSession, course: Course) -> Sequence[Action]:
    """All that is still known, the latest first."""
    query = select(Action).where(Action.course_id == course.id)
    return (await db.scalars(query.order_by(Action.id.desc()))).all()
