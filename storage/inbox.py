"""Events that have had their effect, so that each has it once."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Quarantine, SeenEvent

MOST = 1_000
"""As many are kept in quarantine; the organisers' disk is nobody's dustbin."""

_TABLE = SeenEvent.metadata.tables[SeenEvent.__tablename__]
_FIRST_SIGHT = insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.event_id)


async def first_sight(db: AsyncSession, event_id: str, now: datetime) -> bool:
    """Take note of an event; False when it has been here before."""
    values = {"event_id": event_id, "understood": True, "at": now}
    return await db.scalar(_FIRST_SIGHT, values) is not None


async def first_reaction(db: AsyncSession, mxid: str, event_id: str, now: datetime) -> bool:
    """Take note that somebody has reacted to an event; False when that was so before."""
    name = hashlib.sha256(f"{mxid} {event_id}".encode()).hexdigest()
    return await first_sight(db, f"emoji/{name}", now)


async def settle(db: AsyncSession, event_id: str, understood: bool, now: datetime) -> None:
    """Write down whether the event was understood: if not, a corrected version gets a chance."""
    query = insert(SeenEvent).values(event_id=event_id, understood=understood, at=now)
    query = query.on_conflict_do_update(
        index_elements=["event_id"], set_={"understood": understood}
    )
    await db.execute(query)


async def understood(db: AsyncSession, event_id: str) -> bool:
    """Whether this event has had its effect."""
    query = select(SeenEvent.understood).where(SeenEvent.event_id == event_id)
    return bool(await db.scalar(query))


async def quarantine(db: AsyncSession, row: Quarantine) -> None:
    """Remember an event that could not be handled, without its content."""
    newest = select(Quarantine.event_id).order_by(Quarantine.at.desc()).limit(MOST)
    await db.execute(delete(Quarantine).where(Quarantine.event_id.not_in(newest)))
    await db.merge(row)
