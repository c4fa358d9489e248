"""The polls: which one is meant, who voted, what counts, and what came out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Ballot, Course, Occurrence, OutgoingMessage, Person, Poll, Topic
from storage.timetable import OPENING

ELECTION, RUNOFF, QUESTION = "wahl", "stichwahl", "umfrage"
"""The kinds of polls: the course file brings the first, the chat the others."""

ECHO = timedelta(days=2)
"""How long after its end a vote still gets to hear that the poll is over."""

NATIVE = "#2"  # what follows the cause of an opening: its native poll is the second message


class Vote(TypedDict):
    """Who answered with which event, the option numbers as text, and when the server got it."""

    mxid: str
    event_id: str
    answers: list[str]
    at: datetime


class NativeVote(Vote):
    """A vote given by a click, and the event that opened the poll clicked on."""

    poll_event: str


@dataclass(frozen=True)
class Standing:
    """Topics with equally many votes, and the slots they win or, being several, compete for."""

    numbers: tuple[int, ...]
    votes: int
    slots: tuple[str, ...]

    @property
    def tied(self) -> bool:
        """Whether somebody has to decide which of the topics gets which of the slots."""
        return len(self.numbers) > 1 and bool(self.slots)


@dataclass(frozen=True)
class Tally:
    """The result so far: `votes` has every topic by its number, also those nobody wants."""

    voters: int
    entitled: int
    votes: Mapping[int, int]

    def standings(self, slots: Sequence[str]) -> list[Standing]:
        """The topics by votes, most first, with the slots shared out in that order."""
        ranked = sorted(self.votes, key=lambda number: (-self.votes[number], number))
        left, found = tuple(slots), []
        for votes, equal in groupby(ranked, key=lambda number: self.votes[number]):
            numbers = tuple(equal)
            found.append(Standing(numbers, votes, left[: len(numbers)]))
            left = left[len(numbers) :]
        return found


def count(ballots: Iterable[Ballot], poll: Poll, known: Collection[int]) -> dict[str, list[int]]:
    """The valid vote of each Matrix id, from ballots in the order in which they arrived.

    The last ballot sent while the poll was open counts, both ends included. An empty one
    withdraws, an unknown answer spoils it; more answers than allowed are cut off (MSC3381).
    """
    timely = (ballot for ballot in ballots if poll.opens <= ballot.at <= poll.closes)
    last = {ballot.mxid: ballot.answers for ballot in sorted(timely, key=lambda b: b.at)}
    names = {str(number): number for number in known}
    return {
        mxid: list(dict.fromkeys(names[answer] for answer in answers[: poll.votes_per_person]))
        for mxid, answers in last.items()
        if answers and names.keys() >= set(answers)
    }


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
    await _keep(db, {**vote, "course_id": poll.course_id, "poll": poll.key})


async def cast_native(db: AsyncSession, course_id: int, **vote: Unpack[NativeVote]) -> None:
    """Keep the answer to a native poll, whether or not its event is known to be ours by now."""
    await _keep(db, {**vote, "course_id": course_id})


async def _keep(db: AsyncSession, row: Mapping[str, object]) -> None:
    await db.execute(insert(Ballot).values(row).on_conflict_do_nothing())


async def tally(db: AsyncSession, poll: Poll) -> Tally:
    """The result as of now; one vote for each person of the course, however it was given."""
    known = [option.number for option in await options(db, poll)]
    people = select(Person.mxid).where(Person.course_id == poll.course_id)
    entitled = (await db.scalars(people.where(Person.status != "ausgeschieden"))).all()
    valid = count(await _ballots(db, poll), poll, known)
    votes = [valid[mxid] for mxid in sorted({mxid for mxid in entitled if mxid} & valid.keys())]
    sums = {number: sum(number in chosen for chosen in votes) for number in known}
    return Tally(len(votes), len(entitled), sums)


async def turnout(db: AsyncSession, poll: Poll) -> tuple[int, int]:
    """How many people have a valid vote, of how many who may vote."""
    result = await tally(db, poll)
    return result.voters, result.entitled


async def silent(db: AsyncSession, poll: Poll) -> list[str]:
    """The Matrix ids of those who may vote and have not answered at all, not even by abstaining."""
    query = select(Person.mxid).where(Person.course_id == poll.course_id)
    entitled = await db.scalars(query.where(Person.status != "ausgeschieden"))
    answered = {b.mxid for b in await _ballots(db, poll) if poll.opens <= b.at <= poll.closes}
    return sorted({mxid for mxid in entitled if mxid} - answered)


async def native(db: AsyncSession, poll: Poll) -> str | None:
    """The cause of the native poll; the latest one, should the poll have opened again."""
    causes = select(Occurrence.cause + NATIVE).where(
        *_opening(poll), Occurrence.state == "gesendet"
    )
    return await db.scalar(causes.order_by(Occurrence.due.desc()).limit(1))


async def _ballots(db: AsyncSession, poll: Poll) -> Sequence[Ballot]:
    """What came in for this poll, typed or native, in the order of arrival."""
    causes = select(Occurrence.cause + NATIVE).where(*_opening(poll))
    events = select(OutgoingMessage.event_id).where(OutgoingMessage.cause.in_(causes))
    ours = or_(Ballot.poll == poll.key, Ballot.poll_event.in_(events))
    query = select(Ballot).where(ours, Ballot.course_id == poll.course_id).order_by(Ballot.id)
    return (await db.scalars(query)).all()


def _opening(poll: Poll) -> tuple[ColumnElement[bool], ...]:
    """The occurrences that have opened this poll."""
    akin = (Occurrence.schedule == OPENING, Occurrence.subject == poll.key)
    return (*akin, Occurrence.course_id == poll.course_id)
