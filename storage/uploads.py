"""Files that organisers have put into their room, until a command of theirs is about them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Upload

RECENT: Final = timedelta(minutes=15)
"""So long after the upload a command is about it."""

KEPT: Final = timedelta(hours=1)
"""Longer than a preview can be answered."""


async def put(db: AsyncSession, upload: Upload) -> None:
    """Remember it once, and forget all that is too old to be meant."""
    await forget(db, upload.expires - KEPT)
    if await db.scalar(select(Upload.id).where(Upload.event_id == upload.event_id)) is None:
        db.add(upload)
        await db.flush()


async def recent(db: AsyncSession, room_id: str, mxid: str, now: datetime) -> Sequence[Upload]:
    """What this person has put into the room just now, the newest first."""
    theirs = (Upload.room_id == room_id, Upload.mxid == mxid, Upload.expires >= now + KEPT - RECENT)
    return (await db.scalars(select(Upload).where(*theirs).order_by(Upload.id.desc()))).all()


async def these(
    db: AsyncSession, room_id: str, mxid: str, numbers: Sequence[int]
) -> Sequence[Upload]:
    """The uploads of this person in the room that a preview was about, the oldest first."""
    theirs = (Upload.room_id == room_id, Upload.mxid == mxid, Upload.id.in_(numbers))
    return (await db.scalars(select(Upload).where(*theirs).order_by(Upload.id))).all()


async def use(db: AsyncSession, upload: Upload) -> None:
    """It was read as a list: nobody wants to share it with everybody."""
    upload.used = True
    await db.flush()


async def retract(db: AsyncSession, event_id: str) -> None:
    """Its message was deleted: it is not to be used any more."""
    await db.execute(delete(Upload).where(Upload.event_id == event_id))


async def stale(db: AsyncSession, now: datetime) -> bool:
    """Whether there is something too old to be meant."""
    return bool(await db.scalar(select(exists().where(Upload.expires < now))))


async def forget(db: AsyncSession, now: datetime) -> None:
    """Drop what is too old to be meant."""
    await db.execute(delete(Upload).where(Upload.expires < now))
