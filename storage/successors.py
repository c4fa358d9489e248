"""A new course from an old one: its programme and its rules at another time, and nobody's data.

Everything moves by whole weeks, so that a webinar stays on its weekday. What was changed once, as a
date that was put off or a topic that was voted for, starts again as the course file had it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, changes, courses, meetings, occurrences, polls, rooms, wording
from storage.models import (
    Base,
    Break,
    Course,
    Group,
    Meeting,
    Organiser,
    Poll,
    Room,
    Rule,
    Speaker,
    Topic,
)
from storage.replies import ALUMNI, INFO, ORGA, TALK

_AS_FILED: Final = ("day", "starts", "ends", "units", "break_minutes", "task_due")
_ALIASES: Final[Mapping[str, str]] = {INFO: "info", TALK: "austausch", ORGA: "orga"}
_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "day": date.fromisoformat,
    **dict.fromkeys(("starts", "ends"), time.fromisoformat),
    **dict.fromkeys(("task_due", "opens", "closes"), datetime.fromisoformat),
}
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True)
class Successor:
    """The new course as it would be: so many `weeks` later, and the names of what is `left` out."""

    course: Course
    rows: Sequence[Base]
    weeks: int
    left: Sequence[str]

    @property
    def dates(self) -> list[Meeting]:
        """Its meetings in order."""
        found = [row for row in self.rows if isinstance(row, Meeting)]
        return sorted(found, key=self.course.starts)

    @property
    def rooms(self) -> list[str]:
        """The addresses of the rooms in which it is to be held."""
        rooms = [row for row in self.rows if isinstance(row, Room)]
        return [room.address for room in rooms if room.kind != ALUMNI]


async def free_key(db: AsyncSession, old: Course, year: int) -> str:
    """What the new course can be called: "nk-2026-2" leads to "nk-2027-1"."""
    found = re.fullmatch(r"(.*?)(?:20\d\d-\d+)?", old.key)
    stem = f"{found[1] if found and found[1] else 'kurs-'}".rstrip("-") + f"-{year}"
    taken = {course.key for course in await courses.every(db)}
    return next(k for n in range(1, len(taken) + 2) if (k := f"{stem[:70]}-{n}") not in taken)


async def draft(db: AsyncSession, old: Course, key: str, first: date, now: datetime) -> Successor:
    """A course whose first date is on this day or, for the weekday, within the week after it."""
    dates = await meetings.every(db, old)
    regular = [meeting for meeting in dates if not changes.of_chat(meeting)]
    begins = min((_filed(m, "day") for m in regular), default=old.begins)
    weeks = -((begins - first).days // 7)
    move = _Move(old, weeks * _WEEK)
    course = replace(
        old,
        key=key,
        begins=old.begins + move.by,
        ends=old.ends + move.by,
        project_due=move.moment(old.project_due),
        stopped=False,
        closed=False,
        imported_at=now,
    )
    rows: list[Base] = [*await _frame(db, old, key), *map(move.meeting, regular)]
    found = await db.scalars(select(Break).where(Break.course_id == old.id).order_by(Break.first))
    breaks = found.all()
    rows += [move.pause(pause) for pause in breaks if not pause.typed]
    rows += [move.poll(poll) for poll in [await polls.election(db, old)] if poll]
    left = [meetings.name(m) + f" {m.key}" for m in dates if changes.of_chat(m)]
    return Successor(course, rows, weeks, [*left, *(p.name for p in breaks if p.typed)])


async def create(db: AsyncSession, new: Successor, now: datetime) -> None:
    """Let it be a course, with everything that it will say."""
    db.add(new.course)
    await db.flush()
    for row in new.rows:
        row.course_id = new.course.id  # type: ignore[attr-defined]
    db.add_all(new.rows)
    await occurrences.plan(db, new.course, now)


async def _frame(db: AsyncSession, old: Course, key: str) -> list[Base]:
    """What has no date: rooms, organisers, roles, topics to choose from, groups and rules."""
    found: list[Base] = []
    leader = await db.scalar(select(Organiser.mxid).where(Organiser.course_id == old.id))
    server = (leader or "").partition(":")[2]
    for room in await courses.rooms(db, old):
        address = _address(room, old.key, key, server)
        found.append(Room(course_id=0, kind=room.kind, address=address))
    alumni = await rooms.of(db, old, ALUMNI)
    found += [Room(course_id=0, kind=ALUMNI, address=alumni.address)] if alumni else []
    for table in (Organiser, Speaker, Topic, Group, Rule):
        rows = await db.scalars(select(table).where(table.course_id == old.id).order_by(table.id))
        found += [_afresh(row) for row in rows]
    return found


def _afresh(row: Base) -> Base:
    """The same, without what became of it in the old course."""
    if isinstance(row, Topic):
        return replace(row, course_id=0, wished=None)
    if isinstance(row, Rule):
        kept = {key: text for key, text in row.texts.items() if key == wording.ALWAYS}
        return replace(row, course_id=0, texts=kept)
    return replace(row, course_id=0)  # type: ignore[call-arg]


def _address(room: Room, old: str, key: str, server: str) -> str:
    """An alias that names the new course instead of the old one, on the server of its room."""
    name, _, there = room.address.partition(":")
    if name.startswith("#") and old in name:
        return f"{name.replace(old, key)}:{there}"
    return f"#{key}-{_ALIASES.get(room.kind, room.kind)}:{there or server}"


@dataclass(frozen=True)
class _Move:
    """Everything of a course so much later, as its clocks show it."""

    old: Course
    by: timedelta

    def moment(self, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        local = self.old.local(moment)
        return calendar.at(local.date() + self.by, local.time(), self.old.zone)

    def meeting(self, meeting: Meeting) -> Meeting:
        """Without link, material and notes: they are about the old date."""
        columns = [*_AS_FILED, *(("topic", "speakers") if meeting.slot else ())]
        values: dict[str, Any] = {name: _filed(meeting, name) for name in columns}
        values |= {"day": values["day"] + self.by, "task_due": self.moment(values["task_due"])}
        values |= dict.fromkeys(("link", "code", "phone", "note", "folder"), "")
        values |= {"materials": [], "cancelled": False, "sequence": 0, "filed": {}}
        return replace(meeting, course_id=0, **values)

    def pause(self, pause: Break) -> Break:
        """A winter break in May has another name."""
        first, last = pause.first + self.by, pause.last + self.by
        name = f"Pause ab {calendar.short(first)}"
        return replace(pause, course_id=0, name=name, first=first, last=last)

    def poll(self, poll: Poll) -> Poll:
        """The election before anybody has voted."""
        opens, closes = (self.moment(_filed(poll, name)) for name in ("opens", "closes"))
        reminders = [self.moment(datetime.fromisoformat(text)) for text in poll.reminders]
        return Poll(
            course_id=0,
            **{name: getattr(poll, name) for name in ("key", "question", "slots", "procedure")},
            **{name: getattr(poll, name) for name in ("votes_per_person", "interim_visible")},
            **{name: getattr(poll, name) for name in ("tie", "minimum")},
            opens=opens or poll.opens,
            closes=closes or poll.closes,
            reminders=[m.astimezone(UTC).isoformat() for m in reminders if m],
            confirm_by=poll.confirm_by and poll.confirm_by + self.by,
        )


def _filed(row: Meeting | Poll, column: str) -> Any:  # noqa: ANN401
    """What the course file said there, before the chat changed it."""
    known = row.filed.get(column, getattr(row, column))
    return _READ[column](known) if isinstance(known, str) and column in _READ else known
