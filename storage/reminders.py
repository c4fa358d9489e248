"""Who wants to be reminded of the meetings by a direct message, and how long before."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import occurrences
from storage.models import Course, Person, Reminder
from storage.models.people import GONE

USUAL: Final = 0
"""The lead of who has not chosen one: an hour before, but not in quiet hours."""

SHORTEST, LONGEST, MOST = 5, 7 * 24 * 60, 3
"""Leads in minutes that are possible, and how many of them."""


async def of(db: AsyncSession, person: Person) -> Sequence[int]:
    """The leads that somebody has chosen, the shortest first."""
    query = select(Reminder.lead).where(*_theirs(person)).order_by(Reminder.lead)
    return (await db.scalars(query)).all()


async def choose(
    db: AsyncSession, course: Course, person: Person, leads: Iterable[int], now: datetime
) -> None:
    """Remind somebody with these leads from now on, and no others."""
    wanted, before = set(leads), set(await of(db, person))
    gone = (*_theirs(person), Reminder.lead.in_(before - wanted))
    await db.execute(delete(Reminder).where(*gone))
    fresh = {lead for lead in wanted - before if not await _planned(db, course, lead)}
    rows = (Reminder(course_id=course.id, person=person.key, lead=x) for x in wanted - before)
    db.add_all(rows)
    await db.flush()
    if fresh:  # otherwise the clock knows these moments
        await occurrences.plan(db, course, now)


async def recipients(db: AsyncSession, course: Course, lead: int) -> Sequence[str]:
    """The Matrix ids of those who want a reminder with this lead."""
    query = (
        select(Person.mxid)
        .join(
            Reminder,
            (Reminder.course_id == Person.course_id) & (Reminder.person == Person.key),
        )
        .where(Reminder.course_id == course.id, Reminder.lead == lead)
        .where(Person.status != GONE, Person.mxid.is_not(None))
    )
    return [mxid for mxid in await db.scalars(query.order_by(Person.id)) if mxid]


async def _planned(db: AsyncSession, course: Course, lead: int) -> bool:
    query = select(exists().where(Reminder.course_id == course.id, Reminder.lead == lead))
    return bool(await db.scalar(query))


def _theirs(person: Person) -> tuple[ColumnElement[bool], ...]:
    return (Reminder.course_id == person.course_id, Reminder.person == person.key)
