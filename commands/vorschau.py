"""!vorschau: what will be posted, when and where."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from commands import Answer, Context, UserError, command, composed, page, quoted
from storage import calendar, folding, occurrences, open_points
from storage.models import Occurrence
from storage.replies import ROOM_NAMES, Reply
from storage.timetable import monday


@command("was als Nächstes gesendet wird", example="!vorschau", admin=True, ended=True)
async def vorschau(
    ctx: Context, woche: Annotated[str, "ein Tag der Woche, zum Beispiel 30.11."] = ""
) -> Answer:
    """With the first line of what depends on the course alone; what comes silently says so."""
    wanted, _, number = woche.rpartition("seite ")
    after, until, which = _span(ctx, wanted if number.isdecimal() else woche)
    rows = await occurrences.ahead(ctx.db, ctx.course, after, until)
    if not rows:
        hint = "Alles, was noch kommt: !vorschau" if which else "Was ansteht: !programm"
        return f"Da sende ich von selbst nichts. {hint}"
    items = [await _item(ctx, row) for row in rows]
    first, last = page(items, int(number[:3]) if number.isdecimal() else 1, size=4, room=420)
    counted = f" ({first + 1} bis {last} von {len(items)})" if len(items) > last - first else ""
    more = last < len(items)
    current = first // 4 + 1 if last - first else 1
    text = composed(
        f"**Was ich als Nächstes sende**{counted}",
        "Achtung: angehalten. Wieder senden: !weiter" if ctx.course.stopped else None,
        *items[first:last],
        await open_points.line(ctx.db, ctx.course, ctx.now),
        "Ändern: !pause, !text." + (" Weiter: !mehr" if more else ""),
    )
    following = int(number[:3]) + 1 if number.isdecimal() else current + 1
    return Reply(text, answers={"mehr": f"vorschau {which}seite {following}"} if more else {})


def _span(ctx: Context, typed: str) -> tuple[datetime, datetime | None, str]:
    """From when until when, and how that is typed: one week, else all that is to come."""
    said = folding.fold_words(typed)
    if not said or said in ("woche", "alle", "alles"):
        return ctx.now, None, ""
    if said.startswith("naechste"):
        day: date | None = ctx.today + timedelta(weeks=1)
    else:
        span = {"first": ctx.course.begins, "last": ctx.course.ends}
        day = calendar.read_date(typed, today=ctx.today, **span)
    if day is None:
        raise UserError("Welche Woche? Ein Tag genügt, zum Beispiel: !vorschau 30.11.")
    begin = calendar.at(monday(day), time(), ctx.course.zone)
    end = calendar.at(monday(day) + timedelta(weeks=1), time(), ctx.course.zone)
    return max(ctx.now, begin), end, f"{day} "


async def _item(ctx: Context, row: Occurrence) -> str:
    title, first = await ctx.foretell(row)
    due = ctx.course.local(row.due)
    place = ROOM_NAMES[occurrences.place(row)]
    how = "" if row.push else ", leise"
    head = f"{calendar.short(due.date())}, {calendar.clock(due.time())} – {title} ({place}{how})"
    return f"{head}\n„{quoted(first.replace('**', ''), 60)}“" if first else head
