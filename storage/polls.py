"""The election of topics: who voted, what counts, and what came out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement, or_, select, union_all
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage import tally as counting
from storage.models import (
    Ballot,
    Course,
    Occurrence,
    OutgoingMessage,
    Person,
    Poll,
    SealedEvent,
    Topic,
)
from storage.tally import REDACTION, TYPED, Heard, Rules, Standing, Tally
from storage.timetable import OPENING

__all__ = ["Standing", "Tally"]

NATIVE = "#2"  # what follows the cause of an opening: its native poll is the second message
APPROVAL = "zustimmung"
"""The procedure in which people approve of as many topics as they like."""


class Vote(TypedDict):
    """Who voted with which message, the option numbers as text, and when the server got it."""

    mxid: str
    event_id: str
    answers: list[str]
    at: datetime


async def current(db: AsyncSession, course: Course) -> Poll | None:
    """The poll of the course, be it still to come, open or closed; the newest of several."""
    query = select(Poll).where(Poll.course_id == course.id)
    return await db.scalar(query.order_by(Poll.opens.desc(), Poll.id.desc()).limit(1))


async def options(db: AsyncSession, course: Course) -> Sequence[Topic]:
    """The topics to choose from, by number."""
    query = select(Topic).where(Topic.course_id == course.id).order_by(Topic.number)
    return (await db.scalars(query)).all()


async def cast(db: AsyncSession, poll: Poll, **vote: Unpack[Vote]) -> None:
    """Keep a typed vote, once for each event."""
    typed = {"type": TYPED, "about": "", "edit": False, "power": False}
    await _keep(db, {**vote, **typed, "course_id": poll.course_id, "poll": poll.key})


async def hear(db: AsyncSession, course_id: int, heard: Heard) -> None:
    """Keep what was said in a room of the course about a native poll, ours or not, once.

    It may come before the event of our poll is known. Of redactions only those that matter.
    """
    if heard.type == REDACTION and not await _known(db, heard.about):
        return
    row = {"event_id": heard.id, "mxid": heard.sender, "answers": [*heard.answers]}
    row |= {name: getattr(heard, name) for name in ("type", "at", "about", "edit", "power")}
    await _keep(db, {**row, "course_id": course_id})


async def _known(db: AsyncSession, event_id: str) -> bool:
    """Whether an event is a poll or about one, or may be, as long as nobody can read it."""
    names = (Ballot.event_id, SealedEvent.event_id, OutgoingMessage.event_id)
    found = union_all(*(select(name).where(name == event_id) for name in names))
    return await db.scalar(found.limit(1)) is not None


async def _keep(db: AsyncSession, row: Mapping[str, object]) -> None:
    await db.execute(insert(Ballot).values(row).on_conflict_do_nothing())


async def tally(db: AsyncSession, poll: Poll) -> Tally:
    """The result as of now; one vote for each person of the course, however it was given."""
    topics = select(Topic.number).where(Topic.course_id == poll.course_id)
    options = (await db.scalars(topics)).all()
    people = select(Person.mxid).where(Person.course_id == poll.course_id)
    entitled = (await db.scalars(people.where(Person.status != "ausgeschieden"))).all()
    rules = Rules(
        poll.opens,
        min(poll.closes, poll.closed_at or poll.closes),
        options,
        poll.votes_per_person,
        frozenset(event_id for event_id, _ in await natives(db, poll)),
    )
    votes = counting.count(await _heard(db, poll, rules.closes), rules)
    places = len(poll.slots) if poll.procedure == APPROVAL else 0
    return counting.total(votes, entitled, options, places)


async def _heard(db: AsyncSession, poll: Poll, end: datetime) -> list[Heard]:
    """All that was said about the polls of its course, in the order of arrival.

    What is deleted after the end stays counted: a result does not change any more.
    """
    table = Ballot.__table__.c
    ours = or_(table.poll == poll.key, table.poll.is_(None))
    kept = or_(table.type != REDACTION, table.at <= end)
    query = select(
        *(table.event_id, table.type, table.mxid, table.at),
        *(table.about, table.answers, table.edit, table.power),
    ).where(table.course_id == poll.course_id, ours, kept)
    rows = await db.execute(query.order_by(table.id))
    return [
        Heard(name, kind, mxid, at, about, tuple(answers), edit, power)
        for name, kind, mxid, at, about, answers, edit, power in rows
    ]


async def turnout(db: AsyncSession, poll: Poll) -> tuple[int, int]:
    """How many people have a valid vote, of how many who may vote."""
    result = await tally(db, poll)
    return result.voters, result.entitled


async def native(db: AsyncSession, poll: Poll) -> str | None:
    """The cause of the native poll; the latest one, should the poll have opened again."""
    causes = select(Occurrence.cause + NATIVE).where(
        *_opening(poll), Occurrence.state == "gesendet"
    )
    return await db.scalar(causes.order_by(Occurrence.due.desc()).limit(1))


async def natives(db: AsyncSession, poll: Poll) -> list[tuple[str, str]]:
    """The native polls by which people can vote, as event and room: one for each opening."""
    causes = select(Occurrence.cause + NATIVE).where(*_opening(poll))
    sent = (OutgoingMessage.cause.in_(causes), OutgoingMessage.event_id.is_not(None))
    rows = await db.execute(select(OutgoingMessage.event_id, OutgoingMessage.room_id).where(*sent))
    return [(event_id, room_id) for event_id, room_id in rows if event_id]


async def known(db: AsyncSession, event_id: str) -> tuple[set[str], set[str]]:
    """What has been heard about a native poll, and what of it has been deleted."""
    answers = select(Ballot.event_id).where(Ballot.about == event_id)
    edits = select(Ballot.event_id).where(Ballot.about.in_(answers))
    deleted = select(Ballot.about).where(Ballot.type == REDACTION)
    heard = {*await db.scalars(answers), *await db.scalars(edits)}
    return heard, {*await db.scalars(deleted)}


def _opening(poll: Poll) -> tuple[ColumnElement[bool], ...]:
    """The occurrences that have opened this poll."""
    akin = (Occurrence.schedule == OPENING, Occurrence.subject == poll.key)
    return (*akin, Occurrence.course_id == poll.course_id)
