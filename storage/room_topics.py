"""What stands over a room: the words that people chose, and behind them the next date; public."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, meetings
from storage.models import Course
from storage.quoting import quoted

MARK: Final = "Nächster Termin: "
"""From here on it is the bot's; what stands before it is left alone."""


async def wanted(db: AsyncSession, course: Course, there: str, now: datetime) -> str:
    """The topic of a room as it should be by now: no link and no person, for it is not encrypted.

    The next date is the one that is running, or comes next; after the last one there is none.
    """
    coming = await meetings.following(db, course, now=now)
    words = there.partition(MARK)[0].rstrip(" ·\n")
    if coming is None:
        return words
    when = f"{calendar.short(coming.day)}, {calendar.clock(coming.starts)} Uhr"
    line = f"{MARK}{when}, {quoted(meetings.subject(coming), 90)}"
    return f"{words} · {line}" if words else line
