"""What organisers still have to do, for the one line that tells them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from storage import attendance, checkin, meetings, polls
from storage.models import Course


async def line(db: AsyncSession, course: Course, now: datetime) -> str:
    """Whether anything is missing, and whether the next meeting has its link."""
    found = [*await _missing(db, course, now), *await _undecided(db, course, now)]
    coming = await meetings.following(db, course, now=now)
    link = ""
    if coming is not None and coming.link:
        link = f" Link für {coming.key} ist gesetzt."
    elif coming is not None:
        found.append(f"Link für {coming.key}")
    return f"Offen: {', '.join(found) or 'nichts'}.{link}"


async def _missing(db: AsyncSession, course: Course, now: datetime) -> list[str]:
    """Of the last meeting: slides, and attendance that nobody has confirmed."""
    held = [m for m in await meetings.held(db, course, before=now) if m.kind == "webinar"]
    if not held:
        return []
    last = held[-1]
    known = await attendance.every(db, course)
    open_entries = 0
    for person in await checkin.members(db, course):
        row = known.get(person.key, {}).get(last.key)
        open_entries += row is None or row.state not in attendance.SETTLED
    found = [] if last.materials else [f"Material zu {last.key}"]
    return found + ([f"Anwesenheit {last.key} ({open_entries})"] if open_entries else [])


async def _undecided(db: AsyncSession, course: Course, now: datetime) -> list[str]:
    poll = await polls.election(db, course)
    waits = poll and not poll.cancelled and poll.closes <= now and not poll.decided_at
    return ["Entscheidung der Wahl"] if waits else []
