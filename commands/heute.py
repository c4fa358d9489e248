"""!heute: whether there is anything today."""

from commands import Context, command, composed, quoted
from storage import calendar, courses, meetings
from storage.models import Meeting


@command("ob heute etwas stattfindet", example="!heute")
async def heute(ctx: Context) -> str:
    """Today's dates, else the next one."""
    dates = await meetings.every(ctx.db, ctx.course)
    today = [_today(ctx, m) for m in dates if m.day == ctx.today]
    later = [m for m in dates if m.day > ctx.today and not m.cancelled]
    breaks = await courses.breaks(ctx.db, ctx.course, since=ctx.today)
    resting = [b for b in breaks if b.first <= ctx.today]
    return composed(
        *(today or [f"Heute ({calendar.short(ctx.today)}) ist kein Webinar."]),
        *(f"{quoted(b.name)} bis {calendar.short(b.last)}" for b in resting[:1]),
        _next(ctx, later[0]) if later else "Es ist kein weiterer Termin geplant.",
    )


def _today(ctx: Context, meeting: Meeting) -> str:
    what = quoted(meetings.title(meeting), 120)
    span = calendar.span(meeting.starts, meeting.ends)
    day = calendar.short(ctx.today)
    if meeting.cancelled:
        return f"Heute, {day}, entfällt {what}"
    if meetings.is_past(ctx.course, meeting, ctx.now):
        return f"Heute, {day}, war schon {what} ({span}). Unterlagen: !material"
    return f"**Heute, {day}, {span}**\n{what}. Zugang: !link"


def _next(ctx: Context, meeting: Meeting) -> str:
    subject = quoted(meetings.subject(meeting), 80)
    return f"Nächster Termin: {ctx.when(ctx.course.starts(meeting))}, {subject}."
