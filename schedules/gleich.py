"""Shortly before the start: the way in."""

from schedules import Context, cut, schedule
from storage import calendar


@schedule("Gleich geht es los")
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
    return "\n".join([f"**Gleich geht es los, {start} Uhr:** {meeting.topic}", *access])
