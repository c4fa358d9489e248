"""!kalender: all dates as a file for Outlook and other calendars, without access links."""

import re

from commands import Context, command, composed
from storage import calendar, meetings
from storage.replies import File, Reply


@command(
    "alle Termine als Kalenderdatei",
    example="!kalender",
    aliases=("outlook", "ics", "ical", "kalenderdatei"),
)
async def kalender(ctx: Context) -> Reply | str:
    """The dates as iCalendar; a file fetched again updates the entries of the one before."""
    from storage import ics  # noqa: PLC0415 - 5 MiB, from the first question on

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
    data = ics.render(ctx.course, dates, ctx.now)
    return Reply(text, file=File(name, "text/calendar", data))
