"""The dates of a course: which come, which are over, and which one somebody means."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import meant
from storage.models import Course, Meeting, Speaker

_KINDS: Final = {"auftakt": "Auftakt", "webinar": "Webinar", "abschluss": "Abschluss"}


def name(meeting: Meeting) -> str:
    """What kind of date it is and which: "Webinar 3", "Auftakt"."""
    kind = _KINDS.get(meeting.kind, "Termin")
    return kind if meeting.number is None else f"{kind} {meeting.number}"


def subject(meeting: Meeting) -> str:
    """What it is about in few words, what follows a colon left out: "Öffentlichkeitsarbeit"."""
    short = meant.headline(meeting)
    kind = _KINDS.get(meeting.kind, "")
    special = kind not in ("", "Webinar") and kind.lower() not in short.lower()
    return f"{kind}, {short}" if special else short


def title(meeting: Meeting) -> str:
    """Which date and its whole topic: "Webinar 3: Öffentlichkeitsarbeit: Tipps und Tricks"."""
    known = meeting.topic.lower().startswith(name(meeting).lower())
    return meeting.topic if known else f"{name(meeting)}: {meeting.topic}"


def short_title(meeting: Meeting) -> str:
    """Which date and its subject: "Webinar 3 (Öffentlichkeitsarbeit)", "Auftakt Tag 1"."""
    named = name(meeting).lower() in subject(meeting).lower()
    return subject(meeting) if named else f"{name(meeting)} ({subject(meeting)})"


def is_open(meeting: Meeting) -> bool:
    """Whether its topic is still to be elected."""
    return meeting.slot is not None and not meeting.speakers and "topic" not in meeting.filed


_EVERY = (
    select(Meeting)
    .where(Meeting.course_id == bindparam("course"))
    .order_by(Meeting.day, Meeting.starts, Meeting.id)
)


async def every(db: AsyncSession, course: Course) -> Sequence[Meeting]:
    """All dates in order, cancelled ones too."""
    return (await db.scalars(_EVERY, {"course": course.id})).all()


async def upcoming(db: AsyncSession, course: Course, *, after: datetime) -> list[Meeting]:
    """What is still to come or running at that moment, without cancelled ones."""
    return [m for m in await every(db, course) if not m.cancelled and course.ends_at(m) > after]


async def held(db: AsyncSession, course: Course, *, before: datetime) -> list[Meeting]:
    """What was over at that moment, in order, without cancelled ones."""
    return [m for m in await every(db, course) if not m.cancelled and course.ends_at(m) <= before]


async def following(db: AsyncSession, course: Course, *, now: datetime) -> Meeting | None:
    """The date that is running now, else the next one."""
    return next(iter(await upcoming(db, course, after=now)), None)


async def due_tasks(
    db: AsyncSession, course: Course, *, now: datetime
) -> list[tuple[Meeting, datetime]]:
    """Tasks that are still to be done, by deadline, in the zone of the course.

    One without a deadline is due at the date itself, once that has begun at the one after it.
    """
    dates = [m for m in await every(db, course) if not m.cancelled]
    starts = [course.starts(m) for m in dates]
    found = []
    for meeting, start, after in zip(dates, starts, [*starts[1:], None], strict=True):
        until = meeting.task_due or (after if after and start < now else start)
        if meeting.task and until >= now:
            found.append((meeting, course.local(until)))
    return sorted(found, key=lambda task: task[1])


async def speakers(db: AsyncSession, course: Course, meeting: Meeting) -> list[str]:
    """The roles of those who lead a meeting, in the order of the course file."""
    if not meeting.speakers:
        return []
    named = await roles(db, course)
    return [named.get(key, key) for key in meeting.speakers]


async def roles(db: AsyncSession, course: Course) -> dict[str, str]:
    """What the speakers of the course are called, by their keys."""
    query = select(Speaker.key, Speaker.role).where(Speaker.course_id == course.id)
    return {key: role for key, role in await db.execute(query)}


async def matching(db: AsyncSession, course: Course, text: str, today: date) -> Sequence[Meeting]:
    """The dates somebody means by number, kind, day or topic, in order; [] if it fits nothing."""
    return meant.among(await every(db, course), course, text, today)


def units(dates: Sequence[Meeting]) -> int:
    """The teaching units that count for the certificate: obligatory dates which take place."""
    return sum(m.units for m in dates if m.mandatory and not m.cancelled)


def required(course: Course, total: int) -> int:
    """How many of `total` units somebody must attend, rounded up (product A.2)."""
    return -(-total * course.quota_percent // 100)


def is_past(course: Course, meeting: Meeting, now: datetime) -> bool:
    """Whether it is over."""
    if abs(meeting.day - now.date()) > timedelta(days=1):  # whatever the zone of `now` is
        return meeting.day < now.date()
    return course.ends_at(meeting) <= now


def usual(dates: Sequence[Meeting]) -> tuple[int, time, time] | None:
    """Weekday (Monday is 0), start and end of most webinars; None if they differ too much."""
    slots = Counter((m.day.weekday(), m.starts, m.ends) for m in dates if m.kind == "webinar")
    best = slots.most_common(1)
    return best[0][0] if best and best[0][1] * 2 > slots.total() else None


def together(dates: Sequence[Meeting]) -> list[list[Meeting]]:
    """Neighbouring days of kick-off or closing as one, every other date alone."""

    def key(meeting: Meeting) -> object:
        alone = meeting.kind not in ("auftakt", "abschluss") or meeting.cancelled
        return meeting.id if alone else meeting.kind

    return [list(group) for _, group in groupby(dates, key=key)]
