"""Before a meeting: a direct message to those who asked for it."""

from schedules import Context, cut, schedule
from storage import meetings, reminders
from storage.replies import Whisper


@schedule("Persönliche Erinnerung")
async def erinnerung(ctx: Context) -> None:
    """What, when, what to bring, and how to get rid of it."""
    meeting = ctx.meeting
    start = ctx.course.starts(meeting)
    lines = [f"**{meetings.short_title(meeting)}: {ctx.when(start)}**"]
    due = meeting.task_due
    if meeting.task and due and ctx.now < due <= start:
        lines.append(f"Bis {ctx.when(due)}: {cut(meeting.task, 300)}")
    lines.append("Zugang: !link. Keine Erinnerung mehr: !erinnerung aus")
    text = "\n".join(lines)
    people = await reminders.recipients(ctx.db, ctx.course, ctx.lead)
    ctx.also.extend(Whisper(mxid, text) for mxid in people)
