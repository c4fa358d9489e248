"""Rooms that were replaced by new ones, and everything that has to move with them."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import DirectChat, OutgoingMessage, Question, Room, Upgrade
from storage.outbox import WAITING

EXPECTED, FOLLOWED = "erwartet", "gefolgt"
REFUSED, TRAP = "abgelehnt", "falle"
"""Not honest: a room where the bot was anyway, or one that it has to leave again."""


async def every(db: AsyncSession) -> Sequence[Upgrade]:
    """All replacements that were ever announced, in whatever state."""
    return (await db.scalars(select(Upgrade))).all()


async def keep(db: AsyncSession, upgrade: Upgrade) -> None:
    """Remember a replacement, or what became of it."""
    await db.merge(upgrade)
    await db.flush()


async def newest(db: AsyncSession, room_id: str) -> str:
    """The room that goes on with this one, as far as the bot has followed."""
    rows = await db.execute(select(Upgrade.old, Upgrade.new).where(Upgrade.state == FOLLOWED))
    after = {old: new for old, new in rows}
    while room_id in after:
        room_id = after.pop(room_id)
    return room_id


async def follow(db: AsyncSession, old: str, new: str) -> Sequence[Room]:
    """Move all that points to the old room; the rooms of courses that are moved by it."""
    moved = (await db.scalars(select(Room).where(Room.room_id == old))).all()
    for room in moved:
        room.room_id = new
    await db.flush()
    # A question in the new room can only be younger than the one it replaces.
    await db.execute(
        delete(Question).where(
            Question.room_id == old,
            Question.mxid.in_(select(Question.mxid).where(Question.room_id == new)),
        )
    )
    await db.execute(update(Question).where(Question.room_id == old).values(room_id=new))
    waiting = (OutgoingMessage.room_id == old, OutgoingMessage.state == WAITING)
    await db.execute(update(OutgoingMessage).where(*waiting).values(room_id=new))
    asked = OutgoingMessage.reply_room == old
    await db.execute(update(OutgoingMessage).where(asked).values(reply_room=new))
    await db.execute(update(DirectChat).where(DirectChat.room_id == old).values(room_id=new))
    return moved
