"""!kalender: all dates as a file for Outlook and other calendars, without access links."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from commands import Context, command, composed
from storage import calendar, meetings
from storage.models import Course, Meeting
from storage.replies import File, Reply


@command(
    "alle Termine als Kalenderdatei",
    example="!kalender",
    aliases=("outlook", "ics", "ical", "kalenderdatei"),
)
async def kalender(ctx: Context) -> Reply | str:
    """The dates as iCalendar; a file fetched again updates the entries of the one before."""
    dates = await meetings.every(ctx.db, ctx.course)
    if not dates:
        return "Es sind noch keine Termine eingetragen. Fragen: !orga"
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", ctx.course.key).strip("-") or "kurs"
    name = f"{safe[:60]}.ics"
    stamp = f"{calendar.short(ctx.today)}, {calendar.clock(ctx.now.time())} Uhr"
    text = composed(
        f"Alle Termine als Kalenderdatei: **{name}** (hängt an).",
        f"Stand {stamp}. Nach Änderungen gibt es hier eine neue Datei.",
        "Die Datei enthält keinen Zugangslink; den gibt es mit !link.",
    )
    data = _ics(ctx.course, dates, ctx.now)
    return Reply(text, file=File(name, "text/calendar", data))


def _ics(course: Course, dates: Sequence[Meeting], now: datetime) -> bytes:
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
