"""The polls: which one is meant, who voted, what counts, and what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, union_all
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
from storage.models.people import GONE
from storage.tally import REDACTION, TYPED, VOTES, Heard, Rules, Standing, Tally
from storage.timetable import OPENING

__all__ = ["Standing", "Tally"]

ELECTION, RUNOFF, QUESTION = "wahl", "stichwahl", "umfrage"
"""The kinds of polls: the course file brings the first, the chat the others."""

ECHO = timedelta(days=2)
"""How long after its end a vote still gets to hear that the poll is over."""

NATIVE = "#2"  # what follows the cause of an opening: its native poll is the second message
APPROVAL = "zustimmung"
"""The procedure in which people approve of as many topics as they like."""


class Vote(TypedDict):
    """Who voted with which message, the option numbers as text, and when the server got it."""

    mxid: str
    event_id: str
    answers: list[str]
    at: datetime


async def every(db: AsyncSession, course: Course) -> Sequence[Poll]:
    """All polls of the course in the order in which they open, cancelled ones too."""
    query = select(Poll).where(Poll.course_id == course.id).order_by(Poll.opens, Poll.id)
    return (await db.scalars(query)).all()


async def current(db: AsyncSession, course: Course, at: datetime) -> Poll | None:
    """The poll that people mean at that moment.

    The one that is open (there is never a second one but by a changed course file), the one that
    has just closed, the next to come, the last that was: the first of these that there is.
    """
    polls = await every(db, course)
    closed = sorted((poll for poll in polls if poll.closes <= at), key=lambda poll: poll.closes)
    ordered = (
        [poll for poll in polls if is_open(poll, at)][::-1],
        [poll for poll in closed if at < poll.closes + ECHO and poll.opens <= at][::-1],
        [poll for poll in polls if at < poll.opens < poll.closes],
        [poll for poll in closed if poll.opens <= at][::-1],
    )
    return next((found[0] for found in ordered if found), None)


async def election(db: AsyncSession, course: Course) -> Poll | None:
    """The election of topics; the newest, should there have been several."""
    found = [poll for poll in await every(db, course) if poll.kind == ELECTION]
    return found[-1] if found else None


def is_open(poll: Poll, at: datetime) -> bool:
    """Whether one can vote at that moment."""
    return poll.opens <= at < poll.closes


def about(poll: Poll) -> str:
    """The command that shows what there is to choose from."""
    return "!stand" if poll.kind == QUESTION else "!themen"


async def topics(db: AsyncSession, course: Course) -> Sequence[Topic]:
    """All elective topics of the course, by number."""
    query = select(Topic).where(Topic.course_id == course.id).order_by(Topic.number)
    return (await db.scalars(query)).all()


async def options(db: AsyncSession, poll: Poll) -> Sequence[Topic]:
    """What there is to choose from, by number; the answers to a question are topics of its own."""
    if poll.kind == QUESTION:
        return [
            Topic(course_id=poll.course_id, key=str(n), number=n, title=text, short=text)
            for n, text in enumerate(poll.choices, 1)
        ]
    query = select(Topic).where(Topic.course_id == poll.course_id).order_by(Topic.number)
    found = (await db.scalars(query)).all()
    return [topic for topic in found if not poll.among or topic.number in poll.among]


async def cast(db: AsyncSession, poll: Poll, **vote: Unpack[Vote]) -> None:
    """Keep a typed vote, once for each event."""
    typed = {"type": TYPED, "about": "", "edit": False, "power": False}
    await _keep(db, {**vote, **typed, "course_id": poll.course_id, "poll": poll.key})


async def withdraw(db: AsyncSession, course: Course, mxid: str, at: datetime) -> None:
    """Forget somebody's votes in the polls that are open, also if they are read once more."""
    for poll in [one for one in await every(db, course) if is_open(one, at)]:
        native = [event_id for event_id, _ in await natives(db, poll)]
        theirs = (Ballot.course_id == course.id, Ballot.mxid == mxid)
        votes = or_(Ballot.poll == poll.key, Ballot.about.in_(native))
        await db.execute(delete(Ballot).where(*theirs, votes))
        event_id = f"gelöscht/{poll.id}/{mxid}/{at.isoformat()}"
        await cast(db, poll, mxid=mxid, event_id=event_id, answers=[], at=at)


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
    """The result as of now; one vote for each person of the course, however it was given.

    Who has left since they voted still counts.
    """
    if poll.sums:
        return _settled(poll.sums)
    numbers = [option.number for option in await options(db, poll)]
    people = await db.execute(
        select(Person.mxid, Person.status).where(Person.course_id == poll.course_id)
    )
    rules = Rules(
        poll.opens,
        poll.closes,
        numbers,
        poll.votes_per_person,
        frozenset(event_id for event_id, _ in await natives(db, poll)),
    )
    votes = counting.count(await _heard(db, poll, rules.closes), rules)
    entitled = [mxid for mxid, status in people if status != GONE or mxid in votes]
    places = len(poll.slots) if poll.procedure == APPROVAL else 0
    return counting.total(votes, entitled, numbers, places)


async def _heard(db: AsyncSession, poll: Poll, end: datetime) -> list[Heard]:
    """All that was said about the polls of its course, in the order of arrival.

    What is deleted after the end stays counted, and what arrives after the count never counts: a
    result does not change any more.
    """
    table = Ballot.__table__.c
    ours = or_(table.poll == poll.key, table.poll.is_(None))
    kept = or_(table.type != REDACTION, table.at <= end)
    if poll.counted is not None:
        kept = and_(kept, table.id <= poll.counted)
    query = select(
        *(table.event_id, table.type, table.mxid, table.at),
        *(table.about, table.answers, table.edit, table.power),
    ).where(table.course_id == poll.course_id, ours, kept)
    rows = await db.execute(query.order_by(table.id))
    return [
        Heard(name, kind, mxid, at, about, tuple(answers), edit, power)
        for name, kind, mxid, at, about, answers, edit, power in rows
    ]


async def close(db: AsyncSession, poll: Poll) -> None:
    """All that can be heard of it has been: from now on, its result stays what it is."""
    poll.counted = await db.scalar(select(func.coalesce(func.max(Ballot.id), 0)))


async def settle(db: AsyncSession, poll: Poll) -> None:
    """From now on only the sums are known: they stay, whoever's ballots are forgotten."""
    if not poll.sums:
        poll.sums = asdict(await tally(db, poll))
        await db.flush()


def _settled(sums: Mapping[str, Any]) -> Tally:
    """The sums as they come back from JSON."""
    votes = {int(number): count for number, count in sums["votes"].items()}
    return Tally(**{**sums, "votes": votes, "selected": tuple(sums["selected"])})


async def turnout(db: AsyncSession, poll: Poll) -> tuple[int, int]:
    """How many people have a valid vote, of how many who may vote."""
    result = await tally(db, poll)
    return result.voters, result.entitled


async def silent(db: AsyncSession, poll: Poll) -> list[str]:
    """The Matrix ids of those who may vote and have not answered at all, not even by abstaining."""
    query = select(Person.mxid).where(Person.course_id == poll.course_id)
    entitled = await db.scalars(query.where(Person.status != GONE))
    native = {event_id for event_id, _ in await natives(db, poll)}
    answered = {
        one.sender
        for one in await _heard(db, poll, poll.closes)
        if one.type == TYPED or (one.type in VOTES and one.about in native)
        if poll.opens <= one.at <= poll.closes
    }
    return sorted({mxid for mxid in entitled if mxid} - answered)


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
