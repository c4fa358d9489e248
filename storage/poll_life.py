"""The life of a poll as organisers change it; the clock then does what is due.

To end a poll is to move its end to now, to start it is to move its beginning.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from storage import occurrences, overrides, polls
from storage.decisions import Outcome
from storage.models import Course, Poll
from storage.polls import QUESTION, RUNOFF


async def clash(
    db: AsyncSession, course: Course, poll: Poll | None, begin: datetime, end: datetime
) -> Poll | None:
    """Another poll that would be open in this time, too: then nobody knew what a number means."""
    others = [one for one in await polls.every(db, course) if one is not poll]
    real = (one for one in others if one.opens < one.closes)
    return next((one for one in real if one.opens < end and begin < one.closes), None)


async def start(db: AsyncSession, course: Course, poll: Poll, now: datetime) -> None:
    """Open it now."""
    overrides.put(poll, opens=now)
    await occurrences.plan(db, course, now)


async def extend(
    db: AsyncSession, course: Course, poll: Poll, until: datetime, now: datetime
) -> None:
    """Let it go on until then, also when it had closed or was called off; the votes stay."""
    if poll.opens <= now and poll.closes <= now:
        poll.reopened = now
    poll.counted = None
    poll.cancelled = False
    overrides.put(poll, closes=until)
    await occurrences.plan(db, course, now)


async def end(db: AsyncSession, course: Course, poll: Poll, now: datetime) -> None:
    """Close it now, and count."""
    overrides.put(poll, closes=now)
    await occurrences.plan(db, course, now)


async def cancel(db: AsyncSession, course: Course, poll: Poll, now: datetime) -> None:
    """Close it now, or never open it, and count nothing."""
    poll.cancelled = True
    await end(db, course, poll, now)


async def question(db: AsyncSession, course: Course, draft: Poll, now: datetime) -> Poll:
    """Open a poll that an organiser has just thought of."""
    draft.key = await _free_key(db, course, QUESTION)
    db.add(draft)
    await occurrences.plan(db, course, now)
    return draft


async def runoff(
    db: AsyncSession, course: Course, found: Outcome, until: datetime, now: datetime
) -> Poll:
    """Let people choose between the tied topics of an election, from now on."""
    assert found.tied is not None
    poll = Poll(
        course_id=course.id,
        key=await _free_key(db, course, RUNOFF),
        question=found.poll.question,
        slots=list(found.tied.slots),
        opens=now,
        closes=until,
        kind=RUNOFF,
        election=found.poll.key,
        among=list(found.tied.numbers),
    )
    db.add(poll)
    await occurrences.plan(db, course, now)
    return poll


async def _free_key(db: AsyncSession, course: Course, kind: str) -> str:
    """One that no course file can give: its keys have no colon."""
    count = sum(poll.kind == kind for poll in await polls.every(db, course))
    return f"{kind}:{count + 1}"
