"""Files of organisers in their room: remembered for a while, as a command of theirs may be next."""

from pathlib import PurePath
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot import replying
from bot.incoming import Attachment, Message
from commands import composed, quoted
from storage import standing, uploads
from storage.models import Upload
from storage.replies import ORGA, Reply

_IMPORT: Final = "Einlesen: !import"
_HINTS: Final = {
    ".toml": (_IMPORT,),
    ".csv": (_IMPORT, "Mit einem Termin abgleichen: !abgleich w3"),
    ".xlsx": (_IMPORT, "Mit einem Termin abgleichen: !abgleich w3"),
}
"""What can be done next with files of a kind; with others, organisers may do what they like."""


async def concerns(db: AsyncSession, file: Attachment) -> bool:
    """Whether an organiser has put it into their own room."""
    place = await standing.in_room(db, file.room_id, file.sender)
    return place is not None and place.organiser and place.place == ORGA


async def receive(db: AsyncSession, file: Attachment) -> None:
    """Remember where the file is, and say what can be done with it; nothing is fetched."""
    place = await standing.in_room(db, file.room_id, file.sender)
    if place is None:
        return
    upload = Upload(
        course_id=place.course.id,
        event_id=file.event_id,
        room_id=file.room_id,
        mxid=file.sender,
        name=file.name,
        source=file.source,
        expires=file.now + uploads.KEPT,
    )
    await uploads.put(db, upload)
    hints = _HINTS.get(PurePath(file.name.casefold()).suffix)
    if hints:
        text = composed(f"„{quoted(file.name)}“ ist da, noch nichts gelesen.", *hints)
        asked = Message(file.event_id, file.room_id, file.sender, "", file.now, file.now)
        await replying.put(db, asked, place.course, Reply(text))
