"""What the clock will say, as far as it depends on the course alone."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from schedules import Context, Said, Schedule
from storage import announcements, occurrences, wording
from storage.joined import Shared, nowhere
from storage.models import Occurrence


async def context(
    db: AsyncSession, row: Occurrence, now: datetime, shared: Shared = nowhere
) -> Context:
    """What the schedule of an occurrence knows when it speaks at a moment."""
    about = await occurrences.subject(db, row)
    due, local = about.course.local(row.due), about.course.local(now)
    subject = about.rule, about.meeting, about.poll
    return Context(db, about.course, due, local, *subject, row.lead, row.text, shared)


async def speak(schedule: Schedule, ctx: Context) -> Said:
    """What the schedule says, in the words that organisers have chosen for it."""
    said = await schedule.run(ctx)
    chosen = wording.instead(ctx.rule, schedule.name, ctx.course, ctx.about)
    return chosen if chosen and isinstance(said, str) else said


async def foretell(
    schedules: Mapping[str, Schedule], db: AsyncSession, row: Occurrence
) -> tuple[str, str]:
    """The title of what is to come, and its first line if that is known; nothing is changed."""
    schedule = schedules.get(row.schedule)
    if schedule is None:
        return row.schedule, ""
    if row.schedule == announcements.SCHEDULE:
        return schedule.title, row.text.partition("\n")[0]
    if not schedule.foretold:
        return schedule.title, ""
    said = await speak(schedule, await context(db, row, row.due))
    return schedule.title, said.partition("\n")[0] if isinstance(said, str) else ""
