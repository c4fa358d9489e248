"""Moving meetings: when somebody wants them to be, what speaks against it, and what follows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, changes, deadlines, meetings, networks, occurrences
from storage.models import Course, Meeting
from storage.quoting import quoted
from storage.replies import INFO, TALK

_UNTIL: Final = re.compile(r"\s*(?:\bbis\b|[-–])\s*")
_DAYS: Final = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()


@dataclass(frozen=True)
class Slot:
    """A day with start and end as local clocks show them."""

    day: date
    starts: time
    ends: time

    @property
    def told(self) -> str:
        """As people read it: "Do 03.12., 10:00 bis 11:30 Uhr"."""
        return f"{calendar.short(self.day)}, {calendar.span(self.starts, self.ends)}"

    @property
    def typed(self) -> str:
        """As it is typed so that nothing is left open."""
        start, end = calendar.clock(self.starts), calendar.clock(self.ends)
        return f"{self.day:%d.%m.%Y} {start} bis {end}"


def of(meeting: Meeting) -> Slot:
    """When it is."""
    return Slot(meeting.day, meeting.starts, meeting.ends)


def read(text: str, usual: Slot, course: Course, today: date) -> Slot | None:
    """When somebody means: "Do 3.12.", "03.12. 10 Uhr", "14:00 bis 15:30"; None if it is unclear.

    What is left out stays as `usual`: the day, the start, and how long it is.
    """
    words = text.replace(",", " ").split()[:10]
    for size in range(len(words), -1, -1):
        said, clocks = " ".join(words[:size]), " ".join(words[size:])
        day = calendar.read_date(said, today=today, first=course.begins, last=course.ends)
        found = _hours(clocks, usual)
        if words and found and (day or not size):
            return _real(Slot(day or usual.day, *found), course)
    return None


def _hours(text: str, usual: Slot) -> tuple[time, time] | None:
    """From when to when; the same length if only one is said, None past midnight."""
    if not text:
        return usual.starts, usual.ends
    start, *rest = [calendar.read_time(part) for part in _UNTIL.split(text, maxsplit=1)]
    if start is None or None in rest:
        return None
    end = rest[0] if rest else _later(start, _minutes(usual))
    return (start, end) if end and start < end else None


def _later(start: time, minutes: int) -> time | None:
    total = start.hour * 60 + start.minute + minutes
    return time(total // 60, total % 60) if total < 24 * 60 else None


def _minutes(slot: Slot) -> int:
    return (slot.ends.hour - slot.starts.hour) * 60 + slot.ends.minute - slot.starts.minute


def _real(slot: Slot, course: Course) -> Slot:
    """Not in the hour that a clock change leaves out: the first valid minute after (promises)."""
    starts = calendar.at(slot.day, slot.starts, course.zone).time()
    if starts == slot.starts:
        return slot
    return replace(slot, starts=starts, ends=max(slot.ends, _later(starts, 1) or slot.ends))


def starts(course: Course, slot: Slot) -> datetime:
    """The moment when it begins, in the zone of the course."""
    return calendar.at(slot.day, slot.starts, course.zone)


def swapped(meeting: Meeting, other: Meeting) -> Slot | None:
    """Day and start of the other one, as long as ever; None if that goes past midnight."""
    ends = _later(other.starts, _minutes(of(meeting)))
    return Slot(other.day, other.starts, ends) if ends else None


def reset(count: int) -> str:
    """How many posts follow."""
    return f"{count} Erinnerung{'' if count == 1 else 'en'} neu gesetzt"


def values(course: Course, meeting: Meeting, slot: Slot) -> Mapping[str, Any]:
    """What changes with the move: units with the length, a task due that day with the day.

    One that was called off takes place again.
    """
    found: dict[str, Any] = {"day": slot.day, "starts": slot.starts, "ends": slot.ends}
    if _minutes(slot) != _minutes(of(meeting)):
        taught = _minutes(slot) - meeting.break_minutes
        found["units"] = max(taught // course.lesson_minutes, 0)
    if meeting.cancelled:
        found["cancelled"] = False
    due = meeting.task_due and course.local(meeting.task_due)
    if due and due.date() == meeting.day:
        ahead = course.starts(meeting) - due
        due = calendar.later(calendar.at(slot.day, slot.starts, course.zone), -ahead)
        found["task_due"] = due
    return found


def units(
    course: Course, dates: Sequence[Meeting], meeting: Meeting, new: Mapping[str, Any]
) -> str | None:
    """What becomes of the units that count, if something does (product A.2)."""
    before = meetings.units(dates)
    after = meetings.units([replace(m, **new) if m.key == meeting.key else m for m in dates])
    if before == after:
        return None
    verb = "sinkt" if after < before else "steigt"
    needed = meetings.required(course, after)
    return f"Die Präsenzzeit {verb} auf {after} UE, nötig wären dann {needed} UE."


async def moved_posts(
    db: AsyncSession, course: Course, wanted: changes.Wanted, now: datetime
) -> int:
    """How many posts to everybody will come at another time, or not at all."""
    table = await occurrences.timetable(db, course)
    new = {m.key: replace(m, **values) for m, values in wanted}
    then = replace(table, meetings=[new.get(m.key, m) for m in table.meetings])
    before, after = (
        {
            (p.schedule, p.subject): p.due
            for p in one.planned()
            if p.subject in new
            and p.room in (INFO, TALK)
            and p.due > now
            and not p.schedule.startswith("tandem")
        }
        for one in (table, then)
    )
    return sum(after.get(post) != before.get(post) for post in before | after)


async def doubts(db: AsyncSession, course: Course, meeting: Meeting, slot: Slot) -> list[str]:
    """What speaks against it, as sentences; it is possible nevertheless."""
    dates = await meetings.every(db, course)
    days = await deadlines.days(db, course)
    found = _weekday(dates, meeting, slot.day)
    everybody = await networks.every(db, course)
    for name, states in days.holidays(slot.day).items():
        ours = [n.short for state in states for n in everybody if n.state == state]
        more = f" und {len(ours) - 4} weitere" if len(ours) > 4 else ""
        where = "überall" if "*" in states else f"in {', '.join(states)}"
        whose = f" ({', '.join(ours[:4])}{more})" if ours else ""
        found.append(f"{name}: Feiertag {where}{whose}.")
    for pause in days.breaks:
        if pause.first <= slot.day <= pause.last:
            span = f"{pause.first:%d.%m.} bis {pause.last:%d.%m.}"
            found.append(f"In dieser Zeit ist {quoted(pause.name)} ({span}).")
    found += _overlaps(dates, meeting, slot)
    if slot.day > course.ends:
        found.append(f"Liegt nach dem Ende des Kurses ({calendar.short(course.ends)}).")
    return found


def _weekday(dates: Sequence[Meeting], meeting: Meeting, day: date) -> list[str]:
    usual = meetings.usual(dates)
    if meeting.kind != "webinar" or usual is None or usual[0] == day.weekday():
        return []
    return [f"kein {_DAYS[usual[0]]}."]


def _overlaps(dates: Sequence[Meeting], meeting: Meeting, slot: Slot) -> list[str]:
    return [
        f"Überschneidet sich mit: {meetings.name(other)}, {of(other).told}."
        for other in dates
        if other.key != meeting.key
        and not other.cancelled
        and other.day == slot.day
        and other.starts < slot.ends
        and slot.starts < other.ends
    ]
