"""!kalender: all dates as a file for Outlook and other calendars, without access links."""

import re
from typing import Annotated

from commands import Context, UserError, command, composed
from storage import calendar, facts, folding, meetings, subscriptions
from storage.replies import File, Reply


@command(
    "alle Termine als Kalenderdatei",
    example="!kalender",
    aliases=("outlook", "ics", "ical", "kalenderdatei"),
)
async def kalender(
    ctx: Context, was: Annotated[str, "„abo“ für eine eigene Adresse, „abo weg“ gegen sie"] = ""
) -> Reply | str:
    """The dates as iCalendar; a file fetched again updates the entries of the one before."""
    words = folding.fold_words(was).split()
    if "abo" in words or "abonnieren" in words:
        return await _subscription(ctx, off=bool({"weg", "aus", "nicht", "loeschen"} & set(words)))
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


async def _subscription(ctx: Context, off: bool) -> Reply | str:
    """An address of one's own, new each time; said in private and nowhere kept."""
    if ctx.person is None or not ctx.direct:
        raise UserError("Das geht nur unter vier Augen: bitte mir direkt !kalender abo schreiben.")
    if off:
        gone = await subscriptions.revoke(ctx.db, ctx.person)
        done = "Die Adresse gilt nicht mehr." if gone else "Es gibt keine Adresse."
        return f"{done} Neu: !kalender abo"
    address = await facts.get(ctx.db, subscriptions.ADDRESS)
    if not address:
        raise UserError("Ein Kalender-Abo gibt es hier nicht. Alle Termine als Datei: !kalender")
    token = await subscriptions.issue(ctx.db, ctx.person)
    text = composed(
        "**Eigene Adresse für ein Kalender-Abo**, Änderungen kommen von selbst:",
        address + subscriptions.path(token),
        "Nicht weitergeben. Eine frühere Adresse gilt nicht mehr, einen Zugangslink enthält sie "
        "nicht.",
        "Abschalten: !kalender abo weg",
    )
    return Reply(text, secret=True)
