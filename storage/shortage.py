"""Whose attendance runs short, so that organisers hear of it while something can be done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from storage import attendance, checkin, meetings
from storage.attendance import Account
from storage.models import Attendance, Course, Meeting, Person

ENOUGH, TIGHT, LOST = range(3)
"""Missing the coming meeting does no harm; makes it impossible; it is impossible already."""


@dataclass(frozen=True)
class Short:
    """Somebody of whom the organisers should hear, with what is left of the reserve."""

    person: Person
    step: int
    margin: int


async def news(db: AsyncSession, course: Course, coming: Meeting, now: datetime) -> list[Short]:
    """Who has come to a worse step since the organisers heard of them last; they count as told."""
    known = await attendance.every(db, course)
    heard = {row.meeting for own in known.values() for row in own.values() if row.units}
    dates = await meetings.every(db, course)
    most = max((m.units for m in dates if course.starts(m) > now), default=0)
    found = []
    for person in await checkin.members(db, course):
        own = known.get(person.key, {})
        margin = likely(attendance.account_of(course, dates, own, now), heard)
        reached = step(margin, coming, own)
        if reached > person.warned:
            found.append(Short(person, reached, margin))
        person.warned = _remembered(max(reached, person.warned), margin, most)
    await db.flush()
    return found


def _remembered(told: int, margin: int, most: int) -> int:
    """Who is out of danger, whatever is missed next, is told of again if it comes back."""
    return told if margin < 0 else min(told, TIGHT if margin < most else ENOUGH)


def likely(account: Account, heard: Collection[str]) -> int:
    """The reserve if whoever said nothing was not there, where others did check in."""
    return account.margin - sum(m.units for m in account.unconfirmed if m.key in heard)


def step(margin: int, coming: Meeting, own: Mapping[str, Attendance]) -> int:
    """How tight it is before this meeting; what has been said about that counts already."""
    at_stake = coming.units if coming.mandatory and coming.key not in own else 0
    return LOST if margin < 0 else TIGHT if margin < at_stake else ENOUGH
