"""After check-in has closed, only in Orga: who is there, who signed off, who said nothing."""

from collections.abc import Sequence

from schedules import Context, cut, schedule
from storage import calendar, meetings
from storage import checkin as desk
from storage.models import Person


@schedule("Check-in-Liste")
async def checkin(ctx: Context) -> str:
    """By the keys of people, which organisers know; nobody is asked during the meeting."""
    found = await desk.roster(ctx.db, ctx.course, ctx.meeting)
    which = f"{meetings.name(ctx.meeting)}, {calendar.short(ctx.meeting.day)}"
    parts = [
        f"**{which}:** Check-in {len(found.present)} von {found.size}.",
        _listed("Abgemeldet", found.signed_off),
        _listed("Nicht dabei", found.absent),
        _listed("Ohne Meldung", found.silent),
    ]
    return " ".join(filter(None, parts))


def _listed(title: str, people: Sequence[Person]) -> str:
    return cut(f"{title}: {', '.join(person.key for person in people)}.") if people else ""
