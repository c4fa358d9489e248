"""Messages waiting to be sent: written with the decision, delivered afterwards."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from storage.models import Course, OutgoingMessage, Room

WAITING, SENT, EXPIRED, DEAD = "wartet", "gesendet", "verfallen", "tot"
MOST = 500
"""As many messages as are read at once."""

_TABLE = OutgoingMessage.metadata.tables[OutgoingMessage.__tablename__]


def transaction_id(cause: str) -> str:
    """The Matrix transaction id of a message: the same for ever, also after a lost database."""
    return "kursbot-" + hashlib.sha256(cause.encode()).hexdigest()[:32]


_PUT = insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id)


async def put(db: AsyncSession, message: OutgoingMessage) -> bool:
    """Keep a message for delivery, and give it its id; False when this cause has spoken before."""
    values: dict[str, Any] = {
        "cause": message.cause,
        "course_id": message.course_id,
        "room_id": message.room_id,
        "type": message.type,
        "content": message.content,
        "file": message.file,
        "secret": message.secret,
        "due": message.due,
        "expires": message.expires,
        "look_first": False,
        "reply_room": message.reply_room,
        "about": message.about,
        "reactions": message.reactions,
        "state": WAITING,
    }
    number = await db.scalar(_PUT, values)
    if number is None:
        return False
    message.id = number
    fresh(db).append(message)
    return True


def fresh(db: AsyncSession) -> list[OutgoingMessage]:
    """What was put in this transaction: once it is committed, nobody has to look for it."""
    found: list[OutgoingMessage] = db.info.setdefault("fresh", [])
    return found


async def spoken(db: AsyncSession, cause: str) -> bool:
    """Whether this cause has led to a message."""
    return bool(await db.scalar(select(exists().where(OutgoingMessage.cause == cause))))


_PARKED = select(Room.room_id).where(Room.membership == "leave", Room.room_id.is_not(None))
"""Rooms of courses that the bot had to leave: what is meant for them waits until it is back."""

_WAITING = (
    select(OutgoingMessage)
    .where(OutgoingMessage.state == WAITING, OutgoingMessage.room_id.not_in(_PARKED))
    .order_by(OutgoingMessage.due, OutgoingMessage.id)
    .limit(MOST)
    .options(undefer(OutgoingMessage.file))
)


async def waiting(db: AsyncSession) -> Sequence[OutgoingMessage]:
    """What is still to be sent, the earliest due first."""
    return (await db.scalars(_WAITING)).all()


async def every(db: AsyncSession) -> Sequence[OutgoingMessage]:
    """All that was ever to be said, in the order of the decisions."""
    return (await db.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id))).all()


async def count(db: AsyncSession, course: Course, state: str) -> int:
    """How many messages of a course are in this state."""
    here = (OutgoingMessage.course_id == course.id, OutgoingMessage.state == state)
    return await db.scalar(select(func.count()).select_from(OutgoingMessage).where(*here)) or 0


async def event_of(db: AsyncSession, cause: str) -> str | None:
    """The Matrix event that a cause became, once it was sent."""
    query = select(OutgoingMessage.event_id).where(OutgoingMessage.cause == cause)
    return await db.scalar(query)


async def reply_room(db: AsyncSession, event_id: str) -> str | None:
    """Where somebody waits for an answer to this post of the bot; None when nobody does."""
    query = select(OutgoingMessage.reply_room).where(OutgoingMessage.event_id == event_id)
    return await db.scalar(query)


_POSTED = select(OutgoingMessage.cause, OutgoingMessage.room_id, OutgoingMessage.reactions)
_POSTED = _POSTED.where(OutgoingMessage.event_id == bindparam("event"))


@dataclass(frozen=True)
class Posted:
    """A message of the bot as one can react to it; `to` is its room or the person it is for."""

    cause: str
    to: str
    reactions: Mapping[str, str]


async def posted(db: AsyncSession, event_id: str) -> Posted | None:
    """What the bot said with this event; None if it was somebody else."""
    row = (await db.execute(_POSTED, {"event": event_id})).first()
    return row and Posted(row.cause, row.room_id, row.reactions or {})


_MARK = update(_TABLE).where(_TABLE.c.id == bindparam("row"))
_MARK = _MARK.values(state=bindparam("state"), event_id=bindparam("event_id"), file=None)
_FORGET = _MARK.values(content={})


async def mark(
    db: AsyncSession, message: OutgoingMessage, state: str, event_id: str | None = None
) -> None:
    """Write down how the delivery ended; an uploaded file or a secret is not needed any more."""
    query = _FORGET if message.secret else _MARK
    await db.execute(query, {"row": message.id, "state": state, "event_id": event_id})


async def doubt_all(db: AsyncSession, before: datetime | None = None) -> None:
    """Make waiting messages be looked for in their room before they are sent again.

    Needed on a new device, where the server does not recognise old transaction ids, and for those
    due `before` a moment so long ago that it has forgotten them (Synapse: 24 h).
    """
    query = update(OutgoingMessage).where(OutgoingMessage.state == WAITING)
    if before is not None:
        query = query.where(OutgoingMessage.due < before)
    await db.execute(query.values(look_first=True))
