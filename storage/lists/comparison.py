"""A meeting as the list of the video conference tells it: how much of it each person attended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.lists import presence, recognition
from storage.lists.presence import Visit
from storage.lists.recognition import Known
from storage.models import Course, Meeting, Network, Person


@dataclass(frozen=True)
class Doubt:
    """A name that may be somebody of these, or nobody of the course; for how many units."""

    name: str
    minutes: int
    units: int
    keys: Sequence[str]


@dataclass(frozen=True)
class Compared:
    """Minutes and units by the keys of people, and the names that are in doubt."""

    minutes: dict[str, int]
    units: dict[str, int]
    doubts: list[Doubt]


async def compare(
    db: AsyncSession, course: Course, meeting: Meeting, visits: Sequence[Visit]
) -> Compared:
    """Whose names these are, and how long they were there; two devices at once count once."""
    guesses = recognition.recognise(dict.fromkeys(v[0] for v in visits), await _known(db, course))
    sure = {guess.name: guess.keys[0] for guess in guesses if guess.sure}
    start, end = (m(meeting).replace(tzinfo=None) for m in (course.starts, course.ends_at))
    theirs = [(sure[n], length, joined, left) for n, length, joined, left in visits if n in sure]
    minutes = presence.minutes(theirs, start, end)
    others = [visit for visit in visits if visit[0] not in sure]
    unsure = presence.minutes(others, start, end)
    doubts = [
        Doubt(g.name, round(unsure[g.name]), units(course, meeting, unsure[g.name]), g.keys)
        for g in guesses
        if not g.sure
    ]
    return Compared(
        {key: round(length) for key, length in minutes.items()},
        {key: units(course, meeting, length) for key, length in minutes.items()},
        sorted(doubts, key=lambda doubt: -doubt.minutes),
    )


def units(course: Course, meeting: Meeting, minutes: float) -> int:
    """The share of the teaching time, without breaks, that somebody was there for; rounded."""
    length = (course.ends_at(meeting) - course.starts(meeting)) / timedelta(minutes=1)
    taught = length - meeting.break_minutes
    share = min(1.0, minutes / taught) if taught > 0 else 0.0
    return int(meeting.units * share + 0.5)


async def _known(db: AsyncSession, course: Course) -> list[Known]:
    """Everybody in the course who has not left, with what they may call themselves."""
    query = (
        select(Person.key, Person.mxid, Network.short, Network.name)
        .outerjoin(
            Network, (Network.course_id == Person.course_id) & (Network.key == Person.network)
        )
        .where(Person.course_id == course.id, Person.status != "ausgeschieden")
        .order_by(Person.key)
    )
    return [
        Known(key, mxid, [name for name in names if name])
        for key, mxid, *names in await db.execute(query)
    ]
