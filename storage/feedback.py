"""How people liked a webinar: one answer each, shown as sums and only when enough have answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage import folding
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


_LATELY = select(Meeting).where(
    Meeting.course_id == bindparam("course"),
    Meeting.kind == "webinar",
    Meeting.cancelled.is_(False),
    Meeting.day.between(bindparam("first"), bindparam("last")),
)


async def asked(db: AsyncSession, course: Course, at: datetime) -> Meeting | None:
    """The webinar that people can say something about at that moment; the last, if several."""
    today = course.local(at).date()
    days = {"first": today - timedelta(days=7), "last": today}
    found = (await db.scalars(_LATELY, {"course": course.id, **days})).all()
    held = [m for m in found if course.ends_at(m) <= at < feedback_until(course, m)]
    return max(held, key=course.ends_at, default=None)


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
