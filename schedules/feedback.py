"""After a webinar: how was it?"""

from schedules import Context, schedule
from storage import meetings


@schedule("Frage nach Rückmeldung")
async def feedback(ctx: Context) -> str:
    """An open question in the room."""
    webinar = ctx.meeting
    return (
        f"**Danke fürs Mitmachen bei {meetings.name(webinar)}!** "
        f"Was war an „{meetings.subject(webinar)}“ hilfreich, was fehlt noch? "
        "Gern hier antworten, ein Satz genügt. "
        "Lieber nur an die Lehrgangsleitung? Mir direkt !orga und den Text schreiben."
    )
