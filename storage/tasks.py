"""Which tasks somebody has done: a list for themselves that nobody else sees."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Meeting, Person, TaskDone


async def done(db: AsyncSession, person: Person) -> set[str]:
    """The keys of the meetings whose tasks somebody has done."""
    query = select(TaskDone.meeting).where(TaskDone.course_id == person.course_id)
    return set(await db.scalars(query.where(TaskDone.person == person.key)))


async def tick(db: AsyncSession, person: Person, meeting: Meeting) -> None:
    """Somebody has done the task of a meeting."""
    values = {"course_id": person.course_id, "person": person.key, "meeting": meeting.key}
    await db.execute(insert(TaskDone).values(values).on_conflict_do_nothing())


async def untick(db: AsyncSession, person: Person, meeting: Meeting) -> None:
    """Somebody was too fast."""
    theirs = (TaskDone.course_id == person.course_id, TaskDone.person == person.key)
    await db.execute(delete(TaskDone).where(*theirs, TaskDone.meeting == meeting.key))
