"""Accounts that belong to nobody in the course: a friendly word, and the organisers hear of them.

Only the full Matrix id counts. A display name can be anybody's, so it is neither read nor repeated.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot import markup, organisers
from bot.incoming import Message
from commands import quoted
from storage import outbox
from storage.models import Course, OutgoingMessage

WELCOME: Final = (
    "Ich kann dieses Konto noch keinem Netzwerk zuordnen. Die Lehrgangsleitung ist informiert."
)


GONE: Final = (
    "Die Teilnahme an diesem Kurs ist beendet, deshalb antworte ich hier nicht mehr. Fragen, auch "
    "zu gespeicherten Daten, beantwortet die Lehrgangsleitung."
)


async def dismiss(db: AsyncSession, message: Message, course: Course) -> None:
    """One sentence a day to somebody who has left the course."""
    day = course.local(message.now).date()
    await _say(db, message, course, GONE, f"ausgeschieden/{course.key}/{message.sender}#{day}")


async def greet(db: AsyncSession, message: Message, course: Course) -> None:
    """One sentence, to them alone: once ever after what they write in a room, directly once a day.

    The organisers are told once about each account.
    """
    if course.closed:  # those who took part are forgotten in time: nobody need hear of them
        return
    who = f"unbekannt/{course.key}/{message.sender}"
    text = (
        f"Ein Konto, das im Kurs niemandem gehört, schreibt mir: {quoted(message.sender, 255)}\n"
        "Gehört es dazu? !eintritt, dann die Kennung (wie tn05) und dieses Konto."
    )
    await organisers.tell(db, course.id, text, who, message.now)
    day = course.local(message.now).date()
    cause = f"{who}#{day:%Y-%m-%d}" if message.direct else f"{who}#satz"
    await _say(db, message, course, WELCOME, cause)


async def _say(db: AsyncSession, message: Message, course: Course, text: str, cause: str) -> None:
    row = OutgoingMessage(
        cause=cause,
        course_id=course.id,
        room_id=message.room_id if message.direct else message.sender,
        content=markup.content(text, False, cause),
        due=message.now,
    )
    await outbox.put(db, row)
