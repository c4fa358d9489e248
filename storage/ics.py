"""The dates of a course as an iCalendar file (RFC 5545), without access links; pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from storage import meetings
from storage.models import Course, Meeting


def render(course: Course, dates: Sequence[Meeting], now: datetime) -> bytes:
    """The file as of `now`; entries keep their UID, and SEQUENCE rises with each change."""
    file = Calendar()
    file.add("PRODID", "-//Kursbot//Kurstermine//DE")
    file.add("VERSION", "2.0")
    file.add("METHOD", "PUBLISH")
    file.add("X-WR-CALNAME", course.short_title or course.title)
    file.add("X-WR-TIMEZONE", course.timezone)
    for meeting in dates:
        file.add_component(_event(course, meeting, now))
    first, last = dates[0].day - timedelta(days=366), dates[-1].day + timedelta(days=366)
    file.add_missing_timezones(first_date=first, last_date=last)
    return bytes(file.to_ical())


def _event(course: Course, meeting: Meeting, now: datetime) -> Event:
    event = Event()
    event.add("UID", f"{meeting.key}@{course.key}.kursbot")
    event.add("SEQUENCE", meeting.sequence)
    event.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", course.starts(meeting))
    event.add("DTEND", course.ends_at(meeting))
    event.add("SUMMARY", meetings.title(meeting))
    event.add("DESCRIPTION", f"{course.title}\nZugang im Kurs-Chat: !link")
    event.add("STATUS", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    return event
