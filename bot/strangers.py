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


async def greet(db: AsyncSession, message: Message, course: Course) -> None:
    """One sentence, to them alone: once ever after what they write in a room, directly once a day.

    The organisers are told once about each account.
    """
    if course.closed:  # those who took part are forgotten in time: nobody need hear of them
        return
    who = f"unbekannt/{course.key}/{message.sender}"
    text = (
        f"Ein Konto, das im Kurs niemandem gehört, schreibt mir: {quoted(message.sender, 255)}\n"
        "Gehört es dazu? Dann bei der Person in der Kursdatei als mxid eintragen und neu einlesen."
    )
    await organisers.tell(db, course.id, text, who, message.now)
    day = course.local(message.now).date()
    cause = f"{who}#{day:%Y-%m-%d}" if message.direct else f"{who}#satz"
    row = OutgoingMessage(
        cause=cause,
        course_id=course.id,
        room_id=message.room_id if message.direct else message.sender,
        content=markup.content(WELCOME, False, cause),
        due=message.now,
    )
    await outbox.put(db, row)
