"""One line to the organisers of a course, in their room."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot import markup
from storage import outbox, standing
from storage.models import OutgoingMessage
from storage.replies import ORGA


async def tell(db: AsyncSession, course_id: int, text: str, cause: str, now: datetime) -> bool:
    """Say it once per cause; whether it was: nobody is told while their room is not known."""
    room_id = await standing.room_of(db, course_id, ORGA)
    if room_id is None:
        return False
    message = OutgoingMessage(
        cause=cause,
        course_id=course_id,
        room_id=room_id,
        content=markup.content(text, push=True, cause=cause),
        due=now,
    )
    return await outbox.put(db, message)
