"""The whole course on a simulated clock, for organisers to sign off."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from tempfile import TemporaryDirectory
from textwrap import indent
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot import striking
from bot.announcing import POLL_END, POLL_START
from schedules import Schedule
from storage import calendar, courses, database, occurrences, outbox, polls
from storage.course_files import course_file, imports
from storage.course_files.course_file import CourseFile
from storage.database import Sessions
from storage.models import Course, OutgoingMessage
from storage.replies import DIRECT, INFO, ROOM_NAMES, TALK, Place

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before every course: everything is still to come."""

_MOMENT: Final = re.compile(r"/\d{4}-\d\d-\d\dT[\d:]+")

NATIVE: Final = {POLL_START: "[zum Antippen] ", POLL_END: "[beendet das Antippen] "}
"""What is put in front of the two halves of a native poll, which have no other sign on paper."""


@dataclass(frozen=True)
class Said:
    """One post: when, in the zone of the course, where, and whether phones make a noise.

    `about` is which schedule says it about what, whenever that is.
    """

    at: datetime
    place: Place
    push: bool
    text: str
    about: str = field(default="", compare=False)


async def rehearse(data: bytes, known: Mapping[str, Schedule]) -> list[Said]:
    """Everything the bot will say unasked in the course of this file, in order.

    The votes are those that the file gives as an example. Raises `Faulty` if it has mistakes.
    """
    rules = {name.replace("_", "-") for name in known} | {"material"}
    file = course_file.read(data, rules)
    with TemporaryDirectory() as folder:
        async with database.opened(f"sqlite+aiosqlite:///{folder}/rehearsal.db") as sessions:
            async with sessions.begin() as db:
                course = await _imported(db, file)
            return [said async for said in play(sessions, known, course, BEGINNING)]


async def play(
    sessions: Sessions, known: Mapping[str, Schedule], course: Course, now: datetime
) -> AsyncIterator[Said]:
    """Strike all that is planned after this moment, from due to due, and deliver it at once."""
    moment: datetime | None = now
    while moment is not None:
        await striking.strike(sessions, known, moment)
        async with sessions.begin() as db:
            places = {room.room_id: Place(room.kind) for room in await courses.rooms(db, course)}
            waiting = await outbox.waiting(db)
            for message in waiting:
                await outbox.mark(db, message, outbox.SENT, f"${message.id}")
            following = await occurrences.next_due(db, after=moment)
        for message in waiting:
            place = places.get(message.room_id, DIRECT)
            yield _said(course, moment, place, message)
        moment = following


def _said(course: Course, now: datetime, place: Place, message: OutgoingMessage) -> Said:
    push = message.content.get("msgtype") == "m.text"
    text = NATIVE.get(message.type, "") + str(message.content["body"])
    schedule, _, rest = message.cause.partition(f"/{course.key}/")
    about = f"{schedule} {_MOMENT.sub('', rest)}"
    return Said(course.local(now), place, push, text, about)


async def _imported(db: AsyncSession, file: CourseFile) -> Course:
    course = (await imports.apply(db, file, BEGINNING)).course
    await occurrences.plan(db, course, BEGINNING)
    for room in await courses.rooms(db, course):
        room.room_id = f"!{room.kind}"
    await _vote(db, course, file)
    return course


async def _vote(db: AsyncSession, course: Course, file: CourseFile) -> None:
    poll = await polls.election(db, course)
    examples = file.wahl.beispielstimmen if file.wahl else None
    if poll is None or not isinstance(examples, dict):
        return
    accounts = {person.id: person.mxid for person in file.person}
    for key, number in examples.items():
        mxid, event_id = accounts.get(key, ""), f"$stimme-{key}"
        vote = [str(number)]
        await polls.cast(db, poll, mxid=mxid, event_id=event_id, answers=vote, at=poll.opens)


def printed(posts: Sequence[Said]) -> Iterator[str]:
    """The posts for people to read, with a summary at the end; what many are told is shown once."""
    for said, alike in groupby(posts):
        yield headline(said, len(list(alike)))
        yield indent(said.text, "    ") + "\n"
    yield _summary(posts)


def headline(said: Said, count: int) -> str:
    """When, where, to how many, and how loud."""
    moment = f"{calendar.with_year(said.at.date())} {calendar.clock(said.at.time())}"
    room = ROOM_NAMES.get(said.place, said.place)
    many = f" ({count}-mal)" if count > 1 else ""
    return f"{moment}  {room}{many}  {'Push' if said.push else 'leise'}"


def _summary(posts: Sequence[Said]) -> str:
    weeks = Counter(f"{said.at:%G-W%V}" for said in posts if said.place in (INFO, TALK))
    loud = sum(said.push for said in posts)
    most = max(weeks.values(), default=0)
    return (
        f"{len(posts)} Beiträge, davon {loud} mit Push; "
        f"in Ankündigungen und Austausch höchstens {most} in einer Woche."
    )
