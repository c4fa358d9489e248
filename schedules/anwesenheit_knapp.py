"""The day before a meeting, only in Orga: whose certificate is about to slip away."""

from collections.abc import Sequence

from schedules import Context, cut, schedule
from storage import calendar, meetings, shortage
from storage.shortage import LOST, TIGHT, Short


@schedule("Hinweis auf knappe Anwesenheit")
async def anwesenheit_knapp(ctx: Context) -> str | None:
    """Each person once per step; what they announced and what is not confirmed counts, too."""
    found = await shortage.news(ctx.db, ctx.course, ctx.meeting, ctx.now)
    if not found:
        return None
    total = meetings.units(await meetings.every(ctx.db, ctx.course))
    needed = meetings.required(ctx.course, total)
    day = calendar.short(ctx.meeting.day)
    lines = [
        "**Anwesenheit wird knapp** (Zwischenstand, Selbstauskünfte eingerechnet)",
        _listed(f"Nicht mehr erreichbar, wenn auch {day} verpasst wird", found, TIGHT),
        _listed("Voraussichtlich schon nicht mehr erreichbar", found, LOST),
        f"Nötig sind {needed} von {total} UE. Verbindlich entscheidet die IHK.",
    ]
    return "\n".join(filter(None, lines))


def _listed(title: str, found: Sequence[Short], step: int) -> str:
    """Who is at this step, and what is left, or missing."""
    word = "Reserve" if step == TIGHT else "es fehlen"
    shown = [f"{s.person.key} ({word} {abs(s.margin)} UE)" for s in found if s.step == step]
    return cut(f"{title}: {', '.join(shown)}", 240) if shown else ""
