"""Tell people when their message stays unreadable, and how to help."""

from datetime import datetime

from bot import markup
from storage import calendar, outbox, sealed, standing
from storage.database import Sessions
from storage.models import OutgoingMessage, SealedEvent
from storage.standing import Standing


async def tell(sessions: Sessions, now: datetime) -> int:
    """Ask for a repetition, each person once an hour and only directly; how many were asked.

    Whether it was a question at all, nobody knows: a room full of people is not bothered with it.
    """
    async with sessions() as db:
        rows = await sealed.overdue(db, now)
    asked = 0
    for row in rows:
        async with sessions() as db:
            place = await standing.directly(db, row.sender, now.date())
        async with sessions.begin() as db:
            await sealed.tell(db, row.sender, now)
            if place:
                asked += await outbox.put(db, _request(row, place, now))
    return asked


def _request(row: SealedEvent, place: Standing, now: datetime) -> OutgoingMessage:
    sent = place.course.local(row.sent)
    text = (
        f"Eine Nachricht vom {calendar.short(sent.date())}, {calendar.clock(sent.time())}, war "
        "verschlüsselt, und der Schlüssel dazu ist hier nicht angekommen.\n"
        "Bitte noch einmal schreiben. Bleibt es dabei: Element schließen, neu öffnen und es noch "
        "einmal versuchen."
    )
    cause = f"unlesbar/{row.event_id}"
    return OutgoingMessage(
        cause=cause,
        course_id=place.course.id,
        room_id=row.sender,
        content=markup.content(text, push=False, cause=cause),
        due=now,
    )
