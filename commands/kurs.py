"""!kurs: which course this is, and a new one from it."""

import asyncio
import re
from dataclasses import replace
from datetime import date
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import audit, calendar, courses, forecast, networks, rooms, successors
from storage.course_files import course_text
from storage.replies import File, Reply
from storage.successors import Successor

_EXAMPLE: Final = "!kurs neu aus nk-2026-2 ab 01.03.2027"
_NEW: Final = re.compile(r"neu(?: aus (?P<old>\S+))? ab (?P<day>.+?)(?: als (?P<key>\S+))?", re.I)
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@command("einen neuen Kurs aus diesem machen", example=_EXAMPLE, admin=True, ended=True)
async def kurs(
    ctx: Context, was: Annotated[str, "„neu aus … ab …“, auch mit „als …“ dahinter"] = ""
) -> Answer:
    """All dates move by whole weeks; nobody's data move (issue 6, point 8)."""
    if not was.strip():
        return await _told(ctx)
    new, known = await _drafted(ctx, " ".join(was.split()))
    if not ctx.confirmed:
        return await _preview(ctx, new, known)
    await successors.create(ctx.db, new, ctx.now)
    line = f"!kurs neu aus {ctx.course.key} ab {new.dates[0].day:%d.%m.%Y} als {new.course.key}"
    await audit.note(ctx.db, new.course, ctx.sender, line, ctx.now)
    return composed(
        f"**Angelegt: {new.course.key}.** So geht es weiter:",
        f"1 – In Element drei Räume mit diesen Adressen anlegen: {', '.join(new.rooms)}",
        "2 – Mich in alle drei einladen, am besten als Erstes.",
        "3 – Zugänge und Teilnehmende in der Datei oben ergänzen und sie neu einlesen.",
        "Von hier aus ist der neue Kurs nicht mehr zu steuern, nur in seinem Orga-Raum.",
    )


async def _told(ctx: Context) -> str:
    last = await courses.end(ctx.db, ctx.course)
    state = "abgeschlossen, ich gebe nur noch Auskunft" if ctx.course.closed else "offen"
    return composed(
        f"**{quoted(ctx.course.title, 150)}** ({ctx.course.key})",
        f"{calendar.with_year(ctx.course.begins)} bis {calendar.with_year(last)}, {state}",
        f"Ein neuer Kurs daraus: !kurs neu aus {ctx.course.key} ab 01.03.{last.year + 1}",
    )


async def _drafted(ctx: Context, typed: str) -> tuple[Successor, forecast.Holidays]:
    """The new course and the holidays in its time; raises UserError."""
    found = _NEW.fullmatch(typed)
    day = found and calendar.read_date(found["day"], today=ctx.today)
    if found is None or day is None:
        raise UserError(f"Das verstehe ich nicht. So geht es: {_EXAMPLE}")
    if (found["old"] or ctx.course.key).casefold() != ctx.course.key.casefold():
        raise UserError(f"Hier geht das nur mit dem Kurs dieses Raums: {ctx.course.key}")
    if not ctx.today <= day <= date(ctx.today.year + 5, 1, 1):
        raise UserError("Der neue Kurs soll noch kommen, und in den nächsten fünf Jahren.")
    key = found["key"] or await successors.free_key(ctx.db, ctx.course, day.year)
    if not _KEY.fullmatch(key) or await courses.by_key(ctx.db, key):
        raise UserError("Dieser Name geht nicht oder ist vergeben. Ein anderer: als nk-2027-2")
    new = await successors.draft(ctx.db, ctx.course, key, day, ctx.now)
    if await rooms.taken(ctx.db, new.rooms):
        raise UserError("Die Räume dazu gehören schon zu einem Kurs. Ein anderer Name: als …")
    known = await asyncio.to_thread(forecast.holidays, new)  # the library takes its time
    return replace(new, rows=[*new.rows, *forecast.filed(new, known)]), known


async def _preview(ctx: Context, new: Successor, known: forecast.Holidays) -> Reply:
    hits = forecast.hits(new, known, await networks.every(ctx.db, ctx.course))
    first, last = new.dates[0].day, new.dates[-1].day
    pauses = ", ".join(forecast.breaks(new))
    asked = preview(
        f"kurs neu aus {ctx.course.key} ab {first:%d.%m.%Y} als {new.course.key}",
        f"**Neuer Kurs {new.course.key}?**",
        f"{len(new.dates)} Termine, {calendar.with_year(first)} bis {calendar.with_year(last)}: "
        f"{new.weeks} Wochen später, Wochentage und Uhrzeiten bleiben.",
        *[f"Achtung: {hit}." for hit in hits[:3]],
        f"und {len(hits) - 3} weitere Feiertage, siehe Datei" if len(hits) > 3 else None,
        f"Pausen, bitte prüfen: {pauses}" if pauses else None,
        f"Ohne: {', '.join(map(quoted, new.left))}" if new.left else None,
        "Ohne Personen, Netzwerke, Stimmen, Anwesenheit, Material und Zugänge.",
        "Die Datei zeigt alles. ja oder nein",
        asks="",
    )
    return replace(asked, file=_file(new, hits))


def _file(new: Successor, hits: list[str]) -> File:
    remarks = [
        f"Kurs {new.course.key}, vorgeschlagen von Kursbot. Bitte prüfen, dann einlesen.",
        *(f"Achtung: {hit}" for hit in hits),
        *(f"Pause, bitte prüfen: {pause}" for pause in forecast.breaks(new)),
        "Zu ergänzen: Zugänge der Termine, Netzwerke, Personen.",
    ]
    text = course_text.written(new.course, new.rows, remarks)
    return File(f"{new.course.key}.toml", "application/toml", text.encode())
