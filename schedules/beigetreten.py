"""Once a week before the start, only in Orga: who is not in the rooms yet."""

from schedules import Context, schedule
from storage import calendar, joined


@schedule("Wer schon beigetreten ist")
async def beigetreten(ctx: Context) -> str | None:
    """Silent once everybody is there."""
    found = await joined.joined(ctx.db, ctx.course, ctx.shared)
    if found is None or not found.open:
        return None
    return f"{found.line}\nDer Kurs beginnt am {calendar.short(ctx.course.begins)}"
