"""What was kept for long enough is deleted, as the catalogue says: here, and nowhere else."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Date,
    String,
    and_,
    cast,
    delete,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage import courses, occurrences, outbox, polls
from storage.catalogue import CATALOGUE, FOR_EDGE, FOR_RESULT, Entry, Since, Whose
from storage.models import (
    Ballot,
    Base,
    Course,
    Occurrence,
    Organiser,
    OutgoingMessage,
    Person,
    Poll,
)

_TABLES: Final = Base.metadata.tables


async def of_course(db: AsyncSession, course: Course, now: datetime) -> Counter[str]:
    """Delete what the time is up for in a course; what went with its end, as rows by tables."""
    today, end = course.local(now).date(), await courses.end(db, course)
    await _votes(db, course, end, today)
    gone: Counter[str] = Counter()
    for entry in [one for one in CATALOGUE if "course_id" in _TABLES[one.table].c]:
        table = _TABLES[entry.table]
        here = table.c.course_id == course.id
        if entry.kept.since is Since.WRITTEN:
            old = table.c[entry.dated] < entry.kept.before(course, now)
            await _drop(db, entry, and_(here, old))
        elif entry.kept.since is Since.END and entry.kept.until(course, end) <= today:
            count = await _drop(db, entry, here)
            gone[entry.table] += count if entry.whose is Whose.PERSON else 0
    return +gone


async def close(db: AsyncSession, course: Course, now: datetime) -> bool:
    """Let a course be only read once it has been over for long enough; whether that is news.

    One whose end was put off is open again.
    """
    end = await courses.end(db, course)
    over = end + timedelta(weeks=course.open_weeks) <= course.local(now).date()
    if over == course.closed:
        return False
    course.closed = over
    if over:
        planned = (Occurrence.course_id == course.id, Occurrence.state == occurrences.PLANNED)
        await db.execute(update(Occurrence).where(*planned).values(state=occurrences.OVER))
    await db.flush()
    return over


async def of_bot(db: AsyncSession, now: datetime) -> None:
    """Delete what the time is up for and belongs to no course."""
    for entry in [one for one in CATALOGUE if "course_id" not in _TABLES[one.table].c]:
        if entry.dated:
            column = _TABLES[entry.table].c[entry.dated]
            old = now if entry.kept.since is Since.ASKED else FOR_EDGE.before(None, now)
            late = column < (old.date() if isinstance(column.type, Date) else old)
            known = _known(entry) if entry.kept.since is Since.END else None
            await _drop(db, entry, late if known is None else and_(late, known))
    nobodys = (OutgoingMessage.course_id.is_(None), OutgoingMessage.state != outbox.WAITING)
    old = FOR_EDGE.before(None, now)
    await db.execute(delete(OutgoingMessage).where(*nobodys, OutgoingMessage.due < old))


def _known(entry: Entry) -> ColumnElement[bool]:
    """Whether somebody is in no course any more."""
    who = _TABLES[entry.table].c[entry.by]
    people = select(Person.mxid).where(Person.mxid.is_not(None))
    return and_(who.not_in(people), who.not_in(select(Organiser.mxid)))


async def _drop(db: AsyncSession, entry: Entry, which: ColumnElement[bool]) -> int:
    """Delete the rows, or what stands in the columns; how many. What waits to be said stays."""
    table = _TABLES[entry.table]
    if entry.table == OutgoingMessage.__tablename__:
        which = and_(which, table.c.state != outbox.WAITING)
    if not entry.emptied:
        gone = await db.execute(delete(table).where(which).returning(literal(1)))
        return len(gone.all())
    columns = [table.c[name] for name in entry.columns.split()]
    full = or_(*(_full(column) for column in columns))
    values = {column: _empty(column) for column in columns}
    await db.execute(update(table).where(which, full).values(values))
    return 0


def _full(column: Column[Any]) -> ColumnElement[bool]:
    return column.is_not(None) if column.nullable else cast(column, String) != "{}"


def _empty(column: Column[Any]) -> object:
    """Of the columns that are emptied, those that must not be NULL are JSON."""
    assert column.nullable or isinstance(column.type, JSON)
    return null() if column.nullable else {}


async def _votes(db: AsyncSession, course: Course, end: date, today: date) -> None:
    """Forget who voted how, once the result has stood long enough; the sums stay."""
    every = await polls.every(db, course)
    late = [p for p in every if FOR_RESULT.until(course, _result(course, p, every, end)) <= today]
    about: set[str] = set()
    for poll in late:
        await polls.settle(db, poll)
        about |= {event_id for event_id, _ in await polls.natives(db, poll)}
    here = Ballot.course_id == course.id
    votes = select(Ballot.event_id).where(here, Ballot.about.in_(about))
    about |= set(await db.scalars(votes))
    theirs = or_(Ballot.poll.in_([poll.key for poll in late]), Ballot.about.in_(about))
    await db.execute(delete(Ballot).where(here, theirs))
    if late == list(every) and FOR_RESULT.until(course, end) <= today:
        await db.execute(delete(Ballot).where(here))  # about polls that are not ours


def _result(course: Course, poll: Poll, every: Sequence[Poll], end: date) -> date:
    """The day on which the result stood; an election that nobody decides ends with the course."""
    election = next((one for one in every if one.key == poll.election), poll)
    closed = course.local(poll.closes).date()
    if election.kind != polls.ELECTION or election.cancelled or poll.cancelled:
        return closed
    decided = election.decided_at and course.local(election.decided_at).date()
    return max(closed, decided or end)
