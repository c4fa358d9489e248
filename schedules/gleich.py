"""Shortly before the start: the way in, and how to check in."""

from schedules import Context, cut, schedule
from storage import calendar, checkin


@schedule("Gleich geht es los", foretold=True)
async def gleich(ctx: Context) -> str:
    """Link, code and telephone number, as far as they are known."""
    meeting = ctx.meeting
    if not meeting.link:
        access = ["Der Zugang fehlt noch. !link zeigt ihn, sobald er da ist."]
    else:
        access = [meeting.link]
        access += [f"Kenncode: {meeting.code}"] if meeting.code else []
        access += [f"Per Telefon: {cut(meeting.phone)}"] if meeting.phone else []
    start = calendar.clock(meeting.starts)
    lines = [f"**Gleich geht es los, {start} Uhr:** {meeting.topic}", *access]
    if ctx.rule is not None and checkin.opened_by(ctx.rule):
        hours = checkin.window(ctx.course, ctx.rule, meeting).hours
        lines.append(f"Check-in von {hours}: mir direkt „da“ schreiben.")
    return "\n".join(lines)
