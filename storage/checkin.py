"""Check-in around a meeting: when it is open, and who has reported, signed off or said nothing.

The rule with `checkin_von_minuten` and `checkin_bis_minuten` opens it, counted from the start as a
stopwatch counts, so that both clock changes leave it as long as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, meetings
from storage.attendance import SIGNED_OFF
from storage.models import Attendance, Course, Meeting, Person, Rule
from storage.models.people import GONE

LISTED, ASKED, SHORT = "checkin", "checkin_fehlt", "anwesenheit_knapp"
"""The schedules that come with check-in: the list, who is asked, and whose units run short."""

MINUTE: Final = timedelta(minutes=1)
AFTER_WINDOW: Final = 5 * MINUTE
AFTER_END: Final = 30 * MINUTE
EVE: Final = time(17)  # a kick-off day is over, and organisers are still at work
RECENT: Final = timedelta(days=7)
"""So long it can be said afterwards whether one was there."""


@dataclass(frozen=True)
class Window:
    """From when to when people check in to a meeting, in the zone of the course."""

    meeting: Meeting
    opens: datetime
    closes: datetime

    @property
    def hours(self) -> str:
        """As people read it: "09:50 bis 10:30 Uhr"."""
        return calendar.span(self.opens.time(), self.closes.time())

    def holds(self, moment: datetime) -> bool:
        """Whether it is open; the last minute counts, as clocks show it."""
        at = moment.astimezone(UTC)  # in one zone, Python compares what clocks show
        return self.opens.astimezone(UTC) <= at < self.closes.astimezone(UTC) + MINUTE

    def recent(self, moment: datetime) -> bool:
        """Whether it can be said now that one was there."""
        return timedelta() <= moment.astimezone(UTC) - self.opens.astimezone(UTC) < RECENT


def window(course: Course, rule: Rule, meeting: Meeting) -> Window:
    """When check-in to this meeting is open."""
    start = course.starts(meeting)
    first, last = rule.checkin_from or 0, rule.checkin_until or 0
    opens = calendar.later(start, first * MINUTE)
    return Window(meeting, opens, calendar.later(start, last * MINUTE))


def opened_by(rule: Rule) -> bool:
    """Whether this is the rule that opens check-in."""
    return rule.checkin_until is not None


def strikes(course: Course, rule: Rule, meeting: Meeting) -> Iterator[tuple[str, datetime]]:
    """The schedules that come with check-in, and when each wants to speak about this meeting."""
    if opened_by(rule):
        yield LISTED, calendar.later(window(course, rule, meeting).closes, AFTER_WINDOW)
        yield ASKED, calendar.later(course.ends_at(meeting), AFTER_END)
        yield SHORT, calendar.at(meeting.day - timedelta(days=1), EVE, course.zone)


async def windows(db: AsyncSession, course: Course) -> list[Window]:
    """Check-in to all meetings that take place, in order; [] where there is no check-in."""
    query = select(Rule).where(Rule.course_id == course.id, Rule.checkin_until.is_not(None))
    rule = await db.scalar(query.order_by(Rule.id).limit(1))
    dates = await meetings.every(db, course) if rule else ()
    return [window(course, rule, m) for m in dates if rule and not m.cancelled]


def open_now(windows: Sequence[Window], moment: datetime) -> Window | None:
    """The meeting to which one checks in now; after its window the one that began today."""
    opened = [w for w in windows if w.holds(moment)]
    today = [w for w in windows if w.recent(moment) and w.meeting.day == moment.date()]
    return next(iter([*opened, *reversed(today)]), None)


def spoken_of(
    windows: Sequence[Window], own: Mapping[str, Attendance], moment: datetime
) -> Window | None:
    """The meeting of which somebody speaks afterwards.

    The last one of these days about which they have said nothing yet, else the last one.
    """
    begun = [w for w in reversed(windows) if w.recent(moment)]
    unsaid = [w for w in begun if w.meeting.key not in own]
    return next(iter([*unsaid, *begun]), None)


def late_units(course: Course, meeting: Meeting, moment: datetime) -> int:
    """What is left of a meeting for who comes after check-in: its share in time, rounded, or 1."""
    start, end = (m.astimezone(UTC) for m in (course.starts(meeting), course.ends_at(meeting)))
    left = max(end - moment.astimezone(UTC), timedelta()) / (end - start) if end > start else 0.0
    return min(meeting.units, max(1, int(meeting.units * left + 0.5)))


@dataclass(frozen=True)
class Roster:
    """Who has said what about a meeting; people in the order of their keys."""

    present: Sequence[Person]
    signed_off: Sequence[Person]
    absent: Sequence[Person]
    silent: Sequence[Person]

    @property
    def size(self) -> int:
        """How many take part in the course."""
        return len(self.present) + len(self.signed_off) + len(self.absent) + len(self.silent)

    @property
    def expected(self) -> int:
        """How many of them have not said that they are missing."""
        return len(self.present) + len(self.silent)


async def roster(db: AsyncSession, course: Course, meeting: Meeting) -> Roster:
    """Everybody in the course who has not left; confirmed entries count as what they say."""
    query = select(Attendance).where(Attendance.course_id == course.id)
    rows = await db.scalars(query.where(Attendance.meeting == meeting.key))
    said = {row.person: row for row in rows}
    found: dict[str, list[Person]] = {}
    for person in await members(db, course):
        found.setdefault(_word(said, person, meeting), []).append(person)
    return Roster(*(found.get(word, []) for word in ("present", SIGNED_OFF, "absent", "silent")))


def _word(said: Mapping[str, Attendance], person: Person, meeting: Meeting) -> str:
    row = said.get(person.key)
    if row is None:
        return "silent"
    if row.state == SIGNED_OFF:
        return SIGNED_OFF
    return "absent" if row.units < min(1, meeting.units) else "present"


async def members(db: AsyncSession, course: Course) -> Sequence[Person]:
    """Everybody in the course who has not left, by key."""
    query = select(Person).where(Person.course_id == course.id, Person.status != GONE)
    return (await db.scalars(query.order_by(Person.key))).all()
