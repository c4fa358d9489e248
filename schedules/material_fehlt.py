"""The day after a webinar: have the organisers forgotten the slides?"""

from schedules import Context, schedule
from storage import calendar, meetings
from storage.models import Meeting


@schedule("Hinweis auf fehlendes Material")
async def material_fehlt(ctx: Context) -> str | None:
    """Only if there is nothing at all."""
    webinar = ctx.meeting
    if webinar.materials:
        return None
    return (
        f"Zu {meetings.name(webinar)} ({meetings.subject(webinar)}, {calendar.short(webinar.day)}) "
        "fehlt noch das Material. Bitte in der Kursdatei ergänzen und neu einlesen, "
        f"dann zeigt es {_command(webinar)}."
    )


def _command(webinar: Meeting) -> str:
    return "!material" if webinar.number is None else f"!material {webinar.number}"
