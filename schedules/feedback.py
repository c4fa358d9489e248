"""After a webinar: how was it?"""

from schedules import Context, schedule
from storage import calendar, meetings
from storage import feedback as answers
from storage.timetable import feedback_until


@schedule("Frage nach Rückmeldung", foretold=True)
async def feedback(ctx: Context) -> str:
    """A number, said in private and with both ends of the scale (product B.3, D.3)."""
    webinar = ctx.meeting
    until = feedback_until(ctx.course, webinar)
    end = f"{calendar.short(until.date())}, {calendar.clock(until.time())} Uhr"
    return (
        f"**Danke fürs Mitmachen bei {meetings.name(webinar)}!** Rückmeldung in zehn Sekunden: "
        f"mir direkt eine Zahl schreiben, {answers.SCALE}, gern mit einem Satz dazu.\n"
        f"Bis {end}. Weitergegeben wird sie ohne Namen und erst ab "
        f"{ctx.course.feedback_minimum} Antworten."
    )
