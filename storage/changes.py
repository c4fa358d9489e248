"""Changes of the programme in the chat: made in one transaction, taken back while nobody knows.

With the change go the plan of what is said, the notice on the wall and the number in calendars.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import announcements, change_notices, occurrences, overrides
from storage.models import Change, Course, Meeting, Occurrence
from storage.replies import Post

Wanted = Sequence[tuple[Meeting, Mapping[str, Any]]]
"""Which columns of which meetings are to be what."""

_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "day": date.fromisoformat,
    "starts": time.fromisoformat,
    "ends": time.fromisoformat,
    "task_due": datetime.fromisoformat,
}


async def make(db: AsyncSession, course: Course, wanted: Wanted, now: datetime) -> Change:
    """Change meetings; another import of the same course file does not undo it."""
    before = {m.key: _columns(m, [*values, "filed"]) for m, values in wanted}
    told = await change_notices.reminded(db, course, [meeting for meeting, _ in wanted])
    for meeting, values in wanted:
        overrides.put(meeting, **values)
        meeting.sequence += 1
    after = {m.key: _columns(m, values) for m, values in wanted}
    change = await _kept(db, course, before, after, now)
    change.told = told
    return change


async def add(db: AsyncSession, course: Course, meeting: Meeting, now: datetime) -> Change:
    """A meeting that the course file does not know, and that its import leaves alone."""
    meeting.filed = {"key": ""}
    db.add(meeting)
    return await _kept(db, course, {meeting.key: {}}, {meeting.key: {}}, now)


def of_chat(meeting: Meeting) -> bool:
    """Whether it was added in the chat, so that the course file does not know it."""
    return "key" in meeting.filed


async def remove(db: AsyncSession, course: Course, meeting: Meeting, now: datetime) -> Change:
    """Take a meeting of the chat away again."""
    columns = _columns(meeting, [c.key for c in Meeting.__table__.columns if c.key != "id"])
    await db.delete(meeting)
    return await _kept(db, course, {meeting.key: columns}, {}, now)


async def told(
    db: AsyncSession, course: Course, wanted: Wanted, saying: tuple[str, str], now: datetime
) -> tuple[list[Post], str]:
    """Change meetings and let everybody know: `make`, then `tell` with its text and answer."""
    change = await make(db, course, wanted, now)
    return await change_notices.tell(db, course, change, *saying)


async def _kept(
    db: AsyncSession,
    course: Course,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
) -> Change:
    sent = await _sent(db, course, [*before])
    change = Change(course_id=course.id, before=dict(before), after=dict(after), sent=sent, at=now)
    db.add(change)
    await occurrences.plan(db, course, now)
    return change


async def _sent(db: AsyncSession, course: Course, keys: Sequence[str]) -> int:
    said = (Occurrence.course_id == course.id, Occurrence.state == occurrences.SENT)
    query = select(func.count()).select_from(Occurrence).where(*said)
    return await db.scalar(query.where(Occurrence.subject.in_(keys))) or 0


async def last(db: AsyncSession, course: Course) -> Change | None:
    """The change that would be taken back."""
    query = select(Change).where(Change.course_id == course.id)
    return await db.scalar(query.order_by(Change.id.desc()).limit(1))


async def obstacle(db: AsyncSession, course: Course, change: Change, now: datetime) -> str | None:
    """Why it cannot be taken back: people know of it, or something else has happened since."""
    if change.says and change.says <= now:
        return "alle wissen schon davon"
    if await _sent(db, course, [*change.before]) != change.sent:
        return "inzwischen ging dazu schon etwas raus"
    rows = await _rows(db, course, change)
    there = {key: _columns(rows[key], change.after[key]) for key in change.after if key in rows}
    return None if there == change.after else "seitdem hat sich dort noch etwas geändert"


async def undo(db: AsyncSession, course: Course, change: Change, now: datetime) -> None:
    """Make it as it was, and say nothing."""
    rows = await _rows(db, course, change)
    for key, columns in change.before.items():
        values: dict[str, Any] = {name: _value(name, value) for name, value in columns.items()}
        if not columns:
            await db.delete(rows[key])
        elif key not in rows:
            db.add(Meeting(**values))
        else:
            for name, value in values.items():
                setattr(rows[key], name, value)
            rows[key].sequence += 1
    for announcement in await announcements.waiting(db, course):
        if announcement.cause.endswith(f"/{change_notices.cause(change)}"):
            await announcements.cancel(db, announcement)
    await db.delete(change)
    await occurrences.plan(db, course, now)


def as_it_was(meeting: Meeting, columns: Mapping[str, Any]) -> Meeting:
    """A copy that is not kept, with these columns as they were before a change."""
    values: dict[str, Any] = {name: _value(name, value) for name, value in columns.items()}
    return replace(meeting, **values)


async def _rows(db: AsyncSession, course: Course, change: Change) -> dict[str, Meeting]:
    query = select(Meeting).where(Meeting.course_id == course.id)
    rows = await db.scalars(query.where(Meeting.key.in_([*change.before])))
    return {row.key: row for row in rows}


def _columns(meeting: Meeting, names: Iterable[str]) -> dict[str, Any]:
    """As they can be kept as JSON."""
    return {name: overrides.plain(getattr(meeting, name)) for name in names}


def _value(name: str, kept: object) -> object:
    return _READ[name](kept) if name in _READ and isinstance(kept, str) else kept
