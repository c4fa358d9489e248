"""Tell the organisers what the clock said late, and what it had to leave out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot import markup
from schedules import Schedule
from storage import calendar, meetings, occurrences, outbox, standing
from storage.database import Sessions
from storage.models import Occurrence, OutgoingMessage
from storage.replies import ORGA, ROOM_NAMES, Place

LISTED = 4
"""How many posts are named in a report."""


async def tell(
    sessions: Sessions,
    schedules: Mapping[str, Schedule],
    course_id: int,
    late: Sequence[Occurrence],
    now: datetime,
) -> int:
    """Give up what is useless by now and report it, both in one transaction.

    Nothing is given up before the organisers' room is known: it would be lost without a word.
    """
    async with sessions.begin() as db:
        missed = await occurrences.expired(db, course_id, now)
        room_id = await standing.room_of(db, course_id, ORGA)
        if room_id is None or not (missed or late):
            return 0
        text = await _report(db, schedules, missed, late)
        for occurrence in missed:
            await occurrences.finish(db, occurrence, occurrences.SKIPPED)
        first = f"{missed[0].cause}/ausgelassen" if missed else f"{late[0].cause}/nachgeholt"
        content = markup.content(text, push=bool(missed), cause=first)
        message = OutgoingMessage(
            cause=first, course_id=course_id, room_id=room_id, content=content, due=now
        )
        return int(await outbox.put(db, message))


async def _report(
    db: AsyncSession,
    schedules: Mapping[str, Schedule],
    missed: Sequence[Occurrence],
    late: Sequence[Occurrence],
) -> str:
    skipped = await listed(db, schedules, missed)
    said = await listed(db, schedules, late)
    if skipped and said:
        return f"Nachgeholt: {said}; ausgelassen: {skipped}."
    if said:
        return f"Nachgeholt: {said}."
    return f"Ausgelassen: {skipped}, weil {await _reason(db, missed)}"


async def listed(
    db: AsyncSession, schedules: Mapping[str, Schedule], rows: Sequence[Occurrence]
) -> str:
    """The first few by name, and how many more."""
    named = [await name(db, schedules, occurrence) for occurrence in rows[:LISTED]]
    more = len(rows) - LISTED
    return ", ".join(named) + (f" und {more} weitere" if more > 0 else "")


async def name(db: AsyncSession, schedules: Mapping[str, Schedule], occurrence: Occurrence) -> str:
    """„Gleich geht es los“ zu Webinar 4 (Mi 02.12., 09:45 Uhr)."""
    about = await occurrences.subject(db, occurrence)
    due = about.course.local(occurrence.due)
    known = schedules.get(occurrence.schedule)
    title = known.title if known else occurrence.schedule
    meeting = f" zu {meetings.name(about.meeting)}" if about.meeting else ""
    return f"„{title}“{meeting} ({_moment(due)})"


async def _reason(db: AsyncSession, missed: Sequence[Occurrence]) -> str:
    places = {Place(occurrence.room) for occurrence in missed}
    for place in sorted(places):
        if await standing.room_of(db, missed[0].course_id, place) is None:
            name = ROOM_NAMES.get(place, place)
            return f"ich im Raum {name} nicht dabei war. Bitte mich dorthin einladen."
    if len(missed) > 1:
        return "es dafür zu spät war."
    about = await occurrences.subject(db, missed[0])
    return f"es bis {_moment(about.course.local(missed[0].expires))} nicht möglich war."


def _moment(local: datetime) -> str:
    return f"{calendar.short(local.date())}, {calendar.clock(local.time())} Uhr"
