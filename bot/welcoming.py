"""A word to those who come into the rooms of a course: once in their life, and to nobody else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot import markup
from storage import outbox, room_care, rooms
from storage.models import Course, OutgoingMessage, Person

WELCOME: Final = (
    "**Willkommen im Lehrgang!** Ich bin der Kursbot und antworte automatisch. "
    "Probieren: !programm\n"
    "Wichtig: Bitte das Gerät bestätigen und den Wiederherstellungsschlüssel sichern, sonst werden "
    "Nachrichten unlesbar.\n"
    "Ich werte nur aus, was an mich geht: !datenschutz\n"
    "Fragen an Menschen: !orga"
)


async def welcome(
    db: AsyncSession, course: Course, arrived: Mapping[str, Sequence[Person]], now: datetime
) -> None:
    """One post for all who are to read it in a room, at most once an hour.

    The others are welcomed in the next hour. In a direct chat it is for one person, and notifies.
    """
    for room_id, people in arrived.items():
        cause = f"willkommen/{room_id}/{now:%Y-%m-%dT%H}"
        alone = not await rooms.known(db, room_id)
        post = OutgoingMessage(
            cause=cause,
            course_id=course.id,
            room_id=room_id,
            content=markup.content(WELCOME, alone, cause),
            due=now,
        )
        if await outbox.put(db, post):
            await room_care.welcomed(db, people)
