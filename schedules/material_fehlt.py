"""The day after a webinar: have the organisers forgotten the slides?"""

from schedules import Context, schedule
from storage import calendar, meetings


@schedule("Hinweis auf fehlendes Material")
async def material_fehlt(ctx: Context) -> str | None:
    """Only if there is nothing at all."""
    webinar = ctx.meeting
    if webinar.materials:
        return None
    return (
        f"Zu {meetings.name(webinar)} ({meetings.subject(webinar)}, {calendar.short(webinar.day)}) "
        f"fehlt noch das Material. Bitte hier hochladen und !material {webinar.key} schreiben."
    )
