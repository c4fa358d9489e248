"""How much teaching time somebody attended, and how much may still be missed (product A.2)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import meetings, overrides
from storage.models import Attendance, Course, Meeting, Person

SIGNED_OFF, REPORTED = "abgemeldet", "selbst"
CONFIRMED, EXPORTED = "bestaetigt", "exportiert"
SETTLED: Final = frozenset({CONFIRMED, EXPORTED})
"""What only organisers may change."""


@dataclass(frozen=True)
class Account:
    """Teaching units (UE) of one person, of obligatory dates that take place.

    `attended` of `so_far` are confirmed; `missed` are those dates of which something is missing.
    `reported` are what the person says about others, `absent` those of them that they miss (the
    `announced` units). `unconfirmed` are over, and nobody has said anything. `webinar` is what one
    webinar counts, 0 if there is none.
    """

    attended: int
    so_far: int
    total: int
    required: int
    missed: Sequence[Meeting]
    reported: int
    absent: Sequence[Meeting]
    announced: int
    unconfirmed: Sequence[Meeting]
    webinar: int

    @property
    def reserve(self) -> int:
        """How many units may still be missed by what is confirmed; negative when it is too late."""
        return self.total - self.required - (self.so_far - self.attended)

    @property
    def margin(self) -> int:
        """What is left of the reserve when the person misses what they have announced."""
        return self.reserve - self.announced

    @property
    def best(self) -> int:
        """How many units it can become at most."""
        return self.required + self.margin


def account_of(
    course: Course, dates: Sequence[Meeting], own: Mapping[str, Attendance], now: datetime
) -> Account:
    """The account that follows from somebody's entries, by the keys of their dates; pure."""
    counting = [m for m in dates if m.mandatory and not m.cancelled]
    settled = [m for m in counting if m.key in own and own[m.key].state in SETTLED]
    said = [m for m in counting if m.key in own and own[m.key].state not in SETTLED]
    got = {m.key: min(own[m.key].units, m.units) for m in (*settled, *said)}
    return Account(
        attended=sum(got[m.key] for m in settled),
        so_far=sum(m.units for m in settled),
        total=meetings.units(counting),
        required=meetings.required(course, meetings.units(counting)),
        missed=[m for m in settled if got[m.key] < m.units],
        reported=sum(got[m.key] for m in said),
        absent=[m for m in said if got[m.key] < m.units],
        announced=sum(m.units - got[m.key] for m in said),
        unconfirmed=[m for m in counting if m.key not in own and course.ends_at(m) <= now],
        webinar=max((m.units for m in counting if m.kind == "webinar"), default=0),
    )


async def account(db: AsyncSession, course: Course, person: Person, *, now: datetime) -> Account:
    """The interim account of somebody; the chamber decides, not this number."""
    own = await entries(db, course, person)
    return account_of(course, await meetings.every(db, course), own, now)


async def entries(db: AsyncSession, course: Course, person: Person) -> dict[str, Attendance]:
    """What is known of somebody, by the keys of the meetings."""
    query = select(Attendance).where(Attendance.course_id == course.id)
    rows = await db.scalars(query.where(Attendance.person == person.key))
    return {row.meeting: row for row in rows}


async def report(db: AsyncSession, said: Attendance) -> bool:
    """Keep what somebody says about themselves; False when the organisers have settled it."""
    row = await _entry(db, said)
    if row is not None and row.state in SETTLED:
        return False
    if row is None:
        db.add(said)
    else:
        row.units, row.state, row.by, row.at = said.units, said.state, said.by, said.at
    await db.flush()
    return True


async def withdraw(db: AsyncSession, entry: Attendance) -> None:
    """Forget that somebody signed off."""
    await db.delete(entry)
    await db.flush()


async def confirm(db: AsyncSession, said: Attendance) -> None:
    """Settle how many units it were, by what organisers say in the chat (`by`, `at`).

    An old course file does not undo that. What was exported has to be exported anew.
    """
    row, said.state = await _entry(db, said), CONFIRMED
    if row is None:
        db.add(said)
    elif row.state in SETTLED:
        overrides.put(row, units=said.units, state=CONFIRMED)
    else:
        row.units, row.state = said.units, CONFIRMED
    if row is not None:
        row.by, row.at, row.made_up = said.by, said.at, said.made_up
    await db.flush()


async def confirm_all(
    db: AsyncSession,
    course: Course,
    meeting: Meeting,
    units: Mapping[str, int],
    by: tuple[str, datetime],
) -> None:
    """Settle the units of many people by their keys; who says so, and when."""
    for number, (person, attended) in enumerate(units.items(), 1):
        said = Attendance(
            course_id=course.id,
            person=person,
            meeting=meeting.key,
            units=attended,
            by=by[0],
            at=by[1],
        )
        await confirm(db, said)
        if number % 20 == 0:
            await asyncio.sleep(0)  # others have a turn


async def every(db: AsyncSession, course: Course) -> dict[str, dict[str, Attendance]]:
    """All entries of a course, by the keys of the person and of the meeting."""
    found: dict[str, dict[str, Attendance]] = {}
    for row in await db.scalars(select(Attendance).where(Attendance.course_id == course.id)):
        found.setdefault(row.person, {})[row.meeting] = row
    return found


async def export(db: AsyncSession, entries: Iterable[Attendance]) -> None:
    """What is settled has gone to the chamber."""
    for row in entries:
        if row.state == CONFIRMED:
            overrides.put(row, state=EXPORTED)
    await db.flush()


async def _entry(db: AsyncSession, said: Attendance) -> Attendance | None:
    query = select(Attendance).where(Attendance.course_id == said.course_id)
    same = (Attendance.person == said.person, Attendance.meeting == said.meeting)
    return await db.scalar(query.where(*same))
