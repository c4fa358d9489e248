"""How much teaching time somebody attended, and how much may still be missed (product A.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import meetings
from storage.models import Attendance, Course, Meeting, Person


@dataclass(frozen=True)
class Account:
    """Teaching units (UE) of one person: obligatory dates that take place, confirmed ones so far.

    `unconfirmed` are dates that are over but not on the organisers' list yet; `webinar` is what
    one webinar counts, 0 if there is none.
    """

    attended: int
    so_far: int
    total: int
    required: int
    missed: Sequence[Meeting]
    unconfirmed: Sequence[Meeting]
    webinar: int

    @property
    def reserve(self) -> int:
        """How many units may still be missed; negative when it is too late."""
        return self.total - self.required - (self.so_far - self.attended)


async def account(db: AsyncSession, course: Course, person: Person, *, now: datetime) -> Account:
    """The interim account of somebody; the chamber decides, not this number."""
    every = await meetings.every(db, course)
    dates = [m for m in every if m.mandatory and not m.cancelled]
    rows = select(Attendance.person, Attendance.meeting, Attendance.units)
    entries = (await db.execute(rows.where(Attendance.course_id == course.id))).all()
    listed = {meeting for _, meeting, _ in entries}
    own = {meeting: units for who, meeting, units in entries if who == person.key}
    confirmed = [m for m in dates if m.key in listed]
    return Account(
        attended=sum(min(own.get(m.key, 0), m.units) for m in confirmed),
        so_far=sum(m.units for m in confirmed),
        total=meetings.units(dates),
        required=meetings.required(course, meetings.units(dates)),
        missed=[m for m in confirmed if own.get(m.key, 0) < m.units],
        unconfirmed=[m for m in dates if m.key not in listed and course.ends_at(m) <= now],
        webinar=max((m.units for m in dates if m.kind == "webinar"), default=0),
    )
