"""!pause: days on which the bot says nothing unasked."""

import re
from datetime import date
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, preview
from storage import calendar, courses, folding, meetings, pauses
from storage.models import Break, Meeting

_EXAMPLE: Final = "!pause 21.12. bis 08.01."
_WEEKLY: Final = {
    "impuls": ("Montagsimpuls", "Montagsimpulse"),
    "wochenrueckblick": ("Wochenrückblick", "Wochenrückblicke"),
}
_SPANS: Final = tuple(re.compile(rf"(.+?){word}(.+)", re.I) for word in (r"\sbis\s", "[–—-]"))


@command("Tage ohne Beiträge von selbst", example=_EXAMPLE, admin=True)
async def pause(ctx: Context, tage: Annotated[str, "von wann bis wann, oder „weg“"] = "") -> Answer:
    """Previewed with what it concerns; questions are answered all the same."""
    said = folding.fold_words(tage)
    if not said:
        return await _listed(ctx)
    if said == "weg":
        return await _dropped(ctx)
    first, last = _read(ctx, tage)
    if ctx.confirmed:
        await pauses.begin(ctx.db, ctx.course, first, last, ctx.now)
        return f"Eingetragen: Pause bis {calendar.short(last)}\nZurücknehmen: !pause weg"
    days = f"vom {calendar.with_year(first)} bis {calendar.with_year(last)}"
    days = days if first < last else f"am {calendar.with_year(first)}"
    held = await pauses.held_in(ctx.db, ctx.course, first, last)
    return preview(
        f"pause {first} bis {last}",
        f"**Pause {days}?**",
        "In dieser Zeit sende ich von selbst nichts und antworte nur auf Fragen.",
        f"Betroffen: {_webinars(held)}, {await _posts(ctx, first, last)}",
        f"Achtung: {_named(held)} ohne Hinweis am Vortag und ohne Zugang davor." if held else None,
        asks="ja oder nein. Sofort alles anhalten: !stopp alles",
    )


def _read(ctx: Context, typed: str) -> tuple[date, date]:
    """Dates may have hyphens, too, so a single day and "bis" are tried first."""
    course, alone = ctx.course, calendar.read_date(typed, today=ctx.today)
    spans = (pattern.fullmatch(typed[:60]) for pattern in _SPANS if alone is None)
    found = next(filter(None, spans), None)
    begin, end = (found[1], found[2]) if found else (typed, typed)
    first = calendar.read_date(begin, today=ctx.today, first=course.begins, last=course.ends)
    last = first and calendar.read_date(end, today=first, first=course.begins, last=course.ends)
    if first is None or last is None:
        raise UserError(f"Die Tage verstehe ich nicht. So geht es: {_EXAMPLE}")
    if last < max(first, ctx.today) or (last - first).days > 200:
        raise UserError("Diese Tage passen nicht zusammen. Es hat sich nichts geändert.")
    return first, last


def _webinars(held: list[Meeting]) -> str:
    return f"{len(held)} Termin{'e' if len(held) > 1 else ''}" if held else "keine Webinare"


def _named(held: list[Meeting]) -> str:
    names = [f"{meetings.name(m)} ({calendar.short(m.day)})" for m in held]
    return ", ".join(names[:4]) + (" und weitere" if len(names) > 4 else "")


async def _posts(ctx: Context, first: date, last: date) -> str:
    counted = []
    for schedule, (one, many) in _WEEKLY.items():
        if count := await pauses.weekly(ctx.db, ctx.course, schedule, first, last):
            counted.append(f"{count} {one if count == 1 else many}")
    return ", ".join(counted) or "keine wöchentlichen Beiträge"


async def _listed(ctx: Context) -> str:
    known = await courses.breaks(ctx.db, ctx.course, since=ctx.today)
    lines = [f"{pause.name}: {_days(pause)}" for pause in known[:6]]
    title = "**Pausen**" if lines else "Es ist keine Pause eingetragen."
    return composed(title, *lines, f"Neu: {_EXAMPLE}", "Sofort alles anhalten: !stopp alles")


def _days(pause: Break) -> str:
    return f"{calendar.short(pause.first)} bis {calendar.short(pause.last)}"


async def _dropped(ctx: Context) -> Answer:
    found = await pauses.typed(ctx.db, ctx.course, ctx.today)
    if not found:
        raise UserError("Hier ist keine Pause eingetragen. Die anderen stehen in der Kursdatei.")
    if ctx.confirmed:
        await pauses.drop(ctx.db, ctx.course, found[-1], ctx.now)
        return "Die Pause ist zurückgenommen. Was jetzt kommt: !vorschau"
    return preview("pause weg", f"**Pause {_days(found[-1])} zurücknehmen?**")
