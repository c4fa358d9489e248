"""Two days before a webinar: what those who lead it need, for the organisers to pass on."""

from schedules import Context, cut, schedule
from storage import calendar, checkin, meetings, speaker_questions


@schedule("Mappe für das Webinar")
async def mappe(ctx: Context) -> str:
    """What is in it so far, what is missing, and how to get it."""
    webinar = ctx.meeting
    roster = await checkin.roster(ctx.db, ctx.course, webinar)
    asked = await speaker_questions.about(ctx.db, ctx.course, webinar)
    leading = await meetings.speakers(ctx.db, ctx.course, webinar)
    when = f"{calendar.short(webinar.day)}, {calendar.clock(webinar.starts)} Uhr"
    link = "Link ist gesetzt." if webinar.link else f"Link fehlt: !neuerlink {webinar.key} …"
    return "\n".join(
        [
            f"**Mappe für {cut(meetings.short_title(webinar))}**, {when}",
            f"Leitung: {cut(', '.join(leading)) or 'noch offen'}. {link}",
            f"Erwartet: {roster.expected} von {roster.size}. Fragen: {len(asked)}",
            f"Zum Weitergeben: !mappe {webinar.key}",
        ]
    )
