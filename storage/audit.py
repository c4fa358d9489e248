"""Who among the organisers did what, and when: one line for each thing that was confirmed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Action, Course

LONGEST = 300
"""Characters of a command line: what it did is seen elsewhere."""


async def note(db: AsyncSession, course: Course, mxid: str, line: str, at: datetime) -> None:
    """Write it down, in the transaction that does it."""
    db.add(Action(course_id=course.id, mxid=mxid, line=line[:LONGEST], at=at))
    await db.flush()


async def every(db: AsyncSession, course: Course) -> Sequence[Action]:
    """All that is still known, the latest first."""
    query = select(Action).where(Action.course_id == course.id)
    return (await db.scalars(query.order_by(Action.id.desc()))).all()
