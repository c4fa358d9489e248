"""How people liked a webinar: one answer each, shown as sums and only when enough have answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage import folding, meetings
from storage.models import Course, Feedback, Meeting
from storage.timetable import feedback_until

BEST, WORST = 1, 5
"""The ends of the scale; in Germany, 1 is the best mark (product B.3)."""

SCALE = f"{BEST} = sehr hilfreich, {WORST} = gar nicht hilfreich"
LONGEST = 300  # characters of a comment that are kept


@dataclass(frozen=True)
class Summary:
    """What may be known of the answers: no names, and no order that tells who was first."""

    count: int
    median: float
    comments: Sequence[str]


async def asked(db: AsyncSession, course: Course, at: datetime) -> Meeting | None:
    """The webinar that people can say something about at that moment; the last, if several."""
    over = await meetings.held(db, course, before=at)
    webinars = [m for m in over if m.kind == "webinar" and at < feedback_until(course, m)]
    return webinars[-1] if webinars else None


async def give(db: AsyncSession, said: Feedback) -> None:
    """Keep what somebody says about a meeting; the last word counts."""
    key = {"course_id": said.course_id, "person": said.person, "meeting": said.meeting}
    words = {"score": said.score, "comment": said.comment, "at": said.at}
    query = insert(Feedback).values(key | words)
    await db.execute(query.on_conflict_do_update(index_elements=list(key), set_=words))


async def summary(db: AsyncSession, course: Course, meeting: Meeting) -> Summary | None:
    """The answers as a whole; None while there are too few to hide behind each other."""
    query = select(Feedback).where(Feedback.course_id == course.id)
    rows = (await db.scalars(query.where(Feedback.meeting == meeting.key))).all()
    if len(rows) < max(course.feedback_minimum, 1):
        return None
    comments = sorted((row.comment for row in rows if row.comment), key=folding.fold_words)
    return Summary(len(rows), median(row.score for row in rows), comments)


async def closed(db: AsyncSession, course: Course, at: datetime) -> Meeting | None:
    """The last webinar about which all has been said at that moment."""
    over = await meetings.held(db, course, before=at)
    webinars = [m for m in over if m.kind == "webinar" and feedback_until(course, m) <= at]
    return webinars[-1] if webinars else None


def told(meeting: Meeting, found: Summary) -> str:
    """The sums for organisers, without the comments."""
    middle = f"{found.median:g}".replace(".", ",")
    title = f"**Rückmeldung zu {meetings.short_title(meeting)}: {found.count} Antworten**"
    return f"{title}\nMittlerer Wert: {middle} ({SCALE})"
