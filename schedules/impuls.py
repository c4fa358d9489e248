"""Monday: what the week is about, and a question to talk about."""

from schedules import Context, cut, schedule
from storage import calendar, meetings


@schedule("Impuls der Woche", foretold=True)
async def impuls(ctx: Context) -> str:
    """The question of the webinar, or the webinar itself when nobody has thought of one."""
    webinar = ctx.meeting
    title = f"**Diese Woche: {meetings.subject(webinar)}.**"
    if webinar.prompt:
        return f"{title} {cut(webinar.prompt, 400)} Antworten gern hier, ein Satz genügt."
    hours = calendar.span(webinar.starts, webinar.ends)
    return (
        f"{title} Das Webinar ist am {calendar.short(webinar.day)}, {hours}. "
        "Fragen und Wünsche dazu gern schon hier."
    )
