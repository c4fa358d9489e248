"""When a vote ends: what people type, which moments are bad for it, and which is the next good one.

Holidays are those of the course file and the public ones of all Länder that its networks are in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, courses, silence
from storage.models import Break, Course, Holiday, Meeting, Network

NOON: Final = time(12)
"""The end of a vote of which only the day is said."""

TWO_DAYS: Final = timedelta(hours=48)


def read(text: str, course: Course, now: datetime) -> datetime | None:
    """The moment somebody means: "Fr 12:00", "Fr 11.12.", "14 Uhr"; None if it is none.

    A day alone means noon, a time alone today.
    """
    words = text.removeprefix("bis ").replace(",", " ").split()[:8]
    for size in range(len(words), -1, -1):
        day = calendar.read_date(
            " ".join(words[:size]), today=now.date(), first=course.begins, last=course.ends
        )
        clock = calendar.read_time(" ".join(words[size:])) if words[size:] else NOON
        if size == 0:
            day = now.date()
        if words and day and clock:
            return calendar.at(day, clock, course.zone)
    return None


@dataclass(frozen=True)
class Days:
    """The days of a course on which people work, and those on which they do not."""

    course: Course
    breaks: Sequence[Break]
    named: Sequence[Holiday]
    states: Sequence[str]

    def doubts(self, moment: datetime) -> list[str]:
        """Why this is no good moment for an end, a few words each; [] if it is one."""
        quiet = silence.after_quiet(self.course, moment) != moment
        return self._off(moment.date()) or (["liegt in der Ruhezeit"] if quiet else [])

    def _off(self, day: date) -> list[str]:
        """Why nobody works on this day."""
        known = {name: ", ".join(where) for name, where in self.holidays(day).items()}
        known = {name: "überall" if where == "*" else where for name, where in known.items()}
        found = [f"{name}, Feiertag ({where})" for name, where in known.items()]
        found += [f"liegt in: {pause.name}" for pause in self.breaks if _in(pause, day)]
        return found + (["Wochenende"] if day.weekday() >= silence.SATURDAY else [])

    def warning(self, end: datetime, dates: Iterable[Meeting] = ()) -> str | None:
        """What speaks against an end, also that it comes after dates which depend on the result."""
        local = self.course.local(end)
        found = self.doubts(local)
        late = (m for m in dates if self.course.starts(m) <= end)
        found += [f"Platz {m.slot} ist schon am {calendar.short(m.day)}" for m in late]
        return f"Achtung, {calendar.short(local.date())}: {'; '.join(found)}" if found else None

    def after(self, moment: datetime) -> datetime:
        """48 hours later, up to the full hour, or as soon as people work again then."""
        later = moment.astimezone(UTC) + TWO_DAYS + timedelta(minutes=59)
        end = later.astimezone(self.course.zone).replace(minute=0, second=0, microsecond=0)
        while self.doubts(end):
            if self._off(end.date()):
                end = calendar.at(end.date() + timedelta(days=1), end.time(), self.course.zone)
            else:
                end = silence.after_quiet(self.course, end)
        return end

    def holidays(self, day: date) -> Mapping[str, Sequence[str]]:
        """The names of the holidays on this day, and in which Länder (`*`: in all)."""
        named = {h.name: h.states for h in self.named if h.day == day}
        return named or public_holidays(self.states, [day.year]).get(day, {})


def public_holidays(
    states: Iterable[str], years: Iterable[int]
) -> Mapping[date, Mapping[str, Sequence[str]]]:
    """The names of the public holidays of these years by their days, and in which Länder."""
    from holidays.countries.germany import Germany  # noqa: PLC0415 - 16 MiB, seldom needed

    found: dict[date, dict[str, list[str]]] = {}
    for state in states:
        for day, name in Germany(subdiv=state, years=years, language="de").items():
            found.setdefault(day, {}).setdefault(name, []).append(state)
    return found


async def days(db: AsyncSession, course: Course) -> Days:
    """The days of this course."""
    named = await db.scalars(select(Holiday).where(Holiday.course_id == course.id))
    states = select(Network.state).where(Network.course_id == course.id).distinct()
    breaks = await courses.breaks(db, course, since=course.begins)
    return Days(course, breaks, named.all(), sorted(await db.scalars(states)))


def _in(pause: Break, day: date) -> bool:
    return pause.first <= day <= pause.last
